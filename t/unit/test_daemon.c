/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "daemon.h"
#include "dbds.h"

#define PATIENCE apr_time_from_sec(10)

/* As httpd's parent has it: forked, with shared memory and a pipe. */
typedef struct house_t {
    apr_pool_t *pool;
    const char *dir;
    const char *socket;
    struct shared_t {
        qdn_counters_t counters;
        qdn_health_t health;
        apr_int64_t beat;
        qdn_gauges_t gauges;
        int full; /* the disk takes no more directories */
    } * shared;
    qdn_daemon_config_t config;
    int pipe[2];
    pid_t pid;
} house_t;

/* Of the test that runs. */
static struct shared_t *shared;

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);

int __wrap_mkdir(const char *path, mode_t mode)
{
    if (shared && __atomic_load_n(&shared->full, __ATOMIC_ACQUIRE)) {
        errno = ENOSPC;
        return -1;
    }
    return __real_mkdir(path, mode);
}

static int move_in(void **state)
{
    house_t *h = calloc(1, sizeof(*h));
    qdn_plan_t *plan;

    apr_pool_create(&h->pool, NULL);
    h->dir = qdn_dbds_dir(h->pool);
    assert_int_equal(
        mkdir(apr_pstrcat(h->pool, h->dir, "/journal", NULL), 0700), 0);
    h->socket = apr_pstrcat(h->pool, h->dir, "/" QDN_CONTROL_SOCKET, NULL);
    h->shared = mmap(NULL, sizeof(*h->shared), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(h->shared, MAP_FAILED);
    shared = h->shared;
    assert_int_equal(pipe2(h->pipe, O_NONBLOCK | O_CLOEXEC), 0);
    plan = qdn_plan_create(h->pool);
    plan->state_dir = h->dir;
    strcpy(plan->revision, "0123456789ab");
    h->config = (qdn_daemon_config_t){
        .plan = plan,
        .host = "test",
        .version = "0",
        .driver = "sqlite3",
        .params = apr_pstrcat(h->pool, h->dir, "/qdn.sqlite", NULL),
        .loaded_at = qdn_clock_now(),
        .counters = &h->shared->counters,
        .health = &h->shared->health,
        .beat = &h->shared->beat,
        .gauges = &h->shared->gauges,
        .parent_fd = h->pipe[0],
        .parent = getpid(),
    };
    *state = h;
    return 0;
}

static int move_out(void **state)
{
    house_t *h = *state;

    if (h->pid) {
        kill(h->pid, SIGKILL);
        waitpid(h->pid, NULL, 0);
    }
    if (h->pipe[1] >= 0) {
        close(h->pipe[1]);
    }
    close(h->pipe[0]);
    shared = NULL;
    munmap(h->shared, sizeof(*h->shared));
    qdn_dbds_sweep(h->dir);
    apr_pool_destroy(h->pool);
    free(h);
    return 0;
}

static void fork_daemon(house_t *h)
{
    fflush(stdout);
    h->pid = fork();
    if (h->pid == 0) {
        close(h->pipe[1]);
        _exit(qdn_daemon_run(&h->config, h->pool));
    }
}

static void leave(house_t *h)
{
    close(h->pipe[1]);
    h->pipe[1] = -1;
}

/* What the daemon exits with within the patience; -1: it lives on. */
static int await_end(house_t *h)
{
    apr_interval_time_t until = qdn_clock_mono() + PATIENCE;
    int status;

    while (qdn_clock_mono() < until) {
        if (waitpid(h->pid, &status, WNOHANG) == h->pid) {
            h->pid = 0;
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        usleep(10000);
    }
    return -1;
}

static const char *ask(house_t *h, const char *word)
{
    apr_interval_time_t until = qdn_clock_mono() + PATIENCE;
    const char *request = apr_psprintf(h->pool, "{\"ask\":\"%s\"}", word);
    const char *reply = NULL;

    while (qdn_control_ask(h->socket, request, &reply, PATIENCE, h->pool)) {
        assert_true(qdn_clock_mono() < until);
        usleep(10000);
    }
    return reply;
}

static int await_drained(const house_t *h, apr_uint64_t rows)
{
    apr_interval_time_t until = qdn_clock_mono() + PATIENCE;

    while (qdn_counter_get(&h->shared->counters, QDN_COUNT_DRAINED) < rows &&
           qdn_clock_mono() < until) {
        usleep(10000);
    }
    return qdn_counter_get(&h->shared->counters, QDN_COUNT_DRAINED) == rows;
}

static void await_health(house_t *h, const char *part)
{
    apr_interval_time_t until = qdn_clock_mono() + PATIENCE;

    while (!strstr(ask(h, "health"), part)) {
        assert_true(qdn_clock_mono() < until);
        usleep(10000);
    }
}

static void it_answers_and_lives_with_its_parent(void **state)
{
    house_t *h = *state;

    fork_daemon(h);
    assert_non_null(strstr(ask(h, "ping"), "\"revision\":\"0123456789ab\""));
    assert_non_null(strstr(ask(h, "health"), "\"health\":\"green\""));
    assert_non_null(strstr(ask(h, "plan"), "\"lines\":[]"));
    assert_non_null(strstr(ask(h, "status"), "\"operators\":[]"));
    assert_non_null(strstr(ask(h, "set-status"), "\"error\""));
    assert_non_null(strstr(ask(h, "set-status\",\"state\":\"away\",\"operator"
                                  "\":\"nobody\",\"why\":\"x"),
                           "there is no operator 'nobody'"));
    assert_non_null(
        strstr(ask(h, "set-status\",\"form\":\"api\",\"state\":\"away\","
                      "\"operator\":\"nobody\",\"why\":\"x"),
               "\"status\":404"));
    assert_non_null(strstr(ask(h, "now"), "\"lines\":[],\"operators\":[]"));
    assert_string_equal(ask(h, "lines"), "{\"lines\":[]}");
    assert_string_equal(ask(h, "operators"), "{\"operators\":[]}");
    assert_non_null(strstr(ask(h, "operator"), "\"status\":404"));
    assert_non_null(strstr(ask(h, "health"), "\"reader\":{\"read_at\":"));
    assert_non_null(strstr(ask(h, "secrets"), "\"error\""));
    leave(h);
    assert_int_equal(await_end(h), 0);
    assert_int_not_equal(access(h->socket, F_OK), 0);
}

static void it_tells_every_check(void **state)
{
    static const char *const checks[] = {
        "secrets",  "journal",  "drain", "database", "availability",
        "webhooks", "rotation", "disk",  "daemon",
    };
    house_t *h = *state;
    const char *at;

    fork_daemon(h);
    await_health(h, "\"health\":\"green\"");
    at = ask(h, "health-report");
    assert_non_null(strstr(at, "{\"health\":\"green\",\"now\":"));
    for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
        at = strstr(at, apr_psprintf(h->pool,
                                     "{\"name\":\"%s\",\"colour\":\"green\","
                                     "\"since\":null,\"age\":",
                                     checks[i]));
        assert_non_null(at);
    }
    assert_non_null(strstr(at, "\"journal\":{\"pending_bytes\":"));
    assert_non_null(strstr(at, "\"feeds\":[],\"credentials\":[]}"));
    leave(h);
    assert_int_equal(await_end(h), 0);
}

/* The verdict lies in shared memory, until nothing is told any more. */
static void it_lets_everybody_know(void **state)
{
    house_t *h = *state;
    apr_interval_time_t until = qdn_clock_mono() + PATIENCE;
    qdn_colour_e colour;

    assert_int_equal(
        qdn_gauges_verdict(&h->shared->gauges, qdn_clock_mono(), &colour), 0);
    fork_daemon(h);
    while (!qdn_gauges_verdict(&h->shared->gauges, qdn_clock_mono(), &colour)) {
        assert_true(qdn_clock_mono() < until);
        usleep(10000);
    }
    assert_int_equal(colour, QDN_GREEN);
    assert_true(qdn_gauges_get(&h->shared->gauges.told_at) > 0);
    leave(h);
    assert_int_equal(await_end(h), 0);
    assert_int_equal(
        qdn_gauges_verdict(&h->shared->gauges,
                           qdn_clock_mono() + QDN_GAUGES_SILENT + 1, &colour),
        0);
    assert_int_equal(colour, QDN_RED);
}

/* Whoever inherited the pipe's other end keeps it open. */
static void an_orphan_ends_though_the_pipe_is_open(void **state)
{
    house_t *h = *state;

    h->config.parent = getpid() + 1;
    fork_daemon(h);
    assert_int_equal(await_end(h), 0);
}

static void what_is_in_force_is_recorded_once(void **state)
{
    house_t *h = *state;
    qdn_dbd_t dbd = { .driver = "sqlite3" };
    apr_array_header_t *loaded =
        apr_array_make(h->pool, 2, sizeof(qdn_loaded_t));

    APR_ARRAY_PUSH(loaded, qdn_loaded_t) = (qdn_loaded_t){
        "dotenv:/x", { .name = "A", .kind = "other", .fingerprint = "12345678" }
    };
    APR_ARRAY_PUSH(loaded, qdn_loaded_t) =
        (qdn_loaded_t){ "dotenv:/x",
                        { .name = "B", .kind = "other", .fingerprint = "" } };
    h->config.credentials = loaded;
    fork_daemon(h);
    assert_true(await_drained(h, 3));
    /* Killed and started again for the same configuration. */
    kill(h->pid, SIGKILL);
    waitpid(h->pid, NULL, 0);
    fork_daemon(h);
    assert_true(await_drained(h, 6));
    assert_int_equal(
        qdn_counter_get(&h->shared->counters, QDN_COUNT_DAEMON_STARTS), 2);
    leave(h);
    assert_int_equal(await_end(h), 0);
    dbd.params = h->config.params;
    assert_int_equal(
        qdn_dbds_number(&dbd, "SELECT COUNT(*) FROM qdn_event", h->pool), 3);
}

static void it_shows_that_it_lives(void **state)
{
    house_t *h = *state;
    apr_int64_t first;

    fork_daemon(h);
    (void)ask(h, "ping");
    first = __atomic_load_n(&h->shared->beat, __ATOMIC_ACQUIRE);
    assert_in_range(qdn_clock_mono() - first, 0, PATIENCE);
    usleep(2500000);
    assert_true(__atomic_load_n(&h->shared->beat, __ATOMIC_ACQUIRE) >
                first + apr_time_from_sec(1));
}

/* Not even while it is down. */
static void its_death_forgives_nothing(void **state)
{
    house_t *h = *state;

    fork_daemon(h);
    assert_non_null(strstr(ask(h, "health"), "\"health\":\"green\""));
    kill(h->pid, SIGKILL);
    waitpid(h->pid, NULL, 0);
    qdn_counter_add(&h->shared->counters, QDN_COUNT_JOURNAL_LOST, 1);
    fork_daemon(h);
    assert_non_null(strstr(ask(h, "health"), "events were lost"));
    kill(h->pid, SIGKILL);
    waitpid(h->pid, NULL, 0);
    fork_daemon(h);
    assert_non_null(strstr(ask(h, "health"), "events were lost"));
}

static void a_late_start_still_sees_the_parent_go(void **state)
{
    house_t *h = *state;

    h->config.delay = apr_time_from_sec(60);
    fork_daemon(h);
    usleep(200000);
    assert_int_not_equal(access(h->socket, F_OK), 0);
    leave(h);
    assert_int_equal(await_end(h), 0);
}

static void a_drain_that_cannot_begin_is_told_of(void **state)
{
    house_t *h = *state;

    h->config.driver = "nosuch";
    fork_daemon(h);
    await_health(h, "the drain cannot begin");
    await_health(h, "\"health\":\"red\"");
    await_health(h, "DBDriver nosuch is not supported");
    leave(h);
    assert_int_equal(await_end(h), 0);
}

static void a_drain_begins_once_it_can(void **state)
{
    house_t *h = *state;

    __atomic_store_n(&h->shared->full, 1, __ATOMIC_RELEASE);
    fork_daemon(h);
    await_health(h, "the drain cannot begin");
    __atomic_store_n(&h->shared->full, 0, __ATOMIC_RELEASE);
    assert_true(await_drained(h, 1));
    await_health(h, "\"health\":\"green\"");
}

static void who_cannot_listen_ends_with_1(void **state)
{
    house_t *h = *state;
    qdn_plan_t *plan = qdn_plan_create(h->pool);

    plan->state_dir = apr_pstrcat(h->pool, h->dir, "/nosuch", NULL);
    h->config.plan = plan;
    fork_daemon(h);
    assert_int_equal(await_end(h), 1);
}

int main(void)
{
#define LIVED(f) cmocka_unit_test_setup_teardown(f, move_in, move_out)
    const struct CMUnitTest tests[] = {
        LIVED(it_answers_and_lives_with_its_parent),
        LIVED(it_tells_every_check),
        LIVED(it_lets_everybody_know),
        LIVED(an_orphan_ends_though_the_pipe_is_open),
        LIVED(what_is_in_force_is_recorded_once),
        LIVED(it_shows_that_it_lives),
        LIVED(its_death_forgives_nothing),
        LIVED(a_late_start_still_sees_the_parent_go),
        LIVED(a_drain_that_cannot_begin_is_told_of),
        LIVED(a_drain_begins_once_it_can),
        LIVED(who_cannot_listen_ends_with_1),
    };
    int failed;

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
