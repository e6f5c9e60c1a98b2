/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HEALTH_H
#define QDN_HEALTH_H

/*
 * Green, amber or red, and why. Counters only ever grow, so a trouble that a
 * counter tells of colours the health for a quarter of an hour after it last
 * grew; a trouble that lasts colours it as long as it lasts.
 */

#include <apr_tables.h>
#include <apr_time.h>
#include "counter.h"
#include "drain.h"
#include "text.h"

#define QDN_HEALTH_KEEP apr_time_from_sec(15 * 60)
/* Rows wait this long before that is a trouble: promised is a second. */
#define QDN_HEALTH_LAG apr_time_from_sec(60)

/* A step of the drain that takes longer hangs in the database. */
#define QDN_HEALTH_HANG apr_time_from_sec(5)

typedef enum { QDN_GREEN, QDN_AMBER, QDN_RED } qdn_colour_e;

/*
 * What is known of the counters' growth. It lies beside them in shared memory
 * and outlives the daemon, so that neither a restart nor a crash forgives
 * anything, and what grew while no daemon ran is news to the next. Zeroed
 * together with the counters; nothing else begins it.
 */
typedef struct qdn_health_t {
    apr_uint64_t seen[QDN_COUNTER_MAX];
    apr_interval_time_t grew[QDN_COUNTER_MAX]; /* monotonic; 0: never */
} qdn_health_t;

/*
 * Look at the counters; now is monotonic. Call it about once a second, from
 * one thread of one process; it may be killed in between.
 */
void qdn_health_watch(qdn_health_t *health, const qdn_counters_t *counters,
                      apr_interval_time_t now);

/* What health is judged by besides the counters. */
typedef struct qdn_health_facts_t {
    const qdn_drain_report_t *drain;
    int drain_closed; /* not opened: the report says no more than why */
    apr_interval_time_t drain_silent; /* since its last step ended */
    int secrets_kept;    /* sources whose secrets are from an earlier read */
    int secrets_missing; /* sources without any that hold */
    const apr_array_header_t *troubles; /* const char *: amber; or NULL */
    apr_time_t now;                     /* wall clock */
    apr_interval_time_t mono;
} qdn_health_facts_t;

/*
 * The worst colour; every reason for it is appended to *preasons as
 * `{"colour":...,"what":...}`, separated by commas.
 */
qdn_colour_e qdn_health_judge(const qdn_health_t *health,
                              const qdn_health_facts_t *facts,
                              qdn_text_t *reasons);

/* "green", "amber", "red" */
const char *qdn_health_colour(qdn_colour_e colour);

#endif
