/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "dotenv.h"
#include "log.h"
#include "status.h"

#define CASES  107 /* of t/data/dotenv-cases.json */
#define AGREED 84  /* of them, read alike by both libraries */

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

static apr_status_t parse(apr_array_header_t **pentries, const char *text,
                          const char **perror)
{
    *perror = NULL;
    return qdn_dotenv_parse(pentries, text, strlen(text), perror, pool);
}

static const char *value_of(const apr_array_header_t *entries, const char *name)
{
    for (int i = 0; i < entries->nelts; i++) {
        const qdn_dotenv_entry_t *e =
            &APR_ARRAY_IDX(entries, i, qdn_dotenv_entry_t);

        if (!strcmp(e->name, name)) {
            return e->value;
        }
    }
    return NULL;
}

static void check_same(const char *input, const apr_array_header_t *entries,
                       json_object *wanted)
{
    assert_int_equal(entries->nelts, json_object_object_length(wanted));
    json_object_object_foreach(wanted, name, value)
    {
        const char *got = value_of(entries, name);

        if (!got || strcmp(got, json_object_get_string(value))) {
            fail_msg("%s: %s is '%s'", input, name, got ? got : "(absent)");
        }
    }
}

/* What Node's and Python's dotenv made of each input decides. */
static void test_collection(void **state)
{
    const char *path = apr_pstrcat(pool, getenv("QDN_SRCDIR"),
                                   "/t/data/dotenv-cases.json", NULL);
    json_object *file = json_object_from_file(path);
    json_object *cases = json_object_object_get(file, "cases");
    size_t agreed = 0;

    (void)state;
    assert_int_equal(json_object_array_length(cases), CASES);
    for (size_t i = 0; i < CASES; i++) {
        json_object *c = json_object_array_get_idx(cases, i);
        const char *input =
            json_object_get_string(json_object_object_get(c, "input"));
        apr_array_header_t *entries = NULL;
        const char *error;
        apr_status_t rv = parse(&entries, input, &error);

        if (json_object_get_boolean(json_object_object_get(c, "agree"))) {
            if (rv != APR_SUCCESS) {
                fail_msg("%s: %s", input, error);
            }
            check_same(input, entries, json_object_object_get(c, "node"));
            agreed++;
            continue;
        }
        assert_int_equal(rv, QDN_EMALFORMED);
        assert_memory_equal(error, "line ", 5);
        assert_null(entries);
    }
    assert_int_equal(agreed, AGREED);
    json_object_put(file);
}

/* Refused, in that line, and without a word of the value. */
static const struct {
    const char *text;
    int line;
    const char *says;
} refused[] = {
    { "A=s3cret#x", 1, "#" },
    { "\n\nA=#s3cret", 3, "#" },
    { "A=1\r\nB=\"s3cret", 2, "not closed" },
    { "A=\"x\ny\nz\"\nB='s3cret", 4, "not closed" },
    { "A='s3cret' y", 1, "after the closing quote" },
    { "A=\"x\ny\" s3cret", 2, "after the closing quote" },
    { "A=\"s3\\\"cret\"", 1, "escape" },
    { "A=\"s3\\tcret\"", 1, "escape" },
    { "A='s3\\'cret'", 1, "escape" },
    { "A='s3\\\\cret'", 1, "escape" },
    { "A=\"s3\\\\\"\nB=\"x\"", 1, "escape" },
    { "A=`s3cret`", 1, "back-quotes" },
    { "A=\n\"s3cret\"", 1, "no value" },
    { "A=  \n\n\t'x'", 1, "no value" },
    { "A=\n`s3cret`", 1, "no value" },
    { "A: s3cret", 1, "colon" },
    { "A:\ts3cret", 1, "colon" },
    { "A:\nB=s3cret", 1, "colon" },
    { "'A'=s3cret", 1, "quoted name" },
    { "export 'A'=s3cret", 1, "quoted name" },
    { "\"A\"=s3cret", 1, "name" },
    { "A$B=s3cret", 1, "name" },
    { "A/B=s3cret", 1, "name" },
    { "export =s3cret", 1, "no name" },
    { "A=s3cret\n\nA", 3, "names again" },
    { "A=s3cret\nexport A # x", 2, "names again" },
    { "A\n=s3cret", 2, "no name" },
    { "A\n\n  =s3cret", 3, "no name" },
    { "\xC2\xA0"
      "A=s3cret",
      1, "name" },
    { "A=s3cret\xC2\xA0", 1, "invisible" },
    { "A=s3\xE2\x80\x8A"
      "cret",
      1, "invisible" },
    { "A=s3\vcret", 1, "invisible" },
    { "A=s3cret\x1C", 1, "invisible" },
    { "A=s3cret # x\xE2\x80\xA8"
      "B=1",
      1, "invisible" },
    { "# x\xE2\x80\xA9"
      "A=s3cret",
      1, "invisible" },
    { "A\xC2\x85", 1, "invisible" },
    { "\xEF\xBB\xBF"
      "A=s3cret",
      1, "byte order mark" },
    { "A=1\n\xEF\xBB\xBF"
      "B=s3cret",
      2, "name" },
    { "A=1\nB=s3cret\xFF", 2, "UTF-8" },
    { "A=1\nB=\"s3\xC3\"", 2, "UTF-8" },
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(refused); i++) {
        apr_array_header_t *entries = NULL;
        const char *error;
        char *begin = apr_psprintf(pool, "line %d: ", refused[i].line);

        if (parse(&entries, refused[i].text, &error) != QDN_EMALFORMED) {
            fail_msg("%s: accepted", refused[i].text);
        }
        assert_null(entries);
        if (strncmp(error, begin, strlen(begin)) ||
            !strstr(error, refused[i].says) || strstr(error, "s3")) {
            fail_msg("%s: %s", refused[i].text, error);
        }
    }
}

