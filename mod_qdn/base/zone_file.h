/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ZONE_FILE_H
#define QDN_ZONE_FILE_H

/* What a compiled zone holds, for zone.c and those who test the reader. */

#include "zone.h"

#define QDN_ZONE_BYTES 65536 /* the largest of tzdata has under 4000 */

#define QDN_ZONE_WEST (-89999) /* seconds; what RFC 8536 allows */
#define QDN_ZONE_EAST 93599

/* What a clock shows for some time. */
typedef struct qdn_zone_type_t {
    int offset;       /* seconds east of UTC */
    const char *abbr; /* "PST" */
} qdn_zone_type_t;

/* When in a year a clock is changed: the POSIX TZ forms. */
typedef struct qdn_zone_rule_t {
    char form;            /* 'M': month, week, weekday; 'J': 1 ... 365, never
                           * the leap day; 'N': 0 ... 365 */
    int month, week, day; /* day: 0 Sunday ... 6; J and N: of the year */
    int seconds;          /* of that day, -167 h ... 167 h */
} qdn_zone_rule_t;

struct qdn_zone_t {
    const char *name;
    apr_int64_t *times;         /* seconds since 1970, ascending */
    const unsigned char *types; /* what begins at each of them */
    int ntimes;
    qdn_zone_type_t *kinds; /* the first also holds before times[0] */
    int nkinds;
    /* After the last of `times`. */
    int ruled; /* 0: what began there goes on for ever */
    qdn_zone_type_t std, dst;
    int changes;                /* 1: std and dst, else std alone */
    qdn_zone_rule_t begin, end; /* of dst, by the clock that it ends */
};

/*
 * Read a compiled zone (RFC 8536, versions 1 to 4) from memory. NULL and the
 * zone in *pzone, which keeps nothing of data; or what is wrong, a few words.
 */
const char *qdn_zone_read(const qdn_zone_t **pzone, const char *name,
                          const unsigned char *data, apr_size_t size,
                          apr_pool_t *p);

#endif
