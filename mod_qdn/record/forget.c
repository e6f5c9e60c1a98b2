/* SPDX-License-Identifier: Apache-2.0 */
#include "forget.h"

#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include "erase.h"
#include "event.h"
#include "redact.h"
#include "status.h"
#include "text.h"

/* Another transaction may be in the way so often before we give up. */
#define TRIES 20
#define PAUSE apr_time_from_msec(50)

typedef struct work_t {
    qdn_store_t *store;
    const qdn_forget_order_t *order;
    qdn_forget_t *done;
    apr_array_header_t *chained; /* const char *: ids of audited events */
    apr_array_header_t *plain;   /* likewise: of the others */
    apr_array_header_t *calls;   /* const char *: sids */
    apr_array_header_t *plans;   /* const char *: revisions */
    apr_pool_t *pool;
    apr_pool_t *scratch; /* of a page, or a transaction */
} work_t;

/************** where it stands **************/

/* A page of a table, in the order of its key. */
typedef struct page_t {
    work_t *work;
    const char *last; /* key */
    int rows;
} page_t;

/* Rows are key, text and whether it has an entry. */
static void take_row(page_t *page, const char *const *row,
                     apr_array_header_t *to)
{
    page->rows++;
    page->last = apr_pstrdup(page->work->pool, row[0]);
    if (qdn_redact_find(row[1], page->work->order->number)) {
        APR_ARRAY_PUSH(to, const char *) = page->last;
    }
}

static void take_event(void *baton, const char *const *row)
{
    page_t *page = baton;

    take_row(page, row, row[2] ? page->work->chained : page->work->plain);
}

static void take_call(void *baton, const char *const *row)
{
    page_t *page = baton;

    take_row(page, row, page->work->calls);
}

static void take_plan(void *baton, const char *const *row)
{
    page_t *page = baton;

    take_row(page, row, page->work->plans);
}

static const struct {
    const char *select; /* up to the key of the page before */
    const char *and;
    const char *key;
    qdn_store_row_cb *take;
} places[] = {
    { "SELECT e.id, e.detail, a.event_id FROM qdn_event e"
      " LEFT JOIN qdn_audit a ON a.event_id = e.id WHERE e.id > ",
      " AND e.detail LIKE ", "e.id", take_event },
    { "SELECT call_sid, caller FROM qdn_call WHERE call_sid > ",
      " AND caller LIKE ", "call_sid", take_call },
    { "SELECT revision, plan FROM qdn_plan WHERE revision > ",
      " AND plan LIKE ", "revision", take_plan },
};

#define PLACES (sizeof(places) / sizeof(places[0]))

static apr_status_t look(work_t *w, apr_size_t place)
{
    page_t page = { .work = w, .last = "", .rows = QDN_FORGET_BATCH };
    apr_status_t rv = APR_SUCCESS;

    while (rv == APR_SUCCESS && page.rows == QDN_FORGET_BATCH) {
        apr_pool_clear(w->scratch);
        page.rows = 0;
        rv = qdn_store_select(
            w->store,
            apr_psprintf(
                w->scratch, "%s%s%s%s ORDER BY %s LIMIT %d",
                places[place].select,
                qdn_store_quote(w->store, page.last, w->scratch),
                places[place].and,
                qdn_store_quote(w->store,
                                qdn_redact_like(w->order->number, w->scratch),
                                w->scratch),
                places[place].key, QDN_FORGET_BATCH),
            places[place].take, &page, w->scratch);
    }
    return rv;
}

static void keep_text(void *baton, const char *const *row)
{
    *(const char **)baton = row[0];
}

/* What is in the configuration would be written again at the next start. */
static apr_status_t check_plan(work_t *w)
{
    const char *revision = NULL, *plan = NULL;
    apr_status_t rv = qdn_store_select(
        w->store,
        "SELECT config FROM qdn_event WHERE call_sid IS NULL"
        " AND kind = 'config.loaded' ORDER BY at DESC, id DESC LIMIT 1",
        keep_text, &revision, w->pool);

    if (rv == APR_SUCCESS && revision) {
        rv = qdn_store_select(
            w->store,
            apr_pstrcat(w->pool, "SELECT plan FROM qdn_plan WHERE revision = ",
                        qdn_store_quote(w->store, revision, w->pool), NULL),
            keep_text, &plan, w->pool);
    }
    return rv == APR_SUCCESS && qdn_redact_find(plan, w->order->number)
               ? QDN_EREFUSED
               : rv;
}

/************** transactions **************/

