/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <string.h>

#include "health.h"

#define NOW  apr_time_from_sec(1795000000)
#define MONO apr_time_from_sec(5000)

static apr_pool_t *pool;

/* "amber: the feed a fails, red: ...", "" if all is well. */
static const char *judge(const qdn_health_t *health,
                         const qdn_health_facts_t *facts, qdn_colour_e *pworst)
{
    apr_array_header_t *symptoms;
    qdn_text_t t;

    qdn_text_init(&t, 64, pool);
    *pworst = qdn_health_judge(health, facts, &symptoms, pool);
    for (int i = 0; i < symptoms->nelts; i++) {
        const qdn_symptom_t *s = &APR_ARRAY_IDX(symptoms, i, qdn_symptom_t);

        qdn_text_addf(&t, "%s%s: %s", i ? ", " : "",
                      qdn_health_colour(s->colour), s->what);
        assert_true(s->colour > QDN_GREEN && s->remedy && *s->remedy);
    }
    return t.buf;
}

/* What is found, with everything else in order. */
typedef struct trouble_t {
    const char *title;
    qdn_drain_report_t drain;
    apr_interval_time_t drain_silent;
    int closed;
    int kept, missing;
    int counter; /* that grew by one; -1: none */
    apr_interval_time_t grew_ago;
    qdn_colour_e colour;
    const char *reason; /* a part of the only reason; NULL: there is none */
} trouble_t;

static const trouble_t troubles[] = {
    { .title = "all is well", .counter = -1, .colour = QDN_GREEN },
    { .title = "rows that arrived just now may wait",
      .drain = { .oldest = NOW - apr_time_from_sec(1) },
      .counter = -1,
      .colour = QDN_GREEN },
    { .title = "rows that wait for long may not",
      .drain = { .oldest = NOW - apr_time_from_sec(61) },
      .counter = -1,
      .colour = QDN_AMBER,
      .reason = "more than a minute" },
    { .title = "a database that says no",
      .drain = { .state = QDN_DRAIN_AWAY, .error_since = NOW },
      .counter = -1,
      .colour = QDN_AMBER,
      .reason = "does not take rows" },
    { .title = "a database that says nothing",
      .drain_silent = apr_time_from_sec(6),
      .counter = -1,
      .colour = QDN_AMBER,
      .reason = "does not answer" },
    { .title = "a drain that cannot begin",
      .drain = { .state = QDN_DRAIN_AWAY, .error_since = NOW },
      .closed = 1,
      .counter = -1,
      .colour = QDN_RED,
      .reason = "cannot begin" },
    { .title = "a drain that is about to begin",
      .drain = { .state = QDN_DRAIN_AWAY },
      .closed = 1,
      .counter = -1,
      .colour = QDN_GREEN },
    { .title = "a database that promises more than it keeps",
      .drain = { .lax = "fsync is off" },
      .counter = -1,
      .colour = QDN_AMBER,
      .reason = "may lose calls: fsync is off" },
    { .title = "someone else drains",
      .drain = { .state = QDN_DRAIN_EXCLUDED },
      .counter = -1,
      .colour = QDN_AMBER,
      .reason = "another process" },
    { .title = "secrets of an earlier read",
      .kept = 1,
      .counter = -1,
      .colour = QDN_RED,
      .reason = "earlier ones" },
    { .title = "secrets that were never read",
      .missing = 1,
      .counter = -1,
      .colour = QDN_RED,
      .reason = "could not be read" },
    { .title = "an event was lost",
      .counter = QDN_COUNT_JOURNAL_LOST,
      .colour = QDN_RED,
      .reason = "were lost" },
    { .title = "an event was late",
      .counter = QDN_COUNT_JOURNAL_LATE,
      .colour = QDN_RED,
      .reason = "before their events were on disk" },
    { .title = "a lost event is remembered for a quarter of an hour",
      .counter = QDN_COUNT_JOURNAL_LOST,
      .grew_ago = QDN_HEALTH_KEEP - apr_time_from_sec(1),
      .colour = QDN_RED,
      .reason = "were lost" },
    { .title = "and then forgiven",
      .counter = QDN_COUNT_JOURNAL_LOST,
      .grew_ago = QDN_HEALTH_KEEP,
      .colour = QDN_GREEN },
    { .title = "a call to no line of ours",
      .counter = QDN_COUNT_LINE_UNKNOWN,
      .colour = QDN_AMBER,
      .reason = "no line" },
    { .title = "a loop",
      .counter = QDN_COUNT_LOOPS,
      .colour = QDN_AMBER,
      .reason = "forward to us" },
    { .title = "work is no trouble",
      .counter = QDN_COUNT_WEBHOOKS,
      .colour = QDN_GREEN },
};

