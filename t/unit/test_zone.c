/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "civil.h"
#include "zone_file.h"

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))
#define AT(sec)   apr_time_from_sec((apr_int64_t)(sec))

static apr_pool_t *pool;

/* East, west, none, half hours, quarters, changes of every odd kind. */
static const char *const names[] = {
    "UTC",
    "America/Los_Angeles",
    "America/Sao_Paulo", /* gave up changing */
    "Europe/Berlin",
    "Europe/Dublin",       /* winter is the exception, by law */
    "Africa/Casablanca",   /* changes with the moon */
    "Asia/Kolkata",        /* +05:30 */
    "Asia/Gaza",           /* changes listed one by one */
    "Australia/Lord_Howe", /* by half an hour */
    "Pacific/Chatham",     /* +12:45 */
    "Pacific/Apia",        /* a day that never was */
    "Pacific/Kiritimati",  /* +14 */
    "America/Nuuk",        /* changes on a Saturday evening */
    "Antarctica/Troll",    /* by two hours */
};

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
    const char *error = qdn_zone_load(&zone, name, pool);

    if (error) {
        fail_msg("%s", error);
    }
    assert_string_equal(qdn_zone_name(zone), name);
    return zone;
}

static void use_libc(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static void compare(const qdn_zone_t *zone, time_t sec)
{
    char says[64];
    qdn_local_t t;
    struct tm tm;

    localtime_r(&sec, &tm);
    qdn_zone_local(zone, AT(sec) + 999999, &t);
    if (t.year != tm.tm_year + 1900 || t.month != tm.tm_mon + 1 ||
        t.day != tm.tm_mday || t.hour != tm.tm_hour || t.minute != tm.tm_min ||
        t.second != tm.tm_sec || t.weekday != (tm.tm_wday + 6) % 7 ||
        t.offset != tm.tm_gmtoff) {
        fail_msg("%s at %ld: %s, offset %d", qdn_zone_name(zone), (long)sec,
                 qdn_zone_text(zone, AT(sec), pool), t.offset);
    }
    strftime(says, sizeof(says), "%Y-%m-%d %H:%M %Z", &tm);
    assert_string_equal(qdn_zone_text(zone, AT(sec), pool), says);
}

static long offset_at(time_t sec)
{
    struct tm tm;

    localtime_r(&sec, &tm);
    return tm.tm_gmtoff;
}

/* The seconds on both sides of a change between the two. */
static void compare_change(const qdn_zone_t *zone, time_t low, time_t high)
{
    long before = offset_at(low);

    while (high - low > 1) {
        time_t mid = low + (high - low) / 2;

        if (offset_at(mid) == before) {
            low = mid;
        }
        else {
            high = mid;
        }
    }
    compare(zone, low);
    compare(zone, high);
}

/* What the clock shows leads back; where it shows it twice, to the first. */
static void compare_back(const qdn_zone_t *zone, time_t sec)
{
    qdn_local_t t, again;
    apr_time_t at;

    qdn_zone_local(zone, AT(sec), &t);
    at = qdn_zone_at(zone, &t);
    assert_true(at <= AT(sec));
    qdn_zone_local(zone, at, &again);
    again.offset = t.offset;
    assert_memory_equal(&again, &t, sizeof(t));
    if (at < AT(sec)) {
        assert_true(offset_at(apr_time_sec(at)) > offset_at(sec));
    }
}

static void test_as_libc(void **state)
{
    const time_t end = 4102444800; /* 2100 */

    (void)state;
    for (size_t i = 0; i < LENGTH(names); i++) {
        const qdn_zone_t *zone = zone_of(names[i]);
        apr_pool_t *all = pool;
        time_t last = -86400 * 3650L;

        use_libc(names[i]);
        for (time_t sec = last; sec < end; sec += 20240) {
            apr_pool_create(&pool, all);
            compare(zone, sec);
            compare_back(zone, sec);
            if (offset_at(sec) != offset_at(last)) {
                compare_change(zone, last, sec);
            }
            last = sec;
            apr_pool_destroy(pool);
        }
        pool = all;
    }
    use_libc("UTC");
}

static void test_utc(void **state)
{
    qdn_local_t t;

    (void)state;
    assert_string_equal(qdn_zone_name(qdn_zone_utc()), "UTC");
    assert_string_equal(qdn_zone_text(qdn_zone_utc(), AT(1795358096), pool),
                        "2026-11-22 14:34 UTC");
    qdn_zone_local(qdn_zone_utc(), -1, &t);
    assert_int_equal(t.year, 1969);
    assert_int_equal(t.second, 59);
}

/* Far beyond any table the rules go on: 400 years are whole weeks. */
static void test_far(void **state)
{
    const qdn_zone_t *zone = zone_of("America/Los_Angeles");
    const apr_int64_t again = APR_INT64_C(146097) * 86400;

    (void)state;
    for (apr_int64_t day = 0; day < 366; day++) {
        apr_int64_t sec = (apr_int64_t)2208988800 + day * 86400;
        qdn_local_t t, later;

        qdn_zone_local(zone, AT(sec), &t);
        qdn_zone_local(zone, AT(sec + 20 * again), &later);
        assert_int_equal(later.year, t.year + 8000);
        later.year = t.year;
        assert_memory_equal(&later, &t, sizeof(t));
    }
}

static void test_at(void **state)
{
    static const struct {
        const char *zone;
        int year, month, day, hour, minute, second;
        const char *utc;
    } rows[] = {
        { "America/Los_Angeles", 2026, 11, 22, 14, 30, 0, "2026-11-22 22:30" },
        /* Shown twice: the first. */
        { "America/Los_Angeles", 2026, 11, 1, 1, 30, 0, "2026-11-01 08:30" },
        { "America/Los_Angeles", 2026, 11, 1, 2, 0, 0, "2026-11-01 10:00" },
        /* Never shown: the moment of the gap. */
        { "America/Los_Angeles", 2026, 3, 8, 2, 0, 0, "2026-03-08 10:00" },
        { "America/Los_Angeles", 2026, 3, 8, 2, 59, 59, "2026-03-08 10:00" },
        { "America/Los_Angeles", 2026, 3, 8, 3, 0, 0, "2026-03-08 10:00" },
        { "America/Los_Angeles", 2086, 3, 10, 2, 30, 0, "2086-03-10 10:00" },
        { "Australia/Lord_Howe", 2026, 10, 4, 2, 15, 0, "2026-10-03 15:30" },
        { "Australia/Lord_Howe", 2026, 4, 5, 1, 45, 0, "2026-04-04 14:45" },
        { "Pacific/Apia", 2011, 12, 30, 12, 0, 0, "2011-12-30 10:00" },
        /* Carried over. */
        { "Europe/Berlin", 2026, 12, 32, 26, 61, 0, "2027-01-02 02:01" },
        { "Europe/Berlin", 2026, 14, 29, 0, 0, 0, "2027-02-28 23:00" },
        { "Europe/Berlin", 2026, 1, 0, 0, -1, 0, "2025-12-30 22:59" },
        { "Europe/Berlin", 2026, 3, 29, 26, 0, 0, "2026-03-30 00:00" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const qdn_local_t t = { .year = rows[i].year,
                                .month = rows[i].month,
                                .day = rows[i].day,
                                .hour = rows[i].hour,
                                .minute = rows[i].minute,
                                .second = rows[i].second,
                                .weekday = 9,
                                .offset = 12345 };
        apr_time_t at = qdn_zone_at(zone_of(rows[i].zone), &t);

        assert_string_equal(qdn_zone_text(qdn_zone_utc(), at, pool),
                            apr_pstrcat(pool, rows[i].utc, " UTC", NULL));
    }
}

static void test_names(void **state)
{
    static const char *const bad[] = {
        "",
        "/",
        "America",
        "America/San_Diego",
        "utc",
        "leapseconds",
        "tzdata.zi",
        "zone.tab",
        "../../../etc/localtime",
        "/usr/share/zoneinfo/UTC",
        "America/Los_Angeles\n",
    };
    const qdn_zone_t *zone = NULL;

    (void)state;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        const char *error = qdn_zone_load(&zone, bad[i], pool);

        assert_non_null(error);
        assert_non_null(strstr(error, bad[i]));
        assert_non_null(strstr(error, "America/Los_Angeles"));
        assert_null(zone);
    }
}

/* Files of a hand: a block of each version with one kind, "XST" +1 h. */
static apr_size_t compose(unsigned char *file, char version, const char *footer)
{
    static const unsigned char kind[] = {
        0, 0, 14, 16, 0, 0, 'X', 'S', 'T', 0
    };
    unsigned char *s = file;

    for (int block = 0; block < (version ? 2 : 1); block++) {
        memset(s, 0, 44);
        memcpy(s, "TZif", 4);
        s[4] = (unsigned char)version;
        s[39] = 1; /* kinds */
        s[43] = 4; /* bytes of names */
        memcpy(s + 44, kind, sizeof(kind));
        s += 44 + sizeof(kind);
    }
    if (version) {
        s += sprintf((char *)s, "\n%s\n", footer);
    }
    return (apr_size_t)(s - file);
}

static void test_footer(void **state)
{
    static const struct {
        const char *footer;
        const char *at; /* "YYYY-MM-DD HH:MM" in UTC of */
        time_t sec;     /* this; NULL: refused */
    } rows[] = {
        { "", "2026-11-22 15:34 XST", 1795358096 },
        { "CET-1", "2026-11-22 15:34 CET", 1795358096 },
        { "<-03>3", "2026-11-22 11:34 -03", 1795358096 },
        { "<+0545>-5:45", "2026-11-22 20:19 +0545", 1795358096 },
        /* Summer all the year: no gap where one year meets the next. */
        { "EST5EDT,0/0,J365/25", "2026-11-22 10:34 EDT", 1795358096 },
        { "EST5EDT,0/0,J365/25", "2026-12-31 23:59 EDT", 1798775999 },
        { "EST5EDT,0/0,J365/25", "2027-01-01 00:00 EDT", 1798776000 },
        { "EST5EDT4,J60,J300", "2028-03-01 03:00 EDT", 1835506800 },
        { "EST5EDT4,J60,J300", "2028-03-01 01:59 EST", 1835506799 },
        { "EST5EDT4,59,J300", "2028-02-29 03:00 EDT", 1835420400 },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-28 21:59 -02",
          1774742399 },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29 00:00 -01",
          1774746000 },
        { "CET-1CEST", NULL, 0 },
        { "CET-1CEST,M3.5.0", NULL, 0 },
        { "CET-1CEST,M3.5.0,M13.5.0", NULL, 0 },
        { "CET-1CEST,M3.5.0,M0.5.0", NULL, 0 },
        { "CET-1CEST,M3.6.0,M10.5.0", NULL, 0 },
        { "CET-1CEST,M3.0.0,M10.5.0", NULL, 0 },
        { "CET-1CEST,M3.5.7,M10.5.0", NULL, 0 },
        { "CET-1CEST,M3.5.0/168,M10.5.0", NULL, 0 },
        { "CET-1CEST,J0,J300", NULL, 0 },
        { "CET-1CEST,366,J300", NULL, 0 },
        { "CET-1CEST,M3.5.0,M10.5.0,", NULL, 0 },
        { "CET", NULL, 0 },
        { "CE-1", NULL, 0 },
        { "<CET-1", NULL, 0 },
        { "CET-25", NULL, 0 },
        { "CET-1:60", NULL, 0 },
        { ":Europe/Berlin", NULL, 0 },
    };
    unsigned char file[512];

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const qdn_zone_t *zone = NULL;
        apr_size_t size = compose(file, '2', rows[i].footer);
        const char *fault = qdn_zone_read(&zone, "x", file, size, pool);

        if (!rows[i].at) {
            assert_string_equal(fault ? fault : rows[i].footer,
                                "its rule for the years to come is not "
                                "understood");
            continue;
        }
        assert_null(fault);
        assert_string_equal(qdn_zone_text(zone, AT(rows[i].sec), pool),
                            rows[i].at);
    }
}

