/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "text.h"

#define FFFD      "\xEF\xBF\xBD"
#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

typedef struct case_t {
    const char *in;
    const char *xml, *json, *url;
} case_t;

static const case_t cases[] = {
    { "", "", "\"\"", "" },
    { "aZ09-._~", "aZ09-._~", "\"aZ09-._~\"", "aZ09-._~" },
    { "a b+c", "a b+c", "\"a b+c\"", "a%20b%2Bc" },
    { "<&>", "&lt;&amp;&gt;", "\"<&>\"", "%3C%26%3E" },
    { "\"'", "&quot;&apos;", "\"\\\"'\"", "%22%27" },
    { "a\\b/", "a\\b/", "\"a\\\\b/\"", "a%5Cb%2F" },
    { "\t\n\r", "&#9;&#10;&#13;", "\"\\u0009\\u000a\\u000d\"", "%09%0A%0D" },
    { "\x01\x1F\x7F", FFFD FFFD "\x7F", "\"\\u0001\\u001f\x7F\"", "%01%1F%7F" },
    { "!#$%()*,/:;=?@[]^`{|}", "!#$%()*,/:;=?@[]^`{|}",
      "\"!#$%()*,/:;=?@[]^`{|}\"",
      "%21%23%24%25%28%29%2A%2C%2F%3A%3B%3D%3F%40%5B%5D%5E%60%7B%7C%7D" },
    { "gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\"",
      "gr%C3%BC%C3%9F" },
    { "\xE6\x97\xA5\xF0\x9F\x98\x80", "\xE6\x97\xA5\xF0\x9F\x98\x80",
      "\"\xE6\x97\xA5\xF0\x9F\x98\x80\"", "%E6%97%A5%F0%9F%98%80" },
    { "]]>", "]]&gt;", "\"]]>\"", "%5D%5D%3E" },
    /* U+FFFE: UTF-8, but no character of XML */
    { "a\xEF\xBF\xBE"
      "b",
      "a" FFFD "b",
      "\"a\xEF\xBF\xBE"
      "b\"",
      "a%EF%BF%BEb" },
};

/* Not UTF-8, and how many U+FFFD come of it. */
static const struct {
    const char *in;
    int replaced;
} broken[] = {
    { "\x80", 1 },             /* continuation alone */
    { "\xC3", 1 },             /* cut */
    { "\xC3(", 1 },            /* not continued */
    { "\xC0\xAF", 2 },         /* overlong / */
    { "\xC1\xBF", 2 },         /* overlong DEL */
    { "\xE0\x80\xAF", 3 },     /* overlong / */
    { "\xE2\x82", 2 },         /* cut */
    { "\xED\xA0\x80", 3 },     /* surrogate */
    { "\xF0\x80\x80\xAF", 4 }, /* overlong / */
    { "\xF0\x9F\x98", 3 },     /* cut */
    { "\xF4\x90\x80\x80", 4 }, /* above U+10FFFF */
    { "\xF5\x80\x80\x80", 4 }, /* above U+10FFFF */
    { "\xFF\xFE", 2 },         /* never UTF-8 */
};

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

static void check(void (*add)(qdn_text_t *, const char *), const char *in,
                  const char *wanted)
{
    qdn_text_t t;

    qdn_text_init(&t, 0, pool);
    add(&t, in);
    assert_string_equal(t.buf, wanted);
    assert_int_equal(t.len, strlen(wanted));
}

static void test_escapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        check(qdn_text_add, cases[i].in, cases[i].in);
        check(qdn_text_add_xml, cases[i].in, cases[i].xml);
        check(qdn_text_add_json, cases[i].in, cases[i].json);
        check(qdn_text_add_urlenc, cases[i].in, cases[i].url);
    }
    check(qdn_text_add_json, NULL, "null");
}

static void test_broken_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(broken); i++) {
        const char *tail = strchr(broken[i].in, '(') ? "(" : "";
        char wanted[64] = "";

        for (int n = 0; n < broken[i].replaced; n++) {
            strcat(wanted, FFFD);
        }
        strcat(wanted, tail);
        check(qdn_text_add_xml, broken[i].in, wanted);
        memmove(wanted + 1, wanted, strlen(wanted) + 1);
        wanted[0] = '"';
        strcat(wanted, "\"");
        check(qdn_text_add_json, broken[i].in, wanted);
        assert_int_equal(qdn_text_char(broken[i].in), 0);
    }
}

/* A sequence that is cut by the end of the text, and of the readable page. */
static void test_no_over_read(void **state)
{
    static const char *const cut[] = { "\xC3", "\xE2\x82", "\xF0\x9F\x98" };
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_ptr_not_equal(two, MAP_FAILED);
    assert_int_equal(mprotect(two + page, page, PROT_NONE), 0);
    for (size_t i = 0; i < LENGTH(cut); i++) {
        char *s = two + page - strlen(cut[i]) - 1;
        qdn_text_t t;

        strcpy(s, cut[i]);
        qdn_text_init(&t, 0, pool);
        qdn_text_add_xml(&t, s);
        qdn_text_add_json(&t, s);
        qdn_text_add_urlenc(&t, s);
        assert_int_equal(qdn_text_char(s), 0);
    }
    munmap(two, 2 * page);
}

static void test_growth(void **state)
{
    qdn_text_t t;

    (void)state;
    qdn_text_init(&t, 1, pool);
    for (int i = 0; i < 10000; i++) {
        qdn_text_addc(&t, (char)('a' + i % 26));
        assert_int_equal(t.buf[t.len], 0);
    }
    assert_int_equal(t.len, 10000);
    assert_int_equal(t.buf[9999], 'a' + 9999 % 26);
    qdn_text_addn(&t, "xyz", 2);
    qdn_text_addn(&t, "", 0);
    assert_string_equal(t.buf + 10000, "xy");
}

/* At every fill level, so that the text ends before, at and past the room. */
static void test_addf(void **state)
{
    (void)state;
    for (size_t fill = 0; fill < 200; fill++) {
        qdn_text_t t;

        qdn_text_init(&t, 64, pool);
        for (size_t i = 0; i < fill; i++) {
            qdn_text_addc(&t, '-');
        }
        qdn_text_addf(&t, "%s=%d", "number", -42);
        assert_string_equal(t.buf + fill, "number=-42");
        assert_int_equal(t.len, fill + 10);
    }
}

static void test_add_int(void **state)
{
    static const struct {
        apr_int64_t n;
        const char *wanted;
    } numbers[] = {
        { 0, "0" },
        { 7, "7" },
        { -7, "-7" },
        { 10, "10" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        qdn_text_t t;

        qdn_text_init(&t, 0, pool);
        qdn_text_add_int(&t, numbers[i].n);
        assert_string_equal(t.buf, numbers[i].wanted);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),      cmocka_unit_test(test_broken_utf8),
        cmocka_unit_test(test_no_over_read), cmocka_unit_test(test_growth),
        cmocka_unit_test(test_addf),         cmocka_unit_test(test_add_int),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
