/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs but Dial, for the caller's leg and for those who are called. */
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include "form.h"
#include "stage.h"

#define LOOPS_MAX     1000 /* what loop="0" means */
#define PLAY_SECONDS  3    /* of any audio file */
#define FILE_READY    2    /* seconds until a recording's file is there */
#define GATHER_PAUSE  5    /* Gather and Record, timeout unless given */
#define RECORD_LENGTH 3600

/* How long a voice speaks: 0.4 s a word, as much for a full stop. */
static apr_interval_time_t speech(const char *text)
{
    int beats = 0, inside = 0;

    for (; *text; text++) {
        int blank = apr_isspace(*text);

        beats += (!blank && !inside) + (*text == '.');
        inside = !blank;
    }
    return beats * APR_TIME_C(400000);
}

static apr_interval_time_t length_of(const qdn_verb_t *verb)
{
    int loop = qdn_verb_int(verb, "loop", 1);

    if (strcmp(verb->name, "Pause") == 0) {
        return apr_time_from_sec(qdn_verb_int(verb, "length", 1));
    }
    return (loop ? loop : LOOPS_MAX) * (strcmp(verb->name, "Say") == 0
                                            ? speech(verb->text)
                                            : apr_time_from_sec(PLAY_SECONDS));
}

static void hear(party_t *party, const qdn_verb_t *verb)
{
    if (strcmp(verb->name, "Pause") != 0) {
        stage_say(party->stage, party->who, "hears: %s", verb->text);
    }
}

static void wait_for(party_t *party, apr_interval_time_t delay,
                     qdn_agenda_cb *cb)
{
    party->pending = qdn_agenda_add(party->stage->agenda, delay, cb, party);
}

/* Say, Play, Pause. A Pause in front delays the answer. */
static void play_sound(party_t *party, const qdn_verb_t *verb)
{
    stage_t *s = party->stage;

    if (party->side == QDN_LEG_CALLER && strcmp(verb->name, "Pause") != 0) {
        stage_answer(s);
        stage_moment(s, "greeting");
    }
    hear(party, verb);
    wait_for(party, length_of(verb), party_step);
}

static void play_hangup(party_t *party, const qdn_verb_t *verb)
{
    (void)verb;
    if (party->side == QDN_LEG_CALLEE) {
        dial_hang_up(party);
        return;
    }
    stage_answer(party->stage);
    stage_end(party->stage, "completed", "unanswered");
}

static void play_reject(party_t *party, const qdn_verb_t *verb)
{
    stage_t *s = party->stage;
    const char *reason = qdn_verb_get(verb, "reason", "rejected");

    if (s->caller.answered || party->document->children->nelts != 1) {
        qdn_complain(s->t->complaints, 12200,
                     "<Reject> refuses only as the first and only verb, before "
                     "the call is answered");
    }
    stage_say(s, party->who, "is refused (%s)", reason);
    stage_end(s, strcmp(reason, "busy") == 0 ? "busy" : "no-answer",
              "rejected");
}

static void play_redirect(party_t *party, const qdn_verb_t *verb)
{
    party_fetch(party, qdn_verb_get(verb, "method", "POST"), verb->text, NULL);
}

static void play_dial(party_t *party, const qdn_verb_t *verb)
{
    dial_begin(party->stage, verb);
}

/* The Gather at work of this leg: the last verb that was begun. */
static const qdn_verb_t *current(const party_t *party)
{
    return APR_ARRAY_IDX(party->document->children, party->next - 1,
                         qdn_verb_t *);
}

static void gather_submit(party_t *party, const char *digits)
{
    stage_t *s = party->stage;
    const qdn_verb_t *verb = current(party);
    const char *action = qdn_verb_get(verb, "action", party->document_url);
    apr_array_header_t *f = apr_array_make(s->pool, 4, sizeof(qdn_field_t));

    qdn_form_add(f, "Digits", digits);
    if (!s->play->sparse) {
        qdn_form_add(f, "FinishedOnKey", "");
        qdn_form_add(f, "msg", "Gather End");
    }
    party_fetch(party, qdn_verb_get(verb, "method", "POST"), action, f);
}

static void gather_over(void *baton)
{
    party_t *party = baton;

    if (strcmp(qdn_verb_get(current(party), "actionOnEmptyResult", "false"),
               "true") == 0) {
        gather_submit(party, "");
    }
    else {
        party_step(party);
    }
}