static void test_version_1(void **state)
{
    const qdn_zone_t *zone = NULL;
    unsigned char file[512];
    apr_size_t size = compose(file, 0, "");

    (void)state;
    assert_null(qdn_zone_read(&zone, "x", file, size, pool));
    assert_string_equal(qdn_zone_text(zone, AT(0), pool),
                        "1970-01-01 01:00 XST");
    file[31] = 1;
    assert_string_equal(qdn_zone_read(&zone, "x", file, size, pool),
                        "it counts leap seconds");
}

/* Whatever comes out of damaged bytes can be used, or is refused. */
static void use_damaged(const unsigned char *data, apr_size_t size)
{
    unsigned char *exact = malloc(size ? size : 1); /* for the sanitizer */
    const qdn_zone_t *zone = NULL;
    apr_pool_t *p;
    qdn_local_t t;

    memcpy(exact, data, size);
    apr_pool_create(&p, pool);
    if (!qdn_zone_read(&zone, "x", exact, size, p)) {
        for (apr_int64_t at = -4; at < 9; at++) {
            qdn_zone_local(zone, AT(at * 498567890), &t);
            qdn_zone_at(zone, &t);
            qdn_zone_text(zone, AT(at * 498567890), p);
        }
    }
    apr_pool_destroy(p);
    free(exact);
}

