/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"
#include <json-c/json.h>
#include <stdlib.h>
#include "clock.h"
#include "now.h"
#include "sources.h"
#include "text.h"
#include "zone.h"

#define ZONE   "QDNTimezone America/Los_Angeles\n"
#define OFFICE "QDNHours \"Mo-Fr 08:00-18:00\"\n"
#define ANA(x)                                                                 \
    "<QDNOperator ana>\nQDNName \"Ana\"\nQDNPhone mobile +16195550103\n" x     \
    "</QDNOperator>\n"
#define SECOND apr_time_from_sec(1)

static apr_array_header_t *standings; /* set by hand */
static qdn_engaged_cb *engaged;       /* NULL: nobody talks */
static int feeds_too;                 /* 1: every feed is failing */

static int fresh(void **state)
{
    int rv = setup(state);

    standings = apr_array_make(pool, 2, sizeof(qdn_standing_t));
    engaged = NULL;
    feeds_too = 0;
    return rv;
}
#define NOW_TEST(f) cmocka_unit_test_setup_teardown(f, fresh, teardown)

/* Rules match as their expressions say: "yes". */
static int match(void *baton, const qdn_rule_t *rule,
                 const qdn_subject_t *subject)
{
    (void)baton;
    (void)subject;
    return !strcmp(rule->expr, "yes");
}

/* "2026-11-20 12:00" in Los Angeles; that is a Friday. */
static apr_time_t moment(const char *s)
{
    qdn_local_t t = { .year = atoi(s),
                      .month = atoi(s + 5),
                      .day = atoi(s + 8),
                      .hour = atoi(s + 11),
                      .minute = atoi(s + 14) };
    const qdn_zone_t *zone;

    assert_null(qdn_zone_load(&zone, "America/Los_Angeles", pool));
    return qdn_zone_at(zone, &t);
}

static const char *tell(const qdn_plan_t *plan, apr_time_t at)
{
    const qdn_knowledge_t known = { .as_of = at,
                                    .standings = standings,
                                    .engaged = engaged };
    qdn_now_t now = {
        .f = { .plan = plan, .knowledge = &known, .rule = match, .now = at },
        .host = "h1",
        .standings = standings
    };

    if (feeds_too) {
        apr_array_header_t *feeds = apr_array_make(pool, plan->feeds->nelts + 1,
                                                   sizeof(qdn_sources_feed_t));

        for (int i = 0; i < plan->feeds->nelts; i++) {
            APR_ARRAY_PUSH(feeds, qdn_sources_feed_t) =
                (qdn_sources_feed_t){ .feed = APR_ARRAY_IDX(plan->feeds, i,
                                                            const qdn_feed_t *),
                                      .state = QDN_SOURCES_FAILING,
                                      .good_at = at - 42 * SECOND,
                                      .error = "401" };
        }
        now.feeds = feeds;
    }
    return qdn_now_tell(&now, pool);
}

static json_object *ask(const char *conf, const char *at)
{
    const char *text = tell(plan_of(conf), moment(at));
    json_object *said = json_tokener_parse(text);

    if (!said || strchr(text, '\n')) {
        fail_msg("no JSON line: %s", text);
    }
    return said;
}

/* A member behind a path of names and indexes: "lines/0/end/act". */
static json_object *at(json_object *said, const char *path)
{
    char *rest, *step = apr_strtok(apr_pstrdup(pool, path), "/", &rest);

    for (; step; step = apr_strtok(NULL, "/", &rest)) {
        json_object *next = NULL;

        if (*step >= '0' && *step <= '9') {
            next = json_object_array_get_idx(said, (size_t)atoi(step));
        }
        else if (!json_object_object_get_ex(said, step, &next)) {
            fail_msg("no %s of %s in %s", step, path,
                     json_object_to_json_string(said));
        }
        said = next;
    }
    return said;
}

static const char *text_at(json_object *said, const char *path)
{
    const char *text = json_object_get_string(at(said, path));

    return text ? text : "null";
}

