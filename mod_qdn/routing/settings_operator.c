/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <stddef.h>
#include "e164.h"
#include "hours.h"
#include "option.h"
#include "parse.h"
#include "setter.h"
#include "zone.h"

#define NAME_BYTES 100 /* it is spoken in the first seconds of a call */

const char *qdn_open_operator(qdn_builder_t *b, const apr_array_header_t *words)
{
    const char *id = QDN_WORD(words, 0);
    const char *error = qdn_parse_id(id, b->pool);
    const qdn_operator_t *first;
    qdn_operator_t *op;

    if (error) {
        return error;
    }
    op = qdn_operator_create(id, b->pool);
    op->origin = b->origin;
    if (qdn_plan_add_operator(b->plan, op) != APR_SUCCESS) {
        first = qdn_plan_operator(b->plan, id);
        return apr_psprintf(b->pool,
                            "the operator '%s' was already described at %s; "
                            "use another id or put both into one block",
                            id, qdn_origin_text(first->origin, b->pool));
    }
    b->op = op;
    return NULL;
}

const char *qdn_set_name(qdn_builder_t *b, const apr_array_header_t *words)
{
    static const qdn_option_t name = { .max = NAME_BYTES };

    return qdn_option_text(&name, QDN_WORD(words, 0),
                           b->line ? &b->line->name : &b->op->name, b);
}

/* Thousands of blocks name the same zone: each is read once. */
static const char *load_zone(qdn_builder_t *b, const char *name,
                             const qdn_zone_t **pzone)
{
    const char *error = NULL;

    if (!b->timezones) {
        b->timezones = apr_hash_make(b->pool);
    }
    *pzone = apr_hash_get(b->timezones, name, APR_HASH_KEY_STRING);
    if (!*pzone) {
        error = qdn_zone_load(pzone, name, b->pool);
    }
    if (!error) {
        apr_hash_set(b->timezones, name, APR_HASH_KEY_STRING, *pzone);
    }
    return error;
}

const char *qdn_set_timezone(qdn_builder_t *b, const apr_array_header_t *words)
{
    const char *name = QDN_WORD(words, 0);
    const qdn_zone_t *zone;
    const char *error = load_zone(b, name, &zone);

    if (error) {
        return error;
    }
    if (b->line) {
        b->line->timezone = name;
        b->line->zone = zone;
    }
    else if (b->op) {
        b->op->timezone = name;
        b->op->zone = zone;
    }
    else {
        b->plan->timezone = name;
        b->plan->zone = zone;
    }
    return NULL;
}

const char *qdn_set_hours(qdn_builder_t *b, const apr_array_header_t *words)
{
    *(b->line ? &b->line->hours_origin : &b->op->hours_origin) = b->origin;
    return qdn_hours_parse(b->line ? &b->line->hours : &b->op->hours,
                           QDN_WORD(words, 0), b->pool);
}

static const qdn_option_t phone_options[] = {
    { .key = "ring",
      .set = qdn_option_number,
      .offset = offsetof(qdn_phone_t, ring),
      .min = QDN_RING_MIN,
      .max = QDN_RING_MAX },
    { .key = "confirm",
      .set = qdn_option_choice,
      .offset = offsetof(qdn_phone_t, confirm),
      .words = qdn_words_confirm },
    { .key = "screen",
      .set = qdn_option_number,
      .offset = offsetof(qdn_phone_t, screen),
      .min = QDN_SCREEN_MIN,
      .max = QDN_SCREEN_MAX },
    { .key = "callerid",
      .set = qdn_option_choice,
      .offset = offsetof(qdn_phone_t, callerid),
      .words = qdn_words_callerid },
    { .key = NULL },
};

static const char *phone_read(qdn_builder_t *b, qdn_phone_t *phone,
                              const apr_array_header_t *words)
{
    const char *error;

    phone->label = QDN_WORD(words, 0);
    phone->number = QDN_WORD(words, 1);
    phone->origin = b->origin;
    error = qdn_parse_id(phone->label, b->pool);
    if (!error) {
        error = qdn_e164_refuse(phone->number, b->pool);
    }
    if (!error) {
        error = qdn_option_apply(phone_options, phone, words, 2, b);
    }
    return error;
}

const char *qdn_add_phone(qdn_builder_t *b, const apr_array_header_t *words)
{
    qdn_phone_t *phone = apr_pcalloc(b->pool, sizeof(*phone));
    const char *error = phone_read(b, phone, words);
    const qdn_phone_t *first;

    if (error) {
        return error;
    }
    if (qdn_plan_add_phone(b->plan, b->op, phone) != APR_SUCCESS) {
        first = qdn_plan_phone(b->plan, b->op->id, phone->label);
        return apr_psprintf(b->pool,
                            "'%s' has a phone labelled '%s' already from %s; "
                            "use another label",
                            b->op->id, phone->label,
                            qdn_origin_text(first->origin, b->pool));
    }
    return NULL;
}
