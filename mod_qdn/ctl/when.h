/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_WHEN_H
#define QDN_WHEN_H

/* Moments as people write them on a command line and in a case. */

#include <apr_pools.h>
#include <apr_time.h>

/*
 * "2026-03-02T10:00:00-08:00" or "...Z"; seconds may be left out. NULL, or a
 * sentence in p that quotes s and says what is accepted; *pat (microseconds
 * since 1970) is then untouched.
 */
const char *qdn_when_parse(const char *s, apr_time_t *pat, apr_pool_t *p);

#endif