/* "1 -sergio/primary:status-away 2 +ana/mobile:available" of the first line */
static const char *steps_of(json_object *said)
{
    json_object *steps = at(said, "lines/0/steps");
    qdn_text_t t;

    qdn_text_init(&t, 128, pool);
    for (size_t i = 0; i < json_object_array_length(steps); i++) {
        json_object *s = json_object_array_get_idx(steps, i);

        qdn_text_addf(&t, "%s%s %s%s/%s:%s", i ? " " : "", text_at(s, "hop"),
                      json_object_get_boolean(at(s, "rung")) ? "+" : "-",
                      text_at(s, "operator"), text_at(s, "phone"),
                      text_at(s, "reason"));
    }
    return t.buf;
}

static void stand(qdn_standing_t one)
{
    APR_ARRAY_PUSH(standings, qdn_standing_t) = one;
}

static void test_all_are_rung(void **state)
{
    json_object *said = ask(ZONE HOUSE LINE(HOPS), "2026-11-20 12:00");

    (void)state;
    assert_string_equal(
        steps_of(said),
        "1 +sergio/primary:available 2 +sergio/backup:available");
    assert_string_equal(text_at(said, "lines/0/zone"), "America/Los_Angeles");
    assert_string_equal(text_at(said, "lines/0/rule"), "null");
    assert_string_equal(text_at(said, "lines/0/steps/0/ring"), "20");
    assert_string_equal(text_at(said, "lines/0/steps/0/sentence"),
                        "sergio is rung for 20 seconds: available");
    assert_string_equal(text_at(said, "lines/0/end/act"), "voicemail");
    assert_string_equal(text_at(said, "operators/0/reason"), "available");
    assert_string_equal(text_at(said, "operators/0/standing"), "null");
    assert_string_equal(text_at(said, "operators/0/talking"), "false");
    /* Friday noon: the next working day is Monday, 08:00. */
    assert_int_equal(
        json_object_get_int64(at(said, "operators/0/suggested_until")),
        moment("2026-11-23 08:00"));
    json_object_put(said);
}

static void test_set_by_hand(void **state)
{
    apr_time_t set = moment("2026-11-20 11:00");
    apr_time_t end = moment("2026-11-20 14:30");
    json_object *said;

    (void)state;
    stand((qdn_standing_t){ .operator= "sergio",
                            .state = QDN_STANDING_AWAY,
                            .at = set,
                            .until = end,
                            .who = "ana",
                            .why = "lunch \"out\"" });
    said = ask(ZONE HOUSE ANA("") LINE(HOPS "QDNHop ana/mobile\n"),
               "2026-11-20 12:00");
    assert_string_equal(steps_of(said), "1 -sergio/primary:status-away "
                                        "2 -sergio/backup:status-away "
                                        "3 +ana/mobile:available");
    assert_string_equal(text_at(said, "lines/0/steps/0/sentence"),
                        "sergio is skipped: away until 14:30 PST, set by "
                        "ana: lunch \"out\"");
    assert_string_equal(text_at(said, "lines/0/steps/0/ring"), "null");
    assert_int_equal(json_object_get_int64(at(said, "lines/0/steps/0/since")),
                     set);
    assert_int_equal(json_object_get_int64(at(said, "lines/0/steps/0/until")),
                     end);
    assert_string_equal(text_at(said, "lines/0/steps/0/who"), "ana");
    assert_string_equal(text_at(said, "lines/0/steps/2/who"), "null");
    assert_string_equal(text_at(said, "operators/0/available"), "false");
    assert_string_equal(text_at(said, "operators/0/standing/state"), "away");
    assert_int_equal(
        json_object_get_int64(at(said, "operators/0/standing/until")), end);
    assert_int_equal(json_object_get_int64(at(said, "operators/0/standing/at")),
                     set);
    assert_int_equal(
        json_object_array_length(at(said, "operators/0/standings")), 1);
    assert_int_equal(
        json_object_array_length(at(said, "operators/1/standings")), 0);
    json_object_put(said);
}

