/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_WORD_H
#define QDN_WORD_H

/*
 * The closed lists of words that settings choose from. The reader, its error
 * messages and the plan's JSON all take them from here.
 */

#include <apr_pools.h>

/* A list is an array ended by a row whose text is NULL. */
typedef struct qdn_word_t {
    const char *text;
    int value;
} qdn_word_t;

extern const qdn_word_t qdn_words_callerid[]; /* qdn_callerid_e */
extern const qdn_word_t qdn_words_confirm[];  /* qdn_confirm_e */
extern const qdn_word_t qdn_words_when[];     /* qdn_when_e */
extern const qdn_word_t qdn_words_rule[];     /* qdn_rule_e */
extern const qdn_word_t qdn_words_talk[];     /* qdn_talk_e */

/*
 * The value of the word s, in any case, into *pvalue. NULL, or a sentence in
 * p that names all words of the list.
 */
const char *qdn_word_parse(const qdn_word_t *list, const char *s, int *pvalue,
                           apr_pool_t *p);

/* The word with that value, NULL if there is none. */
const char *qdn_word_text(const qdn_word_t *list, int value);

#endif
