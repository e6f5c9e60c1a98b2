/* SPDX-License-Identifier: Apache-2.0 */
#include "google.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "rfc3339.h"
#include "status.h"
#include "text.h"

#define REASON_MAX 40

struct qdn_google_answer_t {
    json_object *calendars;
};

apr_status_t qdn_google_token(const char *text, apr_size_t len,
                              const char **ptoken, apr_interval_time_t *pholds,
                              const char **perror, apr_pool_t *p)
{
    json_object *answer;
    const char *token;
    apr_int64_t seconds;
    apr_status_t rv = qdn_json_read(&answer, text, len, perror, p);

    if (rv) {
        return rv;
    }
    token = qdn_json_string(answer, "access_token");
    seconds = json_object_get_int64(qdn_json_member(answer, "expires_in"));
    /* What is no header's word would let others write our header. */
    if (!token || !*token || strpbrk(token, " \t\r\n") || seconds <= 0) {
        *perror = "Google's answer holds no token";
        return QDN_EMALFORMED;
    }
    *ptoken = apr_pstrdup(p, token);
    *pholds = apr_time_from_sec(seconds < 86400 ? seconds : 86400);
    return APR_SUCCESS;
}

const char *qdn_google_question(const char *const *ids, int n, apr_time_t from,
                                apr_time_t to, apr_pool_t *p)
{
    qdn_text_t t;
    int i;

    qdn_text_init(&t, 256, p);
    qdn_text_addf(&t,
                  "{\"timeMin\":\"%s\",\"timeMax\":\"%s\","
                  "\"timeZone\":\"UTC\",\"calendarExpansionMax\":%d,"
                  "\"items\":[",
                  qdn_rfc3339_text(from, p), qdn_rfc3339_text(to, p),
                  QDN_GOOGLE_BATCH);
    for (i = 0; i < n; i++) {
        qdn_text_add(&t, i ? ",{\"id\":" : "{\"id\":");
        qdn_text_add_json(&t, ids[i]);
        qdn_text_addc(&t, '}');
    }
    qdn_text_add(&t, "]}");
    return t.buf;
}

apr_status_t qdn_google_answer_read(qdn_google_answer_t **panswer,
                                    const char *text, apr_size_t len,
                                    const char **perror, apr_pool_t *p)
{
    json_object *answer;
    apr_status_t rv = qdn_json_read(&answer, text, len, perror, p);

    if (rv) {
        return rv;
    }
    *panswer = apr_pcalloc(p, sizeof(**panswer));
    (*panswer)->calendars = qdn_json_member(answer, "calendars");
    if (!json_object_is_type((*panswer)->calendars, json_type_object)) {
        *perror = "Google's answer names no calendars";
        return QDN_EMALFORMED;
    }
    return APR_SUCCESS;
}

/* Addresses are the same in capitals; Google promises no spelling. */
static json_object *find_calendar(json_object *calendars, const char *id)
{
    json_object *found = qdn_json_member(calendars, id);
    struct json_object_iterator at = json_object_iter_begin(calendars);
    struct json_object_iterator end = json_object_iter_end(calendars);

    while (!found && !json_object_iter_equal(&at, &end)) {
        if (!strcasecmp(json_object_iter_peek_name(&at), id)) {
            found = json_object_iter_peek_value(&at);
        }
        json_object_iter_next(&at);
    }
    return found;
}

/* A word of Google's that may be shown, "" for what looks like none. */
static const char *word_of(const char *s, apr_pool_t *p)
{
    apr_size_t len = 0;

    while (s && (apr_isalnum(s[len]) || s[len] == '_')) {
        len++;
    }
    return s && !s[len] && len <= REASON_MAX ? apr_pstrdup(p, s) : "";
}

static const char *reason_of(json_object *errors, apr_pool_t *p)
{
    json_object *first = json_object_is_type(errors, json_type_array)
                             ? json_object_array_get_idx(errors, 0)
                             : NULL;

    return word_of(qdn_json_string(first, "reason"), p);
}

