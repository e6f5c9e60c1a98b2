/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OUTLOOK_H
#define QDN_OUTLOOK_H

/*
 * What would happen to a call that came in at some moment, by the same
 * functions that the call path asks: would anybody be rung? A withheld
 * caller whom no rule knows is assumed.
 */

#include "judge.h"

/* 1: nobody would be rung. */
int qdn_outlook_is_empty(const qdn_plan_t *plan, const qdn_line_t *line,
                         const qdn_knowledge_t *knowledge, apr_time_t at,
                         apr_pool_t *p);

/*
 * After `at`, when the clock alone changes what is known of somebody whom the
 * line's hops name: between two such moments the answer stays the same. 0:
 * nothing that is known of changes it.
 */
apr_time_t qdn_outlook_next(const qdn_plan_t *plan, const qdn_line_t *line,
                            const qdn_knowledge_t *knowledge, apr_time_t at,
                            apr_pool_t *p);

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
