/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction of the drain: events, their calls, sums, the positions. */
#include <string.h>
#include <apr_strings.h>
#include "audit.h"
#include "ledger_calls.h"
#include "schema.h"
#include "status.h"

#define PAGE 1024 /* calls that a recount looks at */

static int is_first(const qdn_ledger_work_t *w, const qdn_event_t *e)
{
    return e->call_sid &&
           qdn_ledger_find(w, e->call_sid)->take == QDN_LEDGER_FIRST;
}

static apr_status_t write_events(qdn_ledger_work_t *w)
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
    rv = qdn_ledger_put_events(w->store, events, n, QDN_LEDGER_FIRST, w->pool);
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
    return qdn_ledger_put_events(w->store, events, n, QDN_LEDGER_NEW, w->pool);
}

static apr_status_t write_calls(qdn_ledger_work_t *w)
{
    apr_status_t rv = APR_SUCCESS;

    for (int i = 0; rv == APR_SUCCESS && i < QDN_LEDGER_TAKES; i++) {
        rv = qdn_ledger_put_calls(w->store, w->rows[i], (qdn_ledger_take_e)i,
                                  w->pool);
    }
    return rv;
}

/*
 * The part of a write that depends on what is in the events. Two hosts may
 * find the same call new. Then the second waits here for the commit of the
 * first, and begins again, because the call is known now.
 */
static apr_status_t write_rows(qdn_ledger_work_t *w)
{
    apr_status_t rv = qdn_ledger_read(w);

    if (rv == APR_SUCCESS) {
        qdn_ledger_project(w);
        rv = write_calls(w);
    }
    if (rv == APR_SUCCESS) {
        rv = write_events(w);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_audit_extend(w->store, w->batch->host, w->batch->events,
                              w->batch->nevents, w->pool);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_rollup_write(w->store, w->rollup, w->batch->host, w->pool);
    }
    if (rv == QDN_ECONFLICT || (rv && qdn_store_collided(w->store))) {
        return APR_EAGAIN;
    }
    return rv == APR_SUCCESS ? rv : QDN_EREFUSED;
}

static apr_status_t write_once(qdn_ledger_work_t *w)
{
    apr_status_t rv = qdn_store_begin(w->store);

    if (rv == APR_SUCCESS) {
        rv = write_rows(w);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_ledger_put_positions(w->store, w->batch, w->pool);
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

/* Once for each call: whose row had no end before. */
static void tell_ended(const qdn_ledger_work_t *w)
{
    const qdn_ledger_batch_t *batch = w->batch;

    for (int take = 0; batch->ended && take < QDN_LEDGER_TAKES; take++) {
        const apr_array_header_t *rows = w->rows[take];

        for (int i = 0; i < rows->nelts; i++) {
            const qdn_chain_t *is = &APR_ARRAY_IDX(rows, i, qdn_chain_t);
            const qdn_ledger_known_t *was = qdn_ledger_find(w, is->call_sid);

            if (is->ended_at && was && !was->before.ended_at) {
                batch->ended(batch->ended_baton, is->line, is->outcome);
            }
        }
    }
}

apr_status_t qdn_ledger_write(qdn_store_t *store,
                              const qdn_ledger_batch_t *batch,
                              apr_pool_t *ptemp)
{
    qdn_ledger_work_t w = { .store = store, .batch = batch, .pool = ptemp };
    apr_status_t rv;

    qdn_ledger_collect(&w);
    qdn_ledger_hope(&w);
    rv = write_once(&w);
    if (rv == QDN_EREFUSED) {
        w = (qdn_ledger_work_t){ .store = store,
                                 .batch = batch,
                                 .pool = ptemp };
        qdn_ledger_collect(&w);
        rv = write_once(&w);
    }
    if (rv == APR_SUCCESS) {
        tell_ended(&w);
    }
    return rv;
}

/************** what an older version wrote **************/

typedef struct uncounted_t {
    const char *sids[PAGE];
    int n;
    int looked;       /* at how many calls */
    const char *last; /* of those */
} uncounted_t;

/* Page by page, because an index of what is missing would be kept for ever. */
static void look(void *baton, const char *const *row)
{
    uncounted_t *found = baton;

    if (found->n == QDN_LEDGER_RECOUNT) {
        return;
    }
    found->looked++;
    found->last = row[0];
    if (!row[1]) {
        found->sids[found->n++] = row[0];
    }
}

apr_status_t qdn_ledger_recount(qdn_store_t *store, const char *host,
                                const qdn_plan_t *plan,
                                char after[QDN_LEDGER_SID], int *pmore,
                                apr_pool_t *ptemp)
{
    qdn_ledger_batch_t batch = { .host = host, .plan = plan };
    qdn_ledger_work_t w = { .store = store, .batch = &batch, .pool = ptemp };
    uncounted_t found = { .n = 0 };
    const char *sql =
        apr_psprintf(ptemp,
                     "SELECT call_sid, day FROM qdn_call WHERE call_sid > %s"
                     " ORDER BY call_sid LIMIT %d",
                     qdn_store_quote(store, after, ptemp), PAGE);
    apr_status_t rv = qdn_store_select(store, sql, look, &found, ptemp);

    if (rv == APR_SUCCESS && found.n > 0) {
        qdn_ledger_take(&w, found.sids, found.n);
        rv = write_once(&w);
    }
    if (rv == APR_SUCCESS) {
        *pmore = found.looked > 0;
        apr_cpystrn(after, found.last ? found.last : after, QDN_LEDGER_SID);
    }
    return rv == QDN_EREFUSED ? APR_EGENERAL : rv;
}

/************** is it the row's fault **************/

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
    qdn_ledger_work_t w = { .store = store, .batch = &batch, .pool = ptemp };
    apr_status_t rv;

    twin.kind = QDN_KIND_CONFIG_LOADED;
    twin.reason = QDN_REASON_NONE;
    twin.host = like->host ? innocent_text(like->host, ptemp) : "probe";
    batch.host = twin.host;
    twin.line = innocent_text(like->line, ptemp);
    twin.operator= innocent_text(like->operator, ptemp);
    twin.phone = innocent_text(like->phone, ptemp);
    twin.detail = innocent_text(like->detail ? like->detail : "", ptemp);
    twin.config = innocent_text(like->config, ptemp);
    if (!twin.id[0]) {
        qdn_event_identify(&twin, "probe");
    }
    qdn_ledger_collect(&w);
    rv = qdn_store_begin(store);
    if (rv == APR_SUCCESS) {
        rv = write_rows(&w);
        qdn_store_rollback(store);
    }
    return rv == APR_SUCCESS ? rv : APR_EGENERAL;
}
