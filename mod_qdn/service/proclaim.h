/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PROCLAIM_H
#define QDN_PROCLAIM_H

/*
 * What the daemon itself has to record: which configuration is in force, and
 * which feeds do not answer as they should.
 */

#include "daemon.h"
#include "finding.h"

/*
 * Record config.loaded and credential.loaded through a journal of our own
 * that is closed again. Their ids depend on loaded_at, so a daemon that was
 * started again for the same configuration leaves no second row. Takes at
 * most QDNJournalWait and a second; a failure is logged and counted.
 */
void qdn_proclaim_config(const qdn_daemon_config_t *config, apr_pool_t *p);

/* A feed that has begun to fail (finding->error), or to answer again. */
typedef struct qdn_change_t {
    const qdn_feed_t *feed;
    const qdn_finding_t *finding;
} qdn_change_t;

/* Record feed.failed or feed.recovered of each qdn_change_t; likewise. */
void qdn_proclaim_feeds(const qdn_daemon_config_t *config,
                        const apr_array_header_t *changes, apr_pool_t *p);

#endif
