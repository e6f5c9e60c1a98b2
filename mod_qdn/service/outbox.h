/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OUTBOX_H
#define QDN_OUTBOX_H

/*
 * The journal of one process of this host, as the configuration wants it. If
 * there was no memory or no thread for it, events are lost and counted, and
 * it is opened again with one of the next, once a second at most.
 */

#include "journal.h"
#include "plan.h"

typedef struct qdn_outbox_t qdn_outbox_t;

/*
 * Opens the journal below the plan's state directory, after fork; a failure
 * is logged. The outbox is in p, which must outlive it; so must plan, host
 * and counters (which may be NULL).
 */
qdn_outbox_t *qdn_outbox_open(const qdn_plan_t *plan, const char *host,
                              qdn_counters_t *counters, apr_pool_t *p);

/*
 * As qdn_journal_append, from any thread; the baton is the outbox. QDN_EFULL
 * also where there is no journal.
 */
apr_status_t qdn_outbox_record(void *baton, const qdn_event_t *events, int n,
                               apr_pool_t *p);

/* As qdn_journal_close. What is recorded afterwards is lost and counted. */
apr_status_t qdn_outbox_close(qdn_outbox_t *outbox);

#endif
