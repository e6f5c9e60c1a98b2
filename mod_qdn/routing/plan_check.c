/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_allocator.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>
#include "digest.h"
#include "e164.h"
#include "feed.h"
#include "relation.h"
#include "status.h"
#include "zone.h"

void qdn_check_tell(qdn_check_t *c, qdn_origin_t origin, const char *fmt, ...)
{
    qdn_problem_t *problem;
    va_list args;

    if (++c->found > QDN_RELATION_SHOWN) {
        return;
    }
    problem = apr_array_push(c->problems);
    problem->severity = c->relation->severity;
    problem->relation = c->relation->name;
    problem->origin = origin;
    va_start(args, fmt);
    problem->text = apr_pvsprintf(c->pool, fmt, args);
    va_end(args);
}

const char *qdn_check_line(const qdn_check_t *c, const qdn_line_t *line)
{
    const char *number = qdn_e164_mask(line->number, c->pool);

    return line->name == line->number
               ? number
               : apr_psprintf(c->pool, "%s (%s)", number, line->name);
}

const char *qdn_check_where(const qdn_check_t *c, const qdn_line_t *line)
{
    return line ? apr_pstrcat(c->pool, "line ", qdn_check_line(c, line), NULL)
                : apr_pstrcat(c->pool, "cascade ", c->cascade->name, NULL);
}

const char *qdn_check_phone(const qdn_check_t *c, const qdn_phone_t *phone)
{
    return apr_pstrcat(c->pool, phone->operator->id, "/", phone->label, NULL);
}

/* Names become pointers; those that name nothing are told by a relation. */
static void resolve_hops(qdn_check_t *c, const apr_array_header_t *hops)
{
    int i, j;

    for (i = 0; i < hops->nelts; i++) {
        const qdn_hop_t *hop = APR_ARRAY_IDX(hops, i, qdn_hop_t *);

        apr_array_clear(hop->phones);
        for (j = 0; j < hop->names->nelts; j++) {
            qdn_phone_t *phone =
                apr_hash_get(c->plan->phones_by_name,
                             APR_ARRAY_IDX(hop->names, j, const char *),
                             APR_HASH_KEY_STRING);

            if (phone) {
                APR_ARRAY_PUSH(hop->phones, const qdn_phone_t *) = phone;
                phone->hops++;
            }
        }
    }
}

static void resolve(qdn_check_t *c)
{
    int i, j;

    for (i = 0; i < c->plan->cascades->nelts; i++) {
        resolve_hops(
            c, APR_ARRAY_IDX(c->plan->cascades, i, qdn_cascade_t *)->hops);
    }
    for (i = 0; i < c->plan->lines->nelts; i++) {
        const qdn_line_t *line =
            APR_ARRAY_IDX(c->plan->lines, i, const qdn_line_t *);

        resolve_hops(c, line->hops);
        for (j = 0; j < line->rules->nelts; j++) {
            qdn_rule_t *rule = APR_ARRAY_IDX(line->rules, j, qdn_rule_t *);

            rule->cascade = qdn_plan_cascade(c->plan, rule->cascade_name);
        }
    }
}

static void walk_cascades(qdn_check_t *c)
{
    const qdn_relation_t *r = c->relation;
    int i, j;

    for (i = 0; i < c->plan->cascades->nelts; i++) {
        const qdn_cascade_t *cascade =
            APR_ARRAY_IDX(c->plan->cascades, i, const qdn_cascade_t *);

        c->cascade = cascade;
        if (r->cascade) {
            r->cascade(c, cascade);
        }
        for (j = 0; r->hop && j < cascade->hops->nelts; j++) {
            r->hop(c, NULL, APR_ARRAY_IDX(cascade->hops, j, const qdn_hop_t *));
        }
    }
    c->cascade = NULL;
}

static void walk_lines(qdn_check_t *c)
{
    const qdn_relation_t *r = c->relation;
    int i, j;

    for (i = 0; i < c->plan->lines->nelts; i++) {
        const qdn_line_t *line =
            APR_ARRAY_IDX(c->plan->lines, i, const qdn_line_t *);

        if (r->line) {
            r->line(c, line);
        }
        for (j = 0; r->hop && j < line->hops->nelts; j++) {
            r->hop(c, line, APR_ARRAY_IDX(line->hops, j, const qdn_hop_t *));
        }
    }
}

static void walk_operators(qdn_check_t *c)
{
    const qdn_relation_t *r = c->relation;
    int i, j;

    for (i = 0; i < c->plan->operators->nelts; i++) {
        const qdn_operator_t *op =
            APR_ARRAY_IDX(c->plan->operators, i, const qdn_operator_t *);

        if (r->operator) {
            r->operator(c, op);
        }
        for (j = 0; r->phone && j < op->phones->nelts; j++) {
            r->phone(c, APR_ARRAY_IDX(op->phones, j, const qdn_phone_t *));
        }
    }
}

