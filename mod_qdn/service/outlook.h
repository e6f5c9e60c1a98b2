/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OUTLOOK_H
#define QDN_OUTLOOK_H

/* When would a line have nobody to ring who is there now? */

#include "judge.h"

/*
 * 1: from *pfrom, within QDN_FINDING_AHEAD of with->as_of, nobody would be
 * rung, and not so without; until *puntil (0: no end in sight). *psteps is
 * how many moments may be looked at, and what is left of them.
 */
int qdn_outlook_misses(const qdn_plan_t *plan, const qdn_line_t *line,
                       const qdn_knowledge_t *with,
                       const qdn_knowledge_t *without, int *psteps,
                       apr_time_t *pfrom, apr_time_t *puntil, apr_pool_t *p);

#endif
