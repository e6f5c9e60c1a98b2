/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the journal into SQL: everything once, whatever is killed, damaged or
 * refused on the way. Each test runs on every database of QDN_TEST_DBDS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "dbds.h"
#include "drain.h"
#include "journal.h"
#include "parked.h"
#include "segment.h"
#include "status.h"

typedef struct scene_t {
    apr_pool_t *pool;
    const char *dir;     /* state directory */
    const char *journal; /* in it */
    qdn_dbd_t dbd;
    qdn_counters_t counters;
} scene_t;

static void begin(scene_t *s, int k, apr_pool_t *p)
{
    memset(s, 0, sizeof(*s));
    s->pool = p;
    s->dir = qdn_dbds_dir(p);
    s->journal = apr_pstrcat(p, s->dir, "/journal", NULL);
    assert_int_equal(mkdir(s->journal, 0700), 0);
    s->dbd = qdn_dbds_fresh(k, s->dir, p);
}

static void end(scene_t *s)
{
    qdn_dbds_sweep(s->dir);
}

static qdn_drain_t *open_drain(scene_t *s, const char *host)
{
    qdn_drain_config_t config = { .state_dir = s->dir,
                                  .host = host,
                                  .driver = s->dbd.driver,
                                  .params = s->dbd.params,
                                  .counters = &s->counters };
    const char *error = NULL;
    qdn_drain_t *drain;

    if (qdn_drain_open(&drain, &config, &error, s->pool)) {
        fail_msg("%s", error);
    }
    return drain;
}

/* Until nothing is left; fails the test if a step fails. */
static void drain_all(scene_t *s, qdn_drain_t *drain)
{
    qdn_drain_report_t report;

    for (int i = 0; i < 10000; i++) {
        int more = 0;
        apr_status_t rv = qdn_drain_step(drain, &more);

        qdn_drain_report(drain, &report);
        if (rv != APR_SUCCESS) {
            fail_msg("step: %d %s", rv, report.error);
        }
        if (!more && report.state == QDN_DRAIN_IDLE) {
            return;
        }
    }
    fail_msg("never idle in %s", s->dir);
}

static void drain_now(scene_t *s)
{
    qdn_drain_t *drain = open_drain(s, "unit");

    drain_all(s, drain);
    qdn_drain_close(drain);
}

static qdn_journal_t *open_journal(scene_t *s)
{
    qdn_journal_config_t config = { .dir = s->journal,
                                    .host = "unit",
                                    .sync = 1,
                                    .wait = apr_time_from_sec(5),
                                    .max = 1 << 30 };
    qdn_journal_t *journal;

    assert_int_equal(qdn_journal_open(&journal, &config, s->pool), APR_SUCCESS);
    return journal;
}

/* Calls from first to end, ten events each. */
static void append_calls(qdn_journal_t *journal, int first, int stop)
{
    apr_pool_t *p;

    apr_pool_create(&p, NULL);
    for (int call = first; call < stop; call++) {
        qdn_event_t events[10];

        for (int n = 0; n < 10; n++) {
            events[n] = qdn_dbds_event(call, n, p);
        }
        assert_int_equal(qdn_journal_append(journal, events, 10, p),
                         APR_SUCCESS);
        apr_pool_clear(p);
    }
    apr_pool_destroy(p);
}

static void journal_calls(scene_t *s, int first, int stop)
{
    qdn_journal_t *journal = open_journal(s);

    append_calls(journal, first, stop);
    assert_int_equal(qdn_journal_close(journal), APR_SUCCESS);
}

