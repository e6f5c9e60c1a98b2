/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "hours.h"

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))
#define AT(sec)   apr_time_from_sec((apr_int64_t)(sec))

static apr_pool_t *pool;

/* Some of them weekends, one a leap day. */
static const int public_days[] = { 20270101, 20270705, 20271225, 20280101,
                                   20280229, 20280417, 20281225 };
static const int school_days[] = { 20270209, 20270210, 20270211, 20280229,
                                   20280717, 20280718, 20281225, 20281226 };
static const qdn_days_t public = { public_days, LENGTH(public_days) };
static const qdn_days_t school = { school_days, LENGTH(school_days) };
static const qdn_holidays_t holidays = { &public, &school };

static int setup(void **state)
{
    (void)state;
    apr_initialize();
    return apr_pool_create(&pool, NULL);
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

static const qdn_zone_t *zone_of(const char *name)
{
    const qdn_zone_t *zone = NULL;

    assert_null(qdn_zone_load(&zone, name, pool));
    return zone;
}

static const qdn_hours_t *hours_of(const char *text)
{
    const qdn_hours_t *hours = NULL;
    const char *error = qdn_hours_parse(&hours, text, pool);

    if (error) {
        fail_msg("%s: %s", text, error);
    }
    assert_string_equal(qdn_hours_text(hours), text);
    return hours;
}

/* "2027-03-14 02:30" on that wall; 0 for NULL. */
static apr_time_t moment(const qdn_zone_t *zone, const char *s)
{
    qdn_local_t t = { 0 };

    if (!s) {
        return 0;
    }
    t.year = atoi(s);
    t.month = atoi(s + 5);
    t.day = atoi(s + 8);
    t.hour = atoi(s + 11);
    t.minute = atoi(s + 14);
    return qdn_zone_at(zone, &t);
}

static const struct {
    const char *text, *zone, *at;
    int open, holiday;
    const char *until; /* NULL: not within 400 days */
} moments[] = {
#define LA "America/Los_Angeles"
    { "24/7", LA, "2027-03-14 02:30", 1, 0, NULL },
    { "off", LA, "2027-03-14 02:30", 0, 0, NULL },
    { "Mo-Fr 08:00-18:00", LA, "2027-03-12 07:59", 0, 0, "2027-03-12 08:00" },
    { "Mo-Fr 08:00-18:00", LA, "2027-03-12 08:00", 1, 0, "2027-03-12 18:00" },
    { "Mo-Fr 08:00-18:00", LA, "2027-03-12 18:00", 0, 0, "2027-03-15 08:00" },
    { "Mo-Fr 08:00-18:00; PH off", LA, "2027-07-02 18:00", 0, 0,
      "2027-07-06 08:00" },
    { "Mo-Fr 08:00-18:00; PH off", LA, "2027-07-05 12:00", 0, 1,
      "2027-07-06 08:00" },
    { "PH 10:00-12:00", LA, "2027-07-05 11:00", 1, 1, "2027-07-05 12:00" },
    { "PH off; Mo-Fr 08:00-18:00", LA, "2027-07-05 12:00", 1, 0,
      "2027-07-05 18:00" },
    { "24/7; SH off", LA, "2027-02-08 12:00", 1, 0, "2027-02-09 00:00" },
    { "24/7; SH off", LA, "2027-02-10 12:00", 0, 1, "2027-02-12 00:00" },
    /* The night belongs to the day on which it begins. */
    { "Fr 22:00-02:00; Sa off", LA, "2027-01-09 01:00", 1, 0,
      "2027-01-09 02:00" },
    { "Fr 22:00-26:00", LA, "2027-01-09 02:00", 0, 0, "2027-01-15 22:00" },
    { "Dec 31 20:00-28:00", LA, "2028-01-01 03:59", 1, 0, "2028-01-01 04:00" },
    { "17:00+", LA, "2027-01-09 23:59", 1, 0, "2027-01-10 00:00" },
    { "Feb 29 off; 24/7", LA, "2028-02-29 12:00", 1, 0, NULL },
    { "24/7; Feb 29 off", LA, "2027-12-01 12:00", 1, 0, "2028-02-29 00:00" },
    { "24/7; Feb 29 off", LA, "2026-12-01 12:00", 1, 0, NULL },
    { "24/7; Dec 24-Jan 02 off", LA, "2027-12-30 12:00", 0, 0,
      "2028-01-03 00:00" },
    { "2027 Dec 24-Jan 02", LA, "2027-12-01 12:00", 0, 0, "2027-12-24 00:00" },
    { "2027 Dec 24-Jan 02", LA, "2027-12-30 12:00", 1, 0, "2028-01-03 00:00" },
    { "2027 Dec 24-Jan 02", LA, "2028-12-30 12:00", 0, 0, NULL },
    { "2027 Dec 24-2028 Feb 01", LA, "2028-01-31 12:00", 1, 0,
      "2028-02-02 00:00" },
    /* No 02:00 on that day: it opens with the gap. */
    { "02:00-03:30", LA, "2027-03-14 01:00", 0, 0, "2027-03-14 03:00" },
    { "02:15-02:45", LA, "2027-03-14 01:00", 0, 0, "2027-03-15 02:15" },
    { "01:00-03:00", LA, "2027-03-14 01:30", 1, 0, "2027-03-14 03:00" },
    /* Twice 01:00 to 02:00, at Lord Howe 01:30 to 02:00. */
    { "01:00-02:00", LA, "2027-11-07 01:30", 1, 0, "2027-11-07 02:00" },
    { "Su 01:45-24:00", "Australia/Lord_Howe", "2027-04-04 00:30", 0, 0,
      "2027-04-04 01:45" },
    /* The last Saturday of March lasts 23 hours at Nuuk. */
    { "Sa 20:00-26:00", "America/Nuuk", "2027-03-27 21:00", 1, 0,
      "2027-03-28 02:00" },
    /* The 30th of December 2011 was left out. */
    { "Th-Sa 10:00-12:00", "Pacific/Apia", "2011-12-29 12:00", 0, 0,
      "2011-12-31 10:00" },
    { "Fr", "Pacific/Apia", "2011-12-29 12:00", 0, 0, "2012-01-06 00:00" },
    { "Mo-Fr 09:00-17:00", "Pacific/Kiritimati", "2027-01-04 08:00", 0, 0,
      "2027-01-04 09:00" },
};

static void test_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(moments); i++) {
        const qdn_zone_t *zone = zone_of(moments[i].zone);
        const qdn_hours_t *hours = hours_of(moments[i].text);
        apr_time_t at = moment(zone, moments[i].at);
        qdn_hours_state_t is;
        int holiday;

        qdn_hours_at(hours, zone, &holidays, at, &is);
        assert_int_equal(qdn_hours_open(hours, zone, &holidays, at, &holiday),
                         is.open);
        assert_int_equal(holiday, is.holiday);
        if (is.open != moments[i].open || is.holiday != moments[i].holiday ||
            is.until != moment(zone, moments[i].until)) {
            fail_msg("%s at %s: open %d, holiday %d, until %s", moments[i].text,
                     moments[i].at, is.open, is.holiday,
                     qdn_zone_text(zone, is.until, pool));
        }
    }
}

