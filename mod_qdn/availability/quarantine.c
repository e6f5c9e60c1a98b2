/* SPDX-License-Identifier: Apache-2.0 */
#include "quarantine.h"

#include <stdlib.h>

apr_uint64_t qdn_quarantine_name(const qdn_feed_t *feed)
{
    return strtoull(feed->key, NULL, 16);
}

void qdn_quarantine_reading(qdn_quarantine_t *q, const qdn_feed_t *feed)
{
    __atomic_store_n(&q->reading, feed ? qdn_quarantine_name(feed) : 0,
                     __ATOMIC_RELEASE);
}

/* Its own cell, or the one that ends first; a free one ended long ago. */
static int cell_for(const qdn_quarantine_t *q, apr_uint64_t feed)
{
    int i, found = 0;

    for (i = 0; i < QDN_QUARANTINE_MAX; i++) {
        if (q->cells[i].feed == feed) {
            return i;
        }
        if (q->cells[i].until < q->cells[found].until) {
            found = i;
        }
    }
    return found;
}

apr_uint64_t qdn_quarantine_learn(qdn_quarantine_t *q, apr_interval_time_t now)
{
    apr_uint64_t culprit = __atomic_load_n(&q->reading, __ATOMIC_ACQUIRE);
    int i;

    if (!culprit) {
        return 0;
    }
    i = cell_for(q, culprit);
    /* Cut anywhere, either it is learned or the next daemon learns it. */
    __atomic_store_n(&q->cells[i].feed, culprit, __ATOMIC_RELEASE);
    __atomic_store_n(&q->cells[i].until, now + QDN_QUARANTINE_TIME,
                     __ATOMIC_RELEASE);
    qdn_quarantine_reading(q, NULL);
    return culprit;
}

apr_interval_time_t qdn_quarantine_until(const qdn_quarantine_t *q,
                                         const qdn_feed_t *feed,
                                         apr_interval_time_t now)
{
    apr_uint64_t name = qdn_quarantine_name(feed);
    int i;

    for (i = 0; i < QDN_QUARANTINE_MAX; i++) {
        if (q->cells[i].feed == name) {
            return q->cells[i].until > now ? q->cells[i].until : 0;
        }
    }
    return 0;
}
