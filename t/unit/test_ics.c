/* SPDX-License-Identifier: Apache-2.0 */
/* What calendars say, one trait at a time; recurrence.py tries thousands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>

#include "ics.h"

#define WEEK_BEGINS 1772438400 /* 2026-03-02T08:00Z, midnight in California */
#define WEEK        (7 * 86400)

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    apr_pool_create(&pool, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static qdn_ics_want_t wanted(void)
{
    return (qdn_ics_want_t){ .timezone = "America/Los_Angeles",
                             .busy_only = 1,
                             .titles = 1,
                             .from = apr_time_from_sec(WEEK_BEGINS),
                             .to = apr_time_from_sec(WEEK_BEGINS + WEEK) };
}

/* Hours since the week began: "8.5-9.5 Dentist; 24-48 Off". */
static const char *told(const char *text, const qdn_ics_want_t *want)
{
    const qdn_span_t *spans = NULL;
    const char *error = NULL, *shown = "";
    int i, n = 0;

    if (qdn_ics_spans(text, strlen(text), want, &spans, &n, &error, pool)) {
        return apr_pstrcat(pool, "! ", error, NULL);
    }
    for (i = 0; i < n; i++) {
        double from = (double)(apr_time_sec(spans[i].from) - WEEK_BEGINS);
        double to = (double)(apr_time_sec(spans[i].to) - WEEK_BEGINS);

        shown = apr_psprintf(pool, "%s%s%g-%g %s", shown, i ? "; " : "",
                             from / 3600, to / 3600, spans[i].title);
    }
    return shown;
}

static const char *calendar(const char *lines)
{
    return apr_pstrcat(pool, "BEGIN:VCALENDAR\nVERSION:2.0\n", lines,
                       "\nEND:VCALENDAR\n", NULL);
}

static const char *event(const char *lines)
{
    return calendar(apr_pstrcat(pool, "BEGIN:VEVENT\nUID:1\n", lines,
                                "\nEND:VEVENT", NULL));
}

#define AT_NINE "DTSTART:20260302T090000\n"

static const struct {
    const char *title;
    const char *lines; /* of one event */
    const char *spans;
} events[] = {
    { "floating times are the operator's",
      AT_NINE "DTEND:20260302T100000\nSUMMARY:Dentist", "9-10 Dentist" },
    { "UTC", "DTSTART:20260302T170000Z\nDTEND:20260302T180000Z", "9-10 " },
    { "a zone by its name",
      "DTSTART;TZID=America/New_York:20260302T120000\nDURATION:PT1H", "9-10 " },
    { "a zone by an old name of its",
      "DTSTART;TZID=/freeassociation.sourceforge.net/America/New_York:"
      "20260302T120000\nDURATION:PT1H",
      "9-10 " },
    { "a day", "DTSTART;VALUE=DATE:20260303", "24-48 " },
    { "days", "DTSTART;VALUE=DATE:20260303\nDTEND;VALUE=DATE:20260306",
      "24-96 " },
    { "a day on which the clock changes has 23 hours",
      "DTSTART;VALUE=DATE:20260308", "144-167 " },
    { "a moment is no time", AT_NINE, "" },
    { "free", AT_NINE "DURATION:PT1H\nTRANSP:TRANSPARENT", "" },
    { "free, says Outlook",
      AT_NINE "DURATION:PT1H\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", "" },
    { "cancelled", AT_NINE "DURATION:PT1H\nSTATUS:CANCELLED", "" },
    { "tentative is busy", AT_NINE "DURATION:PT1H\nSTATUS:TENTATIVE", "9-10 " },
    { "weekly since years",
      "DTSTART:20200106T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE",
      "9-10 ; 57-58 " },
    { "not on a day",
      AT_NINE "DURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n"
              "EXDATE:20260303T090000",
      "9-10 ; 57-58 " },
    { "not on a day, told as a day",
      AT_NINE "DURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n"
              "EXDATE;VALUE=DATE:20260303",
      "9-10 ; 57-58 " },
    { "and on a day", AT_NINE "DURATION:PT1H\nRDATE:20260304T100000",
      "9-10 ; 58-59 " },
    { "and for a time",
      AT_NINE "DURATION:PT1H\nRDATE;VALUE=PERIOD:20260304T180000Z/PT2H",
      "9-10 ; 58-60 " },
    { "until a day, that day included",
      AT_NINE "DURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20260303",
      "9-10 ; 33-34 " },
    { "past midnight, into the window",
      "DTSTART:20260301T230000\nDURATION:PT2H", "-1-1 " },
    { "an hour that is not there counts by the hour before",
      "DTSTART;TZID=America/Los_Angeles:20260308T023000\nDURATION:PT1H",
      "146.5-147.5 " },
};

static void test_events(void **state)
{
    qdn_ics_want_t want = wanted();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        const char *got = told(event(events[i].lines), &want);

        if (strcmp(got, events[i].spans)) {
            fail_msg("%s: %s", events[i].title, got);
        }
    }
}

