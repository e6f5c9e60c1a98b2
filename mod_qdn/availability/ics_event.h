/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ICS_EVENT_H
#define QDN_ICS_EVENT_H

/*
 * One VEVENT: when it begins, how long it lasts, whether it counts. In
 * qdn_sources.so only.
 */

#include "ics_walk.h"

/* How long each occurrence lasts: by the calendar, then by the clock. */
typedef struct qdn_ics_length_t {
    int days;
    apr_interval_time_t rest;
} qdn_ics_length_t;

typedef struct qdn_ics_event_t {
    icalcomponent *component;
    icaltimetype start;
    const qdn_ics_clock_t *clock;
    qdn_ics_length_t length;
    int counts; /* 0: free, cancelled, declined or of another title */
    const char *title;
    const char *uid;    /* NULL: none; libical's */
    apr_hash_t *except; /* moments, and days as text */
} qdn_ics_event_t;

/*
 * Read it as the walk wants it, exceptions and rules aside. 0: it has no
 * beginning that could be understood.
 */
int qdn_ics_event_read(qdn_ics_walk_t *walk, icalcomponent *c,
                       qdn_ics_event_t *pevent);

#endif
