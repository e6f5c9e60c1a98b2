/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_REFRESH_H
#define QDN_REFRESH_H

/*
 * Asking the feeds. It needs libcurl, libical and json-c, which shall not
 * weigh on httpd's children: so it lives in a shared object of its own,
 * qdn_sources.so beside mod_qdn.so, that only the daemon loads, and only if
 * the plan has feeds. This header is all that both sides share.
 */

#include <apr_pools.h>
#include "finding.h"
#include "log.h"
#include "plan.h"
#include "quarantine.h"

#define QDN_REFRESH_OBJECT "qdn_sources.so"
#define QDN_REFRESH_SYMBOL "qdn_refresh"

/*
 * Both sides must have been compiled alike: while a newer version is being
 * installed, the daemon of the older one may look for its object. Sizes tell
 * builds of one version apart.
 */
#define QDN_REFRESH_LAYOUT                                                     \
    (sizeof(qdn_refresh_config_t) + sizeof(qdn_plan_t) * 1000 +                \
     sizeof(qdn_feed_t) * 1000000 + sizeof(qdn_finding_t) * 1000000000 +       \
     sizeof(qdn_quarantine_t) * 1000000000000)

typedef struct qdn_refresh_config_t {
    apr_uint64_t layout; /* QDN_REFRESH_LAYOUT */
    const qdn_plan_t *plan;
    const char *state_dir;
    const char *version; /* of mod_qdn: for the User-Agent */
    /* The value of a name in the feed's secrets; NULL: there is none. */
    const char *(*secret)(void *baton, const qdn_feed_t *feed,
                          const char *name);
    void *secret_baton;
    /* What was known before (from the snapshot): 1 and *pfinding, or 0. */
    int (*before)(void *baton, const qdn_feed_t *feed, qdn_finding_t *pfinding,
                  apr_pool_t *p);
    void *before_baton;
    /*
     * Called from the refreshing thread whenever answers have come in, with
     * one finding per feed of the plan, in its order; valid until it returns.
     */
    void (*publish)(void *baton, const qdn_finding_t *findings);
    void *publish_baton;
    qdn_log_sink_cb *log; /* the object has a log sink of its own */
    void *log_baton;
    int log_level;
    /*
     * Shared memory: whose answer is being read, and whose ended a daemon
     * that read it, which are left alone for an hour; or NULL.
     */
    qdn_quarantine_t *asking;
    apr_int64_t *beat;  /* monotonic time of the last sign of life; atomic */
    volatile int *stop; /* set: return soon (tests) */
} qdn_refresh_config_t;

/*
 * Ask every feed when it is due, in parallel, with timeouts, conditional
 * requests, and after a failure ever rarer (with jitter, at most 15 minutes
 * or refresh=, whichever is longer). Returns when *stop is set, or at once
 * with QDN_ECONFLICT: config->layout or ->version is another. All memory in p
 * and pools below it, bounded.
 */
typedef apr_status_t qdn_refresh_fn(const qdn_refresh_config_t *config,
                                    apr_pool_t *p);

#endif
