/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <ctype.h>

#include "sentence.h"

/* 2026-11-22 14:30 PST */
#define NOW APR_TIME_C(1795386600000000)
#define PLAN                                                                   \
    SERVER "QDNTimeZone America/Los_Angeles\n"                                 \
           "<QDNOperator sergio>\nQDNName Sergio\n"                            \
           "QDNPhone primary +16195550101\n</QDNOperator>\n"                   \
           "<QDNOperator ana>\nQDNName \"Ana \\\"A.\\\" <b>\"\n"               \
           "QDNTimeZone Europe/Berlin\n"                                       \
           "QDNPhone mobile +16195550103\n</QDNOperator>\n" LINE(              \
               "QDNName Front\nQDNHop sergio/primary\n")

typedef struct case_t {
    const char *kind, *reason;
    const char *operator, * line;
    const char *detail;
    const char *expected;
} case_t;

static const char *say(const case_t *c, const qdn_plan_t *plan)
{
    const qdn_calls_event_t e = { .at = NOW,
                                  .kind = c->kind,
                                  .reason = c->reason,
                                  .operator= c->operator,
                                  .line = c->line,
                                  .detail = c->detail,
                                  .config = "0123456789ab" };

    return qdn_sentence_event(&e, plan, pool);
}

#define KNOWN(x) "{\"left\":110,\"availability\":{" x "}}"
#define L        "+16195550100"

