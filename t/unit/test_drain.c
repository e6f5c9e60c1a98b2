/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the journal into SQL: everything once, whatever is damaged or refused
 * on the way. Each test runs on every database of QDN_TEST_DBDS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "clock.h"
#include "delivery.h"
#include "drain_scene.h"
#include "parked.h"
#include "retention.h"
#include "segment.h"
#include "status.h"

/* The linker sends the drain's monotonic clock through here. */
static apr_interval_time_t ahead;
static apr_interval_time_t pass;    /* between one question and the next */
static apr_interval_time_t stopped; /* what it shows; 0: it goes */

apr_interval_time_t __real_qdn_clock_mono(void);
apr_interval_time_t __wrap_qdn_clock_mono(void);

apr_interval_time_t __wrap_qdn_clock_mono(void)
{
    ahead += pass;
    return (stopped ? stopped : __real_qdn_clock_mono()) + ahead;
}

static void all_of_it_once(qdn_scene_t *s)
{
    qdn_scene_calls(s, 0, 100);
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 1000);
    assert_int_equal(qdn_scene_count(s, "qdn_call"), 100);
    assert_int_equal(
        qdn_scene_count(s, "qdn_call WHERE outcome = 'answered' AND "
                           "answered_by = 'sergio/backup' AND hops = 2 AND "
                           "caller = '+16195550199' AND talk_seconds = 10"),
        100);
    assert_int_equal(qdn_scene_segments(s), 0);
    assert_int_equal(qdn_scene_count(s, "qdn_journal"), 0);
}

static void a_second_time_is_no_second_row(qdn_scene_t *s)
{
    qdn_scene_calls(s, 0, 10);
    qdn_scene_drain_now(s);
    qdn_scene_calls(s, 0, 20);
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 200);
    assert_int_equal(qdn_scene_count(s, "qdn_call"), 20);
}

/* What begins in a batch is taken for new, which is found out to be wrong. */
static void a_call_that_began_before_is_known(qdn_scene_t *s)
{
    qdn_event_t e[4];
    const char *lines[4];
    apr_size_t len;

    for (int i = 0; i < 4; i++) { /* the second, then the first and the rest */
        e[i] = qdn_dbds_event(i < 3 ? 1 : 2,
                              i == 0   ? 1
                              : i == 1 ? 0
                                       : i,
                              s->pool);
        lines[i] = qdn_event_encode(&e[i], &len, s->pool);
    }
    qdn_scene_segment(s, lines, 1);
    qdn_scene_drain_now(s);
    qdn_scene_segment(s, lines, 4);
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 4);
    assert_int_equal(qdn_scene_count(s, "qdn_call"), 2);
    assert_int_equal(
        qdn_scene_count(s, "qdn_call WHERE caller = '+16195550199'"), 1);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 0);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_ERRORS), 0);
}

static void a_call_without_its_row_gets_one(qdn_scene_t *s)
{
    qdn_store_t *store;

    qdn_scene_calls(s, 0, 10);
    qdn_scene_drain_now(s);
    store = qdn_dbds_store(&s->dbd, s->pool);
    assert_int_equal(qdn_store_run(store, "DELETE FROM qdn_call"), APR_SUCCESS);
    qdn_store_close(store);
    qdn_scene_calls(s, 5, 15);
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 150);
    assert_int_equal(qdn_scene_count(s, "qdn_call"), 10);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 0);
}

static void the_living_are_read_and_kept(qdn_scene_t *s)
{
    qdn_journal_t *journal = qdn_scene_journal(s);
    qdn_drain_t *drain = qdn_scene_drain(s, "unit");

    for (int i = 0; i < 5; i++) {
        qdn_scene_append(journal, i, i + 1);
        qdn_scene_drain_all(s, drain);
        assert_int_equal(qdn_scene_count(s, "qdn_event"), (i + 1) * 10);
        assert_int_equal(qdn_scene_segments(s), 1);
    }
    assert_int_equal(qdn_scene_count(s, "qdn_journal WHERE drained_to > 0"), 1);
    qdn_journal_close(journal);
    qdn_scene_drain_all(s, drain);
    assert_int_equal(qdn_scene_segments(s), 0);
    assert_int_equal(qdn_scene_count(s, "qdn_journal"), 0);
    qdn_drain_close(drain);
}

