/* SPDX-License-Identifier: Apache-2.0 */
#include "retention.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include "erase.h"
#include "status.h"
#include "text.h"

/* Statuses are kept so much longer than calls. */
#define STATUS_KEEP apr_time_from_sec(400 * 86400LL)

typedef struct doomed_t {
    qdn_store_t *store;
    const char *host;
    apr_time_t now;
    apr_interval_time_t keep;
    apr_time_t before;
    apr_array_header_t *calls;   /* const char * */
    const char *list;            /* of the same: quoted, with commas */
    apr_array_header_t *changes; /* qdn_erase_entry_t */
    apr_pool_t *pool;
} doomed_t;

static void keep_time(void *baton, const char *const *values)
{
    if (values[0]) {
        *(apr_time_t *)baton = apr_atoi64(values[0]);
    }
}

static apr_status_t find_newest(doomed_t *d, apr_time_t *pnewest)
{
    *pnewest = 0;
    return qdn_store_select(d->store, "SELECT MAX(started_at) FROM qdn_call",
                            keep_time, pnewest, d->pool);
}

static void doom(void *baton, const char *const *values)
{
    doomed_t *d = baton;

    APR_ARRAY_PUSH(d->calls, const char *) = values[0];
}

/* Without a lock, since in the order of their age nobody else locks them. */
static apr_status_t find_calls(doomed_t *d)
{
    const char *sql = apr_psprintf(
        d->pool,
        "SELECT call_sid FROM qdn_call WHERE started_at < %" APR_TIME_T_FMT
        " ORDER BY started_at, call_sid LIMIT %d",
        d->before, QDN_RETENTION_BATCH);

    return qdn_store_select(d->store, sql, doom, d, d->pool);
}

/* What is left of them, in the order in which every writer locks. */
static apr_status_t lock_calls(doomed_t *d)
{
    const apr_array_header_t *found = d->calls;
    const char *after = apr_psprintf(
        d->pool, "AND started_at < %" APR_TIME_T_FMT " ORDER BY call_sid%s",
        d->before, qdn_store_dialect(d->store)->lock);
    qdn_text_t t;
    apr_status_t rv;

    d->calls = apr_array_make(d->pool, found->nelts, sizeof(const char *));
    rv = qdn_store_select_in(d->store,
                             "SELECT call_sid FROM qdn_call WHERE call_sid",
                             (const char *const *)(const void *)found->elts,
                             found->nelts, after, doom, d, d->pool);
    qdn_text_init(&t, (apr_size_t)d->calls->nelts * 40, d->pool);
    for (int i = 0; i < d->calls->nelts; i++) {
        qdn_text_add(&t, i ? "," : "");
        qdn_text_add(&t, qdn_store_quote(
                             d->store, APR_ARRAY_IDX(d->calls, i, const char *),
                             d->pool));
    }
    d->list = t.buf;
    return rv;
}

static apr_status_t delete_calls(doomed_t *d, const char *table)
{
    if (d->calls->nelts == 0) {
        return APR_SUCCESS;
    }
    return qdn_store_run(d->store, apr_pstrcat(d->pool, "DELETE FROM ", table,
                                               " WHERE call_sid IN (", d->list,
                                               ")", NULL));
}

/*
 * A status set by hand may be in force until it is changed: hosts read it
 * from SQL for as long as service/reader.c looks back.
 */
static const char *old_enough(const doomed_t *d)
{
    return apr_psprintf(
        d->pool,
        "call_sid IS NULL AND at < %" APR_TIME_T_FMT
        " AND (kind <> 'status.changed' OR at < %" APR_TIME_T_FMT ")",
        d->before, d->before - STATUS_KEEP);
}

/* Without a proof that would miss it. */
static apr_status_t delete_callless(doomed_t *d)
{
    return qdn_store_run(
        d->store,
        apr_pstrcat(d->pool, "DELETE FROM qdn_event WHERE ", old_enough(d),
                    " AND NOT EXISTS (SELECT 1 FROM qdn_audit a"
                    " WHERE a.event_id = qdn_event.id)",
                    NULL));
}

