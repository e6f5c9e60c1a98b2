/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "clock.h"
#include "recall_table.h"
#include "status.h"

#define SLOTS 512
#define MEAN  1024

static void recall_returns_what_was_put(void **state)
{
    static const apr_size_t lens[] = { 0,
                                       1,
                                       7,
                                       8,
                                       9,
                                       16,
                                       700,
                                       3839,
                                       QDN_RECALL_VALUE - 1,
                                       QDN_RECALL_VALUE,
                                       QDN_RECALL_VALUE + 1 };
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char value[QDN_RECALL_VALUE + 1];
    char key[QDN_ID_HEX + 1];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(value); i++) {
        value[i] = (char)(i * 31);
    }
    for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        recall_key((unsigned)i, key);
        assert_int_equal(recall_claim(recall, key), APR_SUCCESS);
        qdn_recall_put(recall, key, value, lens[i]);
        if (lens[i] <= QDN_RECALL_VALUE) {
            recall_check(recall, key, value, lens[i]);
        }
        else {
            assert_int_equal(recall_claim(recall, key), APR_SUCCESS);
        }
    }
    /* The later ones have not disturbed the earlier. */
    for (i = 0; i < sizeof(lens) / sizeof(lens[0]) - 1; i++) {
        recall_check(recall, recall_key((unsigned)i, key), value, lens[i]);
    }
}

static void dropped_claim_is_free_again(void **state)
{
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];

    (void)state;
    recall_key(1, key);
    assert_int_equal(recall_claim(recall, key), APR_SUCCESS);
    qdn_recall_drop(recall, key);
    assert_int_equal(recall_claim(recall, key), APR_SUCCESS);
    qdn_recall_put(recall, key, "a", 1);
    qdn_recall_drop(recall, key); /* no claim any more */
    qdn_recall_put(recall, key, "b", 1);
    recall_check(recall, key, "a", 1);
}

static void put_without_claim_changes_nothing(void **state)
{
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];

    (void)state;
    qdn_recall_put(recall, recall_key(1, key), "a", 1);
    assert_int_equal(recall_claim(recall, key), APR_SUCCESS);
}

static void without_table_or_key_nothing_is_kept(void **state)
{
    static const char *const none[] = {
        "",
        "0",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "0123456789abcdef0123456789abcdeg",
        " 123456789abcdef0123456789abcdef",
    };
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    char value[8];
    apr_size_t len;
    size_t i;

    (void)state;
    recall_key(1, key);
    assert_int_equal(recall_claim(NULL, key), QDN_EFULL);
    assert_int_equal(qdn_recall_set(NULL, key, "a", 1), QDN_EFULL);
    assert_int_equal(qdn_recall_get(NULL, key, value, sizeof(value), &len),
                     APR_NOTFOUND);
    qdn_recall_put(NULL, key, "a", 1);
    qdn_recall_drop(NULL, key);
    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(recall_claim(recall, none[i]), QDN_EFULL);
        assert_int_equal(qdn_recall_set(recall, none[i], "a", 1), QDN_EFULL);
    }
}

static void set_replaces_and_get_reads(void **state)
{
    qdn_recall_t *recall = recall_table(SLOTS, 16);
    char big[QDN_RECALL_VALUE + 1] = "";
    char key[QDN_ID_HEX + 1];
    char value[16];
    apr_size_t len;

    (void)state;
    recall_key(1, key);
    assert_int_equal(qdn_recall_get(recall, key, value, sizeof(value), &len),
                     APR_NOTFOUND);
    assert_int_equal(qdn_recall_set(recall, key, "first", 5), APR_SUCCESS);
    assert_int_equal(qdn_recall_set(recall, key, "second one", 10),
                     APR_SUCCESS);
    assert_int_equal(qdn_recall_get(recall, key, value, sizeof(value), &len),
                     APR_SUCCESS);
    assert_int_equal(len, 10);
    assert_memory_equal(value, "second one", 10);
    assert_int_equal(qdn_recall_get(recall, key, value, 9, &len), QDN_ETOOBIG);
    assert_int_equal(qdn_recall_get(recall, key, value, 10, &len), APR_SUCCESS);
    assert_int_equal(qdn_recall_set(recall, key, big, sizeof(big)),
                     QDN_ETOOBIG);
    assert_int_equal(recall_claim(recall, recall_key(2, key)), APR_SUCCESS);
    assert_int_equal(qdn_recall_get(recall, key, value, sizeof(value), &len),
                     APR_NOTFOUND);
}

static void values_are_forgotten_after_a_quarter_of_an_hour(void **state)
{
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char reply[QDN_ID_HEX + 1], leg[QDN_ID_HEX + 1];
    char value[16];
    apr_size_t len;

    (void)state;
    assert_int_equal(recall_claim(recall, recall_key(1, reply)), APR_SUCCESS);
    qdn_recall_put(recall, reply, "a", 1);
    assert_int_equal(qdn_recall_set(recall, recall_key(2, leg), "b", 1),
                     APR_SUCCESS);
    recall_clock_offset += QDN_RECALL_KEEP - apr_time_from_sec(30);
    recall_check(recall, reply, "a", 1);
    assert_int_equal(qdn_recall_set(recall, leg, "c", 1), APR_SUCCESS);
    recall_clock_offset += apr_time_from_sec(31);
    assert_int_equal(recall_claim(recall, reply), APR_SUCCESS);
    /* Set anew, so its time began anew. */
    assert_int_equal(qdn_recall_get(recall, leg, value, sizeof(value), &len),
                     APR_SUCCESS);
    recall_clock_offset += QDN_RECALL_KEEP;
    assert_int_equal(qdn_recall_get(recall, leg, value, sizeof(value), &len),
                     APR_NOTFOUND);
}

