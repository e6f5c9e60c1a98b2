/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include "feed.h"
#include "option.h"
#include "parse.h"
#include "setter.h"

#define MINUTES(n) (60 * (n))
#define HOURS(n)   (60 * MINUTES(n))
#define DAYS(n)    (24 * HOURS(n))

#define MATCH_BYTES   200
#define USER_BYTES    200
#define POINTER_BYTES 500

/* So often a list is looked at, which costs little, and so long it counts. */
#define NUMBERS_REFRESH apr_time_from_sec(10)
#define NUMBERS_STALE   apr_time_from_sec(DAYS(7))

/* What an operator or line says before its colon. */
static const struct {
    const char *prefix;
    qdn_feed_how_e how;
} calendars[] = {
    { "google:", QDN_FEED_GOOGLE },
    { "ics:", QDN_FEED_ICS },
    { "caldav:", QDN_FEED_CALDAV },
};

/* Of a kind, seconds: what refresh= and stale= are unless given. */
static const struct {
    int refresh, stale;
} usual[] = {
    [QDN_FEED_CALENDAR] = { MINUTES(5), HOURS(1) },
    [QDN_FEED_DUTY] = { MINUTES(5), HOURS(1) },
    [QDN_FEED_HOLIDAYS] = { HOURS(24), DAYS(30) },
    [QDN_FEED_PRESENCE] = { 30, HOURS(1) },
};

static const qdn_word_t holidays_words[] = {
    { "public", 0 },
    { "school", 1 },
    { NULL, 0 },
};

