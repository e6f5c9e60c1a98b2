/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_GATE_H
#define QDN_GATE_H

/*
 * Who may come in: the checks, in the order of gate.c. Nothing behind
 * the gate looks at a signature again.
 */

#include "exchange.h"

/*
 * Check request and parameters against the steps (ended by a NULL path).
 * APR_SUCCESS: *px is ready for px->step->run. Else the request is refused:
 * logged with its tag, counted, and *preply holds the refusal.
 */
apr_status_t qdn_gate_admit(qdn_exchange_t *px, const qdn_step_t *steps,
                            qdn_reply_t *preply);

#endif
