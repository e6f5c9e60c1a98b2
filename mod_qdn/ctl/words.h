/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_WORDS_H
#define QDN_WORDS_H

/* Times as people read them. */

#include <apr_pools.h>
#include <apr_time.h>

/* "2026-01-14 14:32:05" in the zone of this machine; NULL for 0. */
const char *qdn_words_time(apr_time_t at, apr_pool_t *p);

/* "14:32:05.123", likewise. */
const char *qdn_words_clock(apr_time_t at, apr_pool_t *p);

#endif
