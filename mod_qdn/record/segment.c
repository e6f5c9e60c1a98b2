/* SPDX-License-Identifier: Apache-2.0 */
#include "segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "event.h"
#include "status.h"

#define SUFFIX      ".jsonl"
#define SUFFIX_NEW  ".new" /* until the lock is held */
#define HOST_MAX    96     /* of a name's bytes; DNS allows 253 */
#define READ_SIZE   (128 * 1024)
#define SWEEP_AFTER apr_time_from_sec(60)

static int name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

static int ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), s = strlen(suffix);

    return n > s && !strcmp(name + n - s, suffix);
}

int qdn_segment_name_ok(const char *name)
{
    size_t n = strlen(name);

    if (n >= QDN_SEGMENT_NAME || name[0] == '.' || !ends_with(name, SUFFIX)) {
        return 0;
    }
    while (n > 0 && name_char(name[n - 1])) {
        n--;
    }
    return n == 0;
}

void qdn_segment_writer(char writer[QDN_SEGMENT_WRITER], const char *host)
{
    char safe[HOST_MAX + 1];
    apr_uint64_t random;
    size_t n = 0;

    /* Without random numbers the clock still tells two writers apart. */
    if (apr_generate_random_bytes((unsigned char *)&random, sizeof(random)) !=
        APR_SUCCESS) {
        random = (apr_uint64_t)apr_time_now();
    }
    for (; host[n] && n < HOST_MAX; n++) {
        safe[n] = name_char(host[n]) ? host[n] : '_';
    }
    safe[n] = '\0';
    if (safe[0] == '.') {
        safe[0] = '_';
    }
    snprintf(writer, QDN_SEGMENT_WRITER, "%s-%ld-%016" APR_UINT64_T_HEX_FMT,
             n ? safe : "host", (long)getpid(), random);
}

apr_status_t qdn_segment_create(int *pfd, char name[QDN_SEGMENT_NAME],
                                int dirfd, const char *writer, unsigned seq,
                                int sync)
{
    char unnamed[QDN_SEGMENT_NAME + sizeof(SUFFIX_NEW)];
    apr_status_t rv = APR_SUCCESS;
    int fd;

    snprintf(name, QDN_SEGMENT_NAME, "%s.%08u" SUFFIX, writer, seq);
    snprintf(unnamed, sizeof(unnamed), "%s" SUFFIX_NEW, name);
    fd = openat(dirfd, unnamed, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    /*
     * Named only when locked, or a drain would see a free lock, take the
     * empty file for one of a dead writer and remove it.
     */
    if (flock(fd, LOCK_EX | LOCK_NB) || renameat(dirfd, unnamed, dirfd, name) ||
        (sync && fsync(dirfd))) {
        rv = errno;
        unlinkat(dirfd, unnamed, 0);
        unlinkat(dirfd, name, 0);
        close(fd);
        return rv;
    }
    *pfd = fd;
    return APR_SUCCESS;
}

/* Call `each` for every segment in dir; st is its state. */
typedef void each_cb(void *baton, const char *name, const struct stat *st);

static apr_status_t for_each(const char *dir, const char *suffix, each_cb *each,
                             void *baton)
{
    apr_status_t rv = APR_SUCCESS;
    struct dirent *entry;
    struct stat st;
    DIR *d = opendir(dir);

    if (!d) {
        return errno;
    }
    while ((errno = 0, entry = readdir(d)) != NULL) {
        /* One that is gone by now was removed by the drain: not an error. */
        if (ends_with(entry->d_name, suffix) &&
            !fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
            S_ISREG(st.st_mode)) {
            each(baton, entry->d_name, &st);
        }
    }
    rv = errno;
    closedir(d);
    return rv;
}

static void list_one(void *baton, const char *name, const struct stat *st)
{
    qdn_segment_t *segment;

    if (!qdn_segment_name_ok(name)) {
        return;
    }
    segment = apr_array_push(baton);
    apr_cpystrn(segment->name, name, sizeof(segment->name));
    segment->size = st->st_size;
    segment->modified =
        apr_time_from_sec(st->st_mtim.tv_sec) + st->st_mtim.tv_nsec / 1000;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const qdn_segment_t *)a)->name,
                  ((const qdn_segment_t *)b)->name);
}

