/* SPDX-License-Identifier: Apache-2.0 */
#include "imagine.h"

#include <apr_strings.h>
#include <string.h>
#include "e164.h"

/* Well-formed, and nobody's. */
#define NOBODY "00000000000000000000000000000000"

static apr_array_header_t *fields_of(const qdn_imagined_t *what,
                                     const qdn_line_t *line, apr_pool_t *p)
{
    const char *const pairs[][2] = {
        { "AccountSid", "AC" NOBODY },
        { "CallSid", "CA" NOBODY },
        { "CallStatus", "ringing" },
        { "Direction", "inbound" },
        { "From", what->from ? what->from : QDN_IMAGINE_CALLER },
        { "Caller", what->from ? what->from : QDN_IMAGINE_CALLER },
        { "To", line->number },
        { "Called", line->number },
        { "ForwardedFrom", what->forwarded_from },
        { "StirVerstat", what->stir },
    };
    apr_array_header_t *fields = apr_array_make(p, 10, sizeof(qdn_field_t));

    for (apr_size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        if (pairs[i][1]) {
            qdn_form_add(fields, pairs[i][0], pairs[i][1]);
        }
    }
    return fields;
}

/* The first match wins; one that fails is no match, as in a call. */
static int first_match(const qdn_foretell_t *f, const qdn_subject_t *subject)
{
    const apr_array_header_t *rules = subject->line->rules;

    for (int i = 0; f->rule && i < rules->nelts; i++) {
        if (f->rule(f->rules_baton, APR_ARRAY_IDX(rules, i, qdn_rule_t *),
                    subject) > 0) {
            return i + 1;
        }
    }
    return 0;
}

const char *qdn_imagine_line(const qdn_plan_t *plan, const char *number,
                             const qdn_line_t **pline, apr_pool_t *p)
{
    if (!number && plan->lines->nelts == 1) {
        *pline = APR_ARRAY_IDX(plan->lines, 0, const qdn_line_t *);
        return NULL;
    }
    *pline = qdn_plan_line(plan, number);
    return *pline ? NULL
           : number
               ? apr_psprintf(p, "'%s' is no <QDNLine> of the plan in force",
                              number)
               : apr_psprintf(p,
                              "which line? The plan in force has %d; name "
                              "one with --line",
                              plan->lines->nelts);
}

const char *qdn_imagine(const qdn_foretell_t *f, const qdn_imagined_t *what,
                        qdn_fiction_t *pfiction, apr_pool_t *p)
{
    apr_array_header_t *fields;
    const qdn_line_t *line;
    const char *error = qdn_imagine_line(f->plan, what->line, &line, p);
    qdn_subject_t subject;
    qdn_webhook_t w;

    if (error) {
        return error;
    }
    fields = fields_of(what, line, p);
    if (qdn_webhook_parse(&w, fields, &error, p)) {
        return error;
    }
    memset(pfiction, 0, sizeof(*pfiction));
    pfiction->plan = f->plan;
    pfiction->line = line;
    pfiction->caller = w.caller_kind == QDN_CALLER_NUMBER ? w.from : NULL;
    pfiction->forwarded_from = qdn_webhook_forwarded_from(&w, p);
    subject = (qdn_subject_t){ .plan = f->plan,
                               .line = line,
                               .webhook = &w,
                               .fields = fields,
                               .snapshot = f->knowledge->snapshot,
                               .now = what->at,
                               .as_of = f->knowledge->as_of,
                               .calls_today = pfiction->caller != NULL };
    pfiction->rule = first_match(f, &subject);
    pfiction->at = what->at;
    pfiction->knowledge = f->knowledge;
    return NULL;
}
