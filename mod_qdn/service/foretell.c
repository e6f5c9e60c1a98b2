/* SPDX-License-Identifier: Apache-2.0 */
#include "foretell.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include "detail.h"
#include "feed.h"
#include "foretell_form.h"
#include "imagine.h"
#include "member.h"
#include "parse.h"
#include "zone.h"

const char *qdn_foretell_fault(const char *sentence, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 128, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "error", sentence);
    qdn_member_close(&t, '{');
    return t.buf;
}

void qdn_foretell_choices(qdn_text_t *t, const char *name,
                          const apr_array_header_t *choices)
{
    qdn_member_open(t, name, '[');
    for (int i = 0; i < choices->nelts; i++) {
        const qdn_choice_t *c = &APR_ARRAY_IDX(choices, i, qdn_choice_t);

        qdn_member_open(t, NULL, '{');
        qdn_member_number(t, "hop", c->hop);
        qdn_member_text(t, "operator", c->phone->operator->id);
        qdn_member_text(t, "phone", c->phone->label);
        qdn_member_text(t, "reason", qdn_reason_text(c->reason));
        qdn_member_raw(t, "availability", c->detail);
        qdn_member_close(t, '{');
    }
    qdn_member_close(t, '[');
}

void qdn_foretell_rule(qdn_text_t *t, const qdn_line_t *line, int number,
                       apr_pool_t *p)
{
    const qdn_rule_t *rule;

    if (!number) {
        qdn_member_raw(t, "rule", NULL);
        return;
    }
    rule = APR_ARRAY_IDX(line->rules, number - 1, qdn_rule_t *);
    qdn_member_open(t, "rule", '{');
    qdn_member_number(t, "number", number);
    qdn_member_text(t, "expr", rule->expr);
    qdn_member_text(t, "origin", qdn_origin_text(rule->origin, p));
    qdn_member_close(t, '{');
}

static void add_scene(qdn_text_t *t, const qdn_scene_t *scene)
{
    const qdn_decision_t *d = &scene->decision;

    qdn_member_open(t, NULL, '{');
    qdn_member_time(t, "at", scene->at);
    qdn_member_text(t, "act", qdn_fiction_act(d->act));
    qdn_member_text(t, "reason", qdn_reason_text(d->reason));
    qdn_member_number(t, "left", d->left);
    if (d->act == QDN_ACT_DIAL) {
        qdn_member_number(t, "hop", d->next.hop);
        qdn_member_number(t, "ring", d->ring);
        qdn_member_number(t, "screen", d->screen);
        qdn_member_text(t, "ended", qdn_reason_text(scene->ended));
    }
    qdn_foretell_choices(t, "skipped", d->skipped);
    qdn_foretell_choices(t, "rung", d->rung);
    qdn_member_close(t, '{');
}

/* The call, and how it would go. The object is left open. */
static void add_call(qdn_text_t *t, const qdn_fiction_t *fiction, apr_pool_t *p)
{
    const qdn_line_t *line = fiction->line;
    apr_array_header_t *scenes = qdn_fiction_play(fiction, p);

    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "line", line->number);
    qdn_member_text(t, "name", line->name);
    qdn_member_time(t, "at", fiction->at);
    qdn_member_text(t, "local", qdn_zone_text(line->zone, fiction->at, p));
    qdn_member_text(t, "zone", qdn_zone_name(line->zone));
    qdn_member_text(t, "revision", fiction->plan->revision);
    qdn_member_text(t, "caller", fiction->caller);
    qdn_foretell_rule(t, line, fiction->rule, p);
    qdn_member_open(t, "scenes", '[');
    for (int i = 0; i < scenes->nelts; i++) {
        add_scene(t, &APR_ARRAY_IDX(scenes, i, qdn_scene_t));
    }
    qdn_member_close(t, '[');
}

