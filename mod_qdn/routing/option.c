/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>
#include "option.h"
#include "parse.h"

const char *qdn_option_number(const qdn_option_t *option, const char *value,
                              void *field, qdn_builder_t *b)
{
    apr_int64_t n;
    const char *error;

    error = qdn_parse_int(value, option->min, option->max, &n, b->pool);
    if (!error) {
        *(int *)field = (int)n;
    }
    return error;
}

const char *qdn_option_duration(const qdn_option_t *option, const char *value,
                                void *field, qdn_builder_t *b)
{
    return qdn_parse_duration(value, "s", apr_time_from_sec(option->min),
                              apr_time_from_sec(option->max), field, b->pool);
}

const char *qdn_option_choice(const qdn_option_t *option, const char *value,
                              void *field, qdn_builder_t *b)
{
    return qdn_word_parse(option->words, value, field, b->pool);
}

const char *qdn_option_text(const qdn_option_t *option, const char *value,
                            void *field, qdn_builder_t *b)
{
    const char *c;

    if (!*value || strlen(value) > (apr_size_t)option->max) {
        return apr_psprintf(b->pool, "a text of 1 to %d bytes is accepted",
                            option->max);
    }
    for (c = value; *c; c++) {
        /* Not apr_iscntrl, whose answer to UTF-8 depends on the locale. */
        if ((unsigned char)*c < ' ' || *c == 0x7F) {
            return "the text contains a control character";
        }
    }
    *(const char **)field = value;
    return NULL;
}

static const char *all_of(const qdn_option_t *list, apr_pool_t *p)
{
    const char *all = "";

    for (; list->key; list++) {
        all = apr_pstrcat(p, all, *all ? " " : "", list->key, "=", NULL);
    }
    return all;
}

static const qdn_option_t *find(const qdn_option_t *list, const char *word,
                                const char **pvalue)
{
    for (; list->key; list++) {
        *pvalue = qdn_parse_option(word, list->key);
        if (*pvalue) {
            return list;
        }
    }
    return NULL;
}

const char *qdn_option_apply(const qdn_option_t *list, void *target,
                             const apr_array_header_t *words, int from,
                             qdn_builder_t *b)
{
    unsigned int given = 0; /* bit n: row n of the list */
    int i;

    for (i = from; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);
        const char *value;
        const char *error;
        const qdn_option_t *o = find(list, word, &value);

        if (!o) {
            return apr_psprintf(b->pool,
                                "'%s' is not understood; accepted are %s", word,
                                all_of(list, b->pool));
        }
        if (given & (1u << (o - list))) {
            return apr_psprintf(b->pool, "%s= is given twice", o->key);
        }
        given |= 1u << (o - list);
        error = o->set(o, value, (char *)target + o->offset, b);
        if (error) {
            return apr_psprintf(b->pool, "%s=: %s", o->key, error);
        }
    }
    return NULL;
}
