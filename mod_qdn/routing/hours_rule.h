/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HOURS_RULE_H
#define QDN_HOURS_RULE_H

/* Hours as the parser leaves them and the evaluation reads them. */

#include <apr_tables.h>
#include "hours.h"

#define QDN_HOURS_DAY 1440 /* minutes */

#define QDN_HOURS_PH 0x1
#define QDN_HOURS_SH 0x2

/* Minutes of the day on which it begins, [from, to); to is up to 48 hours. */
typedef struct qdn_hours_span_t {
    int from, to;
} qdn_hours_span_t;

/* Both ends included: 1224 every year (from > to: over the new year), or
 * 20261224 in that year alone. */
typedef struct qdn_hours_dates_t {
    int from, to;
} qdn_hours_dates_t;

typedef struct qdn_hours_rule_t {
    int additive; /* 1: after ",", it leaves earlier rules in force */
    int off;      /* 1: off, closed */
    int both;     /* 1: "PH Mo-Fr", a holiday and such a weekday */
    int holidays; /* QDN_HOURS_PH, QDN_HOURS_SH */
    int weekdays; /* bit 0 Monday ... bit 6 Sunday */
    apr_array_header_t *dates; /* of qdn_hours_dates_t; empty: all */
    apr_array_header_t *spans; /* of qdn_hours_span_t; empty: all day */
} qdn_hours_rule_t;

struct qdn_hours_t {
    const char *text;
    apr_array_header_t *rules; /* of qdn_hours_rule_t */
    int holidays;              /* of all rules */
    /* Minutes of the day at which anything can change, ascending; 0 first. */
    const short *marks;
    int nmarks;
};

#endif