/* A segment of a dead writer with these lines. */
static const char *write_segment(scene_t *s, const char *const *lines, int n)
{
    static unsigned seq;
    char writer[QDN_SEGMENT_WRITER], name[QDN_SEGMENT_NAME];
    int fd, dirfd = open(s->journal, O_RDONLY | O_DIRECTORY);

    qdn_segment_writer(writer, "unit");
    assert_int_equal(qdn_segment_create(&fd, name, dirfd, writer, seq++, 0),
                     APR_SUCCESS);
    for (int i = 0; i < n; i++) {
        assert_int_equal(write(fd, lines[i], strlen(lines[i])),
                         strlen(lines[i]));
    }
    close(fd);
    close(dirfd);
    return apr_pstrdup(s->pool, name);
}

static apr_int64_t count(scene_t *s, const char *from)
{
    return qdn_dbds_number(
        &s->dbd, apr_pstrcat(s->pool, "SELECT COUNT(*) FROM ", from, NULL),
        s->pool);
}

static apr_int64_t segments_left(scene_t *s)
{
    apr_array_header_t *segments;

    assert_int_equal(qdn_segment_list(&segments, s->journal, s->pool),
                     APR_SUCCESS);
    return segments->nelts;
}

/************** the tests **************/

static void all_of_it_once(scene_t *s)
{
    journal_calls(s, 0, 100);
    drain_now(s);
    assert_int_equal(count(s, "qdn_event"), 1000);
    assert_int_equal(count(s, "qdn_call"), 100);
    assert_int_equal(count(s, "qdn_call WHERE outcome = 'answered' AND "
                              "answered_by = 'sergio/backup' AND hops = 2 AND "
                              "caller = '+16195550199' AND talk_seconds = 10"),
                     100);
    assert_int_equal(segments_left(s), 0);
    assert_int_equal(count(s, "qdn_journal"), 0);
}

static void a_second_time_is_no_second_row(scene_t *s)
{
    journal_calls(s, 0, 10);
    drain_now(s);
    journal_calls(s, 0, 20);
    drain_now(s);
    assert_int_equal(count(s, "qdn_event"), 200);
    assert_int_equal(count(s, "qdn_call"), 20);
}

static void the_living_are_read_and_kept(scene_t *s)
{
    qdn_journal_t *journal = open_journal(s);
    qdn_drain_t *drain = open_drain(s, "unit");

    for (int i = 0; i < 5; i++) {
        append_calls(journal, i, i + 1);
        drain_all(s, drain);
        assert_int_equal(count(s, "qdn_event"), (i + 1) * 10);
        assert_int_equal(segments_left(s), 1);
    }
    assert_int_equal(count(s, "qdn_journal WHERE drained_to > 0"), 1);
    qdn_journal_close(journal);
    drain_all(s, drain);
    assert_int_equal(segments_left(s), 0);
    assert_int_equal(count(s, "qdn_journal"), 0);
    qdn_drain_close(drain);
}

static void a_torn_end_is_passed_over(scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);
    apr_size_t len;
    const char *line = qdn_event_encode(&e, &len, s->pool);
    const char *lines[] = { line, apr_pstrmemdup(s->pool, line, len / 2) };

    write_segment(s, lines, 2);
    drain_now(s);
    assert_int_equal(count(s, "qdn_event"), 1);
    assert_int_equal(segments_left(s), 0);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_TORN), 1);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 0);
}

static void damage_is_put_aside(scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);
    apr_size_t len;
    const char *good = qdn_event_encode(&e, &len, s->pool);
    char *bad = apr_pstrdup(s->pool, good);
    const char *lines[] = { bad, "\n", good };

    bad[40] ^= 1;
    write_segment(s, lines, 3);
    drain_now(s);
    assert_int_equal(count(s, "qdn_event"), 1);
    assert_int_equal(segments_left(s), 0);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 2);
    assert_int_equal(
        qdn_parked_count(apr_pstrcat(s->pool, s->dir, "/parked", NULL)), 2);
}

