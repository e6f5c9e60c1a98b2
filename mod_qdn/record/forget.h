/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FORGET_H
#define QDN_FORGET_H

/*
 * Erasure of a person's data on request (GDPR article 17, CCPA 1798.105):
 * a number leaves SQL, and what is left still proves that nothing else was
 * altered. Calls stay, without the number; so do decisions and sums.
 */

#include <apr_tables.h>
#include "plan.h"
#include "store.h"

typedef struct qdn_forget_t {
    apr_int64_t calls;          /* rows of qdn_call that lost their caller */
    apr_int64_t events;         /* whose detail named the number */
    apr_int64_t entries;        /* of the audit, of which members were erased */
    apr_array_header_t *erased; /* const char *: "HOST/SEQ/MEMBER" of those,
                                 * for the entry privacy.forgotten */
} qdn_forget_t;

/*
 * Erase `number` (E.164) as a caller, and from every text in which it stands
 * in full, with or without blanks, dots, dashes, brackets or its "+". In short
 * transactions, so that no drain waits for long; cut at any moment, it is
 * simply done again. An operator's or a line's number of the plan is
 * QDN_EREFUSED: it stands in the configuration. APR_SUCCESS; APR_EAGAIN;
 * APR_EGENERAL, see qdn_store_error.
 */
apr_status_t qdn_forget_number(qdn_store_t *store, const qdn_plan_t *plan,
                               const char *number, qdn_forget_t *pforget,
                               apr_pool_t *p);

/* How often it stands in the journal, parked lines included. In files. */
apr_status_t qdn_forget_journal(const char *state_dir, const char *number,
                                int *pfound, apr_pool_t *ptemp);

#endif
