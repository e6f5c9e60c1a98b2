/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "engaged.h"

#define NOW  apr_time_from_sec(1795000000)
#define SEC  APR_USEC_PER_SEC
#define LONG (NOW + 3600 * SEC)

static qdn_engaged_t *table(int talks)
{
    return qdn_engaged_init(calloc(1, qdn_engaged_size(talks)), talks);
}

/* Seconds since the beginning of the talk, -1: in none. */
static int asked(const qdn_engaged_t *talks, const char *who, apr_time_t now)
{
    apr_time_t since = 0;

    return qdn_engaged_ask(talks, who, now, &since)
               ? (int)apr_time_sec(now - since)
               : -1;
}

static void a_talk_begins_and_ends(void **state)
{
    qdn_engaged_t *talks = table(64);

    (void)state;
    assert_int_equal(asked(talks, "ana", NOW), -1);
    qdn_engaged_begin(talks, "ana", "CA1", NOW, LONG);
    assert_int_equal(asked(talks, "ana", NOW + 5 * SEC), 5);
    assert_int_equal(asked(talks, "sergio", NOW), -1);
    qdn_engaged_end(talks, "ana", "CA2");
    qdn_engaged_end(talks, "sergio", "CA1");
    assert_int_equal(asked(talks, "ana", NOW + 6 * SEC), 6);
    qdn_engaged_end(talks, "ana", "CA1");
    assert_int_equal(asked(talks, "ana", NOW + 7 * SEC), -1);
    qdn_engaged_end(talks, "ana", "CA1");
    free(talks);
}

static void a_call_ends_for_everybody_in_it(void **state)
{
    qdn_engaged_t *talks = table(64);

    (void)state;
    qdn_engaged_begin(talks, "ana", "CA1", NOW, LONG);
    qdn_engaged_begin(talks, "sergio", "CA1", NOW, LONG);
    qdn_engaged_begin(talks, "zoe", "CA2", NOW, LONG);
    qdn_engaged_end(talks, NULL, "CA1");
    assert_int_equal(asked(talks, "ana", NOW), -1);
    assert_int_equal(asked(talks, "sergio", NOW), -1);
    assert_int_equal(asked(talks, "zoe", NOW), 0);
    free(talks);
}

/* Key 1 and the leg's `answered` may both tell of it, in any order. */
static void a_beginning_told_twice_is_one(void **state)
{
    qdn_engaged_t *talks = table(64);

    (void)state;
    qdn_engaged_begin(talks, "ana", "CA1", NOW, LONG);
    qdn_engaged_begin(talks, "ana", "CA1", NOW + 9 * SEC, LONG);
    assert_int_equal(asked(talks, "ana", NOW + 10 * SEC), 10);
    qdn_engaged_end(talks, "ana", "CA1");
    assert_int_equal(asked(talks, "ana", NOW + 10 * SEC), -1);
    free(talks);
}

/* Ended and begun anew in one call; the first end is heard of only now. */
static void an_old_end_leaves_the_next_talk(void **state)
{
    qdn_engaged_t *talks = table(64);

    (void)state;
    qdn_engaged_begin(talks, "ana", "CA1", NOW + 9 * SEC, LONG);
    qdn_engaged_end_old(talks, "ana", "CA1", NOW + 9 * SEC - 1);
    assert_int_equal(asked(talks, "ana", NOW + 10 * SEC), 1);
    qdn_engaged_end_old(talks, "ana", "CA2", NOW + 9 * SEC);
    assert_int_equal(asked(talks, "ana", NOW + 10 * SEC), 1);
    qdn_engaged_end_old(talks, "ana", "CA1", NOW + 9 * SEC);
    assert_int_equal(asked(talks, "ana", NOW + 10 * SEC), -1);
    free(talks);
}

static void the_end_of_one_of_two_talks_leaves_the_other(void **state)
{
    qdn_engaged_t *talks = table(64);

    (void)state;
    qdn_engaged_begin(talks, "ana", "CA1", NOW, LONG);
    qdn_engaged_begin(talks, "ana", "CA2", NOW + 5 * SEC, LONG);
    assert_int_equal(asked(talks, "ana", NOW + 6 * SEC), 6);
    qdn_engaged_end(talks, "ana", "CA1");
    assert_int_equal(asked(talks, "ana", NOW + 6 * SEC), 1);
    qdn_engaged_end(talks, NULL, "CA2");
    assert_int_equal(asked(talks, "ana", NOW + 6 * SEC), -1);
    free(talks);
}