/* Sabotage stands for whatever a database may have against one row. */
static void sabotage(scene_t *s, const char *condition)
{
    int pgsql = !strcmp(s->dbd.driver, "pgsql");
    qdn_store_t *store = qdn_dbds_store(&s->dbd, s->pool);
    const char *sql =
        pgsql ? apr_pstrcat(s->pool, "ALTER TABLE qdn_event ADD CHECK (NOT (",
                            condition, "))", NULL)
              : apr_pstrcat(s->pool,
                            "CREATE TRIGGER no BEFORE INSERT ON qdn_event "
                            "WHEN NEW.",
                            condition, " BEGIN SELECT RAISE(ABORT, 'no'); END",
                            NULL);

    if (qdn_store_run(store, sql)) {
        fail_msg("%s", qdn_store_error(store));
    }
    qdn_store_close(store);
}

static void one_bad_row_stops_nobody(scene_t *s)
{
    journal_calls(s, 0, 1);
    drain_now(s);
    sabotage(s, "call_sid = 'CA00000000000000000000000000000011'");
    journal_calls(s, 1, 50);
    drain_now(s);
    assert_int_equal(count(s, "qdn_event"), 490);
    assert_int_equal(count(s, "qdn_call"), 49);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 10);
    assert_int_equal(segments_left(s), 0);
}

static void bad_text_is_cleaned(scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);
    apr_size_t len;
    const char *line, *detail;

    journal_calls(s, 0, 1);
    drain_now(s);
    sabotage(s, "detail LIKE '%\xC3\xA9%'");
    e.detail = "{\"from\":\"Ren\xC3\xA9 \xF0\x9F\x8E\xBA\"}";
    line = qdn_event_encode(&e, &len, s->pool);
    write_segment(s, &line, 1);
    drain_now(s);
    assert_int_equal(count(s, "qdn_event"), 11);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 0);
    detail = qdn_dbds_text(
        &s->dbd,
        "SELECT detail FROM qdn_event WHERE call_sid LIKE '%01' AND kind = "
        "'call.received'",
        s->pool);
    assert_string_equal(detail, "{\"from\":\"Ren\\u00e9 \\ud83c\\udfba\"}");
}

static void columns_too_long_are_cut(scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);
    char *huge = apr_palloc(s->pool, 70001);
    apr_size_t len;
    const char *line;

    memset(huge, 'x', 70000);
    huge[70000] = '\0';
    e.host = huge;
    e.line = huge;
    e.phone = huge;
    e.config = huge;
    e.detail = apr_pstrcat(s->pool, "{\"from\":\"", huge, "\"}", NULL);
    line = qdn_event_encode(&e, &len, s->pool);
    write_segment(s, &line, 1);
    drain_now(s);
    assert_int_equal(count(s, "qdn_event WHERE LENGTH(host) = 255 AND "
                              "LENGTH(phone) = 64 AND LENGTH(detail) > 70000"),
                     1);
    assert_int_equal(count(s, "qdn_call WHERE LENGTH(caller) = 255"), 1);
}

/* Every second event of each of so many calls, in one segment. */
static void write_half(scene_t *s, int calls, int half)
{
    const char **lines =
        apr_palloc(s->pool, (apr_size_t)calls * 5 * sizeof(*lines));
    apr_size_t len;

    for (int call = 0; call < calls; call++) {
        for (int n = half; n < 10; n += 2) {
            qdn_event_t e = qdn_dbds_event(call, n, s->pool);

            lines[call * 5 + n / 2] = qdn_event_encode(&e, &len, s->pool);
        }
    }
    write_segment(s, lines, calls * 5);
}

