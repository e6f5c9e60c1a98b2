/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are written, and listed. */
#include "audit_form.h"

#include <string.h>
#include <apr_strings.h>
#include "status.h"
#include "text.h"

/************** the heads **************/

typedef struct list_t {
    apr_array_header_t *items;
    apr_pool_t *pool;
} list_t;

static void keep_head(void *baton, const char *const *row)
{
    list_t *list = baton;
    qdn_audit_head_t *head = apr_array_push(list->items);

    head->host = apr_pstrdup(list->pool, row[0]);
    head->seq = row[1] ? apr_atoi64(row[1]) : 0;
    apr_cpystrn(head->hash, row[2] ? row[2] : "", sizeof(head->hash));
}

#define HEAD_OF_EACH                                                           \
    "SELECT a.host, a.seq, a.hash FROM qdn_audit a JOIN"                       \
    " (SELECT host, MAX(seq) AS last FROM qdn_audit GROUP BY host) n"          \
    " ON n.host = a.host AND n.last = a.seq ORDER BY a.host"

apr_status_t qdn_audit_heads(qdn_store_t *store, const char *host,
                             apr_array_header_t **pheads, apr_pool_t *p)
{
    list_t list = { apr_array_make(p, 2, sizeof(qdn_audit_head_t)), p };
    const char *sql = HEAD_OF_EACH;

    *pheads = list.items;
    if (host) {
        sql = apr_pstrcat(p,
                          "SELECT host, seq, hash FROM qdn_audit WHERE"
                          " host = ",
                          qdn_store_quote(store, host, p),
                          " ORDER BY seq DESC LIMIT 1", NULL);
    }
    return qdn_store_select(store, sql, keep_head, &list, p);
}

/************** one more **************/

static const char *const columns[] = { "host",   "seq",   "event_id", "at",
                                       "fields", "salts", "hash",     NULL };
static const qdn_store_insert_t put_entries = {
    .table = "qdn_audit",
    .columns = columns,
    .types = "tntnttt",
    .conflict = QDN_STORE_NEW,
};
#define COLUMNS 7

static void keep_event(void *baton, const char *const *row)
{
    list_t *list = baton;

    APR_ARRAY_PUSH(list->items, const char *const *) =
        apr_pmemdup(list->pool, row, QDN_AUDIT_COLUMN_MAX * sizeof(*row));
}

/*
 * As SQL has them: it may have cut a text, or another host's row of the same
 * id. Ids stand in the statement, because PostgreSQL finds no index for a
 * CHAR compared with texts.
 */
static apr_status_t find_unchained(qdn_store_t *store, const char *ids,
                                   apr_array_header_t **pevents,
                                   apr_pool_t *ptemp)
{
    list_t list = { apr_array_make(ptemp, 4, sizeof(const char *const *)),
                    ptemp };

    *pevents = list.items;
    return qdn_store_select(
        store,
        apr_pstrcat(ptemp,
                    "SELECT " QDN_AUDIT_COLUMNS " FROM qdn_event e"
                    " LEFT JOIN qdn_audit a ON a.event_id = e.id"
                    " WHERE e.id IN (",
                    ids, ") AND a.event_id IS NULL ORDER BY e.at, e.id", NULL),
        keep_event, &list, ptemp);
}

static const char *ids_of(qdn_store_t *store, const qdn_event_t *events, int n,
                          apr_pool_t *ptemp)
{
    qdn_text_t t = { .buf = NULL };

    for (int i = 0; i < n; i++) {
        if (!qdn_audit_concerns(events[i].kind)) {
            continue;
        }
        if (!t.buf) {
            qdn_text_init(&t, 256, ptemp);
        }
        qdn_text_add(&t, t.len ? ", " : "");
        qdn_text_add(&t, qdn_store_quote(store, events[i].id, ptemp));
    }
    return t.buf;
}

static apr_status_t chain_all(qdn_store_t *store, const char *host,
                              const apr_array_header_t *events,
                              apr_pool_t *ptemp)
{
    const char **values = apr_palloc(ptemp, (apr_size_t)events->nelts *
                                                COLUMNS * sizeof(*values));
    const char **v = values, *before = QDN_AUDIT_ZEROS;
    apr_int64_t seq = 0;
    apr_array_header_t *heads;
    apr_status_t rv = qdn_audit_heads(store, host, &heads, ptemp);

    if (rv == APR_SUCCESS && heads->nelts) {
        before = APR_ARRAY_IDX(heads, 0, qdn_audit_head_t).hash;
        seq = APR_ARRAY_IDX(heads, 0, qdn_audit_head_t).seq;
    }
    for (int i = 0; i < events->nelts; i++, v += COLUMNS) {
        const char *const *e = APR_ARRAY_IDX(events, i, const char *const *);
        char *hash = apr_palloc(ptemp, QDN_AUDIT_HASH + 1);

        v[0] = host;
        v[1] = apr_psprintf(ptemp, "%" APR_INT64_T_FMT, ++seq);
        v[2] = e[QDN_AUDIT_ID];
        v[3] = e[QDN_AUDIT_AT];
        qdn_audit_commit(e[QDN_AUDIT_DETAIL], &v[4], &v[5], ptemp);
        qdn_audit_hash(hash, before, host, seq, e, v[4], ptemp);
        v[6] = before = hash;
    }
    return rv == APR_SUCCESS ? qdn_store_insert(store, &put_entries, values,
                                                events->nelts, ptemp)
                             : rv;
}

