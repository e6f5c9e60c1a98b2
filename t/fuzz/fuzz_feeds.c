/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a line "p POINTER", "g", "t" or "n", then what a feed answered:
 * presence, Google's calendars, Google's token, a list of numbers. It is an
 * error with a sentence, or what was understood is in order.
 */
#include "fuzz.h"
#include "google.h"
#include "numbers.h"
#include "presence.h"
#include "rfc3339.h"
#include "text.h"

#define FROM apr_time_from_sec(1790000000)
#define TO   apr_time_from_sec(1800000000)

static void try_presence(const char *pointer, const char *text, apr_size_t len,
                         apr_pool_t *pool)
{
    apr_array_header_t *values = apr_array_make(pool, 2, sizeof(const char *));
    const char *word = NULL, *error = NULL;
    int available = -1;

    APR_ARRAY_PUSH(values, const char *) = "active";
    APR_ARRAY_PUSH(values, const char *) = "1";
    if (qdn_presence_read(text, len, pointer, values, &available, &word, &error,
                          pool)) {
        FUZZ_CHECK(error && *error);
        return;
    }
    FUZZ_CHECK(word && strlen(word) <= QDN_PRESENCE_WORD);
    FUZZ_CHECK(available == (!strcmp(word, "active") || !strcmp(word, "1")));
}

static void try_calendars(const char *text, apr_size_t len, apr_pool_t *pool)
{
    const char *error = NULL;
    qdn_google_answer_t *answer;
    const qdn_span_t *spans;
    int i, slower, n = 0;

    FUZZ_CHECK(strlen(qdn_google_fault(403, text, len, &slower, pool)) < 48);
    if (qdn_google_answer_read(&answer, text, len, &error, pool) ||
        qdn_google_busy(answer, "a@example.com", FROM, TO, &spans, &n, &error,
                        pool)) {
        FUZZ_CHECK(error && *error);
        return;
    }
    for (i = 0; i < n; i++) {
        FUZZ_CHECK(spans[i].from < spans[i].to);
        FUZZ_CHECK(spans[i].to > FROM && spans[i].from < TO);
        FUZZ_CHECK(!i || spans[i].from > spans[i - 1].to);
    }
}

static void try_token(const char *text, apr_size_t len, apr_pool_t *pool)
{
    const char *token = NULL, *error = NULL;
    apr_interval_time_t holds = 0;

    if (qdn_google_token(text, len, &token, &holds, &error, pool)) {
        FUZZ_CHECK(error && *error);
        return;
    }
    FUZZ_CHECK(*token && !strpbrk(token, "\r\n ") && holds > 0);
}

static void try_numbers(const char *text, apr_size_t len, apr_pool_t *pool)
{
    const apr_uint64_t *numbers;
    const char *error = NULL;
    int i, n = 0;

    if (qdn_numbers_read(text, len, &numbers, &n, &error, pool)) {
        FUZZ_CHECK(error && !strncmp(error, "line ", 5));
        return;
    }
    for (i = 0; i < n; i++) {
        FUZZ_CHECK(numbers[i] > 999999);
        FUZZ_CHECK(!i || numbers[i] > numbers[i - 1]);
    }
}

/* What is a moment can be written, and is read again as the same second. */
static void try_moment(const char *text, apr_pool_t *pool)
{
    apr_time_t at, again;

    if (!qdn_rfc3339_read(text, &at) && at >= 0 &&
        at < apr_time_from_sec(APR_INT64_C(250000000000))) {
        FUZZ_CHECK(!qdn_rfc3339_read(qdn_rfc3339_text(at, pool), &again));
        FUZZ_CHECK(at == again);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    const char *text = fuzz_text(data, size, pool);
    const char *what = fuzz_line(&text, pool);
    size_t head = (size_t)(strchr((const char *)what, '\0') - what);
    size_t len = size > head ? size - head - 1 : 0;

    /* What stands behind a NUL byte is seen by all but the moments. */
    text = apr_pmemdup(pool, size > head ? data + head + 1 : data, len);
    switch (*what) {
    case 'p':
        try_presence(what + strcspn(what, "/"), text, len, pool);
        break;
    case 'g':
        try_calendars(text, len, pool);
        break;
    case 't':
        try_token(text, len, pool);
        break;
    case 'n':
        try_numbers(text, len, pool);
        break;
    default:
        try_moment(what, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}