/* Both at the same calls at the same time: neither may miss the other's. */
static void two_hosts_share_a_call(scene_t *s)
{
    enum { CALLS = 1000 };
    scene_t other = *s;
    int start[2], status;
    char go;
    pid_t pid;

    other.dir = qdn_dbds_dir(s->pool);
    other.journal = apr_pstrcat(s->pool, other.dir, "/journal", NULL);
    assert_int_equal(mkdir(other.journal, 0700), 0);
    drain_now(s); /* creates the tables */
    write_half(s, CALLS, 0);
    write_half(&other, CALLS, 1);
    assert_int_equal(pipe(start), 0);
    pid = fork();
    if (pid == 0) {
        apr_pool_create(&other.pool, NULL);
        _exit(read(start[0], &go, 1) == 1 ? (drain_now(&other), 0) : 1);
    }
    assert_int_equal(write(start[1], "x", 1), 1);
    drain_now(s);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(start[0]);
    close(start[1]);
    assert_int_equal(count(s, "qdn_event"), CALLS * 10);
    assert_int_equal(count(s, "qdn_call WHERE outcome = 'answered' AND "
                              "hops = 2 AND talk_seconds = 10"),
                     CALLS);
    qdn_dbds_sweep(other.dir);
}

static void only_one_drains(scene_t *s)
{
    qdn_drain_t *first = open_drain(s, "unit");
    qdn_drain_t *second = open_drain(s, "unit");
    qdn_drain_report_t report;
    int more;

    drain_all(s, first);
    assert_int_equal(qdn_drain_step(second, &more), QDN_ECONFLICT);
    qdn_drain_report(second, &report);
    assert_int_equal(report.state, QDN_DRAIN_EXCLUDED);
    assert_int_equal(qdn_drain_step(second, &more), APR_EAGAIN);
    qdn_drain_close(first);
    usleep(150000);
    drain_all(s, second);
    qdn_drain_close(second);
}

static void a_newer_schema_is_left_alone(scene_t *s)
{
    qdn_store_t *store;
    qdn_drain_t *drain;
    qdn_drain_report_t report;
    int more;

    drain_now(s);
    store = qdn_dbds_store(&s->dbd, s->pool);
    assert_int_equal(
        qdn_store_run(store, "INSERT INTO qdn_schema VALUES (999, 0)"),
        APR_SUCCESS);
    qdn_store_close(store);
    drain = open_drain(s, "unit");
    assert_int_equal(qdn_drain_step(drain, &more), QDN_ECONFLICT);
    qdn_drain_report(drain, &report);
    assert_int_equal(report.state, QDN_DRAIN_AWAY);
    assert_non_null(strstr(report.error, "newer"));
    qdn_drain_close(drain);
}

/* What is lost or doubled when writers die at any moment. */
static void writers_are_killed(scene_t *s)
{
    apr_int64_t acknowledged = 0;
    qdn_drain_t *drain = open_drain(s, "unit");

    for (int round = 0; round < 12; round++) {
        int tube[2], status;
        char mark;
        pid_t pid;

        assert_int_equal(pipe(tube), 0);
        pid = fork();
        if (pid == 0) {
            apr_pool_create(&s->pool, NULL);
            qdn_journal_t *journal = open_journal(s);
            for (int call = 0; call < 100000; call++) {
                append_calls(journal, round * 100000 + call,
                             round * 100000 + call + 1);
                if (write(tube[1], "x", 1) != 1) {
                    _exit(1);
                }
            }
            _exit(0);
        }
        close(tube[1]);
        usleep((useconds_t)(20000 + rand() % 60000));
        drain_all(s, drain);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (read(tube[0], &mark, 1) == 1) {
            acknowledged++;
        }
        close(tube[0]);
    }
    drain_all(s, drain);
    qdn_drain_close(drain);
    assert_true(acknowledged > 50);
    /* A unit in flight at the kill may be there, but no more than that. */
    assert_true(count(s, "qdn_event") >= acknowledged * 10);
    assert_true(count(s, "qdn_event") <= acknowledged * 10 + 120);
    assert_true(count(s, "qdn_call WHERE outcome = 'answered'") >=
                acknowledged);
    assert_int_equal(count(s, "qdn_call") -
                         qdn_dbds_number(&s->dbd,
                                         "SELECT COUNT(DISTINCT call_sid) "
                                         "FROM qdn_event",
                                         s->pool),
                     0);
    assert_int_equal(segments_left(s), 0);
}