static void a_torn_end_is_passed_over(qdn_scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);
    apr_size_t len;
    const char *line = qdn_event_encode(&e, &len, s->pool);
    const char *lines[] = { line, apr_pstrmemdup(s->pool, line, len / 2) };

    qdn_scene_segment(s, lines, 2);
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 1);
    assert_int_equal(qdn_scene_segments(s), 0);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_TORN), 1);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 0);
}

/* What a writer had reserved when it was killed, with and without a line. */
static void a_reserve_is_passed_over(qdn_scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);
    apr_size_t len;
    const char *line = qdn_event_encode(&e, &len, s->pool);
    const char *half = apr_pstrmemdup(s->pool, line, len / 2);
    const char *const lines[][2] = { { line, "" }, { line, half }, { "", "" } };

    for (int i = 0; i < 3; i++) {
        const char *name = qdn_scene_segment(s, lines[i], 2);
        const char *path = apr_pstrcat(s->pool, s->journal, "/", name, NULL);

        assert_int_equal(truncate(path, QDN_SEGMENT_RESERVE), 0);
        qdn_scene_drain_now(s);
        assert_int_equal(qdn_scene_segments(s), 0);
    }
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 1);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_TORN), 1);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 0);
}

/* A living writer's reserve is not waiting for anything. */
static void a_reserve_is_not_pending(qdn_scene_t *s)
{
    qdn_journal_t *journal = qdn_scene_journal(s);
    qdn_drain_t *drain = qdn_scene_drain(s, "unit");
    qdn_drain_report_t report;

    for (int i = 0; i < 20; i++) {
        qdn_scene_append(journal, i, i + 1);
        qdn_scene_drain_all(s, drain);
        qdn_drain_report(drain, &report);
        assert_int_equal(report.pending_bytes, 0);
        assert_int_equal(report.pending_segments, 0);
        assert_int_equal(qdn_scene_count(s, "qdn_event"), (i + 1) * 10);
    }
    qdn_journal_close(journal);
    qdn_scene_drain_all(s, drain);
    assert_int_equal(qdn_scene_segments(s), 0);
    qdn_drain_close(drain);
}

static void damage_is_put_aside(qdn_scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);
    apr_size_t len;
    const char *good = qdn_event_encode(&e, &len, s->pool);
    char *bad = apr_pstrdup(s->pool, good);
    const char *lines[] = { bad, "\n", good };

    bad[40] ^= 1;
    qdn_scene_segment(s, lines, 3);
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 1);
    assert_int_equal(qdn_scene_segments(s), 0);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 2);
    assert_int_equal(
        qdn_parked_count(apr_pstrcat(s->pool, s->dir, "/parked", NULL)), 2);
}

/* Sabotage stands for whatever a database may have against one row. */
static void sabotage(qdn_scene_t *s, const char *condition)
{
    int sqlite3 = !strcmp(s->dbd.driver, "sqlite3");
    qdn_store_t *store = qdn_dbds_store(&s->dbd, s->pool);
    const char *sql =
        sqlite3
            ? apr_pstrcat(s->pool,
                          "CREATE TRIGGER no BEFORE INSERT ON qdn_event WHEN "
                          "(SELECT ",
                          condition,
                          " FROM (SELECT NEW.call_sid AS call_sid, NEW.detail "
                          "AS detail)) BEGIN SELECT RAISE(ABORT, 'no'); END",
                          NULL)
            : apr_pstrcat(s->pool,
                          "ALTER TABLE qdn_event ADD CONSTRAINT no CHECK "
                          "(NOT (",
                          condition, "))", NULL);

    if (qdn_store_run(store, sql)) {
        fail_msg("%s", qdn_store_error(store));
    }
    qdn_store_close(store);
}

