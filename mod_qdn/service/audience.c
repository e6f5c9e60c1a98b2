/* SPDX-License-Identifier: Apache-2.0 */
#include "audience.h"

#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#include "clock.h"
#include "foretell.h"

static const char *tell_plan(qdn_audience_t *a, const char *request,
                             apr_pool_t *p)
{
    (void)request;
    return qdn_plan_json(a->config->plan, p);
}

static const char *tell_ping(qdn_audience_t *a, const char *request,
                             apr_pool_t *p)
{
    (void)request;
    return apr_psprintf(p, "{\"pong\":%ld,\"revision\":\"%s\"}", (long)getpid(),
                        a->config->plan->revision);
}

/*
 * What is known now, for calls that nobody has made. Without a snapshot
 * nothing is known yet, as in a call.
 */
static const char *foretell(qdn_audience_t *a, const char *request,
                            qdn_foretell_fn *tell, apr_pool_t *p)
{
    qdn_knowledge_t knowledge = { .engaged = qdn_engaged_look,
                                  .engaged_baton = a->config->talks,
                                  .as_of = qdn_clock_now() };
    const qdn_foretell_t f = { .plan = a->config->plan,
                               .knowledge = &knowledge,
                               .rule = a->config->rule,
                               .rules_baton = a->config->rules_baton,
                               .now = knowledge.as_of };

    if (a->roster && qdn_roster_look(a->roster, &knowledge.snapshot, p)) {
        knowledge.snapshot = NULL;
    }
    return tell(&f, request, p);
}

static const char *tell_explain(qdn_audience_t *a, const char *request,
                                apr_pool_t *p)
{
    return foretell(a, request, qdn_foretell_explain, p);
}

static const char *tell_sweep(qdn_audience_t *a, const char *request,
                              apr_pool_t *p)
{
    return foretell(a, request, qdn_foretell_sweep, p);
}

static const char *tell_replay(qdn_audience_t *a, const char *request,
                               apr_pool_t *p)
{
    return foretell(a, request, qdn_foretell_replay, p);
}

static const struct {
    const char *ask;
    const char *(*tell)(qdn_audience_t *a, const char *request, apr_pool_t *p);
} questions[] = {
    { "ping", tell_ping },
    { "health", qdn_audience_health },
    { "health-report", qdn_audience_health_report },
    { "plan", tell_plan },
    { "explain", tell_explain },
    { "sweep", tell_sweep },
    { "replay", tell_replay },
    { "now", qdn_audience_now },
    { "lines", qdn_audience_lines },
    { "operators", qdn_audience_operators },
    { "operator", qdn_audience_operator },
    { "status", qdn_audience_status },
    { "set-status", qdn_audience_set_status },
};

const char *qdn_audience_answer(void *baton, const char *ask,
                                const char *request,
                                const qdn_control_ticket_t *ticket,
                                apr_pool_t *p)
{
    qdn_audience_t *a = baton;
    apr_size_t i;

    for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        if (!strcmp(ask, questions[i].ask)) {
            return questions[i].tell(a, request, p);
        }
    }
    return a->archive ? qdn_archive_ask(a->archive, ask, request, ticket, p)
                      : NULL;
}
