/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HOURS_H
#define QDN_HOURS_H

/*
 * Opening hours in the notation of OpenStreetMap's opening_hours, the subset
 * that people use: weekday ranges and lists (Mo-Fr, Sa,Su, Fr-Mo), several
 * spans a day, spans past midnight (22:00-02:00, 20:00-26:00), open end
 * (17:00+), dates and date ranges (Dec 24, Dec 24-Jan 02, Jun, 2026 Dec 24),
 * PH and SH (public and school holidays, also as "PH,Su" and "PH off"), off
 * and closed, 24/7, rules separated by ";" (the later overrides the earlier
 * for the days that it names, off with a time only that time) and "," (it
 * adds). A span belongs to the day on which it begins, also past midnight;
 * an open end lasts until midnight. Pure.
 * Source: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
 */

#include <apr_pools.h>
#include "zone.h"

#define QDN_HOURS_BYTES 500 /* longer texts are refused */

typedef struct qdn_hours_t qdn_hours_t;

/* Days as 20261224, sorted, each once. n may be 0. */
typedef struct qdn_days_t {
    const int *days;
    int n;
} qdn_days_t;

/* What hours depend on besides the clock; either may be NULL: none known. */
typedef struct qdn_holidays_t {
    const qdn_days_t *public;
    const qdn_days_t *school;
} qdn_holidays_t;

/*
 * NULL, and the hours in *phours, in p; or a sentence that says at which
 * position (from 1) what stands and what is accepted there. What the full
 * notation knows and we do not (sunrise, week numbers, "||") is named as such.
 */
const char *qdn_hours_parse(const qdn_hours_t **phours, const char *text,
                            apr_pool_t *p);

/* As it was written. */
const char *qdn_hours_text(const qdn_hours_t *hours);

/* Do these hours name PH, or SH? Then they need holidays. */
int qdn_hours_need_public(const qdn_hours_t *hours);
int qdn_hours_need_school(const qdn_hours_t *hours);

typedef struct qdn_hours_state_t {
    int open;
    int holiday;      /* 1: a rule for PH or SH decided */
    apr_time_t until; /* when `open` changes next; 0: not within 400 days */
} qdn_hours_state_t;

/*
 * Spans mean the wall clock of that zone, whatever DST does to it: an hour
 * that is shown twice counts twice, one that is left out not at all.
 */
void qdn_hours_at(const qdn_hours_t *hours, const qdn_zone_t *zone,
                  const qdn_holidays_t *holidays, apr_time_t at,
                  qdn_hours_state_t *pstate);

/*
 * The same without `until`, which costs more: what a call asks.
 */
int qdn_hours_open(const qdn_hours_t *hours, const qdn_zone_t *zone,
                   const qdn_holidays_t *holidays, apr_time_t at,
                   int *pholiday);

#endif
