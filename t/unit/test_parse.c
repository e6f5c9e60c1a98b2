/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "parse.h"

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    apr_initialize();
    return apr_pool_create(&pool, NULL);
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

/* Accepted (says NULL) or a sentence that holds `says` and the input. */
static void judge(const char *in, const char *fault, const char *says)
{
    if (!says) {
        if (fault) {
            fail_msg("%s", fault);
        }
        return;
    }
    if (!fault || !strstr(fault, says) || (in && !strstr(fault, in))) {
        fail_msg("'%s': %s", in ? in : "(null)", fault ? fault : "accepted");
    }
}

static void test_flag(void **state)
{
    static const struct {
        const char *in;
        int value; /* -1: refused */
    } rows[] = {
        { "on", 1 },   { "On", 1 },   { "ON", 1 },   { "off", 0 },
        { "Off", 0 },  { "", -1 },    { "yes", -1 }, { "1", -1 },
        { "on ", -1 }, { "onn", -1 }, { NULL, -1 },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int value = -1;

        judge(rows[i].in, qdn_parse_flag(rows[i].in, &value, pool),
              rows[i].value < 0 ? "neither on nor off" : NULL);
        assert_int_equal(value, rows[i].value);
    }
}

static void test_int(void **state)
{
    static const struct {
        const char *in;
        apr_int64_t min, max, value; /* -99: refused */
    } rows[] = {
        { "0", 0, 9, 0 },
        { "9", 0, 9, 9 },
        { "007", 0, 9, 7 },
        { "-5", -9, 9, -5 },
        { "9223372036854775807", 0, INT64_MAX, INT64_MAX },
        { "9223372036854775808", 0, INT64_MAX, -99 },
        { "18446744073709551617", 0, INT64_MAX, -99 },
        { "10", 0, 9, -99 },
        { "-1", 0, 9, -99 },
        { "", 0, 9, -99 },
        { "-", -9, 9, -99 },
        { "+5", 0, 9, -99 },
        { " 5", 0, 9, -99 },
        { "5 ", 0, 9, -99 },
        { "5.0", 0, 9, -99 },
        { "0x5", 0, 9, -99 },
        { "--5", -9, 9, -99 },
        { NULL, 0, 9, -99 },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        apr_int64_t value = -99;

        judge(rows[i].in,
              qdn_parse_int(rows[i].in, rows[i].min, rows[i].max, &value, pool),
              rows[i].value == -99 ? "whole number from" : NULL);
        assert_true(value == rows[i].value);
    }
}

static void test_duration(void **state)
{
    static const struct {
        const char *in;
        const char *unit;
        apr_interval_time_t value; /* -1: refused */
    } rows[] = {
        { "500ms", "s", 500000 },
        { "2s", "s", 2000000 },
        { "2", "s", 2000000 },
        { "2", "ms", 2000 },
        { "15m", "s", APR_INT64_C(900000000) },
        { "4h", "s", APR_INT64_C(14400000000) },
        { "90d", "d", APR_INT64_C(7776000000000) },
        { "1", "d", APR_INT64_C(86400000000) },
        { "0", "s", -1 },
        { "0ms", "s", -1 },
        { "101d", "s", -1 },
        { "300000000000d", "s", -1 }, /* more than 64 bits */
        { "99999999999999999999s", "s", -1 },
        { "", "s", -1 },
        { "s", "s", -1 },
        { "2 s", "s", -1 },
        { "2S", "s", -1 },
        { "2sec", "s", -1 },
        { "2w", "s", -1 },
        { "1.5h", "s", -1 },
        { "-2s", "s", -1 },
        { "1h30m", "s", -1 },
        { NULL, "s", -1 },
    };
    apr_interval_time_t none = -1;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        apr_interval_time_t value = -1;

        judge(rows[i].in,
              qdn_parse_duration(rows[i].in, rows[i].unit, 1000,
                                 apr_time_from_sec(100 * 86400), &value, pool),
              rows[i].value < 0 ? "duration from 1ms to 100d" : NULL);
        assert_true(value == rows[i].value);
    }
    judge("0", qdn_parse_duration("0", "s", 0, 1000000, &none, pool), NULL);
    assert_true(none == 0);
    judge("2s", qdn_parse_duration("2s", "s", 0, 1000000, &none, pool),
          "from 0ms to 1s");
}

static void test_bytes(void **state)
{
    static const struct {
        const char *in;
        apr_int64_t value; /* -1: refused */
    } rows[] = {
        { "65536", 65536 },     { "64K", 65536 }, { "10M", 10485760 },
        { "1G", 1073741824 },   { "0", -1 },      { "2G", -1 },
        { "99999999999G", -1 }, { "1k", -1 },     { "1KB", -1 },
        { "1 K", -1 },          { "K", -1 },      { "", -1 },
        { NULL, -1 },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        apr_int64_t value = -1;

        judge(rows[i].in,
              qdn_parse_bytes(rows[i].in, 1024, 1 << 30, &value, pool),
              rows[i].value < 0 ? "size from 1K to 1G" : NULL);
        assert_true(value == rows[i].value);
    }
}

