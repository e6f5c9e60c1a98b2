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
static void prepare(const qdn_fiction_t *f, int rule, apr_time_t now,
                    const qdn_progress_t *progress, qdn_cascade_input_t *in,
                    apr_pool_t *p)
{
    apr_array_header_t *verdicts = f->verdicts;

    *in = (qdn_cascade_input_t){
        .plan = f->plan,
        .line = f->line,
        .caller = f->caller,
        .forwarded_from = f->forwarded_from,
        .rule = rule,
        .now = now,
    };
    if (!verdicts) {
        qdn_judge_line(f->plan, f->line, qdn_cascade_chosen(in, progress),
                       f->knowledge, now, &verdicts, p);
    }
    in->verdicts = verdicts;
}

static void start(const qdn_fiction_t *f, int rule, qdn_decision_t *pdecision,
                  apr_pool_t *p)
{
    qdn_cascade_input_t in;

    prepare(f, rule, f->at, NULL, &in, p);
    qdn_cascade_start(&in, pdecision, p);
}

static qdn_fate_t fate_of(const qdn_fiction_t *f, const qdn_phone_t *phone,
                          apr_pool_t *p)
{
    const char *name =
        apr_pstrcat(p, phone->operator->id, "/", phone->label, NULL);
    const qdn_fate_t *fate =
        f->fates ? apr_hash_get(f->fates, name, APR_HASH_KEY_STRING) : NULL;

    return fate ? *fate : (qdn_fate_t){ QDN_REASON_NO_ANSWER, -1 };
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
static qdn_fate_t end_hop(const qdn_fiction_t *f, const qdn_decision_t *d,
                          qdn_hop_result_t *presult, apr_pool_t *p)
{
    qdn_fate_t end = { QDN_REASON_NO_ANSWER, -1 };

    *presult =
        (qdn_hop_result_t){ .status = QDN_DIAL_NO_ANSWER, .bridged = QDN_NO };
    for (int i = 0; i < d->rung->nelts; i++) {
        const qdn_phone_t *phone =
            APR_ARRAY_IDX(d->rung, i, qdn_choice_t).phone;
        qdn_fate_t fate = fate_of(f, phone, p);

        if (!i || weight(fate.reason) > weight(end.reason)) {
            end = fate;
            presult->picked_up = picked_up(fate.reason) ? phone->hash : 0;
        }
    }
    if (end.seconds < 0) {
        end.seconds = d->ring;
    }
    return end;
}

/* Who is asked for a key presses it, and goes on as if no rule had matched. */
void qdn_fiction_open(const qdn_fiction_t *f, qdn_decision_t *pdecision,
                      apr_pool_t *p)
{
    start(f, f->rule, pdecision, p);
    if (pdecision->act == QDN_ACT_CHALLENGE) {
        start(f, 0, pdecision, p);
    }
}

static qdn_scene_t *add_scene(apr_array_header_t *scenes, apr_time_t at)
{
    qdn_scene_t *scene = apr_array_push(scenes);

    memset(scene, 0, sizeof(*scene));
    scene->at = at;
    return scene;
}

apr_array_header_t *qdn_fiction_play(const qdn_fiction_t *f, apr_pool_t *p)
{
    apr_array_header_t *scenes = apr_array_make(p, 4, sizeof(qdn_scene_t));
    qdn_scene_t *scene = add_scene(scenes, f->at);
    qdn_cascade_input_t in;

    start(f, f->rule, &scene->decision, p);
    if (scene->decision.act == QDN_ACT_CHALLENGE && !f->stopped) {
        scene = add_scene(scenes, f->at);
        start(f, 0, &scene->decision, p);
    }
    /* Each dial takes a number out of the game, so this ends. */
    while (scene->decision.act == QDN_ACT_DIAL) {
        const qdn_decision_t last = scene->decision;
        qdn_hop_result_t result;
        qdn_fate_t end = end_hop(f, &last, &result, p);

        scene->ended = end.reason;
        if (end.reason == QDN_REASON_CONNECTED ||
            end.reason == QDN_REASON_CALLER_GONE) {
            break;
        }
        scene = add_scene(scenes, scene->at + apr_time_from_sec(end.seconds));
        prepare(f, 0, scene->at, &last.next, &in, p);
        qdn_cascade_next(&in, &last.next, &result, end.reason, &scene->decision,
                         p);
    }
    return scenes;
}

const char *qdn_fiction_act(qdn_act_e act)
{
    static const char *const words[] = {
        [QDN_ACT_DIAL] = "dial",       [QDN_ACT_VOICEMAIL] = "voicemail",
        [QDN_ACT_GOODBYE] = "goodbye", [QDN_ACT_REJECT] = "reject",
        [QDN_ACT_BUSY] = "busy",       [QDN_ACT_CHALLENGE] = "challenge",
        [QDN_ACT_END] = "end",
    };

    return words[act];
}
