/* SPDX-License-Identifier: Apache-2.0 */
/* The hops and their end, of a line or of a cascade with a name. */
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include "option.h"
#include "parse.h"
#include "setter.h"

#define SPEECH_BYTES 1000 /* about a minute when spoken */

#define RECORD_MIN 10
#define RECORD_MAX 600 /* what every Twilio account and library takes */

const char *qdn_open_cascade(qdn_builder_t *b, const apr_array_header_t *words)
{
    const char *name = QDN_WORD(words, 0);
    const char *error = qdn_parse_id(name, b->pool);
    const qdn_cascade_t *first;
    qdn_cascade_t *cascade;

    if (error) {
        return error;
    }
    cascade = qdn_cascade_create(name, b->pool);
    cascade->origin = b->origin;
    if (qdn_plan_add_cascade(b->plan, cascade) != APR_SUCCESS) {
        first = qdn_plan_cascade(b->plan, name);
        return first ? apr_psprintf(
                           b->pool,
                           "the cascade '%s' was already described at %s; use "
                           "another name or put both into one block",
                           name, qdn_origin_text(first->origin, b->pool))
                     : "by a rare chance URLs would take this name for "
                       "another cascade; use another name";
    }
    b->cascade = cascade;
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
        APR_ARRAY_PUSH(b->line ? b->line->hops : b->cascade->hops,
                       qdn_hop_t *) = hop;
    }
    return error;
}

/* What QDNVoicemail says; NULL and 0 where it does not. */
typedef struct voicemail_t {
    const char *greeting;
    int max;
    apr_array_header_t *notify;
} voicemail_t;

/* notify=sergio,ana */
static const char *notify_set(const qdn_option_t *option, const char *value,
                              void *field, qdn_builder_t *b)
{
    apr_array_header_t *ids = apr_array_make(b->pool, 2, sizeof(char *));
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
    *(apr_array_header_t **)field = ids;
    return NULL;
}

static const qdn_option_t voicemail_options[] = {
    { .key = "greeting",
      .set = qdn_option_text,
      .offset = offsetof(voicemail_t, greeting),
      .max = SPEECH_BYTES },
    { .key = "max",
      .set = qdn_option_number,
      .offset = offsetof(voicemail_t, max),
      .min = RECORD_MIN,
      .max = RECORD_MAX },
    { .key = "notify",
      .set = notify_set,
      .offset = offsetof(voicemail_t, notify) },
    { .key = NULL },
};

static void voicemail_of_line(qdn_line_t *line, int on, const voicemail_t *said,
                              qdn_origin_t origin)
{
    line->voicemail = on;
    line->voicemail_origin = origin;
    line->greeting = said->greeting ? said->greeting : line->greeting;
    line->voicemail_max = said->max ? said->max : line->voicemail_max;
    line->notify = said->notify ? said->notify : line->notify;
}

static void voicemail_of_cascade(qdn_cascade_t *cascade, int on,
                                 const voicemail_t *said, qdn_origin_t origin)
{
    cascade->voicemail = on;
    cascade->voicemail_origin = origin;
    cascade->greeting = said->greeting;
    cascade->voicemail_max = said->max;
    cascade->notify = said->notify;
}

const char *qdn_set_voicemail(qdn_builder_t *b, const apr_array_header_t *words)
{
    int on = strcasecmp(QDN_WORD(words, 0), "off") != 0;
    voicemail_t said = { 0 };
    const char *error = NULL;

    if (on) {
        error = qdn_option_apply(voicemail_options, &said, words, 0, b);
    }
    else if (words->nelts > 1) {
        error = "off takes no options";
    }
    if (error) {
        return error;
    }
    if (b->line) {
        voicemail_of_line(b->line, on, &said, b->origin);
    }
    else {
        voicemail_of_cascade(b->cascade, on, &said, b->origin);
    }
    return NULL;
}

const char *qdn_set_budget(qdn_builder_t *b, const apr_array_header_t *words)
{
    static const qdn_option_t budget = { .min = QDN_BUDGET_MIN,
                                         .max = QDN_BUDGET_MAX };

    *(b->line ? &b->line->budget_origin : &b->cascade->budget_origin) =
        b->origin;
    return qdn_option_number(&budget, QDN_WORD(words, 0),
                             b->line ? &b->line->budget : &b->cascade->budget,
                             b);
}
