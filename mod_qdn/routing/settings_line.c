/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include "e164.h"
#include "option.h"
#include "parse.h"
#include "setter.h"

#define SPEECH_BYTES 1000 /* about a minute when spoken */

#define RECORD_MIN 10
#define RECORD_MAX 600 /* what every Twilio account and library takes */

/* The upper bound needs Twilio's consent above four hours; see plan_check.c */
#define TALK_MIN apr_time_from_sec(60)
#define TALK_MAX apr_time_from_sec(24 * 60 * 60)

const char *qdn_open_line(qdn_builder_t *b, const apr_array_header_t *words)
{
    const char *number = QDN_WORD(words, 0);
    const qdn_line_t *first;
    qdn_line_t *line;

    if (!qdn_e164_valid(number)) {
        return qdn_e164_refuse(number, b->pool);
    }
    line = qdn_line_create(number, b->pool);
    line->origin = b->origin;
    if (qdn_plan_add_line(b->plan, line) != APR_SUCCESS) {
        first = qdn_plan_line(b->plan, number);
        return apr_psprintf(b->pool,
                            "this line was already described at %s; put both "
                            "into one block",
                            qdn_origin_text(first->origin, b->pool));
    }
    b->line = line;
    return NULL;
}

const char *qdn_add_rule(qdn_builder_t *b, const apr_array_header_t *words)
{
    qdn_rule_t *rule = apr_pcalloc(b->pool, sizeof(*rule));
    const char *error;
    int action;

    error =
        qdn_word_parse(qdn_words_rule, QDN_WORD(words, 0), &action, b->pool);
    if (error) {
        return error;
    }
    rule->action = (qdn_rule_e)action;
    rule->expr = QDN_WORD(words, 1);
    rule->origin = b->origin;
    if (b->compile) {
        error = b->compile(b->compile_baton, rule->expr, &rule->compiled);
        if (error) {
            return error;
        }
    }
    APR_ARRAY_PUSH(b->line->rules, qdn_rule_t *) = rule;
    return NULL;
}

/* Is it OPERATOR/LABEL? Whether they exist is seen when all is read. */
static const char *name_refuse(const char *name, apr_pool_t *p)
{
    const char *slash = strchr(name, '/');

    if (slash && !qdn_parse_id(apr_pstrmemdup(p, name, slash - name), p) &&
        !qdn_parse_id(slash + 1, p)) {
        return NULL;
    }
    return apr_psprintf(p,
                        "'%s' does not name a phone as OPERATOR/LABEL, such "
                        "as sergio/primary",
                        name);
}

static const qdn_option_t hop_options[] = {
    { .key = "ring",
      .set = qdn_option_number,
      .offset = offsetof(qdn_hop_t, ring),
      .min = QDN_RING_MIN,
      .max = QDN_RING_MAX },
    { .key = "when",
      .set = qdn_option_choice,
      .offset = offsetof(qdn_hop_t, when),
      .words = qdn_words_when },
    { .key = "callerid",
      .set = qdn_option_choice,
      .offset = offsetof(qdn_hop_t, callerid),
      .words = qdn_words_callerid },
    { .key = NULL },
};

const char *qdn_add_hop(qdn_builder_t *b, const apr_array_header_t *words)
{
    qdn_hop_t *hop = apr_pcalloc(b->pool, sizeof(*hop));
    const char *error;
    int i;

    hop->names = apr_array_make(b->pool, 1, sizeof(const char *));
    hop->phones = apr_array_make(b->pool, 1, sizeof(const qdn_phone_t *));
    hop->origin = b->origin;
    for (i = 0; i < words->nelts && !strchr(QDN_WORD(words, i), '='); i++) {
        error = name_refuse(QDN_WORD(words, i), b->pool);
        if (error) {
            return error;
        }
        APR_ARRAY_PUSH(hop->names, const char *) = QDN_WORD(words, i);
    }
    if (i == 0) {
        return "the phone to ring is missing: OPERATOR/LABEL comes first";
    }
    error = qdn_option_apply(hop_options, hop, words, i, b);
    if (!error) {
        APR_ARRAY_PUSH(b->line->hops, qdn_hop_t *) = hop;
    }
    return error;
}

