/* SPDX-License-Identifier: Apache-2.0 */
/* What rules can ask of a call; how often a number has called today. */
#include <stdlib.h>
#include <unistd.h>
#include "facts.h"
#include "feed.h"
#include "house.h"
#include "tally.h"

/* 2026-11-01, the last hour of summer time in Los Angeles and after it. */
#define SUMMER APR_INT64_C(1793521740000000) /* 01:29 PDT */
#define WINTER (SUMMER + apr_time_from_sec(3600))

static const char conf[] =
    "QDNNumbers vip /vip.txt\nQDNNumbers known /known.txt\n"
    "QDNNumbers empty /empty.txt\n" HOUSE LINE(
        HOPS "QDNName \"Queen\"\nQDNTimezone America/Los_Angeles\n")
        OTHER("9", HOPS "QDNTimezone Pacific/Kiritimati\n");

static const char *value(const qdn_plan_t *plan, const qdn_snapshot_t *snapshot,
                         const char *line, const char *from, const char *stir,
                         const char *name, apr_time_t now)
{
    apr_array_header_t *fields = apr_array_make(pool, 4, sizeof(qdn_field_t));
    qdn_subject_t subject = { .plan = plan,
                              .line = qdn_plan_line(plan, line),
                              .fields = fields,
                              .snapshot = snapshot,
                              .now = now,
                              .as_of = SUMMER,
                              .calls_today = 3 };
    qdn_webhook_t webhook;
    const char *error;

    qdn_form_add(fields, "AccountSid", "AC0123456789abcdef0123456789abcdef");
    qdn_form_add(fields, "CallSid", "CA0123456789abcdef0123456789abcdef");
    qdn_form_add(fields, "From", from);
    qdn_form_add(fields, "FromState", "CA");
    if (stir) {
        qdn_form_add(fields, "StirVerstat", stir);
    }
    assert_int_equal(qdn_webhook_parse(&webhook, fields, &error, pool), 0);
    subject.webhook = &webhook;
    return qdn_facts_value(&subject, name, pool);
}

static const struct {
    const char *line, *from, *stir, *name, *value;
    apr_time_t now;
} rows[] = {
#define L   "+16195550100"
#define FAR "+16195550109"
#define WHO "+12025550123"
    { L, WHO, NULL, "LocalHour", "1", SUMMER },
    { L, WHO, NULL, "LocalMinute", "29", SUMMER },
    { L, WHO, NULL, "LocalHour", "1", WINTER },
    { L, WHO, NULL, "LocalHour", "2", WINTER + apr_time_from_sec(3600) },
    { L, WHO, NULL, "LocalWeekday", "Su", SUMMER },
    { L, WHO, NULL, "LocalDate", "2026-11-01", SUMMER },
    { FAR, WHO, NULL, "LocalHour", "22", SUMMER },
    { FAR, WHO, NULL, "LocalDate", "2026-11-01", SUMMER },
    { FAR, WHO, NULL, "LocalWeekday", "Mo", SUMMER + apr_time_from_sec(7200) },
    { FAR, WHO, NULL, "LocalDate", "2026-11-02",
      SUMMER + apr_time_from_sec(7200) },
    { L, WHO, NULL, "CallsToday", "3", SUMMER },
    { L, WHO, NULL, "CallerKind", "number", SUMMER },
    { L, "anonymous", NULL, "CallerKind", "withheld", SUMMER },
    { L, WHO, NULL, "KnownCaller", "no", SUMMER },
    { L, "+16195550101", NULL, "KnownCaller", "yes", SUMMER },
    { L, "+12025550130", NULL, "KnownCaller", "yes", SUMMER },
    { L, "anonymous", NULL, "KnownCaller", "no", SUMMER },
    { L, "+12025550131", NULL, "List:vip", "yes", SUMMER },
    { L, "+12025550130", NULL, "List:vip", "no", SUMMER },
    { L, "+12025550131", NULL, "List:none", "no", SUMMER },
    { L, "+12025550131", NULL, "List:empty", "no", SUMMER },
    { L, "", NULL, "List:vip", "no", SUMMER },
    { L, WHO, NULL, "StirLevel", "none", SUMMER },
    { L, WHO, "TN-Validation-Passed-A", "StirLevel", "A", SUMMER },
    { L, WHO, "TN-Validation-Passed-B-Diverted", "StirLevel", "B", SUMMER },
    { L, WHO, "TN-Validation-Passed-C", "StirLevel", "C", SUMMER },
    { L, WHO, "TN-Validation-Passed-D", "StirLevel", "none", SUMMER },
    { L, WHO, "TN-Validation-Failed", "StirLevel", "failed", SUMMER },
    { L, WHO, "TN-Validation-Failed-A", "StirLevel", "failed", SUMMER },
    { L, WHO, "No-TN-Validation", "StirLevel", "none", SUMMER },
    { L, WHO, NULL, "Line", L, SUMMER },
    { L, WHO, NULL, "LineName", "Queen", SUMMER },
    { L, WHO, NULL, "FromState", "CA", SUMMER },
    { L, WHO, NULL, "From", WHO, SUMMER },
    { L, WHO, NULL, "Frm", "", SUMMER },
};

