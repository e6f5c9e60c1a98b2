/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ICS_CLOCK_H
#define QDN_ICS_CLOCK_H

/*
 * Which clock the times of one calendar are told by. In qdn_sources.so only.
 */

#include <apr_hash.h>
#include <libical/ical.h>

#include "zone.h"

/* A zone of this machine, or one that the calendar describes itself. */
typedef struct qdn_ics_clock_t {
    const qdn_zone_t *zone;
    icaltimezone *own; /* where zone is NULL */
} qdn_ics_clock_t;

typedef struct qdn_ics_clocks_t {
    apr_pool_t *pool;
    icalcomponent *calendar;
    qdn_ics_clock_t floating; /* of times without a zone, and of days */
    apr_hash_t *by_tzid;
} qdn_ics_clocks_t;

/*
 * The clocks of a VCALENDAR. Times without a zone are told by its
 * X-WR-TIMEZONE, else by `zone_name`, else (NULL) by UTC.
 */
void qdn_ics_clocks_init(qdn_ics_clocks_t *clocks, icalcomponent *calendar,
                         const char *zone_name, apr_pool_t *p);

/*
 * The clock of a property's value: UTC, its TZID (a name of this machine
 * before the calendar's own VTIMEZONE, which is often simplified) or the
 * floating one, also for a TZID that nobody describes.
 */
const qdn_ics_clock_t *qdn_ics_clock_of(qdn_ics_clocks_t *clocks,
                                        icalproperty *property,
                                        icaltimetype value);

/*
 * The moment at which the clock shows this time; of a date its first moment.
 * A time that is shown twice is the first, one that is never shown is counted
 * with the offset before the gap (RFC 5545, 3.3.5).
 */
apr_time_t qdn_ics_moment(const qdn_ics_clock_t *clock, icaltimetype t);

#endif
