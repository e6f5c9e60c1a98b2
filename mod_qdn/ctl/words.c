/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

typedef struct word_t {
    const char *name;
    const char *text;
} word_t;

static const word_t reasons[] = {
    { "available", "is available" },
    { "always", "the hop rings at any hour" },
    { "status-away", "set to away by hand" },
    { "calendar-busy", "busy in the calendar" },
    { "outside-hours", "outside the working hours" },
    { "holiday", "a holiday" },
    { "presence-away", "presence says away" },
    { "on-a-call", "on another call" },
    { "already-tried", "was rung before in this call" },
    { "budget", "no time left within the line's budget" },
    { "rule", "a rule decided" },
    { "caller-own-phone", "it is the caller's own phone" },
    { "redial-without", "once more without the phone that picked up" },
    { "loop", "our own forwarding came back" },
    { "unknown-assumed-available", "nothing is known, so taken as available" },
    { "connected", "talked with the caller" },
    { "declined", "pressed 2, not now" },
    { "no-key", "picked up but pressed nothing" },
    { "no-answer", "nobody picked up" },
    { "busy", "busy" },
    { "failed", "could not be reached" },
    { "canceled", "the ringing was stopped" },
    { "caller-gone", "the caller hung up" },
};

static const word_t kinds[] = {
    { "call.received", "the call arrived" },
    { "call.rejected", "refused" },
    { "call.challenged", "asked for a key before anyone is rung" },
    { "challenge.passed", "the caller pressed that key" },
    { "challenge.failed", "the caller did not press that key" },
    { "hop.skipped", "not rung" },
    { "hop.dialled", "rung" },
    { "hop.ended", "ended" },
    { "hop.anomaly", "the evidence contradicts itself, taken as" },
    { "leg.ringing", "is ringing" },
    { "leg.answered", "picked up" },
    { "leg.ended", "the leg ended" },
    { "screen.accepted", "pressed 1" },
    { "screen.declined", "pressed 2" },
    { "voicemail.offered", "asked for a message" },
    { "voicemail.recorded", "left a message" },
    { "voicemail.failed", "the message could not be recorded" },
    { "call.goodbye", "heard the goodbye" },
    { "call.ended", "the call is over" },
    { "line.unknown", "called a number that is no line" },
    { "rule.failed", "a rule's expression had an error" },
    { "decision.superseded", "Twilio went on with another host's decision" },
};

static const char *find(const word_t *words, apr_size_t n, const char *name)
{
    for (apr_size_t i = 0; i < n; i++) {
        if (!strcmp(words[i].name, name)) {
            return words[i].text;
        }
    }
    return name;
}

#define FIND(words, name) find(words, sizeof(words) / sizeof(*words), name)

/* Members of detail that tell more, with what is said before and after. */
static const struct {
    const char *kind;
    const char *member;
    const char *before;
    const char *after;
} remarks[] = {
    { "call.received", "from", " from ", "" },
    { "call.received", "forwarded_from", ", forwarded by ", "" },
    { "line.unknown", "to", ": ", "" },
    { "call.rejected", "rule", ", rule ", "" },
    { "voicemail.offered", "rule", ", rule ", "" },
    { "call.challenged", "rule", ", rule ", "" },
    { "challenge.failed", "digits", " but ", "" },
    { "hop.skipped", "cascade", ", cascade ", "" },
    { "hop.dialled", "cascade", ", cascade ", "" },
    { "rule.failed", "rule", ": rule ", "" },
    { "hop.dialled", "ring", ", for up to ", " s" },
    { "voicemail.recorded", "seconds", " of ", " s" },
    { "leg.ended", "seconds", " after ", " s" },
};

static const char *add_remarks(const char *text, const qdn_calls_event_t *e,
                               apr_pool_t *p)
{
    json_object *detail = e->detail ? json_tokener_parse(e->detail) : NULL;
    json_object *value;

    if (json_object_is_type(detail, json_type_object)) {
        for (apr_size_t i = 0; i < sizeof(remarks) / sizeof(*remarks); i++) {
            if (!strcmp(remarks[i].kind, e->kind) &&
                json_object_object_get_ex(detail, remarks[i].member, &value)) {
                text = apr_pstrcat(p, text, remarks[i].before,
                                   json_object_get_string(value),
                                   remarks[i].after, NULL);
            }
        }
    }
    json_object_put(detail);
    return text;
}

const char *qdn_words_event(const qdn_calls_event_t *event, apr_pool_t *p)
{
    const char *text = FIND(kinds, event->kind);

    if (event->reason && *event->reason) {
        text = apr_pstrcat(p, text, ": ", FIND(reasons, event->reason), NULL);
    }
    return add_remarks(text, event, p);
}

const char *qdn_words_time(apr_time_t at, apr_pool_t *p)
{
    apr_time_exp_t t;

    if (!at) {
        return NULL;
    }
    apr_time_exp_lt(&t, at);
    return apr_psprintf(p, "%04d-%02d-%02d %02d:%02d:%02d", t.tm_year + 1900,
                        t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

const char *qdn_words_clock(apr_time_t at, apr_pool_t *p)
{
    apr_time_exp_t t;

    apr_time_exp_lt(&t, at);
    return apr_psprintf(p, "%02d:%02d:%02d.%03d", t.tm_hour, t.tm_min, t.tm_sec,
                        t.tm_usec / 1000);
}
