/* SPDX-License-Identifier: Apache-2.0 */
#include "audience.h"

#include <string.h>

#include <apr_strings.h>

#include "clock.h"
#include "judge.h"
#include "standings.h"
#include "text.h"

/* The snapshot is NULL until there is one. */
static qdn_knowledge_t know(qdn_audience_t *a, apr_pool_t *p)
{
    qdn_knowledge_t known = { .engaged = qdn_engaged_look,
                              .engaged_baton = a->config->talks };

    if (qdn_roster_look(a->roster, &known.snapshot, p)) {
        known.snapshot = NULL;
    }
    return known;
}

/************** lists **************/

static void begin_list(qdn_text_t *t, const char *name)
{
    qdn_text_add_json(t, name);
    qdn_text_add(t, ":[");
}

static void separate(qdn_text_t *t)
{
    char last = t->buf[t->len - 1];

    if (last != '[' && last != '{') {
        qdn_text_addc(t, ',');
    }
}

static void add_text(qdn_text_t *t, const char *name, const char *value)
{
    separate(t);
    qdn_text_add_json(t, name);
    qdn_text_addc(t, ':');
    qdn_text_add_json(t, value);
}

static void add_number(qdn_text_t *t, const char *name, apr_int64_t value)
{
    separate(t);
    qdn_text_add_json(t, name);
    qdn_text_addc(t, ':');
    qdn_text_add_int(t, value);
}

/* In the zone of whom it is about; nothing for 0. */
static void add_time(qdn_text_t *t, const char *name, apr_time_t at,
                     const qdn_zone_t *zone, apr_pool_t *p)
{
    add_number(t, name, apr_time_sec(at));
    add_text(t, apr_pstrcat(p, name, "_text", NULL),
             at ? qdn_zone_text(zone, at, p) : NULL);
}

/************** who is available **************/

static void add_standing(qdn_text_t *t, const qdn_standing_t *s,
                         const qdn_zone_t *zone, apr_pool_t *p)
{
    separate(t);
    qdn_text_addc(t, '{');
    add_text(t, "line", s->line);
    add_text(t, "state", qdn_standing_text(s->state));
    add_time(t, "until", s->until, zone, p);
    add_time(t, "at", s->at, zone, p);
    add_text(t, "who", s->who);
    add_text(t, "why", s->why);
    add_text(t, "event", s->event);
    qdn_text_addc(t, '}');
}

/* Those in force. */
static void add_standings(qdn_text_t *t, const qdn_operator_t *op,
                          const apr_array_header_t *set, apr_time_t now,
                          apr_pool_t *p)
{
    begin_list(t, "standings");
    for (int i = 0; i < set->nelts; i++) {
        const qdn_standing_t *s = &APR_ARRAY_IDX(set, i, qdn_standing_t);

        if (!strcmp(s->operator, op->id) && s->state != QDN_STANDING_AUTO &&
            (!s->until || s->until > now)) {
            add_standing(t, s, op->zone, p);
        }
    }
    qdn_text_addc(t, ']');
}

static void add_verdict(qdn_text_t *t, const qdn_audience_t *a,
                        const qdn_operator_t *op, const qdn_line_t *line,
                        const qdn_knowledge_t *known, apr_time_t now,
                        apr_pool_t *p)
{
    qdn_verdict_t verdict;
    apr_time_t until = 0;

    qdn_judge_operator(a->config->plan, op, line, known, now, &verdict, &until,
                       p);
    separate(t);
    qdn_text_addc(t, '{');
    add_text(t, "line", line ? line->number : NULL);
    add_text(t, "line_name", line ? line->name : NULL);
    qdn_text_addf(t, ",\"available\":%s", verdict.available ? "true" : "false");
    add_text(t, "reason", qdn_reason_text(verdict.reason));
    add_time(t, "until", until, op->zone, p);
    qdn_text_addf(t, ",\"detail\":%s}",
                  verdict.detail ? verdict.detail : "null");
}

/* Of each line that may ring him; without a line, of the operator alone. */
static void add_verdicts(qdn_text_t *t, const qdn_audience_t *a,
                         const qdn_operator_t *op, const qdn_knowledge_t *known,
                         apr_time_t now, apr_pool_t *p)
{
    const apr_array_header_t *lines = a->config->plan->lines;
    int n = 0;

    begin_list(t, "lines");
    for (int i = 0; i < lines->nelts; i++) {
        const qdn_line_t *line = APR_ARRAY_IDX(lines, i, const qdn_line_t *);

        if (qdn_standings_concern(line, op)) {
            add_verdict(t, a, op, line, known, now, p);
            n++;
        }
    }
    if (!n) {
        add_verdict(t, a, op, NULL, known, now, p);
    }
    qdn_text_addc(t, ']');
}

static void add_operator(qdn_text_t *t, const qdn_audience_t *a,
                         const qdn_operator_t *op, const qdn_knowledge_t *known,
                         const apr_array_header_t *set, apr_time_t now,
                         apr_pool_t *p)
{
    separate(t);
    qdn_text_addc(t, '{');
    add_text(t, "id", op->id);
    add_text(t, "name", op->name);
    qdn_text_addc(t, ',');
    add_standings(t, op, set, now, p);
    qdn_text_addc(t, ',');
    add_verdicts(t, a, op, known, now, p);
    qdn_text_addc(t, '}');
}

static void add_feed(qdn_text_t *t, const qdn_sources_feed_t *feed,
                     apr_time_t now, apr_pool_t *p)
{
    separate(t);
    qdn_text_addc(t, '{');
    add_text(t, "name", qdn_feed_name(feed->feed, p));
    add_text(t, "kind", qdn_feed_kind_text(feed->feed->kind));
    add_text(t, "state", qdn_sources_text(feed->state));
    add_number(t, "age",
               feed->good_at ? apr_time_sec(now - feed->good_at) : -1);
    add_text(t, "error", feed->error);
    qdn_text_addc(t, '}');
}

void qdn_audience_add_feeds(qdn_audience_t *a, qdn_text_t *t, apr_time_t now,
                            apr_pool_t *p)
{
    const apr_array_header_t *feeds = qdn_sources_report(a->sources, now, p);

    begin_list(t, "feeds");
    for (int i = 0; i < feeds->nelts; i++) {
        add_feed(t, &APR_ARRAY_IDX(feeds, i, qdn_sources_feed_t), now, p);
    }
    qdn_text_addc(t, ']');
}

const char *qdn_audience_status(qdn_audience_t *a, const char *request,
                                apr_pool_t *p)
{
    const apr_array_header_t *operators = a->config->plan->operators;
    apr_time_t now = qdn_clock_now();
    qdn_knowledge_t known = know(a, p);
    const apr_array_header_t *set =
        known.snapshot ? qdn_snapshot_standings(known.snapshot, p)
                       : apr_array_make(p, 1, sizeof(qdn_standing_t));
    qdn_text_t t;

    (void)request;
    qdn_text_init(&t, 4096, p);
    qdn_text_addc(&t, '{');
    add_text(&t, "host", a->config->host);
    add_number(&t, "now", apr_time_sec(now));
    qdn_text_addc(&t, ',');
    begin_list(&t, "operators");
    for (int i = 0; i < operators->nelts; i++) {
        add_operator(&t, a, APR_ARRAY_IDX(operators, i, const qdn_operator_t *),
                     &known, set, now, p);
    }
    qdn_text_add(&t, "],");
    qdn_audience_add_feeds(a, &t, now, p);
    qdn_text_addc(&t, '}');
    return t.buf;
}
