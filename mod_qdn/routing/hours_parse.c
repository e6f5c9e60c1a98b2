/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include "civil.h"
#include "hours_rule.h"
#include "hours_scan.h"

#define TIME "a time such as 08:00"
#define RULE                                                                   \
    "weekdays (Mo-Fr), PH, SH, a date (Dec 24), a time (08:00-18:00), off "    \
    "or 24/7"
#define SELECTED "a time (08:00-18:00), off, ';' or the end"
#define TIMED    "off, ',', ';' or the end"

static const char *const weekdays[] = { "Mo", "Tu", "We", "Th",
                                        "Fr", "Sa", "Su", NULL };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
                                      "Jun", "Jul", "Aug", "Sep", "Oct",
                                      "Nov", "Dec", NULL };
static const char *const holidays[] = { "PH", "SH", NULL };

static int read_time(qdn_scan_t *in, int max, int *pminutes)
{
    const char *start = in->at;
    int hour, minute;

    hour = qdn_scan_take_number(in, 1, 2, 0, max / 60);
    if (hour < 0 || *in->at != ':') {
        return qdn_scan_refuse(in, start, TIME);
    }
    in->at++;
    minute = qdn_scan_take_number(in, 2, 2, 0, 59);
    if (minute < 0 || hour * 60 + minute > max) {
        return qdn_scan_refuse(in, start,
                               max < QDN_HOURS_DAY
                                   ? "a time from 00:00 to 23:59"
                                   : "a time from 00:00 to 48:00");
    }
    qdn_scan_blanks(in);
    *pminutes = hour * 60 + minute;
    return 1;
}

static int read_span(qdn_scan_t *in, qdn_hours_span_t *span)
{
    if (!read_time(in, QDN_HOURS_DAY - 1, &span->from)) {
        return 0;
    }
    if (qdn_scan_take_char(in,
                           '+')) { /* open end: nobody knows, so the day's */
        span->to = QDN_HOURS_DAY;
        return 1;
    }
    if (!qdn_scan_take_char(in, '-')) {
        return qdn_scan_refuse(in, in->at, "'-' and a time, or '+'");
    }
    if (!read_time(in, 2 * QDN_HOURS_DAY, &span->to)) {
        return 0;
    }
    if (span->to <= span->from) { /* past midnight */
        span->to += QDN_HOURS_DAY;
    }
    return 1;
}

/* After a comma: does the list go on, or does the next rule begin? */
static const char *after_comma(const char *s)
{
    return *s == ',' ? s + 1 + strspn(s + 1, " \t") : NULL;
}

static int read_spans(qdn_scan_t *in, qdn_hours_rule_t *rule)
{
    const char *next;

    for (;;) {
        qdn_hours_span_t *span = apr_array_push(rule->spans);

        if (!read_span(in, span)) {
            return 0;
        }
        next = after_comma(in->at);
        if (!next || !qdn_scan_at_time(next)) {
            return 1;
        }
        in->at = next;
    }
}

static int read_weekday_range(qdn_scan_t *in, qdn_hours_rule_t *rule)
{
    int from = qdn_scan_take_word(in, weekdays);
    int to = from;

    if (from < 0) {
        return qdn_scan_refuse(in, in->at, "a weekday (Mo Tu We Th Fr Sa Su)");
    }
    if (qdn_scan_take_char(in, '-')) {
        to = qdn_scan_take_word(in, weekdays);
        if (to < 0) {
            return qdn_scan_refuse(in, in->at,
                                   "a weekday (Mo Tu We Th Fr Sa Su)");
        }
    }
    for (int day = from;; day = (day + 1) % 7) {
        rule->weekdays |= 1 << day;
        if (day == to) {
            return 1;
        }
    }
}

/* "Mo-Fr,Su", "PH,Su"; "PH Mo-Fr" means both at once. */
static int read_days(qdn_scan_t *in, qdn_hours_rule_t *rule)
{
    const char *next;

    for (;;) {
        int holiday = qdn_scan_take_word(in, holidays);

        if (holiday >= 0) {
            rule->holidays |= 1 << holiday;
        }
        else if (!read_weekday_range(in, rule)) {
            return 0;
        }
        if (rule->holidays && !rule->weekdays &&
            qdn_scan_word(in->at, weekdays) >= 0) {
            rule->both = 1;
        }
        else {
            next = after_comma(in->at);
            if (!next || (qdn_scan_word(next, weekdays) < 0 &&
                          (qdn_scan_word(next, holidays) < 0 || rule->both))) {
                return 1;
            }
            in->at = next;
        }
    }
}

