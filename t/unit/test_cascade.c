/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cascade, checked in two ways: chosen situations as a table, and every
 * sequence of outcomes of every hop for plans of up to five hops, with the
 * promises that must hold at each step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "cascade.h"
#include "digest.h"

#define HOPS   5
#define PHONES 2 /* of a hop, at most */
#define START  apr_time_from_sec(1768400000)

/* Everything one plan is made of, so that a test changes a field and goes. */
typedef struct world_t {
    qdn_plan_t plan;
    qdn_line_t line;
    qdn_operator_t operators[HOPS * PHONES];
    qdn_phone_t phones[HOPS * PHONES];
    qdn_hop_t hops[HOPS];
    qdn_verdict_t verdicts[HOPS * PHONES];
    apr_array_header_t list; /* of them */
    apr_pool_t *pool;
} world_t;

static void add_phone(world_t *w, qdn_hop_t *hop, int index)
{
    qdn_operator_t *op = &w->operators[index];
    qdn_phone_t *phone = &w->phones[index];

    *op = (qdn_operator_t){ .index = index,
                            .id = apr_psprintf(w->pool, "op%d", index) };
    *phone = (qdn_phone_t){ .operator= op,
                            .label = "mobile",
                            .number =
                                apr_psprintf(w->pool, "+1619555010%d", index) };
    phone->hash = qdn_digest_fnv1a(phone->number);
    w->verdicts[index] = (qdn_verdict_t){ .operator= op,
                                          .available = 1,
                                          .reason = QDN_REASON_AVAILABLE };
    apr_hash_set(w->plan.phones_by_number, phone->number, APR_HASH_KEY_STRING,
                 phone);
    APR_ARRAY_PUSH(hop->phones, const qdn_phone_t *) = phone;
}

/* A line with n hops; bit i of `pairs`: hop i rings two phones together. */
static void make_world(world_t *w, int n, unsigned pairs, apr_pool_t *p)
{
    int i;

    memset(w, 0, sizeof(*w));
    w->pool = p;
    w->list = (apr_array_header_t){ .elts = (char *)w->verdicts,
                                    .elt_size = sizeof(w->verdicts[0]),
                                    .nelts = HOPS * PHONES };
    w->plan.lines_by_number = apr_hash_make(p);
    w->plan.phones_by_number = apr_hash_make(p);
    strcpy(w->plan.revision, "0123456789ab");
    w->line = (qdn_line_t){ .number = "+16195550100",
                            .budget = QDN_BUDGET_DEFAULT,
                            .voicemail = 1,
                            .callerid = QDN_CALLERID_LINE,
                            .hops = apr_array_make(p, n, sizeof(void *)),
                            .rules = apr_array_make(p, 1, sizeof(void *)) };
    apr_hash_set(w->plan.lines_by_number, w->line.number, APR_HASH_KEY_STRING,
                 &w->line);
    for (i = 0; i < n; i++) {
        w->hops[i].phones = apr_array_make(p, PHONES, sizeof(void *));
        add_phone(w, &w->hops[i], i * PHONES);
        if (pairs & (1u << i)) {
            add_phone(w, &w->hops[i], i * PHONES + 1);
        }
        APR_ARRAY_PUSH(w->line.hops, qdn_hop_t *) = &w->hops[i];
    }
}

static qdn_cascade_input_t input_of(world_t *w)
{
    return (qdn_cascade_input_t){ .plan = &w->plan,
                                  .line = &w->line,
                                  .caller = "+16195550150",
                                  .verdicts = &w->list,
                                  .now = START };
}

/* ---- every sequence of outcomes ---- */

/* A way for a hop to end that lets the cascade go on. */
static const struct {
    qdn_hop_result_t result; /* picked_up: 1 stands for "the first phone" */
    int rings_out;           /* 1: the whole ring time passes */
    int screened_out;        /* 1: and the whole screening */
} outcomes[] = {
    { { .status = QDN_DIAL_NO_ANSWER, .bridged = QDN_NO }, 1, 0 },
    { { .status = QDN_DIAL_BUSY, .bridged = QDN_NO }, 0, 0 },
    { { .status = QDN_DIAL_FAILED, .bridged = QDN_NO }, 0, 0 },
    { { .status = QDN_DIAL_COMPLETED,
        .bridged = QDN_NO,
        .fate = QDN_LEG_ASKED,
        .picked_up = 1 },
      1,
      1 },
    { { .status = QDN_DIAL_NO_ANSWER,
        .bridged = QDN_NO,
        .fate = QDN_LEG_DECLINED,
        .picked_up = 1 },
      0,
      0 },
    { { .status = QDN_DIAL_COMPLETED, .bridged = QDN_NO }, 1, 1 },
};
#define OUTCOMES (sizeof(outcomes) / sizeof(outcomes[0]))

