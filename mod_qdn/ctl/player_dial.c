/* SPDX-License-Identifier: Apache-2.0 */
/* Dial: phones that ring together, the first pick-up, the bridge. */
#include <apr_strings.h>
#include <string.h>
#include "form.h"
#include "stage.h"
#include "twiml_rule.h"

#define RING_USUAL     30 /* seconds, Dial timeout unless given */
#define RINGS_LONGER   5  /* Twilio adds about so much */
#define TALK_LONGEST   14400
#define TOGETHER_MAX   10
#define RING_SETUP     1 /* seconds until the far phone rings */
#define HANGUP_SECONDS 1 /* from picking up to hanging up at once */

/* A status callback of this leg, if the event was subscribed. */
static void tell_leg(party_t *leg, const char *event)
{
    stage_t *s = leg->stage;
    const char *events =
        qdn_verb_get(leg->noun, "statusCallbackEvent", "completed");
    const char *url = qdn_verb_get(leg->noun, "statusCallback", NULL);
    const char *method =
        qdn_verb_get(leg->noun, "statusCallbackMethod", "POST");
    apr_array_header_t *f;

    if (!url || !strstr(events, event)) {
        return;
    }
    f = wire_fields(leg, method);
    if (leg->gone) {
        wire_add_int(
            s, f, "CallDuration",
            leg->answered
                ? (int)apr_time_sec(qdn_agenda_now(s->agenda) - leg->answered)
                : 0);
    }
    wire_add_progress(leg, f);
    wire_tell(leg, method, url, f);
}

static void leg_end(party_t *leg, const char *status)
{
    if (leg->gone) {
        return;
    }
    leg->gone = 1;
    leg->status = status;
    leg->dial->last = leg;
    qdn_agenda_cancel(leg->pending);
    stage_say(leg->stage, leg->who, "%s", status);
    tell_leg(leg, "completed");
}

static void end_all(dial_t *dial, const party_t *but, const char *status)
{
    int i;

    for (i = 0; i < dial->legs->nelts; i++) {
        party_t *leg = APR_ARRAY_IDX(dial->legs, i, party_t *);

        if (leg != but) {
            leg_end(leg, status);
        }
    }
}

static int any_left(const dial_t *dial)
{
    int i;

    for (i = 0; i < dial->legs->nelts; i++) {
        if (!APR_ARRAY_IDX(dial->legs, i, party_t *)->gone) {
            return 1;
        }
    }
    return 0;
}

static const char *dial_status(const stage_t *s, const dial_t *dial)
{
    if (dial->picked && !dial->bridged && s->play->screened_no_answer) {
        return "no-answer";
    }
    return dial->picked ? "completed"
           : dial->last ? dial->last->status
                        : "failed";
}

/* What the action request says of the Dial. */
static apr_array_header_t *dial_fields(stage_t *s, const dial_t *dial)
{
    apr_array_header_t *f = apr_array_make(s->pool, 4, sizeof(qdn_field_t));
    const party_t *leg = dial->picked ? dial->picked : dial->last;

    qdn_form_add(f, "DialCallStatus", dial->record->status);
    if (leg) {
        qdn_form_add(f, "DialCallSid", leg->sid);
    }
    if (dial->picked) {
        wire_add_int(s, f, "DialCallDuration",
                     (int)apr_time_sec(qdn_agenda_now(s->agenda) -
                                       dial->picked->answered));
    }
    if (!s->play->bridged_absent) {
        qdn_form_add(f, "DialBridged", dial->bridged ? "true" : "false");
    }
    return f;
}

/* The Dial is over: its action is asked for, also when the caller has left. */
static void dial_over(stage_t *s)
{
    dial_t *dial = s->dial;

    s->dial = NULL;
    qdn_agenda_cancel(dial->timeout);
    end_all(dial, NULL, dial->picked ? "completed" : "canceled");
    dial->record->status = dial_status(s, dial);
    if (dial->bridged) {
        s->t->talk =
            (int)apr_time_sec(qdn_agenda_now(s->agenda) - dial->bridged);
    }
    if (dial->action) {
        party_fetch(&s->caller, qdn_verb_get(dial->verb, "method", "POST"),
                    dial->action, dial_fields(s, dial));
    }
    else if (!s->caller.gone) {
        party_step(&s->caller);
    }
}

static void ring_out(void *baton)
{
    stage_t *s = baton;

    end_all(s->dial, NULL, "no-answer");
    dial_over(s);
}

static void talk_out(void *baton)
{
    stage_t *s = baton;

    stage_say(s, s->dial->picked->who, "is cut off by timeLimit");
    dial_over(s);
}

