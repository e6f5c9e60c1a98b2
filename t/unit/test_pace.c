/* SPDX-License-Identifier: Apache-2.0 */
/* When does the drain rest, and for how long? */
#include "pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS   1000000 /* of ns */
#define MANY QDN_PACE_FEW

static const struct {
    const char *what;
    apr_uint64_t worked, queued; /* ns */
    qdn_pace_work_t work;
    apr_interval_time_t rest;
} rules[] = {
    { "an idle processor", 4 * MS, MS / 10, { 13000, 500000, MANY }, 0 },
    { "a quarter of the work is borne",
      4 * MS,
      MS,
      { 13000, 500000, MANY },
      0 },
    { "more than that", 4 * MS, MS + 1, { 13000, 500000, MANY }, 650000 },
    { "a small batch", 4 * MS, 9 * MS, { 1000, 500000, MANY }, 50000 },
    { "a long one", 4 * MS, 9 * MS, { 900000, 500000, MANY }, QDN_PACE_REST },
    { "rows have just come", 4 * MS, 9 * MS, { 13000, 0, MANY }, 650000 },
    { "rows have waited enough",
      4 * MS,
      9 * MS,
      { 13000, QDN_PACE_LAG, MANY },
      0 },
    { "rows of tomorrow", 4 * MS, 9 * MS, { 13000, -1, MANY }, 0 },
    { "a few rows", 4 * MS, 9 * MS, { 13000, 500000, MANY - 1 }, 0 },
    { "nothing was done", 0, 0, { 10, 500000, MANY }, 0 },
};

static void test_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (qdn_pace_judge(rules[i].worked, rules[i].queued, &rules[i].work) !=
            rules[i].rest) {
            fail_msg("%s", rules[i].what);
        }
    }
}

/* The account is this thread's, and grows with what it does. */
static void test_account(void **state)
{
    const qdn_pace_work_t work = { 1, 0, MANY };
    apr_uint64_t before;
    qdn_pace_t pace;

    (void)state;
    qdn_pace_start(&pace);
    assert_true(pace.fd >= 0);
    before = pace.worked;
    for (volatile int i = 0; i < 20000000; i++) {
    }
    (void)qdn_pace_rest(&pace, &work);
    assert_true(pace.worked > before);
}

static void test_no_account(void **state)
{
    const qdn_pace_work_t work = { 13000, 500000, MANY };
    qdn_pace_t pace = { .fd = -1 };

    (void)state;
    assert_int_equal(qdn_pace_rest(&pace, &work), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule),
        cmocka_unit_test(test_account),
        cmocka_unit_test(test_no_account),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