static void mend(qdn_scene_t *s)
{
    int sqlite3 = !strcmp(s->dbd.driver, "sqlite3");
    qdn_store_t *store = qdn_dbds_store(&s->dbd, s->pool);

    assert_int_equal(
        qdn_store_run(store, sqlite3
                                 ? "DROP TRIGGER no"
                                 : "ALTER TABLE qdn_event DROP CONSTRAINT no"),
        APR_SUCCESS);
    qdn_store_close(store);
}

static void one_bad_row_stops_nobody(qdn_scene_t *s)
{
    qdn_scene_calls(s, 0, 1);
    qdn_scene_drain_now(s);
    sabotage(s, "call_sid = 'CA00000000000000000000000000000011' AND "
                "detail NOT LIKE '%xx%'");
    qdn_scene_calls(s, 1, 50);
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 490);
    assert_int_equal(qdn_scene_count(s, "qdn_call"), 49);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 10);
    assert_int_equal(qdn_scene_segments(s), 0);
}

/* So many tries, each a while after the other. */
static void try_in_vain(qdn_scene_t *s, qdn_drain_t *drain, int tries)
{
    while (tries--) {
        qdn_drain_report_t report;
        int more;

        apr_status_t rv;

        ahead += apr_time_from_sec(3);
        do { /* those before the refused ones are taken */
            rv = qdn_drain_step(drain, &more);
        } while (rv == APR_SUCCESS && more);
        assert_int_equal(rv, APR_EGENERAL);
        qdn_drain_report(drain, &report);
        assert_int_equal(report.state, QDN_DRAIN_AWAY);
        assert_int_not_equal(report.error[0], '\0');
        assert_int_equal(report.parked_files, 0);
    }
    assert_true(qdn_scene_segments(s) > 0);
}

/*
 * Where the whole call is refused, whatever is in its rows, the database is
 * to blame: some of its pages may have no room any more.
 */
static void no_row_is_blamed_for_a_full_disk(qdn_scene_t *s)
{
    qdn_drain_t *drain = qdn_scene_drain(s, "unit");

    qdn_scene_calls(s, 0, 1);
    qdn_scene_drain_all(s, drain);
    sabotage(s, "call_sid = 'CA00000000000000000000000000000011'");
    qdn_scene_calls(s, 1, 50);
    try_in_vain(s, drain, 5);
    mend(s);
    ahead += apr_time_from_sec(3);
    qdn_scene_drain_all(s, drain);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 500);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 0);
    qdn_drain_close(drain);
}

static void patience_has_an_end(qdn_scene_t *s)
{
    qdn_drain_t *drain = qdn_scene_drain(s, "unit");

    qdn_scene_calls(s, 0, 1);
    qdn_scene_drain_all(s, drain);
    sabotage(s, "call_sid = 'CA00000000000000000000000000000011'");
    qdn_scene_calls(s, 1, 50);
    try_in_vain(s, drain, 2);
    ahead += QDN_DELIVERY_PATIENCE;
    qdn_scene_drain_all(s, drain);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 490);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 10);
    qdn_drain_close(drain);
}

static void bad_text_is_cleaned(qdn_scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);
    apr_size_t len;
    const char *line, *detail;

    qdn_scene_calls(s, 0, 1);
    qdn_scene_drain_now(s);
    sabotage(s, "detail LIKE '%\xC3\xA9%'");
    e.detail = "{\"from\":\"Ren\xC3\xA9 \xF0\x9F\x8E\xBA\"}";
    line = qdn_event_encode(&e, &len, s->pool);
    qdn_scene_segment(s, &line, 1);
    qdn_scene_drain_now(s);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 11);
    assert_int_equal(qdn_counter_get(&s->counters, QDN_COUNT_DRAIN_PARKED), 0);
    detail = qdn_dbds_text(
        &s->dbd,
        "SELECT detail FROM qdn_event WHERE call_sid LIKE '%01' AND kind = "
        "'call.received'",
        s->pool);
    assert_string_equal(detail, "{\"from\":\"Ren\\u00e9 \\ud83c\\udfba\"}");
}

