/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "form.h"
#include "status.h"

#define PAIRS 4

/* Parsed as names and values in turn; a NULL name ends. */
typedef struct case_t {
    const char *text;
    apr_size_t len; /* 0: strlen(text) */
    apr_status_t status;
    const char *pairs[2 * PAIRS + 1];
} case_t;

static const case_t cases[] = {
    { "", 0, APR_SUCCESS, { NULL } },
    { "&", 0, APR_SUCCESS, { NULL } },
    { "&&a=1&&", 0, APR_SUCCESS, { "a", "1", NULL } },
    { "a", 0, APR_SUCCESS, { "a", "", NULL } },
    { "a=", 0, APR_SUCCESS, { "a", "", NULL } },
    { "=1", 0, APR_SUCCESS, { "", "1", NULL } },
    { "=", 0, APR_SUCCESS, { "", "", NULL } },
    { "a=b=c", 0, APR_SUCCESS, { "a", "b=c", NULL } },
    { "a=1&a=2&a=1", 0, APR_SUCCESS, { "a", "1", "a", "2", "a", "1", NULL } },
    { "z=1&a&b=", 0, APR_SUCCESS, { "z", "1", "a", "", "b", "", NULL } },
    { "a+b=c+d", 0, APR_SUCCESS, { "a b", "c d", NULL } },
    { "a%2Bb=%2b", 0, APR_SUCCESS, { "a+b", "+", NULL } },
    { "From=%2B16195550101", 0, APR_SUCCESS, { "From", "+16195550101", NULL } },
    { "a=%3D%26%25", 0, APR_SUCCESS, { "a", "=&%", NULL } },
    { "%3D=%26", 0, APR_SUCCESS, { "=", "&", NULL } },
    { "a=%2525", 0, APR_SUCCESS, { "a", "%25", NULL } },
    { "a=%0D%0A%09", 0, APR_SUCCESS, { "a", "\r\n\t", NULL } },
    { "a=%e2%82%AC", 0, APR_SUCCESS, { "a", "\xE2\x82\xAC", NULL } },
    { "a=\xFF%FF", 0, APR_SUCCESS, { "a", "\xFF\xFF", NULL } },
    { "a;b=1;2", 0, APR_SUCCESS, { "a;b", "1;2", NULL } },
    { "a=%", 0, QDN_EMALFORMED, { NULL } },
    { "a=%4", 0, QDN_EMALFORMED, { NULL } },
    { "a=%4&b=1", 0, QDN_EMALFORMED, { NULL } },
    { "a=%zz", 0, QDN_EMALFORMED, { NULL } },
    { "a=%4g", 0, QDN_EMALFORMED, { NULL } },
    { "a=% 4", 0, QDN_EMALFORMED, { NULL } },
    { "a=%+4", 0, QDN_EMALFORMED, { NULL } },
    { "%=1", 0, QDN_EMALFORMED, { NULL } },
    { "%4=1", 0, QDN_EMALFORMED, { NULL } },
    { "a=%00", 0, QDN_EMALFORMED, { NULL } },
    { "%00=a", 0, QDN_EMALFORMED, { NULL } },
    { "a=1\0b", 5, QDN_EMALFORMED, { NULL } },
    { "a\0=1", 4, QDN_EMALFORMED, { NULL } },
};

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

/*
 * The text flush against a page that may not be read, so that one byte too
 * many is a crash even without a sanitizer.
 */
static const char *fenced(const char *text, apr_size_t len)
{
    apr_size_t page = (apr_size_t)sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(map != MAP_FAILED);
    assert_int_equal(mprotect(map + page, page, PROT_NONE), 0);
    return memcpy(map + page - len, text, len);
}

