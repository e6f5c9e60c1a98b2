/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CASCADE_H
#define QDN_CASCADE_H

/*
 * Who is rung next. A pure function of plan, call, availability, time and
 * progress: no clock, no I/O, no log, no state. The same input gives the
 * same decision on every host.
 */

#include "hop_result.h"
#include "plan.h"

/* What is known about one operator at this moment. */
typedef struct qdn_verdict_t {
    const qdn_operator_t *operator;
    int available;
    /*
     * AVAILABLE or UNKNOWN_ASSUMED_AVAILABLE if available, else the one
     * that decided; STATUS_AWAY comes before all others.
     */
    qdn_reason_e reason;
    const char *detail; /* JSON of the inputs and their ages, or NULL */
} qdn_verdict_t;

/* The verdict on an operator of whom it is asked now. */
typedef void qdn_judge_cb(void *baton, const qdn_operator_t *op,
                          qdn_verdict_t *pverdict);

/* What a step of the cascade depends on besides the call's progress. */
typedef struct qdn_cascade_input_t {
    const qdn_plan_t *plan;
    const qdn_line_t *line;
    const char *caller;         /* E.164, or NULL: withheld or odd */
    const char *forwarded_from; /* E.164, or NULL */
    int rule;                   /* number of the first that matched; 0 none */
    /*
     * Of qdn_verdict_t, one for each operator of these hops; NULL: no source
     * is configured, all are available. Who is missing is asked of `judge`;
     * without one he is available.
     */
    const apr_array_header_t *verdicts;
    qdn_judge_cb *judge; /* pure as well; only for whom a hop is considered */
    void *judge_baton;
    apr_time_t now;
} qdn_cascade_input_t;

typedef enum {
    QDN_ACT_DIAL,      /* ring `phones` together */
    QDN_ACT_VOICEMAIL, /* greet and record */
    QDN_ACT_GOODBYE,   /* say so and hang up */
    QDN_ACT_REJECT,    /* refuse without answering */
    QDN_ACT_BUSY,      /* busy signal without answering */
    QDN_ACT_CHALLENGE, /* ask for a key before anyone is rung */
    QDN_ACT_END        /* the call is over: nothing more to do */
} qdn_act_e;

/* One phone of a decision, rung or left out. */
typedef struct qdn_choice_t {
    const qdn_phone_t *phone;
    int hop;                 /* from 1 */
    qdn_reason_e reason;     /* why it is rung, or why not */
    qdn_callerid_e callerid; /* LINE or CALLER; only where it is rung */
    int screen;              /* seconds, 0: confirm=none; likewise */
    qdn_reason_e verdict;    /* on the operator; NONE: there is none */
    const char *detail;      /* of that verdict, or NULL */
} qdn_choice_t;

typedef struct qdn_decision_t {
    qdn_act_e act;
    qdn_reason_e reason;         /* RULE, LOOP, or NONE: the cascade led here */
    apr_array_header_t *skipped; /* of qdn_choice_t, in the order considered */
    apr_array_header_t *rung;    /* of qdn_choice_t; empty unless ACT_DIAL */
    int ring;   /* seconds the caller waits for a pick-up; ACT_DIAL only */
    int screen; /* longest screening of `rung`, seconds */
    int left;   /* seconds of budget before this decision */
    qdn_cascade_t cascade; /* in force, complete: qdn_line_cascade */
    /* For the next URL; `decision` is filled in by the caller. */
    qdn_progress_t next;
} qdn_decision_t;

/*
 * The cascade with a name that is in force at this step, so that the verdicts
 * can be those of its operators: chosen by in->rule, or by the rule of an
 * earlier step, as its progress says (NULL: this is the first). NULL: the
 * line's own. One that is gone from the plan is the line's own.
 */
const qdn_cascade_t *qdn_cascade_chosen(const qdn_cascade_input_t *in,
                                        const qdn_progress_t *progress);

/* The first step of a call. Everything in *pdecision lives in p. */
void qdn_cascade_start(const qdn_cascade_input_t *in, qdn_decision_t *pdecision,
                       apr_pool_t *p);

/*
 * The step after a hop. `ended` is what qdn_hop_result_judge said; CONNECTED
 * and CALLER_GONE give ACT_END. If the plan changed since the URL was made
 * the cascade goes on by number: every hop of today's plan is considered,
 * numbers already rung are left out.
 */
void qdn_cascade_next(const qdn_cascade_input_t *in,
                      const qdn_progress_t *progress,
                      const qdn_hop_result_t *result, qdn_reason_e ended,
                      qdn_decision_t *pdecision, apr_pool_t *p);

/*
 * What a call hears that has to stop ringing at once: voicemail or goodbye.
 * Of a complete cascade.
 */
qdn_act_e qdn_cascade_last_resort(const qdn_cascade_t *cascade);

#endif
