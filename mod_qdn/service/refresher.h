/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_REFRESHER_H
#define QDN_REFRESHER_H

/*
 * The daemon's thread that asks the feeds, puts what they say into the roster
 * and how they are doing into the sources. What it runs lies in an object of
 * its own (refresh.h), loaded here: without it the daemon does everything
 * else. Like the drainer it is never ended: the process ends under it.
 */

#include "daemon.h"
#include "roster.h"
#include "sources.h"

typedef struct qdn_refresher_t qdn_refresher_t;

/*
 * Begin, if the plan has feeds; else *prefresher is NULL, which the other
 * functions take for "all is well". APR_SUCCESS or what starting a thread
 * said. p must outlive the process's work.
 */
apr_status_t qdn_refresher_start(qdn_refresher_t **prefresher,
                                 const qdn_daemon_config_t *config,
                                 qdn_roster_t *roster, qdn_sources_t *sources,
                                 apr_pool_t *p);

/* Its last sign of life; monotonic, any thread. Now, if it cannot work. */
apr_interval_time_t qdn_refresher_beat(const qdn_refresher_t *refresher);

/* NULL, or a sentence: why no feed is asked at all. Any thread. */
const char *qdn_refresher_fault(const qdn_refresher_t *refresher);

#endif