static int month_days(int year, int month)
{
    return (int)(qdn_civil_days(year, month + 1, 1) -
                 qdn_civil_days(year, month, 1));
}

/* A day of that month (1 to 12) of that year, 0: any; -1: refused. */
static int read_day(qdn_scan_t *in, int year, int month)
{
    const char *start = in->at;
    int max = month_days(year ? year : 2000, month); /* 2000: a leap year */
    int day =
        qdn_scan_at_time(start) ? -1 : qdn_scan_take_number(in, 1, 2, 1, max);

    if (day < 0) {
        qdn_scan_refuse(in, start,
                        apr_psprintf(in->pool, "a day of %s, 1 to %d",
                                     months[month - 1], max));
        return -1;
    }
    qdn_scan_blanks(in);
    return day;
}

static int take_year(qdn_scan_t *in)
{
    int year = 0;

    if (qdn_scan_at_year(in->at)) {
        year = qdn_scan_take_number(in, 4, 4, 0, 9999);
        qdn_scan_blanks(in);
    }
    return year;
}

/* One end of a range of dates. */
typedef struct end_t {
    int year, month, day; /* year and day 0: not given */
} end_t;

static int read_end(qdn_scan_t *in, const end_t *from, end_t *end)
{
    const char *start = in->at;

    end->year = take_year(in);
    end->month = qdn_scan_take_word(in, months) + 1;
    if (!end->month && !end->year && from && from->day &&
        apr_isdigit(*in->at)) {
        end->month = from->month; /* "Dec 24-26" */
    }
    if (!end->month) {
        return qdn_scan_refuse(in, in->at, "a month (Jan Feb ... Dec)");
    }
    if (from && end->year && !from->year) {
        return qdn_scan_refuse(in, start,
                               "a date without a year, as before the '-'");
    }
    end->day = 0;
    if (from ? from->day
             : (apr_isdigit(*in->at) && !qdn_scan_at_time(in->at) &&
                !qdn_scan_at_year(in->at))) {
        end->day = read_day(in, from && !end->year ? 0 : end->year, end->month);
    }
    return end->day >= 0;
}

static int pack(int year, int month, int day)
{
    return (year * 100 + month) * 100 + day;
}

/* Months alone last from their first day to their last. */
static int add_dates(qdn_scan_t *in, qdn_hours_rule_t *rule, const char *start,
                     const end_t *from, const end_t *to)
{
    qdn_hours_dates_t *dates;
    int year = to->year ? to->year : from->year;
    int last = to->day ? to->day : 31;

    if (from->year && !to->year &&
        pack(0, to->month, last) < pack(0, from->month, from->day)) {
        year++; /* "2026 Dec 24-Jan 02" */
    }
    dates = apr_array_push(rule->dates);
    dates->from = pack(from->year, from->month, from->day ? from->day : 1);
    dates->to = pack(year, to->month, last);
    if (from->year && dates->to < dates->from) {
        return qdn_scan_refuse(in, start,
                               "dates of which the later stands last");
    }
    return 1;
}

/* Days after "Dec 24": "-26", ",26", "-Jan 02" ... */
static int read_date_range(qdn_scan_t *in, qdn_hours_rule_t *rule, end_t *from)
{
    const char *start = in->at;
    end_t to = *from;

    if (qdn_scan_take_char(in, '-')) {
        start = in->at;
        if (!read_end(in, from, &to)) {
            return 0;
        }
        if (apr_isdigit(*start) && !qdn_scan_at_year(start) &&
            to.day < from->day) {
            return qdn_scan_refuse(in, start,
                                   "a day after the one before the '-'");
        }
    }
    return add_dates(in, rule, start, from, &to);
}

static int read_dates(qdn_scan_t *in, qdn_hours_rule_t *rule)
{
    const char *next;
    end_t from;

    if (!read_end(in, NULL, &from)) {
        return 0;
    }
    for (;;) {
        if (!read_date_range(in, rule, &from)) {
            return 0;
        }
        next = after_comma(in->at);
        if (next &&
            (qdn_scan_word(next, months) >= 0 || qdn_scan_at_year(next))) {
            in->at = next;
            if (!read_end(in, NULL, &from)) {
                return 0;
            }
        }
        else if (next && from.day && apr_isdigit(*next) &&
                 !qdn_scan_at_time(next)) {
            in->at = next;
            from.day = read_day(in, from.year, from.month);
            if (from.day < 0) {
                return 0;
            }
        }
        else {
            break;
        }
    }
    qdn_scan_take_char(in, ':'); /* "Dec 24: 10:00-12:00", for readers */
    return 1;
}

