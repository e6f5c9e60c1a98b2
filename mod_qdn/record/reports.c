/* SPDX-License-Identifier: Apache-2.0 */
#include "reports.h"

#include <string.h>
#include <apr_strings.h>
#include "zone.h"

/* In the order of qdn_reports_sum_t. */
#define SUMS                                                                   \
    "SUM(calls), SUM(answered), SUM(voicemail), SUM(unanswered), "             \
    "SUM(abandoned), SUM(impatient), SUM(rejected), SUM(failed), "             \
    "SUM(failover)"

typedef struct wait_t {
    int seconds;
    apr_int64_t calls;
} wait_t;

typedef struct gathering_t {
    qdn_store_t *store;
    qdn_reports_t *reports;
    apr_array_header_t *waits; /* of wait_t, the shortest first */
    const char *where;         /* the days, and the line */
    apr_pool_t *pool;
} gathering_t;

/************** days **************/

static int is_day(int day)
{
    const qdn_zone_t *utc = qdn_zone_utc();
    qdn_local_t local = { .year = day / 10000,
                          .month = day / 100 % 100,
                          .day = day % 100 };

    /* Before any arithmetic that a nonsense day could overflow. */
    if (local.year < 1970 || local.year > 9999) {
        return 0;
    }
    qdn_zone_local(utc, qdn_zone_at(utc, &local), &local);
    return local.year * 10000 + local.month * 100 + local.day == day;
}

/************** calls **************/

static apr_int64_t figure(const char *value)
{
    return value ? apr_atoi64(value) : 0;
}

static void read_sum(qdn_reports_sum_t *sum, const char *const *row)
{
    *sum = (qdn_reports_sum_t){ .calls = figure(row[0]),
                                .answered = figure(row[1]),
                                .voicemail = figure(row[2]),
                                .unanswered = figure(row[3]),
                                .abandoned = figure(row[4]),
                                .impatient = figure(row[5]),
                                .rejected = figure(row[6]),
                                .failed = figure(row[7]),
                                .failover = figure(row[8]) };
}

static void add_sum(qdn_reports_sum_t *to, const qdn_reports_sum_t *sum)
{
    to->calls += sum->calls;
    to->answered += sum->answered;
    to->voicemail += sum->voicemail;
    to->unanswered += sum->unanswered;
    to->abandoned += sum->abandoned;
    to->impatient += sum->impatient;
    to->rejected += sum->rejected;
    to->failed += sum->failed;
    to->failover += sum->failover;
}

/* Of a call that moved away nothing may be left but a row. */
static void keep_day(void *baton, const char *const *row)
{
    qdn_reports_t *reports = ((gathering_t *)baton)->reports;
    qdn_reports_day_t day = { .day = (int)figure(row[0]) };

    read_sum(&day.sum, row + 1);
    if (day.sum.calls) {
        APR_ARRAY_PUSH(reports->days, qdn_reports_day_t) = day;
        add_sum(&reports->total, &day.sum);
    }
}

static void keep_hour(void *baton, const char *const *row)
{
    qdn_reports_t *reports = ((gathering_t *)baton)->reports;
    apr_int64_t weekday = figure(row[0]), hour = figure(row[1]);

    if (weekday >= 0 && weekday < 7 && hour >= 0 && hour < 24) {
        read_sum(&reports->week[weekday][hour], row + 2);
    }
}

/* Twice, as a year has 8760 hours, but 365 days and a week's 168 hours. */
static apr_status_t gather_calls(gathering_t *g)
{
    apr_status_t rv = qdn_store_select(
        g->store,
        apr_pstrcat(g->pool, "SELECT day, " SUMS " FROM qdn_hourly", g->where,
                    " GROUP BY day ORDER BY day", NULL),
        keep_day, g, g->pool);

    return rv ? rv
              : qdn_store_select(g->store,
                                 apr_pstrcat(g->pool,
                                             "SELECT weekday, hour, " SUMS
                                             " FROM qdn_hourly",
                                             g->where,
                                             " GROUP BY weekday, hour", NULL),
                                 keep_hour, g, g->pool);
}

/************** waits **************/

static void keep_wait(void *baton, const char *const *row)
{
    APR_ARRAY_PUSH(((gathering_t *)baton)->waits, wait_t) =
        (wait_t){ (int)figure(row[0]), figure(row[1]) };
}

/* The shortest wait that so many of a hundred callers did not exceed. */
static int percentile(const apr_array_header_t *waits, int percent)
{
    apr_int64_t all = 0, so_far = 0;

    for (int i = 0; i < waits->nelts; i++) {
        all += APR_ARRAY_IDX(waits, i, wait_t).calls;
    }
    for (int i = 0; i < waits->nelts; i++) {
        so_far += APR_ARRAY_IDX(waits, i, wait_t).calls;
        if (so_far > 0 && so_far * 100 >= all * percent) {
            return APR_ARRAY_IDX(waits, i, wait_t).seconds;
        }
    }
    return -1;
}

static apr_status_t gather_waits(gathering_t *g)
{
    apr_status_t rv;

    g->waits = apr_array_make(g->pool, 64, sizeof(wait_t));
    rv = qdn_store_select(
        g->store,
        apr_pstrcat(g->pool, "SELECT seconds, SUM(calls) FROM qdn_wait",
                    g->where, " GROUP BY seconds ORDER BY seconds", NULL),
        keep_wait, g, g->pool);
    g->reports->median_wait = percentile(g->waits, 50);
    g->reports->p90_wait = percentile(g->waits, 90);
    return rv;
}

/************** loads **************/

static void keep_load(void *baton, const char *const *row)
{
    const qdn_reports_load_t load = { .operator= row[0],
                                      .night = (int)figure(row[1]),
                                      .rung = figure(row[2]),
                                      .answered = figure(row[3]),
                                      .talk_seconds = figure(row[4]) };

    if (load.rung || load.answered) {
        APR_ARRAY_PUSH(((gathering_t *)baton)->reports->loads,
                       qdn_reports_load_t) = load;
    }
}

static apr_status_t gather_loads(gathering_t *g)
{
    return qdn_store_select(
        g->store,
        apr_pstrcat(g->pool,
                    "SELECT operator, night, SUM(rung), SUM(answered),"
                    " SUM(talk_seconds) FROM qdn_load",
                    g->where,
                    " GROUP BY operator, night ORDER BY operator, night", NULL),
        keep_load, g, g->pool);
}

apr_status_t qdn_reports_get(qdn_store_t *store,
                             const qdn_reports_query_t *query,
                             qdn_reports_t *preports, apr_pool_t *p)
{
    gathering_t g = { .store = store, .reports = preports, .pool = p };
    apr_status_t rv;

    memset(preports, 0, sizeof(*preports));
    preports->days = apr_array_make(p, 31, sizeof(qdn_reports_day_t));
    preports->loads = apr_array_make(p, 16, sizeof(qdn_reports_load_t));
    if (!is_day(query->from) || !is_day(query->to) || query->from > query->to) {
        return APR_EINVAL;
    }
    g.where = apr_psprintf(
        p, " WHERE line = %s AND day BETWEEN %d AND %d",
        qdn_store_quote(store, query->line ? query->line : QDN_ROLLUP_ALL, p),
        query->from, query->to);
    rv = gather_calls(&g);
    if (rv == APR_SUCCESS) {
        rv = gather_waits(&g);
    }
    return rv == APR_SUCCESS ? gather_loads(&g) : rv;
}
