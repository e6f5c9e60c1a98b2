/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_REPORTS_H
#define QDN_REPORTS_H

/* What the sums of rollup.h say of a span of days. */

#include "rollup.h"

typedef struct qdn_reports_query_t {
    int from;         /* 20261101, the first day */
    int to;           /* 20261130, the last one */
    const char *line; /* only this line's; NULL: all */
} qdn_reports_query_t;

/* Calls by outcome; those that have none yet are in `calls` alone. */
typedef struct qdn_reports_sum_t {
    apr_int64_t calls;
    apr_int64_t answered;
    apr_int64_t voicemail;
    apr_int64_t unanswered;
    apr_int64_t abandoned; /* all of them */
    apr_int64_t impatient; /* of those: within QDN_ROLLUP_IMPATIENT */
    apr_int64_t rejected;
    apr_int64_t failed;
    apr_int64_t failover; /* needed more than one hop */
    /* missed = voicemail + unanswered + abandoned - impatient */
} qdn_reports_sum_t;

typedef struct qdn_reports_day_t {
    int day;
    qdn_reports_sum_t sum;
} qdn_reports_day_t;

typedef struct qdn_reports_load_t {
    const char *operator;
    int night; /* 1: from 22 to 7 */
    apr_int64_t rung;
    apr_int64_t answered;
    apr_int64_t talk_seconds;
} qdn_reports_load_t;

typedef struct qdn_reports_t {
    qdn_reports_sum_t total;
    apr_array_header_t *days;      /* of qdn_reports_day_t, those with calls,
                                     * the first day first */
    qdn_reports_sum_t week[7][24]; /* Monday is 0 */
    int median_wait;               /* seconds to the answer; -1: none */
    int p90_wait;
    apr_array_header_t *loads; /* of qdn_reports_load_t, by operator */
} qdn_reports_t;

/*
 * APR_SUCCESS; APR_EINVAL if a day is no day of the calendar or they are in
 * the wrong order; APR_EGENERAL, see qdn_store_error. All is in p.
 */
apr_status_t qdn_reports_get(qdn_store_t *store,
                             const qdn_reports_query_t *query,
                             qdn_reports_t *preports, apr_pool_t *p);

#endif
