/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asking.h"
#include "clock.h"
#include "ics.h"
#include "numbers.h"
#include "status.h"

static apr_uint64_t nanoseconds(struct timespec t)
{
    return (apr_uint64_t)t.tv_sec * 1000000000 + (apr_uint64_t)t.tv_nsec;
}

static void mark(const struct stat *st, apr_uint64_t marks[QDN_INQUIRY_MARKS])
{
    marks[0] = (apr_uint64_t)st->st_dev;
    marks[1] = (apr_uint64_t)st->st_ino;
    marks[2] = (apr_uint64_t)st->st_size;
    marks[3] = nanoseconds(st->st_mtim);
    marks[4] = nanoseconds(st->st_ctim);
}

/* The whole of it; NULL with a sentence in *perror. */
static char *slurp(int fd, apr_size_t max, apr_size_t *plen,
                   const char **perror, apr_pool_t *p)
{
    struct stat st;
    apr_size_t size, len = 0;
    char *text;

    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        *perror = "it is not a regular file";
        return NULL;
    }
    if (st.st_size < 0 || (apr_size_t)st.st_size > max) {
        *perror = "it is too large";
        return NULL;
    }
    size = (apr_size_t)st.st_size;
    text = apr_palloc(p, size + 1);
    while (len < size) {
        ssize_t n = read(fd, text + len, size - len);

        if (n < 0 && errno != EINTR) {
            *perror = "it cannot be read";
            return NULL;
        }
        if (n == 0) {
            break;
        }
        len += n > 0 ? (apr_size_t)n : 0;
    }
    text[len] = '\0';
    *plen = len;
    return text;
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
static void read_file(qdn_inquiry_t *inquiry)
{
    const qdn_feed_t *feed = inquiry->feed;
    apr_pool_t *p = qdn_desk_pool(inquiry->desk);
    int fd = open(feed->address, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    const char *error = NULL;
    char *text = NULL;
    char cause[128];
    apr_size_t len = 0;

    if (fd < 0) {
        error = apr_psprintf(p, "it cannot be opened: %s",
                             qdn_strerror(errno, cause, sizeof(cause)));
    }
    else {
        text = slurp(
            fd, feed->kind == QDN_FEED_NUMBERS ? QDN_NUMBERS_MAX : QDN_ICS_MAX,
            &len, &error, p);
        close(fd);
    }
    if (text) {
        qdn_inquiry_read(inquiry, text, len, NULL, NULL);
    }
    else {
        qdn_inquiry_failed(inquiry, error, 0);
    }
    apr_pool_destroy(p);
}

/*
 * What could not be read is not read again before it changes, but looked at
 * as often as all others, so that who repairs it does not wait.
 */
void qdn_asking_file(qdn_inquiry_t *inquiry)
{
    apr_uint64_t marks[QDN_INQUIRY_MARKS] = { 0 };
    struct stat st;
    int known;

    qdn_desk_reading(inquiry->desk, inquiry->feed);
    if (!stat(inquiry->feed->address, &st)) {
        mark(&st, marks);
    }
    known = marks[1] && !memcmp(marks, inquiry->file, sizeof(marks));
    memcpy(inquiry->file, marks, sizeof(marks));
    if (known && inquiry->failures) {
        qdn_inquiry_failed(inquiry, inquiry->error, 0);
    }
    else if (known &&
             qdn_clock_mono() - inquiry->read_at < QDN_INQUIRY_REREAD) {
        qdn_inquiry_unchanged(inquiry);
    }
    else {
        read_file(inquiry);
    }
    qdn_desk_done(inquiry->desk);
}
