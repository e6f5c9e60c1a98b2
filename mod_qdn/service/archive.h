/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ARCHIVE_H
#define QDN_ARCHIVE_H

/*
 * The daemon's thread that answers questions out of SQL: calls, one call,
 * reports, the audit, configuration revisions. It has a connection of its own
 * and may hang with the database for as long as that likes. Nobody waits for
 * it but who asked, and he no longer than QDN_CONTROL_WAIT; new questions are
 * refused at once while QDN_ARCHIVE_QUEUE wait or the last one has hung for
 * QDN_CONTROL_WAIT.
 */

#include "control.h"
#include "daemon.h"

#define QDN_ARCHIVE_QUEUE 8

typedef struct qdn_archive_t qdn_archive_t;

/* Begin. APR_SUCCESS or what starting a thread said. p must outlive it. */
apr_status_t qdn_archive_start(qdn_archive_t **parchive,
                               const qdn_daemon_config_t *config,
                               qdn_control_t *control, apr_pool_t *p);

/*
 * Put a question: qdn_control_later, an answer at once (`error`), or NULL if
 * the word is none of the archive's. The daemon's main thread.
 */
const char *qdn_archive_ask(qdn_archive_t *archive, const char *ask,
                            const char *request,
                            const qdn_control_ticket_t *ticket, apr_pool_t *p);

/*
 * The questions alone, for the thread and for tests: the JSON that is
 * answered, in p. A failure is {"error":"sentence","status":N} with the
 * status of HTTP that fits: 400, 404, 503.
 */
const char *qdn_archive_answer(qdn_store_t *store, const qdn_plan_t *plan,
                               const char *ask, const char *request,
                               apr_time_t now, apr_pool_t *p);

#endif
