/* SPDX-License-Identifier: Apache-2.0 */
#include "retention.h"

#include <apr_strings.h>
#include "text.h"

typedef struct doomed_t {
    qdn_store_t *store;
    qdn_text_t list; /* quoted, with commas */
    int calls;
    apr_pool_t *pool;
} doomed_t;

static void doom(void *baton, const char *const *values)
{
    doomed_t *d = baton;

    if (d->calls++) {
        qdn_text_addc(&d->list, ',');
    }
    qdn_text_add(&d->list, qdn_store_quote(d->store, values[0], d->pool));
}

static apr_status_t find_calls(doomed_t *d, apr_time_t before)
{
    const char *sql = apr_psprintf(
        d->pool,
        "SELECT call_sid FROM qdn_call WHERE started_at < %" APR_TIME_T_FMT
        " ORDER BY started_at, call_sid LIMIT %d",
        before, QDN_RETENTION_BATCH);

    return qdn_store_select(d->store, sql, doom, d, d->pool);
}

static apr_status_t delete_calls(doomed_t *d, const char *table)
{
    if (d->calls == 0) {
        return APR_SUCCESS;
    }
    return qdn_store_run(d->store, apr_pstrcat(d->pool, "DELETE FROM ", table,
                                               " WHERE call_sid IN (",
                                               d->list.buf, ")", NULL));
}

static apr_status_t delete_callless(doomed_t *d, apr_time_t before)
{
    return qdn_store_run(
        d->store, apr_psprintf(d->pool,
                               "DELETE FROM qdn_event WHERE call_sid IS NULL"
                               " AND at < %" APR_TIME_T_FMT,
                               before));
}

apr_status_t qdn_retention_purge(qdn_store_t *store, apr_time_t before,
                                 int *pmore, apr_pool_t *ptemp)
{
    doomed_t d = { .store = store, .pool = ptemp };
    apr_status_t rv;

    *pmore = 0;
    qdn_text_init(&d.list, 1024, ptemp);
    rv = find_calls(&d, before);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = qdn_store_begin(store);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if ((rv = delete_calls(&d, "qdn_event")) != APR_SUCCESS ||
        (rv = delete_calls(&d, "qdn_call")) != APR_SUCCESS ||
        (rv = delete_callless(&d, before)) != APR_SUCCESS) {
        qdn_store_rollback(store);
        return rv;
    }
    *pmore = d.calls == QDN_RETENTION_BATCH;
    return qdn_store_commit(store);
}
