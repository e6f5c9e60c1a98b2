/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox: durable when it says so, never longer than told, nothing lost
 * or unreadable when the disk fails, and an end that waits for nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "clock.h"
#include "dbds.h"
#include "journal.h"
#include "log.h"
#include "segment.h"
#include "status.h"

/************** what the disk is made to do **************/

/*
 * The linker sends the journal's calls through here (-Wl,--wrap). Each fault
 * is counted down: that many more calls fail with that error.
 */
static struct {
    int write_fails, write_short, sync_fails, create_fails, cut_fails;
    int frozen; /* write does not return */
    int error;
} disk;

static int due(int *fault)
{
    int left = __atomic_load_n(fault, __ATOMIC_SEQ_CST);

    if (left == 0) {
        return 0;
    }
    if (left > 0) {
        __atomic_sub_fetch(fault, 1, __ATOMIC_SEQ_CST);
    }
    errno = disk.error;
    return 1;
}

ssize_t __real_writev(int fd, const struct iovec *iov, int n);
ssize_t __wrap_writev(int fd, const struct iovec *iov, int n);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_openat(int dirfd, const char *path, int flags, mode_t mode);
int __wrap_openat(int dirfd, const char *path, int flags, ...);
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);

ssize_t __wrap_writev(int fd, const struct iovec *iov, int n)
{
    while (__atomic_load_n(&disk.frozen, __ATOMIC_SEQ_CST)) {
        usleep(2000);
    }
    if (due(&disk.write_short)) {
        return __real_writev(fd, &(struct iovec){ iov->iov_base, 7 }, 1);
    }
    return due(&disk.write_fails) ? -1 : __real_writev(fd, iov, n);
}

int __wrap_fdatasync(int fd)
{
    return due(&disk.sync_fails) ? -1 : __real_fdatasync(fd);
}

int __wrap_openat(int dirfd, const char *path, int flags, ...)
{
    return due(&disk.create_fails) ? -1
                                   : __real_openat(dirfd, path, flags, 0600);
}

int __wrap_ftruncate(int fd, off_t size)
{
    return due(&disk.cut_fails) ? -1 : __real_ftruncate(fd, size);
}

/************** the scene **************/

typedef struct scene_t {
    apr_pool_t *pool;
    const char *dir;
    qdn_counters_t counters;
    qdn_journal_config_t config;
    qdn_journal_t *journal;
    char said[4096]; /* tags of messages, "0301 0302 " */
} scene_t;

static void hear(void *baton, qdn_log_level_e level, apr_status_t status,
                 const char *message)
{
    scene_t *s = baton;

    (void)level;
    (void)status;
    if (strlen(s->said) < sizeof(s->said) - 8) {
        strncat(s->said, message + 3, 4);
        strcat(s->said, " ");
    }
}

static int setup(void **state)
{
    apr_pool_t *p;
    scene_t *s;

    apr_pool_create(&p, NULL);
    s = apr_pcalloc(p, sizeof(*s));
    s->pool = p;
    s->dir = qdn_dbds_dir(p);
    s->config = (qdn_journal_config_t){ .dir = s->dir,
                                        .host = "unit",
                                        .sync = 1,
                                        .wait = apr_time_from_sec(2),
                                        .max = 1 << 30,
                                        .counters = &s->counters };
    memset(&disk, 0, sizeof(disk));
    disk.error = ENOSPC;
    qdn_log_set_sink(hear, s, QDN_LOG_DEBUG);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    scene_t *s = *state;

    qdn_log_set_sink(NULL, NULL, QDN_LOG_ERR);
    qdn_dbds_sweep(s->dir);
    apr_pool_destroy(s->pool);
    return 0;
}

static void start(scene_t *s)
{
    assert_int_equal(qdn_journal_open(&s->journal, &s->config), APR_SUCCESS);
}

static apr_status_t append(scene_t *s, int call)
{
    qdn_event_t events[3];

    for (int n = 0; n < 3; n++) {
        events[n] = qdn_dbds_event(call, n, s->pool);
    }
    return qdn_journal_append(s->journal, events, 3, s->pool);
}

static apr_uint64_t counted(scene_t *s, qdn_counter_e which)
{
    return qdn_counter_get(&s->counters, which);
}

