/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_STAGE_H
#define QDN_STAGE_H

/*
 * What the files of the player share: the call, its legs, the dial at work.
 * For player.c, player_dial.c, player_verb.c and wire.c only.
 */

#include "agenda.h"
#include "player.h"

typedef struct stage_t stage_t;
typedef struct dial_t dial_t;

/* Somebody on the telephone: the caller, or one who is called. */
typedef struct party_t {
    stage_t *stage;
    qdn_leg_side_e side;
    const char *sid;
    const char *who;    /* "caller", "sergio/primary" */
    const char *status; /* CallStatus */
    int gone;
    apr_time_t answered; /* 0: not yet */
    const qdn_verb_t *document;
    const char *document_url;
    int next;                   /* verb of the document */
    apr_time_t asked;           /* when the document began */
    qdn_appointment_t *pending; /* what ends the verb at work */
    int sequence;               /* of status callbacks */
    /* Of one who is called: */
    dial_t *dial;
    const char *number;
    const qdn_verb_t *noun; /* <Number> */
    qdn_person_t person;
    int keys; /* pressed so far */
} party_t;

/* A <Dial> at work. */
struct dial_t {
    const qdn_verb_t *verb;
    const char *action;
    apr_array_header_t *legs;   /* of party_t * */
    qdn_appointment_t *timeout; /* of ringing, then of the talk */
    party_t *picked;            /* who picked up, or NULL */
    party_t *last;              /* whose leg ended last */
    apr_time_t bridged;         /* 0: not yet */
    qdn_dialled_t *record;
};

/* A <Record> at work. */
typedef struct recording_t {
    const qdn_verb_t *verb;
    apr_time_t began;
    int seconds; /* of speech that will be said at most */
} recording_t;

struct stage_t {
    const qdn_play_t *play;
    qdn_transcript_t *t;
    qdn_agenda_t *agenda;
    apr_pool_t *pool;
    apr_time_t wire; /* clock of the last request */
    party_t caller;
    dial_t *dial;           /* NULL: nothing is dialled */
    recording_t *recording; /* NULL: nothing is recorded */
    int dials;
    int sids;
    int fallback_used;
    int lost;    /* the request that never arrives was sent */
    int stopped; /* too many requests */
};

/* Since the call began. */
apr_interval_time_t stage_elapsed(const stage_t *s);

void stage_say(stage_t *s, const char *who, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A new SID with these two letters. */
const char *stage_sid(stage_t *s, const char *prefix);

/* One of the moments at which a caller may be scripted to hang up. */
void stage_moment(stage_t *s, const char *moment);

/* player.c: the caller's leg is over, with this CallStatus. */
void stage_end(stage_t *s, const char *status, const char *outcome);
void stage_answer(stage_t *s);

/* The caller hangs up now (an agenda callback with the stage). */
void stage_hang_up(void *baton);

/* player.c: go on with the document of this leg (an agenda callback). */
void party_step(void *baton);

/* Ask for a document and begin to follow it. fields may be NULL. */
void party_fetch(party_t *party, const char *method, const char *url,
                 const apr_array_header_t *fields);

/* player_verb.c: play one verb. */
void verb_play(party_t *party, const qdn_verb_t *verb);

/* The recording at work ends; digits "hangup": because the caller left. */
void recording_finish(stage_t *s, int seconds, const char *digits);
int recording_spoken(const stage_t *s);

/* player_dial.c */
void dial_begin(stage_t *s, const qdn_verb_t *verb);
void dial_bridge(party_t *callee);  /* the callee's document has ended */
void dial_hang_up(party_t *callee); /* ... with Hangup, or he left */
void dial_caller_gone(stage_t *s);  /* the caller left */

/* wire.c: the fields of a request of this leg, and of a SID alone. */
apr_array_header_t *wire_fields(const party_t *party, const char *method);

/*
 * Send it; the answer's body must be TwiML for this side's leg. NULL if
 * there is no answer that can be followed, which is a complaint then.
 */
const qdn_verb_t *wire_ask(party_t *party, const char *method, const char *url,
                           const apr_array_header_t *fields);

/* Send a callback whose answer is not followed; it must be 200 or 204. */
void wire_tell(party_t *party, const char *method, const char *url,
               const apr_array_header_t *fields);

/* Timestamp, SequenceNumber and CallbackSource of a status callback. */
void wire_add_progress(party_t *party, apr_array_header_t *fields);
void wire_add_int(stage_t *s, apr_array_header_t *fields, const char *name,
                  int value);

#endif
