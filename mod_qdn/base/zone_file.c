/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>
#include "zone_file.h"

#define HEADER 44

/* What is not read yet; a short file makes `fault`, never a wild read. */
typedef struct reader_t {
    const unsigned char *at;
    apr_size_t left;
} reader_t;

typedef struct counts_t {
    apr_size_t isut, isstd, leap, times, types, chars;
} counts_t;

static const unsigned char *take(reader_t *in, apr_size_t n)
{
    const unsigned char *here = in->at;

    if (n > in->left) {
        return NULL;
    }
    in->at += n;
    in->left -= n;
    return here;
}

static apr_int64_t big_endian(const unsigned char *s, int bytes)
{
    apr_uint64_t n = s[0] & 0x80 ? ~(apr_uint64_t)0 : 0;

    for (int i = 0; i < bytes; i++) {
        n = n << 8 | s[i];
    }
    return (apr_int64_t)n;
}

static const char *read_header(reader_t *in, int *pversion, counts_t *counts)
{
    const unsigned char *s = take(in, HEADER);
    apr_size_t *const fields[] = { &counts->isut,  &counts->isstd,
                                   &counts->leap,  &counts->times,
                                   &counts->types, &counts->chars };

    if (!s || memcmp(s, "TZif", 4)) {
        return "it is not a compiled time zone";
    }
    *pversion = s[4] ? s[4] - '0' : 1;
    for (int i = 0; i < 6; i++) {
        apr_int64_t n = big_endian(s + 20 + 4 * i, 4);

        if (n < 0 || n > QDN_ZONE_BYTES) {
            return "a count is too large";
        }
        *fields[i] = (apr_size_t)n;
    }
    return counts->leap ? "it counts leap seconds" : NULL;
}

/* Version 1 repeats in 32 bits what version 2 says after it. */
static int skip_block(reader_t *in, const counts_t *n)
{
    return take(in, n->times * 5 + n->types * 6 + n->chars + n->isstd +
                        n->isut) != NULL;
}

static const char *read_times(qdn_zone_t *zone, reader_t *in, apr_size_t n,
                              int width, apr_pool_t *p)
{
    const unsigned char *times = take(in, n * (apr_size_t)width);
    const unsigned char *types = take(in, n);

    if (!times || !types) {
        return "it is cut off";
    }
    zone->ntimes = (int)n;
    zone->times = apr_palloc(p, n * sizeof(*zone->times));
    zone->types = apr_pmemdup(p, types, n);
    for (apr_size_t i = 0; i < n; i++) {
        zone->times[i] = big_endian(times + i * (apr_size_t)width, width);
        if (i && zone->times[i] <= zone->times[i - 1]) {
            return "its times do not ascend";
        }
    }
    return NULL;
}

static const char *read_kinds(qdn_zone_t *zone, reader_t *in, const counts_t *n,
                              apr_pool_t *p)
{
    const unsigned char *s = take(in, n->types * 6);
    const unsigned char *chars = take(in, n->chars);
    const char *abbrs;

    if (!s || !chars || !n->types) {
        return "it is cut off";
    }
    abbrs = apr_pstrmemdup(p, (const char *)chars, n->chars);
    zone->nkinds = (int)n->types;
    zone->kinds = apr_palloc(p, n->types * sizeof(*zone->kinds));
    for (int i = 0; i < zone->nkinds; i++, s += 6) {
        apr_int64_t offset = big_endian(s, 4);

        if (offset < QDN_ZONE_WEST || offset > QDN_ZONE_EAST ||
            s[5] >= n->chars) {
            return "a kind of time is not possible";
        }
        zone->kinds[i].offset = (int)offset;
        zone->kinds[i].abbr = abbrs + s[5];
    }
    for (int i = 0; i < zone->ntimes; i++) {
        if (zone->types[i] >= zone->nkinds) {
            return "a time has no kind";
        }
    }
    return NULL;
}

/* A number of 1 to `digits` digits up to max, or -1. */
static int number(const char **ps, int digits, int max)
{
    const char *s = *ps;
    int n = 0;

    while (s - *ps < digits && *s >= '0' && *s <= '9') {
        n = n * 10 + (*s++ - '0');
    }
    if (s == *ps || n > max) {
        return -1;
    }
    *ps = s;
    return n;
}

