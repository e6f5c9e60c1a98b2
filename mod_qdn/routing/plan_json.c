/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>
#include "feed.h"
#include "hours.h"
#include "plan.h"
#include "text.h"
#include "word.h"

/*
 * Written by hand and not through a JSON library: the order of members is
 * part of the revision, and routing/ needs no library for it. What is unset
 * and inherited from the next level is null; every other default is spelled
 * out.
 */

/* A first guess of the room that each takes; the text grows if need be. */
#define BYTES_PER_LINE     1024
#define BYTES_PER_OPERATOR 256

/* The comma before all members and elements but the first. */
static void next(qdn_text_t *t)
{
    char last = t->len ? t->buf[t->len - 1] : '\0';

    if (last != '{' && last != '[') {
        qdn_text_addc(t, ',');
    }
}

static void key(qdn_text_t *t, const char *name)
{
    next(t);
    qdn_text_addc(t, '"');
    qdn_text_add(t, name);
    qdn_text_add(t, "\":");
}

static void string(qdn_text_t *t, const char *name, const char *value)
{
    key(t, name);
    qdn_text_add_json(t, value);
}

static void number(qdn_text_t *t, const char *name, apr_int64_t value)
{
    key(t, name);
    qdn_text_add_int(t, value);
}

/* 0 stands for what is not given. */
static void number_given(qdn_text_t *t, const char *name, int value)
{
    if (value) {
        number(t, name, value);
    }
    else {
        string(t, name, NULL);
    }
}

static void boolean(qdn_text_t *t, const char *name, int value)
{
    key(t, name);
    qdn_text_add(t, value ? "true" : "false");
}

static void strings(qdn_text_t *t, const char *name,
                    const apr_array_header_t *values)
{
    int i;

    key(t, name);
    qdn_text_addc(t, '[');
    for (i = 0; i < values->nelts; i++) {
        next(t);
        qdn_text_add_json(t, APR_ARRAY_IDX(values, i, const char *));
    }
    qdn_text_addc(t, ']');
}

typedef void write_cb(qdn_text_t *t, const void *thing);

/* An array of pointers to things as an array of objects. */
static void objects(qdn_text_t *t, const char *name,
                    const apr_array_header_t *things, write_cb *write)
{
    int i;

    key(t, name);
    qdn_text_addc(t, '[');
    for (i = 0; i < things->nelts; i++) {
        next(t);
        qdn_text_addc(t, '{');
        write(t, APR_ARRAY_IDX(things, i, const void *));
        qdn_text_addc(t, '}');
    }
    qdn_text_addc(t, ']');
}

static void write_endpoint(qdn_text_t *t, const void *thing)
{
    const qdn_endpoint_t *e = thing;

    string(t, "prefix", e->prefix);
    string(t, "url", e->url);
}

static void write_phone(qdn_text_t *t, const void *thing)
{
    const qdn_phone_t *phone = thing;

    string(t, "label", phone->label);
    string(t, "number", phone->number);
    number(t, "ring", phone->ring ? phone->ring : QDN_RING_DEFAULT);
    string(t, "confirm", qdn_word_text(qdn_words_confirm, phone->confirm));
    number_given(t, "screen", phone->screen);
    string(t, "callerid", qdn_word_text(qdn_words_callerid, phone->callerid));
}

/* By key: the name may be that of several, the address may be a secret. */
static void feeds(qdn_text_t *t, const char *name,
                  const apr_array_header_t *all)
{
    int i;

    key(t, name);
    qdn_text_addc(t, '[');
    for (i = 0; i < all->nelts; i++) {
        next(t);
        qdn_text_add_json(t, APR_ARRAY_IDX(all, i, const qdn_feed_t *)->key);
    }
    qdn_text_addc(t, ']');
}

static void write_feed(qdn_text_t *t, const void *thing)
{
    const qdn_feed_t *feed = thing;

    string(t, "key", feed->key);
    string(t, "kind", qdn_feed_kind_text(feed->kind));
    string(t, "name", qdn_feed_name(feed, t->pool));
    number(t, "refresh", apr_time_sec(feed->refresh));
    number(t, "stale", apr_time_sec(feed->stale));
}

static void write_numbers(qdn_text_t *t, const void *thing)
{
    const qdn_feed_t *feed = thing;

    string(t, "name", feed->name);
    string(t, "feed", feed->key);
}

static void write_operator(qdn_text_t *t, const void *thing)
{
    const qdn_operator_t *op = thing;

    string(t, "id", op->id);
    string(t, "name", op->name);
    string(t, "timezone", op->timezone);
    string(t, "hours", op->hours ? qdn_hours_text(op->hours) : NULL);
    feeds(t, "holidays", op->holidays);
    feeds(t, "calendars", op->calendars);
    feeds(t, "duties", op->duties);
    string(t, "presence", op->presence ? op->presence->key : NULL);
    string(t, "on_a_call", qdn_word_text(qdn_words_talk, op->on_a_call));
    strings(t, "logins", op->logins);
    objects(t, "phones", op->phones, write_phone);
}

