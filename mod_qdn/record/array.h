/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ARRAY_H
#define QDN_ARRAY_H

/*
 * Many values as one parameter of a statement: an array of PostgreSQL's. The
 * literal of one takes the server 200 to 500 ns an item to read, a text with
 * separators, cut by string_to_array, less than 100; so that is what it gets
 * where no value has the separator in it.
 */

#include <apr_pools.h>
#include "text.h"

/*
 * Append to a statement for apr_dbd the expression of the array, of the SQL
 * type, which has one %s. Returns what to give for that: every step-th of
 * the values, n > 0 of them, NULL for SQL's NULL. In ptemp.
 */
const char *qdn_array_add(qdn_text_t *t, const char *type,
                          const char *const *values, int n, int step,
                          apr_pool_t *ptemp);

#endif
