/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdint.h>
#include <string.h>
#include "civil.h"
#include "zone_file.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DAY     86400
#define NEVER   (INT64_MAX / 4) /* room to add to */

/* A stretch of time in which the clock runs evenly. */
typedef struct stretch_t {
    const qdn_zone_type_t *kind;
    apr_int64_t until; /* seconds since 1970 */
} stretch_t;

/* No dot is among the characters, so that no name leaves the folder. */
static int well_formed(const char *name)
{
    return *name && *name != '/' &&
           !name[strspn(name, LETTERS "0123456789_+/-")];
}

/* 1 and the bytes of the file, or 0: not there, a folder, too large. */
static int read_file(const char *name, unsigned char *data, apr_size_t *psize,
                     apr_pool_t *p)
{
    apr_file_t *file;
    apr_status_t rv;

    rv = apr_file_open(&file, apr_pstrcat(p, QDN_ZONE_DIR "/", name, NULL),
                       APR_FOPEN_READ | APR_FOPEN_BINARY, APR_FPROT_OS_DEFAULT,
                       p);
    if (rv != APR_SUCCESS) {
        return 0;
    }
    *psize = 0;
    rv = apr_file_read_full(file, data, QDN_ZONE_BYTES, psize);
    apr_file_close(file);
    return rv == APR_EOF;
}

/* The folder holds lists and sub-folders too: the reader tells. */
const char *qdn_zone_load(const qdn_zone_t **pzone, const char *name,
                          apr_pool_t *p)
{
    const char *fault = NULL;
    unsigned char *data;
    apr_pool_t *scratch;
    apr_size_t size;
    int found = 0;

    apr_pool_create(&scratch, p);
    apr_pool_tag(scratch, "qdn_zone_load");
    data = apr_palloc(scratch, QDN_ZONE_BYTES);
    if (well_formed(name) && read_file(name, data, &size, scratch)) {
        fault = qdn_zone_read(pzone, name, data, size, p);
        found = !fault;
    }
    apr_pool_destroy(scratch);
    if (found) {
        return NULL;
    }
    return apr_pstrcat(p, "'", name, "' is not a time zone of this machine",
                       fault ? " (" : "", fault ? fault : "", fault ? ")" : "",
                       "; accepted are the names below " QDN_ZONE_DIR
                       ", such as America/Los_Angeles (package tzdata)",
                       NULL);
}

const char *qdn_zone_name(const qdn_zone_t *zone)
{
    return zone->name;
}

const qdn_zone_t *qdn_zone_utc(void)
{
    static const qdn_zone_t utc = {
        .name = "UTC",
        .ruled = 1,
        .std = { .offset = 0, .abbr = "UTC" },
    };

    return &utc;
}

/* The moment of a rule in that year, by a clock with that offset. */
static apr_int64_t rule_at(const qdn_zone_rule_t *rule, int year, int offset)
{
    apr_int64_t day = qdn_civil_days(year, 1, 1);

    if (rule->form == 'M') {
        apr_int64_t next = qdn_civil_days(year, rule->month + 1, 1);

        day = qdn_civil_days(year, rule->month, 1);
        /* Monday is our 0, Sunday the rule's. */
        day += (rule->day + 6 - qdn_civil_weekday(day)) % 7;
        day += 7 * (rule->week - 1);
        day -= day >= next ? 7 : 0; /* week 5 means the last */
    }
    else {
        /* J counts no leap day; N, and J before it, count as they stand. */
        int leap = qdn_civil_days(year, 3, 1) - day == 60;

        day += rule->day - (rule->form == 'J');
        day += rule->form == 'J' && leap && rule->day > 59;
    }
    return day * DAY + rule->seconds - offset;
}

/*
 * Beyond the table. Years on both sides are looked at, because a change may
 * be up to a week off the year that names it. Where the end of one summer
 * meets the beginning of the next (summer all year) the beginning counts.
 */
