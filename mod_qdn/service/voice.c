/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's leg: a call arrives, a hop has ended, the call is over.
 */
#include <apr_strings.h>
#include <string.h>
#include "answer.h"
#include "challenge.h"
#include "chronicle.h"
#include "e164.h"
#include "exchange.h"
#include "judge.h"
#include "log.h"

#define UNKNOWN_LINE     "This number is not in service. Goodbye."
#define CHALLENGE_FAILED "That was not the key. Goodbye."
#define LINE_REMOVED     "Sorry, nobody can take your call right now. Goodbye."

/* What the cascade may know of the caller. */
static void prepare(qdn_exchange_t *x, qdn_cascade_input_t *in)
{
    const qdn_webhook_t *w = &x->webhook;

    memset(in, 0, sizeof(*in));
    in->plan = x->service->plan;
    in->line = x->line;
    in->caller = w->caller_kind == QDN_CALLER_NUMBER ? w->from : NULL;
    in->forwarded_from = qdn_webhook_forwarded_from(w, x->pool);
    in->now = x->request->now;
}

/* Who is available now is asked of memory alone, and without a lock. */
static void find_out(const qdn_exchange_t *x, qdn_judge_t *judge,
                     qdn_cascade_input_t *in)
{
    *judge = (qdn_judge_t){
        .plan = in->plan,
        .line = in->line,
        .known = { .snapshot = qdn_lookout_now(x->service->lookout),
                   .engaged = qdn_engaged_look,
                   .engaged_baton = x->service->talks },
        .now = in->now,
        .p = x->pool,
    };
    in->judge = qdn_judge_ask;
    in->judge_baton = judge;
}

static int calls_today(const qdn_exchange_t *x, const char *caller)
{
    return caller ? qdn_tally_add(x->service->tally, caller,
                                  qdn_facts_day(x->line, x->request->now))
                  : 0;
}

/* The first match wins; one that fails is no match, and is kept as such. */
static void evaluate_rules(qdn_exchange_t *x, qdn_cascade_input_t *in)
{
    const apr_array_header_t *rules = x->line->rules;
    qdn_subject_t subject = {
        .plan = x->service->plan,
        .line = x->line,
        .webhook = &x->webhook,
        .fields = x->fields,
        .snapshot = qdn_lookout_now(x->service->lookout),
        .now = x->request->now,
        .as_of = x->request->now,
    };
    int i;

    if (!x->service->rule || !rules->nelts) {
        return;
    }
    subject.calls_today = calls_today(x, in->caller);
    for (i = 0; i < rules->nelts; i++) {
        int verdict = x->service->rule(
            x->rules_baton, APR_ARRAY_IDX(rules, i, qdn_rule_t *), &subject);

        if (verdict > 0) {
            in->rule = i + 1;
            return;
        }
        if (verdict < 0) {
            qdn_chronicle_rule_failed(x, i + 1);
        }
    }
}

/* The same decision made again has the same id: its parts say what it is. */
static void name_decision(qdn_exchange_t *x, qdn_decision_t *d)
{
    const char *parts[] = { x->call_sid, x->step->path,
                            x->step->token == QDN_TOKEN_PROGRESS
                                ? x->progress.decision
                                : "",
                            x->service->host, NULL };

    qdn_digest_id(parts, d->next.decision);
}

/* Keep the decision, then say it. */
static void carry_out(qdn_exchange_t *x, const qdn_cascade_input_t *in,
                      qdn_decision_t *d)
{
    name_decision(x, d);
    qdn_chronicle_decision(x, in, d);
    qdn_answer_decision(x, d);
}

static void answer_unknown_line(qdn_exchange_t *x)
{
    qdn_counter_add(x->service->counters, QDN_COUNT_LINE_UNKNOWN, 1);
    qdn_log(QDN_LOG_WARNING, APR_SUCCESS,
            QDNLOGNO(0521) "call %s to %s, which is no <QDNLine>", x->call_sid,
            qdn_e164_mask(x->webhook.to, x->pool));
    qdn_chronicle_unknown_line(x);
    qdn_answer_hangup(x, UNKNOWN_LINE);
}

/*
 * Twilio asks the fallback URL after any fatal error in the call, also when
 * people were rung already; which, it does not say. Ringing anybody now could
 * ring somebody twice, so the caller gets the last resort.
 */
static void fall_back(qdn_decision_t *d)
{
    d->act = qdn_cascade_last_resort(&d->cascade);
    d->reason = QDN_REASON_FAILED;
    apr_array_clear(d->skipped);
    apr_array_clear(d->rung);
}

static void decide_start(qdn_exchange_t *x)
{
    const char *error_code = qdn_form_get(x->fields, "ErrorCode");
    qdn_cascade_input_t in;
    qdn_judge_t judge;
    qdn_decision_t d;

    prepare(x, &in);
    if (!error_code) {
        evaluate_rules(x, &in);
    }
    find_out(x, &judge, &in);
    qdn_cascade_start(&in, &d, x->pool);
    if (error_code) {
        qdn_chronicle_fallback(x, error_code);
        fall_back(&d);
    }
    if (d.reason == QDN_REASON_LOOP) {
        qdn_counter_add(x->service->counters, QDN_COUNT_LOOPS, 1);
    }
    carry_out(x, &in, &d);
}

