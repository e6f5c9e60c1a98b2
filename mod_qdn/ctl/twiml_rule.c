/* SPDX-License-Identifier: Apache-2.0 */
#include "twiml_rule.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const qdn_verb_rule_t verbs[] = {
    { "Say", QDN_IN_RESPONSE | QDN_IN_GATHER | QDN_FOR_CALLEE,
      QDN_TEXT_SPOKEN, 12200 },
    { "Play", QDN_IN_RESPONSE | QDN_IN_GATHER | QDN_FOR_CALLEE,
      QDN_TEXT_URL, 12200 },
    { "Pause", QDN_IN_RESPONSE | QDN_IN_GATHER, QDN_TEXT_NONE, 12200 },
    { "Gather", QDN_IN_RESPONSE | QDN_FOR_CALLEE, QDN_TEXT_NONE, 13320 },
    { "Record", QDN_IN_RESPONSE, QDN_TEXT_NONE, 12200 },
    { "Dial", QDN_IN_RESPONSE, QDN_TEXT_ANY, 13215 },
    { "Number", QDN_IN_DIAL, QDN_TEXT_NUMBER, 12200 },
    { "Redirect", QDN_IN_RESPONSE, QDN_TEXT_URL, 12200 },
    { "Reject", QDN_IN_RESPONSE, QDN_TEXT_NONE, 12200 },
    { "Hangup", QDN_IN_RESPONSE | QDN_FOR_CALLEE, QDN_TEXT_NONE, 12200 },
    { NULL, 0, QDN_TEXT_NONE, 0 }
};

typedef enum {
    URL, METHOD, NUMBER_RANGE, FLAG, ONE_OF, SOME_OF, KEYS, ANY, CALLER_ID,
    UNPLAYED /* Twilio knows it, simulate does not play it */
} value_e;

typedef struct attribute_t {
    const char *verb;
    const char *name;
    value_e value;
    int code;
    int min, max;
    const char *words; /* blank-separated */
} attribute_t;

#define TONES "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it "   \
    "lt jp mx my nl no nz ph pl pt ru se sg th uk us us-old tw ve za"

