/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CIVIL_H
#define QDN_CIVIL_H

/* Days of the Gregorian calendar, in both directions, without any zone. */

#include <apr.h>

/*
 * Days since 1970-01-01 of a date; month and day from 1. Either may lie
 * outside its range and is carried over: month 13, day 0.
 */
apr_int64_t qdn_civil_days(apr_int64_t year, apr_int64_t month,
                           apr_int64_t day);

/* The date of that day. */
void qdn_civil_date(apr_int64_t days, int *pyear, int *pmonth, int *pday);

/* 0 Monday ... 6 Sunday */
int qdn_civil_weekday(apr_int64_t days);

/* a / b and a % b rounded down: the remainder is never negative. b > 0 */
apr_int64_t qdn_civil_div(apr_int64_t a, apr_int64_t b);
apr_int64_t qdn_civil_mod(apr_int64_t a, apr_int64_t b);

#endif