static void write_rule(qdn_text_t *t, const void *thing)
{
    const qdn_rule_t *rule = thing;

    if (rule->cascade_name) {
        string(t, "action", "cascade");
        string(t, "cascade", rule->cascade_name);
    }
    else {
        string(t, "action", qdn_word_text(qdn_words_rule, rule->action));
    }
    string(t, "expression", rule->expr);
}

static void write_hop(qdn_text_t *t, const void *thing)
{
    const qdn_hop_t *hop = thing;

    strings(t, "phones", hop->names);
    number_given(t, "ring", hop->ring);
    string(t, "when", qdn_word_text(qdn_words_when, hop->when));
    string(t, "callerid", qdn_word_text(qdn_words_callerid, hop->callerid));
}

static void write_voicemail(qdn_text_t *t, const qdn_line_t *line)
{
    key(t, "voicemail");
    if (!line->voicemail) {
        qdn_text_add(t, "null");
        return;
    }
    qdn_text_addc(t, '{');
    string(t, "greeting", line->greeting);
    number(t, "max", line->voicemail_max);
    strings(t, "notify", line->notify);
    qdn_text_addc(t, '}');
}

/* What is left to the line is null, and where voicemail is off, false. */
static void write_cascade(qdn_text_t *t, const void *thing)
{
    const qdn_cascade_t *cascade = thing;

    string(t, "name", cascade->name);
    objects(t, "hops", cascade->hops, write_hop);
    number_given(t, "budget", cascade->budget);
    key(t, "voicemail");
    if (cascade->voicemail <= 0) {
        qdn_text_add(t, cascade->voicemail ? "null" : "false");
        return;
    }
    qdn_text_addc(t, '{');
    string(t, "greeting", cascade->greeting);
    number_given(t, "max", cascade->voicemail_max);
    if (cascade->notify) {
        strings(t, "notify", cascade->notify);
    }
    qdn_text_addc(t, '}');
}

/* Without the arguments of a command, which may be secret themselves. */
static void source(qdn_text_t *t, const char *spec)
{
    int is_command = spec && strncmp(spec, "exec:", 5) == 0;

    string(t, "secrets",
           is_command ? apr_pstrndup(t->pool, spec, strcspn(spec, " ")) : spec);
}

static void write_line(qdn_text_t *t, const void *thing)
{
    const qdn_line_t *line = thing;

    string(t, "number", line->number);
    string(t, "name", line->name);
    string(t, "timezone", line->timezone);
    string(t, "hours", line->hours ? qdn_hours_text(line->hours) : NULL);
    feeds(t, "holidays", line->holidays);
    string(t, "ringtone", line->ringtone);
    source(t, line->secrets);
    strings(t, "forwarded_from", line->forwarded_from);
    objects(t, "rules", line->rules, write_rule);
    string(t, "welcome", line->welcome);
    objects(t, "hops", line->hops, write_hop);
    string(t, "callerid", qdn_word_text(qdn_words_callerid, line->callerid));
    number(t, "screen", line->screen ? line->screen : QDN_SCREEN_DEFAULT);
    number(t, "budget", line->budget);
    number(t, "time_limit", line->time_limit);
    write_voicemail(t, line);
}

static const char *public_url(const qdn_plan_t *plan)
{
    return plan->endpoints->nelts
               ? APR_ARRAY_IDX(plan->endpoints, 0, qdn_endpoint_t *)->url
               : NULL;
}

const char *qdn_plan_json(const qdn_plan_t *plan, apr_pool_t *p)
{
    qdn_text_t t;
    apr_size_t room = BYTES_PER_LINE;

    room += (apr_size_t)plan->lines->nelts * BYTES_PER_LINE;
    room += (apr_size_t)plan->operators->nelts * BYTES_PER_OPERATOR;
    qdn_text_init(&t, room, p);
    qdn_text_addc(&t, '{');
    if (*plan->revision) {
        string(&t, "revision", plan->revision);
    }
    string(&t, "public_url", public_url(plan));
    objects(&t, "endpoints", plan->endpoints, write_endpoint);
    source(&t, plan->secrets);
    string(&t, "state_dir", plan->state_dir);
    boolean(&t, "journal_sync", plan->journal_sync);
    number(&t, "journal_wait_ms", apr_time_as_msec(plan->journal_wait));
    number(&t, "journal_max_bytes", plan->journal_max);
    number(&t, "retention_seconds", apr_time_sec(plan->retention));
    number(&t, "rotate_every_seconds", apr_time_sec(plan->rotate_every));
    string(&t, "timezone", plan->timezone);
    boolean(&t, "calendar_detail", plan->calendar_detail);
    strings(&t, "admins", plan->admins);
    strings(&t, "viewers", plan->viewers);
    boolean(&t, "mask_numbers", plan->mask_numbers);
    objects(&t, "feeds", plan->feeds, write_feed);
    objects(&t, "numbers", plan->numbers, write_numbers);
    objects(&t, "operators", plan->operators, write_operator);
    objects(&t, "cascades", plan->cascades, write_cascade);
    objects(&t, "lines", plan->lines, write_line);
    qdn_text_addc(&t, '}');
    return t.buf;
}
