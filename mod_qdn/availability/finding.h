/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FINDING_H
#define QDN_FINDING_H

/* What a feed has last said, and how much of it still counts. */

#include <apr_time.h>
#include "feed.h"
#include "hours.h"

/* Spans are kept from a day ago to so far ahead; sweep looks no farther. */
#define QDN_FINDING_BEHIND apr_time_from_sec(86400)
#define QDN_FINDING_AHEAD  apr_time_from_sec(35 * 86400)

/* [from, to), in order of from; spans of one feed may overlap. */
typedef struct qdn_span_t {
    apr_time_t from;
    apr_time_t to;
    const char *title; /* "" unless QDNCalendarDetail on; a duty has its own */
} qdn_span_t;

typedef struct qdn_finding_t {
    apr_time_t asked_at;   /* the last attempt; 0: never */
    apr_time_t good_at;    /* the last good answer; 0: never */
    const char *error;     /* of the last attempt; NULL: it was good */
    apr_time_t from, to;   /* what spans cover: nothing is known outside */
    const qdn_span_t *spans; /* calendar, duty */
    int nspans;
    qdn_days_t days;         /* holidays */
    int available;           /* presence */
    const char *word;        /* presence: what stood at the pointer */
    const apr_uint64_t *numbers; /* numbers: digits of E.164, sorted */
    int nnumbers;
    const void *kept; /* of snapshot.c: where it found this; else NULL */
} qdn_finding_t;

/*
 * Does the last good answer still count at that moment? Not if there is
 * none, it is older than the feed's stale=, or from the future by more than
 * that.
 */
int qdn_finding_holds(const qdn_finding_t *finding, const qdn_feed_t *feed,
                      apr_time_t now);

/*
 * The span that covers the moment and ends last (spans that touch or overlap
 * it are followed: *puntil is when the last of them ends), or NULL.
 */
const qdn_span_t *qdn_finding_span(const qdn_finding_t *finding,
                                   apr_time_t at, apr_time_t *puntil);

/* Is the number (E.164) on the list? */
int qdn_finding_lists(const qdn_finding_t *finding, const char *number);

#endif