apr_status_t qdn_segment_list(apr_array_header_t **psegments, const char *dir,
                              apr_pool_t *p)
{
    apr_array_header_t *segments = apr_array_make(p, 16, sizeof(qdn_segment_t));
    apr_status_t rv = for_each(dir, SUFFIX, list_one, segments);

    /* seq has eight digits, so the order of bytes is that of writing. */
    qsort(segments->elts, (size_t)segments->nelts, sizeof(qdn_segment_t),
          by_name);
    *psegments = segments;
    return rv;
}

static void add_size(void *baton, const char *name, const struct stat *st)
{
    (void)name;
    *(apr_int64_t *)baton += st->st_size;
}

apr_status_t qdn_segment_bytes(const char *dir, apr_int64_t *pbytes)
{
    *pbytes = 0;
    return for_each(dir, SUFFIX, add_size, pbytes);
}

typedef struct sweep_t {
    const char *dir;
    apr_time_t before;
} sweep_t;

static void sweep_one(void *baton, const char *name, const struct stat *st)
{
    const sweep_t *sweep = baton;
    char path[4096];

    if (apr_time_from_sec(st->st_mtime) < sweep->before && st->st_size == 0) {
        apr_snprintf(path, sizeof(path), "%s/%s", sweep->dir, name);
        unlink(path);
    }
}

void qdn_segment_sweep(const char *dir, apr_time_t now)
{
    sweep_t sweep = { dir, now - SWEEP_AFTER };

    (void)for_each(dir, SUFFIX SUFFIX_NEW, sweep_one, &sweep);
}