/* [+-]hh[:mm[:ss]], hours up to max. 1, or 0 and *ps somewhere in it. */
static int read_hms(const char **ps, int max, int *pseconds)
{
    int sign = **ps == '-' ? -1 : 1;
    int total = 0, unit = 3600, n;

    *ps += **ps == '-' || **ps == '+';
    for (;; unit /= 60, ++*ps) {
        n = number(ps, 3, unit == 3600 ? max : 59);
        if (n < 0) {
            return 0;
        }
        total += n * unit;
        if (unit == 1 || **ps != ':') {
            break;
        }
    }
    *pseconds = sign * total;
    return 1;
}

/* "PST" or "<-03>" */
static int read_abbr(const char **ps, const char **pabbr, apr_pool_t *p)
{
    const char *s = *ps + (**ps == '<');
    apr_size_t n = 0;

    while ((s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= 'a' && s[n] <= 'z') ||
           (**ps == '<' && s[n] && strchr("0123456789+-", s[n]))) {
        n++;
    }
    if (n < 3 || (**ps == '<' && s[n] != '>')) {
        return 0;
    }
    *pabbr = apr_pstrmemdup(p, s, n);
    *ps = s + n + (**ps == '<');
    return 1;
}

static int read_rule(const char **ps, qdn_zone_rule_t *rule)
{
    if (*(*ps)++ != ',') {
        return 0;
    }
    rule->form = 'N';
    if (**ps == 'M' || **ps == 'J') {
        rule->form = *(*ps)++;
    }
    if (rule->form == 'M') {
        rule->month = number(ps, 2, 12);
        rule->week = *(*ps)++ == '.' ? number(ps, 1, 5) : -1;
        rule->day = rule->week > 0 && *(*ps)++ == '.' ? number(ps, 1, 6) : -1;
        if (rule->month < 1) {
            return 0;
        }
    }
    else {
        rule->day = number(ps, 3, 365);
    }
    if (rule->day < (rule->form == 'J')) {
        return 0;
    }
    rule->seconds = 7200;
    return **ps != '/' || (++*ps, read_hms(ps, 167, &rule->seconds));
}

/* "PST8PDT,M3.2.0,M11.1.0": POSIX counts west of UTC. */
static int read_posix(qdn_zone_t *zone, const char *s, apr_pool_t *p)
{
    int west;

    if (!read_abbr(&s, &zone->std.abbr, p) || !read_hms(&s, 24, &west)) {
        return 0;
    }
    zone->std.offset = -west;
    zone->ruled = 1;
    zone->changes = *s != '\0';
    if (!zone->changes) {
        return 1;
    }
    if (!read_abbr(&s, &zone->dst.abbr, p)) {
        return 0;
    }
    zone->dst.offset = zone->std.offset + 3600;
    if (*s != ',') {
        if (!read_hms(&s, 24, &west)) {
            return 0;
        }
        zone->dst.offset = -west;
    }
    return read_rule(&s, &zone->begin) && read_rule(&s, &zone->end) && !*s;
}

/* The last line of the file; an empty one says nothing. */
static const char *read_footer(qdn_zone_t *zone, reader_t *in, apr_pool_t *p)
{
    const unsigned char *s = take(in, 1);
    const unsigned char *end = in->left ? memchr(in->at, '\n', in->left) : NULL;
    const char *text;

    if (!s || *s != '\n' || !end) {
        return "it is cut off";
    }
    text = apr_pstrmemdup(p, (const char *)in->at, (apr_size_t)(end - in->at));
    return !*text || read_posix(zone, text, p)
               ? NULL
               : "its rule for the years to come is not understood";
}

const char *qdn_zone_read(const qdn_zone_t **pzone, const char *name,
                          const unsigned char *data, apr_size_t size,
                          apr_pool_t *p)
{
    qdn_zone_t *zone = apr_pcalloc(p, sizeof(*zone));
    reader_t in = { .at = data, .left = size };
    const char *fault;
    counts_t n;
    int version, width = 4;

    zone->name = apr_pstrdup(p, name);
    fault = read_header(&in, &version, &n);
    if (!fault && version >= 2) {
        width = 8;
        fault = skip_block(&in, &n) ? read_header(&in, &version, &n)
                                    : "it is cut off";
    }
    if (!fault) {
        fault = read_times(zone, &in, n.times, width, p);
    }
    if (!fault) {
        fault = read_kinds(zone, &in, &n, p);
    }
    if (!fault && !take(&in, n.isstd + n.isut)) {
        fault = "it is cut off";
    }
    if (!fault && width == 8) {
        fault = read_footer(zone, &in, p);
    }
    if (!fault) {
        *pzone = zone;
    }
    return fault;
}
