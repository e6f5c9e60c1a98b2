/* SPDX-License-Identifier: Apache-2.0 */
#include "relation.h"

/*
 * A line is a node, a phone of one of its hops that is the number of a line
 * is an edge. Depth first with a stack of our own: a chain may be as long as
 * there are lines.
 */

typedef enum { UNSEEN, OPEN, DONE } mark_e;

typedef struct frame_t {
    const qdn_line_t *line;
    int rule, hop, phone; /* of the edge to look at next; rule 0: none, the
                           * line's own hops */
} frame_t;

typedef struct search_t {
    qdn_check_t *c;
    unsigned char *marks;      /* mark_e by index of the line */
    apr_array_header_t *stack; /* of frame_t */
} search_t;

/* The hops of a line, or of the cascade that its rule chooses; or NULL. */
static const apr_array_header_t *hops_of(const qdn_line_t *line, int rule)
{
    const qdn_cascade_t *cascade;

    if (!rule) {
        return line->hops;
    }
    cascade = APR_ARRAY_IDX(line->rules, rule - 1, qdn_rule_t *)->cascade;
    return cascade ? cascade->hops : NULL;
}

static const qdn_line_t *edge_in(const qdn_plan_t *plan,
                                 const apr_array_header_t *hops, frame_t *at,
                                 const qdn_hop_t **phop,
                                 const qdn_phone_t **pphone)
{
    for (; hops && at->hop < hops->nelts; at->hop++, at->phone = 0) {
        *phop = APR_ARRAY_IDX(hops, at->hop, const qdn_hop_t *);
        while (at->phone < (*phop)->phones->nelts) {
            const qdn_line_t *to;

            *pphone = APR_ARRAY_IDX((*phop)->phones, at->phone++,
                                    const qdn_phone_t *);
            to = qdn_plan_line(plan, (*pphone)->number);
            if (to) {
                return to;
            }
        }
    }
    return NULL;
}

/* The next phone that this line may ring and is a line; NULL: no more. */
static const qdn_line_t *next_edge(const qdn_plan_t *plan, frame_t *at,
                                   const qdn_hop_t **phop,
                                   const qdn_phone_t **pphone)
{
    for (; at->rule <= at->line->rules->nelts; at->rule++, at->hop = 0) {
        const qdn_line_t *to =
            edge_in(plan, hops_of(at->line, at->rule), at, phop, pphone);

        if (to) {
            return to;
        }
    }
    return NULL;
}

static void enter(search_t *s, const qdn_line_t *line)
{
    frame_t *frame = apr_array_push(s->stack);

    *frame = (frame_t){ .line = line };
    s->marks[line->index] = OPEN;
}

static void search(search_t *s)
{
    while (s->stack->nelts) {
        frame_t *at = &APR_ARRAY_IDX(s->stack, s->stack->nelts - 1, frame_t);
        const qdn_hop_t *hop;
        const qdn_phone_t *phone;
        const qdn_line_t *to = next_edge(s->c->plan, at, &hop, &phone);

        if (!to) {
            s->marks[at->line->index] = DONE;
            apr_array_pop(s->stack);
        }
        else if (s->marks[to->index] == OPEN) {
            qdn_check_tell(s->c, hop->origin,
                           "line %s rings %s, which leads back to line %s "
                           "for ever; take that phone out of the hop",
                           qdn_check_line(s->c, at->line),
                           qdn_check_phone(s->c, phone),
                           qdn_check_line(s->c, to));
        }
        else if (s->marks[to->index] == UNSEEN) {
            enter(s, to);
        }
    }
}

void qdn_check_loops(qdn_check_t *c)
{
    const apr_array_header_t *lines = c->plan->lines;
    search_t s = {
        .c = c,
        .marks = apr_pcalloc(c->pool, (apr_size_t)lines->nelts + 1),
        .stack = apr_array_make(c->pool, 16, sizeof(frame_t)),
    };
    int i;

    for (i = 0; i < lines->nelts; i++) {
        if (s.marks[i] == UNSEEN) {
            enter(&s, APR_ARRAY_IDX(lines, i, const qdn_line_t *));
            search(&s);
        }
    }
}
