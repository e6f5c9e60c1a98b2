/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ARCHIVE_H
#define QDN_ARCHIVE_H

/*
 * The daemon's thread that answers questions out of SQL: calls, one call,
 * reports, the audit, configuration revisions. It has a connection of its own
 * and may hang with the database for as long as that likes. Nobody waits for
 * it but who asked, and he no longer than QDN_CONTROL_LATER; new questions are
 * refused at once while QDN_ARCHIVE_QUEUE wait or the last one has hung for
 * QDN_CONTROL_WAIT.
 */

#include "control.h"
#include "drainer.h"
#include "store.h"

#define QDN_ARCHIVE_QUEUE 8

typedef struct qdn_archive_t qdn_archive_t;

/*
 * Begin. drainer: how far SQL is behind; NULL: not at all. APR_SUCCESS or
 * what starting a thread said. p must outlive it.
 */
apr_status_t qdn_archive_start(qdn_archive_t **parchive,
                               const qdn_daemon_config_t *config,
                               qdn_drainer_t *drainer, qdn_control_t *control,
                               apr_pool_t *p);

/*
 * Put a question: qdn_control_later, an answer at once (`error`), or NULL if
 * the word is none of the archive's. The daemon's main thread.
 */
const char *qdn_archive_ask(qdn_archive_t *archive, const char *ask,
                            const char *request,
                            const qdn_control_ticket_t *ticket, apr_pool_t *p);

/* One question, for the thread and for tests. */
typedef struct qdn_question_t {
    qdn_store_t *store;
    const qdn_plan_t *plan;
    const char *ask;     /* the word */
    const char *request; /* the whole line, see control.h */
    apr_time_t now;
    apr_time_t as_of; /* what happened until then is in SQL; 0: not known */
    int broken;       /* set to 1 if the database failed */
    apr_pool_t *pool; /* of the answer */
} qdn_question_t;

/*
 * The JSON that is answered. A failure is {"error":"sentence","status":N}
 * with the status of HTTP that fits: 400, 404, 503. NULL: the word is none of
 * the archive's.
 *
 *   calls     line, operator, outcome, number, q, from, to, failover, before,
 *             limit (50 unless given)
 *   call      call_sid
 *   report    from, to (days, the last 30 unless given), line
 *   audit     before, operator, limit
 *   verify
 *   revisions
 *   revision  revision
 *
 * All members may be left out but call_sid and revision; they are texts, or
 * numbers where they are numbers. Times are microseconds since 1970, days
 * 20261224.
 */
const char *qdn_archive_answer(qdn_question_t *question);

#endif
