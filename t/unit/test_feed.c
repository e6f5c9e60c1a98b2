/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: which of them are one, what they take from others, what is shown. */
#include "feed.h"
#include "house.h"
#include "zone.h"

#define PRIVATE "https://c.example.com/private-5f1c/basic.ics"
#define ANA(x)                                                                 \
    "<QDNOperator ana>\nQDNPhone m +16195550103\n" x "</QDNOperator>\n"

static const qdn_operator_t *sergio(const qdn_plan_t *plan)
{
    return qdn_plan_operator(plan, "sergio");
}

static const qdn_feed_t *feed_at(const apr_array_header_t *feeds, int i)
{
    assert_true(i < feeds->nelts);
    return APR_ARRAY_IDX(feeds, i, const qdn_feed_t *);
}

static void test_asked_alike(void **state)
{
    static const char conf[] = SERVER SERGIO(
        "QDNCalendar ics:" PRIVATE "\nQDNCalendar ics:" PRIVATE "\n"
        "QDNCalendar \"ics:" PRIVATE "\" refresh=300s stale=60m\n"
        "QDNCalendar ics:" PRIVATE " refresh=10m\n"
        "QDNDuty ics:" PRIVATE "\nQDNDuty ics:" PRIVATE " match=Sergio\n")
        ANA("QDNCalendar ics:" PRIVATE "\n") LINE(HOPS);
    qdn_plan_t *plan = plan_of(conf);
    const qdn_operator_t *ana = qdn_plan_operator(plan, "ana");
    int i;

    (void)state;
    assert_int_equal(sergio(plan)->calendars->nelts, 2);
    assert_int_equal(sergio(plan)->duties->nelts, 2);
    assert_int_equal(plan->feeds->nelts, 4);
    assert_ptr_equal(feed_at(ana->calendars, 0),
                     feed_at(sergio(plan)->calendars, 0));
    for (i = 0; i < plan->feeds->nelts; i++) {
        const qdn_feed_t *feed = feed_at(plan->feeds, i);

        assert_int_equal(feed->index, i);
        assert_int_equal(strspn(feed->key, "0123456789abcdef"), 16);
        assert_ptr_equal(apr_hash_get(plan->feeds_by_key, feed->key, 16), feed);
    }
}

static void test_holidays_of_the_server(void **state)
{
    qdn_plan_t *plan = plan_of(
        "QDNHolidays /us.ics\nQDNHolidays /school.ics kind=school\n" SERVER
            SERGIO("QDNHolidays /own.ics\nQDNHolidays /us.ics\n")
                LINE(HOPS "QDNHolidays /shop.ics\n"));
    const qdn_line_t *line = qdn_plan_line(plan, "+16195550100");

    (void)state;
    assert_int_equal(sergio(plan)->holidays->nelts, 3);
    assert_string_equal(feed_at(sergio(plan)->holidays, 0)->address, "/us.ics");
    assert_int_equal(feed_at(sergio(plan)->holidays, 1)->school, 1);
    assert_string_equal(feed_at(sergio(plan)->holidays, 2)->address,
                        "/own.ics");
    assert_int_equal(line->holidays->nelts, 3);
    assert_int_equal(plan->feeds->nelts, 4);
}

