/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ICS_H
#define QDN_ICS_H

/*
 * iCalendar text (RFC 5545) to spans or days, through libical: recurrences,
 * exceptions, overrides, all-day events, zones, VFREEBUSY. In qdn_sources.so
 * only.
 */

#include "finding.h"

#define QDN_ICS_MAX   (16 * 1024 * 1024) /* bytes of text that is read */
#define QDN_ICS_SPANS 20000              /* of one feed in its window */

typedef struct qdn_ics_want_t {
    const char *timezone; /* of floating times and all-day events, unless the
                           * calendar names its own; NULL: UTC */
    const char *match;    /* only events whose title holds it, case of ASCII
                           * aside; NULL: all */
    int busy_only;        /* 1: a calendar, where TRANSPARENT means free;
                           * 0: a roster or holidays, where it means nothing */
    int titles;           /* keep them */
    apr_time_t from, to;
} qdn_ics_want_t;

/*
 * What the text says between from and to: spans in order, overlapping ones
 * merged where the title is the same. Cancelled events and those that the
 * owner declined are left out. Everything in p. APR_SUCCESS; QDN_EMALFORMED
 * (no calendar, cut off), QDN_ETOOBIG (more spans than that): with a sentence
 * in *perror that quotes no content.
 */
apr_status_t qdn_ics_spans(const char *text, apr_size_t len,
                           const qdn_ics_want_t *want,
                           const qdn_span_t **pspans, int *pn,
                           const char **perror, apr_pool_t *p);

/* Likewise each day on which an event is: holidays. */
apr_status_t qdn_ics_days(const char *text, apr_size_t len,
                          const qdn_ics_want_t *want, qdn_days_t *pdays,
                          const char **perror, apr_pool_t *p);

#endif
