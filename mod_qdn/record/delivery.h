/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DELIVERY_H
#define QDN_DELIVERY_H

/*
 * Brings rows of the journal into the tables, whatever is in them: rows that
 * are no events and rows that the database refuses end in parked/ and hold
 * nothing up; a database that fails is told from a row that is bad. Where it
 * refuses an innocent twin of the row as well (ledger.h), its disk may be
 * full or its index damaged: it has QDN_DELIVERY_PATIENCE to mend.
 */

#include "backlog.h"
#include "counter.h"
#include "chain.h"
#include "plan.h"
#include "store.h"

#define QDN_DELIVERY_PATIENCE apr_time_from_sec(600)

typedef struct qdn_delivery_t {
    qdn_store_t *store;
    qdn_backlog_t *backlog; /* that the rows were taken from */
    const char *host;
    const qdn_plan_t *plan; /* or NULL, see ledger.h */
    qdn_ended_cb *ended;    /* likewise */
    void *ended_baton;
    const char *parked;       /* directory */
    qdn_counters_t *counters; /* or NULL */
    apr_time_t *pdoubt;       /* monotonic; 0 at first: since when the database
                                 refuses rows and their innocent twins */
    int commits;              /* out: transactions that succeeded */
    int put_aside;            /* out: new files in parked/ */
} qdn_delivery_t;

/*
 * Deal with all rows (qdn_backlog_row_t) and settle them in the backlog.
 * APR_SUCCESS: all are durable in SQL or in parked/. APR_EGENERAL: the
 * database failed, see qdn_store_error, and the connection should be given
 * up. Another status: a line could not be put aside. On failure the rows
 * before have been settled, the others are taken again. Scratch from ptemp.
 */
apr_status_t qdn_delivery_run(qdn_delivery_t *delivery,
                              apr_array_header_t *rows, apr_pool_t *ptemp);

#endif