static void by_rule(const qdn_zone_t *zone, apr_int64_t sec,
                    stretch_t *pstretch)
{
    apr_int64_t last = -NEVER;
    int year, month, day;

    *pstretch = (stretch_t){ .kind = &zone->std, .until = NEVER };
    if (!zone->changes) {
        return;
    }
    qdn_civil_date(qdn_civil_div(sec, DAY), &year, &month, &day);
    for (int y = year - 1; y <= year + 2; y++) {
        const apr_int64_t times[] = { rule_at(&zone->end, y, zone->dst.offset),
                                      rule_at(&zone->begin, y,
                                              zone->std.offset) };

        for (int i = 0; i < 2; i++) {
            if (times[i] <= sec &&
                (times[i] > last || (i && times[i] == last))) {
                last = times[i];
                pstretch->kind = i ? &zone->dst : &zone->std;
            }
            if (times[i] > sec && times[i] < pstretch->until) {
                pstretch->until = times[i];
            }
        }
    }
}

/* How the clock runs at that second, and until when. */
static void look_up(const qdn_zone_t *zone, apr_int64_t sec,
                    stretch_t *pstretch)
{
    int low = 0, high = zone->ntimes; /* times[low - 1] <= sec < times[high] */

    while (low < high) {
        int mid = low + (high - low) / 2;

        if (zone->times[mid] <= sec) {
            low = mid + 1;
        }
        else {
            high = mid;
        }
    }
    if (low == zone->ntimes && zone->ruled) {
        by_rule(zone, sec, pstretch);
        return;
    }
    pstretch->kind = &zone->kinds[low ? zone->types[low - 1] : 0];
    pstretch->until = low < zone->ntimes ? zone->times[low] : NEVER;
}

static void fill(apr_int64_t sec, int offset, qdn_local_t *plocal)
{
    apr_int64_t days = qdn_civil_div(sec + offset, DAY);
    int rest = (int)qdn_civil_mod(sec + offset, DAY);

    qdn_civil_date(days, &plocal->year, &plocal->month, &plocal->day);
    plocal->hour = rest / 3600;
    plocal->minute = rest / 60 % 60;
    plocal->second = rest % 60;
    plocal->weekday = qdn_civil_weekday(days);
    plocal->offset = offset;
}

void qdn_zone_local(const qdn_zone_t *zone, apr_time_t at, qdn_local_t *plocal)
{
    apr_int64_t sec = qdn_civil_div(at, APR_USEC_PER_SEC);
    stretch_t stretch;

    look_up(zone, sec, &stretch);
    fill(sec, stretch.kind->offset, plocal);
}

/*
 * Walk over the stretches around the moment, in order: the first that shows
 * that time wins; one that begins later than it shows follows a gap.
 */
apr_time_t qdn_zone_at(const qdn_zone_t *zone, const qdn_local_t *local)
{
    apr_int64_t shown =
        qdn_civil_days(local->year, local->month, local->day) * DAY +
        (apr_int64_t)local->hour * 3600 + (apr_int64_t)local->minute * 60 +
        local->second;
    apr_int64_t from = shown - QDN_ZONE_EAST, at;
    stretch_t stretch;

    for (;;) {
        look_up(zone, from, &stretch);
        at = shown - stretch.kind->offset;
        if (at < from) {
            return apr_time_from_sec(from);
        }
        if (at < stretch.until) {
            return apr_time_from_sec(at);
        }
        from = stretch.until;
    }
}

apr_time_t qdn_zone_change(const qdn_zone_t *zone, apr_time_t at)
{
    stretch_t stretch;

    look_up(zone, qdn_civil_div(at, APR_USEC_PER_SEC), &stretch);
    return stretch.until == NEVER ? 0 : apr_time_from_sec(stretch.until);
}

const char *qdn_zone_text(const qdn_zone_t *zone, apr_time_t at, apr_pool_t *p)
{
    apr_int64_t sec = qdn_civil_div(at, APR_USEC_PER_SEC);
    stretch_t stretch;
    qdn_local_t t;

    look_up(zone, sec, &stretch);
    fill(sec, stretch.kind->offset, &t);
    return apr_psprintf(p, "%04d-%02d-%02d %02d:%02d %s", t.year, t.month,
                        t.day, t.hour, t.minute, stretch.kind->abbr);
}
