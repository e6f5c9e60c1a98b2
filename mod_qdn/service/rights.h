/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_RIGHTS_H
#define QDN_RIGHTS_H

/*
 * What a person may see and change. httpd's own authentication says who it
 * is; QDNAdmin, QDNLogin and QDNViewer say what that means here.
 */

#include "plan.h"

typedef enum {
    QDN_ROLE_NONE,     /* nothing at all */
    QDN_ROLE_VIEWER,   /* sees everything but numbers (QDNMaskNumbers) */
    QDN_ROLE_OPERATOR, /* sees everything, changes the own status */
    QDN_ROLE_ADMIN     /* sees and changes everything */
} qdn_role_e;

typedef struct qdn_rights_t {
    const char *user; /* httpd's r->user; NULL: nobody has logged in */
    qdn_role_e role;  /* the highest one */
    apr_array_header_t *operators; /* const qdn_operator_t *: who it is */
    int masked;                    /* sees no caller's number */
} qdn_rights_t;

/* In p; user may be NULL. */
void qdn_rights_find(qdn_rights_t *prights, const qdn_plan_t *plan,
                     const char *user, apr_pool_t *p);

/* 1: may change that operator's status. */
int qdn_rights_may_set(const qdn_rights_t *rights, const char *operator_id);

/* "none", "viewer", "operator", "admin" */
const char *qdn_role_text(qdn_role_e role);

#endif
