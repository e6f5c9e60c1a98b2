/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <apr_strings.h>

#include "quarantine.h"

#define NOW apr_time_from_sec(7)

static qdn_feed_t feed(const char *key)
{
    qdn_feed_t one = { .index = 0 };

    apr_cpystrn(one.key, key, sizeof(one.key));
    return one;
}

static qdn_feed_t nth(int n)
{
    char key[17];

    apr_snprintf(key, sizeof(key), "%016x", n);
    return feed(key);
}

static int left_alone(const qdn_quarantine_t *q, int n, apr_interval_time_t at)
{
    qdn_feed_t one = nth(n);

    return qdn_quarantine_until(q, &one, at) != 0;
}

/* A daemon dies of the feed, and the next one begins. */
static void die_of(qdn_quarantine_t *q, int n, apr_interval_time_t at)
{
    qdn_feed_t one = nth(n);

    qdn_quarantine_reading(q, &one);
    assert_true(qdn_quarantine_learn(q, at) == (apr_uint64_t)n);
}

static void all_digits_of_a_key_count(void **state)
{
    qdn_feed_t low = feed("00000000ffffffff"), high = feed("fedcba9876543210");

    (void)state;
    assert_true(qdn_quarantine_name(&low) == 0xffffffff);
    assert_true(qdn_quarantine_name(&high) == 0xfedcba9876543210);
}

static void who_was_read_to_the_end_is_not_left_alone(void **state)
{
    qdn_quarantine_t q = { .reading = 0 };
    qdn_feed_t one = nth(1);

    (void)state;
    assert_true(qdn_quarantine_learn(&q, NOW) == 0);
    qdn_quarantine_reading(&q, &one);
    qdn_quarantine_reading(&q, NULL);
    assert_true(qdn_quarantine_learn(&q, NOW) == 0);
    assert_false(left_alone(&q, 1, NOW));
}

static void every_culprit_is_left_alone_for_its_time(void **state)
{
    qdn_quarantine_t q = { .reading = 0 };
    apr_interval_time_t end = NOW + QDN_QUARANTINE_TIME;

    (void)state;
    die_of(&q, 1, NOW);
    die_of(&q, 2, NOW + 5);
    assert_true(qdn_quarantine_learn(&q, NOW + 6) == 0);
    assert_true(left_alone(&q, 1, end - 1));
    assert_false(left_alone(&q, 1, end));
    assert_true(left_alone(&q, 2, end + 4));
    assert_false(left_alone(&q, 2, end + 5));
    assert_false(left_alone(&q, 3, NOW));
    /* The same again: its time begins anew, in the same cell. */
    die_of(&q, 1, end);
    assert_true(left_alone(&q, 1, end + 1));
    assert_true(left_alone(&q, 2, end + 1));
    assert_true(q.cells[2].feed == 0);
}

static void the_oldest_gives_way(void **state)
{
    qdn_quarantine_t q = { .reading = 0 };
    int i;

    (void)state;
    for (i = 1; i <= QDN_QUARANTINE_MAX + 3; i++) {
        die_of(&q, i, NOW + i);
    }
    for (i = 1; i <= QDN_QUARANTINE_MAX + 3; i++) {
        assert_int_equal(left_alone(&q, i, NOW + 100), i > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_digits_of_a_key_count),
        cmocka_unit_test(who_was_read_to_the_end_is_not_left_alone),
        cmocka_unit_test(every_culprit_is_left_alone_for_its_time),
        cmocka_unit_test(the_oldest_gives_way),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