static const struct {
    const char *in;
    const char *out;  /* NULL: refused, */
    const char *says; /* with this */
} urls[] = {
    { "https://calls.example.com/qdn/twilio",
      "https://calls.example.com/qdn/twilio", NULL },
    { "HTTPS://Calls.Example.COM/Qdn/", "https://Calls.Example.COM/Qdn", NULL },
    { "https://calls.example.com:8443/q", "https://calls.example.com:8443/q",
      NULL },
    { "https://calls.example.com/", "https://calls.example.com", NULL },
    { "https://192.0.2.1/q", "https://192.0.2.1/q", NULL },
    { "https://[2001:DB8::1]:8443/q", "https://[2001:DB8::1]:8443/q", NULL },
    { "https://calls.example.com/a-b._~/c",
      "https://calls.example.com/a-b._~/c", NULL },
    { "http://127.0.0.1:8480/qdn", "http://127.0.0.1:8480/qdn", NULL },
    { "http://127.9.9.9/qdn", "http://127.9.9.9/qdn", NULL },
    { "http://LocalHost/qdn", "http://LocalHost/qdn", NULL },
    { "http://[::1]/qdn", "http://[::1]/qdn", NULL },
    { "http://calls.example.com/qdn", NULL, "not encrypted" },
    { "http://127.example.com/qdn", NULL, "not encrypted" },
    { "http://localhost.example.com/qdn", NULL, "not encrypted" },
    { "http://127.0.0.1.example.com/qdn", NULL, "not encrypted" },
    { "https://calls.example.com", NULL, "has no path" },
    { "https://sergio@calls.example.com/q", NULL, "user name" },
    { "https://a:b@calls.example.com/q", NULL, "user name" },
    { "https://calls.example.com/q?a=b", NULL, "query" },
    { "https://calls.example.com/q#rc=2", NULL, "fragment" },
    { "https://calls.example.com?q", NULL, "query" },
    { "https:///q", NULL, "no valid host" },
    { "https://:443/q", NULL, "no valid host" },
    { "https://calls..example.com/q", NULL, "no valid host" },
    { "https://.example.com/q", NULL, "no valid host" },
    { "https://calls_example/q", NULL, "no valid host" },
    { "https://[::1/q", NULL, "no valid host" },
    { "https://[]/q", NULL, "no valid host" },
    { "https://[::1]x/q", NULL, "no valid host" },
    { "https://[evil]/q", NULL, "no valid host" },
    { "https://example.com:/q", NULL, "no valid port" },
    { "https://example.com:0/q", NULL, "no valid port" },
    { "https://example.com:65536/q", NULL, "no valid port" },
    { "https://example.com:44x/q", NULL, "no valid port" },
    { "https://example.com/a//b", NULL, "single slashes" },
    { "https://example.com//", NULL, "single slashes" },
    { "https://example.com/a/../b", NULL, "single slashes" },
    { "https://example.com/./b", NULL, "single slashes" },
    { "https://example.com/a%2Fb", NULL, "single slashes" },
    { "https://example.com/a b", NULL, "single slashes" },
    { "ftp://example.com/q", NULL, "begin with https" },
    { "httpsx://example.com/q", NULL, "begin with https" },
    { "example.com/q", NULL, "begin with https" },
    { "", NULL, "begin with https" },
    { NULL, NULL, "begin with https" },
};

