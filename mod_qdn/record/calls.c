/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include "ledger.h"
#include "rollup.h"
#include "schema.h"
#include "text.h"

static void keep_chain(void *baton, const char *const *row)
{
    qdn_ledger_call(apr_array_push(baton), row);
}

static apr_status_t find_call(qdn_store_t *store, const char *call_sid,
                              qdn_chain_t *pchain, apr_pool_t *p)
{
    apr_array_header_t *found = apr_array_make(p, 1, sizeof(qdn_chain_t));
    apr_status_t rv = qdn_store_select_in(
        store,
        "SELECT " QDN_LEDGER_CALL_COLUMNS " FROM qdn_call WHERE call_sid",
        &call_sid, 1, "", keep_chain, found, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (found->nelts == 0) {
        return APR_NOTFOUND;
    }
    *pchain = APR_ARRAY_IDX(found, 0, qdn_chain_t);
    return APR_SUCCESS;
}

/************** filters **************/

typedef struct filter_t {
    qdn_store_t *store;
    qdn_text_t sql; /* " WHERE ... AND ..." */
    apr_pool_t *pool;
} filter_t;

/* An expression of ours, in which %s are texts that have been quoted. */
static void demand(filter_t *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void demand(filter_t *f, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    qdn_text_add(&f->sql, f->sql.len ? " AND " : " WHERE ");
    qdn_text_add(&f->sql, apr_pvsprintf(f->pool, fmt, args));
    va_end(args);
}

static const char *quote(filter_t *f, const char *text)
{
    return qdn_store_quote(f->store, text, f->pool);
}

/*
 * What follows LIKE: before, the text as it stands, after. The escape is not
 * the backslash, which means something else in each database.
 */
static const char *pattern(filter_t *f, const char *before, const char *text,
                           const char *after)
{
    qdn_text_t t;

    qdn_text_init(&t, 64, f->pool);
    qdn_text_add(&t, before);
    for (; *text; text++) {
        if (strchr("%_!", *text)) {
            qdn_text_addc(&t, '!');
        }
        qdn_text_addc(&t, (char)apr_tolower(*text));
    }
    qdn_text_add(&t, after);
    return apr_pstrcat(f->pool, quote(f, t.buf), " ESCAPE '!'", NULL);
}

/* Only the digits of what may be a number as people write it, else NULL. */
static const char *digits_of(const char *text, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 32, p);
    for (; *text; text++) {
        if (apr_isdigit(*text)) {
            qdn_text_addc(&t, *text);
        }
        else if (!strchr("+-/.() ", *text)) {
            return NULL;
        }
    }
    return t.len ? t.buf : NULL;
}

static void demand_caller(filter_t *f, const char *number)
{
    const char *digits = digits_of(number, f->pool);

    demand(f, "LOWER(caller) LIKE %s",
           pattern(f, "%", digits ? digits : number, "%"));
}

static void demand_operator(filter_t *f, const char *operator)
{
    demand(f, "(LOWER(rung) LIKE %s OR LOWER(answered_by) LIKE %s)",
           pattern(f, "%,", operator, ",%"), pattern(f, "", operator, "/%"));
}

static void demand_outcome(filter_t *f, const char *outcome)
{
    if (strcmp(outcome, "missed")) {
        demand(f, "outcome = %s", quote(f, outcome));
        return;
    }
    demand(f,
           "(outcome IN ('%s', '%s') OR"
           " (outcome = '%s' AND ring_seconds > %d))",
           qdn_outcome_text(QDN_OUTCOME_VOICEMAIL),
           qdn_outcome_text(QDN_OUTCOME_UNANSWERED),
           qdn_outcome_text(QDN_OUTCOME_ABANDONED), QDN_ROLLUP_IMPATIENT);
}

static int is_sid(const char *text)
{
    return !strncmp(text, "CA", 2) && strlen(text) == QDN_WIDTH_SID &&
           strspn(text + 2, "0123456789abcdef") == QDN_WIDTH_SID - 2;
}

static void demand_search(filter_t *f, const char *text)
{
    const char *any;

    if (is_sid(text)) {
        demand(f, "call_sid = %s", quote(f, text));
    }
    else if (digits_of(text, f->pool)) {
        demand_caller(f, text);
    }
    else {
        any = pattern(f, "%", text, "%");
        demand(f,
               "(LOWER(caller) LIKE %s OR LOWER(rung) LIKE %s"
               " OR LOWER(answered_by) LIKE %s OR outcome LIKE %s)",
               any, any, any, any);
    }
}

/*
 * Older than that call. Not (a, b) < (c, d), for which MariaDB has no use of
 * an index.
 */
static apr_status_t demand_older(filter_t *f, const char *call_sid)
{
    qdn_chain_t from;
    apr_status_t rv = find_call(f->store, call_sid, &from, f->pool);

    if (rv == APR_SUCCESS) {
        demand(f,
               "started_at <= %" APR_TIME_T_FMT
               " AND (started_at < %" APR_TIME_T_FMT " OR call_sid < %s)",
               from.started_at, from.started_at, quote(f, from.call_sid));
    }
    return rv;
}

static void demand_times(filter_t *f, const qdn_calls_query_t *query)
{
    if (query->from) {
        demand(f, "started_at >= %" APR_TIME_T_FMT, query->from);
    }
    if (query->to) {
        demand(f, "started_at < %" APR_TIME_T_FMT, query->to);
    }
}

static apr_status_t demand_all(filter_t *f, const qdn_calls_query_t *query)
{
    if (query->line) {
        demand(f, "line = %s", quote(f, query->line));
    }
    if (query->operator) {
        demand_operator(f, query->operator);
    }
    if (query->outcome) {
        demand_outcome(f, query->outcome);
    }
    if (query->number) {
        demand_caller(f, query->number);
    }
    if (query->search) {
        demand_search(f, query->search);
    }
    if (query->failover) {
        demand(f, "hops > 1");
    }
    demand_times(f, query);
    return query->before ? demand_older(f, query->before) : APR_SUCCESS;
}

apr_status_t qdn_calls_recent(qdn_store_t *store,
                              const qdn_calls_query_t *query,
                              apr_array_header_t **pchains, apr_pool_t *p)
{
    filter_t f = { .store = store, .pool = p };
    apr_status_t rv;

    qdn_text_init(&f.sql, 512, p);
    rv = demand_all(&f, query);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *pchains = apr_array_make(p, query->limit, sizeof(qdn_chain_t));
    return qdn_store_select(
        store,
        apr_psprintf(p,
                     "SELECT " QDN_LEDGER_CALL_COLUMNS " FROM qdn_call%s"
                     " ORDER BY started_at DESC, call_sid DESC LIMIT %d",
                     f.sql.buf, query->limit),
        keep_chain, *pchains, p);
}

/************** one call **************/

/*
 * Events of one step of Twilio's have one time. In what order they came is
 * told by what they are: a hop ends before the next is dialled.
 */
static const int rank[QDN_KIND_MAX] = {
    [QDN_KIND_CALL_RECEIVED] = 1,       [QDN_KIND_LINE_UNKNOWN] = 1,
    [QDN_KIND_RULE_FAILED] = 2,         [QDN_KIND_LEG_RINGING] = 3,
    [QDN_KIND_LEG_ANSWERED] = 4,        [QDN_KIND_SCREEN_ACCEPTED] = 5,
    [QDN_KIND_SCREEN_DECLINED] = 5,     [QDN_KIND_LEG_ENDED] = 6,
    [QDN_KIND_HOP_ENDED] = 7,           [QDN_KIND_CHALLENGE_PASSED] = 7,
    [QDN_KIND_HOP_ANOMALY] = 8,         [QDN_KIND_HOP_SKIPPED] = 9,
    [QDN_KIND_HOP_DIALLED] = 9,         [QDN_KIND_CALL_CHALLENGED] = 10,
    [QDN_KIND_CALL_REJECTED] = 10,      [QDN_KIND_VOICEMAIL_OFFERED] = 10,
    [QDN_KIND_VOICEMAIL_RECORDED] = 11, [QDN_KIND_VOICEMAIL_FAILED] = 11,
    [QDN_KIND_CHALLENGE_FAILED] = 11,   [QDN_KIND_CALL_GOODBYE] = 12,
    [QDN_KIND_CALL_ENDED] = 13,         [QDN_KIND_DECISION_SUPERSEDED] = 14,
};

static int rank_of(const qdn_calls_event_t *e)
{
    qdn_kind_e kind = qdn_event_kind_find(e->kind);

    return kind < QDN_KIND_MAX ? rank[kind] : rank[QDN_KIND_HOP_DIALLED];
}

static int by_course(const void *a, const void *b)
{
    const qdn_calls_event_t *x = a, *y = b;
    int difference = rank_of(x) - rank_of(y);

    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    if (!difference) {
        difference = x->hop - y->hop;
    }
    return difference ? difference : strcmp(x->id, y->id);
}

static void keep_event(void *baton, const char *const *row)
{
    qdn_calls_event_t *e = apr_array_push(baton);
    const qdn_calls_event_t event = { row[0],
                                      row[1] ? apr_atoi64(row[1]) : 0,
                                      row[2],
                                      row[3],
                                      row[4],
                                      row[5],
                                      row[6] ? (int)apr_atoi64(row[6]) : 0,
                                      row[7],
                                      row[8],
                                      row[9],
                                      row[10],
                                      row[11] };

    *e = event;
}

apr_status_t qdn_calls_get(qdn_store_t *store, const char *call_sid,
                           qdn_chain_t *pchain, apr_array_header_t **pevents,
                           apr_pool_t *p)
{
    apr_status_t rv = find_call(store, call_sid, pchain, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    *pevents = apr_array_make(p, 16, sizeof(qdn_calls_event_t));
    rv = qdn_store_select_in(store,
                             "SELECT " QDN_LEDGER_EVENT_COLUMNS
                             " FROM qdn_event WHERE call_sid",
                             &call_sid, 1, "", keep_event, *pevents, p);
    qsort((*pevents)->elts, (size_t)(*pevents)->nelts,
          sizeof(qdn_calls_event_t), by_course);
    return rv;
}