/* The digit that the question names last; '#' if it names none. */
static char asked_for(const qdn_verb_t *gather)
{
    char key = '#';
    int i;

    for (i = 0; i < gather->children->nelts; i++) {
        const char *c = APR_ARRAY_IDX(gather->children, i, qdn_verb_t *)->text;

        for (; *c; c++) {
            key = apr_isdigit(*c) ? *c : key;
        }
    }
    return key;
}

static void gather_press(void *baton)
{
    party_t *party = baton;
    char key[2] = { party->person.keys[party->keys++], '\0' };
    const char *finish = qdn_verb_get(current(party), "finishOnKey", "#");

    if (*key == '?') {
        *key = asked_for(current(party));
    }
    stage_say(party->stage, party->who, "presses %s", key);
    if (*finish && strcmp(finish, key) == 0) {
        gather_over(party);
    }
    else {
        gather_submit(party, apr_pstrdup(party->stage->pool, key));
    }
}

/* One key per question; only numDigits="1" submits it at once. */
static void play_gather(party_t *party, const qdn_verb_t *verb)
{
    stage_t *s = party->stage;
    apr_interval_time_t length = 0, press;
    int i;

    if (party->side == QDN_LEG_CALLER) {
        stage_answer(s);
        stage_moment(s, "question");
    }
    if (!qdn_verb_get(verb, "action", NULL)) {
        qdn_complain(s->t->complaints, 0,
                     "<Gather> without action asks for its own document again");
    }
    for (i = 0; i < verb->children->nelts; i++) {
        const qdn_verb_t *child =
            APR_ARRAY_IDX(verb->children, i, qdn_verb_t *);

        hear(party, child);
        length += length_of(child);
    }
    length += apr_time_from_sec(qdn_verb_int(verb, "timeout", GATHER_PAUSE));
    press = party->asked + party->person.press - qdn_agenda_now(s->agenda);
    if (party->person.keys[party->keys] && press < length) {
        press = press < 0 ? 0 : press;
        wait_for(party,
                 press + (qdn_verb_int(verb, "numDigits", 0) == 1
                              ? 0
                              : apr_time_from_sec(GATHER_PAUSE)),
                 gather_press);
    }
    else {
        wait_for(party, length, gather_over);
    }
}

/* recordingStatusCallback, if this event was subscribed. */
typedef struct callback_t {
    stage_t *stage;
    const qdn_verb_t *verb;
    const char *sid;
    const char *url;
    const char *status;
    int seconds;
} callback_t;

static void tell_recording(void *baton)
{
    callback_t *c = baton;
    stage_t *s = c->stage;
    apr_array_header_t *f = apr_array_make(s->pool, 12, sizeof(qdn_field_t));

    qdn_form_add(f, "AccountSid", s->play->account_sid);
    qdn_form_add(f, "CallSid", s->caller.sid);
    qdn_form_add(f, "RecordingSid", c->sid);
    qdn_form_add(f, "RecordingUrl", c->url);
    qdn_form_add(f, "RecordingStatus", c->status);
    wire_add_int(s, f, "RecordingDuration", c->seconds);
    qdn_form_add(f, "RecordingChannels", "1");
    qdn_form_add(f, "RecordingSource", "RecordVerb");
    if (!s->play->sparse) {
        qdn_form_add(f, "RecordingTrack", "both");
        qdn_form_add(f, "ErrorCode", "0");
    }
    wire_tell(&s->caller,
              qdn_verb_get(c->verb, "recordingStatusCallbackMethod", "POST"),
              qdn_verb_get(c->verb, "recordingStatusCallback", ""), f);
}

static void plan_callback(callback_t *c)
{
    stage_t *s = c->stage;
    const char *events =
        qdn_verb_get(c->verb, "recordingStatusCallbackEvent", "completed");

    if (qdn_verb_get(c->verb, "recordingStatusCallback", NULL) &&
        strstr(events, c->status)) {
        qdn_agenda_add(s->agenda, apr_time_from_sec(FILE_READY), tell_recording,
                       apr_pmemdup(s->pool, c, sizeof(*c)));
    }
}

