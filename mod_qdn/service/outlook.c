/* SPDX-License-Identifier: Apache-2.0 */
#include "outlook.h"

/*
 * Would nobody be rung? By the functions of the call path; a withheld caller
 * whom no rule knows is assumed.
 */
static int is_empty(const qdn_plan_t *plan, const qdn_line_t *line,
                    const qdn_knowledge_t *knowledge, apr_time_t at,
                    apr_pool_t *p)
{
    qdn_cascade_input_t in = { .plan = plan, .line = line, .now = at };
    apr_array_header_t *verdicts = NULL;
    qdn_decision_t decision;

    qdn_judge_line(plan, line, NULL, knowledge, at, &verdicts, p);
    in.verdicts = verdicts;
    qdn_cascade_start(&in, &decision, p);
    return decision.act != QDN_ACT_DIAL;
}

static apr_time_t sooner(apr_time_t a, apr_time_t b)
{
    return !a || (b && b < a) ? b : a;
}

/*
 * When the clock alone changes what is known of somebody whom the hops name:
 * between two such moments the answer stays the same. 0: nothing does.
 */
static apr_time_t next_change(const qdn_plan_t *plan, const qdn_line_t *line,
                              const qdn_knowledge_t *knowledge, apr_time_t at,
                              apr_pool_t *p)
{
    apr_time_t next = 0;

    for (int h = 0; h < line->hops->nelts; h++) {
        const qdn_hop_t *hop = APR_ARRAY_IDX(line->hops, h, const qdn_hop_t *);

        for (int i = 0; i < hop->phones->nelts; i++) {
            const qdn_phone_t *phone =
                APR_ARRAY_IDX(hop->phones, i, const qdn_phone_t *);
            qdn_verdict_t verdict;
            apr_time_t until = 0;

            qdn_judge_operator(plan, phone->operator, line, knowledge, at,
                               &verdict, &until, p);
            if (until > at) {
                next = sooner(next, until);
            }
        }
    }
    return next;
}

/*
 * Away hides when his hours begin; it is then that he is missed. Once he is,
 * only what is so with the wish brings somebody.
 */
static apr_time_t next_step(const qdn_plan_t *plan, const qdn_line_t *line,
                            const qdn_knowledge_t *with,
                            const qdn_knowledge_t *without, apr_time_t at,
                            apr_pool_t *p)
{
    apr_time_t next = next_change(plan, line, with, at, p);

    return without ? sooner(next, next_change(plan, line, without, at, p))
                   : next;
}

int qdn_outlook_misses(const qdn_plan_t *plan, const qdn_line_t *line,
                       const qdn_knowledge_t *with,
                       const qdn_knowledge_t *without, int *psteps,
                       apr_time_t *pfrom, apr_time_t *puntil, apr_pool_t *p)
{
    apr_time_t at = with->as_of, end = at + QDN_FINDING_AHEAD;
    apr_pool_t *ptemp;

    *pfrom = *puntil = 0;
    apr_pool_create(&ptemp, p);
    for (; at && at<end && * psteps> 0; --*psteps) {
        int empty = is_empty(plan, line, with, at, ptemp);

        if (*pfrom && !empty) {
            *puntil = at;
            break;
        }
        if (!*pfrom && empty && !is_empty(plan, line, without, at, ptemp)) {
            *pfrom = at;
        }
        at = next_step(plan, line, with, *pfrom ? NULL : without, at, ptemp);
        apr_pool_clear(ptemp);
    }
    apr_pool_destroy(ptemp);
    return *pfrom != 0;
}
