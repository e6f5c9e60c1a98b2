/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <apr_strings.h>
#include <string.h>
#include "challenge.h"
#include "whisper.h"

/*
 * Twilio rings about five seconds longer than it is told (TwiML, <Dial>,
 * timeout), and `ring` is what the caller waits.
 */
#define TWILIO_RINGS_LONGER 5

#define GOODBYE "Sorry, nobody can take your call right now. Goodbye."

/* Between two prompts: time to find the key. */
#define KEY_PAUSE 3

static const char *step_url(const qdn_exchange_t *x, const char *step,
                            const char *parameter, const char *token)
{
    return apr_pstrcat(x->pool, x->request->endpoint->url, "/", step, "?",
                       parameter, "=", token, NULL);
}

static const char *leg_url(const qdn_exchange_t *x, const char *step,
                           const qdn_leg_t *leg)
{
    return step_url(x, step, "l", qdn_leg_encode(leg, x->pool));
}

/* An attribute with a URL, and the method that belongs to it. */
static void add_url(qdn_twiml_t *t, const char *name, const char *method,
                    const char *url)
{
    qdn_twiml_attr(t, name, url);
    qdn_twiml_attr(t, method, "POST");
}

static void add_number(qdn_exchange_t *x, qdn_twiml_t *t,
                       const qdn_decision_t *d, const qdn_choice_t *c)
{
    qdn_leg_t leg = { .hop = c->hop, .redial = d->next.redial };

    apr_cpystrn(leg.line, x->line->number, sizeof(leg.line));
    apr_cpystrn(leg.call, x->call_sid, sizeof(leg.call));
    if (x->webhook.caller_kind == QDN_CALLER_NUMBER) {
        apr_cpystrn(leg.caller, x->webhook.from, sizeof(leg.caller));
    }
    apr_cpystrn(leg.decision, d->next.decision, sizeof(leg.decision));
    apr_cpystrn(leg.operator, c->phone->operator->id, sizeof(leg.operator));
    apr_cpystrn(leg.label, c->phone->label, sizeof(leg.label));
    qdn_twiml_open(t, "Number");
    if (c->screen) {
        add_url(t, "url", "method", leg_url(x, "voice/screen", &leg));
    }
    add_url(t, "statusCallback", "statusCallbackMethod",
            leg_url(x, "voice/leg", &leg));
    qdn_twiml_attr(t, "statusCallbackEvent", "ringing answered completed");
    qdn_twiml_text(t, c->phone->number);
    qdn_twiml_close(t);
}

/*
 * One Dial has one callerId. Where the phones differ it is the line, which
 * every operator knows.
 */
static const char *shown_number(const qdn_exchange_t *x,
                                const qdn_decision_t *d)
{
    int i;

    for (i = 0; i < d->rung->nelts; i++) {
        if (APR_ARRAY_IDX(d->rung, i, qdn_choice_t).callerid !=
            QDN_CALLERID_CALLER) {
            return x->line->number;
        }
    }
    return x->webhook.from;
}

static void add_dial(qdn_exchange_t *x, qdn_twiml_t *t, const qdn_decision_t *d)
{
    int i;

    qdn_twiml_open(t, "Dial");
    add_url(
        t, "action", "method",
        step_url(x, "voice/next", "s", qdn_progress_encode(&d->next, x->pool)));
    qdn_twiml_attr_int(t, "timeout", d->ring - TWILIO_RINGS_LONGER);
    qdn_twiml_attr(t, "answerOnBridge", "true");
    qdn_twiml_attr(t, "ringTone", x->line->ringtone);
    qdn_twiml_attr_int(t, "timeLimit", x->line->time_limit);
    qdn_twiml_attr(t, "callerId", shown_number(x, d));
    for (i = 0; i < d->rung->nelts; i++) {
        add_number(x, t, d, &APR_ARRAY_IDX(d->rung, i, qdn_choice_t));
    }
    qdn_twiml_close(t);
}

/*
 * If nothing is recorded Twilio goes on behind Record: the Redirect closes
 * the chain in that case, with the same step and no recording.
 */
static void add_record(qdn_exchange_t *x, qdn_twiml_t *t,
                       const qdn_decision_t *d)
{
    const char *token = qdn_progress_encode(&d->next, x->pool);
    const char *recorded = step_url(x, "voice/recorded", "s", token);

    qdn_twiml_element(t, "Say", d->cascade.greeting);
    qdn_twiml_open(t, "Record");
    add_url(t, "action", "method", recorded);
    qdn_twiml_attr_int(t, "maxLength", d->cascade.voicemail_max);
    qdn_twiml_attr_int(t, "timeout", 5);
    qdn_twiml_attr(t, "finishOnKey", "#");
    qdn_twiml_attr(t, "playBeep", "true");
    qdn_twiml_attr(t, "trim", "do-not-trim");
    add_url(t, "recordingStatusCallback", "recordingStatusCallbackMethod",
            step_url(x, "voice/recording", "s", token));
    qdn_twiml_attr(t, "recordingStatusCallbackEvent", "completed absent");
    qdn_twiml_close(t);
    qdn_twiml_open(t, "Redirect");
    qdn_twiml_attr(t, "method", "POST");
    qdn_twiml_text(t, recorded);
    qdn_twiml_close(t);
}

