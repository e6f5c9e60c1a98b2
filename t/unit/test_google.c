/* SPDX-License-Identifier: Apache-2.0 */
/* What Google's answers mean, and moments as RFC 3339 writes them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>

#include "google.h"
#include "rfc3339.h"
#include "status.h"

static apr_pool_t *pool;

static int open_pool(void **state)
{
    (void)state;
    apr_initialize();
    return (int)apr_pool_create(&pool, NULL);
}

static int close_pool(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static void test_rfc3339(void **state)
{
    static const struct {
        const char *text;
        apr_int64_t seconds; /* -1: refused */
    } table[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2026-12-24T18:00:00+01:00", 1798131600 },
        { "2026-12-24T09:00:00-08:00", 1798131600 },
        { "2026-12-24t17:00:00z", 1798131600 },
        { "2026-12-24T17:00:00.123456789Z", 1798131600 },
        { "2024-02-29T00:00:00Z", 1709164800 },
        { "2026-12-31T23:59:60Z", 1798761600 },
        { "2026-02-29T00:00:00Z", -1 },
        { "2026-13-01T00:00:00Z", -1 },
        { "2026-00-01T00:00:00Z", -1 },
        { "2026-12-24T24:00:00Z", -1 },
        { "2026-12-24T17:00:00", -1 },
        { "2026-12-24T17:00:00.Z", -1 },
        { "2026-12-24T17:00:00Zx", -1 },
        { "2026-12-24T17:00:00+0100", -1 },
        { "2026-12-24T17:00:00+25:00", -1 },
        { "2026-12-24 17:00:00Z", -1 },
        { "1969-12-31T23:59:59Z", -1 },
        { "2026-12-24", -1 },
        { "", -1 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        apr_time_t at = 0;
        apr_status_t rv = qdn_rfc3339_read(table[i].text, &at);

        if (table[i].seconds < 0) {
            assert_int_equal(rv, QDN_EMALFORMED);
            continue;
        }
        if (rv || at != apr_time_from_sec(table[i].seconds)) {
            fail_msg("%s: %" APR_TIME_T_FMT, table[i].text, at);
        }
    }
    assert_string_equal(
        qdn_rfc3339_text(apr_time_from_sec(1798131600) + 999999, pool),
        "2026-12-24T17:00:00Z");
}

#define SPAN(from, to)                                                         \
    "{\"start\":\"2026-11-22T" from "Z\",\"end\":\"2026-11-22T" to "Z\"}"
#define CALENDAR(members) "{\"calendars\":{\"a@example.com\":{" members "}}}"
#define BUSY(spans)       CALENDAR("\"busy\":[" spans "]")

/* From noon to midnight, of the day that SPAN is of. */
static void test_busy(void **state)
{
    static const struct {
        const char *text;
        int n;           /* -1: an error */
        int first, last; /* seconds after noon: begin of the first, end */
    } table[] = {
        { BUSY(""), 0, 0, 0 },
        { BUSY(SPAN("13:00:00", "14:00:00")), 1, 3600, 7200 },
        { BUSY(SPAN("15:00:00", "16:00:00") "," SPAN("13:00:00", "14:00:00")),
          2, 3600, 14400 },
        { BUSY(SPAN("13:00:00", "14:00:00") "," SPAN("14:00:00", "15:00:00")),
          1, 3600, 10800 },
        { BUSY(SPAN("13:00:00", "18:00:00") "," SPAN("14:00:00", "15:00:00")),
          1, 3600, 21600 },
        { BUSY(SPAN("01:00:00", "02:00:00")), 0, 0, 0 },
        { BUSY(SPAN("01:00:00", "12:00:00")), 0, 0, 0 },
        { BUSY(SPAN("11:00:00", "12:00:01")), 1, -3600, 1 },
        { BUSY(SPAN("13:00:00", "13:00:00")), 0, 0, 0 },
        { BUSY(SPAN("14:00:00", "13:00:00")), -1, 0, 0 },
        { BUSY("{\"start\":1,\"end\":2}"), -1, 0, 0 },
        { BUSY("7"), -1, 0, 0 },
        { CALENDAR("\"busy\":{}"), -1, 0, 0 },
        { CALENDAR(""), -1, 0, 0 },
        { CALENDAR("\"busy\":[],\"errors\":[]"), 0, 0, 0 },
        { CALENDAR("\"busy\":[],\"errors\":[{}]"), -1, 0, 0 },
        { CALENDAR("\"busy\":[],\"errors\":7"), -1, 0, 0 },
        { "{\"calendars\":{\"A@example.COM\":{\"busy\":[]}}}", 0, 0, 0 },
        { "{\"calendars\":{\"b@example.com\":{\"busy\":[]}}}", -1, 0, 0 },
    };
    apr_time_t noon = apr_time_from_sec(1795348800);
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        qdn_google_answer_t *answer;
        const qdn_span_t *spans;
        const char *error = NULL;
        int n = 0;

        assert_int_equal(qdn_google_answer_read(&answer, table[i].text,
                                                strlen(table[i].text), &error,
                                                pool),
                         APR_SUCCESS);
        if (qdn_google_busy(answer, "a@example.com", noon,
                            noon + apr_time_from_sec(12 * 3600), &spans, &n,
                            &error, pool)) {
            assert_non_null(error);
            n = -1;
        }
        if (n != table[i].n ||
            (n > 0 &&
             (spans[0].from != noon + apr_time_from_sec(table[i].first) ||
              spans[n - 1].to != noon + apr_time_from_sec(table[i].last)))) {
            fail_msg("%s: %d", table[i].text, n);
        }
    }
}

