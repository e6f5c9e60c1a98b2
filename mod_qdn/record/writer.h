/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_WRITER_H
#define QDN_WRITER_H

/*
 * What one child writes: its segments (segment.h), one after the other. One
 * thread uses it. It allocates nothing and takes no lock, see journal.c.
 *
 * With sync, room for the lines to come is reserved: written full of NULs
 * and synced together with lines. A file that does not grow has no new size,
 * and syncing it again costs the file system no commit of its own journal.
 * The reserve is as large as what was written, between the bounds below, and
 * is given back when the segment is left. What a killed writer reserved, its
 * reader passes over.
 */

#include <apr_time.h>
#include <sys/uio.h>
#include "segment.h"

#define QDN_SEGMENT_MAX (8 * 1024 * 1024)     /* bytes, then the next one */
#define QDN_SEGMENT_AGE apr_time_from_sec(60) /* so that drained ones go */

typedef struct qdn_writer_t {
    const char *dir;
    int fd; /* -1: no segment is open */
    int sync;
    unsigned seq;
    apr_int64_t size;     /* of the segment: whole lines */
    apr_int64_t reserved; /* up to here it holds lines, then NULs */
    apr_time_t opened;    /* monotonic */
    char writer[QDN_SEGMENT_WRITER];
    char name[QDN_SEGMENT_NAME];
} qdn_writer_t;

/*
 * A writer for this process into the directory, whose name is not copied.
 * Does not touch the disk.
 */
void qdn_writer_init(qdn_writer_t *w, const char *dir, const char *host,
                     int sync);

/*
 * Write whole lines to the end of the segment, the first of which is opened
 * if need be. APR_SUCCESS: the kernel has them, and with sync the disk. Else
 * the system's error, ENOENT if somebody has removed the file; the same lines
 * can then be handed over again, and some may come to stand twice in the
 * journal. iov is used up.
 */
apr_status_t qdn_writer_put(qdn_writer_t *w, struct iovec *iov, int n);

/* Leave the segment, if it is large or old. `now` is monotonic. */
void qdn_writer_rotate(qdn_writer_t *w, apr_time_t now);

/* Leave the segment, if one is open: its reader may then finish it. */
void qdn_writer_leave(qdn_writer_t *w);

#endif