static void drains_are_killed(scene_t *s)
{
    int status;

    journal_calls(s, 0, 1500);
    for (int round = 0; round < 40; round++) {
        pid_t pid = fork();

        if (pid == 0) {
            apr_pool_create(&s->pool, NULL);
            qdn_drain_t *drain = open_drain(s, "unit");
            for (;;) {
                int more;
                qdn_drain_step(drain, &more);
            }
        }
        usleep((useconds_t)(1000 + rand() % 30000));
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    drain_now(s);
    assert_int_equal(count(s, "qdn_event"), 15000);
    assert_int_equal(count(s, "qdn_call WHERE outcome = 'answered' AND "
                              "talk_seconds = 10"),
                     1500);
    assert_int_equal(segments_left(s), 0);
}

static void a_dead_connection_is_replaced(scene_t *s)
{
    qdn_drain_t *drain = open_drain(s, "unit");
    qdn_drain_report_t report;
    apr_status_t rv = APR_SUCCESS;
    int more;

    journal_calls(s, 0, 3);
    drain_all(s, drain);
    if (!strcmp(s->dbd.driver, "pgsql")) {
        qdn_dbds_number(&s->dbd,
                        "SELECT COUNT(pg_terminate_backend(pid)) FROM "
                        "pg_stat_activity WHERE datname = current_database() "
                        "AND pid <> pg_backend_pid()",
                        s->pool);
    }
    journal_calls(s, 3, 6);
    for (int i = 0; i < 50; i++) {
        rv = qdn_drain_step(drain, &more);
        usleep(20000);
    }
    qdn_drain_report(drain, &report);
    assert_int_equal(rv, APR_SUCCESS);
    assert_int_equal(report.state, QDN_DRAIN_IDLE);
    assert_int_equal(count(s, "qdn_event"), 60);
    qdn_drain_close(drain);
}

static void an_absent_database_is_waited_for(scene_t *s)
{
    qdn_dbd_t real = s->dbd;
    qdn_drain_t *drain;
    qdn_drain_report_t report;
    int more;

    if (!strcmp(real.driver, "pgsql")) {
        s->dbd.params = "host=127.0.0.1 port=1 dbname=qdn connect_timeout=2";
    }
    else {
        s->dbd.params = apr_pstrcat(s->pool, s->dir, "/none/x.sqlite", NULL);
    }
    journal_calls(s, 0, 3);
    drain = open_drain(s, "unit");
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
    drain_now(s);
    assert_int_equal(count(s, "qdn_event"), 30);
}

static void every_database(void **state)
{
    void (*test)(scene_t *) = *(void (**)(scene_t *)) * state;

    for (int k = 0; k < qdn_dbds_count(); k++) {
        apr_pool_t *p;
        scene_t s;

        apr_pool_create(&p, NULL);
        begin(&s, k, p);
        test(&s);
        end(&s);
        apr_pool_destroy(p);
    }
}

#define EVERY(test)                                                            \
    {                                                                          \
#test, every_database, NULL, NULL, &(void (*[])(scene_t *))            \
        {                                                                      \
            test                                                               \
        }                                                                      \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(all_of_it_once),
        EVERY(a_second_time_is_no_second_row),
        EVERY(the_living_are_read_and_kept),
        EVERY(a_torn_end_is_passed_over),
        EVERY(damage_is_put_aside),
        EVERY(one_bad_row_stops_nobody),
        EVERY(bad_text_is_cleaned),
        EVERY(columns_too_long_are_cut),
        EVERY(two_hosts_share_a_call),
        EVERY(only_one_drains),
        EVERY(a_newer_schema_is_left_alone),
        EVERY(writers_are_killed),
        EVERY(drains_are_killed),
        EVERY(a_dead_connection_is_replaced),
        EVERY(an_absent_database_is_waited_for),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
