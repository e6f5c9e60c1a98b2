/* SPDX-License-Identifier: Apache-2.0 */
#include "until.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "parse.h"

#define STAMP 16 /* digits, from 2001 to 2286 */

/* Exactly n digits, then `end` (0: whatever follows); -1: they are not. */
static int take(const char **pat, int n, char end)
{
    const char *at = *pat;
    int value = 0;

    for (; n > 0; n--, at++) {
        if (!apr_isdigit(*at)) {
            return -1;
        }
        value = value * 10 + (*at - '0');
    }
    if (end && *at++ != end) {
        return -1;
    }
    *pat = at;
    return value;
}

/* "14:30" and, if they follow, seconds. 1: it is a time of a day. */
static int take_clock(const char **pat, qdn_local_t *local)
{
    local->hour = take(pat, 2, ':');
    local->minute = take(pat, 2, 0);
    local->second = 0;
    if (**pat == ':') {
        ++*pat;
        local->second = take(pat, 2, 0);
    }
    return local->hour >= 0 && local->hour < 24 && local->minute >= 0 &&
           local->minute < 60 && local->second >= 0 && local->second < 60;
}

static int take_date(const char **pat, qdn_local_t *local)
{
    local->year = take(pat, 4, '-');
    local->month = take(pat, 2, '-');
    local->day = take(pat, 2, 0);
    if (**pat != 'T' && **pat != ' ') {
        return 0;
    }
    ++*pat;
    return local->year > 0 && local->month >= 1 && local->month <= 12 &&
           local->day >= 1 && local->day <= 31;
}

/* "Z" or "-08:00", to the end; 1: *poffset seconds east of UTC. */
static int take_offset(const char *at, int *poffset)
{
    int east = *at == '-' ? -1 : 1, hours, minutes;

    if (!strcmp(at, "Z")) {
        *poffset = 0;
        return 1;
    }
    if (*at != '-' && *at != '+') {
        return 0;
    }
    at++;
    hours = take(&at, 2, ':');
    minutes = take(&at, 2, 0);
    *poffset = east * (hours * 3600 + minutes * 60);
    return !*at && hours >= 0 && hours <= 14 && minutes >= 0 && minutes < 60;
}

/* 31 November is a slip, not the first of December. */
static int is_shown(const qdn_zone_t *zone, apr_time_t at,
                    const qdn_local_t *local)
{
    qdn_local_t shown;

    qdn_zone_local(zone, at, &shown);
    return shown.month == local->month && shown.day == local->day;
}

/* As the clock shows it again after it was set back; else `first` itself. */
static apr_time_t shown_again(const qdn_zone_t *zone, apr_time_t first)
{
    apr_time_t change = qdn_zone_change(zone, first);
    qdn_local_t before, after;

    if (!change) {
        return first;
    }
    qdn_zone_local(zone, first, &before);
    qdn_zone_local(zone, change, &after);

    apr_time_t again = first + apr_time_from_sec(before.offset - after.offset);

    return again >= change ? again : first;
}

/* The first such moment after now; a past one if there is none. */
static apr_time_t next_shown(const qdn_zone_t *zone, const qdn_local_t *local,
                             apr_time_t now)
{
    apr_time_t first = qdn_zone_at(zone, local);

    return first > now ? first : shown_again(zone, first);
}

static int parse_moment(const char *text, const qdn_zone_t *zone,
                        apr_time_t now, apr_time_t *puntil)
{
    qdn_local_t local = { 0 };
    int offset;

    if (!take_date(&text, &local) || !take_clock(&text, &local)) {
        return 0;
    }
    if (!*text) {
        *puntil = next_shown(zone, &local, now);
        return is_shown(zone, *puntil, &local);
    }
    if (!take_offset(text, &offset)) {
        return 0;
    }
    *puntil = qdn_zone_at(qdn_zone_utc(), &local);
    if (!is_shown(qdn_zone_utc(), *puntil, &local)) {
        return 0;
    }
    *puntil -= apr_time_from_sec(offset);
    return 1;
}

static int parse_clock(const char *text, const qdn_zone_t *zone, apr_time_t now,
                       apr_time_t *puntil)
{
    qdn_local_t local;

    qdn_zone_local(zone, now, &local);
    if (!take_clock(&text, &local) || *text) {
        return 0;
    }
    *puntil = next_shown(zone, &local, now);
    if (*puntil <= now) {
        local.day++;
        *puntil = qdn_zone_at(zone, &local);
    }
    return 1;
}

static int parse_length(const char *text, const qdn_zone_t *zone,
                        apr_time_t now, apr_time_t *puntil)
{
    apr_size_t digits = strspn(text, "0123456789");
    apr_int64_t unit = text[digits] == 'd'   ? 86400
                       : text[digits] == 'h' ? 3600
                       : text[digits] == 'm' ? 60
                                             : 0;

    (void)zone;
    if (!digits || digits > 6 || !unit || text[digits + 1]) {
        return 0;
    }
    *puntil = now + apr_time_from_sec(apr_atoi64(text) * unit);
    return 1;
}

/* Microseconds since 1970, as the tables and the API tell times. */
static int parse_stamp(const char *text, const qdn_zone_t *zone, apr_time_t now,
                       apr_time_t *puntil)
{
    (void)zone;
    (void)now;
    if (strspn(text, "0123456789") != STAMP || text[STAMP]) {
        return 0;
    }
    *puntil = apr_atoi64(text);
    return 1;
}

const char *qdn_until_parse(const char *text, const qdn_zone_t *zone,
                            apr_time_t now, apr_time_t *puntil, apr_pool_t *p)
{
    static int (*const forms[])(const char *, const qdn_zone_t *, apr_time_t,
                                apr_time_t *) = { parse_length, parse_clock,
                                                  parse_moment, parse_stamp };
    apr_time_t until = 0;
    apr_size_t i = 0;

    if (!strcmp(text, "changed")) {
        *puntil = 0;
        return NULL;
    }
    while (i < sizeof(forms) / sizeof(forms[0]) &&
           !forms[i](text, zone, now, &until)) {
        i++;
    }
    if (i == sizeof(forms) / sizeof(forms[0])) {
        return apr_psprintf(p,
                            "'%s' is no time; write 14:30, 2026-11-22T14:30 "
                            "(in %s, or with an offset as in "
                            "2026-11-22T14:30-08:00), 90m, 2h, 3d or changed",
                            text, qdn_zone_name(zone));
    }
    until -= apr_time_usec(until);
    if (until <= now) {
        return apr_psprintf(p, "'%s' is past: it is %s", text,
                            qdn_zone_text(zone, now, p));
    }
    if (until - now > QDN_UNTIL_MAX) {
        return apr_psprintf(p,
                            "'%s' is more than 400 days ahead; 'changed' "
                            "has no end",
                            text);
    }
    *puntil = until;
    return NULL;
}
