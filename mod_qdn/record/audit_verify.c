/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include "audit_form.h"
#include "audit_permit.h"

#define PAGE  256
#define SLACK apr_time_from_sec(3600) /* for two clocks */
#define SINCE 3                       /* version of the schema with entries */

/* So long a journal may have waited for a database; and no entry is older,
 * if the clock was right: 2026. */
#define BACKLOG apr_time_from_sec(30 * 86400)
#define OLDEST  apr_time_from_sec(1767225600)

static const char *const flaw_texts[] = {
    [QDN_AUDIT_OK] = "ok",           [QDN_AUDIT_ERASED] = "erased on request",
    [QDN_AUDIT_ALTERED] = "altered", [QDN_AUDIT_MISSING] = "missing",
    [QDN_AUDIT_CUT] = "cut",         [QDN_AUDIT_UNCHAINED] = "unchained",
};

const char *qdn_audit_flaw_text(qdn_audit_flaw_e flaw)
{
    return flaw_texts[flaw];
}

/* An entry, and its event: NULLs if that is gone. */
typedef struct entry_t {
    apr_int64_t seq;
    const char *event_id, *at, *fields, *salts, *hash;
    const char *event[QDN_AUDIT_COLUMN_MAX];
} entry_t;

typedef struct walk_t {
    qdn_store_t *store;
    qdn_audit_verdict_t *verdict;
    apr_pool_t *pool;            /* of the verdict */
    apr_pool_t *page;            /* of a page */
    apr_array_header_t *entries; /* entry_t: the page */
    apr_hash_t *told;            /* qdn_audit_head_t by its key, not met yet */
    apr_pool_t *permit_pool;
    qdn_audit_permit_t *permit;
    int permit_fresh; /* read after the page */
    const char *host; /* whose chain it is */
    apr_int64_t last; /* seq */
    /* Two, so that an altered hash is not told of its successor as well. */
    char stored[QDN_AUDIT_HASH + 1], computed[QDN_AUDIT_HASH + 1];
} walk_t;