static void add_feed(qdn_text_t *t, const qdn_foretell_t *f,
                     const qdn_feed_t *feed, apr_pool_t *p)
{
    const qdn_snapshot_t *snapshot = f->knowledge->snapshot;
    qdn_finding_t found = { 0 };

    if (snapshot) {
        qdn_snapshot_finding(snapshot, feed, &found);
    }
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "feed", qdn_feed_name(feed, p));
    qdn_member_text(t, "kind", qdn_feed_kind_text(feed->kind));
    qdn_member_truth(t, "holds", qdn_finding_holds(&found, feed, f->now));
    if (found.good_at) {
        qdn_member_number(t, "age", apr_time_sec(f->now - found.good_at));
    }
    else {
        qdn_member_raw(t, "age", NULL);
    }
    qdn_member_text(t, "error", found.error);
    qdn_member_close(t, '{');
}

static void add_feeds(qdn_text_t *t, const qdn_foretell_t *f,
                      const apr_array_header_t *feeds, apr_pool_t *p)
{
    for (int i = 0; feeds && i < feeds->nelts; i++) {
        add_feed(t, f, APR_ARRAY_IDX(feeds, i, const qdn_feed_t *), p);
    }
}

/* What is known of one operator at that moment, and since when. */
static void add_input(qdn_text_t *t, const qdn_foretell_t *f,
                      const qdn_fiction_t *fiction, const qdn_operator_t *op,
                      apr_pool_t *p)
{
    qdn_verdict_t verdict;
    apr_time_t until;

    qdn_judge_operator(f->plan, op, fiction->line, f->knowledge, fiction->at,
                       &verdict, &until, p);
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "operator", op->id);
    qdn_member_text(t, "name", op->name);
    qdn_member_truth(t, "available", verdict.available);
    qdn_member_text(t, "reason", qdn_reason_text(verdict.reason));
    qdn_member_time(t, "until", until);
    qdn_member_text(t, "until_local",
                    until ? qdn_zone_text(fiction->line->zone, until, p)
                          : NULL);
    qdn_member_raw(t, "availability", verdict.detail);
    qdn_member_open(t, "feeds", '[');
    add_feeds(t, f, op->holidays, p);
    add_feeds(t, f, op->calendars, p);
    add_feeds(t, f, op->duties, p);
    if (op->presence) {
        add_feed(t, f, op->presence, p);
    }
    qdn_member_close(t, '[');
    qdn_member_close(t, '{');
}

/* "2026-11-22T14:30" as the line's clock shows it. */
static const char *read_local(const qdn_line_t *line, const char *text,
                              apr_time_t *pat, apr_pool_t *p)
{
    qdn_local_t t = { 0 };
    int end = 0;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d%n", &t.year, &t.month, &t.day,
               &t.hour, &t.minute, &end) != 5 ||
        text[end] || t.month < 1 || t.month > 12 || t.day < 1 || t.day > 31 ||
        t.hour > 23 || t.minute > 59 || t.hour < 0 || t.minute < 0) {
        return apr_psprintf(p, "'%s' is no moment such as 2026-11-22T14:30",
                            text);
    }
    *pat = qdn_zone_at(line->zone, &t);
    return NULL;
}

static const char *read_request(const qdn_foretell_t *f, const char *request,
                                qdn_fiction_t *pfiction, apr_pool_t *p)
{
    const char *local = qdn_detail_text(request, "local", p);
    const char *error;
    const qdn_line_t *line;
    qdn_imagined_t what = {
        .line = qdn_detail_text(request, "line", p),
        .from = qdn_detail_text(request, "from", p),
        .forwarded_from = qdn_detail_text(request, "forwarded_from", p),
        .stir = qdn_detail_text(request, "stir", p),
        .at = qdn_detail_number(request, "at", f->now, p),
    };

    error = qdn_imagine_line(f->plan, what.line, &line, p);
    if (!error && local) {
        error = read_local(line, local, &what.at, p);
    }
    return error ? error : qdn_imagine(f, &what, pfiction, p);
}