/* A text of `some` characters only. */
static int made_of(const char *s, const char *some)
{
    return *s && !s[strspn(s, some)];
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static const char *secret_set(const qdn_option_t *option, const char *value,
                              void *field, qdn_builder_t *b)
{
    (void)option;
    (void)b;
    if (!made_of(value, LETTERS DIGITS "_") || strchr(DIGITS, *value)) {
        return "the name of a secret is made of letters, digits and _ and "
               "begins with no digit; its value stands in QDNSecrets, never "
               "here";
    }
    *(const char **)field = value;
    return NULL;
}

static const char *header_set(const qdn_option_t *option, const char *value,
                              void *field, qdn_builder_t *b)
{
    (void)option;
    if (!made_of(value, LETTERS DIGITS "-_")) {
        return apr_psprintf(b->pool,
                            "'%s' is not the name of an HTTP header, such as "
                            "X-Api-Key",
                            value);
    }
    *(const char **)field = value;
    return NULL;
}

/* RFC 7617: a name ends at the first colon. */
static const char *user_set(const qdn_option_t *option, const char *value,
                            void *field, qdn_builder_t *b)
{
    return strchr(value, ':') ? "a user name has no colon"
                              : qdn_option_text(option, value, field, b);
}

static int pointer_ok(const char *s)
{
    if (*s && *s != '/') {
        return 0;
    }
    for (; *s; s++) {
        if (*s == '~' && s[1] != '0' && s[1] != '1') {
            return 0;
        }
    }
    return 1;
}

static const char *pointer_set(const qdn_option_t *option, const char *value,
                               void *field, qdn_builder_t *b)
{
    if (!pointer_ok(value)) {
        return apr_psprintf(b->pool,
                            "'%s' is not a JSON pointer (RFC 6901), such as "
                            "/user/status",
                            value);
    }
    return qdn_option_text(option, value, field, b);
}

/* available=active,busy */
static const char *values_set(const qdn_option_t *option, const char *value,
                              void *field, qdn_builder_t *b)
{
    apr_array_header_t *values = apr_array_make(b->pool, 2, sizeof(char *));
    char *rest = apr_pstrdup(b->pool, value);

    (void)option;
    while (rest) {
        char *one = rest;

        rest = strchr(rest, ',');
        if (rest) {
            *rest++ = '\0';
        }
        if (!*one) {
            return "between two commas stands a value";
        }
        APR_ARRAY_PUSH(values, const char *) = one;
    }
    *(apr_array_header_t **)field = values;
    return NULL;
}

/* clang-format off */
#define OPTION_TIMES(shortest, longest_refresh, longest_stale)                 \
    { .key = "refresh", .set = qdn_option_duration,                            \
      .offset = offsetof(qdn_feed_t, refresh),                                 \
      .min = (shortest), .max = (longest_refresh) },                           \
    { .key = "stale", .set = qdn_option_duration,                              \
      .offset = offsetof(qdn_feed_t, stale),                                   \
      .min = (shortest), .max = (longest_stale) }
#define OPTION_SECRET                                                          \
    { .key = "secret", .set = secret_set,                                      \
      .offset = offsetof(qdn_feed_t, secret) }
#define OPTION_USER                                                            \
    { .key = "user", .set = user_set,                                          \
      .offset = offsetof(qdn_feed_t, user), .max = USER_BYTES }

static const qdn_option_t calendar_options[] = {
    OPTION_SECRET,
    OPTION_USER,
    OPTION_TIMES(MINUTES(1), DAYS(1), DAYS(7)),
    { .key = NULL },
};

static const qdn_option_t duty_options[] = {
    { .key = "match", .set = qdn_option_text,
      .offset = offsetof(qdn_feed_t, match), .max = MATCH_BYTES },
    OPTION_SECRET,
    OPTION_USER,
    OPTION_TIMES(MINUTES(1), DAYS(1), DAYS(7)),
    { .key = NULL },
};

static const qdn_option_t holidays_options[] = {
    { .key = "kind", .set = qdn_option_choice,
      .offset = offsetof(qdn_feed_t, school), .words = holidays_words },
    OPTION_TIMES(MINUTES(1), DAYS(7), DAYS(90)),
    { .key = NULL },
};

static const qdn_option_t presence_options[] = {
    { .key = "pointer", .set = pointer_set,
      .offset = offsetof(qdn_feed_t, pointer), .max = POINTER_BYTES },
    { .key = "available", .set = values_set,
      .offset = offsetof(qdn_feed_t, values) },
    OPTION_SECRET,
    { .key = "header", .set = header_set,
      .offset = offsetof(qdn_feed_t, header) },
    OPTION_TIMES(10, HOURS(1), DAYS(7)),
    { .key = NULL },
};
/* clang-format on */

static const char *path_refuse(const char *path, apr_pool_t *p)
{
    return *path == '/'
               ? NULL
               : apr_psprintf(p, "'%s' is not the absolute path of a file",
                              path);
}

/* Where an ICS text is: a path, or a URL. */
static const char *place_set(qdn_feed_t *feed, const char *place, apr_pool_t *p)
{
    feed->address = place;
    if (*place == '/') {
        feed->how = QDN_FEED_FILE;
        return NULL;
    }
    feed->how = QDN_FEED_ICS;
    return qdn_parse_source_url(place, &feed->address, p);
}

/* Of QDNCalendar and QDNDuty: google:ID, ics:URL, ics:/PATH, caldav:URL. */
static const char *calendar_set(qdn_feed_t *feed, const char *spec,
                                apr_pool_t *p)
{
    apr_size_t i;

    for (i = 0; i < sizeof(calendars) / sizeof(*calendars); i++) {
        apr_size_t n = strlen(calendars[i].prefix);

        if (strncmp(spec, calendars[i].prefix, n) || !spec[n]) {
            continue;
        }
        feed->how = calendars[i].how;
        feed->address = spec + n;
        return feed->how == QDN_FEED_ICS ? place_set(feed, spec + n, p)
               : feed->how == QDN_FEED_CALDAV
                   ? qdn_parse_source_url(spec + n, &feed->address, p)
                   : NULL;
    }
    return "a calendar is given as google:ID, ics:URL, ics:/PATH or "
           "caldav:URL";
}

/* What the options say of each other. */
static const char *options_refuse(const qdn_feed_t *feed)
{
    if (feed->how == QDN_FEED_GOOGLE && (feed->secret || feed->user)) {
        return "google: takes neither secret= nor user=; it is asked with the "
               "GOOGLE_ names of QDNSecrets";
    }
    if (feed->how == QDN_FEED_GOOGLE && feed->match) {
        return "google: tells when, but no titles for match=; give the "
               "calendar's private address as ics:URL";
    }
    if (feed->how == QDN_FEED_FILE && (feed->secret || feed->user)) {
        return "a file takes neither secret= nor user=";
    }
    if (!feed->secret && feed->user) {
        return "user= needs secret=, the name of the password in QDNSecrets";
    }
    if (!feed->secret && feed->header) {
        return "header= needs secret=, the name of its value in QDNSecrets";
    }
    return NULL;
}

static const char *times_set(qdn_feed_t *feed)
{
    if (!feed->refresh) {
        feed->refresh = apr_time_from_sec(usual[feed->kind].refresh);
    }
    if (!feed->stale) {
        feed->stale = apr_time_from_sec(usual[feed->kind].stale);
        if (feed->stale < 2 * feed->refresh) {
            feed->stale = 2 * feed->refresh;
        }
    }
    return feed->stale < feed->refresh
               ? "stale= is shorter than refresh=, so that an answer would be "
                 "too old before the next one comes"
               : NULL;
}

static qdn_feed_t *feed_create(qdn_builder_t *b, qdn_feed_kind_e kind,
                               const char *spec)
{
    qdn_feed_t *feed = apr_pcalloc(b->pool, sizeof(*feed));

    feed->kind = kind;
    feed->spec = spec;
    feed->origin = b->origin;
    return feed;
}

static const char *options_read(qdn_builder_t *b, qdn_feed_t *feed,
                                const qdn_option_t *options,
                                const apr_array_header_t *words)
{
    const char *error = qdn_option_apply(options, feed, words, 1, b);

    if (!error) {
        error = options_refuse(feed);
    }
    return error ? error : times_set(feed);
}

static const char *add_calendar(qdn_builder_t *b, qdn_feed_kind_e kind,
                                const qdn_option_t *options,
                                apr_array_header_t *feeds,
                                const apr_array_header_t *words)
{
    qdn_feed_t *feed = feed_create(b, kind, QDN_WORD(words, 0));
    const char *error = calendar_set(feed, feed->spec, b->pool);

    if (!error) {
        error = options_read(b, feed, options, words);
    }
    if (!error) {
        APR_ARRAY_PUSH(feeds, const qdn_feed_t *) = feed;
    }
    return error;
}

const char *qdn_add_calendar(qdn_builder_t *b, const apr_array_header_t *words)
{
    return add_calendar(b, QDN_FEED_CALENDAR, calendar_options,
                        b->op->calendars, words);
}

const char *qdn_add_duty(qdn_builder_t *b, const apr_array_header_t *words)
{
    return add_calendar(b, QDN_FEED_DUTY, duty_options, b->op->duties, words);
}

const char *qdn_add_holidays(qdn_builder_t *b, const apr_array_header_t *words)
{
    qdn_feed_t *feed = feed_create(b, QDN_FEED_HOLIDAYS, QDN_WORD(words, 0));
    const char *error = place_set(feed, feed->spec, b->pool);
    apr_array_header_t *feeds = b->line ? b->line->holidays
                                : b->op ? b->op->holidays
                                        : b->plan->holidays;

    if (!error) {
        error = options_read(b, feed, holidays_options, words);
    }
    if (!error) {
        APR_ARRAY_PUSH(feeds, const qdn_feed_t *) = feed;
    }
    return error;
}

const char *qdn_set_presence(qdn_builder_t *b, const apr_array_header_t *words)
{
    qdn_feed_t *feed = feed_create(b, QDN_FEED_PRESENCE, QDN_WORD(words, 0));
    const char *error =
        qdn_parse_source_url(feed->spec, &feed->address, b->pool);

    feed->how = QDN_FEED_JSON;
    if (!error) {
        error = options_read(b, feed, presence_options, words);
    }
    if (!error && (!feed->pointer || !feed->values)) {
        error = "pointer= and available= are needed: where the answer says "
                "it, and what it says of who is available";
    }
    if (!error) {
        b->op->presence = feed;
    }
    return error;
}

const char *qdn_add_numbers(qdn_builder_t *b, const apr_array_header_t *words)
{
    qdn_feed_t *feed = feed_create(b, QDN_FEED_NUMBERS, QDN_WORD(words, 1));
    apr_hash_t *by_name = b->plan->numbers_by_name;
    const qdn_feed_t *first;
    const char *error;

    feed->how = QDN_FEED_FILE;
    feed->name = QDN_WORD(words, 0);
    feed->address = feed->spec;
    feed->refresh = NUMBERS_REFRESH;
    feed->stale = NUMBERS_STALE;
    error = qdn_parse_id(feed->name, b->pool);
    if (!error) {
        error = path_refuse(feed->address, b->pool);
    }
    if (error) {
        return error;
    }
    first = apr_hash_get(by_name, feed->name, APR_HASH_KEY_STRING);
    if (first) {
        return apr_psprintf(b->pool,
                            "there is a list '%s' already from %s; use "
                            "another name",
                            feed->name,
                            qdn_origin_text(first->origin, b->pool));
    }
    APR_ARRAY_PUSH(b->plan->numbers, const qdn_feed_t *) = feed;
    apr_hash_set(by_name, feed->name, APR_HASH_KEY_STRING, feed);
    return NULL;
}
