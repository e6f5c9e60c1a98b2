/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "clock.h"

static void test_freeze(void **state)
{
    apr_time_t before = apr_time_now(), now;

    (void)state;
    now = qdn_clock_now();
    assert_true(now >= before && now <= apr_time_now());
    qdn_clock_freeze(apr_time_from_sec(1700000000));
    assert_true(qdn_clock_now() == apr_time_from_sec(1700000000));
    apr_sleep(2000);
    assert_true(qdn_clock_now() == apr_time_from_sec(1700000000));
    qdn_clock_freeze(0);
    assert_true(qdn_clock_now() > before);
}

static void test_mono(void **state)
{
    apr_interval_time_t first = qdn_clock_mono(), later;

    (void)state;
    qdn_clock_freeze(apr_time_from_sec(1700000000));
    apr_sleep(5000);
    later = qdn_clock_mono();
    qdn_clock_freeze(0);
    assert_true(later >= first + 5000);
    assert_true(later < first + apr_time_from_sec(10));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_freeze),
        cmocka_unit_test(test_mono),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