static void test_needs(void **state)
{
    static const struct {
        const char *text;
        int public, school;
    } rows[] = {
        { "Mo-Fr", 0, 0 },         { "Mo; PH off", 1, 0 },
        { "Mo; SH off", 0, 1 },    { "PH,SH off", 1, 1 },
        { "PH off, SH Mo", 1, 1 },
    };
    int holiday = 1;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const qdn_hours_t *hours = hours_of(rows[i].text);

        assert_int_equal(qdn_hours_need_public(hours), rows[i].public);
        assert_int_equal(qdn_hours_need_school(hours), rows[i].school);
        qdn_hours_open(hours, qdn_zone_utc(), NULL, 0, &holiday);
        assert_int_equal(holiday, 0);
    }
}

static const struct {
    const char *text;
    const char *says;
} refusals[] = {
    { "", "at position 1 the text ends; accepted there: weekdays" },
    { "  ", "at position 3 the text ends" },
    { "Mon-Fr 08:00-18:00", "at position 1 stands 'Mon'" },
    { "Mo-Fri 08:00-18:00", "at position 4 stands 'Fri'" },
    { "Mo-Fr 8-18", "at position 7 stands '8'; accepted there: a time" },
    { "Mo-Fr 08:00", "at position 12 the text ends; accepted there: '-'" },
    { "Mo-Fr 08:00-", "at position 13 the text ends" },
    { "Mo-Fr 08:00-18", "at position 13 stands '18'" },
    { "Mo-Fr 08:60-18:00", "at position 7 stands '08'" },
    { "Mo-Fr 24:00-25:00", "at position 7 stands '24'" },
    { "Mo-Fr 08:00-48:01", "at position 13 stands '48'" },
    { "Mo-Fr 08:0-18:00", "at position 7 stands '08'" },
    { "Mo-Fr 08:00-18:00;", "at position 19 the text ends" },
    { "Mo-Fr 08:00-18:00 Sa", "at position 19 stands 'Sa'; accepted "
                              "there: off, ',', ';' or the end" },
    { "Mo-Fr, 08:00-18:00", "at position 6 stands ','" },
    { "Mo,Tu,", "at position 6 stands ','" },
    { "Mo-", "at position 4 the text ends; accepted there: a weekday" },
    { "Mo-PH off", "at position 4 stands 'PH'" },
    { "Mo\xE2\x80\x93"
      "Fr 08:00-18:00",
      "at position 3 stands '\xE2\x80\x93'" },
    { "Mo 08:00\xE2\x80\x93"
      "18:00 \xFF",
      "at position 9 stands '\xE2\x80\x93'" },
    { "Mo off \xC3\xA9 x", "at position 8 stands '\xC3\xA9'" },
    { "Feb 30 off", "at position 5 stands '30'; accepted there: a day of "
                    "Feb, 1 to 29" },
    { "2027 Feb 29 off", "at position 10 stands '29'" },
    { "Dec 0 off", "at position 5 stands '0'" },
    { "Dec 24-20 off", "at position 8 stands '20'" },
    { "Dec 24-Mo off", "at position 8 stands 'Mo'; accepted there: a "
                       "month" },
    { "Dec 24-Jan off", "at position 12 stands 'off'; accepted there: a "
                        "day of Jan" },
    { "Dec 24-2027 Jan 02 off", "at position 8 stands '2027'" },
    { "2027 Dec 24-2026 Jan 02 off", "at position 13 stands '2026'" },
    { "2027 off", "at position 6 stands 'off'; accepted there: a month" },
    { "Dec 24, Mo 10:00-12:00", "at position 7 stands ','" },
    { "08:00-12:00, 13-17", "at position 14 stands '13'" },
    { "24/8", "at position 1 stands '24'" },
    { "24/77", "at position 5 stands '7'" },
    { "Mo-Fr 08:00-18:00; PH closedd", "at position 23 stands 'closedd'" },
    { "sunrise-sunset", "at position 1 stands 'sunrise' (the sun), which "
                        "opening_hours knows and this program does not" },
    { "Mo 08:00-sunset", "at position 10 stands 'sunset' (the sun)" },
    { "Mo (sunrise+01:00)-18:00", "at position 4 stands '(' (a variable" },
    { "week 01-53 Mo 08:00-18:00", "at position 1 stands 'week' (a week" },
    { "Mo 08:00-18:00 || off", "at position 16 stands '||' (a fallback" },
    { "Mo[1] 08:00-18:00", "at position 3 stands '[' (the n-th weekday" },
    { "PH -1 day off", "at position 4 stands '-'" },
    { "easter off", "at position 1 stands 'easter' (a moving date)" },
    { "Mo 08:00-18:00 \"by phone\"", "at position 16 stands '\"' (a com" },
    { "Mo 08:00-18:00/90", "at position 15 stands '/' (a repeated time)" },
    { "Mo 08:00-18:00+", "at position 15 stands '+'" },
    { "Mo unknown", "at position 4 stands 'unknown' (a state" },
    { "Jun: Mo-Fr 8 - 18", "at position 12 stands '8'" },
    { "PH SH off", "at position 4 stands 'SH'" },
    { ";", "at position 1 stands ';'" },
    { "||", "at position 1 stands '||'" },
};

