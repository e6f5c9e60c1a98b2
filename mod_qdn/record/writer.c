/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "clock.h"

#define RESERVE_MIN (16 * 1024) /* bytes */

void qdn_writer_init(qdn_writer_t *w, const char *dir, const char *host,
                     int sync)
{
    memset(w, 0, sizeof(*w));
    w->dir = dir;
    w->fd = -1;
    w->sync = sync;
    qdn_segment_writer(w->writer, host);
}

void qdn_writer_leave(qdn_writer_t *w)
{
    if (w->fd < 0) {
        return;
    }
    /* Where this fails, the reader sees what a killed writer leaves. */
    if (w->reserved > w->size) {
        (void)!ftruncate(w->fd, (off_t)w->size);
    }
    close(w->fd);
    w->fd = -1;
}

static apr_status_t enter_segment(qdn_writer_t *w)
{
    apr_status_t rv;
    int dirfd;

    if (w->fd >= 0) {
        return APR_SUCCESS;
    }
    /* By name each time: somebody may have removed it and made it again. */
    dirfd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0) {
        return errno;
    }
    rv = qdn_segment_create(&w->fd, w->name, dirfd, w->writer, w->seq, w->sync);
    close(dirfd);
    if (rv == APR_SUCCESS) {
        w->seq++;
        w->size = 0;
        w->reserved = 0;
        w->opened = qdn_clock_mono();
    }
    return rv;
}

/*
 * A half-written line would make the next one unreadable. If it cannot be
 * cut off, the segment is left: its reader knows a torn end when it sees one.
 */
static void cut(qdn_writer_t *w)
{
    off_t end = (off_t)w->size;

    w->reserved = 0;
    if (ftruncate(w->fd, end) || lseek(w->fd, end, SEEK_SET) != end) {
        qdn_writer_leave(w);
    }
}

static apr_int64_t reserve_for(apr_int64_t size)
{
    return size < RESERVE_MIN           ? RESERVE_MIN
           : size < QDN_SEGMENT_RESERVE ? size
                                        : QDN_SEGMENT_RESERVE;
}

/* Does what it can: on a full disk lines are written without a reserve. */
static void reserve(qdn_writer_t *w, apr_int64_t bytes)
{
    static char zeros[RESERVE_MIN]; /* not const: pages that take no memory */
    apr_int64_t end = w->size + bytes + reserve_for(w->size);
    ssize_t wrote = 1;

    if (!w->sync || w->size + bytes <= w->reserved ||
        bytes > QDN_SEGMENT_RESERVE) {
        return;
    }
    if (w->reserved < w->size) {
        w->reserved = w->size;
    }
    while (wrote > 0 && w->reserved < end) {
        apr_int64_t left = end - w->reserved;

        wrote = pwrite(w->fd, zeros,
                       left < RESERVE_MIN ? (size_t)left : RESERVE_MIN,
                       (off_t)w->reserved);
        w->reserved += wrote > 0 ? wrote : 0;
    }
}

static apr_status_t write_all(int fd, struct iovec *iov, int n)
{
    while (n > 0) {
        ssize_t wrote = writev(fd, iov, n);

        if (wrote < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno;
        }
        for (; n > 0 && (size_t)wrote >= iov->iov_len; iov++, n--) {
            wrote -= (ssize_t)iov->iov_len;
        }
        if (n > 0) {
            iov->iov_base = (char *)iov->iov_base + wrote;
            iov->iov_len -= (size_t)wrote;
        }
    }
    return APR_SUCCESS;
}

/* Somebody removed our file: no drain will see what is written to it. */
static int is_removed(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

apr_status_t qdn_writer_put(qdn_writer_t *w, struct iovec *iov, int n)
{
    apr_int64_t bytes = 0;
    apr_status_t rv = enter_segment(w);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    for (int i = 0; i < n; i++) {
        bytes += (apr_int64_t)iov[i].iov_len;
    }
    reserve(w, bytes);
    rv = write_all(w->fd, iov, n);
    if (rv != APR_SUCCESS) {
        cut(w);
        return rv;
    }
    w->size += bytes;
    if (w->sync && fdatasync(w->fd)) {
        /*
         * The kernel may have dropped the pages and marked them clean, so a
         * later success would say nothing. What was not acknowledged is
         * written again to a new segment; ids make double lines harmless.
         */
        rv = errno;
    }
    else if (is_removed(w->fd)) {
        rv = ENOENT;
    }
    if (rv != APR_SUCCESS) {
        qdn_writer_leave(w);
    }
    return rv;
}

void qdn_writer_rotate(qdn_writer_t *w, apr_time_t now)
{
    if (w->fd >= 0 && (w->size >= QDN_SEGMENT_MAX ||
                       (w->size > 0 && now - w->opened >= QDN_SEGMENT_AGE))) {
        qdn_writer_leave(w);
    }
}