static const char *calendar_fault(json_object *calendar, apr_pool_t *p)
{
    json_object *errors = qdn_json_member(calendar, "errors");
    const char *reason;

    if (!calendar) {
        return "Google's answer lacks this calendar";
    }
    if (errors && !(json_object_is_type(errors, json_type_array) &&
                    json_object_array_length(errors) == 0)) {
        reason = reason_of(errors, p);
        return apr_psprintf(p, "Google tells an error of this calendar%s%s%s",
                            *reason ? ": " : "", reason,
                            strcmp(reason, "notFound")
                                ? ""
                                : " (is it shared with our account?)");
    }
    if (!json_object_is_type(qdn_json_member(calendar, "busy"),
                             json_type_array)) {
        return "Google's answer does not say when this calendar is busy";
    }
    return NULL;
}

static int by_begin(const void *a, const void *b)
{
    const qdn_span_t *x = a, *y = b;

    return x->from != y->from ? (x->from < y->from ? -1 : 1)
                              : (x->to > y->to) - (x->to < y->to);
}

/* In place; how many are left. */
static int merge(qdn_span_t *spans, int n)
{
    int i, last = 0;

    if (n) {
        qsort(spans, (size_t)n, sizeof(*spans), by_begin);
    }
    for (i = 1; i < n; i++) {
        if (spans[i].from > spans[last].to) {
            spans[++last] = spans[i];
        }
        else if (spans[i].to > spans[last].to) {
            spans[last].to = spans[i].to;
        }
    }
    return n ? last + 1 : 0;
}

/* 1: it counts; 0: it lies outside; -1: it is no span. */
static int read_span(json_object *busy, apr_time_t from, apr_time_t to,
                     qdn_span_t *pspan)
{
    const char *start = qdn_json_string(busy, "start");
    const char *end = qdn_json_string(busy, "end");

    if (!start || !end || qdn_rfc3339_read(start, &pspan->from) ||
        qdn_rfc3339_read(end, &pspan->to) || pspan->to < pspan->from) {
        return -1;
    }
    pspan->title = "";
    return pspan->to > pspan->from && pspan->to > from && pspan->from < to;
}

apr_status_t qdn_google_busy(const qdn_google_answer_t *answer, const char *id,
                             apr_time_t from, apr_time_t to,
                             const qdn_span_t **pspans, int *pn,
                             const char **perror, apr_pool_t *p)
{
    json_object *calendar = find_calendar(answer->calendars, id);
    json_object *busy;
    qdn_span_t *spans;
    size_t i, n;
    int kept = 0;

    *perror = calendar_fault(calendar, p);
    if (*perror) {
        return QDN_EMALFORMED;
    }
    busy = qdn_json_member(calendar, "busy");
    n = json_object_array_length(busy);
    spans = apr_palloc(p, (n + 1) * sizeof(*spans));
    for (i = 0; i < n; i++) {
        int counts = read_span(json_object_array_get_idx(busy, i), from, to,
                               &spans[kept]);

        if (counts < 0) {
            *perror = "Google's answer holds a time that is none";
            return QDN_EMALFORMED;
        }
        kept += counts;
    }
    *pn = merge(spans, kept);
    *pspans = spans;
    return APR_SUCCESS;
}

/*
 * The API answers {"error":{"errors":[{"reason"}]}}, the token endpoint
 * {"error":"invalid_grant"}.
 */
const char *qdn_google_fault(int status, const char *text, apr_size_t len,
                             int *pslower, apr_pool_t *p)
{
    static const char *const limits[] = { "rateLimitExceeded",
                                          "userRateLimitExceeded",
                                          "quotaExceeded" };
    json_object *answer;
    const char *error, *reason = "";
    apr_size_t i;

    if (!qdn_json_read(&answer, text, len, &error, p)) {
        json_object *told = qdn_json_member(answer, "error");

        reason = json_object_is_type(told, json_type_string)
                     ? word_of(qdn_json_string(answer, "error"), p)
                     : reason_of(qdn_json_member(told, "errors"), p);
    }
    *pslower = status == 429 || status >= 500;
    for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        *pslower |= status == 403 && !strcmp(reason, limits[i]);
    }
    return apr_psprintf(p, "%d%s%s", status, *reason ? " " : "", reason);
}
