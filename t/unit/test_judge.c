/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "judge_scene.h"

/* The order of judge.h, once more in plain words. */
static qdn_reason_e expected(const facts_t *f)
{
    return f->set == SET_AWAY || f->set == SET_LINE_AWAY
               ? QDN_REASON_STATUS_AWAY
           : f->talk == TALK_HERE || f->talk == TALK_ELSEWHERE
               ? QDN_REASON_ON_A_CALL
           : f->set == SET_HERE || f->set == SET_LINE_HERE
               ? QDN_REASON_AVAILABLE
           : f->hours == HOURS_CLOSED       ? QDN_REASON_OUTSIDE_HOURS
           : f->hours == HOURS_HOLIDAY      ? QDN_REASON_HOLIDAY
           : f->line_hours == HOURS_CLOSED  ? QDN_REASON_OUTSIDE_HOURS
           : f->line_hours == HOURS_HOLIDAY ? QDN_REASON_HOLIDAY
           : f->duty == FEED_NO             ? QDN_REASON_OFF_DUTY
           : f->calendar == FEED_NO         ? QDN_REASON_CALENDAR_BUSY
           : f->presence == FEED_NO         ? QDN_REASON_PRESENCE_AWAY
           : f->duty == FEED_UNKNOWN || f->calendar == FEED_UNKNOWN ||
                   f->presence == FEED_UNKNOWN
               ? QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE
               : QDN_REASON_AVAILABLE;
}