static void form_parses_as_the_table_says(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const case_t *c = &cases[i];
        apr_size_t len = c->len ? c->len : strlen(c->text);
        apr_array_header_t *fields;
        apr_status_t rv =
            qdn_form_parse(&fields, fenced(c->text, len), len, pool);
        int n;

        if (rv != c->status) {
            print_message("case \"%s\"\n", c->text);
        }
        assert_int_equal(rv, c->status);
        if (rv != APR_SUCCESS) {
            continue;
        }
        for (n = 0; c->pairs[2 * n]; n++) {
            qdn_field_t f;

            assert_true(n < fields->nelts);
            f = APR_ARRAY_IDX(fields, n, qdn_field_t);
            assert_string_equal(f.name, c->pairs[2 * n]);
            assert_string_equal(f.value, c->pairs[2 * n + 1]);
        }
        assert_int_equal(fields->nelts, n);
    }
}

/* "a&a&...": as many fields as asked for. */
static apr_status_t parse_fields(int n, apr_array_header_t **pfields)
{
    char *text = apr_palloc(pool, 2 * (apr_size_t)n);
    int i;

    for (i = 0; i < n; i++) {
        text[2 * i] = 'a';
        text[2 * i + 1] = '&';
    }
    return qdn_form_parse(pfields, text, 2 * (apr_size_t)n, pool);
}

static void form_bounds_the_number_of_fields(void **state)
{
    apr_array_header_t *fields;

    (void)state;
    assert_int_equal(parse_fields(QDN_FORM_FIELDS_MAX, &fields), APR_SUCCESS);
    assert_int_equal(fields->nelts, QDN_FORM_FIELDS_MAX);
    assert_int_equal(parse_fields(QDN_FORM_FIELDS_MAX + 1, &fields),
                     QDN_ETOOBIG);
}

static void form_finds_the_first_and_counts_all(void **state)
{
    static const char text[] = "a=1&b=2&a=3&A=4&ab=5";
    apr_array_header_t *fields;

    (void)state;
    assert_int_equal(qdn_form_parse(&fields, text, strlen(text), pool),
                     APR_SUCCESS);
    assert_string_equal(qdn_form_get(fields, "a"), "1");
    assert_string_equal(qdn_form_get(fields, "b"), "2");
    assert_null(qdn_form_get(fields, "c"));
    assert_null(qdn_form_get(fields, ""));
    assert_int_equal(qdn_form_count(fields, "a"), 2);
    assert_int_equal(qdn_form_count(fields, "b"), 1);
    assert_int_equal(qdn_form_count(fields, "c"), 0);
}

/* Every byte but NUL, in name and value. */
static void form_encode_is_the_inverse(void **state)
{
    apr_array_header_t *fields = apr_array_make(pool, 2, sizeof(qdn_field_t));
    apr_array_header_t *again;
    char all[256];
    const char *text;
    int i;

    (void)state;
    for (i = 0; i < 255; i++) {
        all[i] = (char)(i + 1);
    }
    all[255] = '\0';
    qdn_form_add(fields, "From", "+16195550101");
    qdn_form_add(fields, all, all);
    qdn_form_add(fields, "", "");
    text = qdn_form_encode(fields, pool);
    assert_memory_equal(text, "From=%2B16195550101&%01", 23);
    assert_int_equal(qdn_form_parse(&again, text, strlen(text), pool),
                     APR_SUCCESS);
    assert_int_equal(again->nelts, fields->nelts);
    for (i = 0; i < fields->nelts; i++) {
        qdn_field_t f = APR_ARRAY_IDX(fields, i, qdn_field_t);
        qdn_field_t g = APR_ARRAY_IDX(again, i, qdn_field_t);

        assert_string_equal(f.name, g.name);
        assert_string_equal(f.value, g.value);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(form_parses_as_the_table_says),
        cmocka_unit_test(form_bounds_the_number_of_fields),
        cmocka_unit_test(form_finds_the_first_and_counts_all),
        cmocka_unit_test(form_encode_is_the_inverse),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    atexit(apr_terminate);
    return cmocka_run_group_tests(tests, setup, teardown);
}
