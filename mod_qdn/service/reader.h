/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_READER_H
#define QDN_READER_H

/*
 * The daemon's thread that asks SQL what other hosts have told: statuses set
 * by hand, and who is in a talk. It has a connection of its own and may hang
 * with the database for as long as that likes; nobody waits for it, and what
 * it has brought into the roster holds on.
 */

#include "engaged.h"
#include "roster.h"
#include "store.h"

/* What is new in SQL is in force after so long, and a question's time. */
#define QDN_READER_EVERY apr_time_from_sec(1)

/*
 * A talk counts so long without word from SQL: with the database away nobody
 * can tell its end, and an operator must not be taken for busy for hours.
 */
#define QDN_READER_BELIEVE apr_time_from_sec(5 * 60)

typedef struct qdn_reader_config_t {
    const qdn_plan_t *plan;
    const char *host;
    const char *driver; /* of apr_dbd */
    const char *params;
    qdn_roster_t *roster;
    qdn_engaged_t *talks; /* this host's; NULL: not known */
} qdn_reader_config_t;

typedef struct qdn_reader_t qdn_reader_t;

/* Begin. APR_SUCCESS or what starting a thread said. p must outlive it. */
apr_status_t qdn_reader_start(qdn_reader_t **preader,
                              const qdn_reader_config_t *config, apr_pool_t *p);

/* How it is doing; any thread, also while it hangs. */
typedef struct qdn_reader_report_t {
    apr_time_t read_at; /* wall clock of the last good answer; 0: none yet */
    char error[200];    /* of the last attempt; "": it was good */
} qdn_reader_report_t;

void qdn_reader_report(qdn_reader_t *reader, qdn_reader_report_t *preport);

/*
 * The questions alone, for the thread and for tests. APR_SUCCESS or
 * APR_EGENERAL, see qdn_store_error. Scratch from ptemp.
 *
 * Every status.changed since that moment; `newest`: only the last of each
 * operator and line. Array of qdn_standing_t.
 */
apr_status_t qdn_reader_standings(qdn_store_t *store, apr_time_t since,
                                  int newest, apr_array_header_t **pstandings,
                                  apr_pool_t *ptemp);

/*
 * Talks of calls that have not ended, or ended within the last minutes;
 * `wide`: whenever they ended, if they began within the longest time limit
 * (an end may come to SQL late). *popen: those of other hosts that go on;
 * *pover: those that began on this host and are over, unless the operator has
 * another here in the same call. Arrays of qdn_talk_t, in an order of theirs.
 */
apr_status_t qdn_reader_talks(qdn_store_t *store, const qdn_plan_t *plan,
                              const char *host, apr_time_t now, int wide,
                              apr_array_header_t **popen,
                              apr_array_header_t **pover, apr_pool_t *ptemp);

#endif
