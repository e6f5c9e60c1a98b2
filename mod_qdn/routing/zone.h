/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ZONE_H
#define QDN_ZONE_H

#include <apr_pools.h>

/* Where the system keeps its time zones (package tzdata). */
#define QDN_ZONE_DIR "/usr/share/zoneinfo"

/*
 * Is this the name of a time zone of this machine, as IANA writes it
 * ("America/Los_Angeles", "UTC")? NULL, or a sentence in p. Looks at a file:
 * the one place of this room that does, at configuration time only.
 */
const char *qdn_zone_refuse(const char *name, apr_pool_t *p);

#endif
