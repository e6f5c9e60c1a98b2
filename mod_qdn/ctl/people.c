/* SPDX-License-Identifier: Apache-2.0 */
#include "people.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include "parse.h"

#define LONGEST apr_time_from_sec(4 * 3600)

void qdn_person_init(qdn_person_t *person)
{
    memset(person, 0, sizeof(*person));
    person->manner = QDN_PERSON_NO_ANSWER;
    person->after = -1;
    person->keys = "";
    person->press = apr_time_from_sec(2);
    person->talk = apr_time_from_sec(30);
}

void qdn_caller_init(qdn_caller_t *caller)
{
    memset(caller, 0, sizeof(*caller));
    caller->message = apr_time_from_sec(8);
    caller->then = QDN_THEN_HANGUP;
    caller->keys = "";
}

static const char *seconds(const char *s, apr_interval_time_t *pvalue,
                           apr_pool_t *p)
{
    return qdn_parse_duration(s, "s", 0, LONGEST, pvalue, p);
}

/* What a word makes of a person; usual: seconds it rings unless @ says. */
static const struct {
    const char *word;
    qdn_person_e manner;
    const char *key;
    int hangs_up;
    int usual;
} manners[] = {
    { "no-answer", QDN_PERSON_NO_ANSWER, "", 0, 0 },
    { "busy", QDN_PERSON_BUSY, "", 0, 1 },
    { "failed", QDN_PERSON_FAILED, "", 0, 1 },
    { "canceled", QDN_PERSON_CANCELED, "", 0, 3 },
    { "accept", QDN_PERSON_PICKS_UP, "1", 0, 4 },
    { "decline", QDN_PERSON_PICKS_UP, "2", 0, 4 },
    { "voicemail", QDN_PERSON_PICKS_UP, "", 0, 4 },
    { "hangup", QDN_PERSON_PICKS_UP, "", 1, 4 },
    { "wrong-key", QDN_PERSON_PICKS_UP, "5", 0, 4 },
};

static const char *person_manner(qdn_person_t *person, const char *word,
                                 apr_pool_t *p)
{
    const char *at = strchr(word, '@');
    size_t len = at ? (size_t)(at - word) : strlen(word);
    size_t i, known = sizeof(manners) / sizeof(manners[0]);

    for (i = 0; i < known; i++) {
        if (strlen(manners[i].word) == len &&
            strncmp(manners[i].word, word, len) == 0) {
            break;
        }
    }
    if (i == known) {
        return apr_psprintf(p,
                            "\"%s\" is nothing that a person does; accepted "
                            "are no-answer, busy, failed, canceled, accept, "
                            "decline, voicemail, hangup, wrong-key, "
                            "talk=SECONDS and press=SECONDS",
                            word);
    }
    person->manner = manners[i].manner;
    person->keys = apr_pstrcat(p, person->keys, manners[i].key, NULL);
    person->hangs_up = manners[i].hangs_up;
    if (at) {
        return seconds(at + 1, &person->after, p);
    }
    if (person->after < 0) {
        person->after = apr_time_from_sec(manners[i].usual);
    }
    return NULL;
}

static const char *person_word(void *baton, const char *word, apr_pool_t *p)
{
    qdn_person_t *person = baton;
    const char *value;

    if ((value = qdn_parse_option(word, "talk"))) {
        return seconds(value, &person->talk, p);
    }
    if ((value = qdn_parse_option(word, "press"))) {
        return seconds(value, &person->press, p);
    }
    return person_manner(person, word, p);
}

/* A moment is a word that the player knows, or hop and a number. */
static int is_moment(const char *s)
{
    static const char *const words[] = { "whisper", "greeting", "recording",
                                         "talk",    "question", NULL };
    int i;

    for (i = 0; words[i]; i++) {
        if (strcmp(words[i], s) == 0) {
            return 1;
        }
    }
    return strncmp(s, "hop", 3) == 0 && apr_isdigit(s[3]) &&
           strspn(s + 3, "0123456789") == strlen(s + 3);
}

static const char *caller_hangs_up(qdn_caller_t *caller, const char *when,
                                   apr_pool_t *p)
{
    const char *plus = strchr(when, '+');

    caller->moment = plus ? apr_pstrmemdup(p, when, (size_t)(plus - when)) : "";
    if (plus && !is_moment(caller->moment)) {
        return apr_psprintf(p,
                            "\"%s\" is no moment of a call; accepted are hop1, "
                            "hop2 ..., whisper, greeting, recording, question "
                            "and talk",
                            caller->moment);
    }
    return seconds(plus ? plus + 1 : when, &caller->hangs_up, p);
}

static const char *caller_then(qdn_caller_t *caller, const char *value,
                               apr_pool_t *p)
{
    static const char *const words[] = { "hangup", "key", "silence" };
    int i;

    for (i = 0; i < 3; i++) {
        if (strcmp(words[i], value) == 0) {
            caller->then = (qdn_then_e)i;
            return NULL;
        }
    }
    return apr_psprintf(p, "then=%s: accepted are hangup, key and silence",
                        value);
}

static const char *caller_presses(qdn_caller_t *caller, const char *value,
                                  apr_pool_t *p)
{
    if (strcmp(value, "asked") == 0) {
        value = "?";
    }
    else if (strlen(value) != 1 || !strchr("0123456789*#", *value)) {
        return apr_psprintf(p, "presses=%s: accepted are asked and one key",
                            value);
    }
    caller->keys = apr_pstrcat(p, caller->keys, value, NULL);
    return NULL;
}

static const char *caller_word(void *baton, const char *word, apr_pool_t *p)
{
    qdn_caller_t *caller = baton;
    const char *value;

    if (strncmp(word, "hangs-up@", 9) == 0) {
        return caller_hangs_up(caller, word + 9, p);
    }
    if ((value = qdn_parse_option(word, "talks"))) {
        return seconds(value, &caller->talk, p);
    }
    if ((value = qdn_parse_option(word, "leaves-message"))) {
        return seconds(value, &caller->message, p);
    }
    if ((value = qdn_parse_option(word, "then"))) {
        return caller_then(caller, value, p);
    }
    if ((value = qdn_parse_option(word, "presses"))) {
        return caller_presses(caller, value, p);
    }
    if (strcmp(word, "silent") == 0) {
        caller->message = 0;
        return NULL;
    }
    return apr_psprintf(p,
                        "\"%s\" is nothing that a caller does; accepted are "
                        "hangs-up@[MOMENT+]SECONDS, talks=SECONDS, "
                        "leaves-message=SECONDS, silent, "
                        "presses=asked|KEY and then=hangup|key|silence",
                        word);
}

typedef const char *word_cb(void *baton, const char *word, apr_pool_t *p);

static const char *each_word(const char *script, word_cb *cb, void *baton,
                             apr_pool_t *p)
{
    char *last = NULL, *copy = apr_pstrdup(p, script);
    const char *word, *error = NULL;

    for (word = apr_strtok(copy, ", \t", &last); word && !error;
         word = apr_strtok(NULL, ", \t", &last)) {
        error = cb(baton, word, p);
    }
    return error;
}

const char *qdn_person_parse(qdn_person_t *person, const char *script,
                             apr_pool_t *p)
{
    qdn_person_init(person);
    return each_word(script, person_word, person, p);
}

const char *qdn_caller_parse(qdn_caller_t *caller, const char *script,
                             apr_pool_t *p)
{
    qdn_caller_init(caller);
    return each_word(script, caller_word, caller, p);
}
