/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_JUDGE_H
#define QDN_JUDGE_H

/*
 * From what is known to a verdict per operator: the call path, explain, sweep
 * and the dashboard ask this one function. Pure but for the callback.
 *
 * In this order, the first that applies decides:
 *   1 status-away        set by hand, for this line or all
 *   2 on-a-call          unless QDNOnACall ring
 *   3 available          set by hand: over all that follows
 *   4 holiday, outside-hours   the operator's hours, then the line's
 *   5 off-duty           QDNDuty is given and no event is on now
 *   6 calendar-busy
 *   7 presence-away
 *   8 unknown-assumed-available   a feed's answer is too old or missing
 *   9 available
 */

#include "cascade.h"
#include "snapshot.h"

/*
 * Is the operator in a talk that this host knows of? 1 and since when, or 0.
 * Must not block.
 */
typedef int qdn_engaged_cb(void *baton, const qdn_operator_t *op,
                           apr_time_t now, apr_time_t *psince);

/* What is known at this moment. */
typedef struct qdn_knowledge_t {
    const qdn_snapshot_t *snapshot; /* NULL: nothing was found out yet */
    /*
     * Array of qdn_standing_t that counts in place of the snapshot's (what
     * would be if ...); NULL: the snapshot's.
     */
    const apr_array_header_t *standings;
    qdn_engaged_cb *engaged; /* NULL: nobody talks */
    void *engaged_baton;
    /*
     * When it is, for who asks about another moment (explain, sweep): the age
     * of what was found out counts from here. 0: the moment itself.
     */
    apr_time_t as_of;
} qdn_knowledge_t;

/*
 * A talk says who is busy now, not later: at other moments than as_of it
 * counts for only as long as a call that comes in then may ring.
 */
#define QDN_JUDGE_TALK apr_time_from_sec(QDN_BUDGET_MAX)

/* 1: verdicts may have this reason; 0: it is another's, or none. */
int qdn_judge_gives(qdn_reason_e reason);

/*
 * The verdicts for every operator whom this line's hops (or those of
 * `cascade`) name, once each, in *pverdicts: array of qdn_verdict_t in p.
 * NULL in *pverdicts where nothing at all is configured or known of any of
 * them: all are available, and that costs nothing.
 *
 * detail of a verdict: a JSON object of what decided, for people and replay:
 *   {"by":"calendar","feed":"google:sergio@...","until":"2026-...","age":42}
 *   {"by":"status","who":"ana","why":"lunch","until":...,"at":...}
 *   {"by":"hours","of":"operator","hours":"Mo-Fr ...","until":...}
 * and for unknown-assumed-available {"by":"feed","feed":...,"age":...,
 * "error":...}. For available {"age":...} of the eldest answer that counted;
 * NULL where nothing had to be asked. Times as seconds since 1970; ages in
 * seconds.
 */
void qdn_judge_line(const qdn_plan_t *plan, const qdn_line_t *line,
                    const qdn_cascade_t *cascade,
                    const qdn_knowledge_t *knowledge, apr_time_t now,
                    apr_array_header_t **pverdicts, apr_pool_t *p);

/*
 * Likewise for the call path, one operator at a time, when the cascade comes
 * to him: its callback, whose baton is a qdn_judge_t of that call.
 */
typedef struct qdn_judge_t {
    const qdn_plan_t *plan;
    const qdn_line_t *line;
    qdn_knowledge_t known;
    apr_time_t now;
    apr_pool_t *p;
} qdn_judge_t;

void qdn_judge_ask(void *baton, const qdn_operator_t *op,
                   qdn_verdict_t *pverdict);

/*
 * One operator for one line (NULL: without a line's hours and status), with
 * *puntil: when this verdict would change by the clock alone (0: not known);
 * with as_of also when a talk no longer counts.
 */
void qdn_judge_operator(const qdn_plan_t *plan, const qdn_operator_t *op,
                        const qdn_line_t *line,
                        const qdn_knowledge_t *knowledge, apr_time_t now,
                        qdn_verdict_t *pverdict, apr_time_t *puntil,
                        apr_pool_t *p);

#endif
