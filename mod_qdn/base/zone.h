/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ZONE_H
#define QDN_ZONE_H

/*
 * Time zones by their IANA names. A zone is read once, at configuration time,
 * from the compiled files of the system (RFC 8536), rules for the years after
 * the table included; then it is read-only, so that any thread converts any
 * moment in any zone without a lock and without the C library's one TZ.
 */

#include <apr_pools.h>
#include <apr_time.h>

/* Where the system keeps its time zones (package tzdata). */
#define QDN_ZONE_DIR "/usr/share/zoneinfo"

typedef struct qdn_zone_t qdn_zone_t;

/* A moment as a clock and a calendar on the wall show it. */
typedef struct qdn_local_t {
    int year, month, day;     /* month and day from 1 */
    int hour, minute, second;
    int weekday;              /* 0 Monday ... 6 Sunday */
    int offset;               /* seconds east of UTC */
} qdn_local_t;

/*
 * NULL, and the zone in *pzone, in p; or a sentence in p that quotes the
 * name and says what is accepted.
 */
const char *qdn_zone_load(const qdn_zone_t **pzone, const char *name,
                          apr_pool_t *p);

const char *qdn_zone_name(const qdn_zone_t *zone);

/* "UTC", which needs no file. */
const qdn_zone_t *qdn_zone_utc(void);

void qdn_zone_local(const qdn_zone_t *zone, apr_time_t at,
                    qdn_local_t *plocal);

/*
 * The moment at which that clock shows local (weekday and offset are not
 * looked at; day, hour ... may lie outside their range and are carried over:
 * day 32, hour 26). Shown twice (overlap): the first. Never shown (gap): the
 * moment of the gap.
 */
apr_time_t qdn_zone_at(const qdn_zone_t *zone, const qdn_local_t *local);

/*
 * The first moment after this one at which the clock is changed: between two
 * of them it runs evenly. 0: never again. A moment at which only the name of
 * the time changes may be among them.
 */
apr_time_t qdn_zone_change(const qdn_zone_t *zone, apr_time_t at);

/* "2026-11-22 14:30 PST": what people read; every time names its zone. In p */
const char *qdn_zone_text(const qdn_zone_t *zone, apr_time_t at,
                          apr_pool_t *p);

#endif