#define SERIES                                                                 \
    "BEGIN:VEVENT\nUID:1\nDTSTART:20260302T090000\nDURATION:PT1H\n"            \
    "RRULE:FREQ=DAILY;COUNT=4\nSUMMARY:Round\nEND:VEVENT\n"
#define OTHER(lines) "BEGIN:VEVENT\nUID:1\n" lines "\nEND:VEVENT"

static const struct {
    const char *title;
    const char *lines;
    const char *spans;
} calendars[] = {
    { "one of a series is moved",
      SERIES OTHER("RECURRENCE-ID:20260303T090000\n"
                   "DTSTART:20260303T150000\nDURATION:PT30M\nSUMMARY:Round"),
      "9-10 Round; 39-39.5 Round; 57-58 Round; 81-82 Round" },
    { "one of a series is cancelled",
      SERIES OTHER("RECURRENCE-ID:20260303T090000\n"
                   "DTSTART:20260303T090000\nSTATUS:CANCELLED"),
      "9-10 Round; 57-58 Round; 81-82 Round" },
    { "one and all that follow are moved",
      SERIES OTHER("RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T090000\n"
                   "DTSTART:20260303T110000\nDURATION:PT1H\nSUMMARY:Late"),
      "9-10 Round; 35-36 Late; 59-60 Late; 83-84 Late" },
    { "events that touch are one span only under one title",
      "BEGIN:VEVENT\nUID:1\nDTSTART:20260302T090000\nDURATION:PT1H\n"
      "SUMMARY:A\nEND:VEVENT\nBEGIN:VEVENT\nUID:2\nDTSTART:20260302T100000\n"
      "DURATION:PT1H\nSUMMARY:A\nEND:VEVENT\nBEGIN:VEVENT\nUID:3\n"
      "DTSTART:20260302T103000\nDURATION:PT1H\nSUMMARY:B\nEND:VEVENT",
      "9-11 A; 10.5-11.5 B" },
    { "the calendar's own zone",
      "X-WR-TIMEZONE:America/New_York\n" OTHER(
          "DTSTART:20260302T120000\nDURATION:PT1H"),
      "9-10 " },
    { "a zone that the calendar describes",
      "BEGIN:VTIMEZONE\nTZID:Eastern Standard Time\nBEGIN:STANDARD\n"
      "DTSTART:16010101T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\n"
      "END:STANDARD\nEND:VTIMEZONE\n" OTHER(
          "DTSTART;TZID=Eastern Standard Time:20260302T120000\nDURATION:PT1H"),
      "9-10 " },
    { "declined by who owns it",
      "X-WR-CALNAME:ana@example.com\n" OTHER(
          "DTSTART:20260302T090000\nDURATION:PT1H\n"
          "ATTENDEE;PARTSTAT=DECLINED:mailto:Ana@example.com"),
      "" },
    { "declined by another",
      "X-WR-CALNAME:ana@example.com\n" OTHER(
          "DTSTART:20260302T090000\nDURATION:PT1H\n"
          "ATTENDEE;PARTSTAT=DECLINED:mailto:sergio@example.com"),
      "9-10 " },
    { "busy times",
      "BEGIN:VFREEBUSY\nFREEBUSY:20260302T170000Z/20260302T180000Z,"
      "20260302T190000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20260302T210000Z/PT1H\n"
      "END:VFREEBUSY",
      "9-10 ; 11-12 " },
    { "nothing", "X-WR-CALNAME:empty", "" },
};

static void test_calendars(void **state)
{
    qdn_ics_want_t want = wanted();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(calendars) / sizeof(calendars[0]); i++) {
        const char *got = told(calendar(calendars[i].lines), &want);

        if (strcmp(got, calendars[i].spans)) {
            fail_msg("%s: %s", calendars[i].title, got);
        }
    }
}