static void callee_done(void *baton)
{
    party_t *leg = baton;

    stage_say(leg->stage, leg->who, "hangs up after the talk");
    dial_over(leg->stage);
}

static apr_interval_time_t shorter(apr_interval_time_t a, apr_interval_time_t b)
{
    return a < b ? a : b;
}

void dial_bridge(party_t *callee)
{
    stage_t *s = callee->stage;
    dial_t *dial = callee->dial;
    apr_interval_time_t own = callee->person.talk;
    apr_interval_time_t callers = s->play->caller.talk;
    apr_interval_time_t limit =
        apr_time_from_sec(qdn_verb_int(dial->verb, "timeLimit", TALK_LONGEST));

    stage_answer(s);
    dial->bridged = qdn_agenda_now(s->agenda);
    dial->record->bridged = 1;
    s->t->answered_by = callee->who;
    stage_say(s, callee->who, "is connected with the caller");
    stage_moment(s, "talk");
    if (limit < shorter(own, callers ? callers : own)) {
        dial->timeout = qdn_agenda_add(s->agenda, limit, talk_out, s);
    }
    else if (callers && callers <= own) {
        qdn_agenda_add(s->agenda, callers, stage_hang_up, s);
    }
    else {
        callee->pending = qdn_agenda_add(s->agenda, own, callee_done, callee);
    }
}

void dial_hang_up(party_t *callee)
{
    stage_say(callee->stage, callee->who, "is hung up on");
    dial_over(callee->stage);
}

static void callee_leaves(void *baton)
{
    party_t *leg = baton;

    if (!leg->gone) {
        stage_say(leg->stage, leg->who, "hangs up");
        dial_over(leg->stage);
    }
}

/* The first to pick up is taken; Twilio drops the others at that moment. */
static void pick_up(void *baton)
{
    party_t *leg = baton;
    stage_t *s = leg->stage;
    dial_t *dial = leg->dial;
    const char *url = qdn_verb_get(leg->noun, "url", NULL);

    leg->answered = qdn_agenda_now(s->agenda);
    leg->status = "in-progress";
    dial->picked = leg;
    dial->record->picked = leg->who;
    stage_say(s, leg->who, "picks up");
    qdn_agenda_cancel(dial->timeout);
    dial->timeout = NULL;
    end_all(dial, leg, "canceled");
    tell_leg(leg, "answered");
    if (leg->person.hangs_up) {
        qdn_agenda_add(s->agenda, apr_time_from_sec(HANGUP_SECONDS),
                       callee_leaves, leg);
    }
    if (!url) {
        dial_bridge(leg);
        return;
    }
    stage_moment(s, "whisper");
    party_fetch(leg, qdn_verb_get(leg->noun, "method", "POST"), url, NULL);
}

static void not_reached(void *baton)
{
    static const char *const words[] = { "no-answer", "busy", "failed",
                                         "canceled", "completed" };
    party_t *leg = baton;
    stage_t *s = leg->stage;

    leg->pending = NULL;
    leg_end(leg, words[leg->person.manner]);
    if (s->dial && !any_left(s->dial)) {
        dial_over(s);
    }
}

static void rings(void *baton)
{
    party_t *leg = baton;

    if (!leg->gone && !leg->answered) {
        leg->status = "ringing";
        tell_leg(leg, "ringing");
    }
}

/* The script of whoever has this number, and the name to show. */
static void cast(stage_t *s, party_t *leg)
{
    const qdn_person_t *script;
    const char *name;
    int n = 0;

    leg->who = qdn_directory_name(s->play->directory, leg->number, 0);
    if (!leg->who) {
        leg->who = leg->number;
    }
    script = apr_hash_get(s->play->people, leg->number, APR_HASH_KEY_STRING);
    while (!script &&
           (name = qdn_directory_name(s->play->directory, leg->number, n++))) {
        script = apr_hash_get(s->play->people, name, APR_HASH_KEY_STRING);
        leg->who = script ? name : leg->who;
    }
    qdn_person_init(&leg->person);
    if (script) {
        leg->person = *script;
    }
}

static void add_leg(stage_t *s, dial_t *dial, const qdn_verb_t *noun)
{
    party_t *leg = apr_pcalloc(s->pool, sizeof(*leg));

    leg->stage = s;
    leg->side = QDN_LEG_CALLEE;
    leg->sid = stage_sid(s, "CA");
    leg->status = "initiated";
    leg->dial = dial;
    leg->noun = noun;
    leg->number = noun->text;
    cast(s, leg);
    APR_ARRAY_PUSH(dial->legs, party_t *) = leg;
    APR_ARRAY_PUSH(dial->record->numbers, const char *) = leg->number;
    APR_ARRAY_PUSH(dial->record->names, const char *) = leg->who;
}

