/* SPDX-License-Identifier: Apache-2.0 */
/* What rules say, and the cascades that they choose. */
#include <apr_strings.h>
#include <string.h>
#include "relation.h"

void qdn_check_cascade_without_hop(qdn_check_t *c, const qdn_cascade_t *cascade)
{
    if (!cascade->hops->nelts) {
        qdn_check_tell(c, cascade->origin,
                       "cascade %s rings nobody; add a QDNHop "
                       "OPERATOR/LABEL, or use QDNRule voicemail",
                       cascade->name);
    }
}

static int is_chosen(const qdn_plan_t *plan, const qdn_cascade_t *cascade)
{
    int i, j;

    for (i = 0; i < plan->lines->nelts; i++) {
        const apr_array_header_t *rules =
            APR_ARRAY_IDX(plan->lines, i, qdn_line_t *)->rules;

        for (j = 0; j < rules->nelts; j++) {
            if (APR_ARRAY_IDX(rules, j, qdn_rule_t *)->cascade == cascade) {
                return 1;
            }
        }
    }
    return 0;
}

void qdn_check_cascade_unused(qdn_check_t *c, const qdn_cascade_t *cascade)
{
    if (!is_chosen(c->plan, cascade)) {
        qdn_check_tell(c, cascade->origin,
                       "cascade %s is chosen by no rule; add QDNRule "
                       "cascade=%s to a line if it should be",
                       cascade->name, cascade->name);
    }
}

void qdn_check_cascade_unknown(qdn_check_t *c, const qdn_line_t *line)
{
    int i;

    for (i = 0; i < line->rules->nelts; i++) {
        const qdn_rule_t *rule = APR_ARRAY_IDX(line->rules, i, qdn_rule_t *);

        if (rule->cascade_name && !rule->cascade) {
            qdn_check_tell(c, rule->origin,
                           "line %s: there is no cascade '%s'; add "
                           "<QDNCascade %s> or correct the name",
                           qdn_check_line(c, line), rule->cascade_name,
                           rule->cascade_name);
        }
    }
}

void qdn_check_challenge_bills(qdn_check_t *c, const qdn_line_t *line)
{
    int i;

    for (i = 0; i < line->rules->nelts; i++) {
        const qdn_rule_t *rule = APR_ARRAY_IDX(line->rules, i, qdn_rule_t *);

        if (rule->action == QDN_RULE_CHALLENGE) {
            qdn_check_tell(c, rule->origin,
                           "line %s: a challenge answers the call, so that it "
                           "is billed and the caller pays before anybody is "
                           "rung; let its expression match few calls",
                           qdn_check_line(c, line));
        }
    }
}

void qdn_check_local_without_timezone(qdn_check_t *c, const qdn_line_t *line)
{
    int i;

    if (line->timezone || c->plan->timezone) {
        return;
    }
    for (i = 0; i < line->rules->nelts; i++) {
        const qdn_rule_t *rule = APR_ARRAY_IDX(line->rules, i, qdn_rule_t *);

        if (strstr(rule->expr, "'Local")) {
            qdn_check_tell(c, rule->origin,
                           "line %s: the rule asks for the line's clock, which "
                           "is UTC without QDNTimezone; add it, such as "
                           "QDNTimezone America/Los_Angeles",
                           qdn_check_line(c, line));
        }
    }
}

/* The name behind "List:" at this place of an expression, in p. */
static const char *list_at(const char *at, apr_pool_t *p)
{
    return apr_pstrmemdup(p, at,
                          strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "abcdefghijklmnopqrstuvwxyz"
                                     "0123456789_-"));
}

void qdn_check_list_unknown(qdn_check_t *c, const qdn_line_t *line)
{
    int i;

    for (i = 0; i < line->rules->nelts; i++) {
        const qdn_rule_t *rule = APR_ARRAY_IDX(line->rules, i, qdn_rule_t *);
        const char *at = rule->expr;

        while ((at = strstr(at, "'List:"))) {
            const char *name = list_at(at += strlen("'List:"), c->pool);

            if (!apr_hash_get(c->plan->numbers_by_name, name,
                              APR_HASH_KEY_STRING)) {
                qdn_check_tell(c, rule->origin,
                               "line %s: there is no list '%s'; add "
                               "QDNNumbers %s PATH or correct the name",
                               qdn_check_line(c, line), name, name);
            }
        }
    }
}