static void a_talk_whose_end_is_never_told_ends(void **state)
{
    qdn_engaged_t *talks = table(64);

    (void)state;
    qdn_engaged_begin(talks, "ana", "CA1", NOW, NOW + 60 * SEC);
    assert_int_equal(asked(talks, "ana", NOW + 60 * SEC - 1), 59);
    assert_int_equal(asked(talks, "ana", NOW + 60 * SEC), -1);
    qdn_engaged_begin(talks, "ana", "CA2", NOW, NOW);
    assert_int_equal(asked(talks, "ana", NOW + 60 * SEC), -1);
    free(talks);
}

/* A table that is too small forgets who has talked longest, nothing else. */
static void a_full_table_forgets_the_longest(void **state)
{
    qdn_engaged_t *talks = table(1);
    char who[20];
    int i;

    (void)state;
    for (i = 0; i < 20; i++) {
        snprintf(who, sizeof(who), "op%d", i);
        qdn_engaged_begin(talks, who, "CA1", NOW + i * SEC, LONG);
    }
    for (i = 0; i < 20; i++) {
        snprintf(who, sizeof(who), "op%d", i);
        assert_int_equal(asked(talks, who, NOW + 19 * SEC),
                         i < 12 ? -1 : 19 - i);
    }
    free(talks);
}

/* A child that was killed while it wrote takes no place for ever. */
static void a_dead_writer_blocks_nothing(void **state)
{
    qdn_engaged_t *talks = table(1);
    apr_int64_t *words = (apr_int64_t *)talks;
    int i;

    (void)state;
    for (i = 0; i < 8; i++) {
        words[1 + i * 4] = -NOW; /* as begin leaves it in the middle */
    }
    qdn_engaged_begin(talks, "ana", "CA1", NOW + SEC, LONG);
    assert_int_equal(asked(talks, "ana", NOW + SEC), -1);
    qdn_engaged_begin(talks, "ana", "CA1", NOW + 3 * SEC, LONG);
    assert_int_equal(asked(talks, "ana", NOW + 3 * SEC), 0);
    free(talks);
}

static void without_memory_nobody_talks(void **state)
{
    (void)state;
    qdn_engaged_begin(NULL, "ana", "CA1", NOW, LONG);
    qdn_engaged_end(NULL, "ana", "CA1");
    qdn_engaged_end_old(NULL, "ana", "CA1", NOW);
    assert_int_equal(asked(NULL, "ana", NOW), -1);
}

static qdn_engaged_t *crowded;

/* Its own operator and calls, in buckets that it shares with all others. */
static void *talk_a_lot(void *baton)
{
    const char *who = baton;
    char call[20];
    long wrong = 0;
    int i;

    for (i = 0; i < 20000; i++) {
        snprintf(call, sizeof(call), "CA-%s-%d", who, i);
        qdn_engaged_begin(crowded, who, call, NOW + i, LONG);
        wrong += asked(crowded, who, NOW + i) != 0;
        qdn_engaged_end(crowded, i % 2 ? who : NULL, call);
        wrong += asked(crowded, who, NOW + i) != -1;
    }
    return (void *)wrong;
}

static void a_crowd_keeps_its_talks_apart(void **state)
{
    static char names[4][4] = { "ana", "ben", "cho", "dan" };
    pthread_t threads[4];
    void *wrong;
    int i;

    (void)state;
    crowded = table(8);
    for (i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, talk_a_lot, names[i]);
    }
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], &wrong);
        assert_int_equal((long)wrong, 0);
        assert_int_equal(asked(crowded, names[i], NOW + SEC), -1);
    }
    free(crowded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_talk_begins_and_ends),
        cmocka_unit_test(a_call_ends_for_everybody_in_it),
        cmocka_unit_test(a_beginning_told_twice_is_one),
        cmocka_unit_test(an_old_end_leaves_the_next_talk),
        cmocka_unit_test(the_end_of_one_of_two_talks_leaves_the_other),
        cmocka_unit_test(a_talk_whose_end_is_never_told_ends),
        cmocka_unit_test(a_full_table_forgets_the_longest),
        cmocka_unit_test(a_dead_writer_blocks_nothing),
        cmocka_unit_test(without_memory_nobody_talks),
        cmocka_unit_test(a_crowd_keeps_its_talks_apart),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