static void full_bucket_forgets_its_oldest(void **state)
{
    qdn_recall_t *recall = recall_table(8, MEAN);
    char key[QDN_ID_HEX + 1];
    unsigned i;

    (void)state;
    for (i = 0; i < 8; i++) {
        assert_int_equal(recall_claim(recall, recall_key(i, key)), APR_SUCCESS);
    }
    /* All in flight: nothing may be pushed out, and nobody waits for that. */
    assert_int_equal(recall_claim(recall, recall_key(8, key)), QDN_EFULL);
    assert_int_equal(qdn_recall_set(recall, key, "x", 1), QDN_EFULL);
    for (i = 0; i < 8; i++) {
        qdn_recall_put(recall, recall_key(i, key), key, QDN_ID_HEX);
    }
    recall_clock_offset += apr_time_from_sec(5);
    assert_int_equal(
        qdn_recall_set(recall, recall_key(0, key), key, QDN_ID_HEX),
        APR_SUCCESS);
    recall_clock_offset += apr_time_from_sec(5);
    assert_int_equal(recall_claim(recall, recall_key(8, key)), APR_SUCCESS);
    recall_check(recall, recall_key(0, key), recall_key(0, key), QDN_ID_HEX);
    assert_int_equal(recall_claim(recall, recall_key(1, key)), APR_SUCCESS);
}

/* More values than the ring holds: the early ones are gone, none is wrong. */
static void overwritten_values_are_decided_afresh(void **state)
{
    qdn_recall_t *recall = recall_table(8, 8);
    char value[QDN_RECALL_VALUE];
    char key[QDN_ID_HEX + 1];

    (void)state;
    memset(value, 'v', sizeof(value));
    assert_int_equal(recall_claim(recall, recall_key(1, key)), APR_SUCCESS);
    qdn_recall_put(recall, key, value, sizeof(value));
    recall_check(recall, key, value, sizeof(value));
    assert_int_equal(recall_claim(recall, recall_key(2, key)), APR_SUCCESS);
    qdn_recall_put(recall, key, value, sizeof(value));
    assert_int_equal(recall_claim(recall, recall_key(1, key)), APR_SUCCESS);
    qdn_recall_put(recall, key, "new", 3);
    recall_check(recall, key, "new", 3);
}

static int claimed;

static void *claim_and_put_later(void *recall)
{
    char key[QDN_ID_HEX + 1];

    recall_key(1, key);
    __atomic_store_n(&claimed,
                     recall_claim(recall, key) == APR_SUCCESS ? 1 : -1,
                     __ATOMIC_SEQ_CST);
    usleep(100 * 1000);
    qdn_recall_put(recall, key, "late", 4);
    return NULL;
}

static void second_copy_waits_for_the_first(void **state)
{
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    apr_interval_time_t began = qdn_clock_mono();
    pthread_t thread;
    int ok;

    (void)state;
    claimed = 0;
    assert_int_equal(pthread_create(&thread, NULL, claim_and_put_later, recall),
                     0);
    while ((ok = __atomic_load_n(&claimed, __ATOMIC_SEQ_CST)) == 0) {
        usleep(1000);
    }
    assert_int_equal(ok, 1);
    recall_check(recall, recall_key(1, key), "late", 4);
    assert_true(qdn_clock_mono() - began >= apr_time_from_msec(90));
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void memory_is_touched_as_values_come(void **state)
{
    apr_size_t page = (apr_size_t)sysconf(_SC_PAGESIZE);
    apr_size_t size = qdn_recall_size(4096, MEAN);
    unsigned char resident[4096];
    qdn_recall_t *recall = recall_table(4096, MEAN);
    char key[QDN_ID_HEX + 1];
    apr_size_t i, pages = 0;

    (void)state;
    assert_true(size / page < sizeof(resident));
    for (i = 0; i < 100; i++) {
        assert_int_equal(recall_claim(recall, recall_key((unsigned)i, key)),
                         APR_SUCCESS);
        qdn_recall_put(recall, key, key, QDN_ID_HEX);
    }
    assert_int_equal(mincore(recall, size, resident), 0);
    for (i = 0; i < (size + page - 1) / page; i++) {
        pages += resident[i] & 1;
    }
    print_message("# %lu of %lu KiB are in use\n", pages * page / 1024,
                  size / 1024);
    assert_true(pages * page < size / 8);
}

#define RECALL_TEST(f)                                                         \
    cmocka_unit_test_setup_teardown(f, recall_setup, recall_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RECALL_TEST(recall_returns_what_was_put),
        RECALL_TEST(dropped_claim_is_free_again),
        RECALL_TEST(put_without_claim_changes_nothing),
        RECALL_TEST(without_table_or_key_nothing_is_kept),
        RECALL_TEST(set_replaces_and_get_reads),
        RECALL_TEST(values_are_forgotten_after_a_quarter_of_an_hour),
        RECALL_TEST(full_bucket_forgets_its_oldest),
        RECALL_TEST(overwritten_values_are_decided_afresh),
        RECALL_TEST(second_copy_waits_for_the_first),
        RECALL_TEST(memory_is_touched_as_values_come),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    atexit(apr_terminate);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