apr_status_t qdn_audit_extend(qdn_store_t *store, const char *host,
                              const qdn_event_t *events, int n,
                              apr_pool_t *ptemp)
{
    const char *ids = ids_of(store, events, n, ptemp);
    apr_array_header_t *found;
    apr_status_t rv;

    if (!ids) {
        return APR_SUCCESS;
    }
    rv = find_unchained(store, ids, &found, ptemp);
    return rv == APR_SUCCESS && found->nelts
               ? chain_all(store, host, found, ptemp)
               : rv;
}

/************** the list **************/

/* Members without a salt; all of them if there are no salts. */
static int count_erased(const char *fields, const char *salts, apr_pool_t *p)
{
    apr_array_header_t *members = fields ? qdn_detail_members(fields, p) : NULL;
    int n = 0;

    if (!members || !salts) {
        return members ? members->nelts : 0;
    }
    members = qdn_audit_members(salts, p);
    for (int i = 0; i < members->nelts; i++) {
        n += !strcmp(APR_ARRAY_IDX(members, i, qdn_detail_member_t).value,
                     QDN_AUDIT_GONE);
    }
    return n;
}

static void keep_entry(void *baton, const char *const *row)
{
    list_t *list = baton;
    const char *const *e = row + 5;

    APR_ARRAY_PUSH(list->items, qdn_audit_entry_t) = (qdn_audit_entry_t){
        .host = row[0],
        .seq = row[1] ? apr_atoi64(row[1]) : 0,
        .hash = row[2],
        .erased = count_erased(row[3], row[4], list->pool),
        .id = e[QDN_AUDIT_ID],
        .at = e[QDN_AUDIT_AT] ? apr_atoi64(e[QDN_AUDIT_AT]) : 0,
        .kind = e[QDN_AUDIT_KIND],
        .line = e[QDN_AUDIT_LINE],
        .operator= e[QDN_AUDIT_OPERATOR],
        .reason = e[QDN_AUDIT_REASON],
        .detail = e[QDN_AUDIT_DETAIL],
        .config = e[QDN_AUDIT_CONFIG],
    };
}

static void keep_text(void *baton, const char *const *row)
{
    *(const char **)baton = row[0];
}

/* Adds where the page begins. APR_NOTFOUND: no such entry. */
static apr_status_t add_before(qdn_text_t *sql, qdn_store_t *store,
                               const char *id, apr_pool_t *p)
{
    const char *quoted = qdn_store_quote(store, id, p), *at = NULL;
    apr_status_t rv = qdn_store_select(
        store,
        apr_pstrcat(p, "SELECT at FROM qdn_audit WHERE event_id = ", quoted,
                    NULL),
        keep_text, &at, p);

    if (rv == APR_SUCCESS && at) {
        qdn_text_addf(sql,
                      " AND a.at <= %" APR_INT64_T_FMT
                      " AND (a.at < %" APR_INT64_T_FMT " OR a.event_id < ",
                      apr_atoi64(at), apr_atoi64(at));
        qdn_text_add(sql, quoted);
        qdn_text_addc(sql, ')');
    }
    return rv == APR_SUCCESS && !at ? APR_NOTFOUND : rv;
}

apr_status_t qdn_audit_list(qdn_store_t *store, const qdn_audit_query_t *query,
                            apr_array_header_t **pentries, apr_pool_t *p)
{
    list_t list = { apr_array_make(p, 16, sizeof(qdn_audit_entry_t)), p };
    apr_status_t rv = APR_SUCCESS;
    qdn_text_t sql;

    *pentries = list.items;
    qdn_text_init(&sql, 1024, p);
    qdn_text_add(
        &sql,
        "SELECT a.host, a.seq, a.hash, a.fields, a.salts, " QDN_AUDIT_COLUMNS
        " FROM qdn_audit a"
        " JOIN qdn_event e ON e.id = a.event_id WHERE 1 = 1");
    if (query->operator) {
        qdn_text_add(&sql, " AND e.operator = ");
        qdn_text_add(&sql, qdn_store_quote(store, query->operator, p));
    }
    if (query->before) {
        rv = add_before(&sql, store, query->before, p);
    }
    qdn_text_addf(&sql, " ORDER BY a.at DESC, a.event_id DESC LIMIT %d",
                  query->limit);
    return rv == APR_SUCCESS
               ? qdn_store_select(store, sql.buf, keep_entry, &list, p)
               : rv;
}

qdn_calls_event_t qdn_audit_event(const qdn_audit_entry_t *entry)
{
    return (qdn_calls_event_t){ .id = entry->id,
                                .at = entry->at,
                                .host = entry->host,
                                .kind = entry->kind,
                                .line = entry->line,
                                .operator= entry->operator,
                                .reason = entry->reason,
                                .detail = entry->detail,
                                .config = entry->config };
}
