/* SPDX-License-Identifier: Apache-2.0 */
#include "civil.h"
#include "hours_rule.h"

#define DAY     86400
#define HORIZON ((apr_int64_t)400 * DAY)

/* A day and what is special about it. */
typedef struct day_t {
    int md, ymd;  /* 1224, 20261224 */
    int weekday;  /* a bit of qdn_hours_rule_t.weekdays */
    int holidays; /* QDN_HOURS_PH, QDN_HOURS_SH */
} day_t;

/* The clock runs evenly until then. */
typedef struct stretch_t {
    int offset;
    apr_int64_t until;
} stretch_t;

const char *qdn_hours_text(const qdn_hours_t *hours)
{
    return hours->text;
}

int qdn_hours_need_public(const qdn_hours_t *hours)
{
    return (hours->holidays & QDN_HOURS_PH) != 0;
}

int qdn_hours_need_school(const qdn_hours_t *hours)
{
    return (hours->holidays & QDN_HOURS_SH) != 0;
}

static int listed(const qdn_days_t *list, int ymd)
{
    int low = 0, high = list ? list->n : 0;

    while (low < high) {
        int mid = low + (high - low) / 2;

        if (list->days[mid] == ymd) {
            return 1;
        }
        if (list->days[mid] < ymd) {
            low = mid + 1;
        }
        else {
            high = mid;
        }
    }
    return 0;
}

static void day_of(apr_int64_t days, const qdn_holidays_t *holidays,
                   day_t *pday)
{
    int year, month, day;

    qdn_civil_date(days, &year, &month, &day);
    pday->md = month * 100 + day;
    pday->ymd = year * 10000 + pday->md;
    pday->weekday = 1 << qdn_civil_weekday(days);
    pday->holidays = 0;
    if (holidays && listed(holidays->public, pday->ymd)) {
        pday->holidays |= QDN_HOURS_PH;
    }
    if (holidays && listed(holidays->school, pday->ymd)) {
        pday->holidays |= QDN_HOURS_SH;
    }
}

static int within(const qdn_hours_dates_t *dates, const day_t *day)
{
    int here = dates->from > 9999 ? day->ymd : day->md;

    if (dates->from <= dates->to) {
        return here >= dates->from && here <= dates->to;
    }
    return here >= dates->from || here <= dates->to; /* over the new year */
}

/* 1: this rule is about the day; *pholiday: because of a holiday. */
static int matches(const qdn_hours_rule_t *rule, const day_t *day,
                   int *pholiday)
{
    int weekday = (rule->weekdays & day->weekday) != 0;
    int dated = !rule->dates->nelts;

    *pholiday = (rule->holidays & day->holidays) != 0;
    for (int i = 0; i < rule->dates->nelts && !dated; i++) {
        dated = within(&APR_ARRAY_IDX(rule->dates, i, qdn_hours_dates_t), day);
    }
    if (!dated || (!rule->weekdays && !rule->holidays)) {
        return dated;
    }
    return rule->both ? weekday && *pholiday : weekday || *pholiday;
}

static int covers(const qdn_hours_rule_t *rule, int minute)
{
    for (int i = 0; i < rule->spans->nelts; i++) {
        const qdn_hours_span_t *span =
            &APR_ARRAY_IDX(rule->spans, i, qdn_hours_span_t);

        if (minute >= span->from && minute < span->to) {
            return 1;
        }
    }
    /* Without spans "off" also takes what would last into the next day. */
    return !rule->spans->nelts && (rule->off || minute < QDN_HOURS_DAY);
}

/*
 * What the rules say of a minute, counted from the beginning of that day and
 * beyond its end: a span belongs to the day on which it begins, so that
 * "Fr 22:00-02:00; Sa off" keeps Friday's night whole.
 */
static int open_on(const qdn_hours_t *hours, const day_t *day, int minute,
                   int *pholiday)
{
    int open = 0, holiday;

    *pholiday = 0;
    for (int i = 0; i < hours->rules->nelts; i++) {
        const qdn_hours_rule_t *rule =
            &APR_ARRAY_IDX(hours->rules, i, qdn_hours_rule_t);
        int here;

        if (!matches(rule, day, &holiday)) {
            continue;
        }
        here = covers(rule, minute);
        if (here || (!rule->additive && !rule->off)) {
            open = here && !rule->off;
            *pholiday = holiday;
        }
    }
    return open;
}

/* The state of a wall clock that shows so many seconds since 1970. */
static int open_at(const qdn_hours_t *hours, const qdn_holidays_t *holidays,
                   apr_int64_t shown, int *pholiday)
{
    apr_int64_t days = qdn_civil_div(shown, DAY);
    int minute = (int)qdn_civil_mod(shown, DAY) / 60;
    int holiday;
    day_t day;

    day_of(days, holidays, &day);
    if (open_on(hours, &day, minute, pholiday)) {
        return 1;
    }
    day_of(days - 1, holidays, &day);
    if (open_on(hours, &day, minute + QDN_HOURS_DAY, &holiday)) {
        *pholiday = holiday;
        return 1;
    }
    return 0;
}

int qdn_hours_open(const qdn_hours_t *hours, const qdn_zone_t *zone,
                   const qdn_holidays_t *holidays, apr_time_t at, int *pholiday)
{
    qdn_local_t local;

    qdn_zone_local(zone, at, &local);
    return open_at(hours, holidays,
                   qdn_civil_div(at, APR_USEC_PER_SEC) + local.offset,
                   pholiday);
}

/* The next time of the wall clock, after this one, at which to look again. */
static apr_int64_t next_mark(const qdn_hours_t *hours, apr_int64_t shown)
{
    apr_int64_t midnight = qdn_civil_div(shown, DAY) * DAY;

    for (int i = 0; i < hours->nmarks; i++) {
        apr_int64_t mark = midnight + hours->marks[i] * 60;

        if (mark > shown) {
            return mark;
        }
    }
    return midnight + DAY;
}

static void look_up(const qdn_zone_t *zone, apr_int64_t sec, apr_int64_t end,
                    stretch_t *pstretch)
{
    apr_time_t at = apr_time_from_sec(sec);
    apr_time_t change = qdn_zone_change(zone, at);
    qdn_local_t local;

    qdn_zone_local(zone, at, &local);
    pstretch->offset = local.offset;
    pstretch->until = change ? apr_time_sec(change) : end;
}

void qdn_hours_at(const qdn_hours_t *hours, const qdn_zone_t *zone,
                  const qdn_holidays_t *holidays, apr_time_t at,
                  qdn_hours_state_t *pstate)
{
    apr_int64_t sec = qdn_civil_div(at, APR_USEC_PER_SEC);
    apr_int64_t end = sec + HORIZON;
    stretch_t stretch;
    int holiday;

    look_up(zone, sec, end, &stretch);
    pstate->open =
        open_at(hours, holidays, sec + stretch.offset, &pstate->holiday);
    pstate->until = 0;
    while (sec < end) {
        apr_int64_t next =
            next_mark(hours, sec + stretch.offset) - stretch.offset;

        if (next >= stretch.until) {
            next = stretch.until;
            look_up(zone, next, end, &stretch);
        }
        sec = next;
        if (open_at(hours, holidays, sec + stretch.offset, &holiday) !=
            pstate->open) {
            pstate->until = apr_time_from_sec(sec);
            return;
        }
    }
}
