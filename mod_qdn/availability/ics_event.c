/* SPDX-License-Identifier: Apache-2.0 */
#include "ics_event.h"

#include <string.h>

#include <apr_strings.h>

static icalproperty *property(icalcomponent *c, icalproperty_kind kind)
{
    return icalcomponent_get_first_property(c, kind);
}

static int x_is(icalcomponent *c, const char *name, const char *value)
{
    icalproperty *x;

    for (x = property(c, ICAL_X_PROPERTY); x;
         x = icalcomponent_get_next_property(c, ICAL_X_PROPERTY)) {
        const char *its = icalproperty_get_x_name(x);
        const char *text = icalproperty_get_x(x);

        if (its && text && !strcasecmp(its, name) && !strcasecmp(text, value)) {
            return 1;
        }
    }
    return 0;
}

/* Outlook says in its own property what TRANSP cannot. */
static int is_free(icalcomponent *c)
{
    icalproperty *transp = property(c, ICAL_TRANSP_PROPERTY);
    icalproperty_transp t =
        transp ? icalproperty_get_transp(transp) : ICAL_TRANSP_NONE;

    return t == ICAL_TRANSP_TRANSPARENT ||
           t == ICAL_TRANSP_TRANSPARENTNOCONFLICT ||
           x_is(c, "X-MICROSOFT-CDO-BUSYSTATUS", "FREE") ||
           x_is(c, "X-MICROSOFT-CDO-BUSYSTATUS", "WORKINGELSEWHERE");
}

static int is_declined(const qdn_ics_walk_t *walk, icalcomponent *c)
{
    icalproperty *a;

    for (a = walk->owner ? property(c, ICAL_ATTENDEE_PROPERTY) : NULL; a;
         a = icalcomponent_get_next_property(c, ICAL_ATTENDEE_PROPERTY)) {
        const char *who = icalproperty_get_attendee(a);
        icalparameter *part =
            icalproperty_get_first_parameter(a, ICAL_PARTSTAT_PARAMETER);

        if (who && part && !strncasecmp(who, "mailto:", 7) &&
            !strcasecmp(who + 7, walk->owner) &&
            icalparameter_get_partstat(part) == ICAL_PARTSTAT_DECLINED) {
            return 1;
        }
    }
    return 0;
}

static int matches(const qdn_ics_want_t *want, const char *title)
{
    apr_size_t n = want->match ? strlen(want->match) : 0;

    for (; n && *title; title++) {
        if (!strncasecmp(title, want->match, n)) {
            return 1;
        }
    }
    return !n;
}

static int counts(const qdn_ics_walk_t *walk, icalcomponent *c,
                  const char *title)
{
    icalproperty *status = property(c, ICAL_STATUS_PROPERTY);

    return !(status &&
             icalproperty_get_status(status) == ICAL_STATUS_CANCELLED) &&
           !(walk->want->busy_only && is_free(c)) && !is_declined(walk, c) &&
           matches(walk->want, title);
}

static int days_between(icaltimetype from, icaltimetype to)
{
    apr_time_t first, last;

    from.is_date = 1;
    to.is_date = 1;
    first = apr_time_from_sec(icaltime_as_timet(from));
    last = apr_time_from_sec(icaltime_as_timet(to));
    return (int)((last - first) / apr_time_from_sec(86400));
}

/*
 * With DTEND each occurrence lasts exactly as long as the first, whatever
 * the clock does; days of DURATION are days of the calendar (RFC 5545,
 * 3.6.1, 3.3.6). A day without an end is that day, a moment is no time.
 */
static void read_length(qdn_ics_walk_t *walk, qdn_ics_event_t *e)
{
    icalproperty *end = property(e->component, ICAL_DTEND_PROPERTY);
    icalproperty *lasts = property(e->component, ICAL_DURATION_PROPERTY);

    if (end) {
        icaltimetype t = icalproperty_get_dtend(end);

        if (e->start.is_date) {
            e->length.days = days_between(e->start, t);
        }
        else {
            e->length.rest =
                qdn_ics_moment(qdn_ics_clock_of(&walk->clocks, end, t), t) -
                qdn_ics_moment(e->clock, e->start);
        }
    }
    else if (lasts) {
        struct icaldurationtype d = icalproperty_get_duration(lasts);

        e->length.days = d.is_neg ? 0 : (int)(d.days + 7 * d.weeks);
        e->length.rest = d.is_neg
                             ? 0
                             : apr_time_from_sec(3600 * (apr_int64_t)d.hours +
                                                 60 * (apr_int64_t)d.minutes +
                                                 (apr_int64_t)d.seconds);
    }
    if (e->start.is_date && !end && !e->length.days) {
        e->length.days = 1;
    }
}

/* 0: it has no beginning that could be understood. */
int qdn_ics_event_read(qdn_ics_walk_t *walk, icalcomponent *c,
                       qdn_ics_event_t *e)
{
    icalproperty *start = property(c, ICAL_DTSTART_PROPERTY);
    icalproperty *summary = property(c, ICAL_SUMMARY_PROPERTY);
    icalproperty *uid = property(c, ICAL_UID_PROPERTY);
    const char *title = summary ? icalproperty_get_summary(summary) : NULL;

    memset(e, 0, sizeof(*e));
    e->component = c;
    e->start = start ? icalproperty_get_dtstart(start) : icaltime_null_time();
    if (icaltime_is_null_time(e->start) || !icaltime_is_valid_time(e->start)) {
        return 0;
    }
    e->clock = qdn_ics_clock_of(&walk->clocks, start, e->start);
    e->uid = uid ? icalproperty_get_uid(uid) : NULL;
    e->counts = counts(walk, c, title ? title : "");
    e->title =
        walk->want->titles && title ? apr_pstrdup(walk->pool, title) : "";
    read_length(walk, e);
    return 1;
}