static void test_source_url(void **state)
{
    static const struct {
        const char *in;
        const char *says; /* NULL: accepted as it is */
    } rows[] = {
        { "https://calendar.example.com/ical/s%40x/private-1/basic.ics", NULL },
        { "https://calendar.example.com/a//b?x=y&z=%20", NULL },
        { "https://calendar.example.com", NULL },
        { "https://calendar.example.com?x=y", NULL },
        { "https://[2001:db8::1]:8443/q", NULL },
        { "HTTPS://Calendar.Example.com/Q", NULL },
        { "http://127.0.0.1:5232/sergio/work/", NULL },
        { "http://localhost/a", NULL },
        { "http://calendar.example.com/a", "not encrypted" },
        { "http://192.0.2.1/a", "not encrypted" },
        { "webcal://calendar.example.com/a", "begin with https" },
        { "file:///etc/passwd", "begin with https" },
        { "https://s@calendar.example.com/a", "user name" },
        { "https://s:p@calendar.example.com/a", "user name" },
        { "https://calendar.example.com/a#b", "fragment" },
        { "https://calendar.example.com:99999/a", "no valid port" },
        { "https://calendar_example/a", "no valid host" },
        { "https:///a", "no valid host" },
        { "https://calendar.example.com/a b", "%XX" },
        { "https://calendar.example.com/a\"b", "%XX" },
        { "https://calendar.example.com/\xc3\xa4", "%XX" },
        { "https://calendar.example.com/a\x7f", "%XX" },
        { "", "begin with https" },
        { NULL, "begin with https" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *value = NULL;
        const char *said = qdn_parse_source_url(rows[i].in, &value, pool);

        if (!rows[i].says) {
            assert_null(said);
            assert_string_equal(value, rows[i].in);
            continue;
        }
        assert_non_null(said);
        assert_non_null(strstr(said, rows[i].says));
        assert_null(value);
        /* It may be a secret. */
        assert_null(strstr(said, "/a"));
        assert_null(strstr(said, "s:p"));
    }
}

static void test_public_url(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(urls); i++) {
        const char *value = NULL;

        judge(urls[i].in, qdn_parse_public_url(urls[i].in, &value, pool),
              urls[i].says);
        if (urls[i].out) {
            assert_string_equal(value, urls[i].out);
        }
        else {
            assert_null(value);
        }
    }
}

static void test_id(void **state)
{
    char longest[66];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    longest[64] = '\0';
    judge(longest, qdn_parse_id(longest, pool), NULL);
    longest[64] = 'a';
    longest[65] = '\0';
    judge(longest, qdn_parse_id(longest, pool), "letters, digits");
    judge("sergio", qdn_parse_id("sergio", pool), NULL);
    judge("9-a_B", qdn_parse_id("9-a_B", pool), NULL);
    judge("", qdn_parse_id("", pool), "letters, digits");
    judge("-a", qdn_parse_id("-a", pool), "begins with");
    judge("a b", qdn_parse_id("a b", pool), "letters, digits");
    judge("a/b", qdn_parse_id("a/b", pool), "letters, digits");
    judge("a'b", qdn_parse_id("a'b", pool), "letters, digits");
    judge("\xC3\xA4", qdn_parse_id("\xC3\xA4", pool), "letters, digits");
    judge(NULL, qdn_parse_id(NULL, pool), "letters, digits");
}

static void test_words(void **state)
{
    static const struct {
        const char *raw;
        const char *joined; /* by |, NULL: refused */
    } rows[] = {
        { NULL, "" },
        { "", "" },
        { " \t ", "" },
        { "a b\tc", "a|b|c" },
        { "  a  ", "a" },
        { "greeting=\"two words\" max=120", "greeting=two words|max=120" },
        { "\"greeting=two words\" max=120", "greeting=two words|max=120" },
        { "'greeting=two words'", "greeting=two words" },
        { "greeting='two words'", "greeting=two words" },
        { "greeting=don't", "greeting=don't" },
        { "\"\" x", "|x" },
        { "a=\"\"", "a=" },
        { "a=\"say \\\"hi\\\"\"", "a=say \"hi\"" },
        { "a=\"back\\\\slash\"", "a=back\\slash" },
        { "a=\"back\\slash\"", "a=back\\slash" },
        { "a=\"it's\"", "a=it's" },
        { "a='say \"hi\"'", "a=say \"hi\"" },
        { "a\\ b", "a\\|b" },
        { "x\"a b\"y", "xa by" },
        { "\"a\"\"b\"", "ab" },
        { "\"open", NULL },
        { "a=\"open", NULL },
        { "a=\"open\\\"", NULL },
        { "'open", NULL },
        { "\"", NULL },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        apr_array_header_t *words = NULL;
        const char *fault = qdn_parse_words(rows[i].raw, &words, pool);

        judge(rows[i].raw, fault, rows[i].joined ? NULL : "not closed");
        if (rows[i].joined) {
            assert_string_equal(apr_array_pstrcat(pool, words, '|'),
                                rows[i].joined);
        }
        else {
            assert_null(words);
        }
    }
}

static void test_option(void **state)
{
    (void)state;
    assert_string_equal(qdn_parse_option("ring=20", "ring"), "20");
    assert_string_equal(qdn_parse_option("ring=", "ring"), "");
    assert_string_equal(qdn_parse_option("a=b=c", "a"), "b=c");
    assert_null(qdn_parse_option("ring", "ring"));
    assert_null(qdn_parse_option("rings=2", "ring"));
    assert_null(qdn_parse_option("Ring=2", "ring"));
    assert_null(qdn_parse_option("", "ring"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flag),       cmocka_unit_test(test_int),
        cmocka_unit_test(test_duration),   cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_public_url), cmocka_unit_test(test_source_url),
        cmocka_unit_test(test_id),         cmocka_unit_test(test_words),
        cmocka_unit_test(test_option),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
