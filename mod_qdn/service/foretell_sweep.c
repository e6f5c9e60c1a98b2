/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>
#include "detail.h"
#include "foretell.h"
#include "foretell_form.h"
#include "imagine.h"
#include "member.h"
#include "zone.h"

#define DAY APR_TIME_C(86400000000)

/*
 * Rules may look at the clock in ways that nobody can foresee, so lines that
 * have some are looked at this often.
 */
#define RULE_STEP APR_TIME_C(900000000)

/* At lines, shared by them alike: about a second of work. */
#define LOOKS_MAX 20000

/* A stretch of time without anybody to ring, and why at its beginning. */
typedef struct span_t {
    const qdn_line_t *line;
    apr_time_t from, to;
    int rule;                    /* that decides; 0: none */
    apr_array_header_t *skipped; /* of qdn_choice_t */
} span_t;

typedef struct sweep_t {
    const qdn_foretell_t *f;
    apr_time_t from, to;
    apr_time_t reached;        /* every line was looked at up to here */
    int looks;                 /* that each line may have */
    apr_array_header_t *spans; /* of span_t */
    apr_pool_t *pool;
    apr_pool_t *scratch; /* of one look */
} sweep_t;

/* When the verdict on anybody of this call changes next by the clock. */
static apr_time_t next_change(const sweep_t *s, const qdn_fiction_t *fiction)
{
    apr_array_header_t *cast = qdn_fiction_cast(fiction, s->scratch);
    apr_time_t next = s->to;

    for (int i = 0; i < cast->nelts; i++) {
        qdn_verdict_t verdict;
        apr_time_t until;

        qdn_judge_operator(s->f->plan,
                           APR_ARRAY_IDX(cast, i, const qdn_operator_t *),
                           fiction->line, fiction->knowledge, fiction->at,
                           &verdict, &until, s->scratch);
        if (until > fiction->at && until < next) {
            next = until;
        }
    }
    if (fiction->line->rules->nelts) {
        apr_time_t step = (fiction->at / RULE_STEP + 1) * RULE_STEP;

        next = step < next ? step : next;
    }
    return next;
}

static int same_cause(const span_t *span, int rule,
                      const apr_array_header_t *skipped)
{
    if (span->rule != rule || span->skipped->nelts != skipped->nelts) {
        return 0;
    }
    for (int i = 0; i < skipped->nelts; i++) {
        const qdn_choice_t *a = &APR_ARRAY_IDX(span->skipped, i, qdn_choice_t);
        const qdn_choice_t *b = &APR_ARRAY_IDX(skipped, i, qdn_choice_t);

        if (a->phone != b->phone || a->reason != b->reason) {
            return 0;
        }
    }
    return 1;
}

/* The pool of a look is cleared: what a span keeps is copied. */
static apr_array_header_t *keep(const apr_array_header_t *skipped,
                                apr_pool_t *p)
{
    apr_array_header_t *kept = apr_array_copy(p, skipped);

    for (int i = 0; i < kept->nelts; i++) {
        qdn_choice_t *c = &APR_ARRAY_IDX(kept, i, qdn_choice_t);

        c->detail = c->detail ? apr_pstrdup(p, c->detail) : NULL;
    }
    return kept;
}

/* Nobody is rung from here to there: a span, or more of the last one. */
static void note(sweep_t *s, const qdn_fiction_t *fiction,
                 const qdn_decision_t *d, apr_time_t to)
{
    int rule = d->reason == QDN_REASON_RULE ? fiction->rule : 0;
    span_t *last = s->spans->nelts
                       ? &APR_ARRAY_IDX(s->spans, s->spans->nelts - 1, span_t)
                       : NULL;

    if (last && last->line == fiction->line && last->to == fiction->at &&
        same_cause(last, rule, d->skipped)) {
        last->to = to;
        return;
    }
    last = apr_array_push(s->spans);
    *last = (span_t){ .line = fiction->line,
                      .from = fiction->at,
                      .to = to,
                      .rule = rule,
                      .skipped = keep(d->skipped, s->pool) };
}

static void sweep_line(sweep_t *s, const qdn_line_t *line)
{
    qdn_imagined_t what = { .line = line->number, .at = s->from };
    int looks = s->looks;

    while (what.at < s->reached) {
        qdn_fiction_t fiction;
        qdn_decision_t first;
        apr_time_t next;

        apr_pool_clear(s->scratch);
        if (looks-- <= 0) {
            s->reached = what.at;
            return;
        }
        if (qdn_imagine(s->f, &what, &fiction, s->scratch)) {
            return; /* the line is the plan's: this does not happen */
        }
        next = next_change(s, &fiction);
        qdn_fiction_open(&fiction, &first, s->scratch);
        if (first.rung->nelts == 0) {
            note(s, &fiction, &first, next);
        }
        what.at = next;
    }
}

static void add_span(qdn_text_t *t, const span_t *span, apr_pool_t *p)
{
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "line", span->line->number);
    qdn_member_text(t, "name", span->line->name);
    qdn_member_time(t, "from", span->from);
    qdn_member_time(t, "to", span->to);
    qdn_member_text(t, "zone", qdn_zone_name(span->line->zone));
    qdn_member_text(t, "from_local",
                    qdn_zone_text(span->line->zone, span->from, p));
    qdn_member_text(t, "to_local",
                    qdn_zone_text(span->line->zone, span->to, p));
    qdn_foretell_rule(t, span->line, span->rule, p);
    qdn_foretell_choices(t, "causes", span->skipped);
    qdn_member_close(t, '{');
}

static const char *tell(const sweep_t *s)
{
    qdn_text_t t;

    qdn_text_init(&t, 4096, s->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_time(&t, "from", s->from);
    qdn_member_time(&t, "to", s->reached);
    qdn_member_truth(&t, "complete", s->reached == s->to);
    qdn_member_open(&t, "spans", '[');
    for (int i = 0; i < s->spans->nelts; i++) {
        span_t *span = &APR_ARRAY_IDX(s->spans, i, span_t);

        /* Lines that came first may have been looked at farther. */
        if (span->from < s->reached) {
            span->to = span->to < s->reached ? span->to : s->reached;
            add_span(&t, span, s->pool);
        }
    }
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_foretell_sweep(const qdn_foretell_t *f, const char *request,
                               apr_pool_t *p)
{
    apr_int64_t days = qdn_detail_number(request, "days", QDN_SWEEP_DAYS, p);
    const char *only = qdn_detail_text(request, "line", p);
    sweep_t s = { .f = f, .from = f->now, .pool = p };

    if (days < 1 || days > QDN_SWEEP_DAYS_MAX) {
        return qdn_foretell_fault("days: accepted are 1 to 34", p);
    }
    if (only && !qdn_plan_line(f->plan, only)) {
        return qdn_foretell_fault("there is no such <QDNLine>", p);
    }
    s.to = s.reached = s.from + days * DAY;
    s.spans = apr_array_make(p, 16, sizeof(span_t));
    s.looks = LOOKS_MAX / (only ? 1 : f->plan->lines->nelts + 1);
    apr_pool_create(&s.scratch, p);
    apr_pool_tag(s.scratch, "qdn_foretell_sweep");
    for (int i = 0; i < f->plan->lines->nelts; i++) {
        const qdn_line_t *line =
            APR_ARRAY_IDX(f->plan->lines, i, const qdn_line_t *);

        if (!only || !strcmp(line->number, only)) {
            sweep_line(&s, line);
        }
    }
    return tell(&s);
}
