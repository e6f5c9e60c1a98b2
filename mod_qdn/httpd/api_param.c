/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "api_form.h"
#include "civil.h"
#include "e164.h"
#include "parse.h"
#include "sid.h"
#include "text.h"

#define TEXT_BYTES 100 /* of what is searched for */
#define PAGE_MAX   500 /* calls or entries of one page */

/************** what values are **************/

static int is_made_of(const char *value, size_t min, size_t max,
                      const char *characters)
{
    size_t n = strlen(value);

    return n >= min && n <= max && strspn(value, characters) == n;
}

static int is_call(const char *value)
{
    return qdn_sid_ok(value, "CA");
}

static int is_id(const char *value)
{
    return is_made_of(value, 1, 64,
                      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                      "0123456789_-");
}

static int is_hex(const char *value)
{
    return is_made_of(value, 1, 64, "0123456789abcdef");
}

static int is_count(const char *value)
{
    return is_made_of(value, 1, 3, "0123456789") && atoi(value) >= 1 &&
           atoi(value) <= PAGE_MAX;
}

/* Microseconds since 1970, up to the year 2286. */
static int is_time(const char *value)
{
    return is_made_of(value, 1, 16, "0123456789");
}

static int is_day(const char *value)
{
    int day = atoi(value), y, m, d;

    if (!is_made_of(value, 8, 8, "0123456789") || day < 19700101) {
        return 0;
    }
    qdn_civil_date(qdn_civil_days(day / 10000, day / 100 % 100, day % 100), &y,
                   &m, &d);
    return y * 10000 + m * 100 + d == day;
}

static int is_truth(const char *value)
{
    return !strcmp(value, "0") || !strcmp(value, "1");
}

static int is_digits(const char *value)
{
    return is_made_of(value + (*value == '+'), 1, 15, "0123456789");
}

static int is_outcome(const char *value)
{
    return is_made_of(value, 1, 32, "abcdefghijklmnopqrstuvwxyz-");
}

/* UTF-8 without control characters. */
static int is_text(const char *value)
{
    size_t n;

    if (!*value || strlen(value) > TEXT_BYTES) {
        return 0;
    }
    while (*value && !apr_iscntrl(*value) && (n = qdn_text_char(value)) != 0) {
        value += n;
    }
    return !*value;
}

/* Whoever may try digits finds out a number one by one. */
static int has_digit(const char *value)
{
    return value[strcspn(value, "0123456789")] != '\0';
}

/************** the parameters **************/

#define LINE                                                                   \
    {                                                                          \
        .name = "line", .ok = qdn_e164_valid,                                  \
        .expected = "a number as +16195550100", .number = 1                    \
    }
#define OPERATOR                                                               \
    {                                                                          \
        .name = "operator", .ok = is_id, .expected = "the id of an operator"   \
    }
#define LIMIT                                                                  \
    {                                                                          \
        .name = "limit", .ok = is_count, .expected = "a number from 1 to 500"  \
    }
#define CALLS                                                                  \
    LINE, OPERATOR,                                                            \
        { .name = "outcome",                                                   \
          .ok = is_outcome,                                                    \
          .expected = "an outcome, as answered, voicemail or missed" },        \
        { .name = "number",                                                    \
          .ok = is_digits,                                                     \
          .expected = "a part of a number: digits, maybe behind a +",          \
          .number = 1,                                                         \
          .reveals = has_digit },                                              \
        { .name = "q",                                                         \
          .ok = is_text,                                                       \
          .expected = "1 to 100 bytes of text",                                \
          .reveals = has_digit },                                              \
        { .name = "from",                                                      \
          .ok = is_time,                                                       \
          .expected = "microseconds since 1970" },                             \
        { .name = "to",                                                        \
          .ok = is_time,                                                       \
          .expected = "microseconds since 1970" },                             \
    {                                                                          \
        .name = "failover", .ok = is_truth, .expected = "0 or 1"               \
    }

const qdn_api_param_t qdn_api_call = { .name = "call_sid", .ok = is_call };
const qdn_api_param_t qdn_api_operator = { .name = "operator", .ok = is_id };
const qdn_api_param_t qdn_api_revision = { .name = "revision", .ok = is_hex };

const qdn_api_param_t qdn_api_export_params[] = { CALLS, { .name = NULL } };
const qdn_api_param_t qdn_api_calls_params[] = {
    CALLS,
    { .name = "before",
      .ok = is_call,
      .expected = "a CallSid: CA and 32 hex digits" },
    LIMIT,
    { .name = NULL },
};
const qdn_api_param_t qdn_api_report_params[] = {
    { .name = "from", .ok = is_day, .expected = "a day as 20261124" },
    { .name = "to", .ok = is_day, .expected = "a day as 20261124" },
    LINE,
    { .name = NULL },
};
const qdn_api_param_t qdn_api_audit_params[] = {
    { .name = "before", .ok = is_id, .expected = "the id of an entry" },
    OPERATOR,
    LIMIT,
    { .name = NULL },
};

/************** the query **************/

static const qdn_api_param_t *find(const qdn_api_route_t *route,
                                   const char *name)
{
    const qdn_api_param_t *param = route->params;

    while (param && param->name && strcmp(param->name, name)) {
        param++;
    }
    return param && param->name ? param : NULL;
}

/* One of name and value, both decoded. */
static int take(const qdn_api_t *api, const char *name, char *value,
                qdn_refusal_t *prefusal)
{
    const qdn_api_param_t *param = find(api->route, name);
    apr_pool_t *p = api->r->pool;

    if (!param) {
        return qdn_refusal_fill(
            prefusal, HTTP_BAD_REQUEST,
            apr_pstrcat(p, "There is no parameter '", name, "' here.", NULL),
            "Leave it out, or correct its name.");
    }
    if (apr_table_get(api->given, name)) {
        return qdn_refusal_fill(
            prefusal, HTTP_BAD_REQUEST,
            apr_pstrcat(p, "The parameter '", name, "' is given twice.", NULL),
            "Give it once.");
    }
    if (param->number && *value == ' ') {
        *value = '+';
    }
    if (!param->ok(value)) {
        return qdn_refusal_fill(
            prefusal, HTTP_BAD_REQUEST,
            apr_pstrcat(p, "The parameter '", name,
                        "' is not what is expected.", NULL),
            apr_pstrcat(p, "Give ", param->expected, ".", NULL));
    }
    if (api->rights->masked && param->reveals && param->reveals(value)) {
        return qdn_refusal_fill(
            prefusal, HTTP_FORBIDDEN,
            "You do not see callers' numbers, so you cannot search "
            "for digits either.",
            "Search for a name or an outcome, or ask an "
            "administrator for the rights.");
    }
    apr_table_setn(api->given, param->name, value);
    return 1;
}

int qdn_api_take_query(const qdn_api_t *api, qdn_refusal_t *prefusal)
{
    char *rest = apr_pstrdup(api->r->pool, api->r->args ? api->r->args : "");
    char *state, *pair;

    for (pair = apr_strtok(rest, "&", &state); pair;
         pair = apr_strtok(NULL, "&", &state)) {
        char *value = strchr(pair, '=');

        if (value) {
            *value++ = '\0';
        }
        if (!value || ap_unescape_urlencoded(pair) != OK ||
            ap_unescape_urlencoded(value) != OK) {
            return qdn_refusal_fill(
                prefusal, HTTP_BAD_REQUEST, "The parameters cannot be read.",
                "Write them as name=value, with & between them and "
                "% for special characters.");
        }
        if (!take(api, pair, value, prefusal)) {
            return 0;
        }
    }
    return 1;
}
