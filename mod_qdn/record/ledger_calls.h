/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_LEDGER_CALLS_H
#define QDN_LEDGER_CALLS_H

/*
 * The calls of one transaction: what SQL has of them, and what they become
 * with the events of a batch. For ledger_write.c alone.
 */

#include "ledger_rows.h"
#include "rollup.h"

#define QDN_LEDGER_TAKES (QDN_LEDGER_FIRST + 1)

typedef struct qdn_ledger_known_t {
    const char *sid;
    qdn_ledger_take_e take;
    qdn_chain_t before; /* QDN_LEDGER_KNOWN: its row; else no day */
    int projected;
} qdn_ledger_known_t;

typedef struct qdn_ledger_work_t { /* of one transaction */
    qdn_store_t *store;
    const qdn_ledger_batch_t *batch;
    qdn_event_t *fitted;       /* the batch's, as the columns take them */
    qdn_ledger_known_t *calls; /* by sid, each once */
    int ncalls;
    apr_array_header_t *events; /* qdn_event_t: all of those calls */
    apr_array_header_t *added;  /* qdn_event_t: what follows from those */
    /* qdn_chain_t by what they were taken for: the rows of qdn_call */
    apr_array_header_t *rows[QDN_LEDGER_TAKES];
    qdn_rollup_t *rollup; /* what they change in the sums */
    apr_pool_t *pool;
} qdn_ledger_work_t;

/* Work on these calls; sids gets sorted. */
void qdn_ledger_take(qdn_ledger_work_t *w, const char **sids, int n);

/* Work on the calls of the batch. */
void qdn_ledger_collect(qdn_ledger_work_t *w);

/* Take the calls that begin in the batch for QDN_LEDGER_FIRST. */
void qdn_ledger_hope(qdn_ledger_work_t *w);

/* NULL: the work is on no such call. */
qdn_ledger_known_t *qdn_ledger_find(const qdn_ledger_work_t *w,
                                    const char *call_sid);

/*
 * Lock the rows that there are, and read them and their events. In the
 * transaction that is open; statuses of qdn_store_select.
 */
apr_status_t qdn_ledger_read(qdn_ledger_work_t *w);

/*
 * What the events come to: `added`, `rows` and `rollup`. A row without events
 * that this version knows, and in no sum yet, is counted as it stands.
 */
void qdn_ledger_project(qdn_ledger_work_t *w);

#endif
