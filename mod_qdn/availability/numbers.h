/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_NUMBERS_H
#define QDN_NUMBERS_H

/* A list of phone numbers in a file, for rules. Pure. */

#include <apr_pools.h>

#define QDN_NUMBERS_MAX (4 * 1024 * 1024) /* bytes of a list */

/*
 * One number (E.164) a line; what follows a # is a comment. *pnumbers: their
 * digits, sorted, each once, in p. APR_SUCCESS, or QDN_EMALFORMED with a
 * sentence in *perror that names the first bad line; nothing of the list is
 * taken then, since a rule on half a list is worse than one on the last.
 */
apr_status_t qdn_numbers_read(const char *text, apr_size_t len,
                              const apr_uint64_t **pnumbers, int *pn,
                              const char **perror, apr_pool_t *p);

#endif