/* For one line, and over by now: listed, and not. */
static void test_standing_of_one_line(void **state)
{
    json_object *said;

    (void)state;
    stand((qdn_standing_t){ .operator= "sergio",
                            .line = "+16195550100",
                            .state = QDN_STANDING_AWAY,
                            .at = moment("2026-11-20 11:00"),
                            .who = "root@h1",
                            .why = "no" });
    stand((qdn_standing_t){ .operator= "sergio",
                            .state = QDN_STANDING_AWAY,
                            .at = moment("2026-11-20 09:00"),
                            .until = moment("2026-11-20 10:00"),
                            .who = "root@h1",
                            .why = "over" });
    said = ask(ZONE HOUSE LINE(HOPS), "2026-11-20 12:00");
    assert_string_equal(steps_of(said), "1 -sergio/primary:status-away "
                                        "2 -sergio/backup:status-away");
    assert_string_equal(text_at(said, "operators/0/available"), "true");
    assert_string_equal(text_at(said, "operators/0/standing"), "null");
    assert_string_equal(text_at(said, "operators/0/standings/0/line"),
                        "+16195550100");
    assert_string_equal(text_at(said, "operators/0/standings/0/until"), "null");
    assert_int_equal(
        json_object_array_length(at(said, "operators/0/standings")), 1);
    json_object_put(said);
}

static int sergio_talks(void *baton, const qdn_operator_t *op, apr_time_t now,
                        apr_time_t *psince)
{
    (void)baton;
    *psince = now - 60 * SECOND;
    return !strcmp(op->id, "sergio");
}

static void test_on_a_call(void **state)
{
    json_object *said;

    (void)state;
    engaged = sergio_talks;
    said = ask(ZONE HOUSE ANA("") LINE(HOPS "QDNHop ana/mobile\n"),
               "2026-11-20 12:00");
    /* Also of the second hop, twenty seconds later: it is as of now. */
    assert_string_equal(steps_of(said), "1 -sergio/primary:on-a-call "
                                        "2 -sergio/backup:on-a-call "
                                        "3 +ana/mobile:available");
    assert_string_equal(text_at(said, "lines/0/steps/0/sentence"),
                        "sergio is skipped: on another call since 11:59 PST");
    assert_string_equal(text_at(said, "lines/0/steps/0/until"), "null");
    assert_string_equal(text_at(said, "operators/0/talking"), "true");
    assert_string_equal(text_at(said, "operators/1/talking"), "false");
    json_object_put(said);
}

static void test_hours_tell_until(void **state)
{
    json_object *said;

    (void)state;
    said = ask(ZONE SERVER SERGIO(OFFICE) LINE(HOPS), "2026-11-20 12:00");
    assert_int_equal(json_object_get_int64(at(said, "operators/0/until")),
                     moment("2026-11-20 18:00"));
    json_object_put(said);
    said = ask(ZONE SERVER SERGIO(OFFICE) LINE(HOPS), "2026-11-21 12:00");
    assert_string_equal(steps_of(said), "1 -sergio/primary:outside-hours "
                                        "2 -sergio/backup:outside-hours");
    assert_string_equal(text_at(said, "lines/0/steps/0/sentence"),
                        "sergio is skipped: outside the hours of the person "
                        "(Mo-Fr 08:00-18:00) until 2026-11-23 08:00 PST");
    json_object_put(said);
}