/* What is in the files; fails the test for a damaged line. */
typedef struct found_t {
    int segments;
    apr_int64_t lines;
    apr_int64_t bytes;
    apr_int64_t torn;
} found_t;

static found_t look(scene_t *s)
{
    apr_array_header_t *list;
    found_t found = { 0 };

    assert_int_equal(qdn_segment_list(&list, s->dir, s->pool), APR_SUCCESS);
    found.segments = list->nelts;
    for (int i = 0; i < list->nelts; i++) {
        const qdn_segment_t *segment = &APR_ARRAY_IDX(list, i, qdn_segment_t);
        qdn_segment_health_t h;

        assert_int_equal(qdn_segment_verify(&h,
                                            apr_pstrcat(s->pool, s->dir, "/",
                                                        segment->name, NULL),
                                            0, s->pool),
                         APR_SUCCESS);
        assert_int_equal(h.bad, 0);
        found.lines += h.lines;
        found.torn += h.torn;
        found.bytes += segment->size;
    }
    return found;
}

static apr_interval_time_t since(apr_time_t began)
{
    return qdn_clock_mono() - began;
}

/************** the tests **************/

static void an_idle_journal_leaves_no_file(void **state)
{
    scene_t *s = *state;

    start(s);
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).segments, 0);
}

static void what_is_appended_is_in_the_file(void **state)
{
    scene_t *s = *state;

    start(s);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(append(s, i), APR_SUCCESS);
        assert_int_equal(look(s).lines, (i + 1) * 3);
    }
    assert_int_equal(qdn_journal_append(s->journal, NULL, 0, s->pool),
                     APR_SUCCESS);
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).segments, 1);
    assert_int_equal(look(s).torn, 0);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_EVENTS), 150);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_BYTES), look(s).bytes);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 0);
}

static void a_missing_directory_is_waited_for(void **state)
{
    scene_t *s = *state;

    qdn_dbds_sweep(s->dir);
    s->config.wait = apr_time_from_msec(150);
    start(s);
    assert_int_equal(append(s, 1), APR_TIMEUP);
    assert_int_equal(mkdir(s->dir, 0700), 0);
    while (append(s, 2) != APR_SUCCESS) {
    }
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).lines, counted(s, QDN_COUNT_JOURNAL_EVENTS));
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 0);
    assert_string_equal(s->said, "0301 0302 ");
}

/* What was in it is gone; nothing is told to be kept that is not. */
static void a_directory_made_again_is_found(void **state)
{
    scene_t *s = *state;

    start(s);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(append(s, i), APR_SUCCESS);
        assert_int_equal(look(s).lines, 3);
        qdn_dbds_sweep(s->dir);
        assert_int_equal(mkdir(s->dir, 0700), 0);
    }
    assert_int_equal(append(s, 3), APR_SUCCESS);
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).lines, 3);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 0);
    assert_string_equal(s->said, "0301 0302 0301 0302 0301 0302 ");
}

typedef struct worker_t {
    scene_t *scene;
    int number;
    int failed;
    pthread_t thread;
} worker_t;

static void *work(void *baton)
{
    worker_t *w = baton;
    apr_pool_t *p;

    apr_pool_create_unmanaged_ex(&p, NULL, NULL);
    for (int i = 0; i < 500; i++) {
        qdn_event_t e = qdn_dbds_event(w->number * 500 + i, 1, p);

        w->failed += qdn_journal_append(w->scene->journal, &e, 1, p) != 0;
        apr_pool_clear(p);
    }
    apr_pool_destroy(p);
    return NULL;
}

static void many_threads_share_it(void **state)
{
    scene_t *s = *state;
    worker_t workers[16];

    start(s);
    for (int i = 0; i < 16; i++) {
        workers[i] = (worker_t){ .scene = s, .number = i };
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < 16; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].failed, 0);
    }
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).lines, 16 * 500);
}

