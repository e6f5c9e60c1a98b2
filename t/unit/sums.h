/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SUMS_H
#define QDN_SUMS_H

/*
 * What the sums of rollup.h must be: counted from all rows of qdn_call, one
 * by one, by nobody's difference.
 */

#include "store.h"

/* NULL: they are that; else the first figure that is not, in words, in p. */
const char *qdn_sums_flaw(qdn_store_t *store, apr_pool_t *p);

#endif
