/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_AUDIENCE_H
#define QDN_AUDIENCE_H

/*
 * What the daemon answers at ctl.sock, one row a question: the plan in force,
 * its health. In the daemon's main thread alone, and nothing here blocks.
 */

#include "daemon.h"
#include "drainer.h"
#include "refresher.h"

/* Who is asked for what. */
typedef struct qdn_audience_t {
    const qdn_daemon_config_t *config;
    qdn_drainer_t *drainer;
    qdn_roster_t *roster;
    qdn_refresher_t *refresher;  /* NULL: there are no feeds */
    apr_interval_time_t started; /* monotonic */
} qdn_audience_t;

/* A qdn_control_cb; the baton is a qdn_audience_t. */
const char *qdn_audience_answer(void *baton, const char *ask,
                                const char *request, apr_pool_t *p);

#endif
