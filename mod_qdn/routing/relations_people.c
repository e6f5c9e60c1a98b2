/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>
#include "relation.h"

/* How often the name stands among the first n logins. */
static int count(const apr_array_header_t *logins, const char *name, int n)
{
    int i, found = 0;

    for (i = 0; i < n; i++) {
        found += !strcmp(APR_ARRAY_IDX(logins, i, const char *), name);
    }
    return found;
}

static void doubled(qdn_check_t *c, const apr_array_header_t *logins,
                    const char *where, qdn_origin_t origin)
{
    int i;

    for (i = 0; i < logins->nelts; i++) {
        const char *name = APR_ARRAY_IDX(logins, i, const char *);

        if (count(logins, name, i)) {
            qdn_check_tell(c, origin,
                           "the login '%s' stands twice in %s; remove one, or "
                           "correct the name",
                           name, where);
        }
    }
}

void qdn_check_login_twice(qdn_check_t *c)
{
    doubled(c, c->plan->admins, "QDNAdmin", c->plan->admins_origin);
    doubled(c, c->plan->viewers, "QDNViewer", c->plan->viewers_origin);
}

void qdn_check_login_twice_operator(qdn_check_t *c, const qdn_operator_t *op)
{
    doubled(c, op->logins,
            apr_psprintf(c->pool, "QDNLogin of the operator '%s'", op->id),
            op->origin);
}

void qdn_check_login_shared(qdn_check_t *c)
{
    apr_hash_t *seen = apr_hash_make(c->pool);
    int i, j;

    for (i = 0; i < c->plan->operators->nelts; i++) {
        const qdn_operator_t *op =
            APR_ARRAY_IDX(c->plan->operators, i, const qdn_operator_t *);

        for (j = 0; j < op->logins->nelts; j++) {
            const char *name = APR_ARRAY_IDX(op->logins, j, const char *);
            const qdn_operator_t *first =
                apr_hash_get(seen, name, APR_HASH_KEY_STRING);

            if (first && first != op) {
                qdn_check_tell(c, op->origin,
                               "the login '%s' is that of '%s', too (%s), and "
                               "may change the status of both; correct one of "
                               "them if that is not meant",
                               name, first->id,
                               qdn_origin_text(first->origin, c->pool));
            }
            apr_hash_set(seen, name, APR_HASH_KEY_STRING, op);
        }
    }
}
