/* SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "status.h"

#define DEPTH 32

static apr_status_t put(void *data)
{
    json_object_put(data);
    return APR_SUCCESS;
}

static int only_blanks(const char *s, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len; i++) {
        if (!strchr(" \t\r\n", s[i]) || !s[i]) {
            return 0;
        }
    }
    return 1;
}

/* Its NUL tells the tokener that a number has ended. */
static json_object *tokenize(json_tokener *tokener, const char *text, int len,
                             const char **perror)
{
    json_object *value = json_tokener_parse_ex(tokener, text, len);
    enum json_tokener_error error;
    size_t end = json_tokener_get_parse_end(tokener);

    if (json_tokener_get_error(tokener) == json_tokener_continue) {
        value = json_tokener_parse_ex(tokener, "", 1);
        end = (size_t)len;
    }
    error = json_tokener_get_error(tokener);
    if (error == json_tokener_continue ||
        error == json_tokener_error_parse_eof) {
        *perror = "its JSON is cut off";
    }
    else if (error != json_tokener_success ||
             !only_blanks(text + end, (apr_size_t)len - end)) {
        *perror = "it is not JSON";
    }
    return value;
}

apr_status_t qdn_json_read(json_object **pvalue, const char *text,
                           apr_size_t len, const char **perror, apr_pool_t *p)
{
    json_tokener *tokener;

    *pvalue = NULL;
    *perror = NULL;
    if (len == 0 || len > INT_MAX / 2) {
        *perror = len ? "it is too large for JSON" : "it is empty";
        return QDN_EMALFORMED;
    }
    tokener = json_tokener_new_ex(DEPTH);
    if (!tokener) {
        *perror = "there is no memory to read it";
        return APR_ENOMEM;
    }
    json_tokener_set_flags(tokener,
                           JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    *pvalue = tokenize(tokener, text, (int)len, perror);
    json_tokener_free(tokener);
    apr_pool_cleanup_register(p, *pvalue, put, apr_pool_cleanup_null);
    return *perror ? QDN_EMALFORMED : APR_SUCCESS;
}

json_object *qdn_json_member(json_object *value, const char *name)
{
    json_object *member;

    return json_object_is_type(value, json_type_object) &&
                   json_object_object_get_ex(value, name, &member)
               ? member
               : NULL;
}

const char *qdn_json_string(json_object *value, const char *name)
{
    json_object *member = qdn_json_member(value, name);
    const char *s;

    if (!json_object_is_type(member, json_type_string)) {
        return NULL;
    }
    s = json_object_get_string(member);
    return strlen(s) == (size_t)json_object_get_string_len(member) ? s : NULL;
}