void qdn_voice_start(qdn_exchange_t *x)
{
    if (!x->line) {
        answer_unknown_line(x);
        return;
    }
    qdn_chronicle_received(x);
    if (qdn_exchange_leg_gone(x)) {
        qdn_chronicle_ended(x, QDN_REASON_CALLER_GONE);
        qdn_answer_nothing(x);
        return;
    }
    decide_start(x);
}

static qdn_tristate_e bridged(const char *word)
{
    return strcmp(word, "true") == 0    ? QDN_YES
           : strcmp(word, "false") == 0 ? QDN_NO
                                        : QDN_ABSENT;
}

static const struct {
    const char *word;
    qdn_dial_status_e status;
} dial_words[] = {
    { "completed", QDN_DIAL_COMPLETED }, { "answered", QDN_DIAL_ANSWERED },
    { "busy", QDN_DIAL_BUSY },           { "no-answer", QDN_DIAL_NO_ANSWER },
    { "failed", QDN_DIAL_FAILED },       { "canceled", QDN_DIAL_CANCELED },
};

static qdn_dial_status_e dial_status(const char *word)
{
    apr_size_t i;

    for (i = 0; i < sizeof(dial_words) / sizeof(dial_words[0]); i++) {
        if (strcmp(dial_words[i].word, word) == 0) {
            return dial_words[i].status;
        }
    }
    return QDN_DIAL_UNKNOWN;
}

static void read_result(const qdn_exchange_t *x, qdn_hop_result_t *r)
{
    const qdn_webhook_t *w = &x->webhook;

    memset(r, 0, sizeof(*r));
    r->status = dial_status(w->dial_call_status);
    r->bridged = bridged(w->dial_bridged);
    r->caller_gone = qdn_exchange_leg_gone(x);
    r->fate = qdn_exchange_fate(x, w->dial_call_sid, &r->picked_up);
}

void qdn_voice_next(qdn_exchange_t *x)
{
    qdn_cascade_input_t in;
    qdn_judge_t judge;
    qdn_hop_result_t result;
    qdn_decision_t d;
    qdn_reason_e ended;
    int doubt;

    qdn_engaged_end(x->service->talks, NULL, x->call_sid);
    read_result(x, &result);
    ended = qdn_hop_result_judge(&x->progress, &result, &doubt);
    qdn_chronicle_hop_ended(x, &result, ended, doubt);
    if (ended == QDN_REASON_CONNECTED || ended == QDN_REASON_CALLER_GONE) {
        qdn_chronicle_ended(x, ended);
        qdn_answer_hangup(x, NULL);
        return;
    }
    if (!x->line) { /* taken out of the configuration in mid-call */
        qdn_chronicle_goodbye(x);
        qdn_answer_hangup(x, LINE_REMOVED);
        return;
    }
    prepare(x, &in);
    find_out(x, &judge, &in);
    qdn_cascade_next(&in, &x->progress, &result, ended, &d, x->pool);
    carry_out(x, &in, &d);
}

/* The same question with another key. */
static void ask_again(qdn_exchange_t *x, const qdn_cascade_input_t *in)
{
    qdn_decision_t d = { .act = QDN_ACT_CHALLENGE,
                         .reason = QDN_REASON_RULE,
                         .next = x->progress };

    d.skipped = apr_array_make(x->pool, 1, sizeof(qdn_choice_t));
    d.rung = apr_array_make(x->pool, 1, sizeof(qdn_choice_t));
    qdn_line_cascade(x->line, NULL, &d.cascade);
    d.left = d.cascade.budget;
    d.next.tries++;
    carry_out(x, in, &d);
}

/*
 * The caller was asked for a key. The right one leads to where the call would
 * have gone if that rule had not matched; later rules are not looked at.
 */
void qdn_voice_challenged(qdn_exchange_t *x)
{
    char digit[2] = { qdn_challenge_digit(x->call_sid, x->progress.tries) };
    qdn_cascade_input_t in;
    qdn_judge_t judge;
    qdn_decision_t d;

    if (qdn_exchange_leg_gone(x)) {
        qdn_chronicle_ended(x, QDN_REASON_CALLER_GONE);
        qdn_answer_nothing(x);
    }
    else if (!x->line) {
        qdn_chronicle_goodbye(x);
        qdn_answer_hangup(x, LINE_REMOVED);
    }
    else if (strcmp(x->webhook.digits, digit) == 0) {
        qdn_chronicle_challenge(x, QDN_KIND_CHALLENGE_PASSED);
        prepare(x, &in);
        find_out(x, &judge, &in);
        qdn_cascade_start(&in, &d, x->pool);
        carry_out(x, &in, &d);
    }
    else if (x->progress.tries + 1 < QDN_CHALLENGE_TRIES) {
        prepare(x, &in);
        ask_again(x, &in);
    }
    else {
        qdn_chronicle_challenge(x, QDN_KIND_CHALLENGE_FAILED);
        qdn_chronicle_ended(x, QDN_REASON_NONE);
        qdn_answer_hangup(x, CHALLENGE_FAILED);
    }
}

/*
 * The line's own status callback. It often overtakes the last action request,
 * so it only says that the call is over; why follows from the other events.
 */
void qdn_voice_status(qdn_exchange_t *x)
{
    if (qdn_exchange_leg_gone(x)) {
        qdn_engaged_end(x->service->talks, NULL, x->call_sid);
        if (x->line) {
            qdn_chronicle_ended(x, QDN_REASON_NONE);
        }
    }
    qdn_answer_nothing(x);
}