static void test_refused(void **state)
{
    char *big = apr_palloc(pool, QDN_HOURS_BYTES + 2);
    const qdn_hours_t *hours = NULL;

    (void)state;
    for (size_t i = 0; i < LENGTH(refusals); i++) {
        const char *error = qdn_hours_parse(&hours, refusals[i].text, pool);

        if (!error || !strstr(error, refusals[i].says)) {
            fail_msg("'%s': %s", refusals[i].text, error ? error : "accepted");
        }
        assert_null(hours);
    }
    memset(big, ' ', QDN_HOURS_BYTES + 1);
    memcpy(big, "24/7", 4);
    big[QDN_HOURS_BYTES] = '\0';
    assert_null(qdn_hours_parse(&hours, big, pool));
    big[QDN_HOURS_BYTES] = ' ';
    big[QDN_HOURS_BYTES + 1] = '\0';
    assert_non_null(
        strstr(qdn_hours_parse(&hours, big, pool), "accepted are up to 500"));
}

/*
 * The same hours once more, as a person reads them: a function of the day and
 * of the minute since its beginning, to be compared with minute by minute.
 */
typedef struct day_t {
    int year, month, day, weekday, ph, sh;
} day_t;

#define IN(a, b) (minute >= (a)*60 && minute < (b)*60)
#define MD       (day->month * 100 + day->day)
#define WD       day->weekday
#define READ(fn, what)                                                         \
    static int fn(const day_t *day, int minute)                                \
    {                                                                          \
        (void)day, (void)minute;                                               \
        return what;                                                           \
    }

