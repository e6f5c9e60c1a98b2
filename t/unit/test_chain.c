/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a call, from its events in any order of arrival. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "chain.h"

#define T0   APR_INT64_C(1768400000)
#define NONE (-1)

/* One event; at: seconds after T0. */
typedef struct step_t {
    int at;
    qdn_kind_e kind;
    int hop;
    const char *phone; /* of sergio */
    qdn_reason_e reason;
    const char *detail;
} step_t;

#define RECEIVED                                                               \
    {                                                                          \
        0, QDN_KIND_CALL_RECEIVED, 0, NULL, QDN_REASON_NONE,                   \
            "{\"from\":\"+16195550199\"}"                                      \
    }
#define DIALLED(at, hop, phone)                                                \
    {                                                                          \
        at, QDN_KIND_HOP_DIALLED, hop, phone, QDN_REASON_AVAILABLE, NULL       \
    }
#define SKIPPED(at, hop, phone)                                                \
    {                                                                          \
        at, QDN_KIND_HOP_SKIPPED, hop, phone, QDN_REASON_STATUS_AWAY, NULL     \
    }
#define LEG(at, what, hop, phone, detail)                                      \
    {                                                                          \
        at, QDN_KIND_##what, hop, phone, QDN_REASON_NONE, detail               \
    }
#define HOP_END(at, hop, phone, reason)                                        \
    {                                                                          \
        at, QDN_KIND_HOP_ENDED, hop, phone, QDN_REASON_##reason, NULL          \
    }
#define OTHER(at, kind, detail)                                                \
    {                                                                          \
        at, QDN_KIND_##kind, 0, NULL, QDN_REASON_NONE, detail                  \
    }
#define ENDED(at, reason)                                                      \
    {                                                                          \
        at, QDN_KIND_CALL_ENDED, 0, NULL, QDN_REASON_##reason,                 \
            "{\"status\":\"completed\"}"                                       \
    }