static void test_answers(void **state)
{
    static const char *const broken[] = {
        "",
        "{",
        "null",
        "[]",
        "{}",
        "{\"calendars\":[]}",
        "{\"calendars\":{}",
        "{\"calendars\":{}} {}",
        "\xff",
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        qdn_google_answer_t *answer;
        const char *error = NULL;

        assert_int_equal(qdn_google_answer_read(&answer, broken[i],
                                                strlen(broken[i]), &error,
                                                pool),
                         QDN_EMALFORMED);
        assert_non_null(error);
    }
}

static void test_tokens(void **state)
{
    static const struct {
        const char *text, *token;
        int seconds;
    } table[] = {
        { "{\"access_token\":\"ya29.x\",\"expires_in\":3599}", "ya29.x", 3599 },
        { "{\"access_token\":\"ya29.x\",\"expires_in\":\"60\"}", "ya29.x", 60 },
        { "{\"access_token\":\"x\",\"expires_in\":999999999}", "x", 86400 },
        { "{\"access_token\":\"x\"}", NULL, 0 },
        { "{\"access_token\":\"\",\"expires_in\":1}", NULL, 0 },
        { "{\"access_token\":\"x\\r\\nHost: y\",\"expires_in\":1}", NULL, 0 },
        { "{\"access_token\":\"x\\u0000y\",\"expires_in\":1}", NULL, 0 },
        { "{\"access_token\":7,\"expires_in\":1}", NULL, 0 },
        { "{\"access_token\":\"x\",\"expires_in\":-5}", NULL, 0 },
        { "[]", NULL, 0 },
        { "ya29", NULL, 0 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        const char *token = NULL, *error = NULL;
        apr_interval_time_t holds = 0;
        apr_status_t rv = qdn_google_token(table[i].text, strlen(table[i].text),
                                           &token, &holds, &error, pool);

        if (!table[i].token) {
            assert_int_equal(rv, QDN_EMALFORMED);
            assert_non_null(error);
            continue;
        }
        assert_int_equal(rv, APR_SUCCESS);
        assert_string_equal(token, table[i].token);
        assert_true(holds == apr_time_from_sec(table[i].seconds));
    }
}

static void test_faults(void **state)
{
#define API(reason) "{\"error\":{\"errors\":[{\"reason\":\"" reason "\"}]}}"
    static const struct {
        int status;
        const char *text, *fault;
        int slower;
    } table[] = {
        { 403, API("rateLimitExceeded"), "403 rateLimitExceeded", 1 },
        { 403, API("userRateLimitExceeded"), "403 userRateLimitExceeded", 1 },
        { 403, API("forbidden"), "403 forbidden", 0 },
        { 429, "", "429", 1 },
        { 500, "<html>", "500", 1 },
        { 400, "{\"error\":\"invalid_grant\"}", "400 invalid_grant", 0 },
        { 400, API("a<b>"), "400", 0 },
        { 404, "{\"error\":{\"errors\":{}}}", "404", 0 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        int slower = -1;

        assert_string_equal(qdn_google_fault(table[i].status, table[i].text,
                                             strlen(table[i].text), &slower,
                                             pool),
                            table[i].fault);
        assert_int_equal(slower, table[i].slower);
    }
}

static void test_keys(void **state)
{
    static const char *const keys[] = {
        "",
        "{}",
        "[]",
        "{\"client_email\":\"a\"}",
        "{\"client_email\":\"a\",\"private_key\":\"no PEM\"}",
        "{\"client_email\":7,\"private_key\":\"x\"}",
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const char *assertion, *error = NULL;

        assert_int_equal(
            qdn_google_assertion(&assertion, keys[i], "aud", 0, &error, pool),
            QDN_EMALFORMED);
        assert_non_null(error);
        assert_null(strstr(error, "no PEM"));
    }
}

static void test_question(void **state)
{
    static const char *const ids[] = { "a@example.com", "q\"\\x" };

    (void)state;
    assert_string_equal(
        qdn_google_question(ids, 2, 0, apr_time_from_sec(3600), pool),
        "{\"timeMin\":\"1970-01-01T00:00:00Z\",\"timeMax\":"
        "\"1970-01-01T01:00:00Z\",\"timeZone\":\"UTC\","
        "\"calendarExpansionMax\":50,\"items\":[{\"id\":\"a@example.com\"},"
        "{\"id\":\"q\\\"\\\\x\"}]}");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_pool, close_pool)
    const struct CMUnitTest tests[] = {
        TEST(test_rfc3339),  TEST(test_busy),   TEST(test_answers),
        TEST(test_tokens),   TEST(test_faults), TEST(test_keys),
        TEST(test_question),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
