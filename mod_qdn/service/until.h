/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_UNTIL_H
#define QDN_UNTIL_H

/* Until when somebody wants a status to hold, as people write it. */

#include <apr_pools.h>
#include "zone.h"

#define QDN_UNTIL_MAX apr_time_from_sec(400 * 86400LL) /* from now */

/*
 * "changed"; "90m", "2h", "3d"; "14:30", the next such moment;
 * "2026-11-22T14:30" with seconds if wanted, in that zone unless "Z" or an
 * offset (-08:00) follows; sixteen digits: microseconds since 1970. NULL, and
 * *puntil (0: until changed; whole seconds otherwise); or a sentence in p.
 */
const char *qdn_until_parse(const char *text, const qdn_zone_t *zone,
                            apr_time_t now, apr_time_t *puntil, apr_pool_t *p);

#endif
