/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OUTSIDE_H
#define QDN_OUTSIDE_H

/* The stand-in for the world that feeds are asked from: t/lib/QDN/Outside.pm */

#include <apr_pools.h>

typedef struct outside_t {
    int port;
    const char *base; /* http://127.0.0.1:port */
    int in;           /* its end ends the process */
    long pid;
} outside_t;

/* A process of its own; ends with p. NULL: it cannot be had (said aloud). */
outside_t *outside_start(apr_pool_t *p);

/* Tell it something (JSON, see there); what it answers, in p. */
const char *outside_tell(outside_t *outside, const char *word, const char *json,
                         apr_pool_t *p);

/* From now on that path is answered so: members of a rule, in JSON. */
void outside_set(outside_t *outside, const char *path, const char *rule,
                 apr_pool_t *p);

/* How often that path was asked. */
int outside_count(outside_t *outside, const char *path, apr_pool_t *p);

#endif
