/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "finding.h"

static void an_answer_counts_until_it_is_stale(void **state)
{
    static const struct {
        apr_time_t good_at, now;
        int holds;
    } cases[] = {
        { 0, 0, 0 },       { 0, 50, 0 },      { 1000, 1000, 1 },
        { 1000, 1100, 1 }, { 1000, 1101, 0 }, { 1000, 900, 1 },
        { 1000, 899, 0 },
    };
    const qdn_feed_t feed = { .stale = 100 };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const qdn_finding_t finding = { .good_at = cases[i].good_at };

        assert_int_equal(qdn_finding_holds(&finding, &feed, cases[i].now),
                         cases[i].holds);
    }
}

static void the_span_that_ends_last_is_told(void **state)
{
    static const qdn_span_t spans[] = {
        { 100, 200, "a" }, { 150, 300, "b" }, { 160, 170, "c" },
        { 300, 350, "d" }, { 351, 400, "e" },
    };
    static const struct {
        apr_time_t at;
        const char *title; /* NULL: none */
        apr_time_t until;
    } cases[] = {
        { 99, NULL, 0 },   { 100, "a", 350 }, { 149, "a", 350 },
        { 165, "b", 350 }, { 299, "b", 350 }, { 300, "d", 350 },
        { 350, NULL, 0 },  { 351, "e", 400 }, { 400, NULL, 0 },
    };
    const qdn_finding_t finding = { .spans = spans, .nspans = 5 };
    const qdn_finding_t none = { .nspans = 0 };
    apr_time_t until = 0;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const qdn_span_t *span =
            qdn_finding_span(&finding, cases[i].at, &until);

        if (!cases[i].title) {
            assert_null(span);
            continue;
        }
        assert_non_null(span);
        assert_string_equal(span->title, cases[i].title);
        assert_int_equal(until, cases[i].until);
    }
    assert_null(qdn_finding_span(&none, 100, &until));
}

static void numbers_are_found(void **state)
{
    static const apr_uint64_t numbers[] = { 12125550100, 12125550102 };
    const qdn_finding_t finding = { .numbers = numbers, .nnumbers = 2 };
    const qdn_finding_t none = { .nnumbers = 0 };

    (void)state;
    assert_true(qdn_finding_lists(&finding, "+12125550100"));
    assert_true(qdn_finding_lists(&finding, "+12125550102"));
    assert_false(qdn_finding_lists(&finding, "+12125550101"));
    assert_false(qdn_finding_lists(&finding, "12125550100"));
    assert_false(qdn_finding_lists(&finding, ""));
    assert_false(qdn_finding_lists(&finding, NULL));
    assert_false(qdn_finding_lists(&none, "+12125550100"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_counts_until_it_is_stale),
        cmocka_unit_test(the_span_that_ends_last_is_told),
        cmocka_unit_test(numbers_are_found),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
