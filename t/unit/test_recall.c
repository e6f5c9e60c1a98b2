/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table hammered by threads of several processes, killed in the middle,
 * full, garbled and aged. Linked with --wrap=qdn_clock_mono, so that a test
 * can let a quarter of an hour pass.
 */
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
#include "recall.h"
#include "status.h"

#define SLOTS     512
#define MEAN      1024
#define PROCESSES 3
#define THREADS   3
#define ROUNDS    2000
#define BLOWS     4000 /* of each thread of the hammer */
#define KEYS      96   /* that the hammer uses */

/* Over QDN_RECALL_WAIT: scheduling on a loaded machine. */
#define TOLERANCE apr_time_from_sec(1)

static apr_pool_t *pool;
static apr_interval_time_t clock_offset;

apr_interval_time_t __real_qdn_clock_mono(void);
apr_interval_time_t __wrap_qdn_clock_mono(void);

apr_interval_time_t __wrap_qdn_clock_mono(void)
{
    return __real_qdn_clock_mono() + clock_offset;
}

static void *shared(apr_size_t size)
{
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(map != MAP_FAILED);
    return map;
}

static qdn_recall_t *table(int slots, apr_size_t mean)
{
    return qdn_recall_init(shared(qdn_recall_size(slots, mean)), slots, mean);
}

static const char *key_of(unsigned n, char key[QDN_ID_HEX + 1])
{
    char text[16];
    const char *parts[] = { text, NULL };

    snprintf(text, sizeof(text), "%u", n);
    qdn_digest_id(parts, key);
    return key;
}

static int setup(void **state)
{
    (void)state;
    clock_offset = 0;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static void check_value(qdn_recall_t *recall, const char *key,
                        const void *value, apr_size_t len)
{
    const char *got;
    apr_size_t n;

    assert_int_equal(qdn_recall_claim(recall, key, &got, &n, pool), APR_EEXIST);
    assert_int_equal(n, len);
    assert_memory_equal(got, value, len);
    assert_int_equal(got[len], '\0');
}

static apr_status_t claim(qdn_recall_t *recall, const char *key)
{
    const char *value;
    apr_size_t len;

    return qdn_recall_claim(recall, key, &value, &len, pool);
}

static void recall_returns_what_was_put(void **state)
{
    static const apr_size_t lens[] = {
        0, 1, 7, 8, 9, 16, 700, 3839, 3840, 3841
    };
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char value[QDN_RECALL_VALUE + 1];
    char key[QDN_ID_HEX + 1];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(value); i++) {
        value[i] = (char)(i * 31);
    }
    for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        key_of((unsigned)i, key);
        assert_int_equal(claim(recall, key), APR_SUCCESS);
        qdn_recall_put(recall, key, value, lens[i]);
        if (lens[i] <= QDN_RECALL_VALUE) {
            check_value(recall, key, value, lens[i]);
        }
        else {
            assert_int_equal(claim(recall, key), APR_SUCCESS);
        }
    }
    /* The later ones have not disturbed the earlier. */
    for (i = 0; lens[i] <= QDN_RECALL_VALUE; i++) {
        check_value(recall, key_of((unsigned)i, key), value, lens[i]);
    }
}

static void dropped_claim_is_free_again(void **state)
{
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];

    (void)state;
    key_of(1, key);
    assert_int_equal(claim(recall, key), APR_SUCCESS);
    qdn_recall_drop(recall, key);
    assert_int_equal(claim(recall, key), APR_SUCCESS);
    qdn_recall_put(recall, key, "a", 1);
    qdn_recall_drop(recall, key); /* no claim any more */
    qdn_recall_put(recall, key, "b", 1);
    check_value(recall, key, "a", 1);
}

