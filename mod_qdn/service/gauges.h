/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_GAUGES_H
#define QDN_GAUGES_H

/*
 * What the daemon lets everybody know about once a second, in memory that all
 * processes share: its verdict on health, how the drain and the feeds are
 * doing, how calls ended. So whoever polls health or metrics asks nobody, and
 * learns when the daemon is silent. Only the daemon writes; single numbers are
 * read and written atomically, no two of them together. No number (of a phone)
 * and no name is in it.
 */

#include "chain.h"
#include "health.h"
#include "plan.h"

/* Feeds and lines by their places in the plan; what is beyond is not told. */
#define QDN_GAUGES_FEEDS 256
#define QDN_GAUGES_LINES 256

/* Nothing was told for so long: the daemon is away, or hangs. */
#define QDN_GAUGES_SILENT apr_time_from_sec(3)

typedef struct qdn_gauges_feed_t {
    apr_int64_t state;   /* qdn_sources_state_e */
    apr_int64_t good_at; /* wall clock; 0: never */
    apr_int64_t asked_at;
    apr_int64_t errors; /* attempts that failed */
} qdn_gauges_feed_t;

typedef struct qdn_gauges_t {
    apr_int64_t told_at; /* monotonic; 0: never */
    apr_int64_t colour;
    apr_int64_t checks[QDN_CHECK_MAX]; /* likewise colours */
    apr_int64_t drain_state;
    apr_int64_t pending_bytes, pending_segments, parked_files;
    apr_int64_t oldest;      /* see qdn_drain_report_t */
    apr_int64_t last_commit; /* likewise */
    apr_int64_t disk_free, disk_total;
    apr_int64_t oldest_credential; /* wall clock; 0: not known */
    apr_int64_t nfeeds, nlines;
    qdn_gauges_feed_t feeds[QDN_GAUGES_FEEDS];
    apr_int64_t ended[QDN_GAUGES_LINES][QDN_OUTCOME_MAX];
    char revision[QDN_REVISION_HEX + 1]; /* whose places these are */
} qdn_gauges_t;

/*
 * A daemon begins. Of another plan's lines and feeds nothing is told any more.
 * gauges may be NULL in all of these.
 */
void qdn_gauges_begin(qdn_gauges_t *gauges, const qdn_plan_t *plan);

/* What was just found out; feeds: of qdn_sources_feed_t. */
void qdn_gauges_tell(qdn_gauges_t *gauges, const qdn_health_facts_t *facts,
                     const apr_array_header_t *symptoms,
                     const apr_array_header_t *feeds);

/* A call of the line with that place has ended so. From any thread. */
void qdn_gauges_ended(qdn_gauges_t *gauges, int line, qdn_outcome_e outcome);

/* 1: the daemon told something lately, and *pcolour is its verdict. */
int qdn_gauges_verdict(const qdn_gauges_t *gauges, apr_interval_time_t mono,
                       qdn_colour_e *pcolour);

apr_int64_t qdn_gauges_get(const apr_int64_t *gauge);

#endif
