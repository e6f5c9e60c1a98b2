/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from the tables, and which segments they know. */
#include "ledger.h"

#include <string.h>
#include <apr_strings.h>
#include "status.h"
#include "text.h"

static apr_int64_t value_number(const char *value)
{
    return value ? apr_atoi64(value) : 0;
}

apr_status_t qdn_ledger_event(qdn_event_t *pe, const char *const *row)
{
    memset(pe, 0, sizeof(*pe));
    apr_cpystrn(pe->id, row[0] ? row[0] : "", sizeof(pe->id));
    pe->at = value_number(row[1]);
    pe->host = row[2];
    pe->kind = qdn_event_kind_find(row[3] ? row[3] : "");
    pe->line = row[4];
    pe->call_sid = row[5];
    pe->hop = (int)value_number(row[6]);
    pe->operator= row[7];
    pe->phone = row[8];
    pe->reason = qdn_reason_find(row[9] ? row[9] : "");
    pe->detail = row[10];
    pe->config = row[11];
    return pe->kind < QDN_KIND_MAX && pe->reason < QDN_REASON_MAX
               ? APR_SUCCESS
               : QDN_EREFUSED;
}

void qdn_ledger_call(qdn_chain_t *pchain, const char *const *row)
{
    memset(pchain, 0, sizeof(*pchain));
    pchain->call_sid = row[0];
    pchain->line = row[1];
    pchain->caller = row[2];
    pchain->started_at = value_number(row[3]);
    pchain->answered_at = value_number(row[4]);
    pchain->ended_at = value_number(row[5]);
    pchain->outcome = qdn_outcome_find(row[6] ? row[6] : "");
    if (pchain->outcome == QDN_OUTCOME_MAX) {
        pchain->outcome = QDN_OUTCOME_UNKNOWN;
    }
    pchain->answered_by = row[7];
    pchain->hops = (int)value_number(row[8]);
    pchain->ring_seconds = (int)value_number(row[9]);
    pchain->talk_seconds = row[10] ? (int)value_number(row[10]) : -1;
    pchain->config = row[11];
    pchain->rung = row[12];
    pchain->day = (int)value_number(row[13]);
    pchain->hour = (int)value_number(row[14]);
}

/************** positions **************/

typedef struct positions_t {
    apr_hash_t *hash;
    apr_pool_t *pool;
} positions_t;

static void keep_position(void *baton, const char *const *row)
{
    positions_t *found = baton;
    apr_int64_t *to = apr_palloc(found->pool, sizeof(*to));

    *to = value_number(row[1]);
    apr_hash_set(found->hash, apr_pstrdup(found->pool, row[0]),
                 APR_HASH_KEY_STRING, to);
}

apr_status_t qdn_ledger_positions(qdn_store_t *store, const char *host,
                                  apr_hash_t **ppositions, apr_pool_t *p)
{
    positions_t found = { apr_hash_make(p), p };
    const char *sql = "SELECT segment, drained_to FROM qdn_journal";

    *ppositions = found.hash;
    if (host) {
        sql = apr_pstrcat(
            p, sql, " WHERE host = ", qdn_store_quote(store, host, p), NULL);
    }
    return qdn_store_select(store, sql, keep_position, &found, p);
}

apr_status_t qdn_ledger_expire(qdn_store_t *store, const char *host,
                               apr_time_t before, apr_pool_t *ptemp)
{
    return qdn_store_run(
        store, apr_psprintf(ptemp,
                            "DELETE FROM qdn_journal WHERE host = %s"
                            " AND drained_at < %" APR_TIME_T_FMT,
                            qdn_store_quote(store, host, ptemp), before));
}

apr_status_t qdn_ledger_forget(qdn_store_t *store,
                               const apr_array_header_t *segments,
                               apr_pool_t *ptemp)
{
    qdn_text_t t;

    if (segments->nelts == 0) {
        return APR_SUCCESS;
    }
    qdn_text_init(&t, 1024, ptemp);
    qdn_text_add(&t, "DELETE FROM qdn_journal WHERE segment IN (");
    for (int i = 0; i < segments->nelts; i++) {
        qdn_text_add(&t, i ? ", " : "");
        qdn_text_add(
            &t, qdn_store_quote(store, APR_ARRAY_IDX(segments, i, const char *),
                                ptemp));
    }
    qdn_text_addc(&t, ')');
    return qdn_store_run(store, t.buf);
}
