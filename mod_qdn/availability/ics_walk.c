/* SPDX-License-Identifier: Apache-2.0 */
#include "ics_walk.h"

#include <string.h>

#include <apr_strings.h>

#include "clock.h"
#include "ics_event.h"
#include "status.h"

/* An override of an occurrence and all that follow. */
typedef struct tail_t {
    apr_time_t from;             /* the first that it replaces */
    apr_interval_time_t shifted; /* by so much */
    qdn_ics_event_t event;
} tail_t;

static const char *moment_key(apr_time_t at, apr_pool_t *p)
{
    return apr_psprintf(p, "%" APR_TIME_T_FMT, at);
}

static const char *moved_key(const char *uid, apr_time_t at, apr_pool_t *p)
{
    return apr_psprintf(p, "%s\n%" APR_TIME_T_FMT, uid, at);
}

static icalproperty *property(icalcomponent *c, icalproperty_kind kind)
{
    return icalcomponent_get_first_property(c, kind);
}

/* ---- its occurrences ---- */

static apr_time_t end_of(const qdn_ics_event_t *e, icaltimetype start)
{
    if (e->length.days) {
        icaltime_adjust(&start, e->length.days, 0, 0, 0);
    }
    return qdn_ics_moment(e->clock, start) + e->length.rest;
}

static void keep(qdn_ics_walk_t *walk, const qdn_ics_event_t *e,
                 apr_time_t from, apr_time_t to)
{
    if (e->counts && to > from && from < walk->want->to &&
        to > walk->want->from) {
        APR_ARRAY_PUSH(walk->spans, qdn_span_t) =
            (qdn_span_t){ .from = from, .to = to, .title = e->title };
    }
}

static const char *day_key(icaltimetype t, apr_pool_t *p)
{
    return apr_psprintf(p, "%04d-%02d-%02d", t.year, t.month, t.day);
}

static int is_excepted(const qdn_ics_walk_t *walk, const qdn_ics_event_t *e,
                       icaltimetype start, apr_time_t from, apr_pool_t *p)
{
    return apr_hash_get(e->except, moment_key(from, p), APR_HASH_KEY_STRING) ||
           apr_hash_get(e->except, day_key(start, p), APR_HASH_KEY_STRING) ||
           (e->uid && apr_hash_get(walk->moved, moved_key(e->uid, from, p),
                                   APR_HASH_KEY_STRING));
}

/* The last override of this occurrence and all that follow, or NULL. */
static const tail_t *tail_of(qdn_ics_walk_t *walk, const qdn_ics_event_t *e,
                             apr_time_t from)
{
    const apr_array_header_t *tails =
        e->uid ? apr_hash_get(walk->tails, e->uid, APR_HASH_KEY_STRING) : NULL;
    const tail_t *found = NULL;
    int i;

    walk->steps -= tails ? tails->nelts : 0;
    for (i = 0; tails && i < tails->nelts; i++) {
        const tail_t *t = &APR_ARRAY_IDX(tails, i, tail_t);

        if (t->from <= from && (!found || t->from > found->from)) {
            found = t;
        }
    }
    return found;
}

/* 0: this one and all that follow begin after the window. */
static int occur(qdn_ics_walk_t *walk, const qdn_ics_event_t *e,
                 icaltimetype start, apr_pool_t *scratch)
{
    apr_time_t from = qdn_ics_moment(e->clock, start);
    const tail_t *tail = tail_of(walk, e, from);

    if (is_excepted(walk, e, start, from, scratch)) {
        return from < walk->want->to;
    }
    if (tail) {
        apr_time_t moved = from + tail->shifted;

        keep(walk, &tail->event, moved,
             moved + tail->event.length.rest +
                 apr_time_from_sec(86400 *
                                   (apr_int64_t)tail->event.length.days));
        return from < walk->want->to;
    }
    keep(walk, e, from, end_of(e, start));
    return from < walk->want->to;
}