static const attribute_t attributes[] = {
    { "Say", "voice", ANY, 13511, 0, 0, NULL },
    { "Say", "language", ANY, 13511, 0, 0, NULL },
    { "Say", "loop", NUMBER_RANGE, 13510, 0, 1000, NULL },
    { "Play", "loop", NUMBER_RANGE, 13410, 0, 1000, NULL },
    { "Play", "digits", UNPLAYED, 12200, 0, 0, NULL },
    { "Pause", "length", NUMBER_RANGE, 13910, 1, 600, NULL },
    { "Gather", "input", ONE_OF, 12200, 0, 0, "dtmf" },
    { "Gather", "action", URL, 11100, 0, 0, NULL },
    { "Gather", "method", METHOD, 13312, 0, 0, NULL },
    { "Gather", "timeout", NUMBER_RANGE, 13313, 1, 600, NULL },
    { "Gather", "numDigits", NUMBER_RANGE, 13314, 1, 100, NULL },
    { "Gather", "finishOnKey", KEYS, 13310, 0, 1, "0123456789*#" },
    { "Gather", "actionOnEmptyResult", FLAG, 12200, 0, 0, NULL },
    { "Record", "action", URL, 11100, 0, 0, NULL },
    { "Record", "method", METHOD, 13610, 0, 0, NULL },
    { "Record", "timeout", NUMBER_RANGE, 13611, 0, 600, NULL },
    { "Record", "maxLength", NUMBER_RANGE, 13612, 1, 3600, NULL },
    { "Record", "finishOnKey", KEYS, 13613, 0, 12, "0123456789*#" },
    { "Record", "playBeep", FLAG, 13616, 0, 0, NULL },
    { "Record", "trim", ONE_OF, 12200, 0, 0, "trim-silence do-not-trim" },
    { "Record", "recordingStatusCallback", URL, 11100, 0, 0, NULL },
    { "Record", "recordingStatusCallbackMethod", METHOD, 13610, 0, 0, NULL },
    { "Record", "recordingStatusCallbackEvent", SOME_OF, 12200, 0, 0,
      "in-progress completed absent" },
    { "Record", "transcribe", UNPLAYED, 13614, 0, 0, NULL },
    { "Record", "transcribeCallback", UNPLAYED, 13614, 0, 0, NULL },
    { "Dial", "action", URL, 11100, 0, 0, NULL },
    { "Dial", "method", METHOD, 13210, 0, 0, NULL },
    { "Dial", "timeout", NUMBER_RANGE, 13212, 5, 600, NULL },
    { "Dial", "timeLimit", NUMBER_RANGE, 13216, 1, 14400, NULL },
    { "Dial", "callerId", CALLER_ID, 13214, 0, 0, NULL },
    { "Dial", "answerOnBridge", FLAG, 12200, 0, 0, NULL },
    { "Dial", "hangupOnStar", ONE_OF, 13213, 0, 0, "false" },
    { "Dial", "ringTone", ONE_OF, 13220, 0, 0, TONES },
    { "Dial", "record", ONE_OF, 13217, 0, 0, "do-not-record" },
    { "Dial", "sequential", ONE_OF, 12200, 0, 0, "false" },
    { "Dial", "callReason", ANY, 12200, 0, 0, NULL },
    { "Dial", "trim", UNPLAYED, 12200, 0, 0, NULL },
    { "Dial", "recordingTrack", UNPLAYED, 12200, 0, 0, NULL },
    { "Dial", "recordingStatusCallback", UNPLAYED, 12200, 0, 0, NULL },
    { "Dial", "referUrl", UNPLAYED, 12200, 0, 0, NULL },
    { "Number", "url", URL, 11100, 0, 0, NULL },
    { "Number", "method", METHOD, 13221, 0, 0, NULL },
    { "Number", "sendDigits", UNPLAYED, 13222, 0, 0, NULL },
    { "Number", "statusCallback", URL, 11100, 0, 0, NULL },
    { "Number", "statusCallbackMethod", METHOD, 13221, 0, 0, NULL },
    { "Number", "statusCallbackEvent", SOME_OF, 12200, 0, 0,
      "initiated ringing answered completed" },
    { "Number", "machineDetection", UNPLAYED, 12200, 0, 0, NULL },
    { "Redirect", "method", METHOD, 13710, 0, 0, NULL },
    { "Reject", "reason", ONE_OF, 12200, 0, 0, "rejected busy" },
    { NULL, NULL, ANY, 0, 0, 0, NULL }
};
/* clang-format on */

const qdn_verb_rule_t *qdn_twiml_rule_find(const char *name)
{
    const qdn_verb_rule_t *v;

    for (v = verbs; v->name; v++) {
        if (strcmp(v->name, name) == 0) {
            return v;
        }
    }
    return NULL;
}

int qdn_twiml_rule_number(const char *s)
{
    size_t digits;

    if (s[0] != '+' || s[1] == '0') {
        return 0;
    }
    digits = strspn(s + 1, "0123456789");
    return digits >= 7 && digits <= 15 && s[1 + digits] == '\0';
}

int qdn_twiml_rule_url(const char *s)
{
    const char *host = strncmp(s, "https://", 8) == 0  ? s + 8
                       : strncmp(s, "http://", 7) == 0 ? s + 7
                                                       : NULL;

    return host && strcspn(host, "/?#") > 0 &&
           strcspn(s, " \t\r\n") == strlen(s);
}

/* Is the word of that length one of the blank-separated words? */
static int listed(const char *words, const char *word, size_t len)
{
    const char *at = words;

    while (*at) {
        size_t n = strcspn(at, " ");

        if (n == len && strncmp(at, word, len) == 0) {
            return 1;
        }
        at += n + strspn(at + n, " ");
    }
    return 0;
}

