/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>

#include "until.h"

#define SEC(n) apr_time_from_sec(n)
#define NOW    SEC(1795000000) /* Wednesday, 2026-11-18 03:06:40 PST */

static apr_pool_t *pool;
static const qdn_zone_t *zone;

static int setup(void **state)
{
    (void)state;
    apr_pool_create(&pool, NULL);
    return qdn_zone_load(&zone, "America/Los_Angeles", pool) != NULL;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

/* As the zone's own clock shows it. */
static void test_what_people_write(void **state)
{
    static const struct {
        const char *text, *until;
    } cases[] = {
        { "90m", "2026-11-18 04:36 PST" },
        { "1795012200999999", "2026-11-18 06:30 PST" },
        { "2h", "2026-11-18 05:06 PST" },
        { "3d", "2026-11-21 03:06 PST" },
        { "1m", "2026-11-18 03:07 PST" },
        { "400d", "2027-12-23 03:06 PST" },
        { "14:30", "2026-11-18 14:30 PST" },
        { "03:07", "2026-11-18 03:07 PST" },
        { "03:06", "2026-11-19 03:06 PST" }, /* is past today */
        { "00:00", "2026-11-19 00:00 PST" },
        { "14:30:59", "2026-11-18 14:30 PST" },
        { "2026-11-22T14:30", "2026-11-22 14:30 PST" },
        { "2026-11-22 14:30", "2026-11-22 14:30 PST" },
        { "2026-11-22T14:30:15", "2026-11-22 14:30 PST" },
        { "2026-11-22T14:30Z", "2026-11-22 06:30 PST" },
        { "2026-11-22T14:30-05:00", "2026-11-22 11:30 PST" },
        { "2026-11-22T14:30+05:30", "2026-11-22 01:00 PST" },
        { "2027-03-14T02:30", "2027-03-14 03:00 PDT" }, /* never shown */
        { "2027-07-01T08:00", "2027-07-01 08:00 PDT" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        apr_time_t until = -1;
        const char *error =
            qdn_until_parse(cases[i].text, zone, NOW, &until, pool);

        if (error) {
            fail_msg("%s: %s", cases[i].text, error);
        }
        assert_string_equal(qdn_zone_text(zone, until, pool), cases[i].until);
        assert_int_equal(apr_time_usec(until), 0);
    }
}

/* 2026-11-01 has two 01:30s: at 02:00 PDT it is 01:00 PST. */
static void test_a_clock_that_is_set_back(void **state)
{
    static const struct {
        const char *now, *text, *until;
    } cases[] = {
        { "2026-11-01T01:00-07:00", "01:30", "2026-11-01 01:30 PDT" },
        { "2026-11-01T01:45-07:00", "01:30", "2026-11-01 01:30 PST" },
        { "2026-11-01T01:15-08:00", "01:30", "2026-11-01 01:30 PST" },
        { "2026-11-01T01:30-08:00", "01:30", "2026-11-02 01:30 PST" },
        { "2026-11-01T01:45-07:00", "01:00", "2026-11-01 01:00 PST" },
        { "2026-11-01T01:45-07:00", "00:59", "2026-11-02 00:59 PST" },
        { "2026-11-01T03:00-08:00", "02:00", "2026-11-02 02:00 PST" },
        { "2026-10-31T12:00-07:00", "01:30", "2026-11-01 01:30 PDT" },
        { "2026-11-01T01:45-07:00", "2026-11-01T01:30",
          "2026-11-01 01:30 PST" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        apr_time_t now, until = -1;
        const char *error;

        assert_null(
            qdn_until_parse(cases[i].now, zone, SEC(1790000000), &now, pool));
        error = qdn_until_parse(cases[i].text, zone, now, &until, pool);
        if (error) {
            fail_msg("%s at %s: %s", cases[i].text, cases[i].now, error);
        }
        assert_string_equal(qdn_zone_text(zone, until, pool), cases[i].until);
    }
}

static void test_until_changed_has_no_end(void **state)
{
    apr_time_t until = -1;

    (void)state;
    assert_null(qdn_until_parse("changed", zone, NOW, &until, pool));
    assert_int_equal(until, 0);
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "", "is no time" },
        { "2", "is no time" },
        { "h", "is no time" },
        { "2w", "is no time" },
        { "2h30m", "is no time" },
        { "-2h", "is no time" },
        { "9999999h", "is no time" },
        { "0m", "is past" },
        { "24:00", "is no time" },
        { "14:60", "is no time" },
        { "14:3", "is no time" },
        { "14:30 PST", "is no time" },
        { "tomorrow", "is no time" },
        { "2026-11-22", "is no time" },
        { "2026-11-31T14:30", "is no time" },
        { "2027-02-29T14:30", "is no time" },
        { "2026-13-01T14:30", "is no time" },
        { "2026-11-22T14:30z", "is no time" },
        { "2026-11-22T14:30+0530", "is no time" },
        { "2026-11-22T14:30+15:00", "is no time" },
        { "2026-11-22T14:30Zulu", "is no time" },
        { "2026-11-18T03:06", "is past: it is 2026-11-18 03:06 PST" },
        { "2020-01-01T00:00Z", "is past" },
        { "401d", "more than 400 days" },
        { "2036-01-01T00:00", "more than 400 days" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        apr_time_t until = -1;
        const char *error =
            qdn_until_parse(cases[i].text, zone, NOW, &until, pool);

        if (!error || !strstr(error, cases[i].says)) {
            fail_msg("%s: %s", cases[i].text, error ? error : "taken");
        }
        assert_int_equal(until, -1);
    }
}

#define UNTIL(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNTIL(test_what_people_write),
        UNTIL(test_a_clock_that_is_set_back),
        UNTIL(test_until_changed_has_no_end),
        UNTIL(test_what_is_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
