/* SPDX-License-Identifier: Apache-2.0 */
#include "cascade.h"

#include <apr_strings.h>
#include <string.h>
#include "whisper.h"

static int same_number(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static void push_all(apr_array_header_t *to, const apr_array_header_t *from)
{
    int i;

    for (i = 0; from && i < from->nelts; i++) {
        APR_ARRAY_PUSH(to, apr_uint32_t) = APR_ARRAY_IDX(from, i, apr_uint32_t);
    }
}

/*
 * An empty decision with a copy of what is known so far. Numbers that were
 * ringing count as rung unless qdn_cascade_next says otherwise.
 */
static void begin(const qdn_cascade_input_t *in, const qdn_progress_t *progress,
                  qdn_decision_t *d, apr_pool_t *p)
{
    memset(d, 0, sizeof(*d));
    d->skipped = apr_array_make(p, 4, sizeof(qdn_choice_t));
    d->rung = apr_array_make(p, 2, sizeof(qdn_choice_t));
    if (progress) {
        d->next = *progress;
    }
    d->next.redial = 0;
    d->next.asks_key = 0;
    d->next.rung = apr_array_make(p, 8, sizeof(apr_uint32_t));
    d->next.ringing = apr_array_make(p, 2, sizeof(apr_uint32_t));
    if (progress) {
        push_all(d->next.rung, progress->rung);
    }
    apr_cpystrn(d->next.line, in->line->number, sizeof(d->next.line));
    apr_cpystrn(d->next.revision, in->plan->revision, sizeof(d->next.revision));
    qdn_line_cascade(in->line, qdn_cascade_chosen(in, progress), &d->cascade);
    d->next.cascade = d->cascade.hash;
    d->next.tries = 0;
    d->left = d->cascade.budget;
    if (d->next.first_ring) {
        apr_int64_t spent = apr_time_sec(in->now) - d->next.first_ring;

        /* A clock that was set back must not make the budget larger. */
        d->left -= (int)(spent < 0 ? 0 : spent > d->left ? d->left : spent);
    }
}

/* Lines have few operators: looking through them beats a table. */
static qdn_verdict_t verdict_on(const qdn_cascade_input_t *in,
                                const qdn_operator_t *op)
{
    qdn_verdict_t verdict = { .operator= op,
                              .available = 1,
                              .reason = QDN_REASON_AVAILABLE };
    int i;

    for (i = 0; in->verdicts && i < in->verdicts->nelts; i++) {
        const qdn_verdict_t *v = &APR_ARRAY_IDX(in->verdicts, i, qdn_verdict_t);

        if (v->operator== op) {
            return *v;
        }
    }
    if (in->judge) {
        in->judge(in->judge_baton, op, &verdict);
    }
    return verdict;
}

/*
 * Why this phone is not rung; NONE, with choice->reason set to why it is.
 * What holds whatever the hop says comes first: nobody is rung twice, and
 * nobody rings himself.
 */
static int may_ring(const qdn_cascade_input_t *in, const qdn_hop_t *hop,
                    const qdn_decision_t *d, qdn_choice_t *choice)
{
    const qdn_phone_t *phone = choice->phone;
    const qdn_verdict_t verdict = verdict_on(in, phone->operator);

    choice->verdict = verdict.available && !verdict.detail
                          ? QDN_REASON_NONE /* nothing had to be asked */
                          : verdict.reason;
    choice->detail = verdict.detail;
    if (same_number(phone->number, in->caller)) {
        choice->reason = QDN_REASON_CALLER_OWN_PHONE;
        return 0;
    }
    if (qdn_progress_has(d->next.rung, phone->hash) ||
        qdn_progress_has(d->next.ringing, phone->hash)) {
        choice->reason = QDN_REASON_ALREADY_TRIED;
        return 0;
    }
    if (hop->when == QDN_WHEN_EVEN_AWAY) {
        choice->reason = QDN_REASON_ALWAYS;
        return 1;
    }
    if (verdict.reason == QDN_REASON_STATUS_AWAY) {
        choice->reason = QDN_REASON_STATUS_AWAY;
        return 0;
    }
    if (hop->when == QDN_WHEN_ALWAYS) {
        choice->reason = QDN_REASON_ALWAYS;
        return 1;
    }
    choice->reason = verdict.reason;
    return verdict.available;
}

static int first_set(int a, int b, int fallback)
{
    return a ? a : b ? b : fallback;
}

/* How a phone that is rung is shown and screened. */
static void equip(const qdn_cascade_input_t *in, const qdn_hop_t *hop,
                  qdn_choice_t *choice)
{
    const qdn_phone_t *phone = choice->phone;

    choice->callerid = (qdn_callerid_e)first_set(
        (int)hop->callerid, (int)phone->callerid, (int)in->line->callerid);
    if (!in->caller || choice->callerid == QDN_CALLERID_UNSET) {
        choice->callerid = QDN_CALLERID_LINE;
    }
    choice->screen = phone->confirm == QDN_CONFIRM_NONE
                         ? 0
                         : qdn_whisper_room(in->line, phone);
}

/* Seconds the caller waits for this hop, before the budget is looked at. */
static int wanted_ring(const qdn_hop_t *hop, const apr_array_header_t *rung)
{
    int i, ring = 0;

    for (i = 0; i < rung->nelts; i++) {
        const qdn_choice_t *c = &APR_ARRAY_IDX(rung, i, qdn_choice_t);
        int own = first_set(hop->ring, c->phone->ring, QDN_RING_DEFAULT);

        ring = own > ring ? own : ring;
    }
    return ring;
}

/* Nobody of the hop can be rung for long enough: say so for each. */
static void give_up_for_budget(qdn_decision_t *d)
{
    int i;

    for (i = 0; i < d->rung->nelts; i++) {
        qdn_choice_t c = APR_ARRAY_IDX(d->rung, i, qdn_choice_t);

        c.reason = QDN_REASON_BUDGET;
        APR_ARRAY_PUSH(d->skipped, qdn_choice_t) = c;
    }
    apr_array_clear(d->rung);
    apr_array_clear(d->next.ringing);
}

/*
 * Shorten the hop so that the longest ring and the longest screening end
 * within the budget. 0 if that leaves too little to ring at all.
 */
static int fit_budget(const qdn_hop_t *hop, qdn_decision_t *d)
{
    int i, room;

    d->screen = 0;
    for (i = 0; i < d->rung->nelts; i++) {
        int s = APR_ARRAY_IDX(d->rung, i, qdn_choice_t).screen;

        d->screen = s > d->screen ? s : d->screen;
    }
    d->ring = wanted_ring(hop, d->rung);
    room = d->left - d->screen;
    if (room < d->ring) {
        d->ring = room;
    }
    return d->ring >= QDN_RING_MIN;
}

/*
 * Ring this hop if anybody in it can be rung. `only`: hashes of the phones
 * to consider (a redial), or NULL for all.
 */
static int take_hop(const qdn_cascade_input_t *in, int number,
                    const apr_array_header_t *only, qdn_decision_t *d)
{
    const qdn_hop_t *hop =
        APR_ARRAY_IDX(d->cascade.hops, number - 1, qdn_hop_t *);
    int i;

    for (i = 0; i < hop->phones->nelts; i++) {
        qdn_choice_t c = { .phone = APR_ARRAY_IDX(hop->phones, i,
                                                  const qdn_phone_t *),
                           .hop = number };

        if (only && (!qdn_progress_has(only, c.phone->hash) ||
                     qdn_progress_has(d->next.rung, c.phone->hash))) {
            continue; /* not rung before, or the one that picked up */
        }
        if (!may_ring(in, hop, d, &c)) {
            APR_ARRAY_PUSH(d->skipped, qdn_choice_t) = c;
            continue;
        }
        equip(in, hop, &c);
        if (only) {
            c.reason = QDN_REASON_REDIAL_WITHOUT;
        }
        APR_ARRAY_PUSH(d->rung, qdn_choice_t) = c;
        APR_ARRAY_PUSH(d->next.ringing, apr_uint32_t) = c.phone->hash;
    }
    if (d->rung->nelts == 0) {
        return 0;
    }
    if (!fit_budget(hop, d)) {
        give_up_for_budget(d);
        return 0;
    }
    d->act = QDN_ACT_DIAL;
    d->next.hop = number;
    d->next.redial = only != NULL;
    d->next.asks_key = d->screen > 0;
    if (!d->next.first_ring) {
        d->next.first_ring = apr_time_sec(in->now);
    }
    return 1;
}

qdn_act_e qdn_cascade_last_resort(const qdn_cascade_t *cascade)
{
    return cascade->voicemail ? QDN_ACT_VOICEMAIL : QDN_ACT_GOODBYE;
}

/* Down from this hop to the first that rings, else the last resort. */
static void descend(const qdn_cascade_input_t *in, int from, qdn_decision_t *d)
{
    int number;

    for (number = from; number <= d->cascade.hops->nelts; number++) {
        if (take_hop(in, number, NULL, d)) {
            return;
        }
    }
    d->act = qdn_cascade_last_resort(&d->cascade);
    d->ring = d->screen = 0;
}

static int declared(const qdn_line_t *line, const char *number)
{
    int i;

    for (i = 0; line->forwarded_from && i < line->forwarded_from->nelts; i++) {
        if (same_number(number,
                        APR_ARRAY_IDX(line->forwarded_from, i, const char *))) {
            return 1;
        }
    }
    return 0;
}

/* Has our own forwarding, or an operator's phone, sent us this call? */
static int is_loop(const qdn_cascade_input_t *in)
{
    return (qdn_plan_line(in->plan, in->caller) &&
            !declared(in->line, in->caller)) ||
           (qdn_plan_phone_by_number(in->plan, in->forwarded_from) &&
            !declared(in->line, in->forwarded_from));
}

static const qdn_rule_t *rule_of(const qdn_cascade_input_t *in)
{
    return in->rule > 0 && in->rule <= in->line->rules->nelts
               ? APR_ARRAY_IDX(in->line->rules, in->rule - 1, qdn_rule_t *)
               : NULL;
}

const qdn_cascade_t *qdn_cascade_chosen(const qdn_cascade_input_t *in,
                                        const qdn_progress_t *progress)
{
    const qdn_rule_t *rule = rule_of(in);

    if (progress) {
        return progress->cascade
                   ? qdn_plan_cascade_by_hash(in->plan, progress->cascade)
                   : NULL;
    }
    return rule ? rule->cascade : NULL;
}

static void follow_rule(const qdn_cascade_input_t *in, const qdn_rule_t *rule,
                        qdn_decision_t *d)
{
    d->reason = QDN_REASON_RULE;
    switch (rule->action) {
    case QDN_RULE_REJECT:
        d->act = QDN_ACT_REJECT;
        break;
    case QDN_RULE_BUSY:
        d->act = QDN_ACT_BUSY;
        break;
    case QDN_RULE_VOICEMAIL:
        d->act = qdn_cascade_last_resort(&d->cascade);
        break;
    case QDN_RULE_CHALLENGE:
        d->act = QDN_ACT_CHALLENGE;
        break;
    case QDN_RULE_CASCADE:
        d->reason = QDN_REASON_NONE; /* its hops have theirs */
        descend(in, 1, d);
        break;
    }
}

void qdn_cascade_start(const qdn_cascade_input_t *in, qdn_decision_t *pdecision,
                       apr_pool_t *p)
{
    const qdn_rule_t *rule = rule_of(in);

    begin(in, NULL, pdecision, p);
    if (is_loop(in)) {
        pdecision->act = QDN_ACT_BUSY;
        pdecision->reason = QDN_REASON_LOOP;
    }
    else if (rule) {
        follow_rule(in, rule, pdecision);
    }
    else {
        descend(in, 1, pdecision);
    }
}

/*
 * One of several phones picked up and did not take the call. Twilio dropped
 * the others at that moment, before any key: they have not had their chance.
 */
static int others_were_dropped(const qdn_progress_t *progress,
                               const qdn_hop_result_t *r)
{
    return !progress->redial && progress->ringing->nelts > 1 &&
           qdn_progress_has(progress->ringing, r->picked_up);
}

void qdn_cascade_next(const qdn_cascade_input_t *in,
                      const qdn_progress_t *progress,
                      const qdn_hop_result_t *result, qdn_reason_e ended,
                      qdn_decision_t *pdecision, apr_pool_t *p)
{
    int same_plan;

    begin(in, progress, pdecision, p);
    same_plan = strcmp(progress->revision, in->plan->revision) == 0 &&
                progress->cascade == pdecision->cascade.hash &&
                progress->hop <= pdecision->cascade.hops->nelts;
    if (ended == QDN_REASON_CONNECTED || ended == QDN_REASON_CALLER_GONE) {
        push_all(pdecision->next.rung, progress->ringing);
        pdecision->act = QDN_ACT_END;
        return;
    }
    if (!others_were_dropped(progress, result)) {
        push_all(pdecision->next.rung, progress->ringing);
    }
    else {
        APR_ARRAY_PUSH(pdecision->next.rung, apr_uint32_t) = result->picked_up;
        if (same_plan && progress->hop > 0 &&
            take_hop(in, progress->hop, progress->ringing, pdecision)) {
            return;
        }
    }
    descend(in, same_plan ? progress->hop + 1 : 1, pdecision);
}
