/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FORGET_H
#define QDN_FORGET_H

/*
 * Erasure of a person's data on request (GDPR article 17, CCPA 1798.105):
 * a number leaves SQL and this host's files, and what is left still proves
 * that nothing else was altered. Calls stay, without the number; so do
 * decisions and sums.
 */

#include <apr_hash.h>
#include <apr_tables.h>
#include "store.h"

/* Rows of one transaction, at most. */
#define QDN_FORGET_BATCH 256

typedef struct qdn_forget_order_t {
    const char *number; /* E.164 */
    const char *host;   /* whose chain gets the entry privacy.forgotten */
    const char *who;    /* asked for it */
    const char *why;
    apr_time_t now;
} qdn_forget_order_t;

typedef struct qdn_forget_t {
    apr_int64_t calls;          /* rows of qdn_call that lost their caller */
    apr_int64_t events;         /* whose detail named the number */
    apr_int64_t entries;        /* members of the audit that were erased */
    apr_int64_t revisions;      /* former plans that named it */
    apr_array_header_t *erased; /* const char *: "HOST/SEQ/MEMBER" of those */
} qdn_forget_t;

/*
 * Erase the number as a caller, and from every text in which it stands in
 * full (redact.h). The first transaction takes it out of the audit and writes
 * privacy.forgotten, if there is anything to erase at all; short ones follow,
 * so that no drain waits for long. Cut at any moment it is simply done again.
 * QDN_EREFUSED: the plan in force names it, an operator's or a line's number
 * or in a rule. APR_SUCCESS; APR_EAGAIN: other transactions were in the way;
 * APR_EGENERAL, see qdn_store_error.
 */
apr_status_t qdn_forget_number(qdn_store_t *store,
                               const qdn_forget_order_t *order,
                               qdn_forget_t *pforget, apr_pool_t *p);

typedef struct qdn_forget_files_t {
    int lines;   /* of journal and parked/ in which it stands */
    int waiting; /* of those: not in SQL yet */
} qdn_forget_files_t;

/*
 * Look for the number in the journal's segments and in parked/, and overwrite
 * it there if `overwrite`, but for lines that wait: they keep their length and
 * get a new CRC. positions (qdn_ledger_positions) say what SQL has already;
 * NULL: the caller holds the drain's lock, nobody reads, nothing has to wait.
 * APR_SUCCESS or the system's error.
 */
apr_status_t qdn_forget_files(const char *state_dir, const char *number,
                              apr_hash_t *positions, int overwrite,
                              qdn_forget_files_t *pfiles, apr_pool_t *ptemp);

#endif
