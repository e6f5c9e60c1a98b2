/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that ask the system for something: whatever of it fails, they say
 * so or have done their work all the same, leave no descriptor open, and can
 * be asked again. A signal in a slow call is never a failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "command_output.h"
#include "control.h"
#include "dbds.h"
#include "faults.h"
#include "parked.h"
#include "segment.h"
#include "status.h"

#define SEGMENT "unit-1-00112233445566778899.00000001.jsonl"
#define LINE    "a line\n"

static apr_pool_t *pool;
static const char *dir;

static const char *in_dir(const char *name)
{
    return apr_pstrcat(pool, dir, "/", name, NULL);
}

static int entries(const char *path)
{
    DIR *d = opendir(path);
    int n = -2; /* . and .. */

    assert_non_null(d);
    while (readdir(d)) {
        n++;
    }
    closedir(d);
    return n;
}

static const char *content(const char *path)
{
    char *text = apr_pcalloc(pool, 256);
    FILE *file = fopen(path, "r");

    if (!file) {
        return "(none)";
    }
    text[fread(text, 1, 255, file)] = '\0';
    fclose(file);
    return text;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(in_dir(name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void empty_dir(void)
{
    if (dir) {
        qdn_dbds_sweep(dir);
    }
    dir = qdn_dbds_dir(pool);
}

/************** what is tried **************/

/*
 * prepare: faults are off. run: they are on; nothing is asserted here.
 * check: they are off again; rv is what run returned. If rv is APR_SUCCESS
 * the work must have been done.
 */
typedef struct trial_t {
    const char *name;
    void (*prepare)(void);
    apr_status_t (*run)(void);
    void (*check)(apr_status_t rv);
    int tolerant; /* may succeed although something failed */
} trial_t;

static apr_status_t park(void)
{
    int fresh;

    return qdn_parked_put(dir, SEGMENT, 7, LINE, strlen(LINE), &fresh);
}

static void check_park(apr_status_t rv)
{
    const char *path = in_dir("unit-1-00112233445566778899.00000001.7.jsonl");

    if (rv != APR_SUCCESS) {
        assert_int_equal(park(), APR_SUCCESS);
    }
    assert_string_equal(content(path), LINE);
    assert_int_equal(entries(dir), 1);
}

static apr_int64_t counted;

static void two_parked(void)
{
    empty_dir();
    put("a.jsonl", LINE);
    put("b.jsonl", LINE);
}

static apr_status_t count_parked(void)
{
    counted = qdn_parked_count(dir);
    return counted == 2 ? APR_SUCCESS : APR_EGENERAL;
}

static void check_count(apr_status_t rv)
{
    assert_true(rv == APR_SUCCESS || counted == 0);
}

static int created_fd;
static char created[QDN_SEGMENT_NAME];

static apr_status_t create_segment(void)
{
    int dirfd = open(dir, O_RDONLY | O_DIRECTORY);
    apr_status_t rv = dirfd < 0 ? APR_EGENERAL
                                : qdn_segment_create(&created_fd, created,
                                                     dirfd, "unit-1-0", 3, 1);

    if (dirfd >= 0) {
        close(dirfd);
    }
    return rv;
}

static void check_create(apr_status_t rv)
{
    int other;

    assert_int_equal(entries(dir), rv == APR_SUCCESS);
    if (rv == APR_SUCCESS) {
        other = open(in_dir(created), O_RDONLY);
        assert_true(other >= 0);
        assert_int_not_equal(flock(other, LOCK_EX | LOCK_NB), 0);
        close(other);
        close(created_fd);
    }
}

static apr_array_header_t *listed;

static apr_status_t list_segments(void)
{
    return qdn_segment_list(&listed, dir, pool);
}

/* One that cannot be looked at is passed over, as one that has just gone. */
static void check_list(apr_status_t rv)
{
    assert_true(rv != APR_SUCCESS || listed->nelts >= 1);
}

static qdn_segment_health_t health;

static apr_status_t verify(void)
{
    return qdn_segment_verify(&health, in_dir("a.jsonl"), 0, pool);
}

static void check_verify(apr_status_t rv)
{
    assert_true(rv != APR_SUCCESS || health.bad == 1);
}

static char output[64];

static apr_status_t run_command(void)
{
    apr_size_t len = sizeof(output) - 1;
    const char *error = NULL;
    apr_status_t rv = qdn_command_output("/bin/echo a b", apr_time_from_sec(3),
                                         output, &len, &error, pool);

    output[len] = '\0';
    return rv == APR_SUCCESS || error ? rv : APR_ENOTIMPL;
}

static void check_command(apr_status_t rv)
{
    assert_int_not_equal(rv, APR_ENOTIMPL); /* without a sentence */
    if (rv == APR_SUCCESS) {
        assert_string_equal(output, "a b\n");
    }
}

/************** a daemon that is asked **************/

static qdn_control_t *control;
static int life[2];

static const char *answer(void *baton, const char *ask, const char *request,
                          const qdn_control_ticket_t *ticket, apr_pool_t *p)
{
    (void)ticket;
    (void)request;
    (void)baton;
    (void)p;
    return strcmp(ask, "ping") ? NULL : "{\"pong\":1}";
}

static apr_status_t listen_at(void)
{
    const char *error = NULL;
    apr_status_t rv;

    control = NULL;
    rv = qdn_control_listen(&control, in_dir("s"), answer, NULL, &error, pool);
    return rv == APR_SUCCESS || error ? rv : APR_ENOTIMPL;
}

static void check_listen(apr_status_t rv)
{
    assert_int_not_equal(rv, APR_ENOTIMPL);
    assert_int_equal(entries(dir), rv == APR_SUCCESS);
    if (control) {
        qdn_control_close(control);
    }
}

static void *serve(void *data)
{
    (void)data;
    while (qdn_control_serve(control, life[0], apr_time_from_msec(5)) ==
           APR_SUCCESS) {
        continue;
    }
    return NULL;
}

static void asked(void)
{
    empty_dir();
    assert_int_equal(listen_at(), APR_SUCCESS);
    assert_int_equal(pipe2(life, O_NONBLOCK), 0);
}

static const char *reply;

/* The faults are the daemon's as well as those of who asks. */
static apr_status_t ask(void)
{
    pthread_t thread;
    apr_pool_t *p;
    apr_status_t rv = APR_EGENERAL;

    apr_pool_create_unmanaged_ex(&p, NULL, NULL);
    reply = NULL;
    if (pthread_create(&thread, NULL, serve, NULL) == 0) {
        rv = qdn_control_ask(in_dir("s"), "{\"ask\":\"ping\"}", &reply,
                             apr_time_from_msec(300), p);
        reply = rv == APR_SUCCESS ? apr_pstrdup(pool, reply) : NULL;
        faults_pause();
        close(life[1]);
        pthread_join(thread, NULL);
        faults_resume();
    }
    else {
        close(life[1]);
    }
    apr_pool_destroy(p);
    return rv;
}

static void check_ask(apr_status_t rv)
{
    assert_true(rv != APR_SUCCESS || !strncmp(reply, "{\"pong\":1}", 10));
    close(life[0]);
    qdn_control_close(control);
}

/************** the tests **************/

static const trial_t trials[] = {
    { "qdn_parked_put", empty_dir, park, check_park, 0 },
    { "qdn_parked_count", two_parked, count_parked, check_count, 0 },
    { "qdn_segment_create", empty_dir, create_segment, check_create, 0 },
    { "qdn_segment_list", two_parked, list_segments, check_list, 1 },
    { "qdn_segment_verify", two_parked, verify, check_verify, 1 },
    { "qdn_command_output", empty_dir, run_command, check_command, 1 },
    { "qdn_control_listen", empty_dir, listen_at, check_listen, 1 },
    { "qdn_control_ask", asked, ask, check_ask, 1 },
};

/* In another order of threads a call may be another one: counts vary. */
static long once(const trial_t *trial, fault_e kind, long nth)
{
    int before, after;
    apr_status_t rv;
    long n;

    trial->prepare();
    before = entries("/proc/self/fd");
    faults_arm(kind, nth, 0);
    rv = trial->run();
    n = faults_count(kind);
    faults_disarm();
    if (!nth || kind == FAULT_INTERRUPT || kind == FAULT_SHORT) {
        if (rv != APR_SUCCESS) {
            fail_msg("%s, %s %ld: %d", trial->name, faults_name(kind), nth, rv);
        }
    }
    else if (rv == APR_SUCCESS && !trial->tolerant && n >= nth) {
        fail_msg("%s does not say that %s %ld failed", trial->name,
                 faults_name(kind), nth);
    }
    trial->check(rv);
    after = entries("/proc/self/fd");
    /* check closes what prepare and run have opened for good. */
    if (after > before) {
        fail_msg("%s, %s %ld: %d descriptors are left open", trial->name,
                 faults_name(kind), nth, after - before);
    }
    return n;
}

static void each_call_fails(void **state)
{
    const trial_t *trial = *state;
    int runs = 0;

    for (int k = 0; k < FAULT_KINDS; k++) {
        fault_e kind = (fault_e)k;
        long n = 0;

        /* Out of memory the process ends: see test_torture. */
        if (kind == FAULT_MALLOC || kind == FAULT_MMAP) {
            continue;
        }
        n = once(trial, kind, 0);
        for (long nth = 1; nth <= n && nth <= 20; nth++) {
            once(trial, kind, nth);
            runs++;
        }
    }
    assert_true(runs >= 1);
}

static int setup(void **state)
{
    (void)state;
    dir = NULL;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int teardown(void **state)
{
    (void)state;
    qdn_dbds_sweep(dir);
    apr_pool_destroy(pool);
    return 0;
}

int main(void)
{
    enum { TRIALS = sizeof(trials) / sizeof(trials[0]) };
    struct CMUnitTest tests[TRIALS];

    apr_initialize();
    for (int i = 0; i < TRIALS; i++) {
        tests[i] = (struct CMUnitTest){ .name = trials[i].name,
                                        .test_func = each_call_fails,
                                        .setup_func = setup,
                                        .teardown_func = teardown,
                                        .initial_state = (void *)&trials[i] };
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
