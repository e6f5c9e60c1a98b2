/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include "ledger.h"
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

apr_status_t qdn_calls_recent(qdn_store_t *store,
                              const qdn_calls_query_t *query,
                              apr_array_header_t **pchains, apr_pool_t *p)
{
    const char *joint = " WHERE ";
    apr_status_t rv;
    qdn_text_t sql;

    qdn_text_init(&sql, 512, p);
    qdn_text_add(&sql, "SELECT " QDN_LEDGER_CALL_COLUMNS " FROM qdn_call");
    if (query->line) {
        qdn_text_addf(&sql, "%sline = %s", joint,
                      qdn_store_quote(store, query->line, p));
        joint = " AND ";
    }
    if (query->before) {
        qdn_chain_t from;

        rv = find_call(store, query->before, &from, p);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        qdn_text_addf(
            &sql, "%s(started_at, call_sid) < (%" APR_TIME_T_FMT ", %s)", joint,
            from.started_at, qdn_store_quote(store, from.call_sid, p));
    }
    qdn_text_addf(&sql, " ORDER BY started_at DESC, call_sid DESC LIMIT %d",
                  query->limit);
    *pchains = apr_array_make(p, query->limit, sizeof(qdn_chain_t));
    return qdn_store_select(store, sql.buf, keep_chain, *pchains, p);
}

/*
 * Events of one step of Twilio's have one time. In what order they came is
 * told by what they are: a hop ends before the next is dialled.
 */
static const int rank[QDN_KIND_MAX] = {
    [QDN_KIND_CALL_RECEIVED] = 1,
    [QDN_KIND_LINE_UNKNOWN] = 1,
    [QDN_KIND_RULE_FAILED] = 2,
    [QDN_KIND_LEG_RINGING] = 3,
    [QDN_KIND_LEG_ANSWERED] = 4,
    [QDN_KIND_SCREEN_ACCEPTED] = 5,
    [QDN_KIND_SCREEN_DECLINED] = 5,
    [QDN_KIND_LEG_ENDED] = 6,
    [QDN_KIND_HOP_ENDED] = 7,
    [QDN_KIND_CHALLENGE_PASSED] = 7,
    [QDN_KIND_HOP_ANOMALY] = 8,
    [QDN_KIND_HOP_SKIPPED] = 9,
    [QDN_KIND_HOP_DIALLED] = 9,
    [QDN_KIND_CALL_CHALLENGED] = 10,
    [QDN_KIND_CALL_REJECTED] = 10,
    [QDN_KIND_VOICEMAIL_OFFERED] = 10,
    [QDN_KIND_VOICEMAIL_RECORDED] = 11,
    [QDN_KIND_VOICEMAIL_FAILED] = 11,
    [QDN_KIND_CHALLENGE_FAILED] = 11,
    [QDN_KIND_CALL_GOODBYE] = 12,
    [QDN_KIND_CALL_ENDED] = 13,
    [QDN_KIND_DECISION_SUPERSEDED] = 14,
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
