/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DOTENV_H
#define QDN_DOTENV_H

/*
 * A strict reader of dotenv text: what Node's dotenv and python-dotenv read
 * alike is read like them, what they read differently is refused with its
 * line number instead of guessed. Values are literal; nothing is
 * interpolated.
 */

#include <apr_tables.h>

typedef struct qdn_dotenv_entry_t {
    const char *name;
    const char *value;
    int line; /* from 1 */
} qdn_dotenv_entry_t;

/*
 * *pentries: array of qdn_dotenv_entry_t in p, in file order; of a name that
 * stands twice only the last. APR_SUCCESS, or QDN_EMALFORMED with a sentence
 * in *perror that begins "line N: " and quotes no value.
 */
apr_status_t qdn_dotenv_parse(apr_array_header_t **pentries, const char *text,
                              apr_size_t len, const char **perror,
                              apr_pool_t *p);

#endif