static const qdn_snapshot_t *snapshot_of(const qdn_plan_t *plan)
{
    static const apr_uint64_t vip[] = { 12025550131, 12025550132 };
    static const apr_uint64_t known[] = { 12025550130 };
    qdn_finding_t findings[3] = {
        { .good_at = SUMMER, .numbers = vip, .nnumbers = 2 },
        { .good_at = SUMMER, .numbers = known, .nnumbers = 1 },
        { .error = "No such file or directory" },
    };
    qdn_picture_t picture = { .host = "a",
                              .written_at = SUMMER,
                              .feeds = plan->numbers,
                              .findings = findings };
    char dir[] = "/tmp/qdn-facts-XXXXXX";
    const qdn_snapshot_t *snapshot;

    assert_non_null(mkdtemp(dir));
    assert_int_equal(qdn_snapshot_write(dir, &picture, pool), APR_SUCCESS);
    assert_int_equal(qdn_snapshot_map(&snapshot, dir, pool), APR_SUCCESS);
    unlink(apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE, NULL));
    rmdir(dir);
    return snapshot;
}

static void test_values(void **state)
{
    qdn_plan_t *plan = plan_of(conf);
    const qdn_snapshot_t *snapshot = snapshot_of(plan);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *got = value(plan, snapshot, rows[i].line, rows[i].from,
                                rows[i].stir, rows[i].name, rows[i].now);

        if (strcmp(got, rows[i].value)) {
            fail_msg("row %zu, %s of %s: '%s', not '%s'", i, rows[i].name,
                     rows[i].from, got, rows[i].value);
        }
    }
}

/* Without a snapshot nobody is on a list, but operators are known. */
static void test_nothing_found_out(void **state)
{
    qdn_plan_t *plan = plan_of(conf);

    (void)state;
    assert_string_equal(
        value(plan, NULL, L, "+12025550131", NULL, "List:vip", SUMMER), "no");
    assert_string_equal(
        value(plan, NULL, L, "+16195550101", NULL, "KnownCaller", SUMMER),
        "yes");
}

static qdn_tally_t *tally_of(int numbers)
{
    return qdn_tally_init(apr_pcalloc(pool, qdn_tally_size(numbers)), numbers);
}

static void test_tally(void **state)
{
    qdn_tally_t *tally = tally_of(64);

    (void)state;
    assert_int_equal(qdn_tally_add(tally, WHO, 20261101), 1);
    assert_int_equal(qdn_tally_add(tally, WHO, 20261101), 2);
    assert_int_equal(qdn_tally_add(tally, L, 20261101), 1);
    assert_int_equal(qdn_tally_add(tally, WHO, 20261102), 1);
    assert_int_equal(qdn_tally_add(tally, WHO, 20261101), 3);
    assert_int_equal(qdn_tally_add(NULL, WHO, 20261101), 1);
}

/* Whoever calls often is counted on while thousands call once. */
static void test_full_tally(void **state)
{
    qdn_tally_t *tally = tally_of(8);
    int i, often = 0;

    (void)state;
    for (i = 0; i < 5; i++) {
        often = qdn_tally_add(tally, WHO, 20261101);
    }
    for (i = 0; i < 5000; i++) {
        qdn_tally_add(tally, apr_psprintf(pool, "caller %d", i), 20261101);
    }
    assert_int_equal(often, 5);
    assert_int_equal(qdn_tally_add(tally, WHO, 20261101), 6);
    /* A new day needs the room more than yesterday's callers. */
    for (i = 0; i < 8; i++) {
        assert_int_equal(qdn_tally_add(tally, apr_itoa(pool, i), 20261102), 1);
    }
    for (i = 0; i < 8; i++) {
        assert_int_equal(qdn_tally_add(tally, apr_itoa(pool, i), 20261102), 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_values),
        TEST(test_nothing_found_out),
        TEST(test_tally),
        TEST(test_full_tally),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
