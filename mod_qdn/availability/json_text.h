/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_JSON_TEXT_H
#define QDN_JSON_TEXT_H

/* JSON that strangers wrote, through json-c. In qdn_sources.so only. */

#include <apr_pools.h>

struct json_object;

/*
 * One JSON text (RFC 8259) and nothing behind it, UTF-8, at most 32 deep.
 * *pvalue (NULL: it is null) ends with p. APR_SUCCESS, or QDN_EMALFORMED with
 * a sentence in *perror that quotes no content.
 */
apr_status_t qdn_json_read(struct json_object **pvalue, const char *text,
                           apr_size_t len, const char **perror, apr_pool_t *p);

/* The member of an object, NULL where there is none or it is no object. */
struct json_object *qdn_json_member(struct json_object *value,
                                    const char *name);

/* Likewise a member that is a string without a NUL in it, else NULL. */
const char *qdn_json_string(struct json_object *value, const char *name);

#endif