/* Also from what stands below it in the file. */
static void test_takes_from_others(void **state)
{
    qdn_plan_t *plan = plan_of(
        SERGIO("QDNCalendar ics:" PRIVATE " secret=A\n"
               "QDNCalendar google:s@example.com\n"
               "QDNCalendar ics:/srv/s.ics\n"
               "QDNPresence https://p.example.com/s pointer=/a available=b\n")
            ANA("QDNTimezone Asia/Tokyo\nQDNCalendar ics:/srv/s.ics\n")
                LINE(HOPS) "QDNTimezone America/Los_Angeles\n" SERVER);
    const apr_array_header_t *calendars = sergio(plan)->calendars;
    const qdn_operator_t *ana = qdn_plan_operator(plan, "ana");

    (void)state;
    assert_string_equal(feed_at(calendars, 0)->secrets,
                        "dotenv:/etc/qdn/repos.env");
    assert_string_equal(feed_at(calendars, 0)->timezone, "America/Los_Angeles");
    assert_string_equal(feed_at(calendars, 1)->secrets,
                        "dotenv:/etc/qdn/repos.env");
    assert_null(feed_at(calendars, 1)->timezone);
    assert_null(feed_at(calendars, 2)->secrets);
    assert_null(sergio(plan)->presence->secrets);
    assert_ptr_equal(sergio(plan)->zone, plan->zone);
    assert_string_equal(qdn_zone_name(plan->zone), "America/Los_Angeles");
    assert_string_equal(qdn_zone_name(ana->zone), "Asia/Tokyo");
    assert_string_equal(feed_at(ana->calendars, 0)->timezone, "Asia/Tokyo");
    assert_ptr_not_equal(feed_at(ana->calendars, 0), feed_at(calendars, 2));
}

static void test_nothing_named(void **state)
{
    qdn_plan_t *plan = plan_of(HOUSE LINE(HOPS));

    (void)state;
    assert_int_equal(plan->feeds->nelts, 0);
    assert_string_equal(qdn_zone_name(sergio(plan)->zone), "UTC");
    assert_int_equal(sergio(plan)->on_a_call, QDN_TALK_SKIP);
}

/* A snapshot of yesterday's configuration must not show titles today. */
static void test_titles_change_the_key(void **state)
{
    static const char with[] = SERVER SERGIO("QDNCalendar ics:/s.ics\n"
                                             "QDNDuty ics:/s.ics\n") LINE(HOPS);
    qdn_plan_t *off = plan_of(with);
    qdn_plan_t *on =
        plan_of(apr_pstrcat(pool, "QDNCalendarDetail on\n", with, NULL));

    (void)state;
    assert_string_not_equal(feed_at(sergio(off)->calendars, 0)->key,
                            feed_at(sergio(on)->calendars, 0)->key);
    assert_string_equal(feed_at(sergio(off)->duties, 0)->key,
                        feed_at(sergio(on)->duties, 0)->key);
}

static void test_frozen_twice(void **state)
{
    qdn_plan_t *plan =
        plan_of("QDNHolidays /us.ics\nQDNNumbers vip /vip.txt\n" SERVER SERGIO(
            "QDNCalendar ics:" PRIVATE "\nQDNHolidays /own.ics\n"
            "QDNPresence https://p.example.com/s pointer=/a available=b\n")
                    ANA("QDNCalendar ics:" PRIVATE "\n") LINE(HOPS));
    const char *once = qdn_plan_json(plan, pool);
    apr_array_header_t *problems;

    (void)state;
    assert_int_equal(qdn_plan_freeze(plan, &problems, pool), APR_SUCCESS);
    assert_string_equal(qdn_plan_json(plan, pool), once);
}

/* A private address is in the revision, and nowhere to be read. */
static void test_addresses_are_secret(void **state)
{
    qdn_plan_t *plan =
        plan_of(SERVER SERGIO("QDNCalendar ics:" PRIVATE "\n") LINE(HOPS));
    qdn_plan_t *other =
        plan_of(SERVER SERGIO("QDNCalendar ics:" PRIVATE "?x\n") LINE(HOPS));
    const char *json = qdn_plan_json(plan, pool);

    (void)state;
    assert_null(strstr(json, "private-5f1c"));
    assert_non_null(strstr(json, "\"ics:c.example.com\""));
    assert_string_not_equal(plan->revision, other->revision);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_asked_alike),           TEST(test_holidays_of_the_server),
        TEST(test_takes_from_others),     TEST(test_nothing_named),
        TEST(test_titles_change_the_key), TEST(test_frozen_twice),
        TEST(test_addresses_are_secret),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