static void keep_change(void *baton, const char *const *row)
{
    doomed_t *d = baton;

    APR_ARRAY_PUSH(d->changes, qdn_erase_entry_t) =
        (qdn_erase_entry_t){ row[0], row[1], row[2], row[3], row[4] };
}

/* Without salts there is nothing left to erase. */
static apr_status_t find_changes(doomed_t *d)
{
    d->changes = apr_array_make(d->pool, 8, sizeof(qdn_erase_entry_t));
    return qdn_store_select(
        d->store,
        apr_psprintf(d->pool,
                     "SELECT a.host, a.seq, a.event_id, a.salts, e.detail"
                     " FROM qdn_audit a JOIN"
                     " (SELECT id, detail FROM qdn_event WHERE %s"
                     " AND kind <> 'privacy.forgotten') e ON e.id = a.event_id"
                     " WHERE a.at < %" APR_TIME_T_FMT
                     " AND a.salts IS NOT NULL AND a.fields <> '{}'"
                     " ORDER BY a.at, a.event_id LIMIT %d",
                     old_enough(d), d->before, QDN_RETENTION_BATCH),
        keep_change, d, d->pool);
}

static apr_status_t erase_changes(doomed_t *d)
{
    apr_array_header_t *names =
        apr_array_make(d->pool, 8, sizeof(const char *));
    const qdn_erase_note_t note = { .host = d->host,
                                    .now = d->now,
                                    .names = names,
                                    .events = d->changes->nelts,
                                    .keep = d->keep };
    apr_status_t rv = APR_SUCCESS;

    for (int i = 0; rv == APR_SUCCESS && i < d->changes->nelts; i++) {
        rv = qdn_erase_members(d->store,
                               &APR_ARRAY_IDX(d->changes, i, qdn_erase_entry_t),
                               NULL, names, d->pool);
    }
    return rv == APR_SUCCESS && d->changes->nelts
               ? qdn_erase_tell(d->store, &note, d->pool)
               : rv;
}

static apr_status_t delete_all(doomed_t *d)
{
    apr_status_t rv = lock_calls(d);

    if (rv == APR_SUCCESS) {
        rv = delete_calls(d, "qdn_event");
    }
    if (rv == APR_SUCCESS) {
        rv = delete_calls(d, "qdn_call");
    }
    if (rv == APR_SUCCESS) {
        rv = delete_callless(d);
    }
    if (rv == APR_SUCCESS) {
        rv = erase_changes(d);
    }
    return rv == APR_SUCCESS ? qdn_store_commit(d->store) : rv;
}

apr_status_t qdn_retention_purge(qdn_store_t *store, const char *host,
                                 apr_time_t now, apr_interval_time_t keep,
                                 int *pmore, apr_pool_t *ptemp)
{
    doomed_t d = {
        .store = store, .host = host, .now = now, .keep = keep, .pool = ptemp
    };
    apr_time_t newest;
    apr_status_t rv = find_newest(&d, &newest);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    d.before = (newest < now ? newest : now) - keep;
    d.calls = apr_array_make(ptemp, QDN_RETENTION_BATCH, sizeof(const char *));
    rv = find_calls(&d);
    if (rv == APR_SUCCESS) {
        rv = find_changes(&d);
    }
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *pmore = d.calls->nelts == QDN_RETENTION_BATCH ||
             d.changes->nelts == QDN_RETENTION_BATCH;
    rv = qdn_store_begin(store);
    if (rv == APR_SUCCESS) {
        rv = delete_all(&d);
    }
    if (rv != APR_SUCCESS) {
        qdn_store_rollback(store);
        rv = rv == QDN_ECONFLICT || qdn_store_collided(store) ? APR_EAGAIN : rv;
    }
    return rv;
}
