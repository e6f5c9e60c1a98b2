/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_LEDGER_ROWS_H
#define QDN_LEDGER_ROWS_H

/* How events, calls and positions become rows: for ledger_write.c alone. */

#include "ledger.h"

/* What a write takes a call for. */
typedef enum {
    QDN_LEDGER_NEW,   /* it has no row */
    QDN_LEDGER_KNOWN, /* it has one, which is locked */
    QDN_LEDGER_FIRST  /* it begins in this batch, and nobody has looked */
} qdn_ledger_take_e;

/* Cut an event's texts to what the columns take. */
void qdn_ledger_fit(qdn_event_t *e, apr_pool_t *p);

/*
 * Write n events, which all belong to calls taken for that, or not.
 * Statuses are those of qdn_store_insert, here and below.
 */
apr_status_t qdn_ledger_put_events(qdn_store_t *store,
                                   const qdn_event_t *const *events, int n,
                                   qdn_ledger_take_e take, apr_pool_t *ptemp);

/* Write the rows of calls (qdn_chain_t) that were all taken for that. */
apr_status_t qdn_ledger_put_calls(qdn_store_t *store,
                                  const apr_array_header_t *calls,
                                  qdn_ledger_take_e take, apr_pool_t *ptemp);

apr_status_t qdn_ledger_put_positions(qdn_store_t *store,
                                      const qdn_ledger_batch_t *batch,
                                      apr_pool_t *ptemp);

#endif