/* Phones begin to ring only when all are known: a callback names the Dial. */
static void start_leg(party_t *leg)
{
    stage_t *s = leg->stage;

    tell_leg(leg, "initiated");
    if (leg->person.manner != QDN_PERSON_BUSY &&
        leg->person.manner != QDN_PERSON_FAILED) {
        qdn_agenda_add(s->agenda, apr_time_from_sec(RING_SETUP), rings, leg);
    }
    if (leg->person.manner == QDN_PERSON_PICKS_UP) {
        leg->pending =
            qdn_agenda_add(s->agenda, leg->person.after, pick_up, leg);
    }
    else if (leg->person.manner != QDN_PERSON_NO_ANSWER) {
        leg->pending =
            qdn_agenda_add(s->agenda, leg->person.after, not_reached, leg);
    }
}

static void check_callerid(stage_t *s, const char *shown)
{
    if (strcmp(shown, s->play->from) != 0 && strcmp(shown, s->play->to) != 0 &&
        !qdn_directory_has_line(s->play->directory, shown)) {
        qdn_complain(s->t->complaints, 13214,
                     "<Dial callerId=\"%s\"> is neither From nor To nor a "
                     "number of this account",
                     shown);
    }
}

/* What Twilio would say of the Dial as a whole. */
static void check_dial(stage_t *s, const dial_t *dial)
{
    int i, j;

    check_callerid(s, dial->record->callerid);
    if (!dial->action) {
        qdn_complain(s->t->complaints, 0,
                     "<Dial> without action: nobody learns how it ended");
    }
    if (dial->legs->nelts == 0 || dial->legs->nelts > TOGETHER_MAX) {
        qdn_complain(s->t->complaints, dial->legs->nelts ? 13250 : 13223,
                     "<Dial> rings %d numbers; 1 to %d ring together",
                     dial->legs->nelts, TOGETHER_MAX);
    }
    for (i = 0; i < dial->legs->nelts; i++) {
        for (j = 0; j < i; j++) {
            if (strcmp(APR_ARRAY_IDX(dial->legs, i, party_t *)->number,
                       APR_ARRAY_IDX(dial->legs, j, party_t *)->number) == 0) {
                qdn_complain(s->t->complaints, 0,
                             "<Dial> rings one number twice");
            }
        }
    }
}

static dial_t *dial_create(stage_t *s, const qdn_verb_t *verb)
{
    dial_t *dial = apr_pcalloc(s->pool, sizeof(*dial));
    qdn_dialled_t *r = apr_pcalloc(s->pool, sizeof(*r));
    int i;

    dial->verb = verb;
    dial->action = qdn_verb_get(verb, "action", NULL);
    dial->legs = apr_array_make(s->pool, 4, sizeof(party_t *));
    dial->record = r;
    r->at = stage_elapsed(s);
    r->ring = qdn_verb_int(verb, "timeout", RING_USUAL) + RINGS_LONGER;
    r->numbers = apr_array_make(s->pool, 4, sizeof(const char *));
    r->names = apr_array_make(s->pool, 4, sizeof(const char *));
    r->callerid = qdn_verb_get(verb, "callerId", s->play->from);
    APR_ARRAY_PUSH(s->t->dials, qdn_dialled_t *) = r;
    for (i = 0; i < verb->children->nelts; i++) {
        add_leg(s, dial, APR_ARRAY_IDX(verb->children, i, qdn_verb_t *));
    }
    return dial;
}

void dial_begin(stage_t *s, const qdn_verb_t *verb)
{
    const char *hop = apr_psprintf(s->pool, "hop%d", ++s->dials);
    dial_t *dial = dial_create(s, verb);
    int i;

    s->dial = dial;
    if (strcmp(qdn_verb_get(verb, "answerOnBridge", "false"), "true") != 0) {
        stage_answer(s);
    }
    check_dial(s, dial);
    stage_say(s, hop, "rings %s for %d s, shows %s",
              apr_array_pstrcat(s->pool, dial->record->names, '+'),
              dial->record->ring, dial->record->callerid);
    stage_moment(s, hop);
    dial->timeout = qdn_agenda_add(
        s->agenda, apr_time_from_sec(dial->record->ring), ring_out, s);
    for (i = 0; i < dial->legs->nelts; i++) {
        start_leg(APR_ARRAY_IDX(dial->legs, i, party_t *));
    }
    if (dial->legs->nelts == 0) {
        dial_over(s);
    }
}

void dial_caller_gone(stage_t *s)
{
    dial_over(s);
}
