/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writers, drains and connections die at any moment: what was acknowledged
 * is in SQL once. Each test runs on every database of QDN_TEST_DBDS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "drain_scene.h"

/* What is lost or doubled when writers die at any moment. */
static void writers_are_killed(qdn_scene_t *s)
{
    apr_int64_t acknowledged = 0;
    qdn_drain_t *drain = qdn_scene_drain(s, "unit");

    for (int round = 0; round < 12; round++) {
        int tube[2], status;
        char mark;
        pid_t pid;

        assert_int_equal(pipe(tube), 0);
        pid = fork();
        if (pid == 0) {
            apr_pool_create(&s->pool, NULL);
            qdn_journal_t *journal = qdn_scene_journal(s);
            for (int call = 0; call < 100000; call++) {
                qdn_scene_append(journal, round * 100000 + call,
                                 round * 100000 + call + 1);
                if (write(tube[1], "x", 1) != 1) {
                    _exit(1);
                }
            }
            _exit(0);
        }
        close(tube[1]);
        usleep((useconds_t)(20000 + rand() % 60000));
        qdn_scene_drain_all(s, drain);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (read(tube[0], &mark, 1) == 1) {
            acknowledged++;
        }
        close(tube[0]);
    }
    qdn_scene_drain_all(s, drain);
    qdn_drain_close(drain);
    assert_true(acknowledged > 50);
    /* A unit in flight at the kill may be there, but no more than that. */
    assert_true(qdn_scene_count(s, "qdn_event") >= acknowledged * 10);
    assert_true(qdn_scene_count(s, "qdn_event") <= acknowledged * 10 + 120);
    assert_true(qdn_scene_count(s, "qdn_call WHERE outcome = 'answered'") >=
                acknowledged);
    assert_int_equal(qdn_scene_count(s, "qdn_call") -
                         qdn_dbds_number(&s->dbd,
                                         "SELECT COUNT(DISTINCT call_sid) "
                                         "FROM qdn_event",
                                         s->pool),
                     0);
    assert_int_equal(qdn_scene_segments(s), 0);
}

static void drains_are_killed(qdn_scene_t *s)
{
    int status;

    qdn_scene_calls(s, 0, 1500);
    for (int round = 0; round < 40; round++) {
        pid_t pid = fork();

        if (pid == 0) {
            apr_pool_create(&s->pool, NULL);
            qdn_drain_t *drain = qdn_scene_drain(s, "unit");
            for (;;) {
                int more;
                qdn_drain_step(drain, &more);
            }
        }
        usleep((useconds_t)(1000 + rand() % 30000));
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 15000);
    assert_int_equal(qdn_scene_count(s,
                                     "qdn_call WHERE outcome = 'answered' AND "
                                     "talk_seconds = 10"),
                     1500);
    assert_int_equal(qdn_scene_segments(s), 0);
}

static void a_dead_connection_is_replaced(qdn_scene_t *s)
{
    qdn_drain_t *drain = qdn_scene_drain(s, "unit");
    qdn_drain_report_t report;
    apr_status_t rv = APR_SUCCESS;
    int more;

    qdn_scene_calls(s, 0, 3);
    qdn_scene_drain_all(s, drain);
    qdn_dbds_disconnect(&s->dbd, s->pool);
    qdn_scene_calls(s, 3, 6);
    for (int i = 0; i < 50; i++) {
        rv = qdn_drain_step(drain, &more);
        usleep(20000);
    }
    qdn_drain_report(drain, &report);
    assert_int_equal(rv, APR_SUCCESS);
    assert_int_equal(report.state, QDN_DRAIN_IDLE);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 60);
    qdn_drain_close(drain);
}

static void an_absent_database_is_waited_for(qdn_scene_t *s)
{
    qdn_dbd_t real = s->dbd;
    qdn_drain_t *drain;
    qdn_drain_report_t report;
    int more;

    if (!strcmp(real.driver, "pgsql")) {
        s->dbd.params = "host=127.0.0.1 port=1 dbname=qdn connect_timeout=2";
    }
    else if (!strcmp(real.driver, "mysql")) {
        s->dbd.params = "host=127.0.0.1 port=1 dbname=qdn";
    }
    else {
        s->dbd.params = apr_pstrcat(s->pool, s->dir, "/none/x.sqlite", NULL);
    }
    qdn_scene_calls(s, 0, 3);
    drain = qdn_scene_drain(s, "unit");
    assert_int_not_equal(qdn_drain_step(drain, &more), APR_SUCCESS);
    qdn_drain_report(drain, &report);
    assert_int_equal(report.state, QDN_DRAIN_AWAY);
    assert_true(report.error[0] != '\0');
    assert_true(report.pending_bytes > 0);
    assert_int_equal(report.pending_segments, 1);
    assert_true(report.oldest > 0);
    assert_int_equal(qdn_drain_step(drain, &more), APR_EAGAIN);
    qdn_drain_close(drain);
    s->dbd = real;
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(writers_are_killed),
        EVERY(drains_are_killed),
        EVERY(a_dead_connection_is_replaced),
        EVERY(an_absent_database_is_waited_for),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
