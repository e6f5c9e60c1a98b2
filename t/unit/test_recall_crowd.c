/* SPDX-License-Identifier: Apache-2.0 */
/* One table hammered by threads of several processes, killed and garbled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "clock.h"
#include "recall_table.h"

#define SLOTS     512
#define MEAN      1024
#define PROCESSES 3
#define THREADS   3
#define ROUNDS    2000
#define BLOWS     4000 /* of each thread of the hammer */
#define KEYS      96   /* that the hammer uses */

/* A process that claims the key and waits to be killed. */
static pid_t claimant(qdn_recall_t *recall, const char *key)
{
    int ready[2];
    char c;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        c = recall_claim(recall, key) == APR_SUCCESS ? 'y' : 'n';
        if (write(ready[1], &c, 1) == 1) {
            pause();
        }
        _exit(1);
    }
    assert_true(pid > 0);
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void bury(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void claim_of_a_killed_process_is_taken_over(void **state)
{
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    apr_interval_time_t began;

    (void)state;
    bury(claimant(recall, recall_key(1, key)));
    began = qdn_clock_mono();
    assert_int_equal(recall_claim(recall, key), APR_SUCCESS);
    assert_true(qdn_clock_mono() - began < RECALL_TOLERANCE);
    qdn_recall_put(recall, key, "a", 1);
    recall_check(recall, key, "a", 1);
}

static void claims_of_killed_processes_leave_room(void **state)
{
    qdn_recall_t *recall = recall_table(8, MEAN);
    char key[QDN_ID_HEX + 1];
    unsigned i;

    (void)state;
    for (i = 0; i < 8; i++) {
        bury(claimant(recall, recall_key(i, key)));
    }
    assert_int_equal(recall_claim(recall, recall_key(8, key)), APR_SUCCESS);
}

static void old_claim_is_taken_over_and_put_by_one(void **state)
{
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    pid_t pid = claimant(recall, recall_key(1, key));

    (void)state;
    recall_clock_offset += QDN_RECALL_WAIT + apr_time_from_sec(1);
    assert_int_equal(recall_claim(recall, key), APR_SUCCESS);
    qdn_recall_put(recall, key, "a", 1);
    bury(pid);
    recall_check(recall, key, "a", 1);
}

static void nobody_waits_longer_than_recall_wait(void **state)
{
    qdn_recall_t *recall = recall_table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    apr_interval_time_t began, took;
    pid_t pid;

    (void)state;
    /* Stamped ahead of us, so that it is not old when our patience ends. */
    recall_clock_offset = apr_time_from_msec(500);
    pid = claimant(recall, recall_key(1, key));
    recall_clock_offset = 0;
    began = qdn_clock_mono();
    assert_int_equal(recall_claim(recall, key), APR_TIMEUP);
    took = qdn_clock_mono() - began;
    assert_true(took >= QDN_RECALL_WAIT);
    assert_true(took < QDN_RECALL_WAIT + RECALL_TOLERANCE);
    /* Somebody else's claim: not ours to finish. */
    qdn_recall_put(recall, key, "a", 1);
    qdn_recall_drop(recall, key);
    assert_int_equal(recall_claim(recall, key), APR_SUCCESS);
    bury(pid);
}

/* What the workers of one crowd share. */
typedef struct crowd_t {
    qdn_recall_t *recall;
    unsigned arrived;
    unsigned owners[ROUNDS]; /* how many decided each key */
    unsigned repeats, losses, wrong, done;
} crowd_t;

static void count(unsigned *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* Run `work` in THREADS threads of each of PROCESSES processes. */
static void run_crowd(crowd_t *crowd, void *(*work)(void *))
{
    pthread_t thread[THREADS];
    pid_t pid[PROCESSES];
    int i, k, status;

    for (i = 0; i < PROCESSES; i++) {
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        if (pid[i] == 0) {
            for (k = 0; k < THREADS; k++) {
                if (pthread_create(&thread[k], NULL, work, crowd)) {
                    _exit(1);
                }
            }
            for (k = 0; k < THREADS; k++) {
                pthread_join(thread[k], NULL);
            }
            _exit(0);
        }
    }
    for (i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(crowd->done, PROCESSES * THREADS);
    assert_int_equal(crowd->wrong, 0);
}

static crowd_t *new_crowd(qdn_recall_t *recall)
{
    crowd_t *crowd = recall_memory(sizeof(*crowd));

    crowd->recall = recall;
    return crowd;
}

/* Spinning, because a sleeper wakes too late for the race. */
static void wait_for_all(crowd_t *crowd, unsigned round)
{
    unsigned all = (round + 1) * PROCESSES * THREADS;
    unsigned spins = 0;

    count(&crowd->arrived);
    while (__atomic_load_n(&crowd->arrived, __ATOMIC_ACQUIRE) < all) {
        if (++spins % 256 == 0) {
            sched_yield();
        }
    }
}

/* Everybody claims the same new key at the same moment. */
static void *rush(void *baton)
{
    crowd_t *crowd = baton;
    apr_pool_t *own;
    unsigned i;

    apr_pool_create(&own, NULL);
    for (i = 0; i < ROUNDS; i++) {
        char key[QDN_ID_HEX + 1];
        const char *value;
        apr_size_t len;

        recall_key(i, key);
        wait_for_all(crowd, i);
        switch (qdn_recall_claim(crowd->recall, key, &value, &len, own)) {
        case APR_SUCCESS:
            count(&crowd->owners[i]);
            qdn_recall_put(crowd->recall, key, key, sizeof(key));
            break;
        case APR_EEXIST:
            count(strcmp(value, key) ? &crowd->wrong : &crowd->repeats);
            break;
        default:
            count(&crowd->losses);
        }
    }
    apr_pool_destroy(own);
    count(&crowd->done);
    return NULL;
}

static void each_key_is_decided_by_exactly_one(void **state)
{
    crowd_t *crowd = new_crowd(recall_table(8 * ROUNDS, 64));
    unsigned i;

    (void)state;
    run_crowd(crowd, rush);
    for (i = 0; i < ROUNDS; i++) {
        assert_int_equal(crowd->owners[i], 1);
    }
    assert_int_equal(crowd->losses, 0);
    assert_int_equal(crowd->repeats, ROUNDS * (PROCESSES * THREADS - 1));
}

/* The key, then its first character to a length that the key decides. */
static apr_size_t value_of(const char *key, unsigned turn,
                           char value[QDN_RECALL_VALUE])
{
    apr_size_t len = QDN_ID_HEX + turn % 1500;

    memset(value, key[0], len);
    memcpy(value, key, QDN_ID_HEX);
    return len;
}

static int value_fits(const char *key, const char *value, apr_size_t len)
{
    return len >= QDN_ID_HEX && memcmp(value, key, QDN_ID_HEX) == 0 &&
           memchr(value, '\0', len) == NULL &&
           strspn(value + QDN_ID_HEX, (char[]){ key[0], '\0' }) ==
               len - QDN_ID_HEX;
}

/* Everything at once on too small a table; no value is ever another's. */
static void *hammer(void *baton)
{
    crowd_t *crowd = baton;
    unsigned seed = (unsigned)getpid() * 31 + (unsigned)(uintptr_t)&seed;
    char value[QDN_RECALL_VALUE + 1];
    unsigned i;

    for (i = 0; i < BLOWS; i++) {
        char key[QDN_ID_HEX + 1];
        unsigned n = (unsigned)rand_r(&seed) % KEYS;
        apr_pool_t *own;
        const char *got;
        apr_size_t len;

        apr_pool_create(&own, NULL);
        recall_key(n, key);
        len = value_of(key, i, value);
        if (n % 2) {
            qdn_recall_set(crowd->recall, key, value, len);
            if (qdn_recall_get(crowd->recall, key, value, sizeof(value) - 1,
                               &len) == APR_SUCCESS) {
                value[len] = '\0';
                count(value_fits(key, value, len) ? &crowd->repeats
                                                  : &crowd->wrong);
            }
        }
        else {
            switch (qdn_recall_claim(crowd->recall, key, &got, &len, own)) {
            case APR_SUCCESS:
                len = value_of(key, i, value);
                if (i % 16 == 0) {
                    qdn_recall_drop(crowd->recall, key);
                }
                else {
                    qdn_recall_put(crowd->recall, key, value, len);
                }
                break;
            case APR_EEXIST:
                count(value_fits(key, got, len) ? &crowd->repeats
                                                : &crowd->wrong);
                break;
            default:
                count(&crowd->losses);
            }
        }
        apr_pool_destroy(own);
    }
    count(&crowd->done);
    return NULL;
}

static void no_value_is_ever_torn_or_anothers(void **state)
{
    crowd_t *crowd = new_crowd(recall_table(64, 128));

    (void)state;
    run_crowd(crowd, hammer);
    print_message("# %u values recalled, %u claims lost\n", crowd->repeats,
                  crowd->losses);
    assert_true(crowd->repeats > 1000);
}

/* Children hammer and are killed without warning, again and again. */
static void kills_in_the_middle_leave_a_working_table(void **state)
{
    crowd_t *crowd = new_crowd(recall_table(16, 128));
    char key[QDN_ID_HEX + 1];
    apr_interval_time_t began;
    unsigned i;

    (void)state;
    for (i = 0; i < 60; i++) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            for (;;) {
                hammer(crowd);
            }
        }
        usleep(3000 + i * 100);
        bury(pid);
    }
    assert_int_equal(crowd->wrong, 0);
    began = qdn_clock_mono();
    for (i = 1000; i < 1100; i++) {
        assert_int_equal(recall_claim(crowd->recall, recall_key(i, key)),
                         APR_SUCCESS);
        qdn_recall_put(crowd->recall, key, key, QDN_ID_HEX);
        recall_check(crowd->recall, key, key, QDN_ID_HEX);
    }
    assert_true(qdn_clock_mono() - began < RECALL_TOLERANCE);
}

/*
 * Any bytes in entries and values. Knows that a table begins with two words
 * that nobody writes after init, and that 8 entries of four words follow.
 */
static void garbage_blocks_nobody(void **state)
{
    enum { HEADER = 16, ENTRIES = 8 * 32 };
    char key[QDN_ID_HEX + 1];
    unsigned seed = 1;
    int turn;

    (void)state;
    for (turn = 0; turn < 2000; turn++) {
        qdn_recall_t *recall = recall_table(8, 16);
        char *bytes = (char *)recall + HEADER;
        apr_interval_time_t began = qdn_clock_mono();
        char value[QDN_RECALL_VALUE];
        apr_size_t len;
        int i;

        for (i = 0; i < ENTRIES; i++) {
            bytes[i] = (char)rand_r(&seed);
        }
        /* Half of the time the entries are about the key that is asked. */
        recall_key((unsigned)turn, key);
        if (turn % 2) {
            for (i = 0; i < 8; i++) {
                apr_uint64_t half[2];

                sscanf(key, "%16lx%16lx", &half[0], &half[1]);
                memcpy(bytes + i * 32 + 8, half, sizeof(half));
            }
        }
        qdn_recall_get(recall, key, value, sizeof(value), &len);
        if (turn < 64) {
            recall_claim(recall, key); /* may wait for a claim of garbage */
        }
        else {
            qdn_recall_put(recall, key, "a", 1);
            qdn_recall_drop(recall, key);
        }
        assert_true(qdn_clock_mono() - began <
                    QDN_RECALL_WAIT + RECALL_TOLERANCE);
        munmap(recall, qdn_recall_size(8, 16));
    }
}

#define RECALL_TEST(f)                                                         \
    cmocka_unit_test_setup_teardown(f, recall_setup, recall_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RECALL_TEST(claim_of_a_killed_process_is_taken_over),
        RECALL_TEST(claims_of_killed_processes_leave_room),
        RECALL_TEST(old_claim_is_taken_over_and_put_by_one),
        RECALL_TEST(nobody_waits_longer_than_recall_wait),
        RECALL_TEST(each_key_is_decided_by_exactly_one),
        RECALL_TEST(no_value_is_ever_torn_or_anothers),
        RECALL_TEST(kills_in_the_middle_leave_a_working_table),
        RECALL_TEST(garbage_blocks_nobody),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    atexit(apr_terminate);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
