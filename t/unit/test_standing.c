/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <string.h>
#include "standing.h"

#define LINE  "+12125550100"
#define OTHER "+12125550101"

static apr_pool_t *pool;

static qdn_standing_t standing(const char *line, qdn_standing_e state,
                               apr_time_t at, apr_time_t until,
                               const char *event)
{
    qdn_standing_t one = { .operator= "sergio",
                           .line = line,
                           .state = state,
                           .at = at,
                           .until = until };

    strcpy(one.event, event);
    return one;
}

static void words_are_found_again(void **state)
{
    int i;

    (void)state;
    for (i = QDN_STANDING_AUTO; i <= QDN_STANDING_AWAY; i++) {
        assert_int_equal(
            qdn_standing_find(qdn_standing_text((qdn_standing_e)i)), i);
    }
    assert_int_equal(qdn_standing_find("Away"), -1);
    assert_int_equal(qdn_standing_find(""), -1);
}

/* In whatever order events arrive, the set comes to the same. */
static void any_order_of_events_ends_alike(void **state)
{
    const qdn_standing_t events[] = {
        standing(NULL, QDN_STANDING_AWAY, 100, 0, "a"),
        standing(NULL, QDN_STANDING_AUTO, 200, 0, "b"),
        standing(NULL, QDN_STANDING_AVAILABLE, 200, 0, "c"), /* same moment */
        standing(LINE, QDN_STANDING_AWAY, 150, 500, "d"),
    };
    int a, b, c, d;

    (void)state;
    for (a = 0; a < 256; a++) {
        apr_array_header_t *set =
            apr_array_make(pool, 2, sizeof(qdn_standing_t));
        int order[] = { a & 3, a >> 2 & 3, a >> 4 & 3, a >> 6 };

        b = 1 << order[0] | 1 << order[1] | 1 << order[2] | 1 << order[3];
        if (b != 15) {
            continue;
        }
        for (c = 0; c < 4; c++) {
            qdn_standing_fold(set, &events[order[c]]);
        }
        assert_int_equal(set->nelts, 2);
        for (d = 0; d < 2; d++) {
            const qdn_standing_t *one = &APR_ARRAY_IDX(set, d, qdn_standing_t);

            assert_string_equal(one->event, one->line ? "d" : "c");
        }
        assert_int_equal(qdn_standing_fold(set, &events[3]), 0);
    }
}

/* The reason goes where SQL has forgotten it, and does not come back. */
static void what_was_erased_goes_here_too(void **state)
{
    qdn_standing_t one = standing(NULL, QDN_STANDING_AWAY, 100, 0, "a");
    qdn_standing_t erased = one;
    apr_array_header_t *set = apr_array_make(pool, 1, sizeof(one));

    (void)state;
    one.who = "ana";
    one.why = "x";
    erased.who = "ana";
    assert_int_equal(qdn_standing_fold(set, &one), 1);
    assert_int_equal(qdn_standing_fold(set, &one), 0);
    assert_int_equal(qdn_standing_fold(set, &erased), 1);
    assert_null(APR_ARRAY_IDX(set, 0, qdn_standing_t).why);
    assert_int_equal(qdn_standing_fold(set, &erased), 0);
    assert_int_equal(qdn_standing_fold(set, &one), 0);
    assert_null(APR_ARRAY_IDX(set, 0, qdn_standing_t).why);
}

static void one_of_the_line_comes_first(void **state)
{
    static const struct {
        qdn_standing_e all, line;
        apr_time_t all_until, line_until;
        qdn_standing_e here, elsewhere; /* AUTO: none in force at 1000 */
    } cases[] = {
        { QDN_STANDING_AUTO, QDN_STANDING_AUTO, 0, 0, 0, 0 },
        { QDN_STANDING_AWAY, QDN_STANDING_AUTO, 0, 0, QDN_STANDING_AWAY,
          QDN_STANDING_AWAY },
        { QDN_STANDING_AWAY, QDN_STANDING_AVAILABLE, 0, 0,
          QDN_STANDING_AVAILABLE, QDN_STANDING_AWAY },
        { QDN_STANDING_AWAY, QDN_STANDING_AVAILABLE, 0, 1000, QDN_STANDING_AWAY,
          QDN_STANDING_AWAY },
        { QDN_STANDING_AWAY, QDN_STANDING_AVAILABLE, 1000, 1001,
          QDN_STANDING_AVAILABLE, QDN_STANDING_AUTO },
        { QDN_STANDING_AUTO, QDN_STANDING_AWAY, 0, 1001, QDN_STANDING_AWAY,
          QDN_STANDING_AUTO },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        apr_array_header_t *set =
            apr_array_make(pool, 2, sizeof(qdn_standing_t));
        qdn_standing_t all =
            standing(NULL, cases[i].all, 1, cases[i].all_until, "a");
        qdn_standing_t line =
            standing(LINE, cases[i].line, 2, cases[i].line_until, "b");
        const qdn_standing_t *here, *elsewhere;

        qdn_standing_fold(set, &all);
        qdn_standing_fold(set, &line);
        here = qdn_standing_of(set, "sergio", LINE, 1000);
        elsewhere = qdn_standing_of(set, "sergio", OTHER, 1000);
        assert_int_equal(here ? here->state : QDN_STANDING_AUTO, cases[i].here);
        assert_int_equal(elsewhere ? elsewhere->state : QDN_STANDING_AUTO,
                         cases[i].elsewhere);
        elsewhere = qdn_standing_of(set, "sergio", NULL, 1000);
        assert_int_equal(elsewhere ? elsewhere->state : QDN_STANDING_AUTO,
                         cases[i].elsewhere);
        assert_null(qdn_standing_of(set, "ana", LINE, 1000));
    }
}

static int make_pool(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL);
}

static int destroy_pool(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found_again),
        cmocka_unit_test(any_order_of_events_ends_alike),
        cmocka_unit_test(what_was_erased_goes_here_too),
        cmocka_unit_test(one_of_the_line_comes_first),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_pool, destroy_pool);
}