/* Each fault passes after some tries; what was waiting is then written. */
static void failing_disks_are_outwaited(void **state)
{
    scene_t *s = *state;
    static const struct {
        int *fault;
        int error;
    } faults[] = {
        { &disk.write_fails, ENOSPC }, { &disk.write_fails, EIO },
        { &disk.write_short, ENOSPC }, { &disk.create_fails, EROFS },
        { &disk.sync_fails, EIO },
    };

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        apr_uint64_t errors = counted(s, QDN_COUNT_JOURNAL_ERRORS);
        apr_int64_t before = look(s).lines;

        s->said[0] = '\0';
        disk.error = faults[i].error;
        start(s);
        __atomic_store_n(faults[i].fault, 2, __ATOMIC_SEQ_CST);
        if (faults[i].fault == &disk.write_short) {
            __atomic_store_n(&disk.write_short, 1, __ATOMIC_SEQ_CST);
            __atomic_store_n(&disk.write_fails, 1, __ATOMIC_SEQ_CST);
        }
        assert_int_equal(append(s, (int)i), APR_SUCCESS);
        assert_int_equal(append(s, (int)i + 100), APR_SUCCESS);
        assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
        /* After a failed sync the lines stand twice, which is harmless. */
        assert_true(look(s).lines >= before + 6);
        assert_true(faults[i].fault == &disk.sync_fails ||
                    look(s).lines == before + 6);
        assert_true(counted(s, QDN_COUNT_JOURNAL_ERRORS) > errors);
        assert_string_equal(s->said, "0301 0302 ");
    }
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 0);
    assert_int_equal(look(s).torn, 0);
}

/* Where even cutting fails, the torn end is left to the reader. */
static void a_half_line_spoils_no_other(void **state)
{
    scene_t *s = *state;

    start(s);
    assert_int_equal(append(s, 1), APR_SUCCESS);
    disk.cut_fails = 1;
    disk.write_fails = 1;
    disk.write_short = 1;
    assert_int_equal(append(s, 2), APR_SUCCESS);
    assert_int_equal(append(s, 3), APR_SUCCESS);
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).lines, 9);
    assert_int_equal(look(s).torn, 7);
    assert_int_equal(look(s).segments, 2);
}

/* The kernel's own answer instead of a made-up one. */
static void a_file_size_limit_is_survived(void **state)
{
    scene_t *s = *state;
    struct rlimit old, small;
    apr_status_t rv;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){ 4000, old.rlim_max };
    s->config.wait = apr_time_from_msec(150);
    start(s);
    assert_int_equal(append(s, 1), APR_SUCCESS);
    setrlimit(RLIMIT_FSIZE, &small);
    for (int i = 2; (rv = append(s, i)) == APR_SUCCESS; i++) {
        assert_true(i < 100);
    }
    assert_int_equal(rv, APR_TIMEUP);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LATE), 1);
    setrlimit(RLIMIT_FSIZE, &old);
    s->config.wait = apr_time_from_sec(2);
    while (append(s, 500) != APR_SUCCESS) {
    }
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).lines, counted(s, QDN_COUNT_JOURNAL_EVENTS));
    assert_int_equal(look(s).torn, 0);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 0);
}

static void a_frozen_disk_holds_nobody_up(void **state)
{
    scene_t *s = *state;
    apr_time_t began;

    s->config.wait = apr_time_from_msec(200);
    start(s);
    __atomic_store_n(&disk.frozen, 1, __ATOMIC_SEQ_CST);
    began = qdn_clock_mono();
    assert_int_equal(append(s, 1), APR_TIMEUP);
    assert_in_range(since(began), 190000, 400000);
    began = qdn_clock_mono();
    assert_int_equal(append(s, 2), APR_TIMEUP);
    assert_in_range(since(began), 190000, 400000);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LATE), 2);
    __atomic_store_n(&disk.frozen, 0, __ATOMIC_SEQ_CST);
    assert_int_equal(append(s, 3), APR_SUCCESS);
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).lines, 9);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 0);
}

static void memory_has_an_end(void **state)
{
    scene_t *s = *state;
    int kept = 0;
    apr_status_t rv;

    s->config.wait = 1;
    start(s);
    __atomic_store_n(&disk.frozen, 1, __ATOMIC_SEQ_CST);
    while ((rv = append(s, kept)) == APR_TIMEUP) {
        kept++;
    }
    assert_int_equal(rv, QDN_EFULL);
    assert_int_equal(append(s, kept), QDN_EFULL);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 6);
    assert_string_equal(s->said, "0303 "); /* once, not for each */
    assert_in_range(kept, 3000, QDN_JOURNAL_RING / 900);
    __atomic_store_n(&disk.frozen, 0, __ATOMIC_SEQ_CST);
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).lines, kept * 3);
}