static void test_rules(void **state)
{
    static const struct {
        const char *rule, *steps, *act;
    } cases[] = {
        { "QDNRule reject \"yes\"\n", "", "reject" },
        { "QDNRule busy \"yes\"\n", "", "busy" },
        { "QDNRule voicemail \"yes\"\n", "", "voicemail" },
        { "QDNRule challenge \"yes\"\n",
          "1 +sergio/primary:available 2 +sergio/backup:available",
          "challenge" },
        { "QDNVoicemail off\nQDNRule reject \"no\"\n",
          "1 +sergio/primary:available 2 +sergio/backup:available", "goodbye" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *line =
            apr_pstrcat(pool, ZONE HOUSE "<QDNLine +16195550100>\n" HOPS,
                        cases[i].rule, "</QDNLine>\n", NULL);
        json_object *said = ask(line, "2026-11-20 12:00");

        assert_string_equal(steps_of(said), cases[i].steps);
        assert_string_equal(text_at(said, "lines/0/end/act"), cases[i].act);
        assert_true(*text_at(said, "lines/0/end/sentence"));
        if (strstr(cases[i].rule, "yes")) {
            assert_string_equal(text_at(said, "lines/0/rule/number"), "1");
            assert_string_equal(text_at(said, "lines/0/rule/expr"), "yes");
        }
        json_object_put(said);
    }
}

static void test_feeds(void **state)
{
    json_object *said;

    (void)state;
    feeds_too = 1;
    said = ask(ZONE SERVER SERGIO(
                   "QDNCalendar ics:https://calendar.example.com/secret.ics\n")
                   LINE(HOPS),
               "2026-11-20 12:00");
    assert_string_equal(text_at(said, "operators/0/feeds/0/name"),
                        "ics:calendar.example.com");
    assert_string_equal(text_at(said, "operators/0/feeds/0/kind"), "calendar");
    assert_string_equal(text_at(said, "operators/0/feeds/0/state"), "failing");
    assert_string_equal(text_at(said, "operators/0/feeds/0/age"), "42");
    assert_string_equal(text_at(said, "operators/0/feeds/0/error"), "401");
    assert_string_equal(text_at(said, "operators/0/reason"),
                        "unknown-assumed-available");
    json_object_put(said);
}

/* A hundred people with hours on ten lines: asked every few seconds. */
static void test_quick(void **state)
{
    apr_time_t now = moment("2026-11-20 12:00"), began, best = 0;
    qdn_text_t conf;
    qdn_plan_t *plan;

    (void)state;
    qdn_text_init(&conf, 65536, pool);
    qdn_text_add(&conf, ZONE SERVER);
    for (int i = 0; i < 100; i++) {
        qdn_text_addf(&conf,
                      "<QDNOperator o%d>\nQDNPhone p +1%d55501%02d\n"
                      "QDNHours \"Mo-Fr 08:00-12:00,13:00-18:00; Sa 09:00-12:00"
                      "\"\n</QDNOperator>\n",
                      i, 619, i);
    }
    for (int l = 0; l < 10; l++) {
        qdn_text_addf(&conf, "<QDNLine +1858555010%d>\n" OFFICE, l);
        for (int i = 0; i < 100; i++) {
            qdn_text_addf(&conf, "QDNHop o%d/p\n", i);
        }
        qdn_text_add(&conf, "</QDNLine>\n");
    }
    for (int i = 0; i < 100; i += 2) {
        stand((qdn_standing_t){ .operator= apr_psprintf(pool, "o%d", i),
                                .state = QDN_STANDING_AWAY,
                                .at = now,
                                .who = "ana",
                                .why = "out" });
    }
    plan = plan_of(conf.buf);
    for (int i = 0; i < 5; i++) {
        began = qdn_clock_mono();
        assert_non_null(tell(plan, now));
        began = qdn_clock_mono() - began;
        best = best && best < began ? best : began;
    }
    print_message("# %" APR_TIME_T_FMT " us\n", best);
    /* 20 ms; ten times that under a sanitizer, on a loaded machine. */
    assert_true(best < apr_time_from_msec(200));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOW_TEST(test_all_are_rung),
        NOW_TEST(test_set_by_hand),
        NOW_TEST(test_standing_of_one_line),
        NOW_TEST(test_on_a_call),
        NOW_TEST(test_hours_tell_until),
        NOW_TEST(test_rules),
        NOW_TEST(test_feeds),
        NOW_TEST(test_quick),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("now", tests, NULL, NULL);
}
