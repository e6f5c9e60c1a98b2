/* SPDX-License-Identifier: Apache-2.0 */
/* How events, calls and positions become rows. */
#include "ledger_rows.h"

#include <string.h>
#include "schema.h"

#define EVENT_COLUMNS 12
#define CALL_COLUMNS  15

static const char *const event_columns[] = {
    "id",       "at",    "host",   "kind",   "line",   "call_sid", "hop",
    "operator", "phone", "reason", "detail", "config", NULL,
};
static const char *const call_columns[] = {
    "call_sid",    "line",         "caller",       "started_at",
    "answered_at", "ended_at",     "outcome",      "answered_by",
    "hops",        "ring_seconds", "talk_seconds", "config",
    "rung",        "day",          "hour",         NULL,
};
static const char *const position_columns[] = { "segment", "host", "drained_to",
                                                "drained_at", NULL };

static const qdn_store_insert_t put_events = {
    .table = "qdn_event",
    .columns = event_columns,
    .types = "tnttttnttttt",
    .conflict = QDN_STORE_KEEP,
};
static const qdn_store_insert_t first_events = {
    .table = "qdn_event",
    .columns = event_columns,
    .types = "tnttttnttttt",
    .conflict = QDN_STORE_BLIND,
};
static const qdn_store_insert_t first_calls = {
    .table = "qdn_call",
    .columns = call_columns,
    .types = "tttnnnttnnnttnn",
    .conflict = QDN_STORE_BLIND,
};
static const qdn_store_insert_t new_calls = {
    .table = "qdn_call",
    .columns = call_columns,
    .types = "tttnnnttnnnttnn",
    .conflict = QDN_STORE_NEW,
};
static const qdn_store_insert_t put_calls = {
    .table = "qdn_call",
    .columns = call_columns,
    .types = "tttnnnttnnnttnn",
    .conflict = QDN_STORE_REPLACE,
};
static const qdn_store_insert_t put_positions = {
    .table = "qdn_journal",
    .columns = position_columns,
    .types = "ttnn",
    .conflict = QDN_STORE_REPLACE,
};

/************** values **************/

static const char *number(apr_int64_t n, apr_pool_t *p)
{
    apr_uint64_t left = n < 0 ? -(apr_uint64_t)n : (apr_uint64_t)n;
    char *text = (char *)apr_palloc(p, 24) + 23;

    *text = '\0';
    do {
        *--text = (char)('0' + left % 10);
    } while (left /= 10);
    if (n < 0) {
        *--text = '-';
    }
    return text;
}

/* 0 is no time, and no hop: SQL's NULL. */
static const char *number_or_null(apr_int64_t n, apr_pool_t *p)
{
    return n ? number(n, p) : NULL;
}

void qdn_ledger_fit(qdn_event_t *e, apr_pool_t *p)
{
    e->host = qdn_schema_fit(e->host, QDN_WIDTH_TEXT, p);
    e->line = qdn_schema_fit(e->line, QDN_WIDTH_TEXT, p);
    e->call_sid = qdn_schema_fit(e->call_sid, QDN_WIDTH_SID, p);
    e->operator= qdn_schema_fit(e->operator, QDN_WIDTH_WORD, p);
    e->phone = qdn_schema_fit(e->phone, QDN_WIDTH_WORD, p);
    e->config = qdn_schema_fit(e->config, QDN_WIDTH_WORD, p);
}

static void event_values(const char **v, const qdn_event_t *e, apr_pool_t *p)
{
    *v++ = e->id;
    *v++ = number(e->at, p);
    *v++ = e->host;
    *v++ = qdn_event_kind_text(e->kind);
    *v++ = e->line;
    *v++ = e->call_sid;
    *v++ = number_or_null(e->hop, p);
    *v++ = e->operator;
    *v++ = e->phone;
    *v++ = e->reason == QDN_REASON_NONE ? NULL : qdn_reason_text(e->reason);
    *v++ = e->detail;
    *v++ = e->config;
}

static void call_values(const char **v, const qdn_chain_t *c, apr_pool_t *p)
{
    *v++ = qdn_schema_fit(c->call_sid, QDN_WIDTH_SID, p);
    *v++ = qdn_schema_fit(c->line, QDN_WIDTH_TEXT, p);
    *v++ = qdn_schema_fit(c->caller, QDN_WIDTH_TEXT, p);
    *v++ = number_or_null(c->started_at, p);
    *v++ = number_or_null(c->answered_at, p);
    *v++ = number_or_null(c->ended_at, p);
    *v++ = qdn_outcome_text(c->outcome);
    *v++ = qdn_schema_fit(c->answered_by, QDN_WIDTH_TEXT, p);
    *v++ = number(c->hops, p);
    *v++ = number(c->ring_seconds, p);
    *v++ = c->talk_seconds < 0 ? NULL : number(c->talk_seconds, p);
    *v++ = qdn_schema_fit(c->config, QDN_WIDTH_WORD, p);
    *v++ = c->rung;
    *v++ = number_or_null(c->day, p);
    *v++ = c->day ? number(c->hour, p) : NULL;
}

/************** rows **************/

apr_status_t qdn_ledger_put_events(qdn_store_t *store,
                                   const qdn_event_t *const *events, int n,
                                   qdn_ledger_take_e take, apr_pool_t *ptemp)
{
    const char **values = apr_palloc(
        ptemp, ((apr_size_t)n + 1) * EVENT_COLUMNS * sizeof(*values));

    for (int i = 0; i < n; i++) {
        event_values(values + i * EVENT_COLUMNS, events[i], ptemp);
    }
    return qdn_store_insert(
        store, take == QDN_LEDGER_FIRST ? &first_events : &put_events, values,
        n, ptemp);
}

apr_status_t qdn_ledger_put_calls(qdn_store_t *store,
                                  const apr_array_header_t *calls,
                                  qdn_ledger_take_e take, apr_pool_t *ptemp)
{
    static const qdn_store_insert_t *const how[] = {
        [QDN_LEDGER_NEW] = &new_calls,
        [QDN_LEDGER_KNOWN] = &put_calls,
        [QDN_LEDGER_FIRST] = &first_calls,
    };
    const char **values = apr_palloc(ptemp, ((apr_size_t)calls->nelts + 1) *
                                                CALL_COLUMNS * sizeof(*values));

    for (int i = 0; i < calls->nelts; i++) {
        call_values(values + i * CALL_COLUMNS,
                    &APR_ARRAY_IDX(calls, i, qdn_chain_t), ptemp);
    }
    return qdn_store_insert(store, how[take], values, calls->nelts, ptemp);
}

apr_status_t qdn_ledger_put_positions(qdn_store_t *store,
                                      const qdn_ledger_batch_t *batch,
                                      apr_pool_t *ptemp)
{
    const char **values = apr_palloc(
        ptemp, ((apr_size_t)batch->npositions + 1) * 4 * sizeof(*values));
    const char **v = values;

    for (int i = 0; i < batch->npositions; i++) {
        *v++ = batch->positions[i].segment;
        *v++ = qdn_schema_fit(batch->host, QDN_WIDTH_TEXT, ptemp);
        *v++ = number(batch->positions[i].drained_to, ptemp);
        *v++ = number(batch->now, ptemp);
    }
    return qdn_store_insert(store, &put_positions, values, batch->npositions,
                            ptemp);
}
