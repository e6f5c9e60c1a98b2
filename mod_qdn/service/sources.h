/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SOURCES_H
#define QDN_SOURCES_H

/*
 * How the feeds are doing, for health and status: what asks them (refresher.h)
 * tells it here. That a feed begins to fail, or answers again, is recorded
 * once, also over restarts: what was known before is in the roster.
 */

#include "daemon.h"
#include "outbox.h"
#include "roster.h"

typedef struct qdn_sources_t qdn_sources_t;

qdn_sources_t *qdn_sources_open(const qdn_daemon_config_t *config,
                                qdn_roster_t *roster, qdn_outbox_t *outbox,
                                apr_pool_t *p);

/* One finding per feed of the plan, in its order. Always from one thread. */
void qdn_sources_take(qdn_sources_t *sources, const qdn_finding_t *findings);

typedef enum {
    QDN_SOURCES_UNASKED, /* not asked yet */
    QDN_SOURCES_GOOD,
    QDN_SOURCES_FAILING, /* the last attempt failed; what it said still holds */
    QDN_SOURCES_STALE    /* its last good answer is too old, or there is none */
} qdn_sources_state_e;

const char *qdn_sources_text(qdn_sources_state_e state); /* "good" ... */

/* One feed; strings are in the pool that was passed. */
typedef struct qdn_sources_feed_t {
    const qdn_feed_t *feed;
    qdn_sources_state_e state;
    apr_time_t asked_at; /* 0: never */
    apr_time_t good_at;  /* 0: never */
    const char *error;   /* of the last attempt; NULL: it was good */
} qdn_sources_feed_t;

/* All feeds of the plan, in its order: array of qdn_sources_feed_t. */
apr_array_header_t *qdn_sources_report(qdn_sources_t *sources, apr_time_t now,
                                       apr_pool_t *p);

#endif