/*
 * UNTIL is compared here, as a moment: libical would compare it with the
 * wall clock of DTSTART. One that is a day includes that day.
 */
static apr_time_t last_start(const qdn_ics_event_t *e, icaltimetype until)
{
    qdn_ics_clock_t utc = { .zone = qdn_zone_utc() };

    if (icaltime_is_null_time(until)) {
        return APR_INT64_MAX;
    }
    if (icaltime_is_utc(until) && !until.is_date) {
        return qdn_ics_moment(&utc, until);
    }
    if (until.is_date) {
        icaltime_adjust(&until, 1, 0, 0, 0);
        return qdn_ics_moment(e->clock, until) - 1;
    }
    return qdn_ics_moment(e->clock, until);
}

typedef int visit_fn(qdn_ics_walk_t *walk, const qdn_ics_event_t *e,
                     icaltimetype start, apr_pool_t *scratch);

static int except(qdn_ics_walk_t *walk, const qdn_ics_event_t *e,
                  icaltimetype start, apr_pool_t *scratch)
{
    apr_time_t from = qdn_ics_moment(e->clock, start);

    (void)scratch;
    apr_hash_set(e->except, moment_key(from, walk->pool), APR_HASH_KEY_STRING,
                 e);
    return from < walk->want->to;
}

/*
 * libical tries every hour, minute or second until the year 2582 for one that
 * lies in such a month or on such a day: nobody's calendar, and never done.
 */
static int is_endless(const struct icalrecurrencetype *rule)
{
    return rule->freq < ICAL_DAILY_RECURRENCE &&
           (rule->by_month[0] != ICAL_RECURRENCE_ARRAY_MAX ||
            rule->by_month_day[0] != ICAL_RECURRENCE_ARRAY_MAX ||
            rule->by_year_day[0] != ICAL_RECURRENCE_ARRAY_MAX ||
            rule->by_week_no[0] != ICAL_RECURRENCE_ARRAY_MAX);
}

static icaltimetype next_of(qdn_ics_walk_t *walk, icalrecur_iterator *iterator)
{
    apr_interval_time_t begun = qdn_clock_mono();
    icaltimetype next = icalrecur_iterator_next(iterator);

    walk->spent += qdn_clock_mono() - begun;
    return next;
}

static int is_too_much(qdn_ics_walk_t *walk)
{
    return --walk->steps < 0 || walk->spent > QDN_ICS_TIME ||
           walk->spans->nelts > QDN_ICS_SPANS;
}

/* Visit what one RRULE or EXRULE yields. */
static apr_status_t repeat(qdn_ics_walk_t *walk, const qdn_ics_event_t *e,
                           struct icalrecurrencetype rule, visit_fn *visit)
{
    apr_time_t last = last_start(e, rule.until);
    icaltimetype start = e->start, next;
    icalrecur_iterator *iterator;
    apr_status_t rv = APR_SUCCESS;
    apr_pool_t *scratch;

    if (is_endless(&rule)) {
        return QDN_ETOOBIG;
    }
    rule.until = icaltime_null_time();
    start.zone = NULL;
    iterator = icalrecur_iterator_new(rule, start);
    if (!iterator) {
        return APR_SUCCESS; /* a rule that yields nothing */
    }
    apr_pool_create(&scratch, walk->pool);
    for (next = next_of(walk, iterator);
         !icaltime_is_null_time(next) && qdn_ics_moment(e->clock, next) <= last;
         next = next_of(walk, iterator)) {
        if (is_too_much(walk)) {
            rv = QDN_ETOOBIG;
            break;
        }
        if (!visit(walk, e, next, scratch)) {
            break;
        }
        apr_pool_clear(scratch);
    }
    if (walk->spent > QDN_ICS_TIME) {
        rv = QDN_ETOOBIG;
    }
    apr_pool_destroy(scratch);
    icalrecur_iterator_free(iterator);
    return rv;
}

