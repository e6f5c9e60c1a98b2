/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_REDACT_H
#define QDN_REDACT_H

/*
 * A phone number in texts, in full: with or without its "+", with blanks,
 * dots, dashes, slashes or brackets between its digits, and no further digit
 * before or after them. Numbers are E.164.
 */

#include <apr_pools.h>

int qdn_redact_find(const char *text, const char *number);

/*
 * JSON without it, in p: a string that is nothing else becomes null, in other
 * strings it becomes "erased".
 */
const char *qdn_redact_json(const char *json, const char *number,
                            apr_pool_t *p);

/*
 * Likewise in `len` bytes that keep their length, JSON inside of a string of
 * JSON too (a line of the journal): with blanks behind null, or an x for each
 * digit. How often it stood there.
 */
int qdn_redact_bytes(char *bytes, apr_size_t len, const char *number);

/* A pattern for LIKE, in p, which finds these texts and some others. */
const char *qdn_redact_like(const char *number, apr_pool_t *p);

#endif
