/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <apr_strings.h>

#include "archive_form.h"
#include "calls.h"
#include "rollup.h"
#include "sentence.h"

#define LIMIT_DEFAULT 50
#define TIME_MAX      APR_INT64_MAX

/************** a call as JSON **************/

static int missed(const qdn_chain_t *c)
{
    return c->outcome == QDN_OUTCOME_VOICEMAIL ||
           c->outcome == QDN_OUTCOME_UNANSWERED ||
           (c->outcome == QDN_OUTCOME_ABANDONED &&
            c->ring_seconds > QDN_ROLLUP_IMPATIENT);
}

static void add_answerer(qdn_text_t *t, const qdn_plan_t *plan,
                         const qdn_chain_t *c)
{
    const char *by = c->answered_by;
    const char *id = by ? apr_pstrmemdup(t->pool, by, strcspn(by, "/")) : NULL;

    qdn_member_text(t, "answered_by", by);
    qdn_member_text(t, "operator_name", qdn_sentence_name(plan, id));
}

/* ",ana,bo," */
static void add_rung(qdn_text_t *t, const char *rung)
{
    char *rest = apr_pstrdup(t->pool, rung ? rung : "");
    const char *id;

    qdn_member_open(t, "rung", '[');
    while ((id = apr_strtok(rest, ",", &rest)) != NULL) {
        qdn_member_text(t, NULL, id);
    }
    qdn_member_close(t, '[');
}

/* The object is left open. */
static void add_call(qdn_text_t *t, const qdn_plan_t *plan,
                     const qdn_chain_t *c)
{
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "call_sid", c->call_sid);
    qdn_archive_add_line(t, plan, c->line);
    qdn_member_text(t, "caller", c->caller);
    qdn_member_time(t, "started_at", c->started_at);
    qdn_member_time(t, "answered_at", c->answered_at);
    qdn_member_time(t, "ended_at", c->ended_at);
    qdn_member_text(t, "outcome", qdn_outcome_text(c->outcome));
    qdn_member_text(t, "outcome_text", qdn_sentence_outcome(c, plan, t->pool));
    qdn_member_truth(t, "missed", missed(c));
    add_answerer(t, plan, c);
    qdn_member_number(t, "hops", c->hops);
    qdn_member_truth(t, "failover", c->hops > 1);
    qdn_member_number(t, "ring_seconds", c->ring_seconds);
    if (c->talk_seconds < 0) {
        qdn_member_raw(t, "talk_seconds", NULL);
    }
    else {
        qdn_member_number(t, "talk_seconds", c->talk_seconds);
    }
    qdn_member_text(t, "config", c->config);
    add_rung(t, c->rung);
}

/************** many **************/

static const char *read_texts(const qdn_question_t *q,
                              qdn_calls_query_t *pquery)
{
    const struct {
        const char *name;
        qdn_parameter_e form;
        const char **pvalue;
    } texts[] = { { "line", QDN_PARAMETER_NUMBER, &pquery->line },
                  {
                      "operator",
                      QDN_PARAMETER_ID,
                      &pquery->operator},
                      { "outcome", QDN_PARAMETER_OUTCOME, &pquery->outcome },
                      { "number", QDN_PARAMETER_DIGITS, &pquery->number },
                      { "q", QDN_PARAMETER_TEXT, &pquery->search },
                      { "before", QDN_PARAMETER_SID, &pquery->before },
    };
    const char *error = NULL;

    for (apr_size_t i = 0; !error && i < sizeof(texts) / sizeof(*texts); i++) {
        error =
            qdn_archive_read(q, texts[i].name, texts[i].form, texts[i].pvalue);
    }
    return error;
}

static const char *read_numbers(const qdn_question_t *q,
                                qdn_calls_query_t *pquery)
{
    apr_int64_t failover = 0, limit = LIMIT_DEFAULT;
    const struct {
        const char *name;
        apr_int64_t min, max;
        apr_int64_t *pvalue;
    } numbers[] = {
        { "from", 0, TIME_MAX, &pquery->from },
        { "to", 0, TIME_MAX, &pquery->to },
        { "failover", 0, 1, &failover },
        { "limit", 1, QDN_CALLS_LIMIT, &limit },
    };
    const char *error = NULL;

    for (apr_size_t i = 0; !error && i < sizeof(numbers) / sizeof(*numbers);
         i++) {
        error = qdn_archive_read_int(q, numbers[i].name, numbers[i].min,
                                     numbers[i].max, numbers[i].pvalue);
    }
    pquery->failover = (int)failover;
    pquery->limit = (int)limit;
    return error;
}

