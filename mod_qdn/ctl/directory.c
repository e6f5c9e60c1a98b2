/* SPDX-License-Identifier: Apache-2.0 */
#include "directory.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>
#include "status.h"

qdn_directory_t *qdn_directory_create(apr_pool_t *p)
{
    qdn_directory_t *d = apr_palloc(p, sizeof(*d));

    d->names = apr_array_make(p, 16, sizeof(const char *));
    d->numbers = apr_array_make(p, 16, sizeof(const char *));
    d->lines = apr_array_make(p, 4, sizeof(const char *));
    return d;
}

static json_object *list(json_object *of, const char *key)
{
    json_object *value = NULL;

    return json_object_object_get_ex(of, key, &value) &&
                   json_object_is_type(value, json_type_array)
               ? value
               : NULL;
}

static const char *text(json_object *of, const char *key)
{
    json_object *value = NULL;

    return json_object_object_get_ex(of, key, &value) &&
                   json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

static void take_operator(qdn_directory_t *d, json_object *operator,
                          apr_pool_t * p)
{
    json_object *phones = list(operator, "phones");
    const char *id = text(operator, "id");
    size_t i;

    for (i = 0; id && phones && i < json_object_array_length(phones); i++) {
        json_object *phone = json_object_array_get_idx(phones, i);
        const char *label = text(phone, "label");
        const char *number = text(phone, "number");

        if (label && number) {
            APR_ARRAY_PUSH(d->names, const char *) =
                apr_pstrcat(p, id, "/", label, NULL);
            APR_ARRAY_PUSH(d->numbers, const char *) = apr_pstrdup(p, number);
        }
    }
}

apr_status_t qdn_directory_read(qdn_directory_t **pdirectory, const char *json,
                                const char **perror, apr_pool_t *p)
{
    json_object *plan = json_tokener_parse(json);
    json_object *operators = list(plan, "operators");
    json_object *lines = list(plan, "lines");
    apr_status_t rv = APR_SUCCESS;
    size_t i;

    if (!operators || !lines) {
        *perror = "this is not the plan as \"apachectl -t -D DUMP_QDN\" prints "
                  "it: no \"operators\" and \"lines\"";
        rv = QDN_EMALFORMED;
        goto leave;
    }
    *pdirectory = qdn_directory_create(p);
    for (i = 0; i < json_object_array_length(operators); i++) {
        take_operator(*pdirectory, json_object_array_get_idx(operators, i), p);
    }
    for (i = 0; i < json_object_array_length(lines); i++) {
        const char *number =
            text(json_object_array_get_idx(lines, i), "number");

        if (number) {
            APR_ARRAY_PUSH((*pdirectory)->lines, const char *) =
                apr_pstrdup(p, number);
        }
    }

leave:
    json_object_put(plan);
    return rv;
}

const char *qdn_directory_name(const qdn_directory_t *directory,
                               const char *number, int n)
{
    int i;

    for (i = 0; i < directory->numbers->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(directory->numbers, i, const char *),
                   number) == 0 &&
            n-- == 0) {
            return APR_ARRAY_IDX(directory->names, i, const char *);
        }
    }
    return NULL;
}

static int is_in(const apr_array_header_t *list, const char *text)
{
    int i;

    for (i = 0; i < list->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(list, i, const char *), text) == 0) {
            return 1;
        }
    }
    return 0;
}

int qdn_directory_knows(const qdn_directory_t *directory, const char *name)
{
    return is_in(directory->names, name);
}

int qdn_directory_has_line(const qdn_directory_t *directory, const char *number)
{
    return is_in(directory->lines, number);
}