static void check_facts(const facts_t *f)
{
    const qdn_operator_t *op = scene_operator_with(f);
    qdn_reason_e want = expected(f);
    apr_time_t until;
    qdn_verdict_t v;

    scene_line->hours = scene_hours[f->line_hours];
    scene_line->holidays = scene_holidays;
    qdn_judge_operator(&scene_plan, op, scene_line, scene_known(), NOW, &v,
                       &until, scene_pool);
    if (v.reason != want) {
        fail_msg("set %d talk %d hours %d/%d duty %d calendar %d presence %d: "
                 "%s, not %s",
                 f->set, f->talk, f->hours, f->line_hours, f->duty, f->calendar,
                 f->presence, qdn_reason_text(v.reason), qdn_reason_text(want));
    }
    assert_ptr_equal(v.operator, op);
    assert_int_equal(v.available,
                     want == QDN_REASON_AVAILABLE ||
                         want == QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
    if (v.detail) {
        json_object *json = json_tokener_parse(v.detail);

        assert_non_null(json);
        json_object_put(json);
    }
    assert_true(until == 0 || until > NOW);
}

static void the_first_that_applies_decides(void **state)
{
    apr_pool_t *all = scene_pool;
    int i, n = 0;

    (void)state;
    for (i = 0; i < SET_MAX * TALK_MAX * HOURS_MAX * HOURS_MAX * FEED_MAX *
                        FEED_MAX * FEED_MAX;
         i++) {
        int rest = i;
        facts_t f;

        f.set = (set_e)(rest % SET_MAX), rest /= SET_MAX;
        f.talk = (talk_e)(rest % TALK_MAX), rest /= TALK_MAX;
        f.hours = (hours_e)(rest % HOURS_MAX), rest /= HOURS_MAX;
        f.line_hours = (hours_e)(rest % HOURS_MAX), rest /= HOURS_MAX;
        f.duty = (feed_e)(rest % FEED_MAX), rest /= FEED_MAX;
        f.calendar = (feed_e)(rest % FEED_MAX), rest /= FEED_MAX;
        f.presence = (feed_e)rest;
        apr_pool_create(&scene_pool, all);
        check_facts(&f);
        apr_pool_destroy(scene_pool);
        scene_pool = all;
        n++;
    }
    scene_line->hours = NULL;
    print_message("# %d combinations\n", n);
}

/* What stands at a name in the detail, as text; "" if nothing. */
static const char *told(const qdn_verdict_t *v, const char *name)
{
    json_object *json = v->detail ? json_tokener_parse(v->detail) : NULL;
    json_object *value;
    const char *text = "";

    if (json && json_object_object_get_ex(json, name, &value)) {
        text = apr_pstrdup(scene_pool, json_object_get_string(value));
    }
    json_object_put(json);
    return text;
}

/* Every detail names what decided, and when that ends. */
static void details_say_what_decided(void **state)
{
    /* clang-format off */
    static const struct {
        facts_t facts;
        const char *by, *name, *value;
        int until; /* seconds from now; 0: not told */
    } cases[] = {
        { { SET_AWAY, 0, 0, 0, 0, 0, 0 }, "status", "why", "lunch", 60 },
        { { SET_LINE_AWAY, 0, 0, 0, 0, 0, 0 }, "status", "line", LINE, 0 },
        { { SET_HERE, 0, 0, 0, 0, 0, 0 }, "status", "state", "available", 60 },
        { { 0, TALK_HERE, 0, 0, 0, 0, 0 }, "talk", "since", "1794999993", 0 },
        { { 0, TALK_ELSEWHERE, 0, 0, 0, 0, 0 }, "talk", "host", "host-b", 0 },
        { { 0, 0, HOURS_CLOSED, 0, 0, 0, 0 }, "hours", "of", "operator",
          255200 }, /* Saturday 10:00 */
        { { 0, 0, 0, HOURS_CLOSED, 0, 0, 0 }, "hours", "of", "line", 255200 },
        { { 0, 0, HOURS_HOLIDAY, 0, 0, 0, 0 }, "hours", "hours",
          "24/7; PH off", 46400 }, /* midnight */
        { { 0, 0, 0, 0, FEED_NO, 0, 0 }, "duty", "feed", "google:off", 7200 },
        { { 0, 0, 0, 0, 0, FEED_NO, 0 }, "calendar", "age", "42", 1800 },
        { { 0, 0, 0, 0, 0, FEED_NO, 0 }, "calendar", "title", "", 1800 },
        { { 0, 0, 0, 0, 0, 0, FEED_NO }, "presence", "word", "brb", 0 },
        { { 0, 0, 0, 0, 0, FEED_UNKNOWN, 0 }, "feed", "error", "HTTP 401", 0 },
        { { 0, 0, 0, 0, 0, FEED_UNKNOWN, 0 }, "feed", "age", "3601", 0 },
        { { 0, 0, 0, 0, 0, 0, FEED_UNKNOWN }, "feed", "kind", "presence", 0 },
        { { 0, 0, 0, 0, FEED_YES, FEED_YES, FEED_YES }, "", "age", "42", 0 },
        { { 0, 0, 0, 0, 0, 0, 0 }, "", "", "", 0 },
    };
    /* clang-format on */
    qdn_knowledge_t k = *scene_known();
    size_t i;

    (void)state;
    k.as_of = NOW; /* so that no answer becomes stale before */
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const qdn_operator_t *op = scene_operator_with(&cases[i].facts);
        const char *until = "";
        apr_time_t change;
        qdn_verdict_t v;

        scene_line->hours = scene_hours[cases[i].facts.line_hours];
        qdn_judge_operator(&scene_plan, op, scene_line, &k, NOW, &v, &change,
                           scene_pool);
        if (cases[i].until) {
            until =
                apr_ltoa(scene_pool, (long)apr_time_sec(NOW) + cases[i].until);
            assert_int_equal(change, NOW + SEC(cases[i].until));
        }
        assert_string_equal(told(&v, "by"), cases[i].by);
        assert_string_equal(told(&v, cases[i].name), cases[i].value);
        assert_string_equal(told(&v, "until"), until);
    }
    scene_line->hours = NULL;
}

static void titles_are_shown_only_if_asked_for(void **state)
{
    const facts_t busy = { .calendar = FEED_NO };
    const qdn_operator_t *op = scene_operator_with(&busy);
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    scene_plan.calendar_detail = 1;
    qdn_judge_operator(&scene_plan, op, scene_line, scene_known(), NOW, &v,
                       &change, scene_pool);
    scene_plan.calendar_detail = 0;
    assert_string_equal(told(&v, "title"), "Dentist");
    qdn_judge_operator(&scene_plan, op, scene_line, scene_known(), NOW, &v,
                       &change, scene_pool);
    assert_null(strstr(v.detail, "Dentist"));
}

