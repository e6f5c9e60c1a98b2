/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbds.h"
#include "gauges.h"
#include "health.h"
#include "sources.h"

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

/************** the disk, credentials, webhooks **************/

#define MIB     (APR_INT64_C(1) << 20)
#define GIB     (APR_INT64_C(1) << 30)
#define DAYS(n) apr_time_from_sec(86400LL * (n))
#define MINUTE  apr_time_from_sec(60)
#define OLD(age)                                                               \
    {                                                                          \
        "TWILIO_API_KEY", "01234567", (age) ? NOW - (age) : 0                  \
    }

/* What else is looked at; all else is well. */
typedef struct look_t {
    const char *title;
    qdn_probe_report_t probe;
    qdn_credential_age_t age;
    apr_interval_time_t rotate_every;
    apr_time_t last_webhook, last_refusal;
    int vain;
    const char *told; /* "" if all is well */
} look_t;

static const look_t looks[] = {
    { .title = "not tried yet", .told = "" },
    { .title = "tried in vain",
      .probe = { .tried_at = NOW, .rv = ENOSPC, .since = NOW },
      .told = "journal red: the journal cannot be written: No space left on "
              "device" },
    { .title = "an attempt that takes its time",
      .probe = { .busy = QDN_PROBE_HANG },
      .told = "" },
    { .title = "an attempt that hangs, whatever the last one said",
      .probe = { .rv = ENOSPC, .busy = QDN_PROBE_HANG + 1 },
      .told = "journal red: the disk of the journal does not answer" },
    { .title = "a large disk with some room",
      .probe = { .free = GIB, .total = 1000 * GIB },
      .told = "" },
    { .title = "a large disk with little room",
      .probe = { .free = GIB - 1, .total = 1000 * GIB },
      .told = "disk amber: only 1023 MiB are free on the disk of /state" },
    { .title = "a large disk with hardly any room",
      .probe = { .free = 100 * MIB - 1, .total = 1000 * GIB },
      .told = "disk red: only 99 MiB are free on the disk of /state" },
    { .title = "a small disk with a tenth free",
      .probe = { .free = 50 * MIB, .total = 500 * MIB },
      .told = "" },
    { .title = "a small disk with less",
      .probe = { .free = 49 * MIB, .total = 500 * MIB },
      .told = "disk amber: only 49 MiB are free on the disk of /state" },
    { .title = "a small disk with less than a hundredth",
      .probe = { .free = 4 * MIB, .total = 500 * MIB },
      .told = "disk red: only 4 MiB are free on the disk of /state" },
    { .title = "a young key",
      .age = OLD(DAYS(89)),
      .rotate_every = DAYS(90),
      .told = "" },
    { .title = "an old key",
      .age = OLD(DAYS(91)),
      .rotate_every = DAYS(90),
      .told = "rotation amber: TWILIO_API_KEY is older than QDNRotateEvery "
              "wants" },
    { .title = "an old key that may be old",
      .age = OLD(DAYS(5000)),
      .told = "" },
    { .title = "a key of unknown age",
      .age = OLD(0),
      .rotate_every = DAYS(90),
      .told = "" },
    { .title = "a stranger between calls",
      .last_webhook = NOW,
      .last_refusal = NOW - MINUTE,
      .told = "" },
    { .title = "nothing but bad signatures",
      .last_webhook = NOW - 2 * MINUTE,
      .last_refusal = NOW - MINUTE,
      .told = "webhooks amber: no webhook with a good signature came since "
              "one with a bad signature was refused" },
    { .title = "long ago", .last_refusal = NOW - QDN_HEALTH_KEEP, .told = "" },
    { .title = "a daemon that cannot live",
      .vain = 1,
      .told = "daemon amber: the daemon ended soon after its start, again and "
              "again" },
};

static void each_look_has_its_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        const look_t *l = &looks[i];
        qdn_drain_report_t drain = { .state = QDN_DRAIN_IDLE };
        apr_array_header_t *ages =
            apr_array_make(pool, 1, sizeof(qdn_credential_age_t));
        qdn_health_facts_t facts = { .drain = &drain,
                                     .probe = &l->probe,
                                     .state_dir = "/state",
                                     .ages = ages,
                                     .rotate_every = l->rotate_every,
                                     .last_webhook = l->last_webhook,
                                     .last_refusal = l->last_refusal,
                                     .daemon_vain = l->vain,
                                     .now = NOW,
                                     .mono = MONO };
        qdn_health_t health = { 0 };
        apr_array_header_t *symptoms;
        const char *told = "";

        APR_ARRAY_PUSH(ages, qdn_credential_age_t) = l->age;
        qdn_health_judge(&health, &facts, &symptoms, pool);
        print_message("# %s\n", l->title);
        assert_true(symptoms->nelts <= 1);
        for (int k = 0; k < symptoms->nelts; k++) {
            const qdn_symptom_t *s = &APR_ARRAY_IDX(symptoms, k, qdn_symptom_t);

            told = apr_psprintf(pool, "%s %s: %s", qdn_health_check(s->check),
                                qdn_health_colour(s->colour), s->what);
            assert_non_null(strstr(s->remedy, "The administrator: "));
        }
        assert_string_equal(told, l->told);
    }
}

