/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include "schema.h"
#include "status.h"
#include "supersede.h"
#include "text.h"

#define EVENT_COLUMNS 12
#define CALL_COLUMNS  12

static const char *const event_columns[] = {
    "id",       "at",    "host",   "kind",   "line",   "call_sid", "hop",
    "operator", "phone", "reason", "detail", "config", NULL,
};
static const char *const call_columns[] = {
    "call_sid",     "line",    "caller",      "started_at", "answered_at",
    "ended_at",     "outcome", "answered_by", "hops",       "ring_seconds",
    "talk_seconds", "config",  NULL,
};
static const char *const position_columns[] = { "segment", "host", "drained_to",
                                                "drained_at", NULL };

static const qdn_store_insert_t put_events = {
    .table = "qdn_event",
    .columns = event_columns,
    .types = "tnttttnttttt",
    .conflict = QDN_STORE_KEEP,
};
static const qdn_store_insert_t new_calls = {
    .table = "qdn_call",
    .columns = call_columns,
    .types = "tttnnnttnnnt",
    .conflict = QDN_STORE_NEW,
};
static const qdn_store_insert_t put_calls = {
    .table = "qdn_call",
    .columns = call_columns,
    .types = "tttnnnttnnnt",
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

/* Cut to the column's width, between characters of UTF-8. */
static const char *fit(const char *text, apr_size_t width, apr_pool_t *p)
{
    if (!text || strlen(text) <= width) {
        return text;
    }
    while (width > 0 && ((unsigned char)text[width] & 0xC0) == 0x80) {
        width--;
    }
    return apr_pstrmemdup(p, text, width);
}

static void fit_event(qdn_event_t *e, apr_pool_t *p)
{
    e->host = fit(e->host, QDN_WIDTH_TEXT, p);
    e->line = fit(e->line, QDN_WIDTH_TEXT, p);
    e->call_sid = fit(e->call_sid, QDN_WIDTH_SID, p);
    e->operator= fit(e->operator, QDN_WIDTH_WORD, p);
    e->phone = fit(e->phone, QDN_WIDTH_WORD, p);
    e->config = fit(e->config, QDN_WIDTH_WORD, p);
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
    *v++ = fit(c->call_sid, QDN_WIDTH_SID, p);
    *v++ = fit(c->line, QDN_WIDTH_TEXT, p);
    *v++ = fit(c->caller, QDN_WIDTH_TEXT, p);
    *v++ = number_or_null(c->started_at, p);
    *v++ = number_or_null(c->answered_at, p);
    *v++ = number_or_null(c->ended_at, p);
    *v++ = qdn_outcome_text(c->outcome);
    *v++ = fit(c->answered_by, QDN_WIDTH_TEXT, p);
    *v++ = number(c->hops, p);
    *v++ = number(c->ring_seconds, p);
    *v++ = c->talk_seconds < 0 ? NULL : number(c->talk_seconds, p);
    *v++ = fit(c->config, QDN_WIDTH_WORD, p);
}

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
}

/************** one write **************/

typedef struct write_t { /* of one transaction */
    qdn_store_t *store;
    const qdn_ledger_batch_t *batch;
    qdn_event_t *fitted; /* the batch's, as the columns take them */
    const char **calls;  /* sids, sorted, each once */
    char *known;         /* of each: 1: it has a row, which is locked */
    int ncalls;
    apr_array_header_t *events; /* qdn_event_t: all of those calls */
    apr_array_header_t *added;  /* qdn_event_t: what follows from those */
    struct {
        const char **values; /* of qdn_call */
        int n;
    } rows[2]; /* new ones, and of known calls */
    apr_pool_t *pool;
} write_t;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of sids everywhere, so that two writers cannot deadlock. */
static void collect_calls(write_t *w)
{
    apr_size_t room = (apr_size_t)w->batch->nevents + 1;
    int n = 0;

    w->fitted = apr_palloc(w->pool, room * sizeof(*w->fitted));
    w->calls = apr_palloc(w->pool, room * sizeof(*w->calls));
    w->known = apr_pcalloc(w->pool, room);
    for (int i = 0; i < w->batch->nevents; i++) {
        w->fitted[i] = w->batch->events[i];
        fit_event(&w->fitted[i], w->pool);
        if (w->fitted[i].call_sid) {
            w->calls[n++] = w->fitted[i].call_sid;
        }
    }
    qsort(w->calls, (size_t)n, sizeof(*w->calls), by_text);
    for (int i = 0; i < n; i++) {
        if (w->ncalls == 0 || strcmp(w->calls[w->ncalls - 1], w->calls[i])) {
            w->calls[w->ncalls++] = w->calls[i];
        }
    }
}