static void the_directory_has_an_end(void **state)
{
    scene_t *s = *state;
    apr_status_t rv = APR_SUCCESS;

    s->config.max = 2000;
    start(s);
    for (int i = 0; i < 300 && rv == APR_SUCCESS; i++) {
        rv = append(s, i);
        usleep(10000);
    }
    assert_int_equal(rv, QDN_EFULL);
    assert_true(counted(s, QDN_COUNT_JOURNAL_LOST) >= 3);
    assert_string_equal(s->said, "0303 ");
    qdn_dbds_sweep(s->dir); /* as if drained */
    mkdir(s->dir, 0700);
    usleep(1200000);
    assert_int_equal(append(s, 1), APR_SUCCESS);
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
}

static void segments_are_changed_when_large(void **state)
{
    scene_t *s = *state;
    qdn_event_t e = qdn_dbds_event(1, 1, s->pool);
    char *detail = apr_palloc(s->pool, 900001);

    memset(detail, 'x', 900000);
    detail[900000] = '\0';
    e.detail = detail;
    start(s);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(qdn_journal_append(s->journal, &e, 1, s->pool),
                         APR_SUCCESS);
    }
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_int_equal(look(s).lines, 20);
    assert_in_range(look(s).segments, 2, 3);
}

static void closing_waits_for_no_disk(void **state)
{
    scene_t *s = *state;
    apr_time_t began;

    /* One that says no: what is left is counted as lost. */
    s->config.wait = 1000;
    start(s);
    disk.write_fails = -1;
    assert_int_equal(append(s, 1), APR_TIMEUP);
    began = qdn_clock_mono();
    assert_int_equal(qdn_journal_close(s->journal), APR_SUCCESS);
    assert_true(since(began) < 1000000);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 3);
    assert_non_null(strstr(s->said, "0304"));
    /* One that says nothing: the flusher is left behind. */
    disk.write_fails = 0;
    start(s);
    __atomic_store_n(&disk.frozen, 1, __ATOMIC_SEQ_CST);
    assert_int_equal(append(s, 1), APR_TIMEUP);
    began = qdn_clock_mono();
    assert_int_equal(qdn_journal_close(s->journal), APR_TIMEUP);
    assert_true(since(began) < 1100000);
    assert_int_equal(counted(s, QDN_COUNT_JOURNAL_LOST), 6);
    __atomic_store_n(&disk.frozen, 0, __ATOMIC_SEQ_CST);
    usleep(100000);
}

/* As on prefork: the clean-up runs in a handler over a waiting request. */
static scene_t *signalled;

static void close_in_handler(int number)
{
    (void)number;
    assert_int_equal(qdn_journal_close(signalled->journal), APR_SUCCESS);
}

static void *interrupt(void *baton)
{
    usleep(100000);
    pthread_kill(*(pthread_t *)baton, SIGUSR2);
    usleep(100000);
    __atomic_store_n(&disk.frozen, 0, __ATOMIC_SEQ_CST);
    return NULL;
}

static void closing_over_a_request_does_not_lock_up(void **state)
{
    scene_t *s = *state;
    pthread_t self = pthread_self(), other;
    apr_time_t began = qdn_clock_mono();

    signalled = s;
    signal(SIGUSR2, close_in_handler);
    start(s);
    __atomic_store_n(&disk.frozen, 1, __ATOMIC_SEQ_CST);
    pthread_create(&other, NULL, interrupt, &self);
    assert_int_equal(append(s, 1), APR_SUCCESS);
    pthread_join(other, NULL);
    assert_true(since(began) < 1500000);
    assert_int_equal(look(s).lines, 3);
    signal(SIGUSR2, SIG_DFL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_idle_journal_leaves_no_file),
        TEST(what_is_appended_is_in_the_file),
        TEST(a_missing_directory_is_waited_for),
        TEST(a_directory_made_again_is_found),
        TEST(many_threads_share_it),
        TEST(failing_disks_are_outwaited),
        TEST(a_half_line_spoils_no_other),
        TEST(a_file_size_limit_is_survived),
        TEST(a_frozen_disk_holds_nobody_up),
        TEST(memory_has_an_end),
        TEST(the_directory_has_an_end),
        TEST(segments_are_changed_when_large),
        TEST(closing_waits_for_no_disk),
        TEST(closing_over_a_request_does_not_lock_up),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
