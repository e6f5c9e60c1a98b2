/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_QUARANTINE_H
#define QDN_QUARANTINE_H

/*
 * Which feeds are left alone because reading their answers ended the daemon.
 * It lies in shared memory, so that it outlives daemons and restarts of httpd
 * (not its stop): else two such feeds would take turns in ending it. A feed is
 * known by its key, so one that is configured anew is asked anew. One writer
 * at a time, the daemon (the parent while there is none), which may be killed
 * at any instruction: whatever it leaves behind is valid.
 */

#include <apr_time.h>
#include "feed.h"

#define QDN_QUARANTINE_MAX  32 /* feeds; the oldest gives way */
#define QDN_QUARANTINE_TIME apr_time_from_sec(3600)

/* Zeroed: empty. Feeds are their keys as numbers, 0: none. */
typedef struct qdn_quarantine_t {
    apr_uint64_t reading; /* whose answer is being read; atomic */
    struct {
        apr_uint64_t feed;
        apr_int64_t until; /* monotonic */
    } cells[QDN_QUARANTINE_MAX];
} qdn_quarantine_t;

/* The answer of this feed is being read; NULL: of none. */
void qdn_quarantine_reading(qdn_quarantine_t *q, const qdn_feed_t *feed);

/*
 * At the start of a daemon: the feed whose answer the one before was reading
 * is left alone for QDN_QUARANTINE_TIME from now (monotonic). Its key as a
 * number, or 0: there was none.
 */
apr_uint64_t qdn_quarantine_learn(qdn_quarantine_t *q, apr_interval_time_t now);

/* Until when it is left alone (monotonic), or 0: it is not, at that time. */
apr_interval_time_t qdn_quarantine_until(const qdn_quarantine_t *q,
                                         const qdn_feed_t *feed,
                                         apr_interval_time_t now);

/* The key of a feed as a number. */
apr_uint64_t qdn_quarantine_name(const qdn_feed_t *feed);

#endif