static void test_match_and_titles(void **state)
{
    qdn_ics_want_t want = wanted();
    const char *text = event(AT_NINE "DURATION:PT1H\nSUMMARY:Duty: SERGIO\n"
                                     "TRANSP:TRANSPARENT");

    (void)state;
    want.busy_only = 0;
    want.match = "sergio";
    assert_string_equal(told(text, &want), "9-10 Duty: SERGIO");
    want.titles = 0;
    assert_string_equal(told(text, &want), "9-10 ");
    want.match = "ana";
    assert_string_equal(told(text, &want), "");
}

/* What is no calendar, or half of one, says nothing: it is not "free". */
static void test_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "<html>sign in</html>",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\n",
        "BEGIN:VCALENDAR\nVERSION:2.0\n",
        "END:VCALENDAR",
    };
    qdn_ics_want_t want = wanted();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (*told(texts[i], &want) != '!') {
            fail_msg("taken: %s", texts[i]);
        }
    }
}

static void test_too_much(void **state)
{
    qdn_ics_want_t want = wanted();

    (void)state;
    want.from = 0;
    assert_int_equal(*told(event("DTSTART:19700101T000000Z\nDURATION:PT1S\n"
                                 "RRULE:FREQ=SECONDLY;INTERVAL=2"),
                           &want),
                     '!');
}

/* Texts of a few bytes that would keep libical busy for minutes. */
static void test_endless(void **state)
{
    static const char *const rules[] = {
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;BYYEARDAY=366;INTERVAL=7",
    };
    qdn_ics_want_t want = wanted();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const char *text = event(
            apr_pstrcat(pool, AT_NINE "DURATION:PT1H\nRRULE:", rules[i], NULL));

        if (*told(text, &want) != '!') {
            fail_msg("taken: %s", rules[i]);
        }
    }
}

/* Its own zone changes each minute: the calendar's clock is used. */
static void test_endless_zone(void **state)
{
    qdn_ics_want_t want = wanted();

    (void)state;
    assert_string_equal(
        told(calendar("BEGIN:VTIMEZONE\nTZID:mine\nBEGIN:STANDARD\n"
                      "DTSTART:19700101T000000\nTZOFFSETFROM:-0400\n"
                      "TZOFFSETTO:-0500\nRRULE:FREQ=MINUTELY\n"
                      "END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:1\n"
                      "DTSTART;TZID=mine:20260302T090000\nDURATION:PT1H\n"
                      "END:VEVENT"),
             &want),
        "9-10 ");
}

/* A name of many slashes costs as much as any other. */
static void test_long_zone(void **state)
{
    char name[40001];
    qdn_ics_want_t want = wanted();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(name) - 1; i++) {
        name[i] = i % 2 ? '/' : 'a';
    }
    name[i] = '\0';
    assert_string_equal(
        told(event(apr_pstrcat(pool, "DTSTART;TZID=", name,
                               ":20260302T090000\nDURATION:PT1H", NULL)),
             &want),
        "9-10 ");
}

static void test_days(void **state)
{
    const char *text =
        calendar("BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20201225\n"
                 "RRULE:FREQ=YEARLY\nTRANSP:TRANSPARENT\nEND:VEVENT\n"
                 "BEGIN:VEVENT\nUID:2\nDTSTART;VALUE=DATE:20261224\n"
                 "DTEND;VALUE=DATE:20261227\nEND:VEVENT");
    qdn_ics_want_t want = wanted();
    const char *error = NULL;
    qdn_days_t days;

    (void)state;
    want.busy_only = 0;
    want.to = want.from + apr_time_from_sec(670 * 86400LL);
    assert_int_equal(
        qdn_ics_days(text, strlen(text), &want, &days, &error, pool), 0);
    assert_int_equal(days.n, 4);
    assert_int_equal(days.days[0], 20261224);
    assert_int_equal(days.days[2], 20261226);
    assert_int_equal(days.days[3], 20271225);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_calendars, setup, teardown),
        cmocka_unit_test_setup_teardown(test_match_and_titles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_much, setup, teardown),
        cmocka_unit_test_setup_teardown(test_endless, setup, teardown),
        cmocka_unit_test_setup_teardown(test_endless_zone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_zone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_days, setup, teardown),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
