/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_STANDINGS_H
#define QDN_STANDINGS_H

/*
 * The use case "who is available, set by hand": qdnctl, the dashboard and SMS
 * call these functions in the daemon, which journals the change (it is an
 * event like all others, so the database may be away) and puts it into the
 * roster, in force on this host at once.
 */

#include "outbox.h"
#include "roster.h"

typedef struct qdn_wish_t {
    const char *operator; /* id */
    const char *line;     /* E.164, NULL: all lines */
    qdn_standing_e state;
    const char *until; /* "changed"; "2026-11-22T14:30" in the operator's
                            * zone, or with an offset; "14:30"; "2h"; NULL:
                            * the start of the operator's next working day */
    const char *who;
    const char *why; /* required but for AUTO */
    int anyway;      /* 1: also if a line is left with nobody */
} qdn_wish_t;

/* A line that would have nobody to ring. */
typedef struct qdn_empty_t {
    const qdn_line_t *line;
    apr_time_t from, until; /* until 0: no end in sight */
} qdn_empty_t;

/* 1: a hop of the line names one of the operator's phones. */
int qdn_standings_concern(const qdn_line_t *line, const qdn_operator_t *op);

/*
 * When would such a status end? The start of the operator's next working
 * day: the next opening of QDNHours after the coming midnight, else 08:00 of
 * the next Monday-to-Friday that is no holiday, in the operator's zone.
 */
apr_time_t qdn_standings_next_day(const qdn_operator_t *op,
                                  const qdn_snapshot_t *snapshot,
                                  apr_time_t now);

/*
 * Look at a wish and do not act. APR_SUCCESS and *pstanding (without an event
 * id) with *pempty (of qdn_empty_t, lines that it leaves with nobody to
 * ring); APR_ENOENT (no such operator or line), QDN_EMALFORMED (until, why
 * ...): with a sentence in *perror.
 */
apr_status_t qdn_standings_check(const qdn_plan_t *plan,
                                 const qdn_snapshot_t *snapshot,
                                 const qdn_wish_t *wish, apr_time_t now,
                                 qdn_standing_t *pstanding,
                                 apr_array_header_t **pempty,
                                 const char **perror, apr_pool_t *p);

/*
 * Check, journal status.changed, put into the roster. What is said for all
 * lines ends what was said for one. As _check; QDN_EREFUSED if lines are left
 * with nobody and the wish does not say anyway; QDN_EFULL if the journal
 * takes nothing: then nothing has changed. APR_TIMEUP: it is kept, but calls
 * on this host do not go by it yet, and *perror says why not.
 */
apr_status_t qdn_standings_set(qdn_roster_t *roster, qdn_outbox_t *outbox,
                               const qdn_plan_t *plan, const char *host,
                               const qdn_wish_t *wish, apr_time_t now,
                               qdn_standing_t *pstanding,
                               apr_array_header_t **pempty, const char **perror,
                               apr_pool_t *p);

/*
 * Record status.ended for each standing that has ended by itself since the
 * last time. Its id follows from the change's, so hosts do not double it.
 */
void qdn_standings_end(qdn_roster_t *roster, qdn_outbox_t *outbox,
                       const qdn_plan_t *plan, const char *host, apr_time_t now,
                       apr_pool_t *p);

#endif