/* Nothing that is not known lets anybody go unrung. */
static void what_is_not_known_is_assumed_available(void **state)
{
    qdn_knowledge_t nothing = { .snapshot = NULL };
    const facts_t all = { .duty = FEED_YES,
                          .calendar = FEED_NO,
                          .presence = FEED_NO };
    const facts_t none = { .set = SET_NONE };
    apr_time_t change;
    qdn_verdict_t v;
    int offset;

    (void)state;
    qdn_judge_operator(&scene_plan, scene_operator_with(&all), scene_line,
                       &nothing, NOW, &v, &change, scene_pool);
    assert_int_equal(v.reason, QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
    assert_string_equal(told(&v, "age"), "");
    qdn_judge_operator(&scene_plan, scene_operator_with(&none), scene_line,
                       &nothing, NOW, &v, &change, scene_pool);
    assert_int_equal(v.reason, QDN_REASON_AVAILABLE);
    assert_null(v.detail);
    /* Busy from -600 to +1800; stale 3558 from now, future -3642. */
    for (offset = -5000; offset < 5000; offset += 7) {
        const facts_t busy = { .calendar = FEED_NO };

        qdn_judge_operator(&scene_plan, scene_operator_with(&busy), scene_line,
                           scene_known(), NOW + SEC(offset), &v, &change,
                           scene_pool);
        assert_int_equal(v.reason, offset > 3558 || offset < -3642
                                       ? QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE
                                   : offset >= -600 && offset < 1800
                                       ? QDN_REASON_CALENDAR_BUSY
                                       : QDN_REASON_AVAILABLE);
    }
}

/* Ages count from when it is; what is asked about lies in the window. */
static void another_moment_is_judged_by_todays_answers(void **state)
{
    qdn_knowledge_t k = *scene_known();
    const facts_t busy = { .calendar = FEED_YES };
    const facts_t gone = { .presence = FEED_NO };
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    k.as_of = NOW;
    qdn_judge_operator(&scene_plan, scene_operator_with(&busy), scene_line, &k,
                       NOW + SEC(8000), &v, &change, scene_pool);
    assert_int_equal(v.reason, QDN_REASON_CALENDAR_BUSY);
    assert_int_equal(change, NOW + SEC(9000));
    qdn_judge_operator(&scene_plan, scene_operator_with(&busy), scene_line, &k,
                       NOW + SEC(86401), &v, &change, scene_pool);
    assert_int_equal(v.reason, QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
    qdn_judge_operator(&scene_plan, scene_operator_with(&gone), scene_line, &k,
                       NOW + SEC(86401), &v, &change, scene_pool);
    assert_int_equal(v.reason, QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
}

/* Nobody knows how long people talk: it counts while a call may ring. */
static void talks_count_at_present_only(void **state)
{
    static const talk_e where[] = { TALK_HERE, TALK_ELSEWHERE };
    qdn_knowledge_t k = *scene_known();
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    k.as_of = NOW;
    for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
        const facts_t f = { .talk = where[i] };
        const qdn_operator_t *op = scene_operator_with(&f);

        qdn_judge_operator(&scene_plan, op, scene_line, &k, NOW, &v, &change,
                           scene_pool);
        assert_int_equal(v.reason, QDN_REASON_ON_A_CALL);
        assert_int_equal(change, NOW + QDN_JUDGE_TALK);
        qdn_judge_operator(&scene_plan, op, scene_line, &k, change - 1, &v,
                           &change, scene_pool);
        assert_int_equal(v.reason, QDN_REASON_ON_A_CALL);
        assert_int_equal(change, NOW + QDN_JUDGE_TALK);
        qdn_judge_operator(&scene_plan, op, scene_line, &k, change, &v, &change,
                           scene_pool);
        assert_int_equal(v.reason, QDN_REASON_AVAILABLE);
        qdn_judge_operator(&scene_plan, op, scene_line, &k, NOW - 1, &v,
                           &change, scene_pool);
        assert_int_equal(v.reason, QDN_REASON_AVAILABLE);
    }
}

static void verdicts_are_told_from_other_reasons(void **state)
{
    static const qdn_reason_e verdicts[] = {
        QDN_REASON_AVAILABLE,     QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE,
        QDN_REASON_STATUS_AWAY,   QDN_REASON_ON_A_CALL,
        QDN_REASON_OUTSIDE_HOURS, QDN_REASON_HOLIDAY,
        QDN_REASON_OFF_DUTY,      QDN_REASON_CALENDAR_BUSY,
        QDN_REASON_PRESENCE_AWAY,
    };

    (void)state;
    for (int reason = 0; reason <= QDN_REASON_MAX; reason++) {
        int one = 0;

        for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
            one |= verdicts[i] == (qdn_reason_e)reason;
        }
        assert_int_equal(qdn_judge_gives((qdn_reason_e)reason), one);
    }
}

static void supposed_standings_count_instead(void **state)
{
    apr_array_header_t *supposed =
        apr_array_make(scene_pool, 1, sizeof(qdn_standing_t));
    const facts_t away = { .set = SET_AWAY };
    const qdn_operator_t *op = scene_operator_with(&away);
    qdn_knowledge_t k = *scene_known();
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    k.standings = supposed;
    qdn_judge_operator(&scene_plan, op, scene_line, &k, NOW, &v, &change,
                       scene_pool);
    assert_int_equal(v.reason, QDN_REASON_AVAILABLE);
    APR_ARRAY_PUSH(supposed, qdn_standing_t) =
        (qdn_standing_t){ .operator= op->id, .state = QDN_STANDING_AWAY };
    qdn_judge_operator(&scene_plan, op, scene_line, &k, NOW, &v, &change,
                       scene_pool);
    assert_int_equal(v.reason, QDN_REASON_STATUS_AWAY);
}

/* Going from change to change sees every change that going by minute sees. */
static void changes_are_foretold(void **state)
{
    static const facts_t some[] = {
        { .calendar = FEED_YES, .hours = HOURS_CLOSED },
        { .calendar = FEED_NO, .duty = FEED_NO },
        { .calendar = FEED_NO, .hours = HOURS_HOLIDAY },
        { .set = SET_AWAY, .duty = FEED_YES },
        { .set = SET_LINE_HERE, .calendar = FEED_NO },
        { .talk = TALK_ELSEWHERE, .duty = FEED_YES, .calendar = FEED_YES },
    };
    qdn_knowledge_t k = *scene_known();
    size_t i;

    (void)state;
    k.as_of = NOW;
    for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        const qdn_operator_t *op = scene_operator_with(&some[i]);
        apr_time_t t, change = 0, ignored;
        qdn_reason_e reason = QDN_REASON_NONE;

        for (t = NOW; t < NOW + SEC(4 * 86400); t += SEC(10)) {
            qdn_verdict_t v;

            if (t == NOW || (change && t >= change)) {
                qdn_judge_operator(&scene_plan, op, scene_line, &k, t, &v,
                                   &change, scene_pool);
                reason = v.reason;
            }
            qdn_judge_operator(&scene_plan, op, scene_line, &k, t, &v, &ignored,
                               scene_pool);
            if (v.reason != reason && t < NOW + SEC(86400)) {
                fail_msg("case %d: %s, not %s, after %d s", (int)i,
                         qdn_reason_text(v.reason), qdn_reason_text(reason),
                         (int)apr_time_sec(t - NOW));
            }
        }
    }
}