static void test_damaged(void **state)
{
    static const char *const files[] = { "America/Los_Angeles", "Asia/Gaza",
                                         "Etc/GMT+8" };
    static unsigned char data[QDN_ZONE_BYTES];
    apr_uint32_t dice = 1;

    (void)state;
    for (size_t i = 0; i < LENGTH(files); i++) {
        FILE *f =
            fopen(apr_pstrcat(pool, QDN_ZONE_DIR "/", files[i], NULL), "rb");
        apr_size_t size;

        assert_non_null(f);
        size = fread(data, 1, sizeof(data), f);
        fclose(f);
        for (apr_size_t n = 0; n < size; n++) {
            const qdn_zone_t *zone = NULL;

            use_damaged(data, n);
            assert_non_null(qdn_zone_read(&zone, "x", data, n, pool));
        }
        for (int n = 0; n < 20000; n++) {
            apr_size_t where;
            unsigned char was;

            dice = dice * 1664525 + 1013904223;
            where = (dice >> 8) % (n % 2 ? size : APR_ALIGN(44, 64));
            where = where < size ? where : size - 1;
            was = data[where];
            data[where] = (unsigned char)(dice >> 24);
            use_damaged(data, size);
            data[where] = was;
        }
    }
}

static void test_civil(void **state)
{
    (void)state;
    for (apr_int64_t n = -800000; n < 800000; n++) {
        int y, m, d;

        qdn_civil_date(n, &y, &m, &d);
        assert_true(qdn_civil_days(y, m, d) == n);
        assert_in_range(m, 1, 12);
        assert_in_range(d, 1, 31);
    }
    assert_int_equal(qdn_civil_weekday(0), 3); /* a Thursday */
    assert_int_equal(qdn_civil_weekday(-4), 6);
    assert_true(qdn_civil_days(2024, 2, 29) + 1 == qdn_civil_days(2024, 3, 1));
    assert_true(qdn_civil_days(2100, 2, 28) + 1 == qdn_civil_days(2100, 3, 1));
    assert_true(qdn_civil_days(2026, 13, 0) == qdn_civil_days(2026, 12, 31));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_libc),   cmocka_unit_test(test_utc),
        cmocka_unit_test(test_far),       cmocka_unit_test(test_at),
        cmocka_unit_test(test_names),     cmocka_unit_test(test_footer),
        cmocka_unit_test(test_version_1), cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_civil),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("zone", tests, setup, teardown);
}