/* What one path through the tree has seen so far. */
typedef struct path_t {
    world_t *world;
    int other_plan; /* 1: the revision changes after the first hop */
    long *pends;    /* paths that came to an end */
    int counted[HOPS * PHONES]; /* times a phone's ring counted */
    int offered[HOPS * PHONES]; /* rung or left out with a reason */
    int seconds;                /* from the first ring */
} path_t;

static int index_of(const path_t *path, const qdn_choice_t *c)
{
    return (int)(c->phone - path->world->phones);
}

static void note_choices(path_t *path, const apr_array_header_t *choices)
{
    int i;

    for (i = 0; i < choices->nelts; i++) {
        const qdn_choice_t *c = &APR_ARRAY_IDX(choices, i, qdn_choice_t);

        assert_int_not_equal(c->reason, QDN_REASON_NONE);
        path->offered[index_of(path, c)] = 1;
    }
}

static void check_end(path_t *path, const qdn_decision_t *d)
{
    int i, h;

    ++*path->pends;
    assert_int_equal(d->act, path->world->line.voicemail ? QDN_ACT_VOICEMAIL
                                                         : QDN_ACT_GOODBYE);
    assert_true(path->seconds <= path->world->line.budget);
    for (h = 0; h < path->world->line.hops->nelts; h++) {
        const qdn_hop_t *hop =
            APR_ARRAY_IDX(path->world->line.hops, h, qdn_hop_t *);

        for (i = 0; i < hop->phones->nelts; i++) {
            qdn_choice_t c = { .phone = APR_ARRAY_IDX(hop->phones, i,
                                                      const qdn_phone_t *) };

            assert_true(path->offered[index_of(path, &c)]);
        }
    }
}

/* Which phones of a hop have had their chance when it has ended so. */
static void count_rung(path_t *path, const qdn_decision_t *d,
                       const qdn_hop_result_t *r)
{
    int i;
    int dropped = r->picked_up && !d->next.redial && d->rung->nelts > 1;

    for (i = 0; i < d->rung->nelts; i++) {
        const qdn_choice_t *c = &APR_ARRAY_IDX(d->rung, i, qdn_choice_t);

        if (!dropped || c->phone->hash == r->picked_up) {
            assert_int_equal(++path->counted[index_of(path, c)], 1);
        }
    }
}

static void walk(path_t path, const qdn_decision_t *d, apr_pool_t *p);

static void take_outcome(path_t path, const qdn_decision_t *d, size_t o,
                         apr_pool_t *p)
{
    qdn_cascade_input_t in = input_of(path.world);
    qdn_hop_result_t r = outcomes[o].result;
    qdn_progress_t carried;
    qdn_reason_e ended;
    qdn_decision_t next;

    if (r.picked_up) {
        r.picked_up = APR_ARRAY_IDX(d->rung, 0, qdn_choice_t).phone->hash;
    }
    count_rung(&path, d, &r);
    path.seconds += (outcomes[o].rings_out ? d->ring : 1) +
                    (outcomes[o].screened_out ? d->screen : 0);
    in.now = START + apr_time_from_sec(path.seconds);
    assert_int_equal(
        qdn_progress_decode(&carried, qdn_progress_encode(&d->next, p), p),
        APR_SUCCESS);
    if (path.other_plan) {
        strcpy(carried.revision, "ffffffffffff");
    }
    ended = qdn_hop_result_judge(&carried, &r, NULL);
    assert_int_not_equal(ended, QDN_REASON_CONNECTED);
    qdn_cascade_next(&in, &carried, &r, ended, &next, p);
    walk(path, &next, p);
}

