/* SPDX-License-Identifier: Apache-2.0 */
#include "audience.h"

#include <string.h>

#include <apr_strings.h>

#include "clock.h"
#include "detail.h"
#include "member.h"
#include "now.h"
#include "standings.h"
#include "status.h"
#include "zone.h"

/* What became of a wish. */
typedef struct outcome_t {
    apr_status_t rv;
    qdn_standing_t standing;
    const apr_array_header_t *empties;
    const qdn_standing_t *before; /* of operator and line; NULL: none */
    const char *error;
    const qdn_operator_t *op;
    int set;
    int delayed; /* it is kept, but not in force yet */
} outcome_t;

/************** as qdnctl wants it: seconds, and times in words **************/

static void add_time(qdn_text_t *t, const char *name, apr_time_t at,
                     const qdn_zone_t *zone, apr_pool_t *p)
{
    qdn_member_number(t, name, apr_time_sec(at));
    qdn_member_text(t, apr_pstrcat(p, name, "_text", NULL),
                    at ? qdn_zone_text(zone, at, p) : NULL);
}

static void add_standing(qdn_text_t *t, const outcome_t *o, apr_pool_t *p)
{
    const qdn_standing_t *s = &o->standing;

    qdn_member_open(t, "standings", '[');
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "line", s->line);
    qdn_member_text(t, "state", qdn_standing_text(s->state));
    add_time(t, "until", s->until, o->op->zone, p);
    add_time(t, "at", s->at, o->op->zone, p);
    qdn_member_text(t, "who", s->who);
    qdn_member_text(t, "why", s->why);
    qdn_member_text(t, "event", s->event);
    qdn_member_close(t, '{');
    qdn_member_close(t, '[');
}

static void add_empty(qdn_text_t *t, const qdn_empty_t *e, const outcome_t *o,
                      apr_pool_t *p)
{
    add_time(t, "from", e->from, o->op->zone, p);
    add_time(t, "until", e->until, o->op->zone, p);
}

/************** as the API wants it **************/

static void add_empty_api(qdn_text_t *t, const qdn_empty_t *e,
                          const outcome_t *o, apr_pool_t *p)
{
    (void)o;
    (void)p;
    qdn_member_time(t, "from", e->from);
    qdn_member_time(t, "until", e->until);
}

/*
 * Whoever takes a mistake back is not asked again whether he means it, even if
 * nobody was left before either.
 */
static void add_undo(qdn_text_t *t, const outcome_t *o)
{
    const qdn_standing_t *before = o->before;

    qdn_member_open(t, "undo", '{');
    qdn_member_text(
        t, "state",
        qdn_standing_text(before ? before->state : QDN_STANDING_AUTO));
    qdn_member_text(t, "line", o->standing.line);
    if (!before) {
        qdn_member_raw(t, "until", NULL);
    }
    else if (before->until) {
        qdn_member_time(t, "until", before->until);
    }
    else {
        qdn_member_text(t, "until", "changed");
    }
    qdn_member_text(t, "why", before ? before->why : NULL);
    qdn_member_truth(t, "anyway", 1);
    qdn_member_close(t, '{');
}

static void add_api(qdn_text_t *t, const outcome_t *o, apr_pool_t *p)
{
    (void)p;
    qdn_now_standing(t, "standing", &o->standing);
    if (o->set) {
        add_undo(t, o);
    }
    else {
        qdn_member_raw(t, "undo", NULL);
    }
}

/************** both **************/

static const struct form_t {
    void (*standing)(qdn_text_t *t, const outcome_t *o, apr_pool_t *p);
    void (*empty)(qdn_text_t *t, const qdn_empty_t *e, const outcome_t *o,
                  apr_pool_t *p);
} plain = { add_standing, add_empty }, api = { add_api, add_empty_api };

static void add_empties(qdn_text_t *t, const outcome_t *o,
                        const struct form_t *form, apr_pool_t *p)
{
    qdn_member_open(t, "empty", '[');
    for (int i = 0; i < o->empties->nelts; i++) {
        const qdn_empty_t *e = &APR_ARRAY_IDX(o->empties, i, qdn_empty_t);

        qdn_member_open(t, NULL, '{');
        qdn_member_text(t, "line", e->line->number);
        qdn_member_text(t, "line_name", e->line->name);
        form->empty(t, e, o, p);
        qdn_member_close(t, '{');
    }
    qdn_member_close(t, '[');
}

static const char *tell_error(const char *sentence, int status, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 128, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "error", sentence);
    if (status) {
        qdn_member_number(&t, "status", status);
    }
    qdn_member_close(&t, '{');
    return t.buf;
}

static int http_status(apr_status_t rv)
{
    return rv == QDN_EMALFORMED ? 400 : APR_STATUS_IS_ENOENT(rv) ? 404 : 503;
}

static const char *tell(const outcome_t *o, const struct form_t *form,
                        apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 512, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_truth(&t, "set", o->set);
    qdn_member_text(&t, "delayed", o->delayed ? o->error : NULL);
    form->standing(&t, o, p);
    add_empties(&t, o, form, p);
    qdn_member_close(&t, '{');
    return t.buf;
}

/* What was said for that operator and exactly that line, and still holds. */
static const qdn_standing_t *find_before(const apr_array_header_t *set,
                                         const qdn_wish_t *wish, apr_time_t now)
{
    for (int i = 0; wish->operator&& i<set->nelts; i++) {
        const qdn_standing_t *s = &APR_ARRAY_IDX(set, i, qdn_standing_t);

        if (!strcmp(s->operator, wish->operator) &&
            (s->line ? wish->line && !strcmp(s->line, wish->line)
                     : !wish->line) &&
            qdn_standing_holds(s, now)) {
            return s;
        }
    }
    return NULL;
}

const char *qdn_audience_set_status(qdn_audience_t *a, const char *request,
                                    apr_pool_t *p)
{
    const qdn_daemon_config_t *config = a->config;
    const char *form = qdn_detail_text(request, "form", p);
    const char *state = qdn_detail_text(request, "state", p);
    const char *anyway = qdn_detail_text(request, "anyway", p);
    int word = state ? qdn_standing_find(state) : -1;
    int is_api = form && !strcmp(form, "api");
    qdn_wish_t wish = {
        .operator= qdn_detail_text(request, "operator", p),
        .line = qdn_detail_text(request, "line", p),
        .state = (qdn_standing_e)word,
        .until = qdn_detail_text(request, "until", p),
        .who = qdn_detail_text(request, "who", p),
        .why = qdn_detail_text(request, "why", p),
        .anyway = anyway && !strcmp(anyway, "true"),
    };
    apr_time_t now = qdn_clock_now();
    apr_array_header_t *empties = NULL;
    outcome_t o = { .rv = APR_SUCCESS };

    if (word < 0) {
        return tell_error("a state is available, away or auto",
                          is_api ? 400 : 0, p);
    }
    o.before = find_before(qdn_roster_standings(a->roster, p), &wish, now);
    o.rv = qdn_standings_set(a->roster, a->outbox, config->plan, config->host,
                             &wish, now, &o.standing, &empties, &o.error, p);
    o.delayed = APR_STATUS_IS_TIMEUP(o.rv);
    o.set = !o.rv || o.delayed;
    if (!o.set && o.rv != QDN_EREFUSED) {
        return tell_error(o.error, is_api ? http_status(o.rv) : 0, p);
    }
    o.empties = empties;
    o.op = qdn_plan_operator(config->plan, o.standing.operator);
    return tell(&o, is_api ? &api : &plain, p);
}
