/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CALDAV_H
#define QDN_CALDAV_H

/*
 * Asking a CalDAV server when a calendar is busy (RFC 4791). Both questions
 * are REPORTs on the collection with Depth: 1 and Content-Type:
 * application/xml. In qdn_sources.so only.
 */

#include <apr_pools.h>
#include <apr_time.h>

/*
 * free-busy-query (7.10): answered with 200 and text/calendar that holds one
 * VFREEBUSY. The body of the request, in p.
 */
const char *qdn_caldav_busy_body(apr_time_t from, apr_time_t to, apr_pool_t *p);

/*
 * calendar-query (7.8), for servers that do not know the other (Radicale
 * before 3.2, iCloud): answered with 207 and the events themselves.
 */
const char *qdn_caldav_events_body(apr_time_t from, apr_time_t to,
                                   apr_pool_t *p);

/* Does this status of the first question mean: ask the second? */
int qdn_caldav_unknown(int status);

/*
 * All calendar-data of a multistatus one after the other, for qdn_ics_spans;
 * an empty calendar where there is none. APR_SUCCESS; QDN_EMALFORMED: it is
 * no multistatus, or an event in it could not be told; with a sentence in
 * *perror.
 */
apr_status_t qdn_caldav_unwrap(const char *xml, apr_size_t len,
                               const char **ptext, const char **perror,
                               apr_pool_t *p);

#endif
