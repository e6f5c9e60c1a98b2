/* SPDX-License-Identifier: Apache-2.0 */
#include "archive_form.h"
#include "reports.h"
#include "sentence.h"

#define DAYS_DEFAULT 30
#define DAY_MIN      19700101
#define DAY_MAX      99991231

static int day_of(const qdn_zone_t *zone, apr_time_t at, int days)
{
    qdn_local_t t;

    qdn_zone_local(zone, at, &t);
    t.day += days;
    t.hour = 12; /* every day has a noon */
    qdn_zone_local(zone, qdn_zone_at(zone, &t), &t);
    return (t.year * 100 + t.month) * 100 + t.day;
}

/* The object is left open: a sum may have more members. */
static void add_sum(qdn_text_t *t, const char *name, const qdn_reports_sum_t *s)
{
    const struct {
        const char *name;
        apr_int64_t value;
    } members[] = {
        { "calls", s->calls },
        { "answered", s->answered },
        { "voicemail", s->voicemail },
        { "unanswered", s->unanswered },
        { "abandoned", s->abandoned },
        { "impatient", s->impatient },
        { "rejected", s->rejected },
        { "failed", s->failed },
        { "failover", s->failover },
        { "missed",
          s->voicemail + s->unanswered + s->abandoned - s->impatient },
    };

    qdn_member_open(t, name, '{');
    for (apr_size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        qdn_member_number(t, members[i].name, members[i].value);
    }
}

static void add_days(qdn_text_t *t, const qdn_reports_t *r)
{
    qdn_member_open(t, "days", '[');
    for (int i = 0; i < r->days->nelts; i++) {
        const qdn_reports_day_t *day =
            &APR_ARRAY_IDX(r->days, i, qdn_reports_day_t);

        add_sum(t, NULL, &day->sum);
        qdn_member_number(t, "day", day->day);
        qdn_member_close(t, '{');
    }
    qdn_member_close(t, '[');
}

static void add_week(qdn_text_t *t, const qdn_reports_t *r)
{
    qdn_member_open(t, "week", '[');
    for (int day = 0; day < 7; day++) {
        qdn_member_open(t, NULL, '[');
        for (int hour = 0; hour < 24; hour++) {
            add_sum(t, NULL, &r->week[day][hour]);
            qdn_member_close(t, '{');
        }
        qdn_member_close(t, '[');
    }
    qdn_member_close(t, '[');
}

static void add_wait(qdn_text_t *t, const char *name, int seconds)
{
    if (seconds < 0) {
        qdn_member_raw(t, name, NULL);
    }
    else {
        qdn_member_number(t, name, seconds);
    }
}

static void add_loads(qdn_text_t *t, const qdn_plan_t *plan,
                      const qdn_reports_t *r)
{
    qdn_member_open(t, "loads", '[');
    for (int i = 0; i < r->loads->nelts; i++) {
        const qdn_reports_load_t *load =
            &APR_ARRAY_IDX(r->loads, i, qdn_reports_load_t);

        qdn_member_open(t, NULL, '{');
        qdn_member_text(t, "operator", load->operator);
        qdn_member_text(t, "name", qdn_sentence_name(plan, load->operator));
        qdn_member_truth(t, "night", load->night);
        qdn_member_number(t, "rung", load->rung);
        qdn_member_number(t, "answered", load->answered);
        qdn_member_number(t, "talk_seconds", load->talk_seconds);
        qdn_member_close(t, '{');
    }
    qdn_member_close(t, '[');
}

static const char *tell(const qdn_question_t *q,
                        const qdn_reports_query_t *query,
                        const qdn_reports_t *r)
{
    qdn_text_t t;

    qdn_text_init(&t, 65536, q->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_number(&t, "from", query->from);
    qdn_member_number(&t, "to", query->to);
    qdn_member_text(&t, "line", query->line);
    qdn_member_text(&t, "zone",
                    qdn_zone_name(qdn_archive_zone(q->plan, query->line)));
    qdn_member_time(&t, "as_of", q->as_of);
    add_sum(&t, "total", &r->total);
    qdn_member_close(&t, '{');
    add_days(&t, r);
    add_week(&t, r);
    add_wait(&t, "median_wait", r->median_wait);
    add_wait(&t, "p90_wait", r->p90_wait);
    add_loads(&t, q->plan, r);
    qdn_member_close(&t, '{');
    return t.buf;
}

static const char *read_query(const qdn_question_t *q,
                              qdn_reports_query_t *pquery)
{
    const char *error =
        qdn_archive_read(q, "line", QDN_PARAMETER_NUMBER, &pquery->line);
    const qdn_zone_t *zone = qdn_archive_zone(q->plan, pquery->line);
    apr_int64_t from = day_of(zone, q->now, 1 - DAYS_DEFAULT);
    apr_int64_t to = day_of(zone, q->now, 0);

    if (!error) {
        error = qdn_archive_read_int(q, "from", DAY_MIN, DAY_MAX, &from);
    }
    if (!error) {
        error = qdn_archive_read_int(q, "to", DAY_MIN, DAY_MAX, &to);
    }
    pquery->from = (int)from;
    pquery->to = (int)to;
    return error;
}

const char *qdn_archive_report(qdn_question_t *q)
{
    qdn_reports_query_t query;
    const char *error = read_query(q, &query);
    qdn_reports_t report;
    apr_status_t rv;

    if (error) {
        return qdn_archive_fault(q, 400, error);
    }
    rv = qdn_reports_get(q->store, &query, &report, q->pool);
    if (rv == APR_EINVAL) {
        return qdn_archive_fault(q, 400,
                                 "from and to should be days such as "
                                 "20261224, from not after to");
    }
    return rv ? qdn_archive_broken(q) : tell(q, &query, &report);
}
