/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_METER_H
#define QDN_METER_H

/*
 * What is measured of the call path besides the counters of counter.h, in
 * memory that all processes share: only added to, without a lock. For
 * qdn-metrics, so no number and no name is in it.
 */

#include <apr_time.h>

#include "reason.h"

/* Rows of the table of webhooks (steps.c), and room for more. */
#define QDN_METER_STEPS 24

/* Upper ends of the buckets of answering time, in microseconds; the last is
 * open. Prometheus wants them in seconds. */
/* clang-format off */
#define QDN_METER_BUCKETS(X)                                                   \
    X(250) X(500) X(1000) X(2500) X(5000) X(10000) X(25000) X(50000)           \
    X(100000) X(250000) X(500000) X(1000000) X(2500000)
/* clang-format on */
enum {
#define X(us) QDN_METER_BUCKET_##us,
    QDN_METER_BUCKETS(X)
#undef X
        QDN_METER_BUCKET_MAX
};

typedef struct qdn_meter_t {
    apr_uint64_t steps[QDN_METER_STEPS][2]; /* signed webhooks; [1]: repeats */
    apr_uint64_t chosen[QDN_REASON_MAX]; /* phones, by reason of the choice */
    apr_uint64_t ended[QDN_REASON_MAX];  /* hops, by reason of the end */
    apr_uint64_t took[QDN_METER_BUCKET_MAX + 1]; /* not cumulative */
    apr_uint64_t took_us;                        /* sum */
    apr_int64_t last_webhook; /* wall clock, of the last signed one */
    apr_int64_t last_refusal; /* wall clock, of the last one without a good
                               * signature */
} qdn_meter_t;

/* meter may be NULL in all of these. */
void qdn_meter_answered(qdn_meter_t *meter, int step, int repeat,
                        apr_interval_time_t took, apr_time_t now);
void qdn_meter_refused(qdn_meter_t *meter, apr_time_t now);
void qdn_meter_chosen(qdn_meter_t *meter, qdn_reason_e reason);
void qdn_meter_ended(qdn_meter_t *meter, qdn_reason_e reason);

/* The upper end of a bucket; 0: it is open. */
apr_interval_time_t qdn_meter_end(int bucket);

/* One of the counts, as it is now. */
apr_uint64_t qdn_meter_get(const apr_uint64_t *count);

#endif