static char *known_flag(const write_t *w, const char *call_sid)
{
    const char *const *at = bsearch(&call_sid, w->calls, (size_t)w->ncalls,
                                    sizeof(*w->calls), by_text);

    return at ? w->known + (at - (const char *const *)w->calls) : NULL;
}

static void keep_known(void *baton, const char *const *row)
{
    char *flag = known_flag(baton, row[0]);

    if (flag) {
        *flag = 1;
    }
}

/*
 * A call has a row as long as it has events, so of one that has none all
 * events are in the batch. In the order of sids, like every writer.
 */
static apr_status_t lock_known(write_t *w)
{
    return qdn_store_select_in(
        w->store, "SELECT call_sid FROM qdn_call WHERE call_sid", w->calls,
        w->ncalls,
        apr_pstrcat(w->pool, "ORDER BY call_sid",
                    qdn_store_dialect(w->store)->lock, NULL),
        keep_known, w, w->pool);
}

static void keep_event(void *baton, const char *const *row)
{
    write_t *w = baton;
    qdn_event_t e;

    /*
     * What a newer version wrote has no place in this version's rules, and
     * MariaDB takes texts for equal that end in different blanks.
     */
    if (qdn_ledger_event(&e, row) == APR_SUCCESS && known_flag(w, e.call_sid)) {
        APR_ARRAY_PUSH(w->events, qdn_event_t) = e;
    }
}

static apr_status_t read_known(write_t *w)
{
    const char **sids =
        apr_palloc(w->pool, ((apr_size_t)w->ncalls + 1) * sizeof(*sids));
    int n = 0;

    for (int i = 0; i < w->ncalls; i++) {
        if (w->known[i]) {
            sids[n++] = w->calls[i];
        }
    }
    return qdn_store_select_in(w->store,
                               "SELECT " QDN_LEDGER_EVENT_COLUMNS
                               " FROM qdn_event "
                               "WHERE call_sid",
                               sids, n, "", keep_event, w, w->pool);
}

/* The batch's, without those that SQL has; of the same id the first. */
static void add_batch(write_t *w)
{
    apr_hash_t *seen = apr_hash_make(w->pool);

    for (int i = 0; i < w->events->nelts; i++) {
        const qdn_event_t *e = &APR_ARRAY_IDX(w->events, i, qdn_event_t);

        apr_hash_set(seen, apr_pmemdup(w->pool, e->id, QDN_ID_HEX), QDN_ID_HEX,
                     w);
    }
    for (int i = 0; i < w->batch->nevents; i++) {
        const qdn_event_t *e = &w->fitted[i];

        if (e->call_sid && !apr_hash_get(seen, e->id, QDN_ID_HEX)) {
            apr_hash_set(seen, e->id, QDN_ID_HEX, w);
            APR_ARRAY_PUSH(w->events, qdn_event_t) = *e;
        }
    }
}

static int by_call(const void *a, const void *b)
{
    const qdn_event_t *x = a, *y = b;
    int difference = strcmp(x->call_sid, y->call_sid);

    if (difference) {
        return difference;
    }
    return x->at != y->at ? (x->at < y->at ? -1 : 1) : strcmp(x->id, y->id);
}

static apr_status_t read_events(write_t *w)
{
    apr_status_t rv = lock_known(w);

    w->events = apr_array_make(w->pool, w->batch->nevents * 2 + 16,
                               sizeof(qdn_event_t));
    if (rv == APR_SUCCESS) {
        rv = read_known(w);
    }
    if (rv == APR_SUCCESS) {
        add_batch(w);
        qsort(w->events->elts, (size_t)w->events->nelts, sizeof(qdn_event_t),
              by_call);
    }
    return rv;
}

static void add_superseded(write_t *w, const qdn_event_t *events, int n)
{
    const apr_array_header_t *list = qdn_supersede_find(events, n, w->pool);

    for (int i = 0; list && i < list->nelts; i++) {
        qdn_supersede_event(apr_array_push(w->added),
                            &APR_ARRAY_IDX(list, i, qdn_superseded_t), w->pool);
    }
}

/* What the events come to: rows of qdn_call, and events that follow. */
static void project(write_t *w)
{
    const qdn_event_t *e = (const qdn_event_t *)(const void *)w->events->elts;
    const qdn_event_t *end = e + w->events->nelts;

    for (int known = 0; known < 2; known++) {
        w->rows[known].values =
            apr_palloc(w->pool, ((apr_size_t)w->ncalls + 1) * CALL_COLUMNS *
                                    sizeof(*w->rows[known].values));
    }
    w->added = apr_array_make(w->pool, 4, sizeof(qdn_event_t));
    while (e < end) {
        const qdn_event_t *first = e;
        int known = *known_flag(w, first->call_sid);
        qdn_chain_t chain;

        while (e < end && !strcmp(e->call_sid, first->call_sid)) {
            e++;
        }
        qdn_chain_project(&chain, first, (int)(e - first), w->pool);
        add_superseded(w, first, (int)(e - first));
        call_values(w->rows[known].values + w->rows[known].n++ * CALL_COLUMNS,
                    &chain, w->pool);
    }
}