/* What is too much to be read one by one is at least counted. */
static void tell_rest(qdn_check_t *c)
{
    qdn_problem_t last;
    int rest = c->found - QDN_RELATION_SHOWN;

    c->found = 0;
    if (rest > 0) {
        last =
            APR_ARRAY_IDX(c->problems, c->problems->nelts - 1, qdn_problem_t);
        qdn_check_tell(c, last.origin, "... and %d more of this kind", rest);
    }
    c->found = 0;
}

static void walk(qdn_check_t *c, const qdn_relation_t *relation)
{
    c->relation = relation;
    if (relation->plan) {
        relation->plan(c);
    }
    if (relation->line || relation->hop) {
        walk_lines(c);
    }
    if (relation->cascade || relation->hop) {
        walk_cascades(c);
    }
    if (relation->operator|| relation->phone) {
        walk_operators(c);
    }
    tell_rest(c);
}

/* Errors first; the order of the relations and of the file otherwise. */
static apr_array_header_t *by_severity(const apr_array_header_t *problems,
                                       apr_pool_t *p)
{
    apr_array_header_t *sorted =
        apr_array_make(p, problems->nelts + 1, sizeof(qdn_problem_t));
    int severity, i;

    for (severity = QDN_PROBLEM_ERROR; severity <= QDN_PROBLEM_NOTE;
         severity++) {
        for (i = 0; i < problems->nelts; i++) {
            const qdn_problem_t *problem =
                &APR_ARRAY_IDX(problems, i, qdn_problem_t);

            if ((int)problem->severity == severity) {
                APR_ARRAY_PUSH(sorted, qdn_problem_t) = *problem;
            }
        }
    }
    return sorted;
}

/* What is not given is the server's. */
static void inherit(qdn_plan_t *plan)
{
    int i;

    plan->zone = plan->zone ? plan->zone : qdn_zone_utc();
    plan->on_a_call = plan->on_a_call ? plan->on_a_call : QDN_TALK_SKIP;
    for (i = 0; i < plan->operators->nelts; i++) {
        qdn_operator_t *op =
            APR_ARRAY_IDX(plan->operators, i, qdn_operator_t *);

        op->zone = op->zone ? op->zone : plan->zone;
        op->on_a_call = op->on_a_call ? op->on_a_call : plan->on_a_call;
        if (!op->logins->nelts) {
            APR_ARRAY_PUSH(op->logins, const char *) = op->id;
        }
    }
    for (i = 0; i < plan->lines->nelts; i++) {
        qdn_line_t *line = APR_ARRAY_IDX(plan->lines, i, qdn_line_t *);

        line->zone = line->zone ? line->zone : plan->zone;
    }
}

/*
 * The JSON of a large plan takes tens of megabytes. A pool with an allocator
 * of its own gives them back; below the plan's pool they would stay with
 * httpd's parent and be inherited by every child.
 */
static apr_status_t set_revision(qdn_plan_t *plan)
{
    char hex[QDN_SHA256_HEX + 1];
    apr_allocator_t *allocator;
    apr_pool_t *own;
    const char *json;
    apr_status_t rv;

    rv = apr_allocator_create(&allocator);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_pool_create_ex(&own, NULL, NULL, allocator);
    if (rv != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return rv;
    }
    apr_allocator_owner_set(allocator, own);
    apr_pool_tag(own, "qdn_plan_revision");
    plan->revision[0] = '\0';
    json = qdn_plan_json(plan, own);
    qdn_digest_sha256(json, strlen(json), hex);
    apr_cpystrn(plan->revision, hex, sizeof(plan->revision));
    apr_pool_destroy(own);
    return APR_SUCCESS;
}

apr_status_t qdn_plan_freeze(qdn_plan_t *plan, apr_array_header_t **pproblems,
                             apr_pool_t *p)
{
    qdn_check_t c = {
        .plan = plan,
        .pool = p,
        .problems = apr_array_make(p, 8, sizeof(qdn_problem_t)),
    };
    const qdn_relation_t *relation;

    inherit(plan);
    qdn_feed_gather(plan);
    resolve(&c);
    for (relation = qdn_relations; relation->name; relation++) {
        walk(&c, relation);
    }
    *pproblems = by_severity(c.problems, p);
    if ((*pproblems)->nelts &&
        APR_ARRAY_IDX(*pproblems, 0, qdn_problem_t).severity ==
            QDN_PROBLEM_ERROR) {
        return QDN_EMALFORMED;
    }
    return set_revision(plan);
}
