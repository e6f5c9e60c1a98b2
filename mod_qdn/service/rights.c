/* SPDX-License-Identifier: Apache-2.0 */
#include "rights.h"

#include <string.h>

/* "*" is whoever has logged in. */
static int stands_in(const apr_array_header_t *logins, const char *user)
{
    int i;

    for (i = 0; i < logins->nelts; i++) {
        const char *login = APR_ARRAY_IDX(logins, i, const char *);

        if (!strcmp(login, user) || !strcmp(login, "*")) {
            return 1;
        }
    }
    return 0;
}

void qdn_rights_find(qdn_rights_t *prights, const qdn_plan_t *plan,
                     const char *user, apr_pool_t *p)
{
    int i;

    if (user && !*user) {
        user = NULL;
    }
    *prights = (qdn_rights_t){
        .user = user,
        .operators = apr_array_make(p, 1, sizeof(const qdn_operator_t *)),
    };
    for (i = 0; user && i < plan->operators->nelts; i++) {
        const qdn_operator_t *op =
            APR_ARRAY_IDX(plan->operators, i, const qdn_operator_t *);

        if (stands_in(op->logins, user)) {
            APR_ARRAY_PUSH(prights->operators, const qdn_operator_t *) = op;
        }
    }
    if (user && stands_in(plan->admins, user)) {
        prights->role = QDN_ROLE_ADMIN;
    }
    else if (prights->operators->nelts) {
        prights->role = QDN_ROLE_OPERATOR;
    }
    else if (user && stands_in(plan->viewers, user)) {
        prights->role = QDN_ROLE_VIEWER;
    }
    prights->masked = prights->role <= QDN_ROLE_VIEWER && plan->mask_numbers;
}

int qdn_rights_may_set(const qdn_rights_t *rights, const char *operator_id)
{
    int i;

    for (i = 0; i < rights->operators->nelts; i++) {
        const qdn_operator_t *op =
            APR_ARRAY_IDX(rights->operators, i, const qdn_operator_t *);

        if (!strcmp(op->id, operator_id)) {
            return 1;
        }
    }
    return rights->role == QDN_ROLE_ADMIN;
}

const char *qdn_role_text(qdn_role_e role)
{
    static const char *const texts[] = {
        [QDN_ROLE_NONE] = "none",
        [QDN_ROLE_VIEWER] = "viewer",
        [QDN_ROLE_OPERATOR] = "operator",
        [QDN_ROLE_ADMIN] = "admin",
    };

    return texts[role];
}
