/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DRAIN_H
#define QDN_DRAIN_H

/*
 * Moves the journal of one host into SQL. Runs in one thread of the daemon,
 * may hang in the database for ever and may be killed at any instruction:
 * every batch is one transaction together with the journal position that it
 * reached, and ids are unique, so each event is in SQL exactly once.
 */

#include <apr_pools.h>
#include <apr_time.h>
#include "chain.h"
#include "counter.h"
#include "plan.h"

/*
 * Rows of a transaction at most. Each transaction waits for the disk once and
 * computes the calls it touches, so many rows are cheap; but a row takes the
 * daemon some 4 KiB while it is on its way.
 */
#define QDN_DRAIN_BATCH 512

/*
 * A daemon that is silent for half a minute is replaced, so a transaction
 * must be much shorter, however slow the database is. The first on a
 * connection is small; the next ones grow while they are quick.
 */
#define QDN_DRAIN_FIRST 16
#define QDN_DRAIN_LONG  apr_time_from_sec(2)

typedef struct qdn_drain_t qdn_drain_t;

/* Strings are copied; plan and counters must live as long as the drain. */
typedef struct qdn_drain_config_t {
    const char *state_dir;  /* exists, ours; holds journal/ and parked/ */
    const char *host;       /* this host's name, as in its events */
    const char *driver;     /* apr_dbd driver; NULL: sqlite3 */
    const char *params;     /* NULL: the file qdn.sqlite in state_dir */
    const qdn_plan_t *plan; /* by its lines' clocks calls are counted, and it
                             * is kept (revisions.h); NULL: by UTC */
    apr_interval_time_t retention; /* of calls in SQL; 0: for ever */
    qdn_counters_t *counters;      /* shared, or NULL */
    qdn_ended_cb *ended;           /* calls that have ended; or NULL */
    void *ended_baton;
} qdn_drain_config_t;

typedef enum {
    QDN_DRAIN_IDLE,    /* everything that was written is in SQL */
    QDN_DRAIN_WORKING, /* connected, rows are waiting */
    QDN_DRAIN_AWAY,    /* no database; tried again with a back-off <= 2 s */
    QDN_DRAIN_EXCLUDED /* another process drains this state directory */
} qdn_drain_state_e;

/* A consistent copy, made by qdn_drain_report. */
typedef struct qdn_drain_report_t {
    qdn_drain_state_e state;
    char error[512];        /* last failure in words; "" if none is on */
    apr_time_t error_since; /* wall clock; 0 if none is on */
    char lax[128];          /* why commits may be lost, see qdn_store_lax; "" */
    apr_time_t oldest;      /* `at` of the oldest waiting event, 0: none */
    apr_time_t last_commit; /* wall clock; 0: none yet in this process */
    apr_int64_t pending_bytes; /* in segments, not yet in SQL */
    int pending_segments;      /* segments that hold such bytes */
    apr_int64_t parked_files;  /* rows put aside in parked/, ever */
} qdn_drain_report_t;

/*
 * Prepare; touches neither database nor lock, so it cannot hang. p must live
 * as long as the drain and be used by no other thread. APR_SUCCESS;
 * QDN_EREFUSED for a driver whose SQL we do not speak (*perror names those we
 * do); or what creating journal/ or parked/ returned. *perror is in p.
 */
apr_status_t qdn_drain_open(qdn_drain_t **pdrain,
                            const qdn_drain_config_t *config,
                            const char **perror, apr_pool_t *p);

/*
 * One bounded unit of work: take the state directory's lock and a connection
 * if they are missing, then move at most QDN_DRAIN_BATCH rows. *pmore: 1 if
 * there is more to do at once, 0 if the caller should wait (100 ms is good)
 * before the next step. The database's answer is awaited without a limit.
 * APR_SUCCESS; APR_EAGAIN while no attempt is due (back-off); anything else
 * failed and will be tried again by a later step, see the report.
 */
apr_status_t qdn_drain_step(qdn_drain_t *drain, int *pmore);

/*
 * How the drain is doing: may be called from any thread, also while a step
 * hangs. state_dir is not read: figures are those of the last step.
 */
void qdn_drain_report(qdn_drain_t *drain, qdn_drain_report_t *preport);

/* "idle", "working", "away", "excluded": as health and qdnctl print it. */
const char *qdn_drain_state_text(qdn_drain_state_e state);

/* Disconnect and free the lock. Uncommitted work is simply done again. */
void qdn_drain_close(qdn_drain_t *drain);

#endif
