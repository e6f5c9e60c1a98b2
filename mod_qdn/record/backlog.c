/* SPDX-License-Identifier: Apache-2.0 */
#include "backlog.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <apr_strings.h>
#include "status.h"

typedef struct entry_t {
    char name[QDN_SEGMENT_NAME];
    apr_int64_t size;     /* at the last look; of lines, where known */
    apr_int64_t position; /* dealt with up to here */
    int gone;             /* removed by us */
} entry_t;

struct qdn_backlog_t {
    const char *dir;
    apr_pool_t *parent;
    apr_pool_t *pool; /* of the entries; a new one with each scan */
    entry_t *entries; /* in the order of names */
    int n;
    int turn; /* where take begins, so that no segment waits for ever */
};

qdn_backlog_t *qdn_backlog_create(const char *dir, apr_pool_t *p)
{
    qdn_backlog_t *b = apr_pcalloc(p, sizeof(*b));

    b->dir = apr_pstrdup(p, dir);
    b->parent = p;
    return b;
}

static int by_name(const void *key, const void *entry)
{
    return strcmp(key, ((const entry_t *)entry)->name);
}

static apr_int64_t known_position(const qdn_backlog_t *b, const char *name,
                                  apr_hash_t *positions)
{
    const apr_int64_t *stored;
    const entry_t *old;

    if (positions) {
        stored = apr_hash_get(positions, name, APR_HASH_KEY_STRING);
        return stored ? *stored : 0;
    }
    old = b->n ? bsearch(name, b->entries, (size_t)b->n, sizeof(*old), by_name)
               : NULL;
    return old ? old->position : 0;
}

