/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SHM_H
#define QDN_SHM_H

/*
 * Memory that parent, children of all generations and the daemon share:
 * counters and when they grew, what qdn-metrics tells, the daemon's heartbeat,
 * the feeds that it died of, and what this host remembers of recent webhooks
 * and talks. Made once and kept over restarts, so that counters do not fall
 * back, no trouble is forgotten, and a second copy of a webhook finds its
 * answer. No lock lies in it.
 */

#include "counter.h"
#include "engaged.h"
#include "gauges.h"
#include "health.h"
#include "meter.h"
#include "quarantine.h"
#include "recall.h"
#include "tally.h"

#define QDN_SHM_REPLIES      4096 /* answers remembered */
#define QDN_SHM_REPLIES_MEAN 768  /* bytes of TwiML, on average */
#define QDN_SHM_LEGS         4096 /* fates of callees' legs */
#define QDN_SHM_LEGS_MEAN    16
#define QDN_SHM_TALKS        1024 /* at once */
#define QDN_SHM_CALLERS      8192 /* of a day, counted */
#define QDN_SHM_PLACES       4    /* see ask.h */

typedef struct qdn_shm_t {
    qdn_counters_t *counters;
    qdn_health_t *health;
    qdn_meter_t *meter;
    qdn_gauges_t *gauges;
    apr_int64_t *beat;        /* see daemon.h; NULL: not shared */
    qdn_quarantine_t *asking; /* see refresh.h; NULL: not shared */
    qdn_recall_t *replies;
    qdn_recall_t *legs;
    qdn_engaged_t *talks;
    qdn_tally_t *tally;
    apr_uint32_t *bell;  /* see lookout.h; NULL: not shared */
    apr_int64_t *places; /* of QDN_SHM_PLACES; see ask.h */
} qdn_shm_t;

/*
 * The memory of this httpd, made on the first call. process is httpd's
 * process pool. APR_SUCCESS or what apr_shm_create returned.
 */
apr_status_t qdn_shm_open(qdn_shm_t *pshm, apr_pool_t *process);

/*
 * In place of it, memory in p that each process forked from here has for
 * itself: better than no httpd.
 */
void qdn_shm_make_private(qdn_shm_t *pshm, apr_pool_t *p);

#endif
