/* SPDX-License-Identifier: Apache-2.0 */
/* Reports from sums that stand there, on every database of QDN_TEST_DBDS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "dbds.h"
#include "reports.h"
#include "store_scene.h"

/* Hosts share what they have counted; one has taken a call out again. */
static const char *const sums[] = {
    "INSERT INTO qdn_hourly VALUES"
    " ('+16195550100', 20261031, 5, 23, 'a', 9, 9, 0, 0, 0, 0, 0, 0, 9)",
    "INSERT INTO qdn_hourly VALUES" /* a Sunday */
    " ('+16195550100', 20261101, 6, 0, 'a', 10, 4, 1, 1, 2, 1, 1, 0, 3)",
    "INSERT INTO qdn_hourly VALUES"
    " ('+16195550100', 20261101, 6, 0, 'b', 2, -1, 0, 0, 3, 0, 0, 0, 1)",
    "INSERT INTO qdn_hourly VALUES" /* a Monday */
    " ('+16195550101', 20261102, 0, 14, 'a', 5, 2, 0, 0, 0, 0, 0, 3, 0)",
    "INSERT INTO qdn_hourly VALUES"
    " ('+16195550100', 20261103, 1, 14, 'a', 1, 1, 0, 0, 0, 0, 0, 0, 0)",
    "INSERT INTO qdn_hourly VALUES" /* moved to another day */
    " ('+16195550100', 20261103, 1, 14, 'b', -1, -1, 0, 0, 0, 0, 0, 0, 0)",
    "INSERT INTO qdn_hourly VALUES"
    " ('', 20261130, 0, 6, 'a', 1, 0, 0, 0, 0, 0, 0, 1, 0)",
    "INSERT INTO qdn_hourly VALUES"
    " ('+16195550100', 20261201, 1, 0, 'a', 9, 9, 0, 0, 0, 0, 0, 0, 9)",

    "INSERT INTO qdn_wait VALUES ('+16195550100', 20261101, 2, 'a', 3)",
    "INSERT INTO qdn_wait VALUES ('+16195550100', 20261101, 2, 'b', 2)",
    "INSERT INTO qdn_wait VALUES ('+16195550100', 20261101, 8, 'a', 1)",
    "INSERT INTO qdn_wait VALUES ('+16195550100', 20261101, 12, 'a', 1)",
    "INSERT INTO qdn_wait VALUES ('+16195550101', 20261102, 30, 'a', 2)",
    "INSERT INTO qdn_wait VALUES ('+16195550101', 20261102, 70, 'a', 1)",
    "INSERT INTO qdn_wait VALUES ('+16195550100', 20261103, 4, 'a', 1)",
    "INSERT INTO qdn_wait VALUES ('+16195550100', 20261103, 4, 'b', -1)",
    "INSERT INTO qdn_wait VALUES ('+16195550100', 20261201, 900, 'a', 99)",

    "INSERT INTO qdn_load VALUES"
    " ('sergio', '+16195550100', 20261101, 1, 'a', 10, 4, 600)",
    "INSERT INTO qdn_load VALUES"
    " ('sergio', '+16195550100', 20261101, 1, 'b', 1, 1, 60)",
    "INSERT INTO qdn_load VALUES"
    " ('ana', '+16195550101', 20261102, 0, 'a', 2, 2, 20)",
    "INSERT INTO qdn_load VALUES"
    " ('bo', '+16195550101', 20261102, 0, 'a', 1, 0, 0)",
    "INSERT INTO qdn_load VALUES"
    " ('bo', '+16195550101', 20261102, 0, 'b', -1, 0, 0)",
    "INSERT INTO qdn_load VALUES"
    " ('ana', '+16195550101', 20261201, 0, 'a', 90, 90, 90)",

    /* Of all lines together. */
    "INSERT INTO qdn_hourly SELECT '*', day, weekday, hour, host, calls, "
    "answered,"
    " voicemail, unanswered, abandoned, impatient, rejected, failed, failover"
    " FROM qdn_hourly",
    "INSERT INTO qdn_wait SELECT '*', day, seconds, host, calls FROM qdn_wait",
    "INSERT INTO qdn_load SELECT operator, '*', day, night, host, rung,"
    " answered, talk_seconds FROM qdn_load",
};

static void enter(scene_t *s)
{
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        must(s, qdn_store_run(s->store, sums[i]));
    }
}

static qdn_reports_t get(scene_t *s, int from, int to, const char *line)
{
    const qdn_reports_query_t query = { from, to, line };
    qdn_reports_t reports;

    must(s, qdn_reports_get(s->store, &query, &reports, s->pool));
    return reports;
}

static void same(const qdn_reports_sum_t *sum, const char *wanted,
                 apr_pool_t *p)
{
    assert_string_equal(apr_psprintf(p, "%d %d %d %d %d %d %d %d %d",
                                     (int)sum->calls, (int)sum->answered,
                                     (int)sum->voicemail, (int)sum->unanswered,
                                     (int)sum->abandoned, (int)sum->impatient,
                                     (int)sum->rejected, (int)sum->failed,
                                     (int)sum->failover),
                        wanted);
}

static const qdn_reports_day_t *day(const qdn_reports_t *reports, int i)
{
    return &APR_ARRAY_IDX(reports->days, i, qdn_reports_day_t);
}