static void columns_too_long_are_cut(qdn_scene_t *s)
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
    qdn_scene_segment(s, &line, 1);
    qdn_scene_drain_now(s);
    assert_int_equal(
        qdn_scene_count(s, "qdn_event WHERE LENGTH(host) = 255 AND "
                           "LENGTH(phone) = 64 AND LENGTH(detail) > 70000"),
        1);
    assert_int_equal(qdn_scene_count(s, "qdn_call WHERE LENGTH(caller) = 255"),
                     1);
}

/* Every second event of each of so many calls, in one segment. */
static void write_half(qdn_scene_t *s, int calls, int half)
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
    qdn_scene_segment(s, lines, calls * 5);
}

/* Both at the same calls at the same time: neither may miss the other's. */
static void two_hosts_share_a_call(qdn_scene_t *s)
{
    enum { CALLS = 1000 };
    qdn_scene_t other = *s;
    int start[2], status;
    char go;
    pid_t pid;

    other.dir = qdn_dbds_dir(s->pool);
    other.journal = apr_pstrcat(s->pool, other.dir, "/journal", NULL);
    assert_int_equal(mkdir(other.journal, 0700), 0);
    qdn_scene_drain_now(s); /* creates the tables */
    write_half(s, CALLS, 0);
    write_half(&other, CALLS, 1);
    assert_int_equal(pipe(start), 0);
    pid = fork();
    if (pid == 0) {
        apr_pool_create(&other.pool, NULL);
        _exit(read(start[0], &go, 1) == 1 ? (qdn_scene_drain_now(&other), 0)
                                          : 1);
    }
    assert_int_equal(write(start[1], "x", 1), 1);
    qdn_scene_drain_now(s);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(start[0]);
    close(start[1]);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), CALLS * 10);
    assert_int_equal(qdn_scene_count(s,
                                     "qdn_call WHERE outcome = 'answered' AND "
                                     "hops = 2 AND talk_seconds = 10"),
                     CALLS);
    qdn_dbds_sweep(other.dir);
}

static apr_int64_t rows_of_step(qdn_scene_t *s, qdn_drain_t *drain)
{
    apr_int64_t before =
        (apr_int64_t)qdn_counter_get(&s->counters, QDN_COUNT_DRAINED);
    int more;

    assert_int_equal(qdn_drain_step(drain, &more), APR_SUCCESS);
    return (apr_int64_t)qdn_counter_get(&s->counters, QDN_COUNT_DRAINED) -
           before;
}

/* Nobody takes a daemon for dead whose database is slow. */
static void a_slow_database_gets_less_at_once(qdn_scene_t *s)
{
    qdn_drain_t *drain = qdn_scene_drain(s, "unit");
    apr_int64_t rows = QDN_DRAIN_FIRST;

    qdn_scene_calls(s, 0, 400);
    stopped = __real_qdn_clock_mono();
    for (int i = 0; i < 4; i++) {
        assert_int_equal(rows_of_step(s, drain), rows << i);
    }
    pass = QDN_DRAIN_LONG + 1;
    assert_int_equal(rows_of_step(s, drain), rows << 4);
    assert_int_equal(rows_of_step(s, drain), rows << 3);
    assert_int_equal(rows_of_step(s, drain), rows << 2);
    pass = QDN_DRAIN_LONG / 4;
    assert_int_equal(rows_of_step(s, drain), rows << 1);
    assert_int_equal(rows_of_step(s, drain), rows << 1);
    pass = stopped = 0;
    qdn_scene_drain_all(s, drain);
    assert_int_equal(qdn_scene_count(s, "qdn_event"), 4000);
    qdn_drain_close(drain);
}

/* Of calls a minute apart, a year ago. */
static void old_calls_go_after_a_while(qdn_scene_t *s)
{
    qdn_drain_t *drain;

    s->retention = apr_time_from_sec(300);
    drain = qdn_scene_drain(s, "unit");
    qdn_scene_calls(s, 0, 10);
    qdn_scene_drain_all(s, drain);
    ahead += QDN_RETENTION_CALM - apr_time_from_sec(60);
    qdn_scene_drain_all(s, drain);
    assert_int_equal(qdn_scene_count(s, "qdn_call"), 10);
    ahead += apr_time_from_sec(120);
    qdn_scene_drain_all(s, drain);
    assert_int_equal(qdn_scene_count(s, "qdn_call"), 6);
    qdn_drain_close(drain);
}