static void walk(path_t path, const qdn_decision_t *d, apr_pool_t *p)
{
    apr_pool_t *sub;
    size_t o;

    note_choices(&path, d->skipped);
    note_choices(&path, d->rung);
    if (d->act != QDN_ACT_DIAL) {
        check_end(&path, d);
        return;
    }
    assert_true(d->ring >= QDN_RING_MIN);
    assert_true(path.seconds + d->ring + d->screen <= path.world->line.budget);
    apr_pool_create(&sub, p);
    for (o = 0; o < OUTCOMES; o++) {
        take_outcome(path, d, o, sub);
        apr_pool_clear(sub);
    }
    apr_pool_destroy(sub);
}

/* Set rings and share numbers so that shapes differ from plan to plan. */
static void vary(world_t *w, int n, int variant)
{
    static const int budgets[] = { 30, 110, 150 };
    static const int rings[] = { 0, 10, 45 };
    int i;

    w->line.budget = budgets[variant % 3];
    w->line.voicemail = variant % 2;
    for (i = 0; i < n; i++) {
        w->hops[i].ring = rings[(variant + i) % 3];
        w->hops[i].when = (qdn_when_e)((variant / 3 + i) % 3);
    }
    if (variant % 4 == 1 && n > 1) { /* two operators, one number */
        w->phones[PHONES * (n - 1)].number = w->phones[0].number;
        w->phones[PHONES * (n - 1)].hash = w->phones[0].hash;
    }
    if (variant % 4 == 2) { /* nobody to confirm, one is away */
        w->phones[0].confirm = QDN_CONFIRM_NONE;
        w->verdicts[PHONES * (n / 2)].available = 0;
        w->verdicts[PHONES * (n / 2)].reason = QDN_REASON_STATUS_AWAY;
    }
}

static void walk_plan(int n, unsigned pairs, int variant, int other_plan,
                      long *pends)
{
    qdn_cascade_input_t in;
    qdn_decision_t d;
    apr_pool_t *p;
    world_t w;
    path_t path = { .world = &w, .other_plan = other_plan, .pends = pends };

    apr_pool_create(&p, NULL);
    make_world(&w, n, pairs, p);
    vary(&w, n, variant);
    in = input_of(&w);
    qdn_cascade_start(&in, &d, p);
    strcpy(d.next.decision, "00112233445566778899aabbccddeeff");
    walk(path, &d, p);
    apr_pool_destroy(p);
}

/*
 * All outcomes of all hops, always. Shapes of plans are thinned out where
 * they multiply: every set of paired hops up to four hops, of five at most
 * two paired, so that the whole stays within seconds.
 */
static void every_sequence_of_outcomes(void **state)
{
    long ends = 0;
    int n, variant;
    unsigned pairs;

    (void)state;
    for (n = 1; n <= HOPS; n++) {
        for (pairs = 0; pairs < (1u << n); pairs++) {
            if (n == HOPS && __builtin_popcount(pairs) > 2) {
                continue;
            }
            for (variant = 0; variant < 6; variant++) {
                walk_plan(n, pairs, variant, 0, &ends);
                if (n < HOPS) {
                    walk_plan(n, pairs, variant, 1, &ends);
                }
            }
        }
    }
    print_message("# %ld paths came to an end\n", ends);
    assert_true(ends > 100000);
}

/* ---- chosen situations ---- */

/* One change to a plan of two hops (one phone, then two), and what follows. */
typedef struct situation_t {
    const char *title;
    const char *caller;
    const char *forwarded_from;
    int rule_action; /* -1: no rule matched */
    qdn_reason_e first_verdict;
    qdn_when_e first_when;
    int budget;
    qdn_act_e act;
    qdn_reason_e reason;      /* of the decision */
    int hop;                  /* that is rung, 0: none */
    qdn_reason_e rung_reason; /* of the first phone rung */
    qdn_reason_e skip_reason; /* of the first phone left out */
} situation_t;

#define OTHER  "+16195550150"
#define NORULE -1
#define AVAIL  QDN_REASON_AVAILABLE
#define NONE   QDN_REASON_NONE