static int all_listed(const char *words, const char *value)
{
    const char *at = value + strspn(value, " ");

    if (!*at) {
        return 0;
    }
    while (*at) {
        size_t n = strcspn(at, " ");

        if (!listed(words, at, n)) {
            return 0;
        }
        at += n + strspn(at + n, " ");
    }
    return 1;
}

static int in_range(const attribute_t *a, const char *value)
{
    size_t len = strlen(value);
    long n;

    if (len < 1 || len > 6 || strspn(value, "0123456789") != len) {
        return 0;
    }
    n = strtol(value, NULL, 10);
    return n >= a->min && n <= a->max;
}

static int value_fits(const attribute_t *a, const char *value)
{
    size_t len = strlen(value);

    switch (a->value) {
    case URL:
        return qdn_twiml_rule_url(value);
    case METHOD:
        return listed("GET POST", value, len);
    case NUMBER_RANGE:
        return in_range(a, value);
    case FLAG:
        return listed("true false", value, len);
    case ONE_OF:
        return listed(a->words, value, len);
    case SOME_OF:
        return all_listed(a->words, value);
    case KEYS:
        return len <= (size_t)a->max && strspn(value, a->words) == len;
    case CALLER_ID:
        return qdn_twiml_rule_number(value);
    case ANY:
        return len > 0;
    case UNPLAYED:
        break;
    }
    return 0;
}

typedef struct check_t {
    const qdn_verb_t *verb;
    qdn_complaints_t *complaints;
} check_t;

static int check_attribute(void *baton, const char *name, const char *value)
{
    check_t *check = baton;
    const attribute_t *a;

    for (a = attributes; a->verb; a++) {
        if (strcmp(a->verb, check->verb->name) == 0 &&
            strcmp(a->name, name) == 0) {
            break;
        }
    }
    if (!a->verb) {
        qdn_complain(check->complaints, 12200, "<%s> has no attribute \"%s\"",
                     check->verb->name, name);
    }
    else if (a->value == UNPLAYED) {
        qdn_complain(check->complaints, a->code,
                     "<%s %s> is not played by simulate", a->verb, name);
    }
    else if (!value_fits(a, value)) {
        qdn_complain(check->complaints, a->code,
                     "<%s %s=\"%s\"> is not a value that Twilio takes%s%s",
                     a->verb, name, value, a->words ? "; it takes: " : "",
                     a->words ? a->words : "");
    }
    return 1;
}

static void check_text(const qdn_verb_t *verb, const qdn_verb_rule_t *rule,
                       qdn_complaints_t *c)
{
    switch (rule->text) {
    case QDN_TEXT_NONE:
        if (*verb->text) {
            qdn_complain(c, 12200, "<%s> holds text: \"%s\"", verb->name,
                         verb->text);
        }
        break;
    case QDN_TEXT_SPOKEN:
        if (!*verb->text) {
            qdn_complain(c, 13520, "<%s> says nothing", verb->name);
        }
        break;
    case QDN_TEXT_NUMBER:
        if (!qdn_twiml_rule_number(verb->text)) {
            qdn_complain(c, 13223, "<%s> \"%s\" is not an E.164 number",
                         verb->name, verb->text);
        }
        break;
    case QDN_TEXT_URL:
        if (!qdn_twiml_rule_url(verb->text)) {
            qdn_complain(c, 11100, "<%s> \"%s\" is not an absolute URL",
                         verb->name, verb->text);
        }
        break;
    case QDN_TEXT_ANY:
        break;
    }
}

void qdn_twiml_rule_check(const qdn_verb_t *verb, const qdn_verb_rule_t *rule,
                          qdn_complaints_t *c)
{
    check_t check = { .verb = verb, .complaints = c };

    apr_table_do(check_attribute, &check, verb->attributes, NULL);
    check_text(verb, rule, c);
}