static void only_one_drains(qdn_scene_t *s)
{
    qdn_drain_t *first = qdn_scene_drain(s, "unit");
    qdn_drain_t *second = qdn_scene_drain(s, "unit");
    qdn_drain_report_t report;
    int more;

    qdn_scene_drain_all(s, first);
    assert_int_equal(qdn_drain_step(second, &more), QDN_ECONFLICT);
    qdn_drain_report(second, &report);
    assert_int_equal(report.state, QDN_DRAIN_EXCLUDED);
    assert_int_equal(qdn_drain_step(second, &more), APR_EAGAIN);
    qdn_drain_close(first);
    usleep(150000);
    qdn_scene_drain_all(s, second);
    qdn_drain_close(second);
}

static void a_newer_schema_is_left_alone(qdn_scene_t *s)
{
    qdn_store_t *store;
    qdn_drain_t *drain;
    qdn_drain_report_t report;
    int more;

    qdn_scene_drain_now(s);
    store = qdn_dbds_store(&s->dbd, s->pool);
    assert_int_equal(
        qdn_store_run(store, "INSERT INTO qdn_schema VALUES (999, 0)"),
        APR_SUCCESS);
    qdn_store_close(store);
    drain = qdn_scene_drain(s, "unit");
    assert_int_equal(qdn_drain_step(drain, &more), QDN_ECONFLICT);
    qdn_drain_report(drain, &report);
    assert_int_equal(report.state, QDN_DRAIN_AWAY);
    assert_non_null(strstr(report.error, "newer"));
    qdn_drain_close(drain);
}

/* As an older version left them; in idle steps, and each once. */
static void old_calls_get_into_the_sums(qdn_scene_t *s)
{
    static const char *const undo[] = {
        "UPDATE qdn_call SET rung = NULL, day = NULL, hour = NULL",
        "DELETE FROM qdn_hourly",
        "DELETE FROM qdn_wait",
        "DELETE FROM qdn_load",
    };
    qdn_drain_t *drain;
    qdn_store_t *store;
    int more;

    qdn_scene_calls(s, 0, 300);
    qdn_scene_drain_now(s);
    store = qdn_dbds_store(&s->dbd, s->pool);
    for (size_t i = 0; i < sizeof(undo) / sizeof(undo[0]); i++) {
        assert_int_equal(qdn_store_run(store, undo[i]), APR_SUCCESS);
    }
    qdn_store_close(store);
    drain = qdn_scene_drain(s, "unit");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(qdn_drain_step(drain, &more), APR_SUCCESS);
    }
    qdn_drain_close(drain);
    assert_int_equal(qdn_scene_count(s, "qdn_call WHERE day IS NULL"), 0);
    assert_int_equal(
        qdn_dbds_number(&s->dbd,
                        "SELECT SUM(calls) FROM qdn_hourly WHERE line = '*'",
                        s->pool),
        300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(all_of_it_once),
        EVERY(a_second_time_is_no_second_row),
        EVERY(a_call_that_began_before_is_known),
        EVERY(a_call_without_its_row_gets_one),
        EVERY(the_living_are_read_and_kept),
        EVERY(a_torn_end_is_passed_over),
        EVERY(a_reserve_is_passed_over),
        EVERY(a_reserve_is_not_pending),
        EVERY(damage_is_put_aside),
        EVERY(one_bad_row_stops_nobody),
        EVERY(no_row_is_blamed_for_a_full_disk),
        EVERY(patience_has_an_end),
        EVERY(bad_text_is_cleaned),
        EVERY(columns_too_long_are_cut),
        EVERY(two_hosts_share_a_call),
        EVERY(old_calls_go_after_a_while),
        EVERY(a_slow_database_gets_less_at_once),
        EVERY(only_one_drains),
        EVERY(a_newer_schema_is_left_alone),
        EVERY(old_calls_get_into_the_sums),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
