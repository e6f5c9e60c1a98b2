/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PLAN_DIFF_H
#define QDN_PLAN_DIFF_H

/* In what two plans differ, as JSON and member by member. */

#include <apr_tables.h>

struct json_object;

/* old or new is NULL where there is no such member; JSON texts else. */
typedef struct qdn_plan_change_t {
    const char *path; /* "lines/+16195550100/hops/1/ring" */
    const char *old;
    const char *new;
} qdn_plan_change_t;

/*
 * Array of qdn_plan_change_t in p: what is changed or gone in the old plan's
 * order, then what is new. Things in lists are known by their number, id or
 * label, else by their place. Either plan may be NULL: it has no members.
 */
apr_array_header_t *qdn_plan_diff(struct json_object *old,
                                  struct json_object *new, apr_pool_t *p);

#endif
