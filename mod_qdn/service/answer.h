/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ANSWER_H
#define QDN_ANSWER_H

/*
 * Decisions as TwiML: what Twilio does next, and the words that people hear.
 * Each function leaves a whole document in x->answer. Every URL in it is
 * absolute, under the endpoint that the request came in by, so what Twilio
 * could reach once it reaches again.
 */

#include "exchange.h"

/* What a decision of the cascade asks of Twilio. */
void qdn_answer_decision(qdn_exchange_t *x, const qdn_decision_t *d);

/*
 * The whisper to a callee: who is called by whom, and which keys. Ends with
 * Hangup after about `seconds`; the prompt is repeated until then.
 * `introduce`: with the first sentence (not after a wrong key).
 */
void qdn_answer_screen(qdn_exchange_t *x, const char *caller, int seconds,
                       int introduce);

/* An empty document: bridge a callee, acknowledge a callback. */
void qdn_answer_nothing(qdn_exchange_t *x);

/* Say a sentence (NULL: nothing) and hang up. */
void qdn_answer_hangup(qdn_exchange_t *x, const char *sentence);

#endif
