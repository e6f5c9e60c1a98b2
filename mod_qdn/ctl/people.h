/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PEOPLE_H
#define QDN_PEOPLE_H

/*
 * Scripted people: what each does when a phone rings, and what the caller
 * does. A script is words separated by commas, for one who is called
 *
 *     no-answer | busy | failed | canceled       nobody picks up
 *     accept | decline | voicemail | hangup      somebody does, and presses
 *                                                1, 2, nothing, or hangs up
 *     wrong-key                                  presses 5 first
 *     talk=30s                                   hangs up after so long a talk
 *     press=2s                                   how long after it was asked
 *
 * where the last @SECONDS of any word is for how long it rings before
 * (accept@6s): `wrong-key,accept@6s,talk=40s`. For the caller
 *
 *     hangs-up@[MOMENT+]SECONDS     MOMENT: hop1, hop2 ... (begins to ring),
 *                                   whisper, greeting, recording, talk,
 *                                   question (asked for a key)
 *     presses=asked | presses=KEY   the key that is asked for, or this one; the
 *                                   next time the next such word
 *     talks=30s                     hangs up after so long a talk
 *     leaves-message=8s | silent    after the beep
 *     then=hangup|key|silence       how the message ends
 */

#include <apr_hash.h>
#include <apr_time.h>

typedef enum {
    QDN_PERSON_NO_ANSWER,
    QDN_PERSON_BUSY,
    QDN_PERSON_FAILED,
    QDN_PERSON_CANCELED,
    QDN_PERSON_PICKS_UP
} qdn_person_e;

typedef struct qdn_person_t {
    qdn_person_e manner;
    apr_interval_time_t after; /* ringing before whatever `manner` says */
    const char *keys;          /* one per question, "" none */
    apr_interval_time_t press; /* after its document began */
    int hangs_up;              /* a second after picking up */
    apr_interval_time_t talk;  /* then hangs up */
} qdn_person_t;

typedef enum { QDN_THEN_HANGUP, QDN_THEN_KEY, QDN_THEN_SILENCE } qdn_then_e;

typedef struct qdn_caller_t {
    const char *moment;           /* "", "hop1" ...; NULL: stays on the line */
    apr_interval_time_t hangs_up; /* so long after that moment */
    apr_interval_time_t talk;     /* 0: until the other one hangs up */
    apr_interval_time_t message;  /* 0: says nothing */
    qdn_then_e then;
    const char *keys; /* one per question, '?': the one asked for; "" none */
} qdn_caller_t;

/* One who does not answer; a caller who waits and leaves 8 s of message. */
void qdn_person_init(qdn_person_t *person);
void qdn_caller_init(qdn_caller_t *caller);

/* NULL, or a sentence in p that quotes the word and says what is accepted. */
const char *qdn_person_parse(qdn_person_t *person, const char *script,
                             apr_pool_t *p);
const char *qdn_caller_parse(qdn_caller_t *caller, const char *script,
                             apr_pool_t *p);

#endif