READ(always, IN(0, 24))
READ(never, 0)
READ(office, WD < 5 && IN(8, 18))
READ(shop, !day->ph && (WD < 5 ? IN(8, 18) : WD == 5 && IN(10, 14)))
READ(noon, WD < 5 && (IN(8, 12) || IN(13, 17.5)))
READ(bar, (WD >= 3 && WD < 6) && IN(20, 26))
READ(night, IN(22, 30))
READ(small_hours, IN(1.5, 2.5))
READ(half, IN(0.25, 1.75))
READ(wednesday, WD == 2 ? IN(14, 18) : WD < 5 && IN(8, 12))
READ(plus, (WD < 5 && IN(8, 12)) || (WD == 2 && IN(14, 18)))
READ(lunch, WD < 5 && IN(8, 18) && !IN(12, 13))
READ(weekend, (WD == 4 || WD >= 5 || WD == 0) && IN(10, 16))
READ(open_end, WD == 6 && IN(17, 24))
READ(xmas, MD == 1224 ? IN(8, 12) : MD >= 1225 && MD <= 1226 ? 0 : IN(8, 18))
READ(new_year, MD >= 1228 || MD <= 103 ? 0 : IN(9, 17))
READ(summer, day->month >= 6 && day->month <= 8 ? WD < 5 && IN(7, 15)
                                                : WD < 5 && IN(8, 18))
READ(winter, (day->month >= 11 || day->month <= 2) && IN(9, 16))
READ(leap, MD == 229 && IN(0, 24))
READ(once, day->year == 2028 && MD >= 229 && MD <= 302 && IN(6, 30))
READ(year_end,
     ((day->year == 2027 && MD >= 1224) || (day->year == 2028 && MD <= 102)) &&
         IN(0, 24))
READ(sundays, (day->ph || WD == 6) ? IN(10, 12) : IN(8, 20))
READ(schools, day->sh &&WD < 2 ? IN(9, 10) : WD < 5 && IN(8, 13))
READ(dates, (MD == 224 || MD == 225 || MD == 301 || MD == 704) && IN(0, 24))
READ(days2, WD == 1 && IN(12, 48))
READ(reopened, day->ph ? IN(10, 11) : WD == 6 ? 0 : IN(0, 24))
READ(full_day, WD == 0 && IN(8, 32))
READ(fridays, !day->ph && (WD == 4 ? IN(22, 26) : 0))

static const struct {
    const char *text;
    int (*read)(const day_t *day, int minute);
} readings[] = {
    { "24/7", always },
    { "off", never },
    { "Mo-Fr 08:00-18:00", office },
    { "Mo-Fr 08:00-18:00; Sa 10:00-14:00; PH off", shop },
    { "mo-fr 8:00-12:00 , 13:00 - 17:30", noon },
    { "Th-Sa 20:00-02:00", bar },
    { "22:00-06:00", night },
    { "01:30-02:30", small_hours },
    { "00:15-01:45 open", half },
    { "Mo-Fr 08:00-12:00; We 14:00-18:00", wednesday },
    { "Mo-Fr 08:00-12:00, We 14:00-18:00", plus },
    { "Mo-Fr 08:00-18:00; Mo-Su 12:00-13:00 off", lunch },
    { "Fr-Mo 10:00-16:00", weekend },
    { "Su 17:00+", open_end },
    { "08:00-18:00; Dec 24 08:00-12:00; Dec 25,26 off", xmas },
    { "09:00-17:00; Dec 28-Jan 03 closed", new_year },
    { "Mo-Fr 08:00-18:00; Jun-Aug: Mo-Fr 07:00-15:00; "
      "Jun-Aug Sa,Su off",
      summer },
    { "Jan,Feb,Nov-Dec 09:00-16:00", winter },
    { "Feb 29", leap },
    { "2028 Feb 29-2028 Mar 2 06:00-30:00", once },
    { "2027 Dec 24-Jan 02", year_end },
    { "08:00-20:00; PH,Su 10:00-12:00", sundays },
    { "Mo-Fr 08:00-13:00; SH Mo-Tu 09:00-10:00", schools },
    { "Feb 24-25, Mar 1, Jul 04 00:00-24:00", dates },
    { "Tu 12:00-48:00", days2 },
    { "24/7; Su off; PH 10:00-11:00", reopened },
    { "Mo 08:00-08:00", full_day },
    { "Fr 22:00-02:00; PH off", fridays },
};

