/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_EXPR_H
#define QDN_EXPR_H

/*
 * Rules are httpd's own expressions (ap_expr) with one more function:
 * qdn('Name') is what facts.h says of Name.
 */

#include "service.h"

/* Registers the function with httpd. */
void qdn_expr_register_hooks(void);

/* A qdn_compile_cb; baton is the cmd_parms. */
const char *qdn_expr_compile(void *baton, const char *expr, void **pcompiled);

/* A qdn_rule_cb; baton is the request_rec. */
int qdn_expr_rule(void *baton, const qdn_rule_t *rule,
                  const qdn_subject_t *subject);

/*
 * Likewise for a call that nobody has made, without a request: what the
 * daemon foretells. baton is the server_rec. A request is made up for each
 * rule; what it says of the connection is of no meaning.
 */
int qdn_expr_imagine(void *baton, const qdn_rule_t *rule,
                     const qdn_subject_t *subject);

#endif
