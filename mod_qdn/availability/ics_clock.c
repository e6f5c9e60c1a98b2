/* SPDX-License-Identifier: Apache-2.0 */
#include "ics_clock.h"

#include <string.h>

#include <apr_strings.h>

/* Of a name, of what is tried of it, and of all names of a calendar. */
#define TZID_BYTES 128
#define TZID_TRIES 6
#define TZIDS      1000

static const qdn_ics_clock_t *utc(void)
{
    static qdn_ics_clock_t clock;

    clock.zone = qdn_zone_utc();
    return &clock;
}

/*
 * Old programs write "/freeassociation.sourceforge.net/Europe/Berlin": the
 * zone's name is what follows one of its slashes.
 */
static const qdn_zone_t *known(const char *tzid, apr_pool_t *p)
{
    const qdn_zone_t *zone = NULL;
    int tries;

    if (!tzid || strlen(tzid) > TZID_BYTES) {
        return NULL;
    }
    for (tries = 0; tries < TZID_TRIES; tries++) {
        if (!qdn_zone_load(&zone, tzid, p)) {
            return zone;
        }
        tzid = strchr(tzid, '/');
        if (!tzid++) {
            break;
        }
    }
    return NULL;
}

static const char *named_zone(icalcomponent *calendar)
{
    icalproperty *x;

    for (x = icalcomponent_get_first_property(calendar, ICAL_X_PROPERTY); x;
         x = icalcomponent_get_next_property(calendar, ICAL_X_PROPERTY)) {
        const char *name = icalproperty_get_x_name(x);

        if (name && !strcasecmp(name, "X-WR-TIMEZONE")) {
            return icalproperty_get_x(x);
        }
    }
    return NULL;
}

void qdn_ics_clocks_init(qdn_ics_clocks_t *clocks, icalcomponent *calendar,
                         const char *zone_name, apr_pool_t *p)
{
    const qdn_zone_t *zone = known(named_zone(calendar), p);

    if (!zone) {
        zone = known(zone_name, p);
    }
    *clocks = (qdn_ics_clocks_t){ .pool = p,
                                  .calendar = calendar,
                                  .by_tzid = apr_hash_make(p) };
    clocks->floating.zone = zone ? zone : qdn_zone_utc();
}

/* libical would count every hour of a zone that changes each hour. */
static int is_sane(icaltimezone *own)
{
    icalcomponent *zone = icaltimezone_get_component(own);
    icalcomponent *c;
    icalproperty *r;

    for (c = icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT); c;
         c = icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT)) {
        for (r = icalcomponent_get_first_property(c, ICAL_RRULE_PROPERTY); r;
             r = icalcomponent_get_next_property(c, ICAL_RRULE_PROPERTY)) {
            if (icalproperty_get_rrule(r).freq < ICAL_MONTHLY_RECURRENCE) {
                return 0;
            }
        }
    }
    return 1;
}

static const qdn_ics_clock_t *find(qdn_ics_clocks_t *clocks, const char *tzid)
{
    qdn_ics_clock_t *clock =
        apr_hash_get(clocks->by_tzid, tzid, APR_HASH_KEY_STRING);

    if (clock) {
        return clock;
    }
    if (apr_hash_count(clocks->by_tzid) >= TZIDS) {
        return &clocks->floating;
    }
    clock = apr_pcalloc(clocks->pool, sizeof(*clock));
    clock->zone = known(tzid, clocks->pool);
    if (!clock->zone) {
        clock->own = icalcomponent_get_timezone(clocks->calendar, tzid);
        if (clock->own && !is_sane(clock->own)) {
            clock->own = NULL;
        }
    }
    if (!clock->zone && !clock->own) {
        *clock = clocks->floating;
    }
    apr_hash_set(clocks->by_tzid, apr_pstrdup(clocks->pool, tzid),
                 APR_HASH_KEY_STRING, clock);
    return clock;
}

const qdn_ics_clock_t *qdn_ics_clock_of(qdn_ics_clocks_t *clocks,
                                        icalproperty *property,
                                        icaltimetype value)
{
    icalparameter *tzid =
        icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);

    if (icaltime_is_utc(value)) {
        return utc();
    }
    if (value.is_date || !tzid || !icalparameter_get_tzid(tzid)) {
        return &clocks->floating;
    }
    return find(clocks, icalparameter_get_tzid(tzid));
}

apr_time_t qdn_ics_moment(const qdn_ics_clock_t *clock, icaltimetype t)
{
    qdn_local_t wall = { .year = t.year,
                         .month = t.month,
                         .day = t.day,
                         .hour = t.is_date ? 0 : t.hour,
                         .minute = t.is_date ? 0 : t.minute,
                         .second = t.is_date ? 0 : t.second };
    apr_time_t shown = qdn_zone_at(qdn_zone_utc(), &wall);
    apr_time_t at;
    qdn_local_t there;

    if (!clock->zone) {
        t.is_date = 0;
        t.zone = NULL;
        return apr_time_from_sec(icaltime_as_timet_with_zone(t, clock->own));
    }
    at = qdn_zone_at(clock->zone, &wall);
    qdn_zone_local(clock->zone, at, &there);
    if (shown - apr_time_from_sec(there.offset) == at || t.is_date) {
        return at;
    }
    qdn_zone_local(clock->zone, at - 1, &there);
    return shown - apr_time_from_sec(there.offset);
}
