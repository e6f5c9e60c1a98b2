/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_BACKLOG_H
#define QDN_BACKLOG_H

/*
 * What of the journal is not in SQL yet: the segments of one directory, how
 * far each has been dealt with, and the next lines. Belongs to the drain's
 * thread.
 */

#include <apr_hash.h>
#include <apr_tables.h>
#include "event.h"
#include "segment.h"

typedef struct qdn_backlog_t qdn_backlog_t;

/* A line, or what is left of one. */
typedef struct qdn_backlog_row_t {
    /*
     * APR_SUCCESS: event is set. QDN_EMALFORMED: damaged. QDN_EREFUSED: whole,
     * but of a newer version. APR_EOF: the torn end of a dead writer's file.
     */
    apr_status_t status;
    qdn_event_t event;
    const char *line; /* with its newline, if it has one; "" for APR_EOF */
    apr_size_t len;
    int segment;       /* index, see qdn_backlog_name */
    apr_int64_t begin; /* offsets in the segment */
    apr_int64_t end;
} qdn_backlog_row_t;

typedef struct qdn_backlog_total_t {
    apr_int64_t bytes; /* not dealt with */
    int segments;      /* that hold such bytes */
} qdn_backlog_total_t;

/* Nothing is read yet. Memory comes from pools below p. */
qdn_backlog_t *qdn_backlog_create(const char *dir, apr_pool_t *p);

/*
 * Look at the directory. positions (segment -> apr_int64_t *) replaces what
 * was known of all segments; NULL: what was known stays, new ones begin at
 * 0. APR_SUCCESS or the system's error. Indexes and names of rows taken
 * before are then void.
 */
apr_status_t qdn_backlog_scan(qdn_backlog_t *backlog, apr_hash_t *positions);

void qdn_backlog_total(const qdn_backlog_t *backlog,
                       qdn_backlog_total_t *ptotal);

/*
 * The next rows, at most max, each segment's in order, segments in turn:
 * array of qdn_backlog_row_t in p. Taking does not move positions, except past
 * what a dead writer had reserved. A segment that cannot be read is passed
 * over and its error returned along with the rows of the others.
 */
apr_status_t qdn_backlog_take(qdn_backlog_t *backlog, int max,
                              apr_array_header_t **prows, apr_pool_t *p);

const char *qdn_backlog_name(const qdn_backlog_t *backlog, int segment);

/* Everything before `end` has been dealt with for good. */
void qdn_backlog_settle(qdn_backlog_t *backlog, int segment, apr_int64_t end);

/*
 * Remove the files that were dealt with to their end and that nobody writes
 * any more; their names are appended to `removed` (const char *, copied).
 */
void qdn_backlog_prune(qdn_backlog_t *backlog, apr_array_header_t *removed);

#endif