static const situation_t situations[] = {
    { "the first hop is rung", OTHER, NULL, NORULE, AVAIL, 0, 110, QDN_ACT_DIAL,
      NONE, 1, AVAIL, NONE },
    { "a busy calendar skips to the second", OTHER, NULL, NORULE,
      QDN_REASON_CALENDAR_BUSY, QDN_WHEN_AVAILABLE, 110, QDN_ACT_DIAL, NONE, 2,
      AVAIL, QDN_REASON_CALENDAR_BUSY },
    { "when=always ignores the calendar", OTHER, NULL, NORULE,
      QDN_REASON_CALENDAR_BUSY, QDN_WHEN_ALWAYS, 110, QDN_ACT_DIAL, NONE, 1,
      QDN_REASON_ALWAYS, NONE },
    { "when=always respects a status set by hand", OTHER, NULL, NORULE,
      QDN_REASON_STATUS_AWAY, QDN_WHEN_ALWAYS, 110, QDN_ACT_DIAL, NONE, 2,
      AVAIL, QDN_REASON_STATUS_AWAY },
    { "when=even-away rings who is away", OTHER, NULL, NORULE,
      QDN_REASON_STATUS_AWAY, QDN_WHEN_EVEN_AWAY, 110, QDN_ACT_DIAL, NONE, 1,
      QDN_REASON_ALWAYS, NONE },
    { "an unknown source counts as available, and says so", OTHER, NULL, NORULE,
      QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE, 0, 110, QDN_ACT_DIAL, NONE, 1,
      QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE, NONE },
    { "nobody rings himself", "+16195550100x", NULL, NORULE, AVAIL, 0, 110,
      QDN_ACT_DIAL, NONE, 1, AVAIL, NONE },
    { "a withheld caller is rung through", NULL, NULL, NORULE, AVAIL, 0, 110,
      QDN_ACT_DIAL, NONE, 1, AVAIL, NONE },
    { "a call from our own line is a loop", "+16195550100", NULL, NORULE, AVAIL,
      0, 110, QDN_ACT_BUSY, QDN_REASON_LOOP, 0, NONE, NONE },
    { "forwarded by an operator's phone is a loop", OTHER, "+16195550102",
      NORULE, AVAIL, 0, 110, QDN_ACT_BUSY, QDN_REASON_LOOP, 0, NONE, NONE },
    { "forwarded by a stranger is no loop", OTHER, "+16195550177", NORULE,
      AVAIL, 0, 110, QDN_ACT_DIAL, NONE, 1, AVAIL, NONE },
    { "a rule rejects", OTHER, NULL, QDN_RULE_REJECT, AVAIL, 0, 110,
      QDN_ACT_REJECT, QDN_REASON_RULE, 0, NONE, NONE },
    { "a rule is busy", OTHER, NULL, QDN_RULE_BUSY, AVAIL, 0, 110, QDN_ACT_BUSY,
      QDN_REASON_RULE, 0, NONE, NONE },
    { "a rule sends to voicemail", OTHER, NULL, QDN_RULE_VOICEMAIL, AVAIL, 0,
      110, QDN_ACT_VOICEMAIL, QDN_REASON_RULE, 0, NONE, NONE },
    { "a rule asks for a key first", OTHER, NULL, QDN_RULE_CHALLENGE, AVAIL, 0,
      110, QDN_ACT_CHALLENGE, QDN_REASON_RULE, 0, NONE, NONE },
    { "a loop comes before a challenge", "+16195550100", NULL,
      QDN_RULE_CHALLENGE, AVAIL, 0, 110, QDN_ACT_BUSY, QDN_REASON_LOOP, 0, NONE,
      NONE },
    { "no room to ring and to screen", OTHER, NULL, NORULE, AVAIL, 0, 21,
      QDN_ACT_VOICEMAIL, NONE, 0, NONE, QDN_REASON_BUDGET },
};

static void check_choice(const apr_array_header_t *choices,
                         qdn_reason_e expected, const char *title)
{
    if (expected == NONE) {
        assert_int_equal(choices->nelts, 0);
    }
    else if (choices->nelts == 0 ||
             APR_ARRAY_IDX(choices, 0, qdn_choice_t).reason != expected) {
        fail_msg("%s: expected %s", title, qdn_reason_text(expected));
    }
}

