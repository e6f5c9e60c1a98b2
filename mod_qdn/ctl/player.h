/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PLAYER_H
#define QDN_PLAYER_H

/*
 * Twilio for one inbound call: asks for TwiML, follows it with scripted
 * people on virtual time, sends every callback that was subscribed. It knows
 * Twilio's documentation and nothing of the cascade. How the webhooks travel
 * is the transport's business: over HTTP (transport_http.h), or straight
 * into qdn_service_answer (t/unit/test_cases.c).
 *
 * Where Twilio's documentation leaves something open, both readings can be
 * played (the switches below).
 */

#include <apr_hash.h>
#include "directory.h"
#include "people.h"
#include "transcript.h"

#define QDN_PLAYER_REQUESTS 100 /* webhooks; more is a loop */

/* One webhook on its way, and its answer. */
typedef struct qdn_delivery_t {
    const char *method;       /* "POST" or "GET" */
    const char *url;          /* as signed; with the form's fields if GET */
    const char *content_type; /* of body; NULL: none */
    const char *body;         /* "" if GET */
    const char *signature;    /* X-Twilio-Signature */
    const char *token;        /* I-Twilio-Idempotency-Token, same in a repeat */
    apr_time_t now;           /* virtual clock, microseconds since 1970 */
    int status;               /* the rest is the answer */
    const char *reply_type;   /* or NULL */
    const char *reply;
    apr_size_t reply_len;
} qdn_delivery_t;

/*
 * Deliver it and wait for the answer. APR_SUCCESS: *d holds one, whatever
 * its status. Else there is none: a sentence in *perror.
 */
typedef apr_status_t qdn_transport_cb(void *baton, qdn_delivery_t *d,
                                      const char **perror, apr_pool_t *p);

/* What is to be played. Zero means the usual. */
typedef struct qdn_play_t {
    const char *public_url; /* QDNPublicURL */
    const char *account_sid;
    const char *auth_token;
    qdn_transport_cb *transport;
    void *transport_baton;
    const qdn_directory_t *directory;
    apr_hash_t *people; /* operator/label or number -> qdn_person_t * */
    qdn_caller_t caller;
    const char *from;           /* as Twilio would send it: may be "" */
    const char *to;             /* the line */
    const char *forwarded_from; /* NULL: no such parameter */
    const char *stir;           /* StirVerstat, NULL: none */
    const char *call_sid;       /* NULL: one is drawn */
    apr_time_t at;              /* when the call arrives */
    const char *method;         /* of voice and voice/status; NULL: POST */
    const char *fallback_url;   /* the number's VoiceFallbackUrl, or NULL */
    const char *lost;           /* first request of this step never arrives */
    int real_time;              /* virtual seconds last a second */
    int twice;                  /* each webhook is delivered twice */
    int status_first;       /* voice/status overtakes the last action request */
    int bridged_absent;     /* no DialBridged */
    int screened_no_answer; /* picked up, not bridged: "no-answer" */
    int silent_action;      /* an empty message: action instead of next verb */
    int sparse;             /* only the parameters that are documented */
    int answered_early;     /* a call that nobody answered is "in-progress" */
} qdn_play_t;

/*
 * Play one call to its end. The transcript, in p, holds what happened and
 * every complaint; it is never NULL.
 */
qdn_transcript_t *qdn_player_run(const qdn_play_t *play, apr_pool_t *p);

#endif
