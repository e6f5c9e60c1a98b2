/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_RELATION_H
#define QDN_RELATION_H

/*
 * The relations between settings that a plan must keep: one row each in
 * qdn_relations (relations.c), walked by qdn_plan_freeze (plan_check.c), which
 * alone uses this header.
 */

#include "plan.h"

/* So many problems of one relation are told one by one, then counted. */
#define QDN_RELATION_SHOWN 20

typedef struct qdn_check_t qdn_check_t;

/* One is set in each row: on what it is called, in file order. */
typedef struct qdn_relation_t {
    const char *name; /* stable: scripts and tests know it */
    qdn_problem_e severity;
    void (*plan)(qdn_check_t *c);
    void (*line)(qdn_check_t *c, const qdn_line_t *line);
    void (*cascade)(qdn_check_t *c, const qdn_cascade_t *cascade);
    /* line: NULL in a cascade with a name, which is c->cascade */
    void (*hop)(qdn_check_t *c, const qdn_line_t *line, const qdn_hop_t *hop);
    void (*operator)(qdn_check_t *c, const qdn_operator_t *op);
    void (*phone)(qdn_check_t *c, const qdn_phone_t *phone);
} qdn_relation_t;

/* Ended by a row whose name is NULL. */
extern const qdn_relation_t qdn_relations[];

struct qdn_check_t {
    const qdn_plan_t *plan;
    apr_pool_t *pool;               /* of the problems */
    const qdn_relation_t *relation; /* the row that is being walked */
    const qdn_cascade_t *cascade;   /* likewise, or NULL */
    apr_array_header_t *problems;   /* of qdn_problem_t */
    int found;                      /* by this relation */
};

/* Tell a problem of the relation that is being walked. */
void qdn_check_tell(qdn_check_t *c, qdn_origin_t origin, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* How a line and a phone are called in sentences: without a whole number. */
const char *qdn_check_line(const qdn_check_t *c, const qdn_line_t *line);
const char *qdn_check_where(const qdn_check_t *c, const qdn_line_t *line);
const char *qdn_check_phone(const qdn_check_t *c, const qdn_phone_t *phone);

/* relations_hours.c: what hours need, and holidays that nothing needs. */
void qdn_check_hours_zone_line(qdn_check_t *c, const qdn_line_t *line);
void qdn_check_hours_zone_operator(qdn_check_t *c, const qdn_operator_t *op);
void qdn_check_holidays_line(qdn_check_t *c, const qdn_line_t *line);
void qdn_check_holidays_operator(qdn_check_t *c, const qdn_operator_t *op);
void qdn_check_idle_line(qdn_check_t *c, const qdn_line_t *line);
void qdn_check_idle_operator(qdn_check_t *c, const qdn_operator_t *op);

/* relations_rule.c: rules, and the cascades and lists that they name. */
void qdn_check_cascade_without_hop(qdn_check_t *c,
                                   const qdn_cascade_t *cascade);
void qdn_check_cascade_unused(qdn_check_t *c, const qdn_cascade_t *cascade);
void qdn_check_cascade_unknown(qdn_check_t *c, const qdn_line_t *line);
void qdn_check_challenge_bills(qdn_check_t *c, const qdn_line_t *line);
void qdn_check_local_without_timezone(qdn_check_t *c, const qdn_line_t *line);
void qdn_check_list_unknown(qdn_check_t *c, const qdn_line_t *line);

/* relations_people.c: who may see and change what on the dashboard. */
void qdn_check_login_twice(qdn_check_t *c);
void qdn_check_login_twice_operator(qdn_check_t *c, const qdn_operator_t *op);
void qdn_check_login_shared(qdn_check_t *c);

/* relations_loop.c: lines that forward to each other in a circle. */
void qdn_check_loops(qdn_check_t *c);

#endif