static void ask_recorded(stage_t *s, const callback_t *c, const char *digits)
{
    apr_array_header_t *f = apr_array_make(s->pool, 4, sizeof(qdn_field_t));

    qdn_form_add(f, "RecordingUrl", c->url);
    wire_add_int(s, f, "RecordingDuration", c->seconds);
    if (!s->play->sparse) {
        qdn_form_add(f, "RecordingSid", c->sid);
    }
    if (digits) {
        qdn_form_add(f, "Digits", digits);
    }
    party_fetch(&s->caller, qdn_verb_get(c->verb, "method", "POST"),
                qdn_verb_get(c->verb, "action", s->caller.document_url), f);
}

void recording_finish(stage_t *s, int seconds, const char *digits)
{
    callback_t c = { .stage = s,
                     .verb = s->recording->verb,
                     .sid = stage_sid(s, "RE"),
                     .status = seconds ? "completed" : "absent",
                     .seconds = seconds };

    s->recording = NULL;
    c.url = apr_pstrcat(s->pool, "https://api.twilio.com/2010-04-01/Accounts/",
                        s->play->account_sid, "/Recordings/", c.sid, NULL);
    if (seconds) {
        s->t->message = seconds;
        stage_say(s, "caller", "has left a message of %d s", seconds);
    }
    plan_callback(&c);
    if (seconds || s->play->silent_action || digits) {
        ask_recorded(s, &c, digits);
    }
    else {
        party_step(&s->caller);
    }
}

int recording_spoken(const stage_t *s)
{
    int since =
        (int)apr_time_sec(qdn_agenda_now(s->agenda) - s->recording->began);

    return since < s->recording->seconds ? since : s->recording->seconds;
}

static void recording_full(void *baton)
{
    stage_t *s = ((party_t *)baton)->stage;

    recording_finish(s, s->recording->seconds, NULL);
}

static void recording_key(void *baton)
{
    stage_t *s = ((party_t *)baton)->stage;

    stage_say(s, "caller", "presses #");
    recording_finish(s, s->recording->seconds, "#");
}

static void recording_left(void *baton)
{
    stage_hang_up(((party_t *)baton)->stage);
}

/* Who ends the message, and when? */
static void plan_end(party_t *party, const qdn_verb_t *verb)
{
    const qdn_caller_t *c = &party->stage->play->caller;
    int longest = qdn_verb_int(verb, "maxLength", RECORD_LENGTH);
    int quiet = qdn_verb_int(verb, "timeout", GATHER_PAUSE);
    const char *keys = qdn_verb_get(verb, "finishOnKey", "1234567890*#");
    recording_t *r = party->stage->recording;

    r->seconds = (int)apr_time_sec(c->message);
    if (r->seconds >= longest) {
        r->seconds = longest;
        wait_for(party, apr_time_from_sec(longest), recording_full);
    }
    else if (r->seconds && c->then == QDN_THEN_HANGUP) {
        wait_for(party, c->message, recording_left);
    }
    else if (r->seconds && c->then == QDN_THEN_KEY && strchr(keys, '#')) {
        wait_for(party, c->message, recording_key);
    }
    else {
        wait_for(party,
                 apr_time_from_sec(r->seconds + (quiet ? quiet : longest)),
                 recording_full);
    }
}

static void play_record(party_t *party, const qdn_verb_t *verb)
{
    stage_t *s = party->stage;

    stage_answer(s);
    if (!qdn_verb_get(verb, "action", NULL)) {
        qdn_complain(s->t->complaints, 0,
                     "<Record> without action asks for its own document again "
                     "and records for ever");
    }
    stage_say(s, party->who, "hears the beep and is recorded");
    s->recording = apr_pcalloc(s->pool, sizeof(*s->recording));
    s->recording->verb = verb;
    s->recording->began = qdn_agenda_now(s->agenda);
    stage_moment(s, "recording");
    plan_end(party, verb);
}

static const struct {
    const char *name;
    void (*play)(party_t *party, const qdn_verb_t *verb);
} verbs[] = {
    { "Say", play_sound },         { "Play", play_sound },
    { "Pause", play_sound },       { "Gather", play_gather },
    { "Record", play_record },     { "Dial", play_dial },
    { "Redirect", play_redirect }, { "Reject", play_reject },
    { "Hangup", play_hangup },
};

void verb_play(party_t *party, const qdn_verb_t *verb)
{
    size_t i;

    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, verb->name) == 0) {
            verbs[i].play(party, verb);
            return;
        }
    }
    party_step(party);
}
