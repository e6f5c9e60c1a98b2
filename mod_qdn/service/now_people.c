/* SPDX-License-Identifier: Apache-2.0 */
#include "now_cause.h"

#include <string.h>

#include "detail.h"
#include "feed.h"
#include "member.h"
#include "standings.h"
#include "zone.h"

static apr_time_t moment(const char *detail, const char *name, apr_pool_t *p)
{
    return apr_time_from_sec(qdn_detail_number(detail, name, 0, p));
}

int qdn_now_cause(const qdn_now_t *now, const qdn_operator_t *op,
                  const qdn_line_t *line, qdn_now_cause_t *pcause,
                  apr_pool_t *p)
{
    const qdn_foretell_t *f = &now->f;
    qdn_verdict_t verdict;
    const char *by;

    *pcause = (qdn_now_cause_t){ .at = f->now };
    qdn_judge_operator(f->plan, op, line, f->knowledge, f->now, &verdict,
                       &pcause->until, p);
    pcause->reason = verdict.reason;
    pcause->known = verdict.detail;
    by = qdn_detail_text(verdict.detail, "by", p);
    if (by && !strcmp(by, "status")) {
        pcause->since = moment(verdict.detail, "at", p);
        pcause->until = moment(verdict.detail, "until", p);
        pcause->who = qdn_detail_text(verdict.detail, "who", p);
        pcause->why = qdn_detail_text(verdict.detail, "why", p);
    }
    else if (by && !strcmp(by, "talk")) {
        pcause->since = moment(verdict.detail, "since", p);
        pcause->until = 0; /* nobody knows how long people talk */
    }
    return verdict.available;
}

void qdn_now_cause_members(qdn_text_t *t, const qdn_now_cause_t *cause)
{
    qdn_member_time(t, "since", cause->since);
    qdn_member_time(t, "until", cause->until);
    qdn_member_text(t, "who", cause->who);
    qdn_member_text(t, "why", cause->why);
}

/************** set by hand **************/

void qdn_now_standing(qdn_text_t *t, const char *name,
                      const qdn_standing_t *standing)
{
    if (!standing) {
        qdn_member_raw(t, name, NULL);
        return;
    }
    qdn_member_open(t, name, '{');
    qdn_member_text(t, "state", qdn_standing_text(standing->state));
    qdn_member_text(t, "line", standing->line);
    qdn_member_time(t, "until", standing->until);
    qdn_member_time(t, "at", standing->at);
    qdn_member_text(t, "who", standing->who);
    qdn_member_text(t, "why", standing->why);
    qdn_member_close(t, '{');
}

/* That of all lines, and all that are in force. */
static void add_standings(qdn_text_t *t, const qdn_now_t *now,
                          const qdn_operator_t *op)
{
    const apr_array_header_t *set = now->standings;

    qdn_now_standing(t, "standing",
                     qdn_standing_of(set, op->id, NULL, now->f.now));
    qdn_member_open(t, "standings", '[');
    for (int i = 0; i < set->nelts; i++) {
        const qdn_standing_t *s = &APR_ARRAY_IDX(set, i, qdn_standing_t);

        if (!strcmp(s->operator, op->id) && qdn_standing_holds(s, now->f.now)) {
            qdn_now_standing(t, NULL, s);
        }
    }
    qdn_member_close(t, '[');
}

/************** found out **************/

void qdn_now_feed(qdn_text_t *t, const qdn_sources_feed_t *feed, apr_time_t now,
                  apr_pool_t *p)
{
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "name", qdn_feed_name(feed->feed, p));
    qdn_member_text(t, "kind", qdn_feed_kind_text(feed->feed->kind));
    qdn_member_text(t, "state", qdn_sources_text(feed->state));
    if (feed->good_at) {
        qdn_member_number(
            t, "age",
            now > feed->good_at ? apr_time_sec(now - feed->good_at) : 0);
    }
    else {
        qdn_member_raw(t, "age", NULL);
    }
    qdn_member_text(t, "error", feed->error);
    qdn_member_close(t, '{');
}

static void add_feed(qdn_text_t *t, const qdn_now_t *now,
                     const qdn_feed_t *feed, apr_pool_t *p)
{
    qdn_now_feed(t, &APR_ARRAY_IDX(now->feeds, feed->index, qdn_sources_feed_t),
                 now->f.now, p);
}

static void add_each(qdn_text_t *t, const qdn_now_t *now,
                     const apr_array_header_t *feeds, apr_pool_t *p)
{
    for (int i = 0; feeds && i < feeds->nelts; i++) {
        add_feed(t, now, APR_ARRAY_IDX(feeds, i, const qdn_feed_t *), p);
    }
}

static void add_feeds(qdn_text_t *t, const qdn_now_t *now,
                      const qdn_operator_t *op, apr_pool_t *p)
{
    qdn_member_open(t, "feeds", '[');
    if (now->feeds) {
        add_each(t, now, op->holidays, p);
        add_each(t, now, op->calendars, p);
        add_each(t, now, op->duties, p);
        if (op->presence) {
            add_feed(t, now, op->presence, p);
        }
    }
    qdn_member_close(t, '[');
}

/* Whatever QDNOnACall makes of it; here or on another host. */
static int talks(const qdn_now_t *now, const qdn_operator_t *op)
{
    const qdn_knowledge_t *known = now->f.knowledge;
    apr_time_t since;
    qdn_talk_t talk;

    return (known->engaged &&
            known->engaged(known->engaged_baton, op, now->f.now, &since)) ||
           (known->snapshot &&
            qdn_snapshot_talk(known->snapshot, op->id, now->f.now, &talk));
}

void qdn_now_operator(qdn_text_t *t, const qdn_now_t *now,
                      const qdn_operator_t *op, apr_pool_t *p)
{
    qdn_now_cause_t cause;
    int available = qdn_now_cause(now, op, NULL, &cause, p);

    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "id", op->id);
    qdn_member_text(t, "name", op->name);
    qdn_member_text(t, "zone", qdn_zone_name(op->zone));
    qdn_member_truth(t, "available", available);
    qdn_member_text(t, "reason", qdn_reason_text(cause.reason));
    qdn_member_text(
        t, "sentence",
        qdn_now_say_operator(op->name, available, &cause, op->zone, p));
    qdn_member_time(t, "since", cause.since);
    qdn_member_time(t, "until", cause.until);
    add_standings(t, now, op);
    qdn_member_time(
        t, "suggested_until",
        qdn_standings_next_day(op, now->f.knowledge->snapshot, now->f.now));
    qdn_member_truth(t, "talking", talks(now, op));
    add_feeds(t, now, op, p);
    qdn_member_close(t, '{');
}
