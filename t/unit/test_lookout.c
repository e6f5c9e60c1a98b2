/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "clock.h"
#include "log.h"
#include "lookout.h"
#include "waitword.h"

static apr_pool_t *pool;
static char *dir;
static apr_uint32_t bell;

/* Time goes faster by this much; mappings that are gone are counted. */
static apr_time_t ahead;
static int unmapped;

apr_time_t __real_qdn_clock_mono(void);
apr_time_t __wrap_qdn_clock_mono(void);
int __real_munmap(void *base, size_t len);
int __wrap_munmap(void *base, size_t len);

apr_time_t __wrap_qdn_clock_mono(void)
{
    return __real_qdn_clock_mono() + __atomic_load_n(&ahead, __ATOMIC_SEQ_CST);
}

int __wrap_munmap(void *base, size_t len)
{
    __atomic_add_fetch(&unmapped, 1, __ATOMIC_SEQ_CST);
    return __real_munmap(base, len);
}

static void write_snapshot(apr_uint64_t serial)
{
    qdn_picture_t picture = { .host = "a", .serial = serial };
    apr_pool_t *ptemp;

    apr_pool_create(&ptemp, pool);
    assert_int_equal(qdn_snapshot_write(dir, &picture, ptemp), APR_SUCCESS);
    apr_pool_destroy(ptemp);
}

static apr_uint64_t seen_by(const qdn_lookout_t *lookout)
{
    const qdn_snapshot_t *s = qdn_lookout_now(lookout);

    return s ? qdn_snapshot_serial(s) : 0;
}

/* Milliseconds until the lookout shows that serial, at most 3000. */
static int wait_for(const qdn_lookout_t *lookout, apr_uint64_t serial)
{
    apr_time_t begin = __real_qdn_clock_mono();
    int passed = 0;

    while (seen_by(lookout) != serial && passed < 3000) {
        apr_sleep(1000);
        passed = (int)apr_time_as_msec(__real_qdn_clock_mono() - begin);
    }
    return passed;
}

static qdn_lookout_t *open_lookout(apr_uint32_t *word)
{
    qdn_lookout_t *lookout;

    assert_int_equal(qdn_lookout_open(&lookout, dir, word), APR_SUCCESS);
    return lookout;
}

static void without_a_file_there_is_no_snapshot(void **state)
{
    qdn_lookout_t *lookout = open_lookout(NULL);

    (void)state;
    assert_null(qdn_lookout_now(lookout));
    assert_null(qdn_lookout_now(NULL));
    write_snapshot(1);
    assert_in_range(wait_for(lookout, 1), 0, 2999);
    assert_int_equal(qdn_lookout_close(lookout), APR_SUCCESS);
}

static void what_is_there_is_seen_at_once(void **state)
{
    qdn_lookout_t *lookout;

    (void)state;
    write_snapshot(4);
    lookout = open_lookout(NULL);
    assert_int_equal(seen_by(lookout), 4);
    assert_int_equal(qdn_lookout_close(lookout), APR_SUCCESS);
}

static void the_bell_is_heard_at_once(void **state)
{
    qdn_lookout_t *lookout = open_lookout(&bell);
    apr_uint64_t serial;
    int waited = 0;

    (void)state;
    for (serial = 1; serial <= 20; serial++) {
        write_snapshot(serial);
        qdn_waitword_ring(&bell);
        waited += wait_for(lookout, serial);
    }
    assert_in_range(waited, 0, 3000); /* five seconds without a bell */
    assert_int_equal(qdn_lookout_close(lookout), APR_SUCCESS);
}

static void what_was_replaced_stays_for_a_minute(void **state)
{
    qdn_lookout_t *lookout;
    const qdn_snapshot_t *first;
    int i;

    (void)state;
    write_snapshot(1);
    lookout = open_lookout(&bell);
    first = qdn_lookout_now(lookout);
    write_snapshot(2);
    qdn_waitword_ring(&bell);
    assert_in_range(wait_for(lookout, 2), 0, 2999);
    __atomic_store_n(&ahead, apr_time_from_sec(58), __ATOMIC_SEQ_CST);
    qdn_waitword_ring(&bell);
    apr_sleep(100000);
    assert_int_equal(__atomic_load_n(&unmapped, __ATOMIC_SEQ_CST), 0);
    assert_int_equal(qdn_snapshot_serial(first), 1);
    __atomic_store_n(&ahead, apr_time_from_sec(70), __ATOMIC_SEQ_CST);
    qdn_waitword_ring(&bell);
    for (i = 0; i < 300; i++) {
        apr_sleep(10000);
        if (__atomic_load_n(&unmapped, __ATOMIC_SEQ_CST)) {
            break;
        }
    }
    assert_int_equal(__atomic_load_n(&unmapped, __ATOMIC_SEQ_CST), 1);
    assert_int_equal(seen_by(lookout), 2);
    assert_int_equal(qdn_lookout_close(lookout), APR_SUCCESS);
}

