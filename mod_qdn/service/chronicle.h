/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CHRONICLE_H
#define QDN_CHRONICLE_H

/*
 * What is kept of each step, as events of the exchange: which kind, with
 * which reason, inputs and id. The only place where details are written, so
 * the shape of each kind's `detail` can be read here (chronicle.c).
 */

#include "exchange.h"

/* A call came in for a line of ours. */
void qdn_chronicle_received(qdn_exchange_t *x);

/* Twilio asks its fallback URL, which is ours too, after this error. */
void qdn_chronicle_fallback(qdn_exchange_t *x, const char *error_code);

/* A call came in for a number that is no line. */
void qdn_chronicle_unknown_line(qdn_exchange_t *x);

/* The expression of rule `number` failed; it counts as no match. */
void qdn_chronicle_rule_failed(qdn_exchange_t *x, int number);

/* Who is left out, who is rung, what is said instead. */
void qdn_chronicle_decision(qdn_exchange_t *x, const qdn_cascade_input_t *in,
                            const qdn_decision_t *d);

/* The key of this step was right, or wrong for good: CHALLENGE_* kinds. */
void qdn_chronicle_challenge(qdn_exchange_t *x, qdn_kind_e kind);

/* The hop of x->progress has ended; `doubt`: also an anomaly. */
void qdn_chronicle_hop_ended(qdn_exchange_t *x, const qdn_hop_result_t *result,
                             qdn_reason_e ended, int doubt);

/* Something about the leg of x->leg: LEG_* and SCREEN_* kinds. */
void qdn_chronicle_leg(qdn_exchange_t *x, qdn_kind_e kind);

/* A recording is there, or failed: VOICEMAIL_RECORDED, VOICEMAIL_FAILED. */
void qdn_chronicle_recording(qdn_exchange_t *x, qdn_kind_e kind);

/* A goodbye is spoken and the call is over. */
void qdn_chronicle_goodbye(qdn_exchange_t *x);

/*
 * The call is over. Every step that sees it says so, the id is the same for
 * all, so the first that arrives is kept.
 */
void qdn_chronicle_ended(qdn_exchange_t *x, qdn_reason_e reason);

#endif