static const case_t cases[] = {
    { "call.received", "", NULL, L,
      "{\"from\":\"+16195550150\",\"caller_kind\":\"number\"}",
      "A call came in for Front from +16195550150" },
    { "call.received", "", NULL, "+16195550199",
      "{\"from\":\"anonymous\",\"caller_kind\":\"withheld\","
      "\"forwarded_from\":\"+16195550101\"}",
      "A call came in for +16195550199 from a withheld number, forwarded by "
      "+16195550101" },
    { "call.received", NULL, NULL, NULL, NULL, "A call came in" },
    { "call.fallback", "", NULL, L, "{\"error_code\":\"11200\"}",
      "Twilio could not go on with the call (its error 11200)" },
    { "hop.skipped", "calendar-busy", "sergio", L,
      KNOWN("\"by\":\"calendar\",\"feed\":\"google:x\",\"age\":40,"
            "\"until\":1795390200"),
      "Sergio was skipped: in a meeting until 15:30 PST (calendar, 40 s old)" },
    { "hop.skipped", "calendar-busy", "sergio", L,
      KNOWN("\"by\":\"calendar\",\"age\":0,\"title\":\"{NAME} [x] \\\"<i>\""),
      "Sergio was skipped: in a meeting (calendar, 0 s old): {NAME} [x] "
      "\"<i>" },
    { "hop.skipped", "status-away", "ana", L,
      KNOWN("\"by\":\"status\",\"who\":\"ana\",\"why\":\"lunch\\n\","
            "\"until\":1795453200"),
      "Ana \"A.\" <b> was skipped: away until 2026-11-23 09:00 PST, set by "
      "ana: lunch\n" },
    { "hop.skipped", "outside-hours", "sergio", L,
      KNOWN("\"by\":\"hours\",\"of\":\"operator\",\"hours\":\"Mo-Fr 9-17\""),
      "Sergio was skipped: outside the hours of the person (Mo-Fr 9-17)" },
    { "hop.skipped", "outside-hours", "sergio", L,
      KNOWN("\"by\":\"hours\",\"of\":\"line\""),
      "Sergio was skipped: outside the hours of the number" },
    { "hop.skipped", "presence-away", "sergio", L,
      KNOWN("\"by\":\"presence\",\"word\":\"dnd\",\"age\":3"),
      "Sergio was skipped: away by presence, which says dnd (asked 3 s ago)" },
    { "hop.skipped", "on-a-call", "sergio", L,
      KNOWN("\"by\":\"talk\",\"host\":\"a\",\"since\":1795386000"),
      "Sergio was skipped: on another call since 14:20 PST" },
    { "hop.dialled", "available", "sergio", L, "{\"ring\":20}",
      "Sergio was rung for up to 20 seconds: available" },
    { "hop.dialled", "unknown-assumed-available", "sergio", L,
      "{\"ring\":20,\"availability\":{\"by\":\"feed\",\"feed\":\"ics:a.b\","
      "\"kind\":\"duty\",\"error\":\"timeout\"}}",
      "Sergio was rung for up to 20 seconds: counted as available, because "
      "the roster ics:a.b does not tell: timeout" },
    { "hop.ended", "no-key", "sergio", L, NULL,
      "Sergio's mailbox answered, nobody pressed 1" },
    { "hop.ended", "no-key", NULL, L, NULL,
      "A mailbox answered, nobody pressed 1" },
    { "hop.ended", "caller-gone", "sergio", L, NULL,
      "The caller hung up while Sergio's phone rang" },
    { "hop.anomaly", "connected", "sergio", L, NULL,
      "What is known of how Sergio's ringing ended contradicts itself; it is "
      "taken as: the caller was talked with" },
    { "leg.ended", "", "bo", L, "{\"seconds\":7}",
      "The connection to bo's phone ended after 7 seconds" },
    { "call.rejected", "rule", NULL, L, "{\"rule\":2}",
      "The call was refused by a rule (number 2)" },
    { "call.rejected", "loop", NULL, L, "{\"operator\":\"sergio\"}",
      "The call was refused: it is our own, forwarded back by Sergio" },
    { "voicemail.offered", "loop", NULL, L, NULL,
      "The caller was asked to leave a message: our own forwarding came back" },
    { "status.changed", "", "sergio", NULL,
      "{\"state\":\"away\",\"until\":1795390200,\"who\":\"ana\","
      "\"was\":\"available\",\"why\":\"lunch\"}",
      "Sergio's status was set to away by ana until 15:30 PST, was "
      "available: lunch" },
    { "status.changed", "", "ana", NULL,
      "{\"state\":\"away\",\"until\":1795390200}",
      "Ana \"A.\" <b>'s status was set to away until 2026-11-23 00:30 CET" },
    { "status.changed", "", "sergio", L,
      "{\"state\":\"auto\",\"who\":\"ana\",\"was\":\"away\"}",
      "Sergio's status follows calendars and hours again for Front, says "
      "ana, was away" },
    { "status.changed", "", "sergio", NULL,
      "{\"state\":\"available\",\"was\":\"auto\",\"who\":null,"
      "\"why\":null}",
      "Sergio's status was set to available, was automatic" },
    { "feed.failed", "", NULL, NULL,
      "{\"feed\":\"ics:a.b\",\"kind\":\"calendar\",\"error\":\"404\"}",
      "The calendar ics:a.b cannot be read: 404" },
    { "config.loaded", "", NULL, NULL, "{\"lines\":2,\"operators\":3}",
      "Configuration 0123456789ab came into force: 2 numbers, 3 people" },
    /* What a later version wrote. */
    { "fax.sent", "", NULL, NULL, NULL, "fax.sent" },
    { "fax.sent", "no-paper", NULL, NULL, NULL, "fax.sent: no-paper" },
    { "hop.skipped", "asleep", "sergio", L, NULL,
      "Sergio was skipped: asleep" },
    { "hop.skipped", "", NULL, NULL, "no json",
      "Somebody was skipped: for no reason that is known" },
};

static void test_sentences(void **state)
{
    const qdn_plan_t *plan = plan_of(PLAN);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_string_equal(say(&cases[i], plan), cases[i].expected);
    }
}

/* A whole sentence: begins like one, and no code or form shows through. */
static void look_at(const char *text, const case_t *c)
{
    if (!isupper((unsigned char)*text) || strlen(text) < 12 ||
        strpbrk(text, "{}[]_@") || strstr(text, "  ") ||
        strstr(text, "(null)") || strstr(text, c->kind) ||
        strchr(" :,", text[strlen(text) - 1]) ||
        (strchr(c->reason, '-') && strstr(text, c->reason))) {
        fail_msg("%s %s: '%s'", c->kind, c->reason, text);
    }
}

