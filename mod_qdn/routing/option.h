/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OPTION_H
#define QDN_OPTION_H

/*
 * The key=value words of directives, each list of them one table: what is
 * accepted, where it goes and what the error messages say.
 */

#include "settings.h"
#include "word.h"

typedef struct qdn_option_t qdn_option_t;

/*
 * Store the value of one option in `field`, which lies `offset` bytes into
 * the thing that is set up. NULL, or a sentence in the builder's pool.
 */
typedef const char *qdn_option_cb(const qdn_option_t *option, const char *value,
                                  void *field, qdn_builder_t *b);

/* Lists end with a row whose key is NULL. */
struct qdn_option_t {
    const char *key;
    qdn_option_cb *set;
    apr_size_t offset;
    int min, max;            /* of a number; of a duration, in seconds;
                              * max: length of a text */
    const qdn_word_t *words; /* of a choice */
};

/* The usual callbacks; the type of the field behind each. */
qdn_option_cb qdn_option_number;   /* int */
qdn_option_cb qdn_option_duration; /* apr_interval_time_t; bare: seconds */
qdn_option_cb qdn_option_choice; /* an enum */
qdn_option_cb qdn_option_text;   /* const char * */

/*
 * Apply words[from] and all that follow to `target`. NULL, or a sentence: an
 * option that is not in the list, is given twice or has a bad value.
 */
const char *qdn_option_apply(const qdn_option_t *list, void *target,
                             const apr_array_header_t *words, int from,
                             qdn_builder_t *b);

#endif