int qdn_segment_abandoned(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

int qdn_segment_reserved(int fd, apr_int64_t offset)
{
    char c;

    return pread(fd, &c, 1, (off_t)offset) == 1 && c == '\0';
}

apr_int64_t qdn_segment_torn(int fd, apr_int64_t offset)
{
    char buf[4096];
    apr_int64_t at = offset;
    ssize_t n;

    while ((n = pread(fd, buf, sizeof(buf), (off_t)at)) > 0) {
        const char *nul = memchr(buf, '\0', (size_t)n);

        at += nul ? nul - buf : n;
        if (nul) {
            break;
        }
    }
    return at - offset;
}

typedef struct reader_t {
    int fd;
    int abandoned;
    int ended; /* a NUL was seen while the writer lives */
    char *buf;
    apr_size_t size;
    apr_size_t len;     /* bytes in buf */
    apr_int64_t offset; /* of buf in the file */
    apr_pool_t *pool;
} reader_t;

/* Read on behind what is there; *pgot 0 at the end of the file. */
static apr_status_t fill(reader_t *r, apr_size_t *pgot)
{
    ssize_t n;

    if (r->len == r->size) {
        char *larger = apr_palloc(r->pool, r->size * 2);

        memcpy(larger, r->buf, r->len);
        r->buf = larger;
        r->size *= 2;
    }
    do {
        n = pread(r->fd, r->buf + r->len, r->size - r->len,
                  (off_t)(r->offset + (apr_int64_t)r->len));
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return errno;
    }
    r->len += (apr_size_t)n;
    *pgot = (apr_size_t)n;
    return APR_SUCCESS;
}

/*
 * How much of the buffer from `at` on is a line, or a piece that no newline
 * will end; 0: its end is not there yet.
 */
static apr_size_t line_length(const reader_t *r, apr_size_t at)
{
    const char *begin = r->buf + at;
    apr_size_t left = r->len - at;
    const char *nl = memchr(begin, '\n', left);
    apr_size_t n = nl ? (apr_size_t)(nl + 1 - begin) : left;
    const char *nul = r->abandoned ? memchr(begin, '\0', n) : NULL;

    if (nl && nul) {
        /* The line behind the NULs begins anew. */
        for (n = (apr_size_t)(nul - begin); !begin[n]; n++) {
        }
        return n;
    }
    return nl || n >= QDN_SEGMENT_LINE ? n : 0;
}

/* Where text ends for now, or begins again. */
static apr_size_t skip_reserve(reader_t *r, apr_size_t at)
{
    while (r->abandoned && at < r->len && !r->buf[at]) {
        at++;
    }
    return at;
}

static void stop_at_reserve(reader_t *r)
{
    const char *nul = r->abandoned ? NULL : memchr(r->buf, '\0', r->len);

    if (nul) {
        r->len = (apr_size_t)(nul - r->buf);
        r->ended = 1;
    }
}

/* Hand over the whole lines of the buffer and move the rest to its front. */
static apr_status_t take_lines(reader_t *r, qdn_segment_line_cb *line,
                               void *baton)
{
    apr_status_t rv = APR_SUCCESS;
    apr_size_t at, n;

    stop_at_reserve(r);
    for (at = skip_reserve(r, 0); (n = line_length(r, at)) > 0;
         at = skip_reserve(r, at + n)) {
        rv = line(baton, r->buf + at, n, r->offset + (apr_int64_t)(at + n));
        if (rv != APR_SUCCESS) {
            break;
        }
    }
    memmove(r->buf, r->buf + at, r->len - at);
    r->len -= at;
    r->offset += (apr_int64_t)at;
    return rv;
}

apr_status_t qdn_segment_read(int fd, apr_int64_t offset, int abandoned,
                              qdn_segment_line_cb *line, void *baton,
                              apr_int64_t *pend, apr_pool_t *p)
{
    reader_t r = { .fd = fd,
                   .abandoned = abandoned,
                   .size = READ_SIZE,
                   .offset = offset,
                   .pool = p };
    apr_size_t got = 1;
    apr_status_t rv = APR_SUCCESS;

    r.buf = apr_palloc(p, r.size);
    while (rv == APR_SUCCESS && got && !r.ended) {
        rv = fill(&r, &got);
        if (rv == APR_SUCCESS) {
            rv = take_lines(&r, line, baton);
        }
    }
    *pend = r.offset;
    return rv;
}

typedef struct verify_t {
    qdn_segment_health_t *health;
    apr_int64_t position;
    apr_pool_t *scratch;
} verify_t;

static apr_status_t verify_line(void *baton, const char *line, apr_size_t len,
                                apr_int64_t end)
{
    verify_t *v = baton;
    qdn_segment_health_t *h = v->health;
    apr_int64_t begin = end - (apr_int64_t)len;
    qdn_event_t event;
    apr_status_t rv;

    apr_pool_clear(v->scratch);
    rv = qdn_event_decode(&event, line, len, v->scratch);
    if (rv == QDN_EMALFORMED) {
        h->bad++;
        h->first_bad = h->first_bad < 0 ? begin : h->first_bad;
        return APR_SUCCESS;
    }
    h->lines++;
    h->newer += rv == QDN_EREFUSED;
    if (begin >= v->position) {
        h->oldest = h->waiting++ ? h->oldest : event.at;
    }
    return APR_SUCCESS;
}

apr_status_t qdn_segment_verify(qdn_segment_health_t *phealth, const char *path,
                                apr_int64_t position, apr_pool_t *p)
{
    verify_t v = { phealth, position, NULL };
    apr_int64_t end = 0;
    apr_status_t rv;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    memset(phealth, 0, sizeof(*phealth));
    phealth->first_bad = -1;
    if (fd < 0) {
        return errno;
    }
    apr_pool_create(&v.scratch, p);
    /*
     * A shared lock, and given back at once: the drain may look at the same
     * moment, and must not take us for a writer for longer than that.
     */
    phealth->writer_alive = flock(fd, LOCK_SH | LOCK_NB) != 0;
    if (!phealth->writer_alive) {
        flock(fd, LOCK_UN);
    }
    rv = qdn_segment_read(fd, 0, !phealth->writer_alive, verify_line, &v, &end,
                          p);
    if (rv == APR_SUCCESS) {
        phealth->torn = qdn_segment_torn(fd, end);
        phealth->size = end + phealth->torn;
    }
    close(fd);
    apr_pool_destroy(v.scratch);
    return rv;
}
