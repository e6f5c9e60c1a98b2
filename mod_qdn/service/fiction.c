/* SPDX-License-Identifier: Apache-2.0 */
#include "fiction.h"

#include <apr_strings.h>
#include <string.h>

/* The cascade that the rule names, or NULL: the line's own. */
static const qdn_cascade_t *cascade_of(const qdn_fiction_t *f)
{
    if (f->rule < 1 || f->rule > f->line->rules->nelts) {
        return NULL;
    }
    return APR_ARRAY_IDX(f->line->rules, f->rule - 1, qdn_rule_t *)->cascade;
}

static void add_cast(apr_array_header_t *cast, const qdn_operator_t *op)
{
    for (int i = 0; i < cast->nelts; i++) {
        if (APR_ARRAY_IDX(cast, i, const qdn_operator_t *) == op) {
            return;
        }
    }
    APR_ARRAY_PUSH(cast, const qdn_operator_t *) = op;
}

apr_array_header_t *qdn_fiction_cast(const qdn_fiction_t *f, apr_pool_t *p)
{
    const qdn_cascade_t *cascade = cascade_of(f);
    const apr_array_header_t *hops = cascade ? cascade->hops : f->line->hops;
    apr_array_header_t *cast =
        apr_array_make(p, 4, sizeof(const qdn_operator_t *));

    for (int h = 0; h < hops->nelts; h++) {
        const qdn_hop_t *hop = APR_ARRAY_IDX(hops, h, qdn_hop_t *);

        for (int i = 0; i < hop->phones->nelts; i++) {
            add_cast(
                cast,
                APR_ARRAY_IDX(hop->phones, i, const qdn_phone_t *)->operator);
        }
    }
    return cast;
}

/* What voice.c prepares for a call that is there. */
static void prepare(const qdn_fiction_t *f, apr_time_t now,
                    qdn_cascade_input_t *in, apr_pool_t *p)
{
    apr_array_header_t *verdicts = f->verdicts;

    if (!verdicts) {
        qdn_judge_line(f->plan, f->line, cascade_of(f), f->knowledge, now,
                       &verdicts, p);
    }
    *in = (qdn_cascade_input_t){
        .plan = f->plan,
        .line = f->line,
        .caller = f->caller,
        .forwarded_from = f->forwarded_from,
        .rule = f->rule,
        .verdicts = verdicts,
        .now = now,
    };
}

static qdn_reason_e fate_of(const qdn_fiction_t *f, const qdn_phone_t *phone,
                            apr_pool_t *p)
{
    const char *name =
        apr_pstrcat(p, phone->operator->id, "/", phone->label, NULL);
    const char *text =
        f->fates ? apr_hash_get(f->fates, name, APR_HASH_KEY_STRING) : NULL;
    qdn_reason_e reason = text ? qdn_reason_find(text) : QDN_REASON_NO_ANSWER;

    return reason == QDN_REASON_MAX ? QDN_REASON_NO_ANSWER : reason;
}

/* Of those that ring together the one that tells most. */
static int weight(qdn_reason_e fate)
{
    static const qdn_reason_e order[] = {
        QDN_REASON_NO_ANSWER,   QDN_REASON_CANCELED,  QDN_REASON_FAILED,
        QDN_REASON_BUSY,        QDN_REASON_NO_KEY,    QDN_REASON_DECLINED,
        QDN_REASON_CALLER_GONE, QDN_REASON_CONNECTED,
    };

    for (int i = 0; i < (int)(sizeof(order) / sizeof(*order)); i++) {
        if (order[i] == fate) {
            return i;
        }
    }
    return 0;
}

static int picked_up(qdn_reason_e fate)
{
    return fate == QDN_REASON_NO_KEY || fate == QDN_REASON_DECLINED ||
           fate == QDN_REASON_CONNECTED;
}

/* How the hop ends; *presult is the evidence that the cascade is shown. */
static qdn_reason_e end_hop(const qdn_fiction_t *f, const qdn_decision_t *d,
                            qdn_hop_result_t *presult, apr_pool_t *p)
{
    qdn_reason_e ended = QDN_REASON_NO_ANSWER;

    *presult =
        (qdn_hop_result_t){ .status = QDN_DIAL_NO_ANSWER, .bridged = QDN_NO };
    for (int i = 0; i < d->rung->nelts; i++) {
        const qdn_phone_t *phone =
            APR_ARRAY_IDX(d->rung, i, qdn_choice_t).phone;
        qdn_reason_e fate = fate_of(f, phone, p);

        if (weight(fate) > weight(ended)) {
            ended = fate;
            presult->picked_up = picked_up(fate) ? phone->hash : 0;
        }
    }
    return ended;
}

void qdn_fiction_open(const qdn_fiction_t *f, qdn_decision_t *pdecision,
                      apr_pool_t *p)
{
    qdn_cascade_input_t in;

    prepare(f, f->at, &in, p);
    qdn_cascade_start(&in, pdecision, p);
}

apr_array_header_t *qdn_fiction_play(const qdn_fiction_t *f, apr_pool_t *p)
{
    apr_array_header_t *scenes = apr_array_make(p, 4, sizeof(qdn_scene_t));
    qdn_scene_t *scene = apr_array_push(scenes);
    qdn_cascade_input_t in;

    memset(scene, 0, sizeof(*scene));
    scene->at = f->at;
    qdn_fiction_open(f, &scene->decision, p);
    /* Each dial takes a number out of the game, so this ends. */
    while (scene->decision.act == QDN_ACT_DIAL) {
        const qdn_decision_t last = scene->decision;
        apr_time_t at = scene->at + apr_time_from_sec(last.ring);
        qdn_hop_result_t result;
        qdn_reason_e ended = end_hop(f, &last, &result, p);

        scene->ended = ended;
        if (ended == QDN_REASON_CONNECTED || ended == QDN_REASON_CALLER_GONE) {
            break;
        }
        scene = apr_array_push(scenes);
        memset(scene, 0, sizeof(*scene));
        scene->at = at;
        prepare(f, at, &in, p);
        qdn_cascade_next(&in, &last.next, &result, ended, &scene->decision, p);
    }
    return scenes;
}

const char *qdn_fiction_act(qdn_act_e act)
{
    static const char *const words[] = {
        [QDN_ACT_DIAL] = "dial",       [QDN_ACT_VOICEMAIL] = "voicemail",
        [QDN_ACT_GOODBYE] = "goodbye", [QDN_ACT_REJECT] = "reject",
        [QDN_ACT_BUSY] = "busy",       [QDN_ACT_END] = "end",
    };

    return words[act];
}
