/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include "e164.h"
#include "option.h"
#include "parse.h"
#include "setter.h"

#define SPEECH_BYTES 1000 /* about a minute when spoken */

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

/* A word of the list, or cascade=NAME. */
static const char *action_read(qdn_rule_t *rule, const char *word,
                               apr_pool_t *p)
{
    const char *error = NULL;
    int action = QDN_RULE_CASCADE;

    rule->cascade_name = qdn_parse_option(word, "cascade");
    error = rule->cascade_name
                ? qdn_parse_id(rule->cascade_name, p)
                : qdn_word_parse(qdn_words_rule, word, &action, p);
    rule->action = (qdn_rule_e)action;
    return error;
}

const char *qdn_add_rule(qdn_builder_t *b, const apr_array_header_t *words)
{
    qdn_rule_t *rule = apr_pcalloc(b->pool, sizeof(*rule));
    const char *error;

    error = action_read(rule, QDN_WORD(words, 0), b->pool);
    if (error) {
        return error;
    }
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

const char *qdn_set_screen(qdn_builder_t *b, const apr_array_header_t *words)
{
    static const qdn_option_t screen = { .min = QDN_SCREEN_MIN,
                                         .max = QDN_SCREEN_MAX };

    return qdn_option_number(&screen, QDN_WORD(words, 0), &b->line->screen, b);
}
