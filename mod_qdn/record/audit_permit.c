/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_permit.h"

#include <stdlib.h>
#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include "audit_form.h"
#include "text.h"

#define PAGE 64

typedef struct range_t {
    const char *host;
    apr_int64_t from, to;
} range_t;

struct qdn_audit_permit_t {
    apr_pool_t *pool;
    apr_hash_t *members;        /* of "HOST/SEQ/MEMBER", as JSON has it */
    apr_array_header_t *ranges; /* range_t */
};

static void add_range(qdn_audit_permit_t *permit, const char *host,
                      apr_int64_t seq)
{
    range_t *last = NULL;

    for (int i = permit->ranges->nelts - 1; i >= 0 && !last; i--) {
        range_t *r = &APR_ARRAY_IDX(permit->ranges, i, range_t);

        last = strcmp(r->host, host) ? NULL : r;
    }
    if (last && seq >= last->from && seq <= last->to + 1) {
        last->to = seq > last->to ? seq : last->to;
        return;
    }
    APR_ARRAY_PUSH(permit->ranges, range_t) =
        (range_t){ apr_pstrdup(permit->pool, host), seq, seq };
}

/* "HOST/SEQ/MEMBER", or "HOST/SEQ/" and an asterisk for all of its members. */
static void add_name(qdn_audit_permit_t *permit, const char *name)
{
    const char *slash = strchr(name, '/');
    char *end = NULL;
    apr_int64_t seq = slash ? apr_strtoi64(slash + 1, &end, 10) : 0;

    if (seq > 0 && !strcmp(end, "/*")) {
        add_range(
            permit,
            apr_pstrmemdup(permit->pool, name, (apr_size_t)(slash - name)),
            seq);
    }
    else {
        apr_hash_set(permit->members, name, APR_HASH_KEY_STRING, "");
    }
}

/* The strings of a JSON array, as they stand there without their quotes. */
static void add_names(qdn_audit_permit_t *permit, const char *array)
{
    for (const char *s = strchr(array, '"'); s; s = strchr(s, '"')) {
        const char *end = ++s;

        while (*end && *end != '"') {
            end += *end == '\\' && end[1] ? 2 : 1;
        }
        add_name(permit,
                 apr_pstrmemdup(permit->pool, s, (apr_size_t)(end - s)));
        s = *end ? end + 1 : end;
    }
}

typedef struct page_t {
    qdn_audit_permit_t *permit;
    apr_pool_t *pool;
    int rows;
    char at[32], id[QDN_ID_HEX + 1]; /* of the last */
} page_t;

static void take_row(void *baton, const char *const *row)
{
    page_t *page = baton;
    apr_array_header_t *members = qdn_audit_members(row[2], page->pool);

    page->rows++;
    apr_cpystrn(page->at, row[0] ? row[0] : "0", sizeof(page->at));
    apr_cpystrn(page->id, row[1], sizeof(page->id));
    for (int i = 0; i < members->nelts; i++) {
        const qdn_detail_member_t *m =
            &APR_ARRAY_IDX(members, i, qdn_detail_member_t);

        if (!strcmp(m->name, "entries")) {
            add_names(page->permit, m->value);
        }
    }
}

apr_status_t qdn_audit_permit_read(qdn_store_t *store,
                                   qdn_audit_permit_t **ppermit, apr_pool_t *p)
{
    qdn_audit_permit_t *permit = apr_pcalloc(p, sizeof(*permit));
    page_t page = { .permit = permit, .at = "0", .rows = PAGE };
    apr_status_t rv = APR_SUCCESS;

    permit->pool = p;
    permit->members = apr_hash_make(p);
    permit->ranges = apr_array_make(p, 8, sizeof(range_t));
    apr_pool_create(&page.pool, p);
    while (rv == APR_SUCCESS && page.rows == PAGE) {
        const char *at = qdn_store_quote(store, page.id, page.pool);

        page.rows = 0;
        rv = qdn_store_select(
            store,
            apr_psprintf(page.pool,
                         "SELECT e.at, e.id, e.detail FROM qdn_event e"
                         " JOIN qdn_audit a ON a.event_id = e.id"
                         " WHERE e.call_sid IS NULL"
                         " AND e.kind = 'privacy.forgotten'"
                         " AND e.at >= %s AND (e.at > %s OR e.id > %s)"
                         " ORDER BY e.at, e.id LIMIT %d",
                         page.at, page.at, at, PAGE),
            take_row, &page, page.pool);
        apr_pool_clear(page.pool);
    }
    apr_pool_destroy(page.pool);
    *ppermit = permit;
    return rv;
}

int qdn_audit_permits(const qdn_audit_permit_t *permit, const char *host,
                      apr_int64_t seq, const char *name, apr_pool_t *ptemp)
{
    qdn_text_t t;

    for (int i = 0; i < permit->ranges->nelts; i++) {
        const range_t *r = &APR_ARRAY_IDX(permit->ranges, i, range_t);

        if (seq >= r->from && seq <= r->to && !strcmp(r->host, host)) {
            return 1;
        }
    }
    qdn_text_init(&t, 128, ptemp);
    qdn_text_add_json(
        &t, apr_psprintf(ptemp, "%s/%" APR_INT64_T_FMT "/%s", host, seq, name));
    return apr_hash_get(permit->members, t.buf + 1, (apr_ssize_t)t.len - 2) !=
           NULL;
}
