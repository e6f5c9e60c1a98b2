/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_METRICS_H
#define QDN_METRICS_H

/*
 * What qdn-metrics answers: the text format of Prometheus, version 0.0.4, from
 * shared memory alone, so that it works while the daemon is away and takes no
 * worker from a caller. No phone number and no name is in it: lines and feeds
 * are told by their places in the configuration, from 1.
 */

#include "gauges.h"
#include "meter.h"

#define QDN_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Each may be NULL: nothing is told of it. */
typedef struct qdn_metrics_t {
    const qdn_counters_t *counters;
    const qdn_meter_t *meter;
    const qdn_gauges_t *gauges;
    const char *version;
    apr_time_t now;           /* wall clock */
    apr_interval_time_t mono; /* as qdn_gauges_t.told_at */
} qdn_metrics_t;

/* In p. */
const char *qdn_metrics_text(const qdn_metrics_t *metrics, apr_pool_t *p);

#endif
