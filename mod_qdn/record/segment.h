/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SEGMENT_H
#define QDN_SEGMENT_H

/*
 * The journal's files. Each has one writer, which holds an exclusive flock on
 * it for as long as it may still write; the kernel frees it however the
 * writer ends. A segment whose lock is free is abandoned: nobody writes to it
 * again, and an incomplete last line in it is torn, not on its way.
 *
 * A segment is lines of text, none of which contains a NUL, and then perhaps
 * NULs: room that its writer has reserved for more (writer.h). Bytes change
 * from NUL to text only, so what has no NUL in it can be read at any time.
 *
 * Names are `<host>-<pid>-<16 hex digits>.<seq>.jsonl`; the digits are random
 * for each writer, so a name is never used again and can be the key of a
 * drain position that many hosts keep in one table. A segment appears under
 * its name only after its lock is held.
 */

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#define QDN_SEGMENT_NAME   191 /* with the NUL */
#define QDN_SEGMENT_WRITER 160 /* with the NUL */

#define QDN_SEGMENT_RESERVE (256 * 1024) /* bytes of NULs at most */

/* "<host>-<pid>-<random>" of this process, for all its segments. */
void qdn_segment_writer(char writer[QDN_SEGMENT_WRITER], const char *host);

/*
 * Create and lock the writer's segment number seq in directory dirfd, mode
 * 0600, close-on-exec; its entry in the directory is durable if sync. *pfd is
 * open for writing, name receives the file's name. APR_SUCCESS or the
 * system's error; nothing is left behind then. Allocates nothing.
 */
apr_status_t qdn_segment_create(int *pfd, char name[QDN_SEGMENT_NAME],
                                int dirfd, const char *writer, unsigned seq,
                                int sync);

int qdn_segment_name_ok(const char *name);

typedef struct qdn_segment_t {
    char name[QDN_SEGMENT_NAME];
    apr_int64_t size;    /* bytes, reserved ones too */
    apr_time_t modified; /* wall clock */
} qdn_segment_t;

/*
 * *psegments: array of qdn_segment_t in p, the oldest name of each writer
 * first. Other files are not listed. APR_SUCCESS or the system's error.
 */
apr_status_t qdn_segment_list(apr_array_header_t **psegments, const char *dir,
                              apr_pool_t *p);

/* Bytes of all segments in the directory, reserved ones too. */
apr_status_t qdn_segment_bytes(const char *dir, apr_int64_t *pbytes);

/* Remove what a writer left that died between creating and naming. */
void qdn_segment_sweep(const char *dir, apr_time_t now);

/* Is the lock free, so that nobody will write to this open file again? */
int qdn_segment_abandoned(int fd);

/* Is `offset` where the lines end and the reserve begins? */
int qdn_segment_reserved(int fd, apr_int64_t offset);

/* One whole line with its newline; `end` is the offset after it. */
typedef apr_status_t qdn_segment_line_cb(void *baton, const char *line,
                                         apr_size_t len, apr_int64_t end);

/*
 * Hand over the whole lines from offset on, until `line` returns something
 * else than APR_SUCCESS or no newline is left. *pend: the offset after the
 * last line that was taken. The line ends with the call; it is not followed
 * by a NUL. APR_SUCCESS, what `line` returned, or the system's error. A line
 * without an end within QDN_SEGMENT_LINE bytes is handed over in pieces.
 *
 * While the writer lives, a NUL ends what can be read. With `abandoned` NULs
 * are passed over, and *pend with them: a power cut can leave some before
 * lines that nobody was told were durable. A piece of a line before such NULs
 * is handed over with them, as a line that no newline ends.
 */
#define QDN_SEGMENT_LINE (16 * 1024 * 1024)
apr_status_t qdn_segment_read(int fd, apr_int64_t offset, int abandoned,
                              qdn_segment_line_cb *line, void *baton,
                              apr_int64_t *pend, apr_pool_t *p);

/* Bytes of a line without its end at offset: up to a NUL or the file's end. */
apr_int64_t qdn_segment_torn(int fd, apr_int64_t offset);

/* What a file holds, from offset on. */
typedef struct qdn_segment_health_t {
    apr_int64_t lines;     /* whole, with a CRC that fits */
    apr_int64_t newer;     /* of those: written by a newer version */
    apr_int64_t bad;       /* lines with a CRC that does not: corruption */
    apr_int64_t first_bad; /* offset of the first of them, -1: none */
    apr_int64_t torn;      /* bytes of a line after the last newline */
    apr_int64_t size;      /* bytes of all that, without what is reserved */
    apr_int64_t waiting;   /* lines that begin at `position` or later */
    apr_time_t oldest;     /* `at` of the first of those, 0: none */
    int writer_alive;
} qdn_segment_health_t;

/* Check every line of a segment. APR_SUCCESS or the system's error. */
apr_status_t qdn_segment_verify(qdn_segment_health_t *phealth, const char *path,
                                apr_int64_t position, apr_pool_t *p);

#endif