static void put_without_claim_changes_nothing(void **state)
{
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];

    (void)state;
    qdn_recall_put(recall, key_of(1, key), "a", 1);
    assert_int_equal(claim(recall, key), APR_SUCCESS);
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
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    char value[8];
    apr_size_t len;
    size_t i;

    (void)state;
    key_of(1, key);
    assert_int_equal(claim(NULL, key), QDN_EFULL);
    assert_int_equal(qdn_recall_set(NULL, key, "a", 1), QDN_EFULL);
    assert_int_equal(qdn_recall_get(NULL, key, value, sizeof(value), &len),
                     APR_NOTFOUND);
    qdn_recall_put(NULL, key, "a", 1);
    qdn_recall_drop(NULL, key);
    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(claim(recall, none[i]), QDN_EFULL);
        assert_int_equal(qdn_recall_set(recall, none[i], "a", 1), QDN_EFULL);
    }
}

static void set_replaces_and_get_reads(void **state)
{
    qdn_recall_t *recall = table(SLOTS, 16);
    char big[QDN_RECALL_VALUE + 1] = "";
    char key[QDN_ID_HEX + 1];
    char value[16];
    apr_size_t len;

    (void)state;
    key_of(1, key);
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
    assert_int_equal(claim(recall, key_of(2, key)), APR_SUCCESS);
    assert_int_equal(qdn_recall_get(recall, key, value, sizeof(value), &len),
                     APR_NOTFOUND);
}

static void values_are_forgotten_after_a_quarter_of_an_hour(void **state)
{
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char reply[QDN_ID_HEX + 1], leg[QDN_ID_HEX + 1];
    char value[16];
    apr_size_t len;

    (void)state;
    assert_int_equal(claim(recall, key_of(1, reply)), APR_SUCCESS);
    qdn_recall_put(recall, reply, "a", 1);
    assert_int_equal(qdn_recall_set(recall, key_of(2, leg), "b", 1),
                     APR_SUCCESS);
    clock_offset += QDN_RECALL_KEEP - apr_time_from_sec(30);
    check_value(recall, reply, "a", 1);
    assert_int_equal(qdn_recall_set(recall, leg, "c", 1), APR_SUCCESS);
    clock_offset += apr_time_from_sec(31);
    assert_int_equal(claim(recall, reply), APR_SUCCESS);
    /* Set anew, so its time began anew. */
    assert_int_equal(qdn_recall_get(recall, leg, value, sizeof(value), &len),
                     APR_SUCCESS);
    clock_offset += QDN_RECALL_KEEP;
    assert_int_equal(qdn_recall_get(recall, leg, value, sizeof(value), &len),
                     APR_NOTFOUND);
}

static void full_bucket_forgets_its_oldest(void **state)
{
    qdn_recall_t *recall = table(8, MEAN);
    char key[QDN_ID_HEX + 1];
    unsigned i;

    (void)state;
    for (i = 0; i < 8; i++) {
        assert_int_equal(claim(recall, key_of(i, key)), APR_SUCCESS);
    }
    /* All in flight: nothing may be pushed out, and nobody waits for that. */
    assert_int_equal(claim(recall, key_of(8, key)), QDN_EFULL);
    assert_int_equal(qdn_recall_set(recall, key, "x", 1), QDN_EFULL);
    for (i = 0; i < 8; i++) {
        qdn_recall_put(recall, key_of(i, key), key, QDN_ID_HEX);
    }
    clock_offset += apr_time_from_sec(5);
    assert_int_equal(qdn_recall_set(recall, key_of(0, key), key, QDN_ID_HEX),
                     APR_SUCCESS);
    clock_offset += apr_time_from_sec(5);
    assert_int_equal(claim(recall, key_of(8, key)), APR_SUCCESS);
    check_value(recall, key_of(0, key), key_of(0, key), QDN_ID_HEX);
    assert_int_equal(claim(recall, key_of(1, key)), APR_SUCCESS);
}

