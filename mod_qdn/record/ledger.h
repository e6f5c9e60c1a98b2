/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_LEDGER_H
#define QDN_LEDGER_H

/*
 * What stands in the tables: events, the calls computed from them, and how
 * far each segment of the journal has been read. One write is one
 * transaction, so the three never disagree.
 */

#include <apr_hash.h>
#include <apr_tables.h>
#include "chain.h"
#include "plan.h"
#include "store.h"

/* Columns of qdn_event and qdn_call, in the order of the row functions. */
#define QDN_LEDGER_EVENT_COLUMNS                                               \
    "id, at, host, kind, line, call_sid, hop, operator, phone, reason, "       \
    "detail, config"
#define QDN_LEDGER_CALL_COLUMNS                                                \
    "call_sid, line, caller, started_at, answered_at, ended_at, outcome, "     \
    "answered_by, hops, ring_seconds, talk_seconds, config, rung, day, hour"

/* Up to where a segment has been dealt with. */
typedef struct qdn_position_t {
    const char *segment;
    apr_int64_t drained_to; /* bytes */
} qdn_position_t;

typedef struct qdn_ledger_batch_t {
    const qdn_event_t *events; /* the same id may stand there twice */
    int nevents;               /* 0: only the positions */
    const qdn_position_t *positions;
    int npositions;
    const char *host;       /* whose journal it is */
    const qdn_plan_t *plan; /* knows the lines' zones; NULL: UTC for all */
    apr_time_t now;
    qdn_ended_cb *ended; /* called after the commit, of each call that the
                          * batch has ended; or NULL */
    void *ended_baton;
} qdn_ledger_batch_t;

/*
 * Put the events in (those that are there already are passed over), compute
 * the rows of all calls they belong to again from all their events, mark
 * superseded decisions, bring the sums up to date (rollup.h), note the
 * positions, commit. Rows of qdn_call are locked before the events are
 * written, so that of two hosts with events of one call the later sees the
 * other's. APR_SUCCESS: durable. QDN_EREFUSED: the database did not take a
 * row, maybe for what is in it. APR_EAGAIN: another transaction was in the
 * way. APR_EGENERAL: it failed otherwise. On failure nothing was changed.
 * Scratch from ptemp.
 */
apr_status_t qdn_ledger_write(qdn_store_t *store,
                              const qdn_ledger_batch_t *batch,
                              apr_pool_t *ptemp);

/* Calls that qdn_ledger_recount writes at a time. */
#define QDN_LEDGER_RECOUNT 256
#define QDN_LEDGER_SID     35 /* bytes of a call's id, with its NUL */

/*
 * Calls that an older version wrote are in no sum yet. Go on from the call
 * `after` ("" is before the first) and write those anew that have no day,
 * QDN_LEDGER_RECOUNT at most; `after` becomes the last one that was looked at,
 * *pmore 0 if there was none. APR_SUCCESS, APR_EAGAIN, APR_EGENERAL; then
 * nothing was changed, `after` neither.
 */
apr_status_t qdn_ledger_recount(qdn_store_t *store, const char *host,
                                const qdn_plan_t *plan,
                                char after[QDN_LEDGER_SID], int *pmore,
                                apr_pool_t *ptemp);

/*
 * Would the database take an innocent twin of this event: same id, same call,
 * all text as long and harmless? It goes through the same pages of the same
 * tables and indexes, so a full disk refuses both. Nothing is left of the
 * attempt. An event without id stands for any small one. APR_SUCCESS or
 * APR_EGENERAL.
 */
apr_status_t qdn_ledger_probe(qdn_store_t *store, const qdn_event_t *like,
                              apr_pool_t *ptemp);

/* Make all text ASCII: other characters become \uXXXX in detail, else '?'. */
void qdn_ledger_clean(qdn_event_t *e, apr_pool_t *p);

/* The same JSON with \uXXXX for other characters. */
const char *qdn_ledger_ascii(const char *json, apr_pool_t *p);

/* *ppositions: segment name -> apr_int64_t *, in p; host NULL: of all. */
apr_status_t qdn_ledger_positions(qdn_store_t *store, const char *host,
                                  apr_hash_t **ppositions, apr_pool_t *p);

/* Forget this host's positions that did not move since `before`. */
apr_status_t qdn_ledger_expire(qdn_store_t *store, const char *host,
                               apr_time_t before, apr_pool_t *ptemp);

/* Forget the positions of segments (const char *) that are no more. */
apr_status_t qdn_ledger_forget(qdn_store_t *store,
                               const apr_array_header_t *segments,
                               apr_pool_t *ptemp);

/*
 * A row of QDN_LEDGER_EVENT_COLUMNS as an event; strings are the row's.
 * QDN_EREFUSED: its kind or reason is unknown to this version.
 */
apr_status_t qdn_ledger_event(qdn_event_t *pe, const char *const *row);

/* A row of QDN_LEDGER_CALL_COLUMNS; strings are the row's. */
void qdn_ledger_call(qdn_chain_t *pchain, const char *const *row);

#endif
