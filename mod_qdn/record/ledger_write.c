/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction of the drain: events, their calls, the positions. */
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include "ledger.h"
#include "schema.h"
#include "status.h"
#include "supersede.h"

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
static const qdn_store_insert_t first_events = {
    .table = "qdn_event",
    .columns = event_columns,
    .types = "tnttttnttttt",
    .conflict = QDN_STORE_BLIND,
};
static const qdn_store_insert_t first_calls = {
    .table = "qdn_call",
    .columns = call_columns,
    .types = "tttnnnttnnnt",
    .conflict = QDN_STORE_BLIND,
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

/************** one write **************/

/* What a write takes a call for. */
typedef enum {
    CALL_NEW,   /* it has no row */
    CALL_KNOWN, /* it has one, which is locked */
    CALL_FIRST  /* it begins in this batch, and nobody has looked */
} call_e;

typedef struct write_t { /* of one transaction */
    qdn_store_t *store;
    const qdn_ledger_batch_t *batch;
    int hopeful;         /* calls that begin here are CALL_FIRST */
    qdn_event_t *fitted; /* the batch's, as the columns take them */
    const char **calls;  /* sids, sorted, each once */
    char *takes;         /* call_e of each */
    int ncalls;
    apr_array_header_t *events; /* qdn_event_t: all of those calls */
    apr_array_header_t *added;  /* qdn_event_t: what follows from those */
    struct {
        const char **values; /* of qdn_call */
        int n;
    } rows[3]; /* by call_e */
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
    w->takes = apr_pcalloc(w->pool, room);
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

/* NULL: it is none of this batch's. */
static char *find_call(const write_t *w, const char *call_sid)
{
    const char *const *at = bsearch(&call_sid, w->calls, (size_t)w->ncalls,
                                    sizeof(*w->calls), by_text);

    return at ? w->takes + (at - (const char *const *)w->calls) : NULL;
}

/*
 * Nothing of a call is in SQL before it has begun, but for a webhook that
 * came twice or that another host took: rare enough to try first and see.
 */
static void hope(write_t *w)
{
    for (int i = 0; w->hopeful && i < w->batch->nevents; i++) {
        const qdn_event_t *e = &w->fitted[i];

        if (e->kind == QDN_KIND_CALL_RECEIVED && e->call_sid) {
            *find_call(w, e->call_sid) = CALL_FIRST;
        }
    }
}

static const char **calls_taken_for(const write_t *w, call_e what, int *pn)
{
    const char **sids =
        apr_palloc(w->pool, ((apr_size_t)w->ncalls + 1) * sizeof(*sids));

    *pn = 0;
    for (int i = 0; i < w->ncalls; i++) {
        if ((call_e)w->takes[i] == what) {
            sids[(*pn)++] = w->calls[i];
        }
    }
    return sids;
}

static void keep_known(void *baton, const char *const *row)
{
    char *takes = find_call(baton, row[0]);

    if (takes) {
        *takes = CALL_KNOWN;
    }
}

/*
 * A call has a row as long as it has events, so of one that has none all
 * events are in the batch. In the order of sids, like every writer.
 */
static apr_status_t lock_known(write_t *w)
{
    int n;
    const char **sids = calls_taken_for(w, CALL_NEW, &n);

    return qdn_store_select_in(
        w->store, "SELECT call_sid FROM qdn_call WHERE call_sid", sids, n,
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
    if (qdn_ledger_event(&e, row) == APR_SUCCESS && find_call(w, e.call_sid)) {
        APR_ARRAY_PUSH(w->events, qdn_event_t) = e;
    }
}

static apr_status_t read_known(write_t *w)
{
    int n;
    const char **sids = calls_taken_for(w, CALL_KNOWN, &n);

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

    for (int i = CALL_NEW; i <= CALL_FIRST; i++) {
        w->rows[i].values =
            apr_palloc(w->pool, ((apr_size_t)w->ncalls + 1) * CALL_COLUMNS *
                                    sizeof(*w->rows[i].values));
    }
    w->added = apr_array_make(w->pool, 4, sizeof(qdn_event_t));
    while (e < end) {
        const qdn_event_t *first = e;
        int takes = *find_call(w, first->call_sid);
        qdn_chain_t chain;

        while (e < end && !strcmp(e->call_sid, first->call_sid)) {
            e++;
        }
        qdn_chain_project(&chain, first, (int)(e - first), w->pool);
        add_superseded(w, first, (int)(e - first));
        call_values(w->rows[takes].values + w->rows[takes].n++ * CALL_COLUMNS,
                    &chain, w->pool);
    }
}

static int is_first(const write_t *w, const qdn_event_t *e)
{
    return e->call_sid && *find_call(w, e->call_sid) == CALL_FIRST;
}

static apr_status_t write_those(write_t *w, const qdn_store_insert_t *how,
                                const qdn_event_t *const *events, int n)
{
    const char **values =
        apr_palloc(w->pool, (apr_size_t)n * EVENT_COLUMNS * sizeof(*values));

    for (int i = 0; i < n; i++) {
        event_values(values + i * EVENT_COLUMNS, events[i], w->pool);
    }
    return qdn_store_insert(w->store, how, values, n, w->pool);
}

static apr_status_t write_events(write_t *w)
{
    apr_size_t room =
        (apr_size_t)(w->events->nelts + w->batch->nevents + w->added->nelts);
    const qdn_event_t **events = apr_palloc(w->pool, room * sizeof(*events));
    apr_status_t rv;
    int n = 0;

    for (int i = 0; i < w->events->nelts; i++) {
        const qdn_event_t *e = &APR_ARRAY_IDX(w->events, i, qdn_event_t);

        if (is_first(w, e)) {
            events[n++] = e;
        }
    }
    rv = write_those(w, &first_events, events, n);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    n = 0;
    for (int i = 0; i < w->batch->nevents; i++) {
        if (!is_first(w, &w->fitted[i])) {
            events[n++] = &w->fitted[i];
        }
    }
    for (int i = 0; i < w->added->nelts; i++) {
        events[n++] = &APR_ARRAY_IDX(w->added, i, qdn_event_t);
    }
    return write_those(w, &put_events, events, n);
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

static apr_status_t write_calls(write_t *w)
{
    static const qdn_store_insert_t *const how[] = {
        [CALL_NEW] = &new_calls,
        [CALL_KNOWN] = &put_calls,
        [CALL_FIRST] = &first_calls,
    };
    apr_status_t rv = APR_SUCCESS;

    for (int i = CALL_NEW; rv == APR_SUCCESS && i <= CALL_FIRST; i++) {
        rv = qdn_store_insert(w->store, how[i], w->rows[i].values, w->rows[i].n,
                              w->pool);
    }
    return rv;
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
        rv = write_calls(w);
    }
    if (rv == APR_SUCCESS) {
        rv = write_events(w);
    }
    if (rv == QDN_ECONFLICT || (rv && qdn_store_collided(w->store))) {
        return APR_EAGAIN;
    }
    return rv == APR_SUCCESS ? rv : QDN_EREFUSED;
}

static apr_status_t write_once(write_t *w)
{
    apr_status_t rv;

    collect_calls(w);
    hope(w);
    rv = qdn_store_begin(w->store);
    if (rv == APR_SUCCESS) {
        rv = write_rows(w);
    }
    if (rv == APR_SUCCESS) {
        rv = write_positions(w);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_store_commit(w->store);
    }
    if (rv != APR_SUCCESS) {
        qdn_store_rollback(w->store);
    }
    if (rv == APR_EGENERAL && qdn_store_collided(w->store)) {
        rv = APR_EAGAIN;
    }
    return rv;
}

apr_status_t qdn_ledger_write(qdn_store_t *store,
                              const qdn_ledger_batch_t *batch,
                              apr_pool_t *ptemp)
{
    write_t w = { .store = store, .batch = batch, .hopeful = 1, .pool = ptemp };
    apr_status_t rv = write_once(&w);

    if (rv == QDN_EREFUSED) {
        w = (write_t){ .store = store, .batch = batch, .pool = ptemp };
        rv = write_once(&w);
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
