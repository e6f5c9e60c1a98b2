/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PROCLAIM_H
#define QDN_PROCLAIM_H

/* What the daemon itself has to record: which configuration is in force. */

#include "daemon.h"
#include "outbox.h"

/*
 * Record config.loaded and credential.loaded. Their ids depend on loaded_at,
 * so a daemon that was started again for the same configuration leaves no
 * second row. Takes at most QDNJournalWait; a failure is logged and counted.
 */
void qdn_proclaim_config(const qdn_daemon_config_t *config,
                         qdn_outbox_t *outbox, apr_pool_t *p);

#endif
