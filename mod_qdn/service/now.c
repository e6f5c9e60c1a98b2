/* SPDX-License-Identifier: Apache-2.0 */
#include "now.h"

#include "foretell_form.h"
#include "imagine.h"
#include "member.h"
#include "now_cause.h"
#include "zone.h"

/* One phone that the cascade comes to; ring is 0 where it is left out. */
static void add_step(qdn_text_t *t, const qdn_now_t *now,
                     const qdn_line_t *line, const qdn_choice_t *c, int ring,
                     apr_pool_t *p)
{
    const qdn_operator_t *op = c->phone->operator;
    qdn_now_cause_t cause = { .reason = c->reason, .at = now->f.now };

    if (qdn_judge_gives(c->reason)) {
        (void)qdn_now_cause(now, op, line, &cause, p);
    }
    qdn_member_open(t, NULL, '{');
    qdn_member_number(t, "hop", c->hop);
    qdn_member_text(t, "operator", op->id);
    qdn_member_text(t, "operator_name", op->name);
    qdn_member_text(t, "phone", c->phone->label);
    qdn_member_truth(t, "rung", ring != 0);
    qdn_member_text(t, "reason", qdn_reason_text(c->reason));
    qdn_member_text(t, "sentence",
                    qdn_now_say_step(op->name, ring, &cause, line->zone, p));
    if (ring) {
        qdn_member_number(t, "ring", ring);
    }
    else {
        qdn_member_raw(t, "ring", NULL);
    }
    qdn_now_cause_members(t, &cause);
    qdn_member_close(t, '{');
}

static void add_choices(qdn_text_t *t, const qdn_now_t *now,
                        const qdn_line_t *line,
                        const apr_array_header_t *choices, int ring,
                        apr_pool_t *p)
{
    for (int i = 0; i < choices->nelts; i++) {
        add_step(t, now, line, &APR_ARRAY_IDX(choices, i, qdn_choice_t), ring,
                 p);
    }
}

/*
 * All steps by the verdicts of this moment: nobody wants to read here that a
 * talk of now will be over in half a minute, and one look is cheap.
 */
static void judge_once(const qdn_now_t *now, qdn_fiction_t *fiction,
                       apr_pool_t *p)
{
    const qdn_cascade_input_t in = { .plan = fiction->plan,
                                     .line = fiction->line,
                                     .rule = fiction->rule };

    qdn_judge_line(fiction->plan, fiction->line, qdn_cascade_chosen(&in, NULL),
                   now->f.knowledge, now->f.now, &fiction->verdicts, p);
}

static void add_cascade(qdn_text_t *t, const qdn_now_t *now,
                        const qdn_fiction_t *fiction, apr_pool_t *p)
{
    const apr_array_header_t *scenes = qdn_fiction_play(fiction, p);
    const qdn_scene_t *first = &APR_ARRAY_IDX(scenes, 0, qdn_scene_t);
    const qdn_scene_t *last =
        &APR_ARRAY_IDX(scenes, scenes->nelts - 1, qdn_scene_t);
    int asked = first->decision.act == QDN_ACT_CHALLENGE;

    qdn_member_open(t, "steps", '[');
    for (int i = 0; i < scenes->nelts; i++) {
        const qdn_decision_t *d =
            &APR_ARRAY_IDX(scenes, i, qdn_scene_t).decision;

        add_choices(t, now, fiction->line, d->skipped, 0, p);
        add_choices(t, now, fiction->line, d->rung, d->ring, p);
    }
    qdn_member_close(t, '[');
    qdn_member_open(t, "end", '{');
    qdn_member_text(
        t, "act",
        qdn_fiction_act(asked ? QDN_ACT_CHALLENGE : last->decision.act));
    qdn_member_text(t, "sentence",
                    qdn_now_say_end(last->decision.act, asked, p));
    qdn_member_close(t, '{');
}

static void add_line(qdn_text_t *t, const qdn_now_t *now,
                     const qdn_line_t *line, apr_pool_t *p)
{
    const qdn_imagined_t what = { .line = line->number, .at = now->f.now };
    qdn_fiction_t fiction;

    /* An ordinary caller to a line of the plan: that is always a webhook. */
    if (qdn_imagine(&now->f, &what, &fiction, p)) {
        return;
    }
    judge_once(now, &fiction, p);
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "number", line->number);
    qdn_member_text(t, "name", line->name);
    qdn_member_text(t, "zone", qdn_zone_name(line->zone));
    qdn_foretell_rule(t, line, fiction.rule, p);
    add_cascade(t, now, &fiction, p);
    qdn_member_close(t, '{');
}

const char *qdn_now_tell(const qdn_now_t *now, apr_pool_t *p)
{
    const apr_array_header_t *lines = now->f.plan->lines;
    const apr_array_header_t *operators = now->f.plan->operators;
    qdn_text_t t;

    qdn_text_init(&t, 16384, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_time(&t, "now", now->f.now);
    qdn_member_text(&t, "host", now->host);
    qdn_member_text(&t, "revision", now->f.plan->revision);
    qdn_member_open(&t, "lines", '[');
    for (int i = 0; i < lines->nelts; i++) {
        add_line(&t, now, APR_ARRAY_IDX(lines, i, const qdn_line_t *), p);
    }
    qdn_member_close(&t, '[');
    qdn_member_open(&t, "operators", '[');
    for (int i = 0; i < operators->nelts; i++) {
        qdn_now_operator(
            &t, now, APR_ARRAY_IDX(operators, i, const qdn_operator_t *), p);
    }
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}
