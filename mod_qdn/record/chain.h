/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CHAIN_H
#define QDN_CHAIN_H

/*
 * What became of a call: the row of qdn_call, computed from the events of
 * the call. A pure function, computed anew whenever an event is added, so
 * events may arrive in any order and from several hosts.
 *
 * From `detail` it reads, where they are there: "from" (call.received,
 * line.unknown), "seconds" (voicemail.recorded, leg.ended), "status"
 * (call.ended: Twilio's CallStatus). Superseded decisions (supersede.h) do
 * not count.
 */

#include "event.h"

#define QDN_CHAIN_RUNG_WIDTH 255 /* of `rung`, in bytes */

/* Texts are those of qdn_call.outcome. */
/* clang-format off */
#define QDN_OUTCOMES(X)                                                        \
    X(UNKNOWN, "unknown")       /* not over, or nobody can say */              \
    X(ANSWERED, "answered")     /* a person talked with the caller */          \
    X(VOICEMAIL, "voicemail")   /* more than zero seconds were recorded */     \
    X(REJECTED, "rejected")     /* by a rule or as a loop */                   \
    X(ABANDONED, "abandoned")   /* the caller hung up before */                \
    X(UNANSWERED, "unanswered") /* ended with a goodbye */                     \
    X(FAILED, "failed")
/* clang-format on */

typedef enum {
#define X(id, text) QDN_OUTCOME_##id,
    QDN_OUTCOMES(X)
#undef X
        QDN_OUTCOME_MAX
} qdn_outcome_e;

typedef struct qdn_chain_t {
    const char *call_sid;
    const char *line;       /* NULL: not known yet */
    const char *caller;     /* as Twilio sent it; NULL: withheld or unknown */
    apr_time_t started_at;  /* of the first event; 0 below: it has not */
    apr_time_t answered_at; /* key press, else pick-up of who was connected */
    apr_time_t ended_at;
    qdn_outcome_e outcome;
    const char *answered_by; /* operator/label; NULL: nobody */
    int hops;                /* that were dialled */
    int ring_seconds;        /* that the caller heard ringing */
    int talk_seconds;        /* -1: nobody answered, or still talking */
    const char *config;      /* plan in force at the beginning */
    const char *rung;        /* operators by hop and time, each once, as many
                              * as fit: ",ana,bo,"; NULL: nobody */
    int day;                 /* where rollup.h counted it: 20261224; 0: it */
    int hour;                /* has not yet; 0 to 23, of the line's clock */
} qdn_chain_t;

/*
 * Compute the row of the n events of one call, n > 0, in the order of `at`
 * (equal ones in any order), but for day and hour, which are 0. Strings are
 * those of the events, or in p.
 */
void qdn_chain_project(qdn_chain_t *pchain, const qdn_event_t *events, int n,
                       apr_pool_t *p);

/*
 * A call of that line (NULL: of none) has just ended, by what is known now in
 * this way. For whoever counts; in the drain's thread.
 */
typedef void qdn_ended_cb(void *baton, const char *line, qdn_outcome_e outcome);

const char *qdn_outcome_text(qdn_outcome_e outcome);
qdn_outcome_e qdn_outcome_find(const char *text); /* QDN_OUTCOME_MAX: none */

#endif