static int listed(const qdn_days_t *days, const day_t *day)
{
    for (int i = 0; i < days->n; i++) {
        if (days->days[i] == (day->year * 100 + day->month) * 100 + day->day) {
            return 1;
        }
    }
    return 0;
}

/* The date of a libc time, so many days away. */
static void day_at(struct tm tm, int away, day_t *day)
{
    tm.tm_mday += away;
    tm.tm_hour = 12;
    tm.tm_gmtoff = 0;
    timegm(&tm);
    *day = (day_t){ .year = tm.tm_year + 1900,
                    .month = tm.tm_mon + 1,
                    .day = tm.tm_mday,
                    .weekday = (tm.tm_wday + 6) % 7 };
    day->ph = listed(&public, day);
    day->sh = listed(&school, day);
}

/* A run of minutes without a change, and what must be said of it. */
static void check_run(const qdn_hours_t *hours, const qdn_zone_t *zone,
                      time_t from, time_t to, int open)
{
    const time_t looks[] = { from, from + (to - from) / 2, to - 1 };

    for (size_t i = 0; i < LENGTH(looks); i++) {
        qdn_hours_state_t is;

        qdn_hours_at(hours, zone, &holidays, AT(looks[i]) + 1, &is);
        if (is.open != open || is.until != AT(to)) {
            fail_msg("%s in %s, %s: open %d until %s, not %d until %s",
                     qdn_hours_text(hours), qdn_zone_name(zone),
                     qdn_zone_text(zone, AT(looks[i]), pool), is.open,
                     qdn_zone_text(zone, is.until, pool), open,
                     qdn_zone_text(zone, AT(to), pool));
        }
    }
}

static void sweep_zone(const char *name)
{
    const time_t begin = 1798761600, end = begin + 731 * 86400L; /* 2027 on */
    const qdn_zone_t *zone = zone_of(name);
    const qdn_hours_t *hours[LENGTH(readings)];
    time_t since[LENGTH(readings)];
    int last[LENGTH(readings)];
    int today = -1, holiday;
    day_t day = { 0 }, before = { 0 };
    struct tm tm;

    setenv("TZ", name, 1);
    tzset();
    for (size_t i = 0; i < LENGTH(readings); i++) {
        hours[i] = hours_of(readings[i].text);
        last[i] = -1;
    }
    for (time_t now = begin; now < end; now += 60) {
        int minute;

        localtime_r(&now, &tm);
        minute = tm.tm_hour * 60 + tm.tm_min;
        if (tm.tm_mday != today) {
            today = tm.tm_mday;
            day_at(tm, 0, &day);
            day_at(tm, -1, &before);
        }
        for (size_t i = 0; i < LENGTH(readings); i++) {
            int open = readings[i].read(&day, minute) ||
                       readings[i].read(&before, minute + 1440);

            if (qdn_hours_open(hours[i], zone, &holidays, AT(now), &holiday) !=
                open) {
                fail_msg("%s in %s, %s: open %d", readings[i].text, name,
                         qdn_zone_text(zone, AT(now), pool), !open);
            }
            if (open != last[i]) {
                if (last[i] >= 0 && now - since[i] < 400 * 86400L &&
                    since[i] > begin) {
                    check_run(hours[i], zone, since[i], now, last[i]);
                }
                since[i] = now;
                last[i] = open;
            }
        }
    }
    setenv("TZ", "UTC", 1);
    tzset();
}

/* QDN_TEST_QUICK=yes: of one zone. */
static void test_every_minute(void **state)
{
    static const char *const zones[] = {
        "America/Los_Angeles", "Australia/Lord_Howe", "Africa/Casablanca",
        "America/Nuuk",        "Asia/Kolkata",
    };

    const char *quick = getenv("QDN_TEST_QUICK");
    size_t n = quick && !strcmp(quick, "yes") ? 1 : LENGTH(zones);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        sweep_zone(zones[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_every_minute),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hours", tests, setup, teardown);
}