/************** for everybody **************/

static void what_is_told_grows_stale(void **state)
{
    static qdn_gauges_t gauges;
    qdn_plan_t *plan = qdn_plan_create(pool);
    qdn_drain_report_t drain = { .error_since = NOW, .pending_bytes = 7 };
    qdn_health_facts_t facts = { .drain = &drain, .now = NOW, .mono = MONO };
    apr_array_header_t *symptoms, *feeds;
    qdn_health_t health = { 0 };
    qdn_colour_e colour;

    (void)state;
    strcpy(plan->revision, "0123456789ab");
    feeds = apr_array_make(pool, 1, sizeof(qdn_sources_feed_t));
    qdn_gauges_begin(&gauges, plan);
    assert_false(qdn_gauges_verdict(&gauges, MONO, &colour));
    assert_false(qdn_gauges_verdict(NULL, MONO, &colour));
    qdn_health_judge(&health, &facts, &symptoms, pool);
    qdn_gauges_tell(&gauges, &facts, symptoms, feeds);
    assert_true(qdn_gauges_verdict(&gauges, MONO + QDN_GAUGES_SILENT, &colour));
    assert_int_equal(colour, QDN_AMBER);
    assert_int_equal(gauges.checks[QDN_CHECK_DATABASE], QDN_AMBER);
    assert_int_equal(gauges.checks[QDN_CHECK_JOURNAL], QDN_GREEN);
    assert_int_equal(gauges.pending_bytes, 7);
    assert_false(
        qdn_gauges_verdict(&gauges, MONO + QDN_GAUGES_SILENT + 1, &colour));
    assert_int_equal(colour, QDN_RED);
}

/* Its lines are others; a restart with the same ones forgets nothing. */
static void another_plan_begins_at_nought(void **state)
{
    static qdn_gauges_t gauges;
    qdn_plan_t *plan = qdn_plan_create(pool);

    (void)state;
    strcpy(plan->revision, "0123456789ab");
    qdn_gauges_begin(&gauges, plan);
    qdn_gauges_ended(&gauges, 1, QDN_OUTCOME_ANSWERED);
    qdn_gauges_ended(&gauges, QDN_GAUGES_LINES, QDN_OUTCOME_ANSWERED);
    qdn_gauges_ended(&gauges, -1, QDN_OUTCOME_ANSWERED);
    qdn_gauges_ended(NULL, 1, QDN_OUTCOME_ANSWERED);
    qdn_gauges_begin(&gauges, plan);
    assert_int_equal(gauges.ended[1][QDN_OUTCOME_ANSWERED], 1);
    strcpy(plan->revision, "0123456789ac");
    qdn_gauges_begin(&gauges, plan);
    assert_int_equal(gauges.ended[1][QDN_OUTCOME_ANSWERED], 0);
}

static void the_disk_is_really_tried(void **state)
{
    const char *dir = qdn_dbds_dir(pool);
    apr_int64_t room = 0, total = 0;

    (void)state;
    assert_int_equal(qdn_probe_try(dir, &room, &total), ENOENT);
    assert_true(total > 0 && room >= 0 && room <= total);
    assert_int_equal(mkdir(apr_pstrcat(pool, dir, "/journal", NULL), 0700), 0);
    assert_int_equal(qdn_probe_try(dir, &room, &total), 0);
    assert_int_equal(
        access(apr_pstrcat(pool, dir, "/journal/" QDN_PROBE_FILE, NULL), F_OK),
        -1);
    qdn_dbds_sweep(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_trouble_has_its_colour_and_reason),
        cmocka_unit_test(worst_colour_wins_and_every_reason_is_told),
        cmocka_unit_test(the_next_daemon_knows_what_the_last_one_saw),
        cmocka_unit_test(what_grew_while_no_daemon_ran_is_news_to_the_next),
        cmocka_unit_test(each_trouble_of_others_is_amber),
        cmocka_unit_test(each_look_has_its_check),
        cmocka_unit_test(what_is_told_grows_stale),
        cmocka_unit_test(another_plan_begins_at_nought),
        cmocka_unit_test(the_disk_is_really_tried),
    };
    int failed;

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    apr_pool_create(&pool, NULL);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
