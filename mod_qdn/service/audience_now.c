/* SPDX-License-Identifier: Apache-2.0 */
#include "audience.h"

#include "clock.h"
#include "detail.h"
#include "member.h"
#include "now.h"
#include "zone.h"

/* What is known at this moment; the knowledge is the caller's to keep. */
static qdn_now_t look(qdn_audience_t *a, qdn_knowledge_t *known, apr_pool_t *p)
{
    apr_time_t moment = qdn_clock_now();

    *known = (qdn_knowledge_t){ .engaged = qdn_engaged_look,
                                .engaged_baton = a->config->talks,
                                .as_of = moment };
    if (qdn_roster_look(a->roster, &known->snapshot, p)) {
        known->snapshot = NULL;
    }
    return (qdn_now_t){
        .f = { .plan = a->config->plan,
               .knowledge = known,
               .rule = a->config->rule,
               .rules_baton = a->config->rules_baton,
               .now = moment },
        .host = a->config->host,
        .standings = known->snapshot
                         ? qdn_snapshot_standings(known->snapshot, p)
                         : apr_array_make(p, 1, sizeof(qdn_standing_t)),
        .feeds = qdn_sources_report(a->sources, moment, p),
    };
}

const char *qdn_audience_now(qdn_audience_t *a, const char *request,
                             apr_pool_t *p)
{
    qdn_knowledge_t known;
    const qdn_now_t now = look(a, &known, p);

    (void)request;
    return qdn_now_tell(&now, p);
}

const char *qdn_audience_lines(qdn_audience_t *a, const char *request,
                               apr_pool_t *p)
{
    const apr_array_header_t *lines = a->config->plan->lines;
    qdn_text_t t;

    (void)request;
    qdn_text_init(&t, 512, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_open(&t, "lines", '[');
    for (int i = 0; i < lines->nelts; i++) {
        const qdn_line_t *line = APR_ARRAY_IDX(lines, i, const qdn_line_t *);

        qdn_member_open(&t, NULL, '{');
        qdn_member_text(&t, "number", line->number);
        qdn_member_text(&t, "name", line->name);
        qdn_member_text(&t, "zone", qdn_zone_name(line->zone));
        qdn_member_close(&t, '{');
    }
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_audience_operators(qdn_audience_t *a, const char *request,
                                   apr_pool_t *p)
{
    const apr_array_header_t *operators = a->config->plan->operators;
    qdn_knowledge_t known;
    const qdn_now_t now = look(a, &known, p);
    qdn_text_t t;

    (void)request;
    qdn_text_init(&t, 4096, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_open(&t, "operators", '[');
    for (int i = 0; i < operators->nelts; i++) {
        qdn_now_operator(
            &t, &now, APR_ARRAY_IDX(operators, i, const qdn_operator_t *), p);
    }
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_audience_operator(qdn_audience_t *a, const char *request,
                                  apr_pool_t *p)
{
    const qdn_operator_t *op = qdn_plan_operator(
        a->config->plan, qdn_detail_text(request, "operator", p));
    qdn_knowledge_t known;
    qdn_now_t now;
    qdn_text_t t;

    if (!op) {
        return "{\"error\":\"there is no such operator\",\"status\":404}";
    }
    now = look(a, &known, p);
    qdn_text_init(&t, 1024, p);
    qdn_now_operator(&t, &now, op, p);
    return t.buf;
}