static apr_status_t read_exceptions(qdn_ics_walk_t *walk, qdn_ics_event_t *e)
{
    icalproperty *x;
    apr_status_t rv = APR_SUCCESS;

    e->except = apr_hash_make(walk->pool);
    for (x = property(e->component, ICAL_EXDATE_PROPERTY); x;
         x = icalcomponent_get_next_property(e->component,
                                             ICAL_EXDATE_PROPERTY)) {
        icaltimetype t = icalproperty_get_exdate(x);
        apr_time_t at =
            qdn_ics_moment(qdn_ics_clock_of(&walk->clocks, x, t), t);

        apr_hash_set(e->except,
                     t.is_date ? day_key(t, walk->pool)
                               : moment_key(at, walk->pool),
                     APR_HASH_KEY_STRING, e);
    }
    for (x = property(e->component, ICAL_EXRULE_PROPERTY); x && !rv;
         x = icalcomponent_get_next_property(e->component,
                                             ICAL_EXRULE_PROPERTY)) {
        rv = repeat(walk, e, icalproperty_get_exrule(x), except);
    }
    return rv;
}

static void add_dates(qdn_ics_walk_t *walk, const qdn_ics_event_t *e)
{
    icalproperty *r;

    for (r = property(e->component, ICAL_RDATE_PROPERTY); r;
         r = icalcomponent_get_next_property(e->component,
                                             ICAL_RDATE_PROPERTY)) {
        struct icaldatetimeperiodtype v = icalproperty_get_rdate(r);
        int period = icaltime_is_null_time(v.time);
        qdn_ics_event_t one = *e;

        one.start = period ? v.period.start : v.time;
        one.clock = qdn_ics_clock_of(&walk->clocks, r, one.start);
        if (period && !icaltime_is_null_time(v.period.end)) {
            one.length.days = 0;
            one.length.rest = qdn_ics_moment(one.clock, v.period.end) -
                              qdn_ics_moment(one.clock, one.start);
        }
        else if (period) {
            one.length.days = 0;
            one.length.rest =
                apr_time_from_sec(icaldurationtype_as_int(v.period.duration));
        }
        occur(walk, &one, one.start, walk->pool);
    }
}

static apr_status_t add_event(qdn_ics_walk_t *walk, icalcomponent *c)
{
    icalproperty *r = property(c, ICAL_RRULE_PROPERTY);
    int override = property(c, ICAL_RECURRENCEID_PROPERTY) != NULL;
    apr_status_t rv;
    qdn_ics_event_t e;

    if (!qdn_ics_event_read(walk, c, &e)) {
        return APR_SUCCESS;
    }
    if (override) { /* whatever it replaces, this is when it takes place */
        keep(walk, &e, qdn_ics_moment(e.clock, e.start), end_of(&e, e.start));
        return APR_SUCCESS;
    }
    rv = read_exceptions(walk, &e);
    if (!r) {
        occur(walk, &e, e.start, walk->pool);
    }
    for (; r && !rv;
         r = icalcomponent_get_next_property(c, ICAL_RRULE_PROPERTY)) {
        rv = repeat(walk, &e, icalproperty_get_rrule(r), occur);
    }
    add_dates(walk, &e);
    return rv;
}

/* ---- what is overridden ---- */

