/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DIRECTORY_H
#define QDN_DIRECTORY_H

/*
 * Whose number is it? Read from the JSON that `apachectl -t -D DUMP_QDN`
 * prints, and from nothing else of the plan: simulate must not know how the
 * cascade chooses.
 */

#include <apr_tables.h>

typedef struct qdn_directory_t {
    apr_array_header_t *names;   /* of const char *: operator/label */
    apr_array_header_t *numbers; /* of const char *, by the same index */
    apr_array_header_t *lines;   /* of const char *: E.164 */
} qdn_directory_t;

/* Nobody is in it. */
qdn_directory_t *qdn_directory_create(apr_pool_t *p);

/*
 * Read the plan's JSON. APR_SUCCESS, or QDN_EMALFORMED with a sentence in
 * *perror. Everything is copied to p.
 */
apr_status_t qdn_directory_read(qdn_directory_t **pdirectory, const char *json,
                                const char **perror, apr_pool_t *p);

/* The n-th name (from 0) under which this number is known, or NULL. */
const char *qdn_directory_name(const qdn_directory_t *directory,
                               const char *number, int n);

/* Is there a phone of this name (operator/label)? */
int qdn_directory_knows(const qdn_directory_t *directory, const char *name);

/* Is it one of the lines? */
int qdn_directory_has_line(const qdn_directory_t *directory,
                           const char *number);

#endif