static void a_month_of_all_lines(scene_t *s)
{
    qdn_reports_t r;
    apr_int64_t week = 0;

    enter(s);
    r = get(s, 20261101, 20261130, NULL);
    same(&r.total, "18 5 1 1 5 1 1 4 4", s->pool);
    assert_int_equal(r.days->nelts, 3);
    assert_int_equal(day(&r, 0)->day, 20261101);
    same(&day(&r, 0)->sum, "12 3 1 1 5 1 1 0 4", s->pool);
    assert_int_equal(day(&r, 1)->day, 20261102);
    assert_int_equal(day(&r, 2)->day, 20261130);
    same(&r.week[6][0], "12 3 1 1 5 1 1 0 4", s->pool);
    same(&r.week[0][14], "5 2 0 0 0 0 0 3 0", s->pool);
    same(&r.week[0][6], "1 0 0 0 0 0 0 1 0", s->pool);
    for (int i = 0; i < 7 * 24; i++) {
        week += r.week[i / 24][i % 24].calls;
    }
    assert_int_equal(week, 18);
}

static void one_line_and_one_day(scene_t *s)
{
    qdn_reports_t r;

    enter(s);
    r = get(s, 20261101, 20261130, "+16195550101");
    same(&r.total, "5 2 0 0 0 0 0 3 0", s->pool);
    r = get(s, 20261031, 20261031, NULL);
    same(&r.total, "9 9 0 0 0 0 0 0 9", s->pool);
    r = get(s, 20261101, 20261130, "' OR '1'='1");
    same(&r.total, "0 0 0 0 0 0 0 0 0", s->pool);
    assert_int_equal(r.days->nelts, 0);
    assert_int_equal(r.median_wait, -1);
    assert_int_equal(r.p90_wait, -1);
    assert_int_equal(r.loads->nelts, 0);
}

/* 2 2 2 2 2 8 12 30 30 70: half of ten did not wait longer than 2. */
static void waits_have_a_median(scene_t *s)
{
    qdn_reports_t r;

    enter(s);
    r = get(s, 20261101, 20261130, NULL);
    assert_int_equal(r.median_wait, 2);
    assert_int_equal(r.p90_wait, 30);
    r = get(s, 20261101, 20261130, "+16195550101");
    assert_int_equal(r.median_wait, 30);
    assert_int_equal(r.p90_wait, 70);
    r = get(s, 20261103, 20261103, NULL);
    assert_int_equal(r.median_wait, -1);
}

static void operators_have_their_loads(scene_t *s)
{
    static const qdn_reports_load_t wanted[] = { { "ana", 0, 2, 2, 20 },
                                                 { "sergio", 1, 11, 5, 660 } };
    qdn_reports_t r;

    enter(s);
    r = get(s, 20261101, 20261130, NULL);
    assert_int_equal(r.loads->nelts, 2);
    for (int i = 0; i < 2; i++) {
        const qdn_reports_load_t *l =
            &APR_ARRAY_IDX(r.loads, i, qdn_reports_load_t);

        assert_string_equal(l->operator, wanted[i].operator);
        assert_int_equal(l->night, wanted[i].night);
        assert_int_equal(l->rung, wanted[i].rung);
        assert_int_equal(l->answered, wanted[i].answered);
        assert_int_equal(l->talk_seconds, wanted[i].talk_seconds);
    }
}

static void only_days_of_the_calendar(scene_t *s)
{
    static const struct {
        int from, to;
        apr_status_t rv;
    } cases[] = {
        { 20261101, 20261101, APR_SUCCESS },
        { 20240229, 20240301, APR_SUCCESS },
        { 20261101, 20261031, APR_EINVAL },
        { 20261131, 20261201, APR_EINVAL },
        { 20250229, 20250301, APR_EINVAL },
        { 20261101, 20261301, APR_EINVAL },
        { 20261100, 20261101, APR_EINVAL },
        { 20260001, 20261101, APR_EINVAL },
        { 0, 20261101, APR_EINVAL },
        { -20261101, 20261101, APR_EINVAL },
        { 20261101, 2147483647, APR_EINVAL },
    };

    must(s, qdn_schema_apply(s->store, 1, s->pool));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const qdn_reports_query_t query = { cases[i].from, cases[i].to, NULL };
        qdn_reports_t reports;

        assert_int_equal(qdn_reports_get(s->store, &query, &reports, s->pool),
                         cases[i].rv);
    }
}

static void a_lost_table_is_told(scene_t *s)
{
    static const char *const tables[] = { "qdn_load", "qdn_wait",
                                          "qdn_hourly" };
    const qdn_reports_query_t query = { 20261101, 20261130, NULL };
    qdn_reports_t reports;

    must(s, qdn_schema_apply(s->store, 1, s->pool));
    for (size_t i = 0; i < 3; i++) {
        must(s, qdn_store_run(s->store, apr_pstrcat(s->pool, "DROP TABLE ",
                                                    tables[i], NULL)));
        assert_int_equal(qdn_reports_get(s->store, &query, &reports, s->pool),
                         APR_EGENERAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(a_month_of_all_lines),      EVERY(one_line_and_one_day),
        EVERY(waits_have_a_median),       EVERY(operators_have_their_loads),
        EVERY(only_days_of_the_calendar), EVERY(a_lost_table_is_told),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
