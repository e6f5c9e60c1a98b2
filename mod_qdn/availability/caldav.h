/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CALDAV_H
#define QDN_CALDAV_H

/*
 * Asking a CalDAV server when a calendar is busy: REPORT free-busy-query on
 * the collection, with Depth: 1 and Content-Type: application/xml; answered
 * with 200 and text/calendar that holds one VFREEBUSY (RFC 4791, 7.10). A
 * server that does not know it answers 403 or 501; the collection itself may
 * be read then. In qdn_sources.so only.
 */

#include <apr_pools.h>
#include <apr_time.h>

/* The body of that request, in p. */
const char *qdn_caldav_body(apr_time_t from, apr_time_t to, apr_pool_t *p);

#endif
