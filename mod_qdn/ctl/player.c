/* SPDX-License-Identifier: Apache-2.0 */
#include "player.h"

#include <apr_escape.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>
#include "digest.h"
#include "form.h"
#include "stage.h"

apr_interval_time_t stage_elapsed(const stage_t *s)
{
    return qdn_agenda_now(s->agenda) - s->play->at;
}

void stage_say(stage_t *s, const char *who, const char *fmt, ...)
{
    va_list args;
    const char *what;

    va_start(args, fmt);
    what = apr_pvsprintf(s->pool, fmt, args);
    va_end(args);
    qdn_transcript_add(s->t, stage_elapsed(s), who, "%s", what);
}

const char *stage_sid(stage_t *s, const char *prefix)
{
    char id[QDN_ID_HEX + 1];
    const char *parts[] = { s->caller.sid, apr_itoa(s->pool, s->sids++), NULL };

    qdn_digest_id(parts, id);
    return apr_pstrcat(s->pool, prefix, id, NULL);
}

static const char *draw_sid(apr_pool_t *p)
{
    unsigned char bytes[16];
    char *sid = apr_palloc(p, 35);

    if (apr_generate_random_bytes(bytes, sizeof(bytes)) != APR_SUCCESS) {
        memset(bytes, 0, sizeof(bytes));
    }
    memcpy(sid, "CA", 2);
    apr_escape_hex(sid + 2, bytes, sizeof(bytes), 0, NULL);
    return sid;
}

static const char *entry_method(const stage_t *s)
{
    return s->play->method ? s->play->method : "POST";
}

static const char *entry_url(const stage_t *s, const char *step)
{
    return apr_pstrcat(s->pool, s->play->public_url, "/", step, NULL);
}

void stage_answer(stage_t *s)
{
    if (!s->caller.answered) {
        s->caller.answered = qdn_agenda_now(s->agenda);
        s->caller.status = "in-progress";
        stage_say(s, "caller", "is answered (the call is billed from here)");
    }
}

/* What the whole call was, seen from outside. */
static const char *outcome_of(const stage_t *s, const char *outcome)
{
    return s->t->answered_by ? "answered"
           : s->t->message   ? "voicemail"
                             : outcome;
}

static int caller_seconds(const stage_t *s)
{
    return s->caller.answered ? (int)apr_time_sec(qdn_agenda_now(s->agenda) -
                                                  s->caller.answered)
                              : 0;
}

/* The number's own status callback. */
static void tell_status(stage_t *s)
{
    apr_array_header_t *f = wire_fields(&s->caller, entry_method(s));
    int seconds = caller_seconds(s);

    wire_add_int(s, f, "CallDuration", seconds);
    wire_add_int(s, f, "Duration", (seconds + 59) / 60);
    wire_add_progress(&s->caller, f);
    wire_tell(&s->caller, entry_method(s), entry_url(s, "voice/status"), f);
}

/* The caller's leg is over; the callback may still have to wait. */
static void leave(stage_t *s, const char *status, const char *outcome)
{
    s->caller.gone = 1;
    s->caller.status = status;
    qdn_agenda_cancel(s->caller.pending);
    s->t->call_status = status;
    s->t->ended = qdn_agenda_now(s->agenda);
    s->t->outcome = outcome;
}

void stage_end(stage_t *s, const char *status, const char *outcome)
{
    if (s->caller.gone) {
        return;
    }
    leave(s, status, outcome);
    stage_say(s, "caller", "the call is over (%s)", status);
    tell_status(s);
}

/*
 * The caller hangs up: whatever is at work ends, its action is still
 * requested, and nobody follows the answer.
 */
void stage_hang_up(void *baton)
{
    stage_t *s = baton;

    if (s->caller.gone) {
        return;
    }
    stage_say(s, "caller", "hangs up");
    leave(s, s->caller.answered ? "completed" : "no-answer", "abandoned");
    if (s->play->status_first) {
        tell_status(s);
    }
    if (s->dial) {
        dial_caller_gone(s);
    }
    else if (s->recording) {
        recording_finish(s, recording_spoken(s), "hangup");
    }
    if (!s->play->status_first) {
        tell_status(s);
    }
}

