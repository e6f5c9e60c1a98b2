/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HERALD_H
#define QDN_HERALD_H

/*
 * Tells the log how the chain of the audit ends, "audit head host=HOST
 * seq=N hash=HEX": whoever made the chain anew in SQL would have to change
 * the log as well (`qdnctl audit --verify --log FILE`). When the drain has
 * begun, after changes an hour later at the most, and daily.
 */

#include <apr_pools.h>
#include <apr_time.h>
#include "store.h"

#define QDN_HERALD_LOOK  apr_time_from_sec(60)
#define QDN_HERALD_AFTER apr_time_from_sec(3600) /* a change */
#define QDN_HERALD_EVERY apr_time_from_sec(86400)

/* All zero to begin with. */
typedef struct qdn_herald_t {
    apr_time_t due;  /* monotonic: no look before */
    apr_time_t told; /* monotonic */
    apr_int64_t seq; /* that was told; 0: none */
} qdn_herald_t;

/*
 * Look, if it is time to, and tell what is due. Monotonic `now`. APR_SUCCESS
 * or APR_EGENERAL, see qdn_store_error.
 */
apr_status_t qdn_herald_tell(qdn_herald_t *herald, qdn_store_t *store,
                             const char *host, apr_time_t now,
                             apr_pool_t *ptemp);

#endif