/* A batch of keys: quoted, with commas, for IN. */
static const char *list_of(work_t *w, const apr_array_header_t *keys, int from,
                           int n)
{
    qdn_text_t t;

    qdn_text_init(&t, (apr_size_t)n * 40 + 1, w->scratch);
    for (int i = from; i < from + n; i++) {
        qdn_text_add(&t, i > from ? "," : "");
        qdn_text_add(&t, qdn_store_quote(w->store,
                                         APR_ARRAY_IDX(keys, i, const char *),
                                         w->scratch));
    }
    return t.buf;
}

/* Rows that are locked: key, text, and of audited ones host, seq, salts. */
typedef struct row_t {
    const char *key, *text;
    const char *host, *seq, *salts;
} row_t;

static void keep_row(void *baton, const char *const *row)
{
    APR_ARRAY_PUSH((apr_array_header_t *)baton, row_t) =
        (row_t){ .key = row[0], .text = row[1] };
}

static void keep_entry(void *baton, const char *const *row)
{
    apr_array_header_t *rows = baton;

    for (int i = 0; i < rows->nelts; i++) {
        row_t *r = &APR_ARRAY_IDX(rows, i, row_t);

        if (!strcmp(r->key, row[0])) {
            r->host = row[1];
            r->seq = row[2];
            r->salts = row[3];
        }
    }
}

/* Once more, since somebody may have erased another number meanwhile. */
static apr_status_t lock_rows(work_t *w, const char *select, const char *key,
                              const char *list, apr_array_header_t **prows)
{
    *prows = apr_array_make(w->scratch, QDN_FORGET_BATCH, sizeof(row_t));
    return qdn_store_select(w->store,
                            apr_pstrcat(w->scratch, select, " WHERE ", key,
                                        " IN (", list, ") ORDER BY ", key,
                                        qdn_store_dialect(w->store)->lock,
                                        NULL),
                            keep_row, *prows, w->scratch);
}

/* The audited events, and the entry that says that all of it was erased. */
static apr_status_t erase_chained(work_t *w, const char *list)
{
    apr_array_header_t *names =
        apr_array_make(w->pool, 8, sizeof(const char *));
    const qdn_erase_note_t note = { .host = w->order->host,
                                    .now = w->order->now,
                                    .names = names,
                                    .calls = w->calls->nelts,
                                    .events =
                                        w->chained->nelts + w->plain->nelts,
                                    .who = w->order->who,
                                    .why = w->order->why };
    apr_array_header_t *rows =
        apr_array_make(w->scratch, 1, sizeof(const char *));
    apr_status_t rv = APR_SUCCESS;

    if (*list) {
        rv =
            lock_rows(w, "SELECT id, detail FROM qdn_event", "id", list, &rows);
    }
    if (rv == APR_SUCCESS && *list) {
        rv = qdn_store_select(
            w->store,
            apr_pstrcat(w->scratch,
                        "SELECT event_id, host, seq, salts FROM qdn_audit"
                        " WHERE event_id IN (",
                        list, ")", NULL),
            keep_entry, rows, w->scratch);
    }
    for (int i = 0; rv == APR_SUCCESS && i < rows->nelts; i++) {
        const row_t *r = &APR_ARRAY_IDX(rows, i, row_t);
        const qdn_erase_entry_t entry = { r->host, r->seq, r->key, r->salts,
                                          r->text };

        rv = qdn_erase_members(w->store, &entry, w->order->number, names,
                               w->scratch);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_erase_tell(w->store, &note, w->scratch);
    }
    w->done->erased = names;
    return rv;
}

static apr_status_t erase_text(work_t *w, const char *table, const char *column,
                               const char *key, const char *list)
{
    const char *select = apr_pstrcat(w->scratch, "SELECT ", key, ", ", column,
                                     " FROM ", table, NULL);
    apr_array_header_t *rows;
    apr_status_t rv = lock_rows(w, select, key, list, &rows);

    for (int i = 0; rv == APR_SUCCESS && i < rows->nelts; i++) {
        const row_t *r = &APR_ARRAY_IDX(rows, i, row_t);
        const char *text = qdn_redact_json(r->text ? r->text : "",
                                           w->order->number, w->scratch);

        rv = qdn_store_run(
            w->store,
            apr_pstrcat(w->scratch, "UPDATE ", table, " SET ", column, " = ",
                        qdn_store_quote(w->store, text, w->scratch), " WHERE ",
                        key, " = ",
                        qdn_store_quote(w->store, r->key, w->scratch), NULL));
    }
    return rv;
}

static apr_status_t erase_plain(work_t *w, const char *list)
{
    return erase_text(w, "qdn_event", "detail", "id", list);
}

static apr_status_t erase_plans(work_t *w, const char *list)
{
    return erase_text(w, "qdn_plan", "plan", "revision", list);
}

/*
 * After the events: a drain that computes a row again either holds it until
 * we lock it here, or finds events without the number.
 */
