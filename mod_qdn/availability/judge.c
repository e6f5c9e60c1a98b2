/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <string.h>
#include "text.h"

/* What holds for every operator of a question. */
typedef struct scene_t {
    const qdn_plan_t *plan;
    const qdn_line_t *line;
    const qdn_knowledge_t *known;
    apr_time_t now;
    apr_time_t as_of; /* what ages are counted from */
    int ahead;        /* 1: somebody asks for `change` */
    apr_pool_t *p;
} scene_t;

/* One operator's matter on its way through the steps. */
typedef struct matter_t {
    const scene_t *scene;
    const qdn_operator_t *op;
    qdn_verdict_t *verdict;
    qdn_standing_t standing; /* AUTO: none in force */
    apr_time_t change;       /* the earliest by the clock; 0: none known */
    const qdn_feed_t *gap;   /* the first that could not be counted on */
    int sources;             /* that could */
    apr_time_t oldest;       /* answer of those */
} matter_t;

static void change_at(matter_t *m, apr_time_t at)
{
    if (at > m->scene->now && (!m->change || at < m->change)) {
        m->change = at;
    }
}

/*
 * Details: a JSON object that names what decided.
 */

static void say(qdn_text_t *t, const char *name, const char *value)
{
    if (value) {
        qdn_text_addc(t, t->len ? ',' : '{');
        qdn_text_add_json(t, name);
        qdn_text_addc(t, ':');
        qdn_text_add_json(t, value);
    }
}

static void say_int(qdn_text_t *t, const char *name, apr_int64_t value)
{
    qdn_text_addc(t, ',');
    qdn_text_add_json(t, name);
    qdn_text_addc(t, ':');
    qdn_text_add_int(t, value);
}

static void say_time(qdn_text_t *t, const char *name, apr_time_t at)
{
    if (at) {
        say_int(t, name, apr_time_sec(at));
    }
}

static qdn_text_t begin(const matter_t *m, const char *by)
{
    qdn_text_t t;

    qdn_text_init(&t, 128, m->scene->p);
    say(&t, "by", by);
    return t;
}

static int decide(matter_t *m, qdn_reason_e reason, qdn_text_t *detail)
{
    qdn_text_addc(detail, '}');
    m->verdict->reason = reason;
    m->verdict->available = reason == QDN_REASON_AVAILABLE ||
                            reason == QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE;
    m->verdict->detail = detail->buf;
    return 1;
}

/*
 * Feeds.
 */

static int look(const scene_t *scene, const qdn_feed_t *feed,
                qdn_finding_t *pfinding)
{
    if (!scene->known->snapshot) {
        memset(pfinding, 0, sizeof(*pfinding));
        return 0;
    }
    return qdn_snapshot_finding(scene->known->snapshot, feed, pfinding);
}

static apr_time_t age(const matter_t *m, const qdn_finding_t *f)
{
    return apr_time_sec(m->scene->as_of - f->good_at);
}

/* Presence says how it is, not how it will be. */
static apr_time_t judged_at(const scene_t *scene, const qdn_feed_t *feed)
{
    return feed->kind == QDN_FEED_PRESENCE ? scene->now : scene->as_of;
}

static int covers(const scene_t *scene, const qdn_feed_t *feed,
                  const qdn_finding_t *f)
{
    return (feed->kind != QDN_FEED_CALENDAR && feed->kind != QDN_FEED_DUTY) ||
           (f->from <= scene->now && scene->now < f->to);
}

/* The feed's answer if it can be counted on; else it is noted as a gap. */
static int consult(matter_t *m, const qdn_feed_t *feed, qdn_finding_t *f)
{
    const scene_t *scene = m->scene;

    if (!look(scene, feed, f) ||
        !qdn_finding_holds(f, feed, judged_at(scene, feed)) ||
        !covers(scene, feed, f)) {
        m->gap = m->gap ? m->gap : feed;
        return 0;
    }
    m->oldest = !m->sources || f->good_at < m->oldest ? f->good_at : m->oldest;
    m->sources++;
    if (!scene->known->as_of || feed->kind == QDN_FEED_PRESENCE) {
        change_at(m, f->good_at + feed->stale + 1);
    }
    return 1;
}

static void say_feed(qdn_text_t *t, const matter_t *m, const qdn_feed_t *feed,
                     const qdn_finding_t *f)
{
    say(t, "feed", qdn_feed_name(feed, m->scene->p));
    if (f->good_at) {
        say_int(t, "age", age(m, f));
    }
}

/*
 * The steps, in their order; 1: this one decides.
 */

