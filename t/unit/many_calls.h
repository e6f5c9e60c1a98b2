/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_MANY_CALLS_H
#define QDN_MANY_CALLS_H

/*
 * Calls of a busy house as they come in over months: three lines, six
 * operators, more by day than by night, a third of the callers missed. The
 * n-th call is always the same. They are written as the drain writes them.
 */

#include "store.h"

/* The last moment of the span in which the calls lie: 2026-11-01 0:00 UTC. */
#define QDN_MANY_CALLS_END APR_INT64_C(1793491200)

/*
 * Write `calls` calls into an empty schema, spread evenly over that many days
 * before the end. APR_SUCCESS, or what qdn_ledger_write returned.
 */
apr_status_t qdn_many_calls_write(qdn_store_t *store, int calls, int days,
                                  apr_pool_t *p);

#endif