/* More values than the ring holds: the early ones are gone, none is wrong. */
static void overwritten_values_are_decided_afresh(void **state)
{
    qdn_recall_t *recall = table(8, 8);
    char value[QDN_RECALL_VALUE];
    char key[QDN_ID_HEX + 1];

    (void)state;
    memset(value, 'v', sizeof(value));
    assert_int_equal(claim(recall, key_of(1, key)), APR_SUCCESS);
    qdn_recall_put(recall, key, value, sizeof(value));
    check_value(recall, key, value, sizeof(value));
    assert_int_equal(claim(recall, key_of(2, key)), APR_SUCCESS);
    qdn_recall_put(recall, key, value, sizeof(value));
    assert_int_equal(claim(recall, key_of(1, key)), APR_SUCCESS);
    qdn_recall_put(recall, key, "new", 3);
    check_value(recall, key, "new", 3);
}

/* A process that claims the key and waits to be killed. */
static pid_t claimant(qdn_recall_t *recall, const char *key)
{
    int ready[2];
    char c;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        c = claim(recall, key) == APR_SUCCESS ? 'y' : 'n';
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
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    apr_interval_time_t began;

    (void)state;
    bury(claimant(recall, key_of(1, key)));
    began = qdn_clock_mono();
    assert_int_equal(claim(recall, key), APR_SUCCESS);
    assert_true(qdn_clock_mono() - began < TOLERANCE);
    qdn_recall_put(recall, key, "a", 1);
    check_value(recall, key, "a", 1);
}

static void claims_of_killed_processes_leave_room(void **state)
{
    qdn_recall_t *recall = table(8, MEAN);
    char key[QDN_ID_HEX + 1];
    unsigned i;

    (void)state;
    for (i = 0; i < 8; i++) {
        bury(claimant(recall, key_of(i, key)));
    }
    assert_int_equal(claim(recall, key_of(8, key)), APR_SUCCESS);
}

static void old_claim_is_taken_over_and_put_by_one(void **state)
{
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    pid_t pid = claimant(recall, key_of(1, key));

    (void)state;
    clock_offset += QDN_RECALL_WAIT + apr_time_from_sec(1);
    assert_int_equal(claim(recall, key), APR_SUCCESS);
    qdn_recall_put(recall, key, "a", 1);
    bury(pid);
    check_value(recall, key, "a", 1);
}

static void nobody_waits_longer_than_recall_wait(void **state)
{
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    apr_interval_time_t began, took;
    pid_t pid;

    (void)state;
    /* Stamped ahead of us, so that it is not old when our patience ends. */
    clock_offset = apr_time_from_msec(500);
    pid = claimant(recall, key_of(1, key));
    clock_offset = 0;
    began = qdn_clock_mono();
    assert_int_equal(claim(recall, key), APR_TIMEUP);
    took = qdn_clock_mono() - began;
    assert_true(took >= QDN_RECALL_WAIT);
    assert_true(took < QDN_RECALL_WAIT + TOLERANCE);
    /* Somebody else's claim: not ours to finish. */
    qdn_recall_put(recall, key, "a", 1);
    qdn_recall_drop(recall, key);
    assert_int_equal(claim(recall, key), APR_SUCCESS);
    bury(pid);
}

static void *put_later(void *recall)
{
    char key[QDN_ID_HEX + 1];

    usleep(100 * 1000);
    qdn_recall_put(recall, key_of(1, key), "late", 4);
    return NULL;
}

static void second_copy_waits_for_the_first(void **state)
{
    qdn_recall_t *recall = table(SLOTS, MEAN);
    char key[QDN_ID_HEX + 1];
    apr_interval_time_t began = qdn_clock_mono();
    pthread_t thread;

    (void)state;
    assert_int_equal(claim(recall, key_of(1, key)), APR_SUCCESS);
    assert_int_equal(pthread_create(&thread, NULL, put_later, recall), 0);
    check_value(recall, key, "late", 4);
    assert_true(qdn_clock_mono() - began >= apr_time_from_msec(90));
    assert_int_equal(pthread_join(thread, NULL), 0);
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
    crowd_t *crowd = shared(sizeof(*crowd));

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

        key_of(i, key);
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
    crowd_t *crowd = new_crowd(table(8 * ROUNDS, 64));
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
        key_of(n, key);
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
    crowd_t *crowd = new_crowd(table(64, 128));

    (void)state;
    run_crowd(crowd, hammer);
    print_message("# %u values recalled, %u claims lost\n", crowd->repeats,
                  crowd->losses);
    assert_true(crowd->repeats > 1000);
}