/* notify=sergio,ana */
static const char *notify_set(const qdn_option_t *option, const char *value,
                              void *field, qdn_builder_t *b)
{
    apr_array_header_t *ids = *(apr_array_header_t **)field;
    char *rest = apr_pstrdup(b->pool, value);
    char *id;

    (void)option;
    do {
        const char *error;

        id = rest;
        rest = strchr(rest, ',');
        if (rest) {
            *rest++ = '\0';
        }
        error = qdn_parse_id(id, b->pool);
        if (error) {
            return error;
        }
        APR_ARRAY_PUSH(ids, const char *) = id;
    } while (rest);
    return NULL;
}

static const qdn_option_t voicemail_options[] = {
    { .key = "greeting",
      .set = qdn_option_text,
      .offset = offsetof(qdn_line_t, greeting),
      .max = SPEECH_BYTES },
    { .key = "max",
      .set = qdn_option_number,
      .offset = offsetof(qdn_line_t, voicemail_max),
      .min = RECORD_MIN,
      .max = RECORD_MAX },
    { .key = "notify",
      .set = notify_set,
      .offset = offsetof(qdn_line_t, notify) },
    { .key = NULL },
};

const char *qdn_set_voicemail(qdn_builder_t *b, const apr_array_header_t *words)
{
    b->line->voicemail_origin = b->origin;
    if (strcasecmp(QDN_WORD(words, 0), "off")) {
        return qdn_option_apply(voicemail_options, b->line, words, 0, b);
    }
    if (words->nelts > 1) {
        return "off takes no options";
    }
    b->line->voicemail = 0;
    return NULL;
}

const char *qdn_set_welcome(qdn_builder_t *b, const apr_array_header_t *words)
{
    static const qdn_option_t welcome = { .max = SPEECH_BYTES };

    b->line->welcome_origin = b->origin;
    return qdn_option_text(&welcome, QDN_WORD(words, 0), &b->line->welcome, b);
}

const char *qdn_set_time_limit(qdn_builder_t *b,
                               const apr_array_header_t *words)
{
    apr_interval_time_t limit;
    const char *error;

    b->line->time_limit_origin = b->origin;
    error = qdn_parse_duration(QDN_WORD(words, 0), "s", TALK_MIN, TALK_MAX,
                               &limit, b->pool);
    if (!error) {
        b->line->time_limit = (int)apr_time_sec(limit);
    }
    return error;
}

const char *qdn_add_forwarded_from(qdn_builder_t *b,
                                   const apr_array_header_t *words)
{
    int i;

    for (i = 0; i < words->nelts; i++) {
        if (!qdn_e164_valid(QDN_WORD(words, i))) {
            return qdn_e164_refuse(QDN_WORD(words, i), b->pool);
        }
        APR_ARRAY_PUSH(b->line->forwarded_from, const char *) =
            QDN_WORD(words, i);
    }
    return NULL;
}

const char *qdn_set_callerid(qdn_builder_t *b, const apr_array_header_t *words)
{
    static const qdn_option_t callerid = { .words = qdn_words_callerid };

    return qdn_option_choice(&callerid, QDN_WORD(words, 0), &b->line->callerid,
                             b);
}

const char *qdn_set_budget(qdn_builder_t *b, const apr_array_header_t *words)
{
    static const qdn_option_t budget = { .min = QDN_BUDGET_MIN,
                                         .max = QDN_BUDGET_MAX };

    b->line->budget_origin = b->origin;
    return qdn_option_number(&budget, QDN_WORD(words, 0), &b->line->budget, b);
}

const char *qdn_set_screen(qdn_builder_t *b, const apr_array_header_t *words)
{
    static const qdn_option_t screen = { .min = QDN_SCREEN_MIN,
                                         .max = QDN_SCREEN_MAX };

    return qdn_option_number(&screen, QDN_WORD(words, 0), &b->line->screen, b);
}