void stage_moment(stage_t *s, const char *moment)
{
    const qdn_caller_t *c = &s->play->caller;

    if (c->moment && strcmp(c->moment, moment) == 0) {
        qdn_agenda_add(s->agenda, c->hangs_up, stage_hang_up, s);
    }
}

/* Twilio cannot go on with the caller's leg. */
static void give_up(stage_t *s)
{
    apr_array_header_t *f;

    if (s->play->fallback_url && !s->fallback_used && !s->stopped) {
        s->fallback_used = 1;
        f = apr_array_make(s->pool, 2, sizeof(qdn_field_t));
        qdn_form_add(f, "ErrorCode", "11200");
        qdn_form_add(f, "ErrorUrl", s->caller.document_url);
        stage_say(s, "caller", "Twilio asks the fallback URL");
        party_fetch(&s->caller, "POST", s->play->fallback_url, f);
        return;
    }
    stage_answer(s);
    stage_say(s, "caller", "hears: an application error has occurred");
    stage_end(s, "completed", "failed");
}

void party_fetch(party_t *party, const char *method, const char *url,
                 const apr_array_header_t *fields)
{
    stage_t *s = party->stage;
    apr_array_header_t *f = wire_fields(party, method);

    if (fields) {
        apr_array_cat(f, fields);
    }
    party->document_url = url;
    party->document = wire_ask(party, method, url, f);
    party->next = 0;
    party->asked = qdn_agenda_now(s->agenda);
    if (party->gone) {
        return; /* the answer to one who has left */
    }
    if (party->document) {
        party->pending = qdn_agenda_add(s->agenda, 0, party_step, party);
    }
    else if (party->side == QDN_LEG_CALLER) {
        give_up(s);
    }
    else {
        dial_hang_up(party);
    }
}

static void document_over(party_t *party)
{
    if (party->side == QDN_LEG_CALLER) {
        stage_end(party->stage, "completed", "unanswered");
    }
    else {
        dial_bridge(party);
    }
}

void party_step(void *baton)
{
    party_t *party = baton;
    const apr_array_header_t *verbs = party->document->children;

    party->pending = NULL;
    if (party->gone) {
        return;
    }
    if (party->next >= verbs->nelts) {
        document_over(party);
        return;
    }
    verb_play(party, APR_ARRAY_IDX(verbs, party->next++, qdn_verb_t *));
}

static void ring_line(void *baton)
{
    stage_t *s = baton;

    stage_say(s, "caller", "%s calls %s",
              *s->play->from ? s->play->from : "a withheld number",
              s->play->to);
    stage_moment(s, "");
    party_fetch(&s->caller, entry_method(s), entry_url(s, "voice"), NULL);
}

qdn_transcript_t *qdn_player_run(const qdn_play_t *play, apr_pool_t *p)
{
    stage_t *s = apr_pcalloc(p, sizeof(*s));

    s->play = play;
    s->pool = p;
    s->t = qdn_transcript_create(p);
    s->agenda = qdn_agenda_create(play->at, p);
    s->wire = play->at - 1;
    s->caller.stage = s;
    s->caller.side = QDN_LEG_CALLER;
    qdn_person_init(&s->caller.person);
    s->caller.person.keys = play->caller.keys;
    s->caller.who = "caller";
    s->caller.status = "ringing";
    s->caller.sid = play->call_sid ? play->call_sid : draw_sid(p);
    s->t->call_sid = s->caller.sid;
    s->t->from = play->from;
    s->t->to = play->to;
    s->t->began = play->at;
    qdn_agenda_add(s->agenda, 0, ring_line, s);
    qdn_agenda_run(s->agenda, play->real_time);
    s->t->outcome = outcome_of(s, s->t->outcome ? s->t->outcome : "unknown");
    return s->t;
}