static const struct {
    const char *name;
    step_t steps[14];
    qdn_outcome_e outcome;
    const char *by;
    int hops, ring, talk;
    int answered, ended; /* seconds after T0; NONE */
} cases[] = {
    { "the first answers, key 1",
      { RECEIVED, DIALLED(0, 1, "primary"),
        LEG(6, LEG_ANSWERED, 1, "primary", NULL),
        LEG(9, SCREEN_ACCEPTED, 1, "primary", NULL),
        HOP_END(69, 1, "primary", CONNECTED), ENDED(69, CONNECTED) },
      QDN_OUTCOME_ANSWERED,
      "sergio/primary",
      1,
      9,
      60,
      9,
      69 },
    { "the second answers; the first hears no key",
      { RECEIVED, DIALLED(0, 1, "primary"),
        LEG(5, LEG_ANSWERED, 1, "primary", NULL),
        HOP_END(20, 1, "primary", NO_KEY), DIALLED(20, 2, "backup"),
        LEG(30, SCREEN_ACCEPTED, 2, "backup", NULL),
        HOP_END(40, 2, "backup", CONNECTED), ENDED(40, CONNECTED) },
      QDN_OUTCOME_ANSWERED,
      "sergio/backup",
      2,
      30,
      10,
      30,
      40 },
    { "confirm=none: the pick-up counts",
      { RECEIVED, DIALLED(0, 1, "primary"),
        LEG(4, LEG_ANSWERED, 1, "primary", NULL),
        HOP_END(24, 1, "primary", CONNECTED), ENDED(24, CONNECTED) },
      QDN_OUTCOME_ANSWERED,
      "sergio/primary",
      1,
      4,
      20,
      4,
      24 },
    { "no leg events but the length of the leg",
      { RECEIVED, DIALLED(0, 1, "primary"),
        LEG(31, LEG_ENDED, 1, "primary", "{\"seconds\":25}"),
        HOP_END(30, 1, "primary", CONNECTED), ENDED(30, CONNECTED) },
      QDN_OUTCOME_ANSWERED,
      "sergio/primary",
      1,
      5,
      25,
      5,
      30 },
    { "nothing but the end: who is known by the only dial",
      { RECEIVED, DIALLED(0, 1, "primary"), HOP_END(30, 1, NULL, CONNECTED) },
      QDN_OUTCOME_ANSWERED,
      "sergio/primary",
      1,
      30,
      0,
      30,
      NONE },
    { "of two rung together the one with the key",
      { RECEIVED, DIALLED(0, 1, "primary"), DIALLED(0, 1, "backup"),
        LEG(9, SCREEN_ACCEPTED, 1, "backup", NULL),
        HOP_END(19, 1, NULL, CONNECTED), ENDED(19, CONNECTED) },
      QDN_OUTCOME_ANSWERED,
      "sergio/backup",
      1,
      9,
      10,
      9,
      19 },
    { "still talking",
      { RECEIVED, DIALLED(0, 1, "primary"),
        LEG(9, SCREEN_ACCEPTED, 1, "primary", NULL) },
      QDN_OUTCOME_ANSWERED,
      "sergio/primary",
      1,
      9,
      NONE,
      9,
      NONE },
    { "key 1, but the caller was gone",
      { RECEIVED, DIALLED(0, 1, "primary"),
        LEG(9, SCREEN_ACCEPTED, 1, "primary", NULL),
        HOP_END(10, 1, "primary", CALLER_GONE), ENDED(10, CALLER_GONE) },
      QDN_OUTCOME_ABANDONED,
      NULL,
      1,
      10,
      NONE,
      NONE,
      10 },
    { "the clock is set back a minute between two hops",
      { RECEIVED, DIALLED(-40, 2, "backup"), HOP_END(-40, 1, "primary", BUSY),
        HOP_END(-30, 2, "backup", CALLER_GONE), ENDED(-30, CALLER_GONE),
        DIALLED(0, 1, "primary") },
      QDN_OUTCOME_ABANDONED,
      NULL,
      2,
      10,
      NONE,
      NONE,
      -30 },
    { "still ringing",
      { RECEIVED, SKIPPED(0, 1, "primary"), DIALLED(0, 2, "backup") },
      QDN_OUTCOME_UNKNOWN,
      NULL,
      1,
      0,
      NONE,
      NONE,
      NONE },
    { "a message",
      { RECEIVED, DIALLED(0, 1, "primary"),
        HOP_END(20, 1, "primary", NO_ANSWER),
        OTHER(20, VOICEMAIL_OFFERED, NULL),
        OTHER(40, VOICEMAIL_RECORDED, "{\"seconds\":12}"), ENDED(41, NONE) },
      QDN_OUTCOME_VOICEMAIL,
      NULL,
      1,
      20,
      NONE,
      NONE,
      41 },
    { "a message of no length is none",
      { RECEIVED, OTHER(0, VOICEMAIL_OFFERED, NULL),
        OTHER(9, VOICEMAIL_RECORDED, "{\"seconds\":0}"), ENDED(9, NONE) },
      QDN_OUTCOME_ABANDONED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      9 },
    { "the wrong key, twice",
      { RECEIVED, OTHER(0, CALL_CHALLENGED, NULL),
        OTHER(9, CALL_CHALLENGED, NULL), OTHER(19, CHALLENGE_FAILED, NULL),
        ENDED(19, NONE) },
      QDN_OUTCOME_REJECTED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      19 },
    { "hung up when asked for a key",
      { RECEIVED, OTHER(0, CALL_CHALLENGED, NULL), ENDED(4, NONE) },
      QDN_OUTCOME_ABANDONED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      4 },
    { "hung up at the beep",
      { RECEIVED, OTHER(0, VOICEMAIL_OFFERED, NULL), ENDED(9, CALLER_GONE) },
      QDN_OUTCOME_ABANDONED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      9 },
    { "a message that Twilio lost",
      { RECEIVED, OTHER(0, VOICEMAIL_OFFERED, NULL), ENDED(30, NONE),
        OTHER(31, VOICEMAIL_FAILED, NULL) },
      QDN_OUTCOME_FAILED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      30 },
    { "answered beats a message",
      { RECEIVED, DIALLED(0, 1, "primary"),
        OTHER(5, VOICEMAIL_RECORDED, "{\"seconds\":12}"),
        HOP_END(20, 1, "primary", CONNECTED), ENDED(21, CONNECTED) },
      QDN_OUTCOME_ANSWERED,
      "sergio/primary",
      1,
      20,
      0,
      20,
      21 },
    { "refused by a rule",
      { RECEIVED,
        { 0, QDN_KIND_CALL_REJECTED, 0, NULL, QDN_REASON_RULE, NULL },
        ENDED(0, NONE) },
      QDN_OUTCOME_REJECTED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      0 },
    { "the caller hangs up while it rings",
      { RECEIVED, DIALLED(0, 1, "primary"),
        HOP_END(7, 1, "primary", CALLER_GONE), ENDED(7, CALLER_GONE) },
      QDN_OUTCOME_ABANDONED,
      NULL,
      1,
      7,
      NONE,
      NONE,
      7 },
    { "the same, told by the status callback alone",
      { RECEIVED, DIALLED(0, 1, "primary"), ENDED(7, NONE) },
      QDN_OUTCOME_ABANDONED,
      NULL,
      1,
      7,
      NONE,
      NONE,
      7 },
    { "goodbye",
      { RECEIVED, DIALLED(0, 1, "primary"), HOP_END(20, 1, "primary", BUSY),
        OTHER(20, CALL_GOODBYE, NULL), ENDED(20, NONE) },
      QDN_OUTCOME_UNANSWERED,
      NULL,
      1,
      20,
      NONE,
      NONE,
      20 },
    { "goodbye without ringing anybody",
      { RECEIVED, SKIPPED(0, 1, "primary"), OTHER(0, CALL_GOODBYE, NULL),
        ENDED(0, NONE) },
      QDN_OUTCOME_UNANSWERED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      0 },
    { "Twilio says that it failed",
      { RECEIVED, OTHER(3, CALL_ENDED, "{\"status\":\"failed\"}") },
      QDN_OUTCOME_FAILED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      3 },
    { "no line of ours",
      { OTHER(0, LINE_UNKNOWN, "{\"from\":\"+16195550199\"}") },
      QDN_OUTCOME_FAILED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      0 },
    { "an end without a beginning",
      { HOP_END(20, 1, "primary", NO_ANSWER), ENDED(50, NONE) },
      QDN_OUTCOME_ABANDONED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      50 },
    { "a hop dialled again without a phone is one hop",
      { RECEIVED, DIALLED(0, 1, "primary"), DIALLED(0, 1, "backup"),
        HOP_END(10, 1, "primary", NO_KEY), DIALLED(10, 1, "backup"),
        HOP_END(30, 1, "backup", NO_ANSWER), OTHER(30, CALL_GOODBYE, NULL),
        ENDED(30, NONE) },
      QDN_OUTCOME_UNANSWERED,
      NULL,
      1,
      30,
      NONE,
      NONE,
      30 },
    { "details that are no JSON harm nothing",
      { { 0, QDN_KIND_CALL_RECEIVED, 0, NULL, QDN_REASON_NONE, "{\"from\":" },
        OTHER(1, VOICEMAIL_RECORDED, "[\"seconds\"]"),
        OTHER(3, CALL_ENDED, "\"status\"") },
      QDN_OUTCOME_ABANDONED,
      NULL,
      0,
      0,
      NONE,
      NONE,
      3 },
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static int events_of(qdn_event_t *events, size_t k)
{
    int n = 0;

    for (; cases[k].steps[n].at || cases[k].steps[n].kind ||
           cases[k].steps[n].detail;
         n++) {
        const step_t *s = &cases[k].steps[n];
        qdn_event_t e = { .at = apr_time_from_sec(T0 + s->at),
                          .host = "h",
                          .kind = s->kind,
                          .line = "+16195550100",
                          .call_sid = "CA0123456789abcdef0123456789abcdef",
                          .hop = s->hop,
                          .phone = s->phone,
                          .reason = s->reason,
                          .detail = s->detail,
                          .config = "0123456789ab" };

        e.operator= s->phone ? "sergio" : NULL;
        events[n] = e;
    }
    return n;
}

static int by_time(const void *a, const void *b)
{
    const qdn_event_t *x = a, *y = b;

    return x->at < y->at ? -1 : x->at > y->at;
}

static apr_time_t at(int seconds)
{
    return seconds == NONE ? 0 : apr_time_from_sec(T0 + seconds);
}

static void check(size_t k, const qdn_chain_t *c)
{
    const char *by = c->answered_by;

    if (c->outcome != cases[k].outcome || c->hops != cases[k].hops ||
        c->ring_seconds != cases[k].ring || c->talk_seconds != cases[k].talk ||
        c->answered_at != at(cases[k].answered) ||
        c->ended_at != at(cases[k].ended) ||
        strcmp(by ? by : "", cases[k].by ? cases[k].by : "")) {
        fail_msg("%s: %s by %s, hops %d, ring %d, talk %d, answered %d, "
                 "ended %d",
                 cases[k].name, qdn_outcome_text(c->outcome), by ? by : "-",
                 c->hops, c->ring_seconds, c->talk_seconds,
                 (int)(apr_time_sec(c->answered_at) - T0),
                 (int)(apr_time_sec(c->ended_at) - T0));
    }
}

static void calls_become_what_they_were(void **state)
{
    for (size_t k = 0; k < CASES; k++) {
        qdn_event_t events[14];
        int n = events_of(events, k);
        qdn_chain_t c;

        qsort(events, (size_t)n, sizeof(events[0]), by_time);
        qdn_chain_project(&c, events, n, *state);
        check(k, &c);
        assert_string_equal(c.line, "+16195550100");
        assert_string_equal(c.config, "0123456789ab");
        assert_string_equal(c.call_sid, events[0].call_sid);
        assert_int_equal(c.started_at, events[0].at);
        if (c.caller) {
            assert_string_equal(c.caller, "+16195550199");
        }
    }
}

/* Events of one time come in the order of their ids, that is in any. */
static void equal_times_need_no_order(void **state)
{
    srand(5);
    for (size_t k = 0; k < CASES; k++) {
        for (int round = 0; round < 200; round++) {
            qdn_event_t events[14];
            int n = events_of(events, k);
            qdn_chain_t c;

            for (int i = n - 1; i > 0; i--) {
                int j = rand() % (i + 1);
                qdn_event_t swap = events[i];

                events[i] = events[j];
                events[j] = swap;
            }
            qsort(events, (size_t)n, sizeof(events[0]), by_time);
            qdn_chain_project(&c, events, n, *state);
            check(k, &c);
        }
    }
}

static void a_part_never_harms(void **state)
{
    for (size_t k = 0; k < CASES; k++) {
        qdn_event_t events[14], some[14];
        int n = events_of(events, k);

        for (unsigned which = 1; which < 1u << n; which++) {
            qdn_chain_t c;
            int m = 0;

            for (int i = 0; i < n; i++) {
                if (which >> i & 1) {
                    some[m++] = events[i];
                }
            }
            qdn_chain_project(&c, some, m, *state);
            assert_true(c.ring_seconds >= 0 && c.talk_seconds >= NONE);
            assert_true(c.outcome != QDN_OUTCOME_ANSWERED || c.answered_at);
            assert_true(c.started_at <= some[0].at);
        }
        apr_pool_clear(*state);
    }
}

static void outcomes_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < QDN_OUTCOME_MAX; i++) {
        assert_int_equal(qdn_outcome_find(qdn_outcome_text((qdn_outcome_e)i)),
                         i);
    }
    assert_int_equal(qdn_outcome_find("mixed"), QDN_OUTCOME_MAX);
}

