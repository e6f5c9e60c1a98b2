/* SPDX-License-Identifier: Apache-2.0 */
#include "presence.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <json-c/json_pointer.h>
#include <string.h>

#include "json_text.h"
#include "status.h"
#include "text.h"

/*
 * Numbers as they were written, since that is what people compare with.
 * NULL: it is nothing that a word can be made of.
 */
static const char *as_word(json_object *value)
{
    const char *word = NULL;

    switch (json_object_get_type(value)) {
    case json_type_string:
        word = json_object_get_string(value);
        return strlen(word) == (size_t)json_object_get_string_len(value) ? word
                                                                         : NULL;
    case json_type_boolean:
    case json_type_int:
    case json_type_double:
        return json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
    default:
        return NULL;
    }
}

/* json-c lets characters pass that are longer than they need be. */
static int is_utf8(const char *word)
{
    apr_size_t next;

    while ((next = qdn_text_char(word))) {
        word += next;
    }
    return !*word;
}

/* Not in the middle of a character. */
static const char *cut(const char *word, apr_pool_t *p)
{
    apr_size_t len = 0, next;

    while (len < QDN_PRESENCE_WORD && (next = qdn_text_char(word + len)) &&
           len + next <= QDN_PRESENCE_WORD) {
        len += next;
    }
    return apr_pstrmemdup(p, word, len);
}

apr_status_t qdn_presence_read(const char *text, apr_size_t len,
                               const char *pointer,
                               const apr_array_header_t *values,
                               int *pavailable, const char **pword,
                               const char **perror, apr_pool_t *p)
{
    json_object *document, *value = NULL;
    const char *word;
    apr_status_t rv = qdn_json_read(&document, text, len, perror, p);
    int i;

    if (rv) {
        return rv;
    }
    if (json_pointer_get(document, pointer, &value)) {
        *perror = apr_psprintf(p, "its answer has nothing at %s", pointer);
        return QDN_EMALFORMED;
    }
    word = as_word(value);
    if (word && !is_utf8(word)) {
        *perror = "its answer is not UTF-8";
        return QDN_EMALFORMED;
    }
    if (!word) {
        *perror = apr_psprintf(p,
                               "what its answer has at %s is neither a "
                               "string nor a number, true or false",
                               *pointer ? pointer : "its top");
        return QDN_EMALFORMED;
    }
    *pavailable = 0;
    for (i = 0; i < values->nelts; i++) {
        *pavailable |= !strcmp(APR_ARRAY_IDX(values, i, const char *), word);
    }
    *pword = cut(word, p);
    return APR_SUCCESS;
}
