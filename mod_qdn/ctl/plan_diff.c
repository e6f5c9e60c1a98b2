/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_diff.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

typedef struct leaf_t {
    const char *path, *text;
} leaf_t;

typedef struct leaves_t {
    apr_array_header_t *list; /* leaf_t */
    apr_hash_t *by_path;      /* const char * */
    apr_pool_t *pool;
} leaves_t;

static void add_leaf(leaves_t *l, const char *path, json_object *value)
{
    leaf_t *leaf = apr_array_push(l->list);

    leaf->path = path;
    leaf->text = apr_pstrdup(
        l->pool, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
    apr_hash_set(l->by_path, path, APR_HASH_KEY_STRING, leaf->text);
}

static const char *below(const leaves_t *l, const char *path, const char *name)
{
    return *path ? apr_pstrcat(l->pool, path, "/", name, NULL) : name;
}

/* By what people know a thing in a list. */
static const char *label_of(json_object *thing, size_t place, apr_pool_t *p)
{
    static const char *const names[] = { "number", "id", "label", NULL };
    json_object *value;

    for (int i = 0; names[i]; i++) {
        if (json_object_is_type(thing, json_type_object) &&
            json_object_object_get_ex(thing, names[i], &value) &&
            json_object_is_type(value, json_type_string)) {
            return json_object_get_string(value);
        }
    }
    return apr_psprintf(p, "%ld", (long)place + 1);
}

static void flatten(leaves_t *l, const char *path, json_object *value)
{
    if (json_object_is_type(value, json_type_object) &&
        json_object_object_length(value) > 0) {
        json_object_object_foreach(value, name, member)
        {
            flatten(l, below(l, path, apr_pstrdup(l->pool, name)), member);
        }
    }
    else if (json_object_is_type(value, json_type_array) &&
             json_object_array_length(value) > 0) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            json_object *thing = json_object_array_get_idx(value, i);
            const char *label = label_of(thing, i, l->pool);

            flatten(l, below(l, path, apr_pstrdup(l->pool, label)), thing);
        }
    }
    else {
        add_leaf(l, path, value);
    }
}

static leaves_t leaves_of(json_object *plan, apr_pool_t *p)
{
    leaves_t l = { apr_array_make(p, 64, sizeof(leaf_t)), apr_hash_make(p), p };

    if (plan) {
        flatten(&l, "", plan);
    }
    return l;
}

apr_array_header_t *qdn_plan_diff(json_object *old, json_object *new,
                                  apr_pool_t *p)
{
    apr_array_header_t *changes =
        apr_array_make(p, 16, sizeof(qdn_plan_change_t));
    leaves_t before = leaves_of(old, p), after = leaves_of(new, p);

    for (int i = 0; i < before.list->nelts; i++) {
        const leaf_t *leaf = &APR_ARRAY_IDX(before.list, i, leaf_t);
        const char *now =
            apr_hash_get(after.by_path, leaf->path, APR_HASH_KEY_STRING);

        if (!now || strcmp(now, leaf->text)) {
            APR_ARRAY_PUSH(changes, qdn_plan_change_t) =
                (qdn_plan_change_t){ leaf->path, leaf->text, now };
        }
    }
    for (int i = 0; i < after.list->nelts; i++) {
        const leaf_t *leaf = &APR_ARRAY_IDX(after.list, i, leaf_t);

        if (!apr_hash_get(before.by_path, leaf->path, APR_HASH_KEY_STRING)) {
            APR_ARRAY_PUSH(changes, qdn_plan_change_t) =
                (qdn_plan_change_t){ leaf->path, NULL, leaf->text };
        }
    }
    return changes;
}