static void meetings_one_after_another_are_one_absence(void **state)
{
    static const qdn_span_t next[] = {
        { NOW + SEC(1800), NOW + SEC(3000), "" },
    };
    static const qdn_span_t then[] = {
        { NOW + SEC(2900), NOW + SEC(3300), "" },
    };
    apr_array_header_t *three =
        apr_array_copy(scene_pool, scene_calendars[FEED_NO]);
    const facts_t none = { .set = SET_NONE };
    qdn_operator_t *op = scene_operator_with(&none);
    qdn_finding_t f = scene_good();
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    f.spans = then;
    f.nspans = 1;
    APR_ARRAY_PUSH(three, const qdn_feed_t *) =
        scene_add_feed(QDN_FEED_CALENDAR, "then", &f);
    f.spans = next;
    APR_ARRAY_PUSH(three, const qdn_feed_t *) =
        scene_add_feed(QDN_FEED_CALENDAR, "next", &f);
    assert_int_equal(scene_write_snapshot(), 0);
    op->calendars = three;
    qdn_judge_operator(&scene_plan, op, scene_line, scene_known(), NOW, &v,
                       &change, scene_pool);
    assert_int_equal(v.reason, QDN_REASON_CALENDAR_BUSY);
    assert_int_equal(change, NOW + SEC(3300));
}

