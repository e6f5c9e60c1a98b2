/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ICS_WALK_H
#define QDN_ICS_WALK_H

/*
 * The events of one calendar, each occurrence by itself. In qdn_sources.so
 * only.
 */

#include "ics.h"
#include "ics_clock.h"

/*
 * Hostile rules: occurrences are counted, also those before the window, and
 * so is the time that libical looks for the next one of all rules of a text.
 */
#define QDN_ICS_STEPS 2000000
#define QDN_ICS_TIME  apr_time_from_sec(5)

typedef struct qdn_ics_walk_t {
    const qdn_ics_want_t *want;
    apr_pool_t *pool;
    apr_array_header_t *spans; /* of qdn_span_t, unsorted */
    int steps;                 /* left, of QDN_ICS_STEPS */
    apr_interval_time_t spent; /* of QDN_ICS_TIME */
    qdn_ics_clocks_t clocks;
    apr_hash_t *moved; /* "UID\nmoment" of occurrences that are overridden */
    apr_hash_t *tails; /* UID -> array of overrides with THISANDFUTURE */
    const char *owner; /* mail address, or NULL */
} qdn_ics_walk_t;

/*
 * Add the spans of a VCALENDAR's events and busy times that touch the
 * window. APR_SUCCESS; QDN_ETOOBIG: too many.
 */
apr_status_t qdn_ics_walk(qdn_ics_walk_t *walk, icalcomponent *calendar);

#endif
