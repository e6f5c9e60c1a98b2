/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CALLS_H
#define QDN_CALLS_H

/*
 * Questions about calls, asked of SQL. Lists go on from a call, not from a
 * number of rows, so that a page neither skips nor repeats a call while new
 * ones come in, and costs the same however deep it is.
 */

#include <apr_tables.h>
#include "chain.h"
#include "store.h"

#define QDN_CALLS_LIMIT 1000 /* rows of one answer, at most */

/* NULL and 0 stand for: all of them. */
typedef struct qdn_calls_query_t {
    const char *line;     /* only this line's */
    const char *before;   /* CallSid: only calls older than that */
    const char *operator; /* rung or talked with */
    const char *outcome;  /* a text of QDN_OUTCOMES, or "missed" (rollup.h) */
    const char *number;   /* a part of the caller's number: digits, maybe "+" */
    const char *search;   /* in caller, operators, outcome; or a whole SID */
    apr_time_t from;      /* that began then or later */
    apr_time_t to;        /* that began before */
    int failover;         /* 1: those that needed more than one hop */
    int limit;            /* 1 to QDN_CALLS_LIMIT */
} qdn_calls_query_t;

/* An event as it stands in SQL: a newer version may have written it. */
typedef struct qdn_calls_event_t {
    const char *id;
    apr_time_t at;
    const char *host;
    const char *kind;
    const char *line;
    const char *call_sid;
    int hop; /* 0: none */
    const char *operator;
    const char *phone;
    const char *reason;
    const char *detail;
    const char *config;
} qdn_calls_event_t;

/*
 * The newest calls first: array of qdn_chain_t in p. APR_SUCCESS;
 * APR_NOTFOUND if `before` is no call; APR_EGENERAL, see qdn_store_error.
 */
apr_status_t qdn_calls_recent(qdn_store_t *store,
                              const qdn_calls_query_t *query,
                              apr_array_header_t **pchains, apr_pool_t *p);

/*
 * One call and its events (qdn_calls_event_t) in the order in which they
 * happened, in p. APR_SUCCESS, APR_NOTFOUND, APR_EGENERAL.
 */
apr_status_t qdn_calls_get(qdn_store_t *store, const char *call_sid,
                           qdn_chain_t *pchain, apr_array_header_t **pevents,
                           apr_pool_t *p);

#endif