static void test_all_that_can_happen(void **state)
{
    static const char *const details[] = {
        NULL,
        "{}",
        "{\"from\":\"+16195550150\",\"rule\":2,\"ring\":20,\"seconds\":3,"
        "\"state\":\"away\",\"who\":\"ana\",\"why\":\"lunch\",\"until\":9,"
        "\"availability\":{\"by\":\"calendar\",\"age\":4,\"until\":99}}",
    };
    const qdn_plan_t *plan = plan_of(PLAN);

    (void)state;
    for (int k = 0; k < QDN_KIND_MAX; k++) {
        for (int r = 0; r < QDN_REASON_MAX; r++) {
            for (int d = 0; d < 6; d++) {
                const case_t c = { .kind = qdn_event_kind_text((qdn_kind_e)k),
                                   .reason = qdn_reason_text((qdn_reason_e)r),
                                   .operator= d % 2 ? "sergio" : NULL,
                                   .line = d % 2 ? L : NULL,
                                   .detail = details[d / 2] };

                look_at(say(&c, plan), &c);
            }
        }
    }
}

/* Two reasons of a kind that has reasons are told apart. */
static void test_reasons_differ(void **state)
{
    static const struct {
        const char *kind;
        qdn_reason_e from, to;
    } spans[] = {
        { "hop.skipped", QDN_REASON_AVAILABLE, QDN_REASON_CALLER_GONE },
        { "hop.dialled", QDN_REASON_AVAILABLE, QDN_REASON_CALLER_GONE },
        { "hop.ended", QDN_REASON_CONNECTED, QDN_REASON_CALLER_GONE },
        { "hop.anomaly", QDN_REASON_CONNECTED, QDN_REASON_CALLER_GONE },
    };
    const qdn_plan_t *plan = plan_of(PLAN);

    (void)state;
    for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
        for (int a = (int)spans[i].from; a <= (int)spans[i].to; a++) {
            for (int b = a + 1; b <= (int)spans[i].to; b++) {
                const case_t one = { .kind = spans[i].kind,
                                     .reason = qdn_reason_text((qdn_reason_e)a),
                                     .operator= "sergio" };
                case_t two = one;

                two.reason = qdn_reason_text((qdn_reason_e)b);
                assert_string_not_equal(say(&one, plan), say(&two, plan));
            }
        }
    }
}

static void test_without_a_plan(void **state)
{
    const case_t c = { "hop.skipped",
                       "calendar-busy",
                       "sergio",
                       L,
                       KNOWN("\"age\":40,\"until\":1795390200"),
                       NULL };

    (void)state;
    assert_string_equal(
        say(&c, NULL),
        "sergio was skipped: in a meeting until 23:30 UTC (calendar, 40 s "
        "old)");
    assert_string_equal(qdn_sentence_name(NULL, "bo"), "bo");
}

static void test_outcomes(void **state)
{
    const qdn_plan_t *plan = plan_of(PLAN);
    const qdn_chain_t answered = { .outcome = QDN_OUTCOME_ANSWERED,
                                   .answered_by = "sergio/primary" };
    const qdn_chain_t gone = { .outcome = QDN_OUTCOME_ANSWERED,
                               .answered_by = "bo/desk" };

    (void)state;
    assert_string_equal(qdn_sentence_outcome(&answered, plan, pool),
                        "Answered by Sergio");
    assert_string_equal(qdn_sentence_outcome(&gone, plan, pool),
                        "Answered by bo");
    for (int o = 0; o < QDN_OUTCOME_MAX; o++) {
        for (int over = 0; over < 2; over++) {
            const qdn_chain_t c = { .outcome = (qdn_outcome_e)o,
                                    .ended_at = over * NOW };

            assert_true(isupper(*qdn_sentence_outcome(&c, plan, pool)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sentences),      TEST(test_all_that_can_happen),
        TEST(test_reasons_differ), TEST(test_without_a_plan),
        TEST(test_outcomes),
    };
    int failed;

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
