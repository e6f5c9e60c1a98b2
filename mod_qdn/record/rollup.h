/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ROLLUP_H
#define QDN_ROLLUP_H

/*
 * Sums of calls by day and hour, so that a report of a month costs the same
 * whether it had a thousand calls or a million. What a call adds to them is a
 * function of its row in qdn_call alone. The drain adds the difference
 * between the row as it is now and as it was before, in the transaction that
 * writes the row; the row itself says into which day and hour it was counted
 * (NULL: it was not, yet), so a line that moves to another zone upsets
 * nothing. Each host has rows of its own: hosts do not wait for each other,
 * and reports add them up. Beside the rows of its line a call is in those of
 * QDN_ROLLUP_ALL, so that a report of all lines need not add up theirs.
 *
 * qdn_hourly: calls of a line, a day (20261224, by the line's clock), which
 *   was that day of the week (0 Monday), and an hour (0 to 23) by outcome.
 * qdn_wait: answered calls of a line and a day by seconds until the answer,
 *   rounded down (QDN_ROLLUP_WAITS); the seconds of a step stand for all.
 * qdn_load: of an operator, a line, a day, by night (22 to 7) or not: how
 *   often rung, how often answered, seconds of talk.
 */

#include "chain.h"
#include "plan.h"
#include "store.h"

#define QDN_ROLLUP_ALL "*" /* in place of a line */

#define QDN_ROLLUP_NIGHT 22 /* hour at which a night begins ... */
#define QDN_ROLLUP_DAY   7  /* and at which it is over */

/* Who hangs up before has not been missed. Of ringing, in seconds. */
#define QDN_ROLLUP_IMPATIENT 5

/* Day and hour of a call by its line's clock; UTC if there is no such line. */
void qdn_rollup_when(const qdn_plan_t *plan, const char *line, apr_time_t at,
                     int *pday, int *phour);

/* Seconds until an answer as they are kept: of 2 to 60, of 10 above. */
int qdn_rollup_wait(int seconds);

/* Differences, gathered over a batch; in a pool. */
typedef struct qdn_rollup_t qdn_rollup_t;

qdn_rollup_t *qdn_rollup_create(apr_pool_t *p);

/*
 * Take a row in (sign 1) or out (sign -1), by its day and hour; one whose
 * day is 0 changes nothing.
 */
void qdn_rollup_add(qdn_rollup_t *rollup, const qdn_chain_t *call, int sign);

/*
 * Write the differences to this host's rows, in the order of their keys, in
 * the transaction that is open. APR_SUCCESS or APR_EGENERAL, see
 * qdn_store_error.
 */
apr_status_t qdn_rollup_write(qdn_store_t *store, const qdn_rollup_t *rollup,
                              const char *host, apr_pool_t *ptemp);

#endif
