/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of calls: after any course of events they are what all rows of
 * qdn_call come to. Each test of writes runs on every database of
 * QDN_TEST_DBDS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "dbds.h"
#include "ledger.h"
#include "line.h"
#include "rollup.h"
#include "status.h"
#include "store_scene.h"
#include "sums.h"
#include "zone.h"

#define CALLS   60
#define EVENTS  (CALLS * 10)
#define EVENING APR_INT64_C(1793512800) /* 2026-10-31 23:00 in California */

/************** one call **************/

static qdn_plan_t *plan_of_two_zones(apr_pool_t *p)
{
    static const char *const lines[][2] = {
        { "+16195550100", "America/Los_Angeles" },
        { "+16195550101", "Asia/Kolkata" },
    };
    qdn_plan_t *plan = qdn_plan_create(p);

    for (size_t i = 0; i < 2; i++) {
        qdn_line_t *line = qdn_line_create(lines[i][0], p);

        assert_null(qdn_zone_load(&line->zone, lines[i][1], p));
        assert_int_equal(qdn_plan_add_line(plan, line), APR_SUCCESS);
    }
    return plan;
}

static void a_call_belongs_to_its_lines_clock(void **state)
{
    static const struct {
        const char *line;
        apr_int64_t at; /* seconds */
        int day, hour;
    } cases[] = {
        { "+16195550100", EVENING, 20261031, 23 },
        { "+16195550100", EVENING + 3599, 20261031, 23 },
        { "+16195550100", EVENING + 3600, 20261101, 0 },
        { "+16195550100", EVENING + 2 * 3600, 20261101, 1 },
        { "+16195550100", EVENING + 3 * 3600, 20261101, 1 }, /* again */
        { "+16195550100", EVENING + 4 * 3600, 20261101, 2 },
        { "+16195550101", EVENING, 20261101, 11 },
        { "+16195550102", EVENING, 20261101, 6 },
        { NULL, EVENING, 20261101, 6 },
        { NULL, 0, 19700101, 0 },
        { NULL, -1, 19700101, 0 },
        { NULL, APR_INT64_C(253402300799), 99991231, 23 },
        { NULL, APR_INT64_C(9000000000000), 99991231, 23 },
    };
    apr_pool_t *p;
    qdn_plan_t *plan;

    (void)state;
    apr_pool_create(&p, NULL);
    plan = plan_of_two_zones(p);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int day = 0, hour = -1;

        qdn_rollup_when(plan, cases[i].line, apr_time_from_sec(cases[i].at),
                        &day, &hour);
        assert_int_equal(day, cases[i].day);
        assert_int_equal(hour, cases[i].hour);
        qdn_rollup_when(NULL, "+16195550100", apr_time_from_sec(EVENING), &day,
                        &hour);
        assert_int_equal(day, 20261101);
    }
    apr_pool_destroy(p);
}