/* What a rule is about: which days. 0: refused. */
static int read_selectors(qdn_scan_t *in, qdn_hours_rule_t *rule)
{
    if ((qdn_scan_word(in->at, months) >= 0 || qdn_scan_at_year(in->at)) &&
        !read_dates(in, rule)) {
        return 0;
    }
    if ((qdn_scan_word(in->at, weekdays) >= 0 ||
         qdn_scan_word(in->at, holidays) >= 0) &&
        !read_days(in, rule)) {
        return 0;
    }
    return 1;
}

static int read_rule(qdn_scan_t *in, qdn_hours_rule_t *rule)
{
    static const char *const states[] = { "open", "off", "closed", NULL };
    const char *start = in->at;
    int whole = 0, state;

    if (!strncmp(in->at, "24/7", 4)) {
        in->at += 4;
        qdn_scan_blanks(in);
        whole = 1;
    }
    else if (!read_selectors(in, rule) ||
             (apr_isdigit(*in->at) && !read_spans(in, rule))) {
        return 0;
    }
    state = qdn_scan_take_word(in, states);
    rule->off = state > 0;
    if (in->at == start) {
        return qdn_scan_refuse(in, start, RULE);
    }
    whole |= rule->spans->nelts || state >= 0;
    if (*in->at && *in->at != ';' && (*in->at != ',' || !whole)) {
        return qdn_scan_refuse(in, in->at, whole ? TIMED : SELECTED);
    }
    return 1;
}

static int read_rules(qdn_scan_t *in, qdn_hours_t *hours)
{
    int additive = 0;

    qdn_scan_blanks(in);
    for (;;) {
        qdn_hours_rule_t *rule = apr_array_push(hours->rules);

        *rule = (qdn_hours_rule_t){
            .additive = additive,
            .dates = apr_array_make(in->pool, 1, sizeof(qdn_hours_dates_t)),
            .spans = apr_array_make(in->pool, 2, sizeof(qdn_hours_span_t)),
        };
        if (!read_rule(in, rule)) {
            return 0;
        }
        hours->holidays |= rule->holidays;
        if (!*in->at) {
            return 1;
        }
        additive = *in->at++ == ',';
        qdn_scan_blanks(in);
    }
}

/* At which minutes of any day can these hours change? */
static void collect_marks(qdn_hours_t *hours, apr_pool_t *p)
{
    char seen[QDN_HOURS_DAY] = { 1 };
    short *marks;
    int n = 1;

    for (int i = 0; i < hours->rules->nelts; i++) {
        const qdn_hours_rule_t *rule =
            &APR_ARRAY_IDX(hours->rules, i, qdn_hours_rule_t);

        for (int j = 0; j < rule->spans->nelts; j++) {
            const qdn_hours_span_t *span =
                &APR_ARRAY_IDX(rule->spans, j, qdn_hours_span_t);

            n += !seen[span->from % QDN_HOURS_DAY];
            seen[span->from % QDN_HOURS_DAY] = 1;
            n += !seen[span->to % QDN_HOURS_DAY];
            seen[span->to % QDN_HOURS_DAY] = 1;
        }
    }
    marks = apr_palloc(p, (apr_size_t)n * sizeof(*marks));
    hours->marks = marks;
    hours->nmarks = n;
    for (short minute = 0; minute < QDN_HOURS_DAY; minute++) {
        if (seen[minute]) {
            *marks++ = minute;
        }
    }
}

const char *qdn_hours_parse(const qdn_hours_t **phours, const char *text,
                            apr_pool_t *p)
{
    qdn_scan_t in = { .text = text, .at = text, .pool = p };
    qdn_hours_t *hours = apr_pcalloc(p, sizeof(*hours));

    if (strlen(text) > QDN_HOURS_BYTES) {
        return apr_psprintf(p,
                            "the hours have %" APR_SIZE_T_FMT
                            " bytes; accepted are up to %d",
                            strlen(text), QDN_HOURS_BYTES);
    }
    hours->text = apr_pstrdup(p, text);
    hours->rules = apr_array_make(p, 4, sizeof(qdn_hours_rule_t));
    if (!read_rules(&in, hours)) {
        return in.error;
    }
    collect_marks(hours, p);
    *phours = hours;
    return NULL;
}
