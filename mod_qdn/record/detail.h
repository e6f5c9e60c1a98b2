/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DETAIL_H
#define QDN_DETAIL_H

/*
 * Reads single members of a JSON object: of an event's `detail`, and of a
 * request on ctl.sock. Not with a library for JSON: a few short members are
 * asked for, and the drain must not depend on memory that comes from
 * elsewhere than its pool.
 */

#include <apr_tables.h>

/*
 * The member of the outermost object as text in p: a string unescaped, a
 * number or a truth value as it stands there. NULL if there is none, if it is
 * null, an object or an array, or if detail (may be NULL) is no JSON object up
 * to that member. The first of several with that name counts.
 */
const char *qdn_detail_text(const char *detail, const char *name,
                            apr_pool_t *p);

/* Likewise a whole number; `otherwise` if there is none. */
apr_int64_t qdn_detail_number(const char *detail, const char *name,
                              apr_int64_t otherwise, apr_pool_t *p);

/* A member as its JSON texts stand there, the name without its quotes. */
typedef struct qdn_detail_member_t {
    const char *name;
    const char *value;
} qdn_detail_member_t;

/* All members in order, in p; NULL if detail is not one whole JSON object. */
apr_array_header_t *qdn_detail_members(const char *detail, apr_pool_t *p);

/*
 * The elements of a JSON array as they stand there (const char *), in p; NULL
 * if it is not one whole array.
 */
apr_array_header_t *qdn_detail_elements(const char *array, apr_pool_t *p);

/* The JSON object that has these members, in p. */
const char *qdn_detail_object(const apr_array_header_t *members, apr_pool_t *p);

#endif
