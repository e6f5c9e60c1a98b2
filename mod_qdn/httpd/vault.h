/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_VAULT_H
#define QDN_VAULT_H

/*
 * The secrets in force. A source that cannot be read ends a start, but not a
 * restart: what was read before is kept then, since no call may be lost for
 * it.
 */

#include <httpd.h>

#include "keyring.h"
#include "plan.h"

typedef struct qdn_vault_t {
    qdn_keyring_t *keyring;
    apr_array_header_t *credentials; /* of qdn_loaded_t, see daemon.h */
    apr_array_header_t *secrets;     /* of qdn_secrets_t *, each source once */
    int kept;    /* sources that could not be read again: earlier secrets */
    int missing; /* sources without any that hold: their calls are refused */
} qdn_vault_t;

/*
 * Read every source that the plan names, once each. The result outlives
 * restarts, until the next call. trial: httpd reads its configuration for
 * the first of the two times of a start, still at the terminal; the second
 * time takes over what the first has read. APR_SUCCESS (faults of a restart
 * are logged); at a start the status of the first fault, logged with the
 * place of its directive.
 */
apr_status_t qdn_vault_open(const qdn_vault_t **pvault, const qdn_plan_t *plan,
                            int trial, server_rec *s);

/*
 * For configtest: read and forget; each fault is pushed to problems (of
 * qdn_problem_t). Needs the rights that httpd starts with.
 */
void qdn_vault_check(const qdn_plan_t *plan, apr_array_header_t *problems,
                     apr_pool_t *p);

#endif
