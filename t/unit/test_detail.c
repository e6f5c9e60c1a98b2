/* SPDX-License-Identifier: Apache-2.0 */
/* Single members of an event's detail, and everything that is no JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "detail.h"

/* The member "x", NULL: there is none. */
static const struct {
    const char *detail;
    const char *text;
} cases[] = {
    { NULL, NULL },
    { "", NULL },
    { "{}", NULL },
    { "{ }", NULL },
    { "{\"x\":\"\"}", "" },
    { "{\"x\":\"y\"}", "y" },
    { " { \"x\" : \"y\" } ", "y" },
    { "{\"a\":\"x\",\"x\":\"y\"}", "y" },
    { "{\"x\":\"first\",\"x\":\"second\"}", "first" },
    { "{\"xx\":\"1\",\"ax\":\"2\",\"x\":\"3\"}", "3" },
    /* other values */
    { "{\"x\":17}", "17" },
    { "{\"x\":-17}", "-17" },
    { "{\"x\":1.5e+3}", "1.5e+3" },
    { "{\"x\":2E3 }", "2E3" },
    { "{\"x\":true}", "true" },
    { "{\"x\":false,\"y\":0}", "false" },
    { "{\"x\":null}", NULL },
    { "{\"x\":{\"x\":1}}", NULL },
    { "{\"x\":[1]}", NULL },
    /* what is walked over */
    { "{\"a\":{\"x\":1},\"x\":2}", "2" },
    { "{\"a\":[{\"x\":[1]},\"]}\"],\"x\":2}", "2" },
    { "{\"a\":\"\\\"x\\\":1\",\"x\":2}", "2" },
    { "{\"a\":\"\\\\\",\"x\":2}", "2" },
    { "{\"a\":null,\"b\":1,\"x\":2}", "2" },
    /* escapes */
    { "{\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "\"\\/\b\f\n\r\t" },
    { "{\"x\":\"Ren\\u00e9\"}", "Ren\xC3\xA9" },
    { "{\"x\":\"Ren\xC3\xA9\"}", "Ren\xC3\xA9" },
    { "{\"x\":\"\\u0041\\u20AC\"}", "A\xE2\x82\xAC" },
    { "{\"x\":\"\\uD83C\\uDFBA\"}", "\xF0\x9F\x8E\xBA" },
    { "{\"x\":\"\\ud83c!\"}", "\xEF\xBF\xBD!" },
    { "{\"x\":\"\\ud83c\\u0041\"}", "\xEF\xBF\xBD"
                                    "A" },
    { "{\"x\":\"\\udfba\"}", "\xEF\xBF\xBD" },
    { "{\"x\":\"\\u0000\"}", "\xEF\xBF\xBD" },
    { "{\"x\":\"\\u00g0\"}", NULL },
    { "{\"x\":\"\\u00\"}", NULL },
    { "{\"x\":\"\\u\"}", NULL },
    { "{\"x\":\"\\a\"}", NULL },
    /* no object */
    { "[\"x\",1]", NULL },
    { "\"x\"", NULL },
    { "x", NULL },
    { "{x:1}", NULL },
    { "{\"x\"", NULL },
    { "{\"x", NULL },
    { "{\"x\\", NULL },
    { "{\"x\":", NULL },
    { "{\"x\":}", NULL },
    { "{\"x\":\"", NULL },
    { "{\"x\":\"\\", NULL },
    { "{\"x\" 1}", NULL },
    { "{\"a\":,\"x\":1}", NULL },
    { "{\"a\":1 \"x\":1}", NULL },
    { "{\"a\":[1,\"x\":1}", NULL },
    { "{\"a\":[\"x", NULL },
    { "{\"a\" \"x\":1}", NULL },
    { "{,\"x\":1}", NULL },
    { "{\"x\":000000000000000000000000000000000000000000000000000000000000000"
      "00}",
      NULL },
};

static apr_pool_t *pool;

static void each_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = qdn_detail_text(cases[i].detail, "x", pool);

        if (!text != !cases[i].text ||
            (text && strcmp(text, cases[i].text) != 0)) {
            fail_msg("%s: %s", cases[i].detail, text ? text : "(none)");
        }
    }
}

/* Whatever is cut off or changed: no crash, no value out of nowhere. */
static void every_piece_of_each(void **state)
{
    char piece[128];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = cases[i].detail ? strlen(cases[i].detail) : 0;

        for (size_t n = 0; n < len; n++) {
            const char *text;

            snprintf(piece, sizeof(piece), "%.*s", (int)n, cases[i].detail);
            text = qdn_detail_text(piece, "x", pool);
            assert_true(!text || strlen(text) <= n);
            snprintf(piece, sizeof(piece), "%s", cases[i].detail);
            piece[n] = "\"\\{}[]:,"[i % 8];
            text = qdn_detail_text(piece, "x", pool);
            assert_true(!text || strlen(text) <= len);
        }
    }
}

static void numbers(void **state)
{
    (void)state;
    assert_int_equal(qdn_detail_number("{\"x\":17}", "x", 5, pool), 17);
    assert_int_equal(qdn_detail_number("{\"x\":\"18\"}", "x", 5, pool), 18);
    assert_int_equal(qdn_detail_number("{\"x\":0}", "x", 5, pool), 0);
    assert_int_equal(qdn_detail_number("{\"x\":null}", "x", 5, pool), 5);
    assert_int_equal(qdn_detail_number(NULL, "x", 5, pool), 5);
    assert_int_equal(
        qdn_detail_number("{\"x\":1768400000000000}", "x", 5, pool),
        APR_INT64_C(1768400000000000));
}

static void elements(void **state)
{
    static const struct {
        const char *array;
        const char *wanted; /* each behind a blank; NULL: no array */
    } arrays[] = {
        { "[]", "" },
        { " [ ] ", "" },
        { "[1]", " 1" },
        { "[ {\"a\":[1,2]} , \"x,]\",null ]", " {\"a\":[1,2]} \"x,]\" null" },
        { "[[1],[2,3]]", " [1] [2,3]" },
        { "[1,]", NULL },
        { "[1", NULL },
        { "[1}", NULL },
        { "[1]x", NULL },
        { "[]x", NULL },
        { "{}", NULL },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
        const apr_array_header_t *all =
            qdn_detail_elements(arrays[i].array, pool);
        const char *found = "";

        assert_int_equal(!all, !arrays[i].wanted);
        for (int j = 0; all && j < all->nelts; j++) {
            found = apr_pstrcat(pool, found, " ",
                                APR_ARRAY_IDX(all, j, const char *), NULL);
        }
        assert_string_equal(found, arrays[i].wanted ? arrays[i].wanted : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member),
        cmocka_unit_test(every_piece_of_each),
        cmocka_unit_test(numbers),
        cmocka_unit_test(elements),
    };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