static void add_reject(qdn_twiml_t *t, const char *reason)
{
    qdn_twiml_open(t, "Reject");
    qdn_twiml_attr(t, "reason", reason);
    qdn_twiml_close(t);
}

/*
 * Gather asks its action also when no key was pressed, so that the next step
 * follows in any case.
 */
static void add_challenge(qdn_exchange_t *x, qdn_twiml_t *t,
                          const qdn_decision_t *d)
{
    const char *words =
        apr_psprintf(x->pool, "%slease press %c to be connected.",
                     d->next.tries ? "Once more: p" : "P",
                     qdn_challenge_digit(x->call_sid, d->next.tries));

    qdn_twiml_open(t, "Gather");
    qdn_twiml_attr(t, "input", "dtmf");
    qdn_twiml_attr_int(t, "numDigits", 1);
    qdn_twiml_attr(t, "finishOnKey", "");
    qdn_twiml_attr_int(t, "timeout", QDN_CHALLENGE_WAIT);
    qdn_twiml_attr(t, "actionOnEmptyResult", "true");
    add_url(t, "action", "method",
            step_url(x, "voice/challenge", "s",
                     qdn_progress_encode(&d->next, x->pool)));
    qdn_twiml_element(t, "Say", words);
    qdn_twiml_close(t);
}

void qdn_answer_decision(qdn_exchange_t *x, const qdn_decision_t *d)
{
    int first_words = x->step->token == QDN_TOKEN_NONE && x->line->welcome;
    qdn_twiml_t t;

    qdn_twiml_begin(&t, x->pool);
    if (first_words &&
        (d->act == QDN_ACT_DIAL || d->act == QDN_ACT_CHALLENGE)) {
        qdn_twiml_element(&t, "Say", x->line->welcome);
    }
    switch (d->act) {
    case QDN_ACT_DIAL:
        add_dial(x, &t, d);
        break;
    case QDN_ACT_CHALLENGE:
        add_challenge(x, &t, d);
        break;
    case QDN_ACT_VOICEMAIL:
        add_record(x, &t, d);
        break;
    case QDN_ACT_GOODBYE:
        qdn_twiml_element(&t, "Say", GOODBYE);
        qdn_twiml_element(&t, "Hangup", NULL);
        break;
    case QDN_ACT_REJECT:
        add_reject(&t, "rejected");
        break;
    case QDN_ACT_BUSY:
        add_reject(&t, "busy");
        break;
    case QDN_ACT_END:
        qdn_twiml_element(&t, "Hangup", NULL);
        break;
    }
    x->answer = qdn_twiml_end(&t);
}

/* One chance to press a key, `wait` seconds after the words have ended. */
static void add_prompt(qdn_exchange_t *x, qdn_twiml_t *t, const char *words,
                       int wait)
{
    qdn_twiml_open(t, "Gather");
    qdn_twiml_attr(t, "input", "dtmf");
    qdn_twiml_attr_int(t, "numDigits", 1);
    qdn_twiml_attr(t, "finishOnKey", "");
    qdn_twiml_attr_int(t, "timeout", wait);
    add_url(t, "action", "method", leg_url(x, "voice/accept", &x->leg));
    qdn_twiml_element(t, "Say", words);
    qdn_twiml_close(t);
}

void qdn_answer_screen(qdn_exchange_t *x, const char *caller, int seconds,
                       int introduce)
{
    const char *words = QDN_WHISPER_KEYS;
    int again = qdn_whisper_seconds(QDN_WHISPER_KEYS);
    int left = seconds;
    qdn_twiml_t t;

    if (introduce) {
        words = qdn_whisper_words(x->line ? x->line->name : x->leg.line, caller,
                                  x->pool);
    }
    qdn_twiml_begin(&t, x->pool);
    do {
        int wait = left - qdn_whisper_seconds(words);

        if (wait > KEY_PAUSE + again) {
            wait = KEY_PAUSE; /* time for one more prompt */
        }
        wait = wait < 1 ? 1 : wait;
        add_prompt(x, &t, words, wait);
        left -= qdn_whisper_seconds(words) + wait;
        words = QDN_WHISPER_KEYS;
    } while (left > again);
    qdn_twiml_element(&t, "Hangup", NULL);
    x->answer = qdn_twiml_end(&t);
}

void qdn_answer_nothing(qdn_exchange_t *x)
{
    qdn_twiml_t t;

    qdn_twiml_begin(&t, x->pool);
    x->answer = qdn_twiml_end(&t);
}

void qdn_answer_hangup(qdn_exchange_t *x, const char *sentence)
{
    qdn_twiml_t t;

    qdn_twiml_begin(&t, x->pool);
    if (sentence) {
        qdn_twiml_element(&t, "Say", sentence);
    }
    qdn_twiml_element(&t, "Hangup", NULL);
    x->answer = qdn_twiml_end(&t);
}