static const char *tell_list(const qdn_question_t *q,
                             const apr_array_header_t *chains, int limit)
{
    const qdn_chain_t *c = NULL;
    qdn_text_t t;

    qdn_text_init(&t, 512 * (apr_size_t)(chains->nelts + 1), q->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_open(&t, "calls", '[');
    for (int i = 0; i < chains->nelts; i++) {
        c = &APR_ARRAY_IDX(chains, i, qdn_chain_t);
        add_call(&t, q->plan, c);
        qdn_member_close(&t, '{');
    }
    qdn_member_close(&t, '[');
    qdn_member_text(&t, "next",
                    c && chains->nelts == limit ? c->call_sid : NULL);
    qdn_member_time(&t, "as_of", q->as_of);
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_archive_calls(qdn_question_t *q)
{
    qdn_calls_query_t query = { 0 };
    apr_array_header_t *chains;
    const char *error = read_texts(q, &query);
    apr_status_t rv;

    error = error ? error : read_numbers(q, &query);
    if (error) {
        return qdn_archive_fault(q, 400, error);
    }
    rv = qdn_calls_recent(q->store, &query, &chains, q->pool);
    if (rv == APR_NOTFOUND) {
        return qdn_archive_fault(q, 404,
                                 "before should be a call that is here: there "
                                 "is none with that id any more");
    }
    return rv ? qdn_archive_broken(q) : tell_list(q, chains, query.limit);
}

/************** one **************/

static void add_event(qdn_text_t *t, const qdn_plan_t *plan,
                      const qdn_calls_event_t *e)
{
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "id", e->id);
    qdn_member_time(t, "at", e->at);
    qdn_member_text(t, "host", e->host);
    qdn_member_text(t, "kind", e->kind);
    if (e->hop) {
        qdn_member_number(t, "hop", e->hop);
    }
    else {
        qdn_member_raw(t, "hop", NULL);
    }
    qdn_archive_add_person(t, plan, "operator", e->operator);
    qdn_member_text(t, "phone", e->phone);
    qdn_member_text(t, "reason", e->reason);
    qdn_member_text(t, "sentence", qdn_sentence_event(e, plan, t->pool));
    qdn_archive_add_detail(t, e->detail, t->pool);
    qdn_member_text(t, "config", e->config);
    qdn_member_close(t, '{');
}

static const char *tell_call(const qdn_question_t *q, const qdn_chain_t *chain,
                             const apr_array_header_t *events)
{
    qdn_text_t t;

    qdn_text_init(&t, 8192, q->pool);
    add_call(&t, q->plan, chain);
    qdn_member_text(&t, "revision", chain->config);
    qdn_member_time(&t, "as_of", q->as_of);
    qdn_member_open(&t, "events", '[');
    for (int i = 0; i < events->nelts; i++) {
        add_event(&t, q->plan, &APR_ARRAY_IDX(events, i, qdn_calls_event_t));
    }
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_archive_call(qdn_question_t *q)
{
    apr_array_header_t *events;
    const char *error, *sid;
    qdn_chain_t chain;
    apr_status_t rv;

    error = qdn_archive_read(q, "call_sid", QDN_PARAMETER_SID, &sid);
    if (error || !sid) {
        return qdn_archive_fault(q, 400,
                                 error ? error : "call_sid names no call");
    }
    rv = qdn_calls_get(q->store, sid, &chain, &events, q->pool);
    if (rv == APR_NOTFOUND) {
        return qdn_archive_fault(
            q, 404,
            apr_pstrcat(q->pool, "there is no call ", sid,
                        "; it may be minutes old and not here yet, or so old "
                        "that it was removed",
                        NULL));
    }
    return rv ? qdn_archive_broken(q) : tell_call(q, &chain, events);
}