static void chosen_situations(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(situations) / sizeof(situations[0]); i++) {
        const situation_t *s = &situations[i];
        qdn_rule_t rule = { .action = (qdn_rule_e)s->rule_action };
        qdn_cascade_input_t in;
        qdn_decision_t d;
        apr_pool_t *p;
        world_t w;

        apr_pool_create(&p, NULL);
        make_world(&w, 2, 2, p);
        w.line.budget = s->budget;
        w.hops[0].when = s->first_when;
        w.verdicts[0].reason = s->first_verdict;
        w.verdicts[0].available =
            s->first_verdict == AVAIL ||
            s->first_verdict == QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE;
        APR_ARRAY_PUSH(w.line.rules, qdn_rule_t *) = &rule;
        in = input_of(&w);
        in.caller = s->caller;
        in.forwarded_from = s->forwarded_from;
        in.rule = s->rule_action == NORULE ? 0 : 1;
        qdn_cascade_start(&in, &d, p);
        if (d.act != s->act || d.reason != s->reason || d.next.hop != s->hop) {
            fail_msg("%s: act %d, reason \"%s\", hop %d", s->title, d.act,
                     qdn_reason_text(d.reason), d.next.hop);
        }
        check_choice(d.rung, s->rung_reason, s->title);
        check_choice(d.skipped, s->skip_reason, s->title);
        apr_pool_destroy(p);
    }
}

static const qdn_hop_result_t silence = { .status = QDN_DIAL_NO_ANSWER,
                                          .bridged = QDN_NO };

/* A cascade with a name: the second hop of the line alone, and no voicemail. */
static void make_night(world_t *w, qdn_cascade_t *night, qdn_rule_t *rule)
{
    w->plan.cascades = apr_array_make(w->pool, 1, sizeof(void *));
    *night = (qdn_cascade_t){ .name = "night",
                              .hash = 0xbadcafe,
                              .hops = apr_array_make(w->pool, 1, 8),
                              .budget = 60 };
    APR_ARRAY_PUSH(night->hops, qdn_hop_t *) = &w->hops[1];
    APR_ARRAY_PUSH(w->plan.cascades, qdn_cascade_t *) = night;
    *rule = (qdn_rule_t){ .action = QDN_RULE_CASCADE, .cascade = night };
    APR_ARRAY_PUSH(w->line.rules, qdn_rule_t *) = rule;
}

static void a_rule_chooses_a_cascade(void **state)
{
    qdn_decision_t d, then;
    qdn_cascade_input_t in;
    qdn_cascade_t night;
    qdn_rule_t rule;
    apr_pool_t *p;
    world_t w;

    (void)state;
    apr_pool_create(&p, NULL);
    make_world(&w, 3, 0, p);
    make_night(&w, &night, &rule);
    in = input_of(&w);
    in.rule = 1;
    assert_ptr_equal(qdn_cascade_chosen(&in, NULL), &night);
    qdn_cascade_start(&in, &d, p);
    assert_int_equal(d.act, QDN_ACT_DIAL);
    assert_int_equal(d.next.hop, 1);
    assert_int_equal(d.left, 60);
    assert_int_equal(d.next.cascade, 0xbadcafe);
    assert_ptr_equal(APR_ARRAY_IDX(d.rung, 0, qdn_choice_t).phone,
                     APR_ARRAY_IDX(w.hops[1].phones, 0, qdn_phone_t *));
    /* The next step knows it from the URL alone, and ends as it says. */
    in.rule = 0;
    assert_ptr_equal(qdn_cascade_chosen(&in, &d.next), &night);
    qdn_cascade_next(&in, &d.next, &silence, QDN_REASON_NO_ANSWER, &then, p);
    assert_int_equal(then.act, QDN_ACT_GOODBYE);
    apr_pool_destroy(p);
}

static void a_cascade_that_is_gone_is_the_lines_own(void **state)
{
    qdn_decision_t d, then;
    qdn_cascade_input_t in;
    qdn_cascade_t night;
    qdn_rule_t rule;
    apr_pool_t *p;
    world_t w;

    (void)state;
    apr_pool_create(&p, NULL);
    make_world(&w, 3, 0, p);
    make_night(&w, &night, &rule);
    in = input_of(&w);
    in.rule = 1;
    qdn_cascade_start(&in, &d, p);
    apr_array_clear(w.plan.cascades);
    apr_array_clear(w.line.rules);
    strcpy(w.plan.revision, "ba9876543210");
    in.rule = 0;
    qdn_cascade_next(&in, &d.next, &silence, QDN_REASON_NO_ANSWER, &then, p);
    assert_int_equal(then.next.cascade, 0);
    assert_int_equal(then.next.hop, 1); /* whom night had left out */
    qdn_cascade_next(&in, &then.next, &silence, QDN_REASON_NO_ANSWER, &d, p);
    assert_int_equal(d.next.hop, 3); /* not 2, who was rung at first */
    apr_pool_destroy(p);
}