static void add_flaw(walk_t *w, qdn_audit_flaw_e flaw, const char *host,
                     apr_int64_t seq, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static void add_flaw(walk_t *w, qdn_audit_flaw_e flaw, const char *host,
                     apr_int64_t seq, const char *fmt, ...)
{
    va_list args;

    if (w->verdict->flaws->nelts == QDN_AUDIT_FLAWS) {
        return;
    }
    va_start(args, fmt);
    APR_ARRAY_PUSH(w->verdict->flaws, qdn_audit_flaw_t) =
        (qdn_audit_flaw_t){ flaw, apr_pstrdup(w->pool, host), seq,
                            apr_pvsprintf(w->pool, fmt, args) };
    va_end(args);
}

/************** one entry **************/

/* A hash or a salt that stands in JSON, without its quotes. */
static const char *bare(const char *json, apr_pool_t *p)
{
    apr_size_t n = strlen(json);

    return n > 1 ? apr_pstrmemdup(p, json + 1, n - 2) : "";
}

/* It may have been erased while this page was on its way. */
static int permitted(walk_t *w, apr_int64_t seq, const char *name)
{
    int yes = qdn_audit_permits(w->permit, w->host, seq, name, w->page);

    if (!yes && !w->permit_fresh) {
        apr_pool_clear(w->permit_pool);
        w->permit_fresh = 1;
        yes = qdn_audit_permit_read(w->store, &w->permit, w->permit_pool) ==
                  APR_SUCCESS &&
              qdn_audit_permits(w->permit, w->host, seq, name, w->page);
    }
    return yes;
}

/* salt NULL or null: it is gone. */
static void check_member(walk_t *w, const entry_t *e,
                         const qdn_detail_member_t *member, const char *field,
                         const char *salt)
{
    char hash[QDN_AUDIT_HASH + 1];

    if (salt && strcmp(salt, QDN_AUDIT_GONE)) {
        qdn_audit_commitment(hash, bare(salt, w->page), member, w->page);
        if (strcmp(hash, bare(field, w->page))) {
            add_flaw(w, QDN_AUDIT_ALTERED, w->host, e->seq,
                     "\"%s\" of entry %" APR_INT64_T_FMT
                     " is not what it was when it was written",
                     member->name, e->seq);
        }
    }
    else if (strcmp(member->value, QDN_AUDIT_GONE)) {
        add_flaw(w, QDN_AUDIT_ALTERED, w->host, e->seq,
                 "nothing proves \"%s\" of entry %" APR_INT64_T_FMT
                 " any more: its salt is gone",
                 member->name, e->seq);
    }
    else if (!permitted(w, e->seq, member->name)) {
        add_flaw(w, QDN_AUDIT_ALTERED, w->host, e->seq,
                 "\"%s\" of entry %" APR_INT64_T_FMT
                 " was removed, and no entry privacy.forgotten names it",
                 member->name, e->seq);
    }
    else {
        w->verdict->erased++;
    }
}

static void check_detail(walk_t *w, const entry_t *e)
{
    apr_array_header_t *detail =
        qdn_audit_members(e->event[QDN_AUDIT_DETAIL], w->page);
    apr_array_header_t *fields = qdn_audit_members(e->fields, w->page);
    apr_array_header_t *salts = qdn_audit_members(e->salts, w->page);
    int same = !e->event[QDN_AUDIT_DETAIL] == !e->fields &&
               detail->nelts == fields->nelts &&
               (!e->salts || salts->nelts == fields->nelts);

    for (int i = 0; same && i < detail->nelts; i++) {
        const char *name = APR_ARRAY_IDX(fields, i, qdn_detail_member_t).name;

        same =
            !strcmp(APR_ARRAY_IDX(detail, i, qdn_detail_member_t).name, name) &&
            (!e->salts ||
             !strcmp(APR_ARRAY_IDX(salts, i, qdn_detail_member_t).name, name));
    }
    if (!same) {
        add_flaw(w, QDN_AUDIT_ALTERED, w->host, e->seq,
                 "the detail of entry %" APR_INT64_T_FMT
                 " does not have the members that it had",
                 e->seq);
        return;
    }
    for (int i = 0; i < detail->nelts; i++) {
        check_member(w, e, &APR_ARRAY_IDX(detail, i, qdn_detail_member_t),
                     APR_ARRAY_IDX(fields, i, qdn_detail_member_t).value,
                     e->salts
                         ? APR_ARRAY_IDX(salts, i, qdn_detail_member_t).value
                         : NULL);
    }
}

/* Of two hashes before, the one that fits, or what the log would tell. */
static void compute(walk_t *w, const entry_t *e, const char *before, char *hash)
{
    qdn_audit_hash(hash, before, w->host, e->seq, e->event, e->fields, w->page);
}

static int has_gap(walk_t *w, const entry_t *e)
{
    if (e->seq == w->last + 1) {
        return 0;
    }
    if (e->seq < 1) {
        add_flaw(w, QDN_AUDIT_ALTERED, w->host, e->seq,
                 "there is no entry %" APR_INT64_T_FMT "; somebody made one",
                 e->seq);
    }
    else {
        add_flaw(w, QDN_AUDIT_MISSING, w->host, w->last + 1,
                 "entries %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT
                 " are gone",
                 w->last + 1, e->seq - 1);
    }
    return 1;
}

/* Leaves in w what the next one may follow. */
static void check_hash(walk_t *w, const entry_t *e, int gap)
{
    char hash[QDN_AUDIT_HASH + 1];
    int fits;

    compute(w, e, w->stored, hash);
    fits = !strcmp(hash, e->hash);
    if (!fits && strcmp(w->stored, w->computed)) {
        compute(w, e, w->computed, hash);
        fits = !strcmp(hash, e->hash);
    }
    /* What follows a gap is known by its hash alone. */
    if (!fits && !gap) {
        add_flaw(w, QDN_AUDIT_ALTERED, w->host, e->seq,
                 "entry %" APR_INT64_T_FMT " or its event is not what it was "
                 "when it was written",
                 e->seq);
    }
    memcpy(w->computed, gap ? e->hash : hash, sizeof(w->computed));
}

static void check_entry(walk_t *w, const entry_t *e)
{
    int gap = has_gap(w, e);

    apr_hash_set(w->told,
                 apr_psprintf(w->page, "%" APR_INT64_T_FMT " %s %s", e->seq,
                              e->hash, w->host),
                 APR_HASH_KEY_STRING, NULL);
    if (!e->event[QDN_AUDIT_ID]) {
        add_flaw(w, QDN_AUDIT_MISSING, w->host, e->seq,
                 "the event of entry %" APR_INT64_T_FMT " is gone: %s", e->seq,
                 e->event_id);
        apr_cpystrn(w->computed, e->hash, sizeof(w->computed));
    }
    else {
        check_hash(w, e, gap);
        if (!e->event[QDN_AUDIT_AT] || strcmp(e->event[QDN_AUDIT_AT], e->at)) {
            add_flaw(w, QDN_AUDIT_ALTERED, w->host, e->seq,
                     "entry %" APR_INT64_T_FMT
                     " has another time than its event",
                     e->seq);
        }
        check_detail(w, e);
    }
    apr_cpystrn(w->stored, e->hash, sizeof(w->stored));
    w->last = e->seq < 1 ? w->last : e->seq;
    w->verdict->entries++;
}

/************** all of them **************/

static void keep_entry(void *baton, const char *const *row)
{
    walk_t *w = baton;
    entry_t *e = apr_array_push(w->entries);

    e->seq = row[0] ? apr_atoi64(row[0]) : 0;
    e->event_id = row[1] ? row[1] : "";
    e->at = row[2] ? row[2] : "";
    e->fields = row[3];
    e->salts = row[4];
    e->hash = row[5] ? row[5] : "";
    memcpy(e->event, row + 6, sizeof(e->event));
}

/* The first page has no lower bound: whatever stands there is looked at. */
static const char *behind(walk_t *w, const apr_int64_t *after)
{
    return after
               ? apr_psprintf(w->page, " AND a.seq > %" APR_INT64_T_FMT, *after)
               : "";
}

static apr_status_t read_page(walk_t *w, const apr_int64_t *after)
{
    apr_pool_clear(w->page);
    w->permit_fresh = 0;
    w->entries = apr_array_make(w->page, PAGE, sizeof(entry_t));
    return qdn_store_select(
        w->store,
        apr_psprintf(w->page,
                     "SELECT a.seq, a.event_id, a.at, a.fields, a.salts,"
                     " a.hash, " QDN_AUDIT_COLUMNS " FROM qdn_audit a"
                     " LEFT JOIN qdn_event e ON e.id = a.event_id"
                     " WHERE a.host = %s%s ORDER BY a.seq LIMIT %d",
                     qdn_store_quote(w->store, w->host, w->page),
                     behind(w, after), PAGE),
        keep_entry, w, w->page);
}

static void keep_number(void *baton, const char *const *row)
{
    *(apr_int64_t *)baton = row[0] ? apr_atoi64(row[0]) : 0;
}

static apr_status_t walk_chain(walk_t *w, const char *host, apr_int64_t all,
                               qdn_audit_progress_cb *progress, void *baton)
{
    apr_int64_t after, *known = NULL;
    apr_status_t rv;
    int full;

    w->host = host;
    w->last = 0;
    memcpy(w->stored, QDN_AUDIT_ZEROS, sizeof(w->stored));
    memcpy(w->computed, QDN_AUDIT_ZEROS, sizeof(w->computed));
    do {
        rv = read_page(w, known);
        full = w->entries->nelts == PAGE;
        for (int i = 0; rv == APR_SUCCESS && i < w->entries->nelts; i++) {
            check_entry(w, &APR_ARRAY_IDX(w->entries, i, entry_t));
        }
        if (full) {
            const entry_t *e = &APR_ARRAY_IDX(w->entries, PAGE - 1, entry_t);

            /* SQLite may hold a seq that is no whole number: flaws enough. */
            full = !known || e->seq > after;
            after = e->seq;
            known = &after;
        }
        if (rv == APR_SUCCESS && progress) {
            progress(baton, w->verdict->entries, all);
        }
    } while (rv == APR_SUCCESS && full);
    return rv;
}

static void take_unchained(void *baton, const char *const *row)
{
    walk_t *w = baton;

    add_flaw(w, QDN_AUDIT_UNCHAINED, row[2] ? row[2] : "", 0,
             "%s has no entry: event %s", row[1], row[0]);
}

/*
 * Since when each change has an entry: always, if no older version has written
 * here, for none writes to a database with entries. What the schema says of
 * that is in no chain; so it is believed only as far as entries bear it out.
 */
static apr_status_t find_since(walk_t *w, apr_time_t *psince)
{
    apr_time_t first = 0;
    apr_status_t rv = qdn_store_select(
        w->store,
        apr_psprintf(w->page,
                     "SELECT MIN(applied_at) FROM qdn_schema WHERE"
                     " version >= %d AND EXISTS (SELECT 1 FROM qdn_schema o"
                     " WHERE o.version < %d)",
                     SINCE, SINCE),
        keep_number, psince, w->page);

    if (rv == APR_SUCCESS) {
        rv = qdn_store_select(w->store,
                              apr_psprintf(w->page,
                                           "SELECT MIN(at) FROM qdn_audit"
                                           " WHERE at > %" APR_TIME_T_FMT,
                                           OLDEST),
                              keep_number, &first, w->page);
    }
    if (first && *psince > first + BACKLOG) {
        *psince = first + BACKLOG;
    }
    return rv;
}

/* A host's clock is that of another within SLACK. */
static apr_status_t find_unchained(walk_t *w)
{
    apr_time_t since = 0;
    apr_status_t rv;

    apr_pool_clear(w->page);
    rv = find_since(w, &since);
    return rv == APR_SUCCESS
               ? qdn_store_select(
                     w->store,
                     apr_psprintf(w->page,
                                  "SELECT e.id, e.kind, e.host FROM qdn_event e"
                                  " LEFT JOIN qdn_audit a ON a.event_id = e.id"
                                  " WHERE e.call_sid IS NULL AND e.kind IN %s"
                                  " AND e.at > %" APR_TIME_T_FMT
                                  " AND a.event_id IS NULL"
                                  " ORDER BY e.at, e.id LIMIT %d",
                                  qdn_audit_kinds(w->page), since + SLACK,
                                  QDN_AUDIT_FLAWS),
                     take_unchained, w, w->page)
               : rv;
}

static void take_told(walk_t *w, const apr_array_header_t *heads)
{
    for (int i = 0; heads && i < heads->nelts; i++) {
        const qdn_audit_head_t *head =
            &APR_ARRAY_IDX(heads, i, qdn_audit_head_t);

        if (head->seq > 0) {
            apr_hash_set(w->told,
                         apr_psprintf(w->pool, "%" APR_INT64_T_FMT " %s %s",
                                      head->seq, head->hash, head->host),
                         APR_HASH_KEY_STRING, head);
        }
    }
}

static void tell_cuts(walk_t *w)
{
    for (apr_hash_index_t *at = apr_hash_first(w->page, w->told); at;
         at = apr_hash_next(at)) {
        const qdn_audit_head_t *head = apr_hash_this_val(at);

        add_flaw(w, QDN_AUDIT_CUT, head->host, head->seq,
                 "entry %" APR_INT64_T_FMT " is not the one that the log tells "
                 "of: the chain was cut, or made anew",
                 head->seq);
    }
}

static apr_status_t walk_all(walk_t *w, qdn_audit_progress_cb *progress,
                             void *baton)
{
    apr_array_header_t *chains;
    apr_int64_t all = 0;
    apr_status_t rv;

    rv = qdn_audit_permit_read(w->store, &w->permit, w->permit_pool);
    if (rv == APR_SUCCESS) {
        rv = qdn_store_select(w->store, "SELECT COUNT(*) FROM qdn_audit",
                              keep_number, &all, w->page);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_audit_heads(w->store, NULL, &chains, w->pool);
    }
    for (int i = 0; rv == APR_SUCCESS && i < chains->nelts; i++) {
        rv = walk_chain(w, APR_ARRAY_IDX(chains, i, qdn_audit_head_t).host, all,
                        progress, baton);
    }
    return rv == APR_SUCCESS ? find_unchained(w) : rv;
}

apr_status_t qdn_audit_verify(qdn_store_t *store,
                              const apr_array_header_t *heads,
                              qdn_audit_progress_cb *progress, void *baton,
                              qdn_audit_verdict_t *pverdict, apr_pool_t *p)
{
    walk_t w = { .store = store, .verdict = pverdict, .pool = p };
    apr_status_t rv;

    *pverdict = (qdn_audit_verdict_t){
        .flaws = apr_array_make(p, 4, sizeof(qdn_audit_flaw_t)),
    };
    apr_pool_create(&w.page, p);
    apr_pool_create(&w.permit_pool, p);
    w.told = apr_hash_make(p);
    take_told(&w, heads);
    rv = walk_all(&w, progress, baton);
    if (rv == APR_SUCCESS) {
        tell_cuts(&w);
    }
    apr_pool_destroy(w.permit_pool);
    apr_pool_destroy(w.page);
    return rv;
}
