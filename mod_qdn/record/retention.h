/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_RETENTION_H
#define QDN_RETENTION_H

/* How long calls are kept in SQL: QDNRetention. */

#include "store.h"

/* Calls of one transaction: short, so that no drain waits for it. */
#define QDN_RETENTION_BATCH 256

/*
 * Nothing is deleted in the first minutes of a process: a host may start
 * with a wrong clock, which is set soon.
 */
#define QDN_RETENTION_CALM apr_time_from_sec(600)

/*
 * Delete the oldest QDN_RETENTION_BATCH calls that are older than `keep`,
 * with all of their events, and what happened before then outside of any
 * call. Changes that are in the audit stay, but lose all members of their
 * detail, and one entry privacy.forgotten in this host's chain names them
 * (erase.h); such entries themselves stay as they are, and sums do.
 * Calls are as old as their beginning is before that of the newest call
 * in SQL, or before `now` if that is earlier: a clock that is a year ahead
 * deletes nothing, until it has stamped a call. Other hosts may purge and
 * write at the same time: the rows of the calls are locked first, like those
 * of a write. *pmore: 1 if there may be more of them. APR_SUCCESS;
 * APR_EAGAIN if another transaction was in the way, or APR_EGENERAL, see
 * qdn_store_error: then nothing was deleted.
 */
apr_status_t qdn_retention_purge(qdn_store_t *store, const char *host,
                                 apr_time_t now, apr_interval_time_t keep,
                                 int *pmore, apr_pool_t *ptemp);

#endif