static void find_standing(matter_t *m)
{
    const scene_t *scene = m->scene;
    const char *line = scene->line ? scene->line->number : NULL;
    const qdn_standing_t *one;

    m->standing.state = QDN_STANDING_AUTO;
    if (scene->known->standings) {
        one = qdn_standing_of(scene->known->standings, m->op->id, line,
                              scene->now);
        if (one) {
            m->standing = *one;
        }
    }
    else if (scene->known->snapshot) {
        (void)qdn_snapshot_standing(scene->known->snapshot, m->op->id, line,
                                    scene->now, &m->standing);
    }
}

static int by_standing(matter_t *m, qdn_standing_e state, qdn_reason_e reason)
{
    const qdn_standing_t *s = &m->standing;
    qdn_text_t t;

    if (s->state != state) {
        return 0;
    }
    t = begin(m, "status");
    say(&t, "state", qdn_standing_text(s->state));
    say(&t, "line", s->line);
    say(&t, "who", s->who);
    say(&t, "why", s->why);
    say_time(&t, "at", s->at);
    say_time(&t, "until", s->until);
    change_at(m, s->until);
    return decide(m, reason, &t);
}

static int status_away(matter_t *m)
{
    find_standing(m);
    return by_standing(m, QDN_STANDING_AWAY, QDN_REASON_STATUS_AWAY);
}

static int talks(const scene_t *scene, const qdn_operator_t *op,
                 qdn_talk_t *ptalk)
{
    const qdn_knowledge_t *known = scene->known;

    if (scene->now < scene->as_of ||
        scene->now >= scene->as_of + QDN_JUDGE_TALK) {
        return 0;
    }
    return (known->engaged && known->engaged(known->engaged_baton, op,
                                             scene->now, &ptalk->since)) ||
           (known->snapshot &&
            qdn_snapshot_talk(known->snapshot, op->id, scene->now, ptalk));
}

static int on_a_call(matter_t *m)
{
    const scene_t *scene = m->scene;
    qdn_talk_t talk = { .host = NULL };
    qdn_text_t t;

    if (m->op->on_a_call == QDN_TALK_RING || !talks(scene, m->op, &talk)) {
        return 0;
    }
    t = begin(m, "talk");
    say(&t, "host", talk.host);
    say_time(&t, "since", talk.since);
    change_at(m, talk.until);
    if (scene->known->as_of) {
        change_at(m, scene->as_of + QDN_JUDGE_TALK);
    }
    return decide(m, QDN_REASON_ON_A_CALL, &t);
}

static int status_available(matter_t *m)
{
    return by_standing(m, QDN_STANDING_AVAILABLE, QDN_REASON_AVAILABLE);
}

/* Days of several lists, each once, sorted. */
static qdn_days_t unite(qdn_days_t a, qdn_days_t b, apr_pool_t *p)
{
    int *days = apr_palloc(p, (apr_size_t)(a.n + b.n) * sizeof(*days) + 1);
    int i = 0, j = 0, n = 0;

    while (i < a.n || j < b.n) {
        int day = j == b.n || (i < a.n && a.days[i] <= b.days[j]) ? a.days[i]
                                                                  : b.days[j];

        i += i < a.n && a.days[i] == day;
        j += j < b.n && b.days[j] == day;
        days[n++] = day;
    }
    return (qdn_days_t){ days, n };
}

static qdn_days_t holidays(matter_t *m, const apr_array_header_t *feeds,
                           int school)
{
    qdn_days_t days = { NULL, 0 };
    int i;

    for (i = 0; feeds && i < feeds->nelts; i++) {
        const qdn_feed_t *feed = APR_ARRAY_IDX(feeds, i, const qdn_feed_t *);
        qdn_finding_t f;

        if (feed->school == school && consult(m, feed, &f)) {
            days = days.n ? unite(days, f.days, m->scene->p) : f.days;
        }
    }
    return days;
}

static int closed(matter_t *m, const char *whose, const qdn_hours_t *hours,
                  const qdn_zone_t *zone, const apr_array_header_t *feeds)
{
    const scene_t *scene = m->scene;
    qdn_days_t public = { NULL, 0 }, school = { NULL, 0 };
    const qdn_holidays_t days = { &public, &school };
    qdn_hours_state_t state = { .open = 1 };
    qdn_text_t t;

    if (!hours) {
        return 0;
    }
    if (qdn_hours_need_public(hours)) {
        public = holidays(m, feeds, 0);
    }
    if (qdn_hours_need_school(hours)) {
        school = holidays(m, feeds, 1);
    }
    if (!scene->ahead &&
        qdn_hours_open(hours, zone, &days, scene->now, &state.holiday)) {
        return 0;
    }
    qdn_hours_at(hours, zone, &days, scene->now, &state);
    change_at(m, state.until);
    if (state.open) {
        return 0;
    }
    t = begin(m, "hours");
    say(&t, "of", whose);
    say(&t, "hours", qdn_hours_text(hours));
    say(&t, "zone", qdn_zone_name(zone));
    say_time(&t, "until", state.until);
    return decide(
        m, state.holiday ? QDN_REASON_HOLIDAY : QDN_REASON_OUTSIDE_HOURS, &t);
}

