/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DRAINER_H
#define QDN_DRAINER_H

/*
 * The daemon's thread that drains the journal into SQL. It may hang in a dead
 * database for as long as that likes and is safe to be cut anywhere, so it is
 * never ended: the process ends under it.
 */

#include "daemon.h"
#include "drain.h"

typedef struct qdn_drainer_t qdn_drainer_t;

/*
 * Begin. While the drain cannot even be opened that is tried again each
 * second. APR_SUCCESS or what starting a thread said. p must outlive the
 * process's work.
 */
apr_status_t qdn_drainer_start(qdn_drainer_t **pdrainer,
                               const qdn_daemon_config_t *config,
                               apr_pool_t *p);

/* When its last step ended; monotonic, any thread. */
apr_interval_time_t qdn_drainer_beat(const qdn_drainer_t *drainer);

/* 1: there is a drain; 0: not yet, and the report says why. Any thread. */
int qdn_drainer_report(qdn_drainer_t *drainer, qdn_drain_report_t *preport);

#endif
