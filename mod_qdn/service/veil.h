/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_VEIL_H
#define QDN_VEIL_H

/* Numbers as somebody sees them who may not see them. */

#include "plan.h"

/*
 * A copy of JSON (or any) text in which every telephone number has lost its
 * middle: "+16195550123" is "+1619\u2026\u202623" or the like; the same number
 * always looks the same within one text, different ones may look alike. A
 * number is "+" and 7 to 15 digits, blanks, dots, dashes and brackets between
 * them; and 10 to 15 such digits without "+" inside of a JSON string, unless
 * they are part of a longer word. Numbers of lines stay: they are published.
 * Numbers outside of strings (times, counts) stay as well. In p.
 */
const char *qdn_veil_numbers(const qdn_plan_t *plan, const char *json,
                             apr_pool_t *p);

#endif
