/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_RFC3339_H
#define QDN_RFC3339_H

/* Moments as RFC 3339 writes them. Pure. */

#include <apr_pools.h>
#include <apr_time.h>

/*
 * "2026-12-24T18:00:00+01:00", "...Z", with or without a fraction. A leap
 * second is the second after it. APR_SUCCESS or QDN_EMALFORMED.
 */
apr_status_t qdn_rfc3339_read(const char *text, apr_time_t *pat);

/* Whole seconds, in UTC; in p. */
const char *qdn_rfc3339_text(apr_time_t at, apr_pool_t *p);

#endif