static int outside_hours(matter_t *m)
{
    const qdn_line_t *line = m->scene->line;

    return closed(m, "operator", m->op->hours, m->op->zone, m->op->holidays) ||
           (line && closed(m, "line", line->hours, line->zone, line->holidays));
}

static int off_duty(matter_t *m)
{
    const apr_array_header_t *duties = m->op->duties;
    const qdn_feed_t *off = NULL;
    qdn_finding_t f, last;
    int i, unsure = 0;
    qdn_text_t t;

    for (i = 0; duties && i < duties->nelts; i++) {
        const qdn_feed_t *feed = APR_ARRAY_IDX(duties, i, const qdn_feed_t *);
        apr_time_t until;
        qdn_span_t span;

        if (!consult(m, feed, &f)) {
            unsure = 1;
            continue;
        }
        if (qdn_snapshot_span(m->scene->known->snapshot, &f, m->scene->now,
                              &span, &until)) {
            change_at(m, until);
            return 0;
        }
        if (m->scene->ahead) {
            change_at(m, qdn_snapshot_next(m->scene->known->snapshot, &f,
                                           m->scene->now));
        }
        off = feed;
        last = f;
    }
    if (!off || unsure) {
        return 0;
    }
    t = begin(m, "duty");
    say_feed(&t, m, off, &last);
    say_time(
        &t, "until",
        qdn_snapshot_next(m->scene->known->snapshot, &last, m->scene->now));
    return decide(m, QDN_REASON_OFF_DUTY, &t);
}

/* Busy in one calendar until then; how long in all of them together? */
static apr_time_t busy_until(const matter_t *m, apr_time_t until)
{
    const apr_array_header_t *calendars = m->op->calendars;
    int i = 0, quiet = 0;

    while (quiet < calendars->nelts) {
        const qdn_feed_t *feed =
            APR_ARRAY_IDX(calendars, i, const qdn_feed_t *);
        qdn_finding_t f;
        qdn_span_t span;

        quiet++;
        if (look(m->scene, feed, &f) &&
            qdn_finding_holds(&f, feed, m->scene->as_of) &&
            qdn_snapshot_span(m->scene->known->snapshot, &f, until, &span,
                              &until)) {
            quiet = 0;
        }
        i = (i + 1) % calendars->nelts;
    }
    return until;
}

static int busy(matter_t *m, const qdn_feed_t *feed, const qdn_finding_t *f,
                const qdn_span_t *span, apr_time_t until)
{
    qdn_text_t t = begin(m, "calendar");

    until = busy_until(m, until);
    say_feed(&t, m, feed, f);
    if (m->scene->plan->calendar_detail && *span->title) {
        say(&t, "title", span->title);
    }
    say_time(&t, "until", until);
    change_at(m, until);
    return decide(m, QDN_REASON_CALENDAR_BUSY, &t);
}

static int calendar_busy(matter_t *m)
{
    const apr_array_header_t *calendars = m->op->calendars;
    const scene_t *scene = m->scene;
    int i;

    for (i = 0; calendars && i < calendars->nelts; i++) {
        const qdn_feed_t *feed =
            APR_ARRAY_IDX(calendars, i, const qdn_feed_t *);
        qdn_finding_t f;
        apr_time_t until;
        qdn_span_t span;

        if (!consult(m, feed, &f)) {
            continue;
        }
        if (qdn_snapshot_span(scene->known->snapshot, &f, scene->now, &span,
                              &until)) {
            return busy(m, feed, &f, &span, until);
        }
        if (scene->ahead) {
            change_at(
                m, qdn_snapshot_next(scene->known->snapshot, &f, scene->now));
        }
    }
    return 0;
}

static int presence_away(matter_t *m)
{
    const qdn_feed_t *feed = m->op->presence;
    qdn_finding_t f;
    qdn_text_t t;

    if (!feed || !consult(m, feed, &f) || f.available) {
        return 0;
    }
    t = begin(m, "presence");
    say(&t, "word", f.word);
    say_feed(&t, m, feed, &f);
    return decide(m, QDN_REASON_PRESENCE_AWAY, &t);
}

static int unknown(matter_t *m)
{
    qdn_finding_t f;
    qdn_text_t t;

    if (!m->gap) {
        return 0;
    }
    (void)look(m->scene, m->gap, &f);
    t = begin(m, "feed");
    say_feed(&t, m, m->gap, &f);
    say(&t, "kind", qdn_feed_kind_text(m->gap->kind));
    say(&t, "error", f.error);
    return decide(m, QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE, &t);
}