static apr_status_t erase_callers(work_t *w, const char *list)
{
    apr_array_header_t *rows;
    apr_status_t rv = lock_rows(w, "SELECT call_sid, caller FROM qdn_call",
                                "call_sid", list, &rows);

    return rv == APR_SUCCESS
               ? qdn_store_run(w->store,
                               apr_pstrcat(w->scratch,
                                           "UPDATE qdn_call SET caller = NULL"
                                           " WHERE call_sid IN (",
                                           list, ")", NULL))
               : rv;
}

typedef apr_status_t erase_fn(work_t *w, const char *list);

static apr_status_t try_batch(work_t *w, erase_fn *erase,
                              const apr_array_header_t *keys, int from, int n)
{
    apr_status_t rv;

    apr_pool_clear(w->scratch);
    rv = qdn_store_begin(w->store);
    if (rv == APR_SUCCESS) {
        rv = erase(w, list_of(w, keys, from, n));
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_store_commit(w->store);
    }
    if (rv != APR_SUCCESS) {
        qdn_store_rollback(w->store);
        rv = rv == QDN_ECONFLICT || qdn_store_collided(w->store) ? APR_EAGAIN
                                                                 : rv;
    }
    return rv;
}

static apr_status_t do_batch(work_t *w, erase_fn *erase,
                             const apr_array_header_t *keys, int from, int n)
{
    apr_status_t rv = APR_EAGAIN;

    for (int i = 0; rv == APR_EAGAIN && i < TRIES; i++) {
        if (i) {
            apr_sleep(PAUSE);
        }
        rv = try_batch(w, erase, keys, from, n);
    }
    return rv;
}

static apr_status_t do_all(work_t *w, erase_fn *erase,
                           const apr_array_header_t *keys)
{
    apr_status_t rv = APR_SUCCESS;

    for (int i = 0; rv == APR_SUCCESS && i < keys->nelts;
         i += QDN_FORGET_BATCH) {
        int n = keys->nelts - i;

        rv = do_batch(w, erase, keys, i,
                      n < QDN_FORGET_BATCH ? n : QDN_FORGET_BATCH);
    }
    return rv;
}

/************** the order **************/

/*
 * SQLite leaves what was overwritten in free parts of its files, unless it
 * is told not to; a checkpoint that readers hinder is made later by the next.
 */
static apr_status_t scrub(work_t *w, const char *pragma)
{
    return strcmp(qdn_store_dialect(w->store)->driver, "sqlite3")
               ? APR_SUCCESS
               : qdn_store_run(w->store, pragma);
}

static apr_status_t find_all(work_t *w)
{
    apr_status_t rv = check_plan(w);

    w->chained = apr_array_make(w->pool, 8, sizeof(const char *));
    w->plain = apr_array_make(w->pool, 8, sizeof(const char *));
    w->calls = apr_array_make(w->pool, 8, sizeof(const char *));
    w->plans = apr_array_make(w->pool, 8, sizeof(const char *));
    for (apr_size_t i = 0; rv == APR_SUCCESS && i < PLACES; i++) {
        rv = look(w, i);
    }
    return rv;
}

static apr_status_t erase_all(work_t *w)
{
    apr_status_t rv = scrub(w, "PRAGMA secure_delete = ON");

    if (rv == APR_SUCCESS) {
        rv = do_batch(w, erase_chained, w->chained, 0, w->chained->nelts);
    }
    if (rv == APR_SUCCESS) {
        rv = do_all(w, erase_plain, w->plain);
    }
    if (rv == APR_SUCCESS) {
        rv = do_all(w, erase_callers, w->calls);
    }
    if (rv == APR_SUCCESS) {
        rv = do_all(w, erase_plans, w->plans);
    }
    return rv == APR_SUCCESS ? scrub(w, "PRAGMA wal_checkpoint(TRUNCATE)") : rv;
}

apr_status_t qdn_forget_number(qdn_store_t *store,
                               const qdn_forget_order_t *order,
                               qdn_forget_t *pforget, apr_pool_t *p)
{
    work_t w = { .store = store, .order = order, .done = pforget, .pool = p };
    apr_status_t rv;

    *pforget = (qdn_forget_t){
        .erased = apr_array_make(p, 1, sizeof(const char *)),
    };
    apr_pool_create(&w.scratch, p);
    rv = find_all(&w);
    if (rv == APR_SUCCESS && (w.chained->nelts || w.plain->nelts ||
                              w.calls->nelts || w.plans->nelts)) {
        rv = erase_all(&w);
        pforget->calls = w.calls->nelts;
        pforget->events = w.chained->nelts + w.plain->nelts;
        pforget->entries = pforget->erased->nelts;
        pforget->revisions = w.plans->nelts;
    }
    apr_pool_destroy(w.scratch);
    return rv;
}