static void a_caller_is_not_rung_on_his_own_phone(void **state)
{
    qdn_cascade_input_t in;
    qdn_decision_t d;
    apr_pool_t *p;
    world_t w;

    (void)state;
    apr_pool_create(&p, NULL);
    make_world(&w, 2, 0, p);
    w.phones[0].number = OTHER;
    in = input_of(&w);
    qdn_cascade_start(&in, &d, p);
    check_choice(d.skipped, QDN_REASON_CALLER_OWN_PHONE, "own phone");
    assert_int_equal(d.next.hop, 2);
    apr_pool_destroy(p);
}

static void a_declared_number_is_never_a_loop(void **state)
{
    qdn_cascade_input_t in;
    qdn_decision_t d;
    apr_pool_t *p;
    world_t w;

    (void)state;
    apr_pool_create(&p, NULL);
    make_world(&w, 1, 0, p);
    w.line.forwarded_from = apr_array_make(p, 1, sizeof(const char *));
    APR_ARRAY_PUSH(w.line.forwarded_from, const char *) = "+16195550100";
    in = input_of(&w);
    in.forwarded_from = "+16195550100";
    qdn_cascade_start(&in, &d, p);
    assert_int_equal(d.act, QDN_ACT_DIAL);
    apr_pool_destroy(p);
}

/* The clock jumped back since the first ring: the budget must not grow. */
static void a_clock_set_back_does_not_stretch_the_budget(void **state)
{
    qdn_hop_result_t busy = { .status = QDN_DIAL_BUSY, .bridged = QDN_NO };
    qdn_cascade_input_t in;
    qdn_decision_t d, next;
    apr_pool_t *p;
    world_t w;

    (void)state;
    apr_pool_create(&p, NULL);
    make_world(&w, 2, 0, p);
    in = input_of(&w);
    qdn_cascade_start(&in, &d, p);
    in.now -= apr_time_from_sec(3600);
    qdn_cascade_next(&in, &d.next, &busy, QDN_REASON_BUSY, &next, p);
    assert_int_equal(next.left, w.line.budget);
    in.now += apr_time_from_sec(2 * 3600);
    qdn_cascade_next(&in, &d.next, &busy, QDN_REASON_BUSY, &next, p);
    assert_int_equal(next.left, 0);
    assert_int_equal(next.act, QDN_ACT_VOICEMAIL);
    apr_pool_destroy(p);
}

static void the_line_is_shown_where_the_caller_cannot_be(void **state)
{
    qdn_cascade_input_t in;
    qdn_decision_t d;
    apr_pool_t *p;
    world_t w;

    (void)state;
    apr_pool_create(&p, NULL);
    make_world(&w, 1, 0, p);
    w.line.callerid = QDN_CALLERID_CALLER;
    in = input_of(&w);
    qdn_cascade_start(&in, &d, p);
    assert_int_equal(APR_ARRAY_IDX(d.rung, 0, qdn_choice_t).callerid,
                     QDN_CALLERID_CALLER);
    in.caller = NULL;
    qdn_cascade_start(&in, &d, p);
    assert_int_equal(APR_ARRAY_IDX(d.rung, 0, qdn_choice_t).callerid,
                     QDN_CALLERID_LINE);
    apr_pool_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chosen_situations),
        cmocka_unit_test(a_rule_chooses_a_cascade),
        cmocka_unit_test(a_cascade_that_is_gone_is_the_lines_own),
        cmocka_unit_test(a_caller_is_not_rung_on_his_own_phone),
        cmocka_unit_test(a_declared_number_is_never_a_loop),
        cmocka_unit_test(a_clock_set_back_does_not_stretch_the_budget),
        cmocka_unit_test(the_line_is_shown_where_the_caller_cannot_be),
        cmocka_unit_test(every_sequence_of_outcomes),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