static int open_entry(const qdn_backlog_t *b, const entry_t *e)
{
    char path[4096];

    apr_snprintf(path, sizeof(path), "%s/%s", b->dir, e->name);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/*
 * Nothing is to be had from a living writer's segment of which only the
 * reserve is left. One whose writer is gone is read to its end all the same.
 */
static void discount_reserve(const qdn_backlog_t *b, entry_t *e)
{
    apr_int64_t left = e->size - e->position;
    int fd;

    if (left <= 0 || left > QDN_SEGMENT_RESERVE ||
        (fd = open_entry(b, e)) < 0) {
        return;
    }
    if (qdn_segment_reserved(fd, e->position) && !qdn_segment_abandoned(fd)) {
        e->size = e->position;
    }
    close(fd);
}

apr_status_t qdn_backlog_scan(qdn_backlog_t *b, apr_hash_t *positions)
{
    apr_array_header_t *segments;
    apr_pool_t *pool;
    entry_t *entries;
    apr_status_t rv = apr_pool_create(&pool, b->parent);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = qdn_segment_list(&segments, b->dir, pool);
    if (rv != APR_SUCCESS) {
        apr_pool_destroy(pool);
        return rv;
    }
    entries =
        apr_pcalloc(pool, ((apr_size_t)segments->nelts + 1) * sizeof(*entries));
    for (int i = 0; i < segments->nelts; i++) {
        const qdn_segment_t *s = &APR_ARRAY_IDX(segments, i, qdn_segment_t);

        memcpy(entries[i].name, s->name, sizeof(s->name));
        entries[i].size = s->size;
        entries[i].position = known_position(b, s->name, positions);
        discount_reserve(b, &entries[i]);
    }
    if (b->pool) {
        apr_pool_destroy(b->pool);
    }
    b->pool = pool;
    b->entries = entries;
    b->n = segments->nelts;
    return APR_SUCCESS;
}

void qdn_backlog_total(const qdn_backlog_t *b, qdn_backlog_total_t *ptotal)
{
    memset(ptotal, 0, sizeof(*ptotal));
    for (int i = 0; i < b->n; i++) {
        const entry_t *e = &b->entries[i];

        if (!e->gone && e->size > e->position) {
            ptotal->bytes += e->size - e->position;
            ptotal->segments++;
        }
    }
}

const char *qdn_backlog_name(const qdn_backlog_t *b, int segment)
{
    return b->entries[segment].name;
}

void qdn_backlog_settle(qdn_backlog_t *b, int segment, apr_int64_t end)
{
    if (b->entries[segment].position < end) {
        b->entries[segment].position = end;
    }
}

/************** taking rows **************/

typedef struct taking_t {
    apr_array_header_t *rows;
    int max;
    int segment;
    apr_pool_t *pool;
} taking_t;

static qdn_backlog_row_t *push_row(taking_t *t, const char *line,
                                   apr_size_t len, apr_int64_t end)
{
    qdn_backlog_row_t *row = apr_array_push(t->rows);

    memset(row, 0, sizeof(*row));
    row->line = line;
    row->len = len;
    row->segment = t->segment;
    row->begin = end - (apr_int64_t)len;
    row->end = end;
    return row;
}

static apr_status_t take_line(void *baton, const char *line, apr_size_t len,
                              apr_int64_t end)
{
    taking_t *t = baton;
    qdn_backlog_row_t *row;

    if (t->rows->nelts >= t->max) {
        return QDN_EFULL;
    }
    row = push_row(t, apr_pmemdup(t->pool, line, len), len, end);
    row->status = qdn_event_decode(&row->event, line, len, t->pool);
    return APR_SUCCESS;
}

static void push_torn(taking_t *t, int fd, apr_int64_t begin, apr_int64_t end)
{
    apr_size_t len = (apr_size_t)qdn_segment_torn(fd, begin);
    qdn_backlog_row_t *torn = push_row(t, "", len, end);

    torn->status = APR_EOF;
    torn->begin = begin;
}

static apr_status_t take_entry(const qdn_backlog_t *b, entry_t *e, taking_t *t)
{
    apr_int64_t end = e->position;
    int before = t->rows->nelts;
    struct stat st;
    int abandoned, fd = open_entry(b, e);
    apr_status_t rv;

    if (fd < 0) {
        return errno == ENOENT ? APR_SUCCESS : errno;
    }
    /* In this order: what is read after the lock was free is final. */
    abandoned = qdn_segment_abandoned(fd);
    rv = qdn_segment_read(fd, e->position, abandoned, take_line, t, &end,
                          t->pool);
    if (rv == APR_SUCCESS && abandoned && fstat(fd, &st) == 0 &&
        st.st_size > end) {
        push_torn(t, fd, end, st.st_size);
    }
    close(fd);
    if (t->rows->nelts == before) {
        e->position = end; /* behind what was reserved, if anything */
    }
    return rv == QDN_EFULL ? APR_SUCCESS : rv;
}

apr_status_t qdn_backlog_take(qdn_backlog_t *b, int max,
                              apr_array_header_t **prows, apr_pool_t *p)
{
    taking_t t = { .max = max, .pool = p };
    apr_status_t rv = APR_SUCCESS;

    t.rows = *prows = apr_array_make(p, max, sizeof(qdn_backlog_row_t));
    for (int k = 0; k < b->n && t.rows->nelts < max; k++) {
        entry_t *e = &b->entries[t.segment = (b->turn + k) % b->n];

        if (!e->gone && e->size > e->position) {
            apr_status_t one = take_entry(b, e, &t);

            rv = one != APR_SUCCESS ? one : rv;
        }
    }
    b->turn = b->n ? t.segment : 0;
    return rv;
}

/************** removing files **************/

/* Dealt with to its end, which is final? Then remove it. */
static int prune_entry(const qdn_backlog_t *b, const entry_t *e)
{
    char path[4096];
    struct stat st;
    int done, fd = open_entry(b, e);

    if (fd < 0) {
        return errno == ENOENT;
    }
    done = qdn_segment_abandoned(fd) && fstat(fd, &st) == 0 &&
           st.st_size <= e->position;
    apr_snprintf(path, sizeof(path), "%s/%s", b->dir, e->name);
    if (done && unlink(path)) {
        done = 0;
    }
    close(fd);
    return done;
}

void qdn_backlog_prune(qdn_backlog_t *b, apr_array_header_t *removed)
{
    for (int i = 0; i < b->n; i++) {
        entry_t *e = &b->entries[i];

        if (!e->gone && e->size <= e->position && prune_entry(b, e)) {
            e->gone = 1;
            APR_ARRAY_PUSH(removed, const char *) =
                apr_pstrdup(removed->pool, e->name);
        }
    }
}