static void note_override(qdn_ics_walk_t *walk, icalcomponent *c)
{
    icalproperty *id = property(c, ICAL_RECURRENCEID_PROPERTY);
    icalparameter *range;
    icaltimetype t;
    tail_t tail;

    if (!id || !qdn_ics_event_read(walk, c, &tail.event) || !tail.event.uid) {
        return;
    }
    t = icalproperty_get_recurrenceid(id);
    tail.from = qdn_ics_moment(qdn_ics_clock_of(&walk->clocks, id, t), t);
    tail.shifted =
        qdn_ics_moment(tail.event.clock, tail.event.start) - tail.from;
    apr_hash_set(walk->moved, moved_key(tail.event.uid, tail.from, walk->pool),
                 APR_HASH_KEY_STRING, walk);
    range = icalproperty_get_first_parameter(id, ICAL_RANGE_PARAMETER);
    if (range && icalparameter_get_range(range) == ICAL_RANGE_THISANDFUTURE) {
        apr_array_header_t *tails =
            apr_hash_get(walk->tails, tail.event.uid, APR_HASH_KEY_STRING);

        if (!tails) {
            tails = apr_array_make(walk->pool, 2, sizeof(tail_t));
            apr_hash_set(walk->tails, apr_pstrdup(walk->pool, tail.event.uid),
                         APR_HASH_KEY_STRING, tails);
        }
        APR_ARRAY_PUSH(tails, tail_t) = tail;
    }
}

/* ---- busy times told as such ---- */

static void add_busy(qdn_ics_walk_t *walk, icalcomponent *c)
{
    static const qdn_ics_event_t busy = { .counts = 1, .title = "" };
    icalproperty *f;

    for (f = property(c, ICAL_FREEBUSY_PROPERTY); f;
         f = icalcomponent_get_next_property(c, ICAL_FREEBUSY_PROPERTY)) {
        struct icalperiodtype v = icalproperty_get_freebusy(f);
        icalparameter *type =
            icalproperty_get_first_parameter(f, ICAL_FBTYPE_PARAMETER);
        const qdn_ics_clock_t *clock =
            qdn_ics_clock_of(&walk->clocks, f, v.start);
        apr_time_t from = qdn_ics_moment(clock, v.start);

        if (type && icalparameter_get_fbtype(type) == ICAL_FBTYPE_FREE) {
            continue;
        }
        keep(walk, &busy, from,
             icaltime_is_null_time(v.end)
                 ? from + apr_time_from_sec(icaldurationtype_as_int(v.duration))
                 : qdn_ics_moment(clock, v.end));
    }
}

/* Google names the private address of a calendar by its owner's. */
static const char *owner_of(icalcomponent *calendar, apr_pool_t *p)
{
    icalproperty *x;

    for (x = property(calendar, ICAL_X_PROPERTY); x;
         x = icalcomponent_get_next_property(calendar, ICAL_X_PROPERTY)) {
        const char *name = icalproperty_get_x_name(x);
        const char *text = icalproperty_get_x(x);

        if (name && text && !strcasecmp(name, "X-WR-CALNAME") &&
            strchr(text, '@')) {
            return apr_pstrdup(p, text);
        }
    }
    return NULL;
}

apr_status_t qdn_ics_walk(qdn_ics_walk_t *walk, icalcomponent *calendar)
{
    apr_status_t rv = APR_SUCCESS;
    icalcomponent *c;

    qdn_ics_clocks_init(&walk->clocks, calendar, walk->want->timezone,
                        walk->pool);
    walk->moved = apr_hash_make(walk->pool);
    walk->tails = apr_hash_make(walk->pool);
    walk->owner = owner_of(calendar, walk->pool);
    for (c = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
         c; c = icalcomponent_get_next_component(calendar,
                                                 ICAL_VEVENT_COMPONENT)) {
        note_override(walk, c);
    }
    for (c = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
         c && !rv; c = icalcomponent_get_next_component(
                       calendar, ICAL_VEVENT_COMPONENT)) {
        rv = add_event(walk, c);
        if (walk->spans->nelts > QDN_ICS_SPANS) {
            rv = QDN_ETOOBIG;
        }
    }
    for (c = icalcomponent_get_first_component(calendar,
                                               ICAL_VFREEBUSY_COMPONENT);
         c && !rv; c = icalcomponent_get_next_component(
                       calendar, ICAL_VFREEBUSY_COMPONENT)) {
        add_busy(walk, c);
    }
    return rv;
}
