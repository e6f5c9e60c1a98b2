/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OUTBOX_H
#define QDN_OUTBOX_H

/* The journal of one process of this host, as the configuration wants it. */

#include "journal.h"
#include "plan.h"

/* As qdn_journal_open, below the plan's state directory. */
apr_status_t qdn_outbox_open(qdn_journal_t **pjournal, const qdn_plan_t *plan,
                             const char *host, qdn_counters_t *counters,
                             apr_pool_t *p);

#endif
