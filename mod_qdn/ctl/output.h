/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OUTPUT_H
#define QDN_OUTPUT_H

/*
 * What a command shows. Text for people goes through qdn_ctl_say and the
 * table, which print nothing under -j; scripts get one JSON document. What a
 * caller or a database wrote may contain anything, so control characters
 * leave as '?' and can do nothing to a terminal.
 */

#include "command.h"

struct json_object;

/* Like printf to standard output, only without -j. */
void qdn_ctl_say(const qdn_ctl_t *ctl, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The one document of -j, then put; nothing without -j but the put. */
void qdn_ctl_json(const qdn_ctl_t *ctl, struct json_object *document);

/*
 * The one way to give up: a sentence with its remedy, without a full stop
 * or newline, to standard error and, with -j, as {"error": sentence}. Always
 * QDN_EXIT_USAGE, so that a command can write: return qdn_ctl_fail(...).
 */
qdn_exit_e qdn_ctl_fail(const qdn_ctl_t *ctl, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Columns as wide as their widest cell, two blanks apart. */
typedef struct qdn_table_t {
    int columns;
    apr_array_header_t *cells; /* const char *, row by row */
} qdn_table_t;

/* `head`: the titles, NULL-terminated. */
qdn_table_t *qdn_table_create(const char *const *head, apr_pool_t *p);

/* As many cells as the table has columns; NULL is shown as "-". */
void qdn_table_row(qdn_table_t *table, ...);

void qdn_table_print(const qdn_ctl_t *ctl, const qdn_table_t *table);

/*
 * "what  40%" on a terminal's standard error while long work runs, wiped by
 * done == total; nothing with -j, -q or elsewhere than on a terminal.
 */
void qdn_ctl_progress(const qdn_ctl_t *ctl, const char *what, apr_int64_t done,
                      apr_int64_t total);

#endif
