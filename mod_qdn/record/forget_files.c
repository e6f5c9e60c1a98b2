/* SPDX-License-Identifier: Apache-2.0 */
/* The number in the journal's segments and in what was put aside. */
#include "forget.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <apr_strings.h>
#include "event.h"
#include "redact.h"
#include "segment.h"

/* A file that is gone through; its lines are handed over one by one. */
typedef struct file_t {
    int fd;
    const char *number;
    apr_int64_t position; /* SQL has what is before; -1: nobody reads */
    int overwrite;
    qdn_forget_files_t *found;
    apr_pool_t *pool;
} file_t;

static apr_status_t put_back(const file_t *f, const char *bytes, apr_size_t len,
                             apr_int64_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(f->fd, bytes, len, (off_t)at);

        if (n < 0 && errno != EINTR) {
            return errno;
        }
        if (n > 0) {
            bytes += n;
            at += n;
            len -= (apr_size_t)n;
        }
    }
    return APR_SUCCESS;
}

/*
 * The detail of a line that can be read, still escaped. What else is in it
 * stays, as it does in SQL: without a host or a time it would be no event any
 * more. NULL: there is none.
 */
static char *detail_in(char *line, apr_size_t len, apr_size_t *pn)
{
    static const char name[] = ",\"detail\":\"";
    char *from = memmem(line, len, name, sizeof(name) - 1);
    char *end = line + len, *to;

    if (!from) {
        return NULL;
    }
    from += sizeof(name) - 1;
    for (to = from; to < end && *to != '"'; to++) {
        to += *to == '\\';
    }
    *pn = (apr_size_t)((to < end ? to : end) - from);
    return from;
}

static apr_status_t look_at(void *baton, const char *line, apr_size_t len,
                            apr_int64_t end)
{
    file_t *f = baton;
    char *copy = apr_pmemdup(f->pool, line, len);
    int waits = f->position >= 0 && end > f->position;
    int whole = qdn_event_whole(line, len);
    apr_size_t n = len;
    char *text = whole ? detail_in(copy, len, &n) : copy;

    if (!text || !qdn_redact_bytes(text, n, f->number)) {
        apr_pool_clear(f->pool);
        return APR_SUCCESS;
    }
    f->found->lines++;
    f->found->waiting += waits;
    if (whole) {
        qdn_event_seal(copy, len);
    }
    return f->overwrite && !waits
               ? put_back(f, copy, len, end - (apr_int64_t)len)
               : APR_SUCCESS;
}

/* A line without an end: its writer was killed, nobody will read it. */
static apr_status_t look_at_torn(file_t *f, apr_int64_t end)
{
    apr_size_t len = (apr_size_t)qdn_segment_torn(f->fd, end);
    char *bytes = apr_palloc(f->pool, len + 1);
    ssize_t n = pread(f->fd, bytes, len, (off_t)end);

    if (n <= 0 || !qdn_redact_bytes(bytes, (apr_size_t)n, f->number)) {
        return n < 0 ? errno : APR_SUCCESS;
    }
    f->found->lines++;
    return f->overwrite ? put_back(f, bytes, (apr_size_t)n, end) : APR_SUCCESS;
}

static apr_status_t look_into(file_t *f, const char *path, apr_pool_t *ptemp)
{
    apr_int64_t end = 0;
    apr_status_t rv;
    int abandoned;

    f->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (f->fd < 0) {
        /* The drain may have finished with it meanwhile. */
        return errno == ENOENT ? APR_SUCCESS : errno;
    }
    apr_pool_create(&f->pool, ptemp);
    abandoned = qdn_segment_abandoned(f->fd);
    rv = qdn_segment_read(f->fd, 0, abandoned, look_at, f, &end, ptemp);
    if (rv == APR_SUCCESS && abandoned) {
        rv = look_at_torn(f, end);
    }
    if (rv == APR_SUCCESS && f->overwrite && fdatasync(f->fd)) {
        rv = errno;
    }
    close(f->fd);
    apr_pool_destroy(f->pool);
    return rv;
}

/* known: what SQL has; parked lines are not read by anybody. */
static apr_status_t look_through(file_t *f, const char *dir, apr_hash_t *known,
                                 apr_pool_t *ptemp)
{
    apr_array_header_t *segments;
    apr_status_t rv = qdn_segment_list(&segments, dir, ptemp);

    if (APR_STATUS_IS_ENOENT(rv)) {
        return APR_SUCCESS;
    }
    for (int i = 0; rv == APR_SUCCESS && i < segments->nelts; i++) {
        const char *name = APR_ARRAY_IDX(segments, i, qdn_segment_t).name;
        const apr_int64_t *position =
            known ? apr_hash_get(known, name, APR_HASH_KEY_STRING) : NULL;

        f->position = position ? *position : known ? 0 : -1;
        rv = look_into(f, apr_pstrcat(ptemp, dir, "/", name, NULL), ptemp);
    }
    return rv;
}

apr_status_t qdn_forget_files(const char *state_dir, const char *number,
                              apr_hash_t *positions, int overwrite,
                              qdn_forget_files_t *pfiles, apr_pool_t *ptemp)
{
    file_t f = { .number = number, .overwrite = overwrite, .found = pfiles };
    apr_status_t rv;

    *pfiles = (qdn_forget_files_t){ 0, 0 };
    rv = look_through(&f, apr_pstrcat(ptemp, state_dir, "/journal", NULL),
                      positions, ptemp);
    return rv == APR_SUCCESS
               ? look_through(&f,
                              apr_pstrcat(ptemp, state_dir, "/parked", NULL),
                              NULL, ptemp)
               : rv;
}
