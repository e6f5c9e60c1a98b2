/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HOURS_SCAN_H
#define QDN_HOURS_SCAN_H

/*
 * The words, numbers and marks that hours are written with, and the sentence
 * that says which of them stands where it cannot. For hours_parse.c alone.
 */

#include <apr_pools.h>

typedef struct qdn_scan_t {
    const char *text;
    const char *at;    /* what is read next */
    const char *error; /* of qdn_scan_refuse */
    apr_pool_t *pool;
} qdn_scan_t;

void qdn_scan_blanks(qdn_scan_t *in);

/*
 * Note in in->error what stands at `at` and what is accepted there; what the
 * full notation knows and we do not is named as such. 0, always.
 */
int qdn_scan_refuse(qdn_scan_t *in, const char *at, const char *accepted);

/* The index of the whole word at s in a list ended by NULL, or -1. */
int qdn_scan_word(const char *s, const char *const *list);

/* Do digits stand here that are an hour with minutes, or a year? */
int qdn_scan_at_time(const char *s);
int qdn_scan_at_year(const char *s);

/* Take it and the blanks after it: the word's index, or -1; 1 or 0. */
int qdn_scan_take_word(qdn_scan_t *in, const char *const *list);
int qdn_scan_take_char(qdn_scan_t *in, char c);

/*
 * A number of least to most digits and from min to max, taken without the
 * blanks after it; or -1, and nothing is taken.
 */
int qdn_scan_take_number(qdn_scan_t *in, apr_size_t least, apr_size_t most,
                         int min, int max);

#endif