/* Children hammer and are killed without warning, again and again. */
static void kills_in_the_middle_leave_a_working_table(void **state)
{
    crowd_t *crowd = new_crowd(table(16, 128));
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
        assert_int_equal(claim(crowd->recall, key_of(i, key)), APR_SUCCESS);
        qdn_recall_put(crowd->recall, key, key, QDN_ID_HEX);
        check_value(crowd->recall, key, key, QDN_ID_HEX);
    }
    assert_true(qdn_clock_mono() - began < TOLERANCE);
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
        qdn_recall_t *recall = table(8, 16);
        char *bytes = (char *)recall + HEADER;
        apr_interval_time_t began = qdn_clock_mono();
        char value[QDN_RECALL_VALUE];
        apr_size_t len;
        int i;

        for (i = 0; i < ENTRIES; i++) {
            bytes[i] = (char)rand_r(&seed);
        }
        /* Half of the time the entries are about the key that is asked. */
        key_of((unsigned)turn, key);
        if (turn % 2) {
            for (i = 0; i < 8; i++) {
                apr_uint64_t half[2];

                sscanf(key, "%16lx%16lx", &half[0], &half[1]);
                memcpy(bytes + i * 32 + 8, half, sizeof(half));
            }
        }
        qdn_recall_get(recall, key, value, sizeof(value), &len);
        if (turn < 64) {
            claim(recall, key); /* may wait for a claim of garbage */
        }
        else {
            qdn_recall_put(recall, key, "a", 1);
            qdn_recall_drop(recall, key);
        }
        assert_true(qdn_clock_mono() - began < QDN_RECALL_WAIT + TOLERANCE);
        munmap(recall, qdn_recall_size(8, 16));
    }
}

static void memory_is_touched_as_values_come(void **state)
{
    apr_size_t page = (apr_size_t)sysconf(_SC_PAGESIZE);
    apr_size_t size = qdn_recall_size(4096, MEAN);
    unsigned char resident[4096];
    qdn_recall_t *recall = table(4096, MEAN);
    char key[QDN_ID_HEX + 1];
    apr_size_t i, pages = 0;

    (void)state;
    assert_true(size / page < sizeof(resident));
    for (i = 0; i < 100; i++) {
        assert_int_equal(claim(recall, key_of((unsigned)i, key)), APR_SUCCESS);
        qdn_recall_put(recall, key, key, QDN_ID_HEX);
    }
    assert_int_equal(mincore(recall, size, resident), 0);
    for (i = 0; i < (size + page - 1) / page; i++) {
        pages += resident[i] & 1;
    }
    print_message("# %lu of %lu KiB are in use\n", pages * page / 1024,
                  size / 1024);
    assert_true(pages * page < 160 * 1024); /* 4096 entries of 32 bytes */
}

#define RECALL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
        RECALL_TEST(claim_of_a_killed_process_is_taken_over),
        RECALL_TEST(claims_of_killed_processes_leave_room),
        RECALL_TEST(old_claim_is_taken_over_and_put_by_one),
        RECALL_TEST(nobody_waits_longer_than_recall_wait),
        RECALL_TEST(second_copy_waits_for_the_first),
        RECALL_TEST(each_key_is_decided_by_exactly_one),
        RECALL_TEST(no_value_is_ever_torn_or_anothers),
        RECALL_TEST(kills_in_the_middle_leave_a_working_table),
        RECALL_TEST(garbage_blocks_nobody),
        RECALL_TEST(memory_is_touched_as_values_come),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    atexit(apr_terminate);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