static void waits_are_kept_in_steps(void **state)
{
    static const int cases[][2] = {
        { -5, 0 },      { 0, 0 },       { 1, 0 },       { 2, 2 },
        { 59, 58 },     { 60, 60 },     { 69, 60 },     { 70, 70 },
        { 3599, 3590 }, { 3600, 3600 }, { 3601, 3600 }, { 99999, 3600 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(qdn_rollup_wait(cases[i][0]), cases[i][1]);
    }
}

/************** a course of many **************/

/*
 * Calls of all outcomes, on three lines and none, around midnight; the
 * number of the event is its place in the call.
 */
static const struct course_t {
    qdn_kind_e kind;
    int hop;
    const char *operator;
    qdn_reason_e reason;
    const char *detail;
} courses[][10] = {
    { { QDN_KIND_CALL_RECEIVED, 0, NULL, QDN_REASON_NONE,
        "{\"from\":\"+16195550199\"}" },
      { QDN_KIND_HOP_DIALLED, 1, "sergio", QDN_REASON_AVAILABLE, NULL },
      { QDN_KIND_HOP_ENDED, 1, "sergio", QDN_REASON_NO_ANSWER, NULL },
      { QDN_KIND_HOP_DIALLED, 2, "bo", QDN_REASON_AVAILABLE, NULL },
      { QDN_KIND_HOP_DIALLED, 2, "ana", QDN_REASON_AVAILABLE, NULL },
      { QDN_KIND_SCREEN_ACCEPTED, 2, "ana", QDN_REASON_NONE, NULL },
      { QDN_KIND_HOP_ENDED, 2, "ana", QDN_REASON_CONNECTED, NULL },
      { QDN_KIND_CALL_ENDED, 0, NULL, QDN_REASON_CONNECTED, NULL } },
    { { QDN_KIND_CALL_RECEIVED, 0, NULL, QDN_REASON_NONE, NULL },
      { QDN_KIND_HOP_DIALLED, 1, "sergio", QDN_REASON_AVAILABLE, NULL },
      { QDN_KIND_HOP_ENDED, 1, "sergio", QDN_REASON_NO_ANSWER, NULL },
      { QDN_KIND_VOICEMAIL_OFFERED, 0, NULL, QDN_REASON_NONE, NULL },
      { QDN_KIND_VOICEMAIL_RECORDED, 0, NULL, QDN_REASON_NONE,
        "{\"seconds\":7}" },
      { QDN_KIND_CALL_ENDED, 0, NULL, QDN_REASON_NONE, NULL } },
    { { QDN_KIND_CALL_RECEIVED, 0, NULL, QDN_REASON_NONE, NULL },
      { QDN_KIND_HOP_DIALLED, 1, "bo", QDN_REASON_AVAILABLE, NULL },
      { QDN_KIND_CALL_ENDED, 0, NULL, QDN_REASON_CALLER_GONE, NULL } },
    { { QDN_KIND_CALL_RECEIVED, 0, NULL, QDN_REASON_NONE, NULL },
      { QDN_KIND_CALL_REJECTED, 0, NULL, QDN_REASON_NONE, NULL },
      { QDN_KIND_CALL_ENDED, 0, NULL, QDN_REASON_NONE, NULL } },
    { { QDN_KIND_LINE_UNKNOWN, 0, NULL, QDN_REASON_NONE, NULL } },
    { { QDN_KIND_CALL_RECEIVED, 0, NULL, QDN_REASON_NONE, NULL },
      { QDN_KIND_HOP_DIALLED, 1, "ana", QDN_REASON_AVAILABLE, NULL },
      { QDN_KIND_CALL_GOODBYE, 0, NULL, QDN_REASON_NONE, NULL },
      { QDN_KIND_CALL_ENDED, 0, NULL, QDN_REASON_NONE, NULL } },
};

#define COURSES (int)(sizeof(courses) / sizeof(courses[0]))

/* 0 where the call has no such event. */
static int make_event(qdn_event_t *e, int call, int n, apr_pool_t *p)
{
    static const char *const lines[] = { "+16195550100", "+16195550101",
                                         "+16195550102", NULL };
    const struct course_t *step = &courses[call % COURSES][n];

    if (n > 0 && step->kind == QDN_KIND_CALL_RECEIVED) {
        return 0; /* beyond the end */
    }
    *e = (qdn_event_t){
        .at = apr_time_from_sec(EVENING + 3500 + call * 7 % 200 +
                                n * (1 + call % 9)),
        .host = call % 3 ? "host-a" : "host-b",
        .kind = step->kind,
        .line = lines[call % 4],
        .call_sid = apr_psprintf(p, "CA%032x", (unsigned)call),
        .hop = step->hop,
        .operator= step->operator,
        .phone = step->operator? "primary" : NULL,
        .reason = step->reason,
        .detail = step->detail,
    };
    qdn_event_identify(e, apr_itoa(p, n));
    return 1;
}

static int make_events(qdn_event_t *events, apr_pool_t *p)
{
    int n = 0;

    for (int call = 0; call < CALLS; call++) {
        for (int i = 0; i < 10; i++) {
            n += make_event(&events[n], call, i, p);
        }
    }
    return n;
}

static void shuffle(qdn_event_t *events, int n, unsigned *seed)
{
    for (int i = n - 1; i > 0; i--) {
        int j = rand_r(seed) % (i + 1);
        qdn_event_t other = events[i];

        events[i] = events[j];
        events[j] = other;
    }
}

static apr_status_t write_some(qdn_store_t *store, const qdn_event_t *events,
                               int n, const char *host, const qdn_plan_t *plan,
                               apr_pool_t *p)
{
    const qdn_position_t at = { "unit-1-0000000000000000.00000001.jsonl", 1 };
    const qdn_ledger_batch_t batch = { .events = events,
                                       .nevents = n,
                                       .positions = &at,
                                       .npositions = 1,
                                       .host = host,
                                       .plan = plan,
                                       .now = 1 };
    apr_status_t rv;

    do {
        rv = qdn_ledger_write(store, &batch, p);
    } while (rv == APR_EAGAIN);
    return rv;
}

static void check(scene_t *s)
{
    apr_pool_t *p;
    const char *flaw;

    apr_pool_create(&p, s->pool);
    flaw = qdn_sums_flaw(s->store, p);
    if (flaw) {
        fail_msg("%s: %s", s->dbd.driver, flaw);
    }
    apr_pool_destroy(p);
}

static int number(scene_t *s, const char *sql)
{
    return (int)qdn_dbds_number(&s->dbd, sql, s->pool);
}

/*
 * In any order, in pieces of any size, by two hosts whose plans differ, some
 * twice: after each transaction all agrees.
 */
static void sums_hold_after_each_transaction(scene_t *s)
{
    const qdn_plan_t *plan = plan_of_two_zones(s->pool);
    unsigned seed = 5;

    must(s, qdn_schema_apply(s->store, 1, s->pool));
    for (int round = 0; round < 3; round++) {
        qdn_event_t events[EVENTS];
        int n = make_events(events, s->pool);

        shuffle(events, n, &seed);
        for (int first = 0; first < n;) {
            int many = 1 + rand_r(&seed) % 40;
            int host = rand_r(&seed) % 2;

            many = many < n - first ? many : n - first;
            must(s, write_some(s->store, events + first, many,
                               host ? "host-a" : "host-b", host ? plan : NULL,
                               s->pool));
            check(s);
            first += many;
        }
    }
    assert_int_equal(
        number(s, "SELECT SUM(calls) FROM qdn_hourly WHERE line = '*'"), CALLS);
    assert_int_equal(number(s, "SELECT COUNT(DISTINCT outcome) FROM qdn_call"),
                     6);
    assert_int_not_equal(number(s, "SELECT SUM(impatient) FROM qdn_hourly"), 0);
    assert_int_not_equal(number(s, "SELECT SUM(abandoned - impatient)"
                                   " FROM qdn_hourly"),
                         0);
    assert_int_not_equal(number(s, "SELECT SUM(talk_seconds) FROM qdn_load"),
                         0);
    assert_int_not_equal(number(s, "SELECT SUM(rung) FROM qdn_load"
                                   " WHERE night = 1"),
                         0);
}

/* SQLite's driver cannot go on with statements from before. */
static void rename_table(scene_t *s, const char *from, const char *to)
{
    must(s, qdn_store_run(s->store, apr_pstrcat(s->pool, "ALTER TABLE ", from,
                                                " RENAME TO ", to, NULL)));
    qdn_store_close(s->store);
    s->store = qdn_dbds_store(&s->dbd, s->pool);
}

/* The last thing that a transaction does fails; and one is only tried. */
static void what_is_rolled_back_is_not_counted(scene_t *s)
{
    qdn_event_t events[EVENTS];
    int n = make_events(events, s->pool);

    must(s, qdn_schema_apply(s->store, 1, s->pool));
    must(s, write_some(s->store, events, n / 2, "host-a", NULL, s->pool));
    rename_table(s, "qdn_journal", "away");
    assert_int_equal(
        write_some(s->store, events + n / 2, n / 2, "host-a", NULL, s->pool),
        APR_EGENERAL);
    rename_table(s, "away", "qdn_journal");
    check(s);
    for (int i = 0; i < n; i += 7) {
        must(s, qdn_ledger_probe(s->store, &events[i], s->pool));
    }
    check(s);
    must(s, write_some(s->store, events, n, "host-a", NULL, s->pool));
    check(s);
    assert_int_equal(
        number(s, "SELECT SUM(calls) FROM qdn_hourly WHERE line = '*'"), CALLS);
}

/* Texts longer than the columns, and characters that end in the middle. */
static void long_names_are_cut_alike(scene_t *s)
{
    char line[300], operator[300];
    qdn_event_t e[3];

    must(s, qdn_schema_apply(s->store, 1, s->pool));
    memset(line, 'l', sizeof(line));
    memcpy(line + 62, "\xC3\xA9\xC3\xA9", 4);
    line[sizeof(line) - 1] = '\0';
    memset(operator, 'o', sizeof(operator));
    operator[sizeof(operator) - 1] = '\0';
    for (int i = 0; i < 3; i++) {
        assert_true(make_event(&e[i], 0, i == 2 ? 6 : i, s->pool));
        e[i].line = line;
        e[i].operator= e[i].operator? operator: NULL;
    }
    must(s, write_some(s->store, e, 2, "host-a", NULL, s->pool));
    must(s, write_some(s->store, e + 2, 1, "host-b", NULL, s->pool));
    assert_int_equal(
        number(s, "SELECT SUM(calls) FROM qdn_hourly WHERE line = '*'"), 1);
    assert_int_equal(
        number(s, "SELECT SUM(answered) FROM qdn_hourly WHERE line = '*'"), 1);
    assert_int_equal(number(s, "SELECT MAX(LENGTH(line)) FROM qdn_hourly"),
                     !strcmp(s->dbd.driver, "mysql") ? 64 : 63);
    assert_int_equal(number(s, "SELECT SUM(rung) FROM qdn_load"), 2);
}

/************** two at once **************/

static pid_t beside(const qdn_dbd_t *dbd, const char *host, unsigned seed)
{
    pid_t pid = fork();

    if (pid == 0) {
        apr_pool_t *p;
        qdn_store_t *store;
        qdn_event_t events[EVENTS];
        int n, bad = 0;

        apr_pool_create(&p, NULL);
        store = qdn_dbds_store(dbd, p);
        n = make_events(events, p);
        shuffle(events, n, &seed);
        for (int i = 0; i < n && !bad; i += 5) {
            bad = write_some(store, events + i, n - i < 5 ? n - i : 5, host,
                             NULL, p) != APR_SUCCESS;
        }
        _exit(bad);
    }
    return pid;
}

static void two_hosts_count_each_call_once(scene_t *s)
{
    pid_t pids[2];

    must(s, qdn_schema_apply(s->store, 1, s->pool));
    pids[0] = beside(&s->dbd, "host-a", 1);
    pids[1] = beside(&s->dbd, "host-b", 2);
    for (int i = 0; i < 2; i++) {
        int status = 1;

        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    check(s);
    assert_int_equal(
        number(s, "SELECT SUM(calls) FROM qdn_hourly WHERE line = '*'"), CALLS);
}

/************** what an older version wrote **************/

#define OLD 600 /* more than are counted at a time */

static void write_old(scene_t *s)
{
    static const char *const undo[] = {
        "UPDATE qdn_call SET rung = NULL, day = NULL, hour = NULL",
        "DELETE FROM qdn_hourly",
        "DELETE FROM qdn_wait",
        "DELETE FROM qdn_load",
        ("INSERT INTO qdn_call (call_sid, line, started_at, outcome, hops)"
         " VALUES ('CAffff', '+16195550102', 1768400000000000, 'failed', 0)"),
    };

    must(s, qdn_schema_apply(s->store, 1, s->pool));
    for (int call = 0; call < OLD; call++) {
        qdn_event_t events[10];
        int n = 0;

        for (int i = 0; i < 10; i++) {
            n += make_event(&events[n], call, i, s->pool);
        }
        must(s, write_some(s->store, events, n, "host-a", NULL, s->pool));
    }
    for (size_t i = 0; i < sizeof(undo) / sizeof(undo[0]); i++) {
        must(s, qdn_store_run(s->store, undo[i]));
    }
}

/* Nobody counted them, one gets an event meanwhile, another host helps. */
static void old_calls_are_counted_once(scene_t *s)
{
    const qdn_plan_t *plan = plan_of_two_zones(s->pool);
    char after[QDN_LEDGER_SID] = "", other[QDN_LEDGER_SID] = "";
    qdn_event_t late;
    int more = 1, steps = 0;

    write_old(s);
    must(s,
         qdn_ledger_recount(s->store, "host-a", plan, after, &more, s->pool));
    assert_true(more);
    assert_int_equal(
        number(s, "SELECT SUM(calls) FROM qdn_hourly WHERE line = '*'"),
        QDN_LEDGER_RECOUNT);
    assert_true(make_event(&late, OLD - COURSES, 7, s->pool));
    late.at += apr_time_from_sec(90);
    qdn_event_identify(&late, "late");
    must(s, write_some(s->store, &late, 1, "host-b", NULL, s->pool));
    must(s,
         qdn_ledger_recount(s->store, "host-b", NULL, other, &more, s->pool));
    for (; more; steps++) {
        must(s, qdn_ledger_recount(s->store, "host-a", plan, after, &more,
                                   s->pool));
    }
    assert_in_range(steps, 2, 4);
    check(s);
    assert_int_equal(
        number(s, "SELECT SUM(calls) FROM qdn_hourly WHERE line = '*'"),
        OLD + 1);
    assert_int_equal(number(s, "SELECT COUNT(*) FROM qdn_call WHERE rung IS"
                               " NOT NULL"),
                     OLD / COURSES * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_belongs_to_its_lines_clock),
        cmocka_unit_test(waits_are_kept_in_steps),
        EVERY(sums_hold_after_each_transaction),
        EVERY(what_is_rolled_back_is_not_counted),
        EVERY(long_names_are_cut_alike),
        EVERY(two_hosts_count_each_call_once),
        EVERY(old_calls_are_counted_once),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
