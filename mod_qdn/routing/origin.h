/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ORIGIN_H
#define QDN_ORIGIN_H

#include <apr_pools.h>

/* Where a thing was written, for messages: "qdn.conf:12". */
typedef struct qdn_origin_t {
    const char *file;
    int line;
} qdn_origin_t;

/* "qdn.conf:12", in p. */
const char *qdn_origin_text(qdn_origin_t origin, apr_pool_t *p);

#endif