static void lists_of_holidays_are_united(void **state)
{
    static const int more[] = { 20261117, 20261118, 20261119 };
    const facts_t facts = { .hours = HOURS_HOLIDAY };
    qdn_operator_t *op = scene_operator_with(&facts);
    apr_array_header_t *lists = apr_array_copy(scene_pool, scene_holidays);
    qdn_finding_t f = scene_good();
    qdn_knowledge_t k;
    int day;

    (void)state;
    f.days = (qdn_days_t){ more, 3 };
    APR_ARRAY_PUSH(lists, const qdn_feed_t *) =
        scene_add_feed(QDN_FEED_HOLIDAYS, "more", &f);
    assert_int_equal(scene_write_snapshot(), 0);
    op->holidays = lists;
    k = *scene_known();
    k.as_of = NOW;
    for (day = -2; day <= 2; day++) {
        apr_time_t change;
        qdn_verdict_t v;

        qdn_judge_operator(&scene_plan, op, scene_line, &k,
                           NOW + SEC(day * 86400), &v, &change, scene_pool);
        assert_int_equal(v.reason, day < -1 || day > 1 ? QDN_REASON_AVAILABLE
                                                       : QDN_REASON_HOLIDAY);
    }
}

static void add_hop(qdn_operator_t *first, qdn_operator_t *second)
{
    qdn_hop_t *hop = apr_pcalloc(scene_pool, sizeof(*hop));
    qdn_operator_t *ops[] = { first, second };
    int i;

    hop->phones = apr_array_make(scene_pool, 2, sizeof(qdn_phone_t *));
    for (i = 0; i < 2; i++) {
        qdn_phone_t *phone = apr_pcalloc(scene_pool, sizeof(*phone));

        phone->operator= ops[i];
        APR_ARRAY_PUSH(hop->phones, const qdn_phone_t *) = phone;
    }
    APR_ARRAY_PUSH(scene_line->hops, qdn_hop_t *) = hop;
}

static void each_operator_of_a_line_is_judged_once(void **state)
{
    const facts_t busy = { .calendar = FEED_NO };
    const facts_t none = { .set = SET_NONE };
    qdn_operator_t *a = scene_operator_with(&none),
                   *b = scene_operator_with(&none);
    qdn_operator_t *c = scene_operator_with(&busy);
    qdn_cascade_t cascade = { .name = "other" };
    apr_array_header_t *verdicts;

    (void)state;
    add_hop(a, b);
    add_hop(b, a);
    cascade.hops = apr_array_copy(scene_pool, scene_line->hops);
    qdn_judge_line(&scene_plan, scene_line, NULL, scene_known(), NOW, &verdicts,
                   scene_pool);
    assert_null(verdicts);
    add_hop(a, c);
    qdn_judge_line(&scene_plan, scene_line, NULL, scene_known(), NOW, &verdicts,
                   scene_pool);
    assert_non_null(verdicts);
    assert_int_equal(verdicts->nelts, 3);
    assert_ptr_equal(APR_ARRAY_IDX(verdicts, 2, qdn_verdict_t).operator, c);
    assert_int_equal(APR_ARRAY_IDX(verdicts, 2, qdn_verdict_t).reason,
                     QDN_REASON_CALENDAR_BUSY);
    qdn_judge_line(&scene_plan, scene_line, &cascade, scene_known(), NOW,
                   &verdicts, scene_pool);
    assert_null(verdicts);
}

/* The cascade's callback comes to the same as the question about the line. */
static void one_asked_alone_is_judged_alike(void **state)
{
    const facts_t busy = { .calendar = FEED_NO };
    qdn_operator_t *op = scene_operator_with(&busy);
    qdn_judge_t judge = { .plan = &scene_plan,
                          .line = scene_line,
                          .known = *scene_known(),
                          .now = NOW,
                          .p = scene_pool };
    apr_array_header_t *verdicts;
    qdn_verdict_t verdict;

    (void)state;
    add_hop(op, op);
    qdn_judge_line(&scene_plan, scene_line, NULL, scene_known(), NOW, &verdicts,
                   scene_pool);
    qdn_judge_ask(&judge, op, &verdict);
    assert_int_equal(verdict.reason, QDN_REASON_CALENDAR_BUSY);
    assert_string_equal(verdict.detail,
                        APR_ARRAY_IDX(verdicts, 0, qdn_verdict_t).detail);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_that_applies_decides),
        TEST(details_say_what_decided),
        TEST(titles_are_shown_only_if_asked_for),
        TEST(what_is_not_known_is_assumed_available),
        TEST(another_moment_is_judged_by_todays_answers),
        TEST(talks_count_at_present_only),
        TEST(verdicts_are_told_from_other_reasons),
        TEST(supposed_standings_count_instead),
        TEST(changes_are_foretold),
        TEST(meetings_one_after_another_are_one_absence),
        TEST(lists_of_holidays_are_united),
        TEST(each_operator_of_a_line_is_judged_once),
        TEST(one_asked_alone_is_judged_alike),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
