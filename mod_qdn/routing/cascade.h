/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CASCADE_H
#define QDN_CASCADE_H

/*
 * Who is rung next. A pure function of plan, call, availability, time and
 * progress: no clock, no I/O, no log, no state. The same input gives the
 * same decision on every host.
 */

#include "plan.h"
#include "progress.h"
#include "reason.h"

/* What is known about one operator at this moment. */
typedef struct qdn_verdict_t {
    int available;
    /*
     * AVAILABLE or UNKNOWN_ASSUMED_AVAILABLE if available, else the one
     * that decided; STATUS_AWAY comes before all others.
     */
    qdn_reason_e reason;
    const char *detail; /* JSON of the inputs and their ages, or NULL */
} qdn_verdict_t;

/* What a step of the cascade depends on besides the call's progress. */
typedef struct qdn_cascade_input_t {
    const qdn_plan_t *plan;
    const qdn_line_t *line;
    const char *caller;         /* E.164, or NULL: withheld or odd */
    const char *forwarded_from; /* E.164, or NULL */
    int rule;                   /* number of the first that matched; 0 none */
    /* By operator index; NULL: no source is configured, all are available. */
    const qdn_verdict_t *verdicts;
    apr_time_t now;
} qdn_cascade_input_t;

typedef enum {
    QDN_ACT_DIAL,      /* ring `phones` together */
    QDN_ACT_VOICEMAIL, /* greet and record */
    QDN_ACT_GOODBYE,   /* say so and hang up */
    QDN_ACT_REJECT,    /* refuse without answering */
    QDN_ACT_BUSY,      /* busy signal without answering */
    QDN_ACT_END        /* the call is over: nothing more to do */
} qdn_act_e;

/* One phone of a decision, rung or left out. */
typedef struct qdn_choice_t {
    const qdn_phone_t *phone;
    int hop;             /* from 1 */
    qdn_reason_e reason; /* why it is rung, or why not */
    qdn_callerid_e callerid; /* LINE or CALLER; only where it is rung */
    int screen;              /* seconds, 0: confirm=none; likewise */
    const char *detail;      /* of the operator's verdict, or NULL */
} qdn_choice_t;

typedef struct qdn_decision_t {
    qdn_act_e act;
    qdn_reason_e reason; /* RULE, LOOP, or NONE: the cascade led here */
    apr_array_header_t *skipped; /* of qdn_choice_t, in the order considered */
    apr_array_header_t *rung;    /* of qdn_choice_t; empty unless ACT_DIAL */
    int ring;   /* seconds the caller waits for a pick-up; ACT_DIAL only */
    int screen; /* longest screening of `rung`, seconds */
    int left;   /* seconds of budget before this decision */
    /* For the next URL; `decision` is filled in by the caller. */
    qdn_progress_t next;
} qdn_decision_t;

/* The first step of a call. Everything in *pdecision lives in p. */
void qdn_cascade_start(const qdn_cascade_input_t *in,
                       qdn_decision_t *pdecision, apr_pool_t *p);

/* What Twilio's action request and this host's memory say of a hop. */
typedef enum {
    QDN_DIAL_UNKNOWN, /* absent, or a word we do not know */
    QDN_DIAL_COMPLETED,
    QDN_DIAL_ANSWERED,
    QDN_DIAL_BUSY,
    QDN_DIAL_NO_ANSWER,
    QDN_DIAL_FAILED,
    QDN_DIAL_CANCELED
} qdn_dial_status_e;

typedef enum { QDN_NO = 0, QDN_YES = 1, QDN_ABSENT = -1 } qdn_tristate_e;

typedef enum {
    QDN_LEG_UNKNOWN,  /* this host was not asked */
    QDN_LEG_ASKED,    /* picked up, the whisper was played */
    QDN_LEG_ACCEPTED, /* key 1 */
    QDN_LEG_DECLINED  /* key 2 */
} qdn_leg_fate_e;

typedef struct qdn_hop_result_t {
    qdn_dial_status_e status;
    qdn_tristate_e bridged; /* DialBridged */
    int caller_gone;        /* the caller's own leg has ended */
    qdn_leg_fate_e fate;    /* of the leg named by DialCallSid */
    apr_uint32_t picked_up; /* hash of that leg's number, 0: unknown */
} qdn_hop_result_t;

/*
 * How the hop that `progress` names has ended: CONNECTED, DECLINED, NO_KEY,
 * NO_ANSWER, BUSY, FAILED, CANCELED or CALLER_GONE. Connected means
 * bridged=YES, whatever the status says; with bridged ABSENT: where a key was
 * asked, fate ACCEPTED, else status COMPLETED or ANSWERED. A call that was
 * connected and then ended by the caller is CONNECTED.
 * *pdoubt (may be NULL) becomes 1 where the evidence was incomplete or
 * contradicts itself (DialBridged absent; bridged without key 1): health.
 */
qdn_reason_e qdn_cascade_judge(const qdn_progress_t *progress,
                               const qdn_hop_result_t *result, int *pdoubt);

/*
 * The step after a hop. `ended` is what qdn_cascade_judge said; CONNECTED
 * and CALLER_GONE give ACT_END. If the plan changed since the URL was made
 * the cascade goes on by number: every hop of today's plan is considered,
 * numbers already rung are left out.
 */
void qdn_cascade_next(const qdn_cascade_input_t *in,
                      const qdn_progress_t *progress,
                      const qdn_hop_result_t *result, qdn_reason_e ended,
                      qdn_decision_t *pdecision, apr_pool_t *p);

/*
 * What the line would say to a call that has to stop ringing at once:
 * voicemail or goodbye.
 */
qdn_act_e qdn_cascade_last_resort(const qdn_line_t *line);

#endif