static int setup(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int teardown(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/************** who was rung **************/

#define RING(at, hop, who)                                                     \
    {                                                                          \
        at, QDN_KIND_HOP_DIALLED, hop, who                                     \
    }

static const struct {
    struct {
        int at;
        qdn_kind_e kind;
        int hop;
        const char *operator;
    } steps[6];
    const char *rung;
} rings[] = {
    { { RING(0, 0, NULL) }, NULL },
    { { RING(0, 1, "sergio") }, ",sergio," },
    { { RING(0, 1, "sergio"), RING(20, 2, "ana"), RING(40, 3, "sergio") },
      ",sergio,ana," },
    /* Together, and in whatever order their events stand. */
    { { RING(0, 1, "sergio"), RING(20, 2, "bo"), RING(20, 2, "ana") },
      ",sergio,ana,bo," },
    { { RING(0, 1, "sergio"), RING(20, 2, "ana"), RING(20, 2, "bo") },
      ",sergio,ana,bo," },
    /* A clock was set back; one name is in another. */
    { { RING(5, 2, "an"), RING(9, 1, "ana") }, ",ana,an," },
    { { { 0, QDN_KIND_HOP_SKIPPED, 1, "ana" }, RING(0, 2, "bo") }, ",bo," },
};

static const char *rung_of(size_t k, int backwards, apr_pool_t *p)
{
    qdn_event_t events[6];
    qdn_chain_t c;
    int n = 0;

    for (; n < 6 && (n == 0 || rings[k].steps[n].kind); n++) {
        events[n] = (qdn_event_t){
            .at = apr_time_from_sec(T0 + rings[k].steps[n].at),
            .kind = rings[k].steps[n].kind,
            .call_sid = "CA0123456789abcdef0123456789abcdef",
            .hop = rings[k].steps[n].hop,
            .operator= rings[k].steps[n].operator,
            .phone = "primary",
        };
    }
    for (int i = 0; backwards && i < n / 2; i++) {
        qdn_event_t other = events[i];
        events[i] = events[n - 1 - i];
        events[n - 1 - i] = other;
    }
    qsort(events, (size_t)n, sizeof(events[0]), by_time);
    qdn_chain_project(&c, events, n, p);
    return c.rung;
}

static void operators_stand_as_they_were_rung(void **state)
{
    for (size_t k = 0; k < sizeof(rings) / sizeof(rings[0]); k++) {
        for (int backwards = 0; backwards < 2; backwards++) {
            const char *rung = rung_of(k, backwards, *state);

            assert_string_equal(rung ? rung : "",
                                rings[k].rung ? rings[k].rung : "");
        }
    }
}

/* More than the column takes: whole names only. */
static void many_operators_are_cut_between_names(void **state)
{
    qdn_event_t events[40];
    qdn_chain_t c;

    for (int i = 0; i < 40; i++) {
        events[i] = (qdn_event_t){
            .at = apr_time_from_sec(T0 + i),
            .kind = QDN_KIND_HOP_DIALLED,
            .call_sid = "CA0123456789abcdef0123456789abcdef",
            .hop = i + 1,
            .operator= apr_psprintf(*state, "operator-%02d", i),
            .phone = "primary",
        };
    }
    qdn_chain_project(&c, events, 40, *state);
    assert_string_equal(c.rung + 20 * 12, ",operator-20,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_become_what_they_were),
        TEST(equal_times_need_no_order),
        TEST(a_part_never_harms),
        TEST(outcomes_have_names),
        TEST(operators_stand_as_they_were_rung),
        TEST(many_operators_are_cut_between_names),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
