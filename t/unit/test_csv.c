/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <apr_general.h>
#include "csv.h"

static apr_pool_t *pool;

static void test_cells(void **state)
{
    static const struct {
        const char *value, *wanted;
    } cases[] = {
        { NULL, "\"\"" },
        { "", "\"\"" },
        { "Queen of San Diego", "Queen of San Diego" },
        { "a,b", "\"a,b\"" },
        { "say \"hi\"", "\"say \"\"hi\"\"\"" },
        { "two\nlines", "\"two\nlines\"" },
        { "Zo\xc3\xab", "Zo\xc3\xab" },
        /* numbers stay readable */
        { "+16195550123", "+1 619 555 0123" },
        { "+123456789", "+12 345 6789" },
        { "+1234567", "+123 4567" },
        { "+1619\xe2\x80\xa6\xe2\x80\xa6"
          "23",
          "+1619\xe2\x80\xa6\xe2\x80\xa6"
          "23" },
        { "17", "17" },
        /* formulas do nothing */
        { "=1+2", "'=1+2" },
        { "=HYPERLINK(\"http://x\",\"y\")",
          "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"" },
        { "+1+2", "'+1+2" },
        { "+16195550123x", "'+16195550123x" },
        { "+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0" },
        { "-2+3", "'-2+3" },
        { "@SUM(1)", "'@SUM(1)" },
        { "\t=1", "'\t=1" },
        { "\r=1", "\"'\r=1\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        qdn_text_t t;

        qdn_text_init(&t, 16, pool);
        qdn_csv_cell(&t, cases[i].value, pool);
        assert_string_equal(t.buf, cases[i].wanted);
    }
}

static void test_commas(void **state)
{
    qdn_text_t t;

    (void)state;
    qdn_text_init(&t, 16, pool);
    qdn_csv_cell(&t, "a", pool);
    qdn_csv_cell(&t, NULL, pool);
    qdn_csv_cell(&t, "b", pool);
    qdn_text_add(&t, "\r\n");
    qdn_csv_cell(&t, "c", pool);
    qdn_text_add(&t, "\r\n");
    qdn_csv_cell(&t, "", pool);
    qdn_csv_cell(&t, "d", pool);
    assert_string_equal(t.buf, "a,,b\r\nc\r\n\"\",d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_commas),
    };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