static int complaints;

static void count_complaint(void *baton, qdn_log_level_e level,
                            apr_status_t status, const char *message)
{
    (void)baton;
    (void)level;
    (void)status;
    complaints += strstr(message, "QDN0590") != NULL;
}

static void a_bad_file_leaves_the_good_one_in_force(void **state)
{
    char *path = apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE, NULL);
    qdn_lookout_t *lookout;
    FILE *f;
    int i;

    (void)state;
    complaints = 0;
    qdn_log_set_sink(count_complaint, NULL, QDN_LOG_ERR);
    write_snapshot(1);
    lookout = open_lookout(&bell);
    for (i = 0; i < 3; i++) {
        unlink(path);
        f = fopen(path, "w");
        fprintf(f, "%0*d", 100 + i, 0);
        fclose(f);
        qdn_waitword_ring(&bell);
        apr_sleep(50000);
        assert_int_equal(seen_by(lookout), 1);
    }
    write_snapshot(2);
    qdn_waitword_ring(&bell);
    assert_in_range(wait_for(lookout, 2), 0, 2999);
    unlink(path);
    qdn_waitword_ring(&bell);
    apr_sleep(50000);
    assert_int_equal(seen_by(lookout), 2);
    assert_int_equal(qdn_lookout_close(lookout), APR_SUCCESS);
    qdn_log_set_sink(NULL, NULL, QDN_LOG_ERR);
    assert_int_equal(complaints, 1);
}

static int reading;

/* Serials never go back, and what is shown can be read. */
static void *read_much(void *baton)
{
    const qdn_lookout_t *lookout = baton;
    apr_uint64_t last = 0;
    long wrong = 0;

    while (__atomic_load_n(&reading, __ATOMIC_SEQ_CST)) {
        const qdn_snapshot_t *s = qdn_lookout_now(lookout);
        qdn_standing_t standing;

        wrong += qdn_snapshot_serial(s) < last;
        wrong += qdn_snapshot_standing(s, "ana", NULL, 0, &standing);
        last = qdn_snapshot_serial(s);
    }
    return (void *)wrong;
}

static void many_read_while_it_changes(void **state)
{
    pthread_t readers[3];
    qdn_lookout_t *lookout;
    apr_uint64_t serial;
    void *wrong;
    int i;

    (void)state;
    write_snapshot(1);
    lookout = open_lookout(&bell);
    reading = 1;
    for (i = 0; i < 3; i++) {
        pthread_create(&readers[i], NULL, read_much, lookout);
    }
    for (serial = 2; serial < 60; serial++) {
        write_snapshot(serial);
        qdn_waitword_ring(&bell);
        apr_sleep(2000);
    }
    assert_in_range(wait_for(lookout, 59), 0, 2999);
    __atomic_store_n(&reading, 0, __ATOMIC_SEQ_CST);
    for (i = 0; i < 3; i++) {
        pthread_join(readers[i], &wrong);
        assert_int_equal((long)wrong, 0);
    }
    assert_int_equal(qdn_lookout_close(lookout), APR_SUCCESS);
}

static qdn_lookout_t *under_signal;
static apr_status_t closed_with;

static void close_it(int signo)
{
    (void)signo;
    closed_with = qdn_lookout_close(under_signal);
}

/* As on prefork. */
static void a_signal_handler_may_close_it(void **state)
{
    apr_time_t begin;

    (void)state;
    write_snapshot(1);
    under_signal = open_lookout(&bell);
    signal(SIGUSR1, close_it);
    begin = __real_qdn_clock_mono();
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_DFL);
    assert_int_equal(closed_with, APR_SUCCESS);
    assert_true(__real_qdn_clock_mono() - begin < apr_time_from_sec(1));
    assert_int_equal(seen_by(under_signal), 1);
}

static int set_up(void **state)
{
    char template[] = "/tmp/qdn-lookout-XXXXXX";

    (void)state;
    ahead = 0;
    unmapped = 0;
    if (apr_pool_create(&pool, NULL)) {
        return -1;
    }
    dir = mkdtemp(template) ? apr_pstrdup(pool, template) : NULL;
    return dir ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE, NULL));
    rmdir(dir);
    apr_pool_destroy(pool);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_file_there_is_no_snapshot),
        TEST(what_is_there_is_seen_at_once),
        TEST(the_bell_is_heard_at_once),
        TEST(what_was_replaced_stays_for_a_minute),
        TEST(a_bad_file_leaves_the_good_one_in_force),
        TEST(many_read_while_it_changes),
        TEST(a_signal_handler_may_close_it),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