static apr_status_t write_events(write_t *w)
{
    int n = w->batch->nevents, all = n + w->added->nelts;
    const char **values =
        apr_palloc(w->pool, (apr_size_t)all * EVENT_COLUMNS * sizeof(*values));

    for (int i = 0; i < all; i++) {
        event_values(values + i * EVENT_COLUMNS,
                     i < n ? &w->fitted[i]
                           : &APR_ARRAY_IDX(w->added, i - n, qdn_event_t),
                     w->pool);
    }
    return qdn_store_insert(w->store, &put_events, values, all, w->pool);
}

static apr_status_t write_positions(write_t *w)
{
    const qdn_ledger_batch_t *b = w->batch;
    const char **values =
        apr_palloc(w->pool, (apr_size_t)b->npositions * 4 * sizeof(*values));
    const char **v = values;

    for (int i = 0; i < b->npositions; i++) {
        *v++ = b->positions[i].segment;
        *v++ = fit(b->host, QDN_WIDTH_TEXT, w->pool);
        *v++ = number(b->positions[i].drained_to, w->pool);
        *v++ = number(b->now, w->pool);
    }
    return qdn_store_insert(w->store, &put_positions, values, b->npositions,
                            w->pool);
}

/*
 * The part of a write that depends on what is in the events. Two hosts may
 * find the same call new. Then the second waits here for the commit of the
 * first, and begins again, because the call is known now.
 */
static apr_status_t write_rows(write_t *w)
{
    apr_status_t rv = read_events(w);

    if (rv == APR_SUCCESS) {
        project(w);
        rv = qdn_store_insert(w->store, &new_calls, w->rows[0].values,
                              w->rows[0].n, w->pool);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_store_insert(w->store, &put_calls, w->rows[1].values,
                              w->rows[1].n, w->pool);
    }
    if (rv == APR_SUCCESS) {
        rv = write_events(w);
    }
    if (rv == QDN_ECONFLICT || (rv && qdn_store_collided(w->store))) {
        return APR_EAGAIN;
    }
    return rv == APR_SUCCESS ? rv : QDN_EREFUSED;
}

apr_status_t qdn_ledger_write(qdn_store_t *store,
                              const qdn_ledger_batch_t *batch,
                              apr_pool_t *ptemp)
{
    write_t w = { .store = store, .batch = batch, .pool = ptemp };
    apr_status_t rv;

    collect_calls(&w);
    rv = qdn_store_begin(store);
    if (rv == APR_SUCCESS) {
        rv = write_rows(&w);
    }
    if (rv == APR_SUCCESS) {
        rv = write_positions(&w);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_store_commit(store);
    }
    if (rv != APR_SUCCESS) {
        qdn_store_rollback(store);
    }
    if (rv == APR_EGENERAL && qdn_store_collided(store)) {
        rv = APR_EAGAIN;
    }
    return rv;
}

/* Text of the same length in which there is nothing to find fault with. */
static const char *innocent_text(const char *text, apr_pool_t *p)
{
    char *copy = apr_pstrdup(p, text);

    if (copy) {
        memset(copy, 'x', strlen(copy));
    }
    return copy;
}

apr_status_t qdn_ledger_probe(qdn_store_t *store, const qdn_event_t *like,
                              apr_pool_t *ptemp)
{
    qdn_event_t twin = *like;
    qdn_ledger_batch_t batch = { .events = &twin, .nevents = 1 };
    write_t w = { .store = store, .batch = &batch, .pool = ptemp };
    apr_status_t rv;

    twin.kind = QDN_KIND_CONFIG_LOADED;
    twin.reason = QDN_REASON_NONE;
    twin.host = like->host ? innocent_text(like->host, ptemp) : "probe";
    twin.line = innocent_text(like->line, ptemp);
    twin.operator= innocent_text(like->operator, ptemp);
    twin.phone = innocent_text(like->phone, ptemp);
    twin.detail = innocent_text(like->detail ? like->detail : "", ptemp);
    twin.config = innocent_text(like->config, ptemp);
    if (!twin.id[0]) {
        qdn_event_identify(&twin, "probe");
    }
    collect_calls(&w);
    rv = qdn_store_begin(store);
    if (rv == APR_SUCCESS) {
        rv = write_rows(&w);
        qdn_store_rollback(store);
    }
    return rv == APR_SUCCESS ? rv : APR_EGENERAL;
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
