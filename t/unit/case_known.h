/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CASE_KNOWN_H
#define QDN_CASE_KNOWN_H

/*
 * What a case says in [availability] (t/cases/README.md), as a snapshot of
 * the moment at which its call comes in.
 */

#include "case_file.h"
#include "lookout.h"
#include "plan.h"

/*
 * A look-out that sees this; NULL where the case says nothing. Fails the test
 * if it says what nobody understands. Must be closed.
 */
qdn_lookout_t *case_known_open(const qdn_case_t *c, const qdn_plan_t *plan,
                               apr_pool_t *p);

#endif