/* In few bytes, the eldest answer's age: this is what most calls keep. */
static int available(matter_t *m)
{
    qdn_text_t t;

    if (!m->sources) {
        m->verdict->available = 1;
        m->verdict->reason = QDN_REASON_AVAILABLE;
        return 1;
    }
    qdn_text_init(&t, 32, m->scene->p);
    qdn_text_add(&t, "{\"age\":");
    qdn_text_add_int(&t, apr_time_sec(m->scene->as_of - m->oldest));
    return decide(m, QDN_REASON_AVAILABLE, &t);
}

static int (*const steps[])(matter_t *m) = {
    status_away,   on_a_call,     status_available, outside_hours, off_duty,
    calendar_busy, presence_away, unknown,          available,
};

int qdn_judge_gives(qdn_reason_e reason)
{
    static const char verdicts[QDN_REASON_MAX] = {
        [QDN_REASON_STATUS_AWAY] = 1,
        [QDN_REASON_ON_A_CALL] = 1,
        [QDN_REASON_HOLIDAY] = 1,
        [QDN_REASON_OUTSIDE_HOURS] = 1,
        [QDN_REASON_OFF_DUTY] = 1,
        [QDN_REASON_CALENDAR_BUSY] = 1,
        [QDN_REASON_PRESENCE_AWAY] = 1,
        [QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE] = 1,
        [QDN_REASON_AVAILABLE] = 1,
    };

    return reason < QDN_REASON_MAX && verdicts[reason];
}

static apr_time_t judge(const scene_t *scene, const qdn_operator_t *op,
                        qdn_verdict_t *pverdict)
{
    matter_t m = { .scene = scene, .op = op, .verdict = pverdict };
    apr_size_t i = 0;

    memset(pverdict, 0, sizeof(*pverdict));
    pverdict->operator= op;
    while (!steps[i](&m)) {
        i++;
    }
    return m.change;
}

static scene_t set_scene(const qdn_plan_t *plan, const qdn_line_t *line,
                         const qdn_knowledge_t *knowledge, apr_time_t now,
                         apr_pool_t *p)
{
    return (scene_t){ .plan = plan,
                      .line = line,
                      .known = knowledge,
                      .now = now,
                      .as_of = knowledge->as_of ? knowledge->as_of : now,
                      .p = p };
}

void qdn_judge_operator(const qdn_plan_t *plan, const qdn_operator_t *op,
                        const qdn_line_t *line,
                        const qdn_knowledge_t *knowledge, apr_time_t now,
                        qdn_verdict_t *pverdict, apr_time_t *puntil,
                        apr_pool_t *p)
{
    scene_t scene = set_scene(plan, line, knowledge, now, p);

    scene.ahead = 1;
    *puntil = judge(&scene, op, pverdict);
}

void qdn_judge_ask(void *baton, const qdn_operator_t *op,
                   qdn_verdict_t *pverdict)
{
    const qdn_judge_t *j = baton;
    scene_t scene = set_scene(j->plan, j->line, &j->known, j->now, j->p);

    (void)judge(&scene, op, pverdict);
}

static int judged(const apr_array_header_t *verdicts, const qdn_operator_t *op)
{
    int i;

    for (i = 0; i < verdicts->nelts; i++) {
        if (APR_ARRAY_IDX(verdicts, i, qdn_verdict_t).operator== op) {
            return 1;
        }
    }
    return 0;
}

/* 1: a verdict says more than the cascade assumes of whom it knows nothing. */
static int judge_hop(const scene_t *scene, const qdn_hop_t *hop,
                     apr_array_header_t *verdicts)
{
    int i, telling = 0;

    for (i = 0; i < hop->phones->nelts; i++) {
        const qdn_operator_t *op =
            APR_ARRAY_IDX(hop->phones, i, const qdn_phone_t *)->operator;
        qdn_verdict_t *verdict;

        if (!judged(verdicts, op)) {
            verdict = apr_array_push(verdicts);
            (void)judge(scene, op, verdict);
            telling |= !verdict->available || verdict->detail;
        }
    }
    return telling;
}

void qdn_judge_line(const qdn_plan_t *plan, const qdn_line_t *line,
                    const qdn_cascade_t *cascade,
                    const qdn_knowledge_t *knowledge, apr_time_t now,
                    apr_array_header_t **pverdicts, apr_pool_t *p)
{
    const apr_array_header_t *hops = cascade ? cascade->hops : line->hops;
    const scene_t scene = set_scene(plan, line, knowledge, now, p);
    apr_array_header_t *verdicts =
        apr_array_make(p, hops->nelts + 1, sizeof(qdn_verdict_t));
    int i, telling = 0;

    for (i = 0; i < hops->nelts; i++) {
        telling |=
            judge_hop(&scene, APR_ARRAY_IDX(hops, i, qdn_hop_t *), verdicts);
    }
    *pverdicts = telling ? verdicts : NULL;
}
