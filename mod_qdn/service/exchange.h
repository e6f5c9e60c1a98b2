/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_EXCHANGE_H
#define QDN_EXCHANGE_H

/*
 * One admitted webhook on its way to an answer: what the gate found out, the
 * events that the step writes, the TwiML that goes back. Lives as long as the
 * request.
 */

#include "service.h"
#include "text.h"
#include "twiml.h"

typedef struct qdn_exchange_t qdn_exchange_t;

/* What the query of a step's URL must carry. */
typedef enum {
    QDN_TOKEN_NONE,     /* the line is the number that was called */
    QDN_TOKEN_PROGRESS, /* `s`: a step of the caller's leg */
    QDN_TOKEN_LEG       /* `l`: a step of a callee's leg */
} qdn_token_e;

/* One kind of webhook: a row of the table in steps.c. */
typedef struct qdn_step_t {
    const char *path; /* below the prefix: "voice/next" */
    qdn_token_e token;
    /*
     * 1: the answer is a decision, so a second delivery must get the same
     * bytes. 0: it never depends on anything, and ids see to the rest.
     */
    int remembered;
    /*
     * The parameter that tells two deliveries of the same URL apart, when
     * that URL is asked more than once per leg; NULL: it is asked once.
     */
    const char *again;
    /* Decide, add events, leave TwiML in x->answer. */
    void (*run)(qdn_exchange_t *x);
} qdn_step_t;

struct qdn_exchange_t {
    const qdn_service_t *service;
    const qdn_request_t *request;
    void *rules_baton;
    apr_pool_t *pool;
    const qdn_step_t *step;
    const qdn_account_t *account;
    const apr_array_header_t *fields; /* Twilio's parameters, decoded */
    qdn_webhook_t webhook;
    qdn_progress_t progress;    /* with QDN_TOKEN_PROGRESS */
    qdn_leg_t leg;              /* with QDN_TOKEN_LEG */
    const char *call_sid;       /* of the caller's leg */
    const qdn_line_t *line;     /* NULL: no such line in today's plan */
    const char *line_number;    /* its number; NULL: none was ever ours */
    apr_array_header_t *events; /* of qdn_event_t */
    const char *answer;         /* TwiML */
};

/*
 * Add an event with everything filled in that follows from the exchange (at,
 * host, line, call, plan revision). Set the rest, then identify it. The
 * pointer is good until the next event is added.
 */
qdn_event_t *qdn_exchange_event(qdn_exchange_t *x, qdn_kind_e kind);

/* Hand all events to the journal. Whatever becomes of them, go on. */
void qdn_exchange_record(qdn_exchange_t *x);

/* Has the leg that this webhook is about ended? */
int qdn_exchange_leg_gone(const qdn_exchange_t *x);

/* The fate of a callee's leg, as this host remembers it for a while. */
void qdn_exchange_set_fate(qdn_exchange_t *x, const char *leg_sid,
                           qdn_leg_fate_e fate, apr_uint32_t number_hash);
qdn_leg_fate_e qdn_exchange_fate(const qdn_exchange_t *x, const char *leg_sid,
                                 apr_uint32_t *pnumber_hash);

/* The steps; see steps.c for which is which. */
void qdn_voice_start(qdn_exchange_t *x);
void qdn_voice_next(qdn_exchange_t *x);
void qdn_voice_challenged(qdn_exchange_t *x);
void qdn_voice_status(qdn_exchange_t *x);
void qdn_screen_ask(qdn_exchange_t *x);
void qdn_screen_accept(qdn_exchange_t *x);
void qdn_screen_leg(qdn_exchange_t *x);
void qdn_voicemail_recorded(qdn_exchange_t *x);
void qdn_voicemail_recording(qdn_exchange_t *x);

#endif