const char *qdn_foretell_explain(const qdn_foretell_t *f, const char *request,
                                 apr_pool_t *p)
{
    apr_array_header_t *cast;
    qdn_fiction_t fiction;
    const char *error;
    qdn_text_t t;

    error = read_request(f, request, &fiction, p);
    if (error) {
        return qdn_foretell_fault(error, p);
    }
    qdn_text_init(&t, 4096, p);
    add_call(&t, &fiction, p);
    qdn_member_open(&t, "feeds", '[');
    add_feeds(&t, f, fiction.line->holidays, p);
    add_feeds(&t, f, f->plan->numbers, p);
    qdn_member_close(&t, '[');
    qdn_member_open(&t, "inputs", '[');
    cast = qdn_fiction_cast(&fiction, p);
    for (int i = 0; i < cast->nelts; i++) {
        add_input(&t, f, &fiction,
                  APR_ARRAY_IDX(cast, i, const qdn_operator_t *), p);
    }
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}

/* "a=b c=d", word by word: NULL at the end. */
static const char *next_pair(char **prest, const char **pvalue)
{
    const char *pair = apr_strtok(*prest, " ", prest);
    char *equals = pair ? strchr(pair, '=') : NULL;

    if (!equals) {
        return NULL;
    }
    *equals = '\0';
    *pvalue = equals + 1;
    return pair;
}

/*
 * Operators and reasons that this plan or version does not know drop out, and
 * reasons that say nothing of the operator.
 */
static apr_array_header_t *read_verdicts(const qdn_plan_t *plan, char *rest,
                                         apr_pool_t *p)
{
    apr_array_header_t *verdicts = apr_array_make(p, 4, sizeof(qdn_verdict_t));
    const char *id, *value;

    while (rest && *rest && (id = next_pair(&rest, &value)) != NULL) {
        const qdn_operator_t *op = qdn_plan_operator(plan, id);
        qdn_reason_e reason = qdn_reason_find(value);

        if (op && qdn_judge_gives(reason)) {
            APR_ARRAY_PUSH(verdicts, qdn_verdict_t) = (qdn_verdict_t){
                .operator= op,
                .available = reason == QDN_REASON_AVAILABLE ||
                             reason == QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE,
                .reason = reason,
            };
        }
    }
    return verdicts;
}

/* "sergio/primary=busy" or "...=busy:3", after so many seconds. */
static apr_hash_t *read_fates(char *rest, apr_pool_t *p)
{
    apr_hash_t *fates = apr_hash_make(p);
    const char *phone, *value;

    while (rest && *rest && (phone = next_pair(&rest, &value)) != NULL) {
        qdn_fate_t *fate = apr_palloc(p, sizeof(*fate));
        const char *colon = strchr(value, ':');
        apr_int64_t seconds = -1;

        if (colon) {
            qdn_parse_int(colon + 1, 0, QDN_BUDGET_MAX, &seconds, p);
            value = apr_pstrmemdup(p, value, (apr_size_t)(colon - value));
        }
        fate->seconds = (int)seconds;
        fate->reason = qdn_reason_find(value);
        if (fate->reason != QDN_REASON_MAX) {
            apr_hash_set(fates, phone, APR_HASH_KEY_STRING, fate);
        }
    }
    return fates;
}

/* Was the caller asked for a key and did not press it? */
static int stopped(const char *request, apr_pool_t *p)
{
    const char *passed = qdn_detail_text(request, "passed", p);

    return passed && !strcmp(passed, "false");
}

static char *text_member(const char *request, const char *name, apr_pool_t *p)
{
    return apr_pstrdup(p, qdn_detail_text(request, name, p));
}

const char *qdn_foretell_replay(const qdn_foretell_t *f, const char *request,
                                apr_pool_t *p)
{
    qdn_fiction_t fiction;
    const char *error;
    qdn_text_t t;

    error = read_request(f, request, &fiction, p);
    if (error) {
        return qdn_foretell_fault(error, p);
    }
    fiction.verdicts =
        read_verdicts(f->plan, text_member(request, "verdicts", p), p);
    fiction.fates = read_fates(text_member(request, "fates", p), p);
    fiction.stopped = stopped(request, p);
    qdn_text_init(&t, 4096, p);
    add_call(&t, &fiction, p);
    qdn_member_close(&t, '{');
    return t.buf;
}
