/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SNAPSHOT_H
#define QDN_SNAPSHOT_H

/*
 * All that this host knows about availability, in one file of the state
 * directory that is replaced by rename: written by the daemon, mapped and
 * read by children, qdnctl and the next daemon. Numbers are this machine's;
 * offsets, not pointers; everything is checked once when it is mapped (magic,
 * version, size, CRC32C, every offset), then read without a check and without
 * a lock. Feeds are found by key, operators by id: a snapshot fits whatever
 * plan is in force.
 */

#include <apr_pools.h>
#include <apr_tables.h>
#include "finding.h"
#include "standing.h"

#define QDN_SNAPSHOT_FILE "availability" /* in the state directory */

typedef struct qdn_snapshot_t qdn_snapshot_t;

/* An operator is talking, as another host's events in SQL say. */
typedef struct qdn_talk_t {
    const char *operator; /* id */
    const char *call_sid;
    const char *host;
    apr_time_t since;
    apr_time_t until;     /* nobody believes it longer (engaged.h) */
} qdn_talk_t;

/* What is written. Arrays may be NULL or empty. */
typedef struct qdn_picture_t {
    const char *host;
    apr_time_t written_at;
    apr_uint64_t serial;                  /* grows with each one of a host */
    const apr_array_header_t *feeds;      /* of const qdn_feed_t * */
    const qdn_finding_t *findings;        /* one per feed, in that order */
    const apr_array_header_t *standings;  /* of qdn_standing_t */
    const apr_array_header_t *talks;      /* of qdn_talk_t */
} qdn_picture_t;

/*
 * Write dir/availability.new, sync and rename it. Spans become whole seconds;
 * those of one feed that touch or overlap and have the same title become one.
 * APR_SUCCESS; QDN_ETOOBIG (1 GiB); what the system said: the file that was
 * there is then as it was.
 */
apr_status_t qdn_snapshot_write(const char *dir, const qdn_picture_t *picture,
                                apr_pool_t *ptemp);

/*
 * Check len bytes in memory, 8-aligned, which then are the snapshot: what
 * _map does with a file. APR_SUCCESS or QDN_EMALFORMED.
 */
apr_status_t qdn_snapshot_check(const qdn_snapshot_t **psnapshot,
                                const void *bytes, apr_size_t len,
                                apr_pool_t *p);

/*
 * Map the file of that directory, all its pages (MAP_POPULATE, so that no
 * reader waits for a disk). Unmapped when p is cleared. APR_SUCCESS;
 * APR_ENOENT; QDN_EMALFORMED (cut, damaged, of another version or machine);
 * what the system said.
 */
apr_status_t qdn_snapshot_map(const qdn_snapshot_t **psnapshot,
                              const char *dir, apr_pool_t *p);

apr_time_t qdn_snapshot_written_at(const qdn_snapshot_t *snapshot);
apr_uint64_t qdn_snapshot_serial(const qdn_snapshot_t *snapshot);
apr_size_t qdn_snapshot_bytes(const qdn_snapshot_t *snapshot);

/*
 * What is known of a feed: 1, and *pfinding points into the snapshot; 0:
 * nothing (*pfinding is zeroed). Logarithmic time. Spans are kept in a
 * shorter form: *pfinding has their number, `spans` is NULL.
 */
int qdn_snapshot_finding(const qdn_snapshot_t *snapshot,
                         const qdn_feed_t *feed, qdn_finding_t *pfinding);

/* Likewise with its spans, in p: not for the call path. */
int qdn_snapshot_spans(const qdn_snapshot_t *snapshot, const qdn_feed_t *feed,
                       qdn_finding_t *pfinding, apr_pool_t *p);

/*
 * As qdn_finding_span, of a finding that qdn_snapshot_finding told: 1 and
 * *pspan, or 0; logarithmic time as a rule.
 */
int qdn_snapshot_span(const qdn_snapshot_t *snapshot,
                      const qdn_finding_t *finding, apr_time_t at,
                      qdn_span_t *pspan, apr_time_t *puntil);

/* When its next span after that moment begins; 0: none is known. */
apr_time_t qdn_snapshot_next(const qdn_snapshot_t *snapshot,
                             const qdn_finding_t *finding, apr_time_t at);

/* The standing in force, see qdn_standing_of: 1, and *pstanding; or 0. */
int qdn_snapshot_standing(const qdn_snapshot_t *snapshot,
                          const char *operator, const char *line,
                          apr_time_t now, qdn_standing_t *pstanding);

/* Is the operator in a talk that other hosts told of? 1, and *ptalk; or 0. */
int qdn_snapshot_talk(const qdn_snapshot_t *snapshot, const char *operator,
                      apr_time_t now, qdn_talk_t *ptalk);

/* All standings, ended ones too, for the next daemon; strings in p. */
apr_array_header_t *qdn_snapshot_standings(const qdn_snapshot_t *snapshot,
                                           apr_pool_t *p);

#endif
