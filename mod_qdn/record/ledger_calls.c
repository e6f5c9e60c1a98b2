/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of a write: what SQL has of them, and what they become. */
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include "ledger_calls.h"
#include "supersede.h"

/************** which calls **************/

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of sids everywhere, so that two writers cannot deadlock. */
void qdn_ledger_take(qdn_ledger_work_t *w, const char **sids, int n)
{
    w->calls = apr_pcalloc(w->pool, ((apr_size_t)n + 1) * sizeof(*w->calls));
    qsort(sids, (size_t)n, sizeof(*sids), by_text);
    for (int i = 0; i < n; i++) {
        if (w->ncalls == 0 || strcmp(w->calls[w->ncalls - 1].sid, sids[i])) {
            w->calls[w->ncalls++].sid = sids[i];
        }
    }
}

void qdn_ledger_collect(qdn_ledger_work_t *w)
{
    apr_size_t room = (apr_size_t)w->batch->nevents + 1;
    const char **sids = apr_palloc(w->pool, room * sizeof(*sids));
    int n = 0;

    w->fitted = apr_palloc(w->pool, room * sizeof(*w->fitted));
    for (int i = 0; i < w->batch->nevents; i++) {
        w->fitted[i] = w->batch->events[i];
        qdn_ledger_fit(&w->fitted[i], w->pool);
        if (w->fitted[i].call_sid) {
            sids[n++] = w->fitted[i].call_sid;
        }
    }
    qdn_ledger_take(w, sids, n);
}

static int by_sid(const void *key, const void *call)
{
    return strcmp(key, ((const qdn_ledger_known_t *)call)->sid);
}

qdn_ledger_known_t *qdn_ledger_find(const qdn_ledger_work_t *w,
                                    const char *call_sid)
{
    return bsearch(call_sid, w->calls, (size_t)w->ncalls, sizeof(*w->calls),
                   by_sid);
}

/*
 * Nothing of a call is in SQL before it has begun, but for a webhook that
 * came twice or that another host took: rare enough to try first and see.
 */
void qdn_ledger_hope(qdn_ledger_work_t *w)
{
    for (int i = 0; i < w->batch->nevents; i++) {
        const qdn_event_t *e = &w->fitted[i];

        if (e->kind == QDN_KIND_CALL_RECEIVED && e->call_sid) {
            qdn_ledger_find(w, e->call_sid)->take = QDN_LEDGER_FIRST;
        }
    }
}

static const char **calls_taken_for(const qdn_ledger_work_t *w,
                                    qdn_ledger_take_e take, int *pn)
{
    const char **sids =
        apr_palloc(w->pool, ((apr_size_t)w->ncalls + 1) * sizeof(*sids));

    *pn = 0;
    for (int i = 0; i < w->ncalls; i++) {
        if (w->calls[i].take == take) {
            sids[(*pn)++] = w->calls[i].sid;
        }
    }
    return sids;
}

/************** what SQL has of them **************/

static void keep_known(void *baton, const char *const *row)
{
    qdn_ledger_known_t *call = qdn_ledger_find(baton, row[0]);

    if (call) {
        call->take = QDN_LEDGER_KNOWN;
        qdn_ledger_call(&call->before, row);
    }
}

/*
 * A call has a row as long as it has events, so of one that has none all
 * events are in the batch. In the order of sids, like every writer.
 */
static apr_status_t lock_known(qdn_ledger_work_t *w)
{
    int n;
    const char **sids = calls_taken_for(w, QDN_LEDGER_NEW, &n);

    return qdn_store_select_in(
        w->store,
        "SELECT " QDN_LEDGER_CALL_COLUMNS " FROM qdn_call WHERE call_sid", sids,
        n,
        apr_pstrcat(w->pool, "ORDER BY call_sid",
                    qdn_store_dialect(w->store)->lock, NULL),
        keep_known, w, w->pool);
}

static void keep_event(void *baton, const char *const *row)
{
    qdn_ledger_work_t *w = baton;
    qdn_event_t e;

    /*
     * What a newer version wrote has no place in this version's rules, and
     * MariaDB takes texts for equal that end in different blanks.
     */
    if (qdn_ledger_event(&e, row) == APR_SUCCESS &&
        qdn_ledger_find(w, e.call_sid)) {
        APR_ARRAY_PUSH(w->events, qdn_event_t) = e;
    }
}

static apr_status_t read_known(qdn_ledger_work_t *w)
{
    int n;
    const char **sids = calls_taken_for(w, QDN_LEDGER_KNOWN, &n);

    return qdn_store_select_in(w->store,
                               "SELECT " QDN_LEDGER_EVENT_COLUMNS
                               " FROM qdn_event "
                               "WHERE call_sid",
                               sids, n, "", keep_event, w, w->pool);
}

/* The batch's, without those that SQL has; of the same id the first. */
static void add_batch(qdn_ledger_work_t *w)
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

apr_status_t qdn_ledger_read(qdn_ledger_work_t *w)
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

static void add_superseded(qdn_ledger_work_t *w, const qdn_event_t *events,
                           int n)
{
    const apr_array_header_t *list = qdn_supersede_find(events, n, w->pool);

    for (int i = 0; list && i < list->nelts; i++) {
        qdn_supersede_event(apr_array_push(w->added),
                            &APR_ARRAY_IDX(list, i, qdn_superseded_t), w->pool);
    }
}

/* The call's row is this now; what it was comes out of the sums. */
static void add_row(qdn_ledger_work_t *w, qdn_ledger_known_t *call,
                    qdn_chain_t *chain)
{
    qdn_rollup_when(w->batch->plan, chain->line, chain->started_at, &chain->day,
                    &chain->hour);
    qdn_rollup_add(w->rollup, &call->before, -1);
    qdn_rollup_add(w->rollup, chain, 1);
    APR_ARRAY_PUSH(w->rows[call->take], qdn_chain_t) = *chain;
    call->projected = 1;
}

static void add_as_it_stands(qdn_ledger_work_t *w)
{
    for (int i = 0; i < w->ncalls; i++) {
        qdn_ledger_known_t *call = &w->calls[i];

        if (call->take == QDN_LEDGER_KNOWN && !call->projected &&
            !call->before.day) {
            qdn_chain_t chain = call->before;

            add_row(w, call, &chain);
        }
    }
}

void qdn_ledger_project(qdn_ledger_work_t *w)
{
    const qdn_event_t *e = (const qdn_event_t *)(const void *)w->events->elts;
    const qdn_event_t *end = e + w->events->nelts;

    for (int i = 0; i < QDN_LEDGER_TAKES; i++) {
        w->rows[i] = apr_array_make(w->pool, w->ncalls, sizeof(qdn_chain_t));
    }
    w->rollup = qdn_rollup_create(w->pool);
    w->added = apr_array_make(w->pool, 4, sizeof(qdn_event_t));
    while (e < end) {
        const qdn_event_t *first = e;
        qdn_chain_t chain;

        while (e < end && !strcmp(e->call_sid, first->call_sid)) {
            e++;
        }
        qdn_chain_project(&chain, first, (int)(e - first), w->pool);
        add_superseded(w, first, (int)(e - first));
        add_row(w, qdn_ledger_find(w, first->call_sid), &chain);
    }
    add_as_it_stands(w);
}