static void test_nul(void **state)
{
    static const char text[] = "A=1\nB=2\0x\n";
    apr_array_header_t *entries = NULL;
    const char *error = NULL;

    (void)state;
    assert_int_equal(
        qdn_dotenv_parse(&entries, text, sizeof(text) - 1, &error, pool),
        QDN_EMALFORMED);
    assert_memory_equal(error, "line 2: ", 8);
    /* The length counts, not a terminator. */
    assert_int_equal(qdn_dotenv_parse(&entries, text, 6, &error, pool),
                     APR_SUCCESS);
    assert_string_equal(value_of(entries, "B"), "");
}

/* Accepted, beyond the collection: NAME, value, line. */
static void test_accepted(void **state)
{
    static const struct {
        const char *text;
        const char *value; /* of A */
        int line;
    } rows[] = {
        { "A=1", "1", 1 },
        { "\r\n\r\nA=1", "1", 3 },
        { "\r\rA=1", "1", 3 },
        { "B=\"x\ny\nz\"\nA=1", "1", 4 },
        { "A=1\nA=2\n", "2", 2 },
        { "A='1'#\n", "1", 1 },
        { "A\nexport A\nA=1\nAB\nA b", "1", 3 },
        { "A=\"a\\nb\\rc\"", "a\nb\rc", 1 },
        { "A=\"\xC2\xA0x\"", "\xC2\xA0x", 1 },
        { "# \xC2\xA0 comment\nA=1", "1", 2 },
        { "A=1 # \xC2\xA0", "1", 1 },
        { "\xEF\xBB\xBF\nA=1", "1", 2 },
        { "A\n# x\n=1\nA=2", "2", 4 },
        { "A=https://example.com/a?b=c&d=%20",
          "https://example.com/a?b=c&d=%20", 1 },
        { "A=\"https://example.com/#rc=2\"", "https://example.com/#rc=2", 1 },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        apr_array_header_t *entries = NULL;
        const qdn_dotenv_entry_t *last;
        const char *error;

        if (parse(&entries, rows[i].text, &error) != APR_SUCCESS) {
            fail_msg("%s: %s", rows[i].text, error);
        }
        assert_null(error);
        last = &APR_ARRAY_IDX(entries, entries->nelts - 1, qdn_dotenv_entry_t);
        assert_string_equal(last->name, "A");
        assert_string_equal(last->value, rows[i].value);
        assert_int_equal(last->line, rows[i].line);
    }
}

static void test_duplicates(void **state)
{
    apr_array_header_t *entries = NULL;
    const char *error;

    (void)state;
    assert_int_equal(parse(&entries, "A=1\nB=2\nA=3\na=4\nB=5\nA=6", &error),
                     APR_SUCCESS);
    assert_int_equal(entries->nelts, 3);
    assert_string_equal(value_of(entries, "A"), "6");
    assert_string_equal(value_of(entries, "a"), "4");
    assert_string_equal(value_of(entries, "B"), "5");
}

static void hear(void *baton, qdn_log_level_e level, apr_status_t status,
                 const char *message)
{
    (void)status;
    if (level <= QDN_LOG_WARNING && strstr(message, "QDN0101: ")) {
        assert_non_null(strstr(message, "line 2 "));
        assert_null(strstr(message, "s3cret"));
        ++*(int *)baton;
    }
}

/* A line that both libraries pass over in silence is likely an error. */
static void test_passed_over(void **state)
{
    apr_array_header_t *entries = NULL;
    const char *error;
    int heard = 0;

    (void)state;
    qdn_log_set_sink(hear, &heard, QDN_LOG_WARNING);
    assert_int_equal(parse(&entries, "A=1\nTOKEN s3cret\n# x\nB=2", &error),
                     APR_SUCCESS);
    qdn_log_set_sink(NULL, NULL, QDN_LOG_WARNING);
    assert_int_equal(heard, 1);
    assert_int_equal(entries->nelts, 2);
}

/* 64 KiB of the worst must not take visibly longer than of the best. */
static void test_large(void **state)
{
    char *text = apr_palloc(pool, 65537);
    apr_array_header_t *entries = NULL;
    const char *error;

    (void)state;
    memset(text, '\\', 65536);
    memcpy(text, "A=\"", 3);
    text[65536] = '\0';
    assert_int_equal(parse(&entries, text, &error), QDN_EMALFORMED);
    memset(text, 'x', 65536);
    memcpy(text, "A=", 2);
    assert_int_equal(parse(&entries, text, &error), APR_SUCCESS);
    assert_int_equal(strlen(value_of(entries, "A")), 65534);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collection), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_nul),        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_duplicates), cmocka_unit_test(test_passed_over),
        cmocka_unit_test(test_large),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