static void each_trouble_has_its_colour_and_reason(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
        const trouble_t *t = &troubles[i];
        qdn_counters_t counters = { { 0 } };
        qdn_health_facts_t facts = { .drain = &t->drain,
                                     .drain_closed = t->closed,
                                     .drain_silent = t->drain_silent,
                                     .secrets_kept = t->kept,
                                     .secrets_missing = t->missing,
                                     .now = NOW,
                                     .mono = MONO };
        qdn_health_t health = { 0 };
        const char *reasons;
        qdn_colour_e worst;

        if (t->counter >= 0) {
            qdn_counter_add(&counters, (qdn_counter_e)t->counter, 1);
        }
        qdn_health_watch(&health, &counters, MONO - t->grew_ago);
        print_message("# %s\n", t->title);
        reasons = judge(&health, &facts, &worst);
        assert_int_equal(worst, t->colour);
        assert_int_equal(*reasons != 0, t->reason != NULL);
        if (t->reason) {
            assert_non_null(strstr(reasons, t->reason));
        }
    }
}

static void worst_colour_wins_and_every_reason_is_told(void **state)
{
    qdn_drain_report_t drain = { .error_since = NOW };
    qdn_health_facts_t facts = {
        .drain = &drain, .secrets_kept = 1, .now = NOW, .mono = MONO
    };
    qdn_health_t health = { 0 };
    qdn_colour_e worst;

    (void)state;
    assert_string_equal(
        judge(&health, &facts, &worst),
        "red: secrets could not be read again; earlier ones are in force, "
        "amber: the database does not take rows; they wait in the journal");
    assert_int_equal(worst, QDN_RED);
}

static void each_trouble_of_others_is_amber(void **state)
{
    static const char *const two[] = { "the feed a fails", "the feed b fails" };
    qdn_drain_report_t drain = { .state = QDN_DRAIN_IDLE };
    qdn_health_t health = { .seen = { 0 } };
    apr_array_header_t *others;
    qdn_health_facts_t facts = { .drain = &drain };
    qdn_colour_e worst;

    (void)state;
    others = apr_array_make(pool, 2, sizeof(const char *));
    facts.troubles = others;
    assert_string_equal(judge(&health, &facts, &worst), "");
    assert_int_equal(worst, QDN_GREEN);
    APR_ARRAY_PUSH(others, const char *) = two[0];
    APR_ARRAY_PUSH(others, const char *) = two[1];
    assert_string_equal(judge(&health, &facts, &worst),
                        "amber: the feed a fails, amber: the feed b fails");
    assert_int_equal(worst, QDN_AMBER);
}

static qdn_colour_e judge_at(const qdn_health_t *health,
                             apr_interval_time_t mono)
{
    qdn_drain_report_t drain = { .state = QDN_DRAIN_IDLE };
    qdn_health_facts_t facts = { .drain = &drain, .now = NOW, .mono = mono };
    qdn_colour_e worst;

    judge(health, &facts, &worst);
    return worst;
}

/* Memory and counters outlive the daemons that look at them. */
static void the_next_daemon_knows_what_the_last_one_saw(void **state)
{
    qdn_counters_t counters = { { 0 } };
    qdn_health_t health = { 0 };

    (void)state;
    qdn_counter_add(&counters, QDN_COUNT_JOURNAL_LOST, 5);
    qdn_health_watch(&health, &counters, MONO);
    /* Another one looks for the first time. */
    qdn_health_watch(&health, &counters, MONO + QDN_HEALTH_KEEP / 2);
    assert_int_equal(judge_at(&health, MONO + QDN_HEALTH_KEEP / 2), QDN_RED);
    assert_int_equal(judge_at(&health, MONO + QDN_HEALTH_KEEP), QDN_GREEN);
}

static void what_grew_while_no_daemon_ran_is_news_to_the_next(void **state)
{
    qdn_counters_t counters = { { 0 } };
    qdn_health_t health = { 0 };
    apr_interval_time_t later = MONO + apr_time_from_sec(60);

    (void)state;
    qdn_health_watch(&health, &counters, MONO);
    qdn_counter_add(&counters, QDN_COUNT_JOURNAL_LATE, 1);
    assert_int_equal(judge_at(&health, MONO), QDN_GREEN);
    qdn_health_watch(&health, &counters, later);
    assert_int_equal(judge_at(&health, later), QDN_RED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_trouble_has_its_colour_and_reason),
        cmocka_unit_test(worst_colour_wins_and_every_reason_is_told),
        cmocka_unit_test(the_next_daemon_knows_what_the_last_one_saw),
        cmocka_unit_test(what_grew_while_no_daemon_ran_is_news_to_the_next),
        cmocka_unit_test(each_trouble_of_others_is_amber),
    };
    int failed;

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    apr_pool_create(&pool, NULL);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
