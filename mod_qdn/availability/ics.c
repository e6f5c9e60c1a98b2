/* SPDX-License-Identifier: Apache-2.0 */
#include "ics.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "ics_walk.h"
#include "status.h"

#define END "END:VCALENDAR"

/* libical completes what is cut off, silently: a free afternoon perhaps. */
static int is_whole(const char *text, apr_size_t len)
{
    while (len && isspace((unsigned char)text[len - 1])) {
        len--;
    }
    return len >= sizeof(END) - 1 &&
           !strncasecmp(text + len - (sizeof(END) - 1), END, sizeof(END) - 1);
}

static apr_status_t walk_all(qdn_ics_walk_t *walk, icalcomponent *root)
{
    icalcomponent *c;
    apr_status_t rv = APR_SUCCESS;

    if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
        return qdn_ics_walk(walk, root);
    }
    for (c = icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
         c && !rv;
         c = icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT)) {
        rv = qdn_ics_walk(walk, c);
    }
    return rv;
}

static apr_status_t read_all(qdn_ics_walk_t *walk, const char *text,
                             apr_size_t len, const char **perror)
{
    icalcomponent *root = NULL;
    apr_status_t rv;

    if (len > QDN_ICS_MAX) {
        *perror = "the calendar is larger than 16 MiB";
        return QDN_ETOOBIG;
    }
    if (!is_whole(text, len) || memchr(text, '\0', len)) {
        *perror = "it is no whole iCalendar text: it does not end with " END;
        return QDN_EMALFORMED;
    }
    icalerror_set_errors_are_fatal(0);
    root = icalparser_parse_string(apr_pstrmemdup(walk->pool, text, len));
    if (!root || icalcomponent_isa(root) == ICAL_NO_COMPONENT) {
        *perror = "it is no iCalendar text";
        rv = QDN_EMALFORMED;
    }
    else {
        rv = walk_all(walk, root);
        if (rv) {
            *perror = "it has too many events in the days that are looked at, "
                      "or rules that repeat too often";
        }
    }
    if (root) {
        icalcomponent_free(root);
    }
    return rv;
}

static int by_title(const void *a, const void *b)
{
    const qdn_span_t *x = a, *y = b;
    int order = strcmp(x->title, y->title);

    return order ? order : (x->from > y->from) - (x->from < y->from);
}

static int by_time(const void *a, const void *b)
{
    const qdn_span_t *x = a, *y = b;

    return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
           : x->to != y->to   ? (x->to > y->to) - (x->to < y->to)
                              : strcmp(x->title, y->title);
}

/* Spans of one title that touch become one. */
static int merge(qdn_span_t *spans, int n)
{
    int i, kept = 0;

    qsort(spans, (size_t)n, sizeof(*spans), by_title);
    for (i = 0; i < n; i++) {
        qdn_span_t *last = kept ? &spans[kept - 1] : NULL;

        if (last && !strcmp(last->title, spans[i].title) &&
            spans[i].from <= last->to) {
            last->to = spans[i].to > last->to ? spans[i].to : last->to;
        }
        else {
            spans[kept++] = spans[i];
        }
    }
    qsort(spans, (size_t)kept, sizeof(*spans), by_time);
    return kept;
}

apr_status_t qdn_ics_spans(const char *text, apr_size_t len,
                           const qdn_ics_want_t *want,
                           const qdn_span_t **pspans, int *pn,
                           const char **perror, apr_pool_t *p)
{
    qdn_ics_walk_t walk = { .want = want,
                            .pool = p,
                            .steps = QDN_ICS_STEPS,
                            .spans =
                                apr_array_make(p, 64, sizeof(qdn_span_t)) };
    apr_status_t rv = read_all(&walk, text, len, perror);

    if (!rv) {
        *pspans = (qdn_span_t *)(void *)walk.spans->elts;
        *pn = merge((qdn_span_t *)(void *)walk.spans->elts, walk.spans->nelts);
    }
    return rv;
}

/* ---- days ---- */

static int day_of(const qdn_zone_t *zone, apr_time_t at)
{
    qdn_local_t l;

    qdn_zone_local(zone, at, &l);
    return l.year * 10000 + l.month * 100 + l.day;
}

static apr_time_t next_midnight(const qdn_zone_t *zone, apr_time_t at)
{
    qdn_local_t l;

    qdn_zone_local(zone, at, &l);
    l.day++;
    l.hour = l.minute = l.second = 0;
    return qdn_zone_at(zone, &l);
}

static int by_number(const void *a, const void *b)
{
    const int *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

apr_status_t qdn_ics_days(const char *text, apr_size_t len,
                          const qdn_ics_want_t *want, qdn_days_t *pdays,
                          const char **perror, apr_pool_t *p)
{
    qdn_ics_walk_t walk = { .want = want,
                            .pool = p,
                            .steps = QDN_ICS_STEPS,
                            .spans =
                                apr_array_make(p, 64, sizeof(qdn_span_t)) };
    apr_status_t rv = read_all(&walk, text, len, perror);
    apr_array_header_t *days = apr_array_make(p, 64, sizeof(int));
    int i, kept = 0, *list;

    for (i = 0; !rv && i < walk.spans->nelts; i++) {
        const qdn_span_t *s = &APR_ARRAY_IDX(walk.spans, i, qdn_span_t);
        const qdn_zone_t *zone = walk.clocks.floating.zone;
        apr_time_t at = s->from > want->from ? s->from : want->from;
        apr_time_t end = s->to < want->to ? s->to : want->to;

        for (; at < end; at = next_midnight(zone, at)) {
            APR_ARRAY_PUSH(days, int) = day_of(zone, at);
        }
    }
    list = (int *)(void *)days->elts;
    qsort(list, (size_t)days->nelts, sizeof(*list), by_number);
    for (i = 0; i < days->nelts; i++) {
        if (!kept || list[kept - 1] != list[i]) {
            list[kept++] = list[i];
        }
    }
    *pdays = (qdn_days_t){ .days = list, .n = kept };
    return rv;
}
