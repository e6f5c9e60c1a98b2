/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of a process that cannot be opened at first: losses are
 * counted, nobody is held up, and it is opened as soon as it can be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "clock.h"
#include "dbds.h"
#include "log.h"
#include "outbox.h"
#include "segment.h"
#include "status.h"

#define CROWD 16

/* The linker sends libqdn's calls through here (-Wl,--wrap). */
static int no_thread;
static int attempts;
static apr_interval_time_t leap;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*start)(void *), void *baton);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*start)(void *), void *baton);
apr_interval_time_t __real_qdn_clock_mono(void);
apr_interval_time_t __wrap_qdn_clock_mono(void);

/* Only the flusher is a thread that is made detached. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*start)(void *), void *baton)
{
    if (attr) {
        __atomic_add_fetch(&attempts, 1, __ATOMIC_SEQ_CST);
        if (no_thread) {
            return EAGAIN;
        }
    }
    return __real_pthread_create(thread, attr, start, baton);
}

apr_interval_time_t __wrap_qdn_clock_mono(void)
{
    return __real_qdn_clock_mono() + leap;
}

typedef struct scene_t {
    apr_pool_t *pool;
    const char *dir;
    qdn_plan_t plan;
    qdn_counters_t counters;
    qdn_outbox_t *outbox;
    int said; /* messages */
} scene_t;

static void hear(void *baton, qdn_log_level_e level, apr_status_t status,
                 const char *message)
{
    scene_t *s = baton;

    assert_int_equal(level, QDN_LOG_ERR);
    assert_int_equal(status, EAGAIN);
    assert_memory_equal(message, "QDN0554: ", 9);
    s->said++;
}

static int setup(void **state)
{
    apr_pool_t *p;
    scene_t *s;

    apr_pool_create(&p, NULL);
    s = apr_pcalloc(p, sizeof(*s));
    s->pool = p;
    s->dir = qdn_dbds_dir(p);
    mkdir(apr_pstrcat(p, s->dir, "/journal", NULL), 0700);
    s->plan.state_dir = s->dir;
    s->plan.journal_wait = apr_time_from_sec(2);
    s->plan.journal_max = 1 << 30;
    no_thread = attempts = 0;
    leap = 0;
    qdn_log_set_sink(hear, s, QDN_LOG_NOTICE);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    scene_t *s = *state;

    qdn_outbox_close(s->outbox);
    qdn_log_set_sink(NULL, NULL, QDN_LOG_ERR);
    qdn_dbds_sweep(s->dir);
    apr_pool_destroy(s->pool);
    return 0;
}

static void begin(scene_t *s)
{
    s->outbox = qdn_outbox_open(&s->plan, "unit", &s->counters, s->pool);
}

static apr_status_t record(scene_t *s, int call)
{
    qdn_event_t events[2] = { qdn_dbds_event(call, 1, s->pool),
                              qdn_dbds_event(call, 2, s->pool) };

    return qdn_outbox_record(s->outbox, events, 2, s->pool);
}

static apr_uint64_t lost(scene_t *s)
{
    return qdn_counter_get(&s->counters, QDN_COUNT_JOURNAL_LOST);
}

static int files(scene_t *s)
{
    apr_array_header_t *list;

    assert_int_equal(
        qdn_segment_list(&list, apr_pstrcat(s->pool, s->dir, "/journal", NULL),
                         s->pool),
        APR_SUCCESS);
    return list->nelts;
}

static void what_is_recorded_is_in_the_journal(void **state)
{
    scene_t *s = *state;

    begin(s);
    assert_int_equal(record(s, 1), APR_SUCCESS);
    assert_int_equal(files(s), 1);
    assert_int_equal(attempts, 1);
    assert_int_equal(lost(s), 0);
}

static void it_is_opened_when_it_can_be(void **state)
{
    scene_t *s = *state;

    no_thread = 1;
    begin(s);
    assert_int_equal(attempts, 1);
    assert_int_equal(record(s, 1), QDN_EFULL);
    no_thread = 0;
    assert_int_equal(record(s, 2), QDN_EFULL); /* not so soon */
    assert_int_equal(attempts, 1);
    assert_int_equal(lost(s), 4);
    leap = apr_time_from_sec(1);
    assert_int_equal(record(s, 3), APR_SUCCESS);
    assert_int_equal(record(s, 4), APR_SUCCESS);
    assert_int_equal(attempts, 2);
    assert_int_equal(lost(s), 4);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_JOURNAL_EVENTS),
                     8);
    assert_int_equal(s->said, 1);
}

static void it_is_tried_once_a_second(void **state)
{
    scene_t *s = *state;

    no_thread = 1;
    begin(s);
    for (int i = 1; i <= 20; i++) {
        leap = apr_time_from_msec(250 * i);
        assert_int_equal(record(s, i), QDN_EFULL);
    }
    assert_in_range(attempts, 5, 6); /* fewer on a machine that stands still */
    assert_int_equal(s->said, attempts);
    assert_int_equal(lost(s), 40);
}

static void *come(void *baton)
{
    scene_t *s = baton;
    apr_pool_t *p;
    qdn_event_t e;

    apr_pool_create_unmanaged_ex(&p, NULL, NULL);
    e = qdn_dbds_event(1, 1, p);
    (void)qdn_outbox_record(s->outbox, &e, 1, p);
    apr_pool_destroy(p);
    return NULL;
}

static void a_crowd_opens_it_once(void **state)
{
    scene_t *s = *state;
    pthread_t threads[CROWD];

    no_thread = 1;
    begin(s);
    no_thread = 0;
    leap = apr_time_from_sec(1);
    for (int i = 0; i < CROWD; i++) {
        __real_pthread_create(&threads[i], NULL, come, s);
    }
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(attempts, 2);
    assert_int_equal(record(s, 2), APR_SUCCESS);
    assert_int_equal(files(s), 1);
}

static void nothing_is_opened_after_the_end(void **state)
{
    scene_t *s = *state;

    begin(s);
    assert_int_equal(qdn_outbox_close(s->outbox), APR_SUCCESS);
    leap = apr_time_from_sec(5);
    assert_int_equal(record(s, 1), QDN_EFULL);
    assert_int_equal(attempts, 1);
    assert_int_equal(lost(s), 2);
    assert_int_equal(qdn_outbox_close(s->outbox), APR_SUCCESS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_recorded_is_in_the_journal),
        TEST(it_is_opened_when_it_can_be),
        TEST(it_is_tried_once_a_second),
        TEST(a_crowd_opens_it_once),
        TEST(nothing_is_opened_after_the_end),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
