/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds asked over HTTP and from files, of the stand-in in
 * t/lib/QDN/Outside.pm: what is found, what is kept when a source fails, what
 * secrets reach. Google has test_google_desk.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <apr_strings.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "refresh_scene.h"
#include "status.h"

extern qdn_refresh_fn qdn_refresh;

static const char *event(apr_time_t from, apr_time_t to, apr_pool_t *p)
{
    apr_time_exp_t a, b;

    apr_time_exp_gmt(&a, from);
    apr_time_exp_gmt(&b, to);
    return apr_psprintf(
        p,
        "\"body\":\"BEGIN:VCALENDAR\\r\\nVERSION:2.0\\r\\nPRODID:t\\r\\n"
        "BEGIN:VEVENT\\r\\nUID:1@example.com\\r\\n"
        "DTSTAMP:20260101T000000Z\\r\\n"
        "DTSTART:%04d%02d%02dT%02d%02d%02dZ\\r\\n"
        "DTEND:%04d%02d%02dT%02d%02d%02dZ\\r\\nSUMMARY:a talk\\r\\n"
        "END:VEVENT\\r\\nEND:VCALENDAR\\r\\n\"",
        a.tm_year + 1900, a.tm_mon + 1, a.tm_mday, a.tm_hour, a.tm_min,
        a.tm_sec, b.tm_year + 1900, b.tm_mon + 1, b.tm_mday, b.tm_hour,
        b.tm_min, b.tm_sec);
}

static const char *busy_now(apr_pool_t *p)
{
    apr_time_t now = apr_time_now();

    return event(now - apr_time_from_sec(60), now + apr_time_from_sec(600), p);
}

static void test_calendar(void **state)
{
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    qdn_feed_t *feed =
        scene_feed(scene, QDN_FEED_CALENDAR, QDN_FEED_ICS, "/a.ics");

    outside_set(scene->outside, "/a.ics", busy_now(p), p);
    scene_begin(scene);
    scene_await(scene, feed, scene_good);
    assert_int_equal(scene->findings[0].nspans, 1);
    assert_true(scene->findings[0].from < apr_time_now());
    assert_true(scene->findings[0].to >
                apr_time_now() + apr_time_from_sec(34 * 86400));
    assert_true(outside_count(scene->outside, "/a.ics", p) >= 1);
}

/* Who has the answer is not sent it again, and that counts as good. */
static void test_unchanged(void **state)
{
    static const char *const marks[] = { "\"etag\":\"\\\"v1\\\"\"",
                                         "\"modified\":\"Sun, 01 Nov 2026 "
                                         "10:00:00 GMT\"" };
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    apr_size_t i;

    for (i = 0; i < 2; i++) {
        const char *path = apr_psprintf(p, "/%d.ics", (int)i);

        scene_feed(scene, QDN_FEED_CALENDAR, QDN_FEED_ICS, path);
        outside_set(scene->outside, path,
                    apr_pstrcat(p, busy_now(p), ",", marks[i], NULL), p);
    }
    scene_begin(scene);
    scene_sleep_until_asked(scene, "/0.ics", 5);
    scene_sleep_until_asked(scene, "/1.ics", 5);
    for (i = 0; i < 2; i++) {
        scene_await(scene, scene_at(scene, (int)i), scene_good);
        assert_int_equal(scene->findings[i].nspans, 1);
    }
    /* The answer changes, and its mark with it. */
    outside_set(scene->outside, "/0.ics",
                "\"etag\":\"\\\"v2\\\"\",\"body\":\"BEGIN:VCALENDAR\\r\\n"
                "VERSION:2.0\\r\\nPRODID:t\\r\\nEND:VCALENDAR\\r\\n\"",
                p);
    scene_await(scene, scene_at(scene, 0), scene_no_spans);
}

/* Down one by one, in each way there is: the last good answer stays. */
static void test_faults(void **state)
{
    static const struct {
        const char *rule, *error;
    } table[] = {
        { "\"status\":500", "it answered with status 500" },
        { "\"status\":401", "it answered with status 401" },
        { "\"status\":404,\"body\":\"gone\"", "it answered with status 404" },
        { "\"status\":204", "it answered with status 204" },
        { "\"status\":304", "it answered with status 304" },
        { "\"body\":\"\"", "" },
        { "\"body\":\"<html>Sign in</html>\"", "" },
        { "\"body\":\"BEGIN:VCALENDAR\\r\\nBEGIN:VEVENT\\r\\n\"", "" },
        { "\"close\":1", "it closed the connection without an answer" },
        { "\"raw\":\"hello\\r\\n\\r\\n\"", "what it answers is not HTTP" },
        { "\"body\":\"BEGIN:VCALENDAR\",\"cut\":70", "its answer was cut off" },
        { "\"status\":302,\"headers\":{\"Location\":\"http://192.0.2.1/\"}",
          "it redirects to where nothing is encrypted" },
        { "\"status\":302,\"headers\":{\"Location\":\"file:///etc/passwd\"}",
          "it redirects to where nothing is encrypted" },
        { "\"status\":302,\"headers\":{\"Location\":\"/a.ics\"}",
          "it redirects too often" },
        { "\"status\":302", "it answered with status 302" },
    };
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    qdn_feed_t *feed =
        scene_feed(scene, QDN_FEED_CALENDAR, QDN_FEED_ICS, "/a.ics");
    apr_size_t i;

    outside_set(scene->outside, "/a.ics", busy_now(p), p);
    scene_begin(scene);
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        apr_time_t good_at;

        scene_await(scene, feed, scene_good);
        assert_int_equal(scene->findings[0].nspans, 1);
        outside_set(scene->outside, "/a.ics", table[i].rule, p);
        scene_await(scene, feed, scene_failed);
        assert_true(scene->findings[0].error[0] != '\0');
        if (*table[i].error &&
            strcmp(scene->findings[0].error, table[i].error) != 0) {
            fail_msg("%s: %s", table[i].rule, scene->findings[0].error);
        }
        good_at = scene->findings[0].good_at;
        assert_true(good_at > 0 && good_at < scene->findings[0].asked_at);
        assert_int_equal(scene->findings[0].nspans, 1);
        outside_set(scene->outside, "/a.ics", busy_now(p), p);
    }
    scene_await(scene, feed, scene_good);
    /* One line when it begins to fail, one when it is well again. */
    assert_int_equal(scene_logged(scene, "QDN0901"),
                     sizeof(table) / sizeof(*table));
    assert_int_equal(scene_logged(scene, "QDN0902"),
                     sizeof(table) / sizeof(*table));
    assert_int_equal(scene_logged(scene, "/a.ics"), 0);
}

/* URLs that must never be asked, whatever the configuration says. */
static void test_refused(void **state)
{
    static const char *const urls[] = {
        "http://192.0.2.1/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://127.example.com/x",
        "http://localhost.evil/x",
        "gopher://127.0.0.1/x",
        "https://",
        "http://127.0.0.1:99999/x",
        "nonsense",
        "http://127.0.0.1@192.0.2.1/x",
    };
    scene_t *scene = *state;
    apr_size_t i, n = sizeof(urls) / sizeof(*urls);

    for (i = 0; i < n; i++) {
        scene_feed(scene, QDN_FEED_PRESENCE, QDN_FEED_JSON, "/x")->address =
            urls[i];
    }
    scene_begin(scene);
    for (i = 0; i < n; i++) {
        scene_await(scene, scene_at(scene, (int)i), scene_failed);
        if (strncmp(scene->findings[i].error, "that is n", 9) != 0) {
            fail_msg("%s: %s", urls[i], scene->findings[i].error);
        }
    }
}

static void test_presence(void **state)
{
    static const struct {
        const char *body, *pointer;
        int available;
        const char *word; /* NULL: an error */
    } table[] = {
        { "{\\\"state\\\":\\\"active\\\"}", "/state", 1, "active" },
        { "{\\\"state\\\":\\\"gone\\\"}", "/state", 0, "gone" },
        { "{\\\"a\\\":[{\\\"b\\\":true}]}", "/a/0/b", 1, "true" },
        { "{\\\"a\\\":false}", "/a", 0, "false" },
        { "{\\\"a~/b\\\":3}", "/a~0~1b", 1, "3" },
        { "\\\"active\\\"", "", 1, "active" },
        { "{\\\"a\\\":null}", "/a", 0, NULL },
        { "{\\\"a\\\":{}}", "/a", 0, NULL },
        { "{\\\"a\\\":1}", "/b", 0, NULL },
        { "{\\\"a\\\":1} x", "/a", 0, NULL },
        { "{\\\"a\\\":", "/a", 0, NULL },
        { "", "/a", 0, NULL },
    };
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    apr_size_t i, n = sizeof(table) / sizeof(*table);

    for (i = 0; i < n; i++) {
        const char *path = apr_psprintf(p, "/p%d", (int)i);
        qdn_feed_t *feed =
            scene_feed(scene, QDN_FEED_PRESENCE, QDN_FEED_JSON, path);

        feed->pointer = table[i].pointer;
        outside_set(scene->outside, path,
                    apr_psprintf(p, "\"body\":\"%s\"", table[i].body), p);
    }
    scene_begin(scene);
    for (i = 0; i < n; i++) {
        const qdn_finding_t *finding = &scene->findings[i];

        scene_await(scene, scene_at(scene, (int)i), scene_asked);
        if (!table[i].word) {
            assert_non_null(finding->error);
            assert_int_equal(finding->good_at, 0);
            continue;
        }
        assert_null(finding->error);
        assert_int_equal(finding->available, table[i].available);
        assert_string_equal(finding->word, table[i].word);
    }
}

/* Secrets go where they belong, in the way that is asked for, no farther. */
static qdn_feed_t *presence_with(scene_t *scene, const char *path,
                                 const char *secret, const char *user,
                                 const char *header)
{
    qdn_feed_t *feed =
        scene_feed(scene, QDN_FEED_PRESENCE, QDN_FEED_JSON, path);

    feed->secret = secret;
    feed->user = user;
    feed->header = header;
    return feed;
}

static void test_secrets(void **state)
{
    static const char body[] = "\"body\":\"\\\"active\\\"\"";
    static const struct {
        const char *path, *secret, *user, *header;
        const char *need; /* NULL: it is not asked at all */
    } table[] = {
        { "/bearer", "TOKEN", NULL, NULL,
          "\"Authorization\":\"Bearer s3cret\"" },
        { "/basic", "TOKEN", "ana", NULL,
          "\"Authorization\":\"Basic YW5hOnMzY3JldA==\"" },
        { "/header", "TOKEN", NULL, "X-Key", "\"X-Key\":\"s3cret\"" },
        { "/lacks", "MISSING", NULL, NULL, NULL },
        { "/lines", "LINES", NULL, NULL, NULL },
    };
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    outside_t *other = outside_start(p);
    qdn_feed_t *away;
    apr_size_t i, n = sizeof(table) / sizeof(*table);
    const char *log;

    for (i = 0; i < n; i++) {
        presence_with(scene, table[i].path, table[i].secret, table[i].user,
                      table[i].header);
        outside_set(scene->outside, table[i].path,
                    apr_psprintf(p, "%s,\"need\":{%s}", body,
                                 table[i].need ? table[i].need : ""),
                    p);
    }
    away = presence_with(scene, "/away", "TOKEN", NULL, "X-Key");
    outside_set(scene->outside, "/away",
                apr_psprintf(p,
                             "\"status\":302,\"headers\":{\"Location\":"
                             "\"%s/there\"}",
                             other->base),
                p);
    outside_set(other, "/there", body, p);
    scene_begin(scene);
    for (i = 0; i < n; i++) {
        scene_await(scene, scene_at(scene, (int)i),
                    table[i].need ? scene_good : scene_failed);
        assert_int_equal(!table[i].need,
                         !outside_count(scene->outside, table[i].path, p));
    }
    assert_string_equal(scene->findings[3].error, "QDNSecrets has no MISSING");
    scene_await(scene, away, scene_good);
    log = outside_tell(other, "log", "", p);
    assert_non_null(strstr(log, "/there"));
    assert_null(strstr(log, "s3cret"));
    assert_int_equal(scene_logged(scene, "s3cret"), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_files(void **state)
{
    scene_t *scene = *state;
    const char *path = apr_pstrcat(scene->pool, scene->dir, "/vip", NULL);
    qdn_feed_t *feed = scene_feed(scene, QDN_FEED_NUMBERS, QDN_FEED_FILE, NULL);

    feed->address = path;
    write_file(path, "# ours\n+16195550103 # ana\r\n\n+16195550101\n"
                     "+16195550103\n");
    scene_begin(scene);
    scene_await(scene, feed, scene_good);
    assert_int_equal(scene->findings[0].nnumbers, 2);
    assert_true(scene->findings[0].numbers[0] == 16195550101);
    assert_true(scene->findings[0].numbers[1] == 16195550103);
    write_file(path, "+16195550101\n6195550102\n");
    scene_await(scene, feed, scene_failed);
    assert_string_equal(scene->findings[0].error,
                        "line 2 is no number such as +16195550101");
    assert_int_equal(scene->findings[0].nnumbers, 2);
    write_file(path, "+16195550101\n");
    scene_await(scene, feed, scene_good);
    assert_int_equal(scene->findings[0].nnumbers, 1);
    unlink(path);
    scene_await(scene, feed, scene_failed);
    assert_non_null(strstr(scene->findings[0].error, "cannot be opened"));
    write_file(path, "");
    scene_await(scene, feed, scene_good);
    assert_int_equal(scene->findings[0].nnumbers, 0);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    scene_await(scene, feed, scene_failed);
    assert_string_equal(scene->findings[0].error, "it is not a regular file");
    unlink(path);
}

/*
 * What killed the last daemon is not asked again, nor what killed the one
 * before it; all else is, and so is who was left alone long enough.
 */
static void test_quarantine(void **state)
{
    static const char *const paths[] = { "/a.ics", "/b.ics", "/c.ics",
                                         "/d.ics" };
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    apr_interval_time_t now = qdn_clock_mono();
    int i;

    for (i = 0; i < 4; i++) {
        scene_feed(scene, QDN_FEED_CALENDAR, QDN_FEED_ICS, paths[i]);
        outside_set(scene->outside, paths[i], busy_now(p), p);
    }
    scene->asking.reading = 2;
    scene->asking.cells[0].feed = 3;
    scene->asking.cells[0].until = now + apr_time_from_sec(60);
    scene->asking.cells[1].feed = 4;
    scene->asking.cells[1].until = now + apr_time_from_sec(1);
    scene_begin(scene);
    scene_await(scene, scene_at(scene, 0), scene_good);
    for (i = 1; i < 3; i++) {
        scene_await(scene, scene_at(scene, i), scene_failed);
        assert_non_null(strstr(scene->findings[i].error, "ended the daemon"));
    }
    scene_await(scene, scene_at(scene, 3), scene_good);
    assert_true(qdn_clock_mono() >= now + apr_time_from_sec(1));
    assert_int_equal(outside_count(scene->outside, "/b.ics", p), 0);
    assert_int_equal(outside_count(scene->outside, "/c.ics", p), 0);
    /* Told once, when it is found out. */
    assert_int_equal(scene_logged(scene, "QDN0900"), 1);
    assert_true(qdn_quarantine_until(&scene->asking, scene_at(scene, 1), now) >
                now + apr_time_from_sec(3000));
}

/* What the snapshot knows holds until there is an answer. */
static void test_before(void **state)
{
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    qdn_feed_t *well;

    scene_feed(scene, QDN_FEED_PRESENCE, QDN_FEED_JSON, "/mute");
    well = scene_feed(scene, QDN_FEED_PRESENCE, QDN_FEED_JSON, "/well");
    outside_set(scene->outside, "/mute", "\"mute\":1", p);
    outside_set(scene->outside, "/well", "\"body\":\"\\\"active\\\"\"", p);
    scene->before[0] = scene->before[1] =
        (qdn_finding_t){ .good_at = apr_time_now(), .word = "gone" };
    scene_begin(scene);
    scene_await(scene, well, scene_available);
    assert_string_equal(scene->findings[1].word, "active");
    assert_string_equal(scene->findings[0].word, "gone");
    assert_true(scene->findings[0].good_at > 0);
    assert_null(scene->findings[0].error);
}

/* A host that does not answer keeps no other from being asked. */
static void test_slow_host(void **state)
{
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    outside_t *other = outside_start(p);
    apr_interval_time_t began;
    int i;

    for (i = 0; i < 100; i++) {
        const char *path = apr_psprintf(p, "/mute%d", i);

        scene_feed(scene, QDN_FEED_PRESENCE, QDN_FEED_JSON, "/x")->address =
            apr_pstrcat(p, other->base, path, NULL);
        outside_set(other, path, "\"mute\":1", p);
    }
    for (i = 0; i < 10; i++) {
        scene_feed(scene, QDN_FEED_PRESENCE, QDN_FEED_JSON, "/well");
    }
    outside_set(scene->outside, "/well", "\"body\":\"\\\"active\\\"\"", p);
    scene_begin(scene);
    began = qdn_clock_mono();
    for (i = 0; i < 10; i++) {
        scene_await(scene, scene_at(scene, 100 + i), scene_good);
    }
    assert_true(qdn_clock_mono() - began < apr_time_from_sec(6));
    assert_true(outside_count(other, "/mute0", p) <= 1);
}

/* Thousands of answers, good and bad, leave no memory behind. */
static void test_bounded(void **state)
{
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    struct mallinfo2 first, last;
    int i, rounds, published;

    for (i = 0; i < 20; i++) {
        const char *path = apr_psprintf(p, "/%d.ics", i);

        scene_feed(scene, QDN_FEED_CALENDAR, QDN_FEED_ICS, path)->refresh =
            apr_time_from_msec(2);
        outside_set(scene->outside, path,
                    i % 4 ? busy_now(p) : "\"status\":500", p);
    }
    scene_begin(scene);
    scene_sleep_until_asked(scene, "/1.ics", 20);
    first = mallinfo2();
    rounds = outside_count(scene->outside, "/1.ics", p);
    published = scene->published;
    scene_sleep_until_asked(scene, "/1.ics", rounds + 150);
    last = mallinfo2();
    print_message("# 15 calendars, 150 rounds each, %d publications: %zd "
                  "bytes more\n",
                  scene->published - published,
                  (ssize_t)(last.uordblks + last.hblkhd) -
                      (ssize_t)(first.uordblks + first.hblkhd));
    assert_true(last.uordblks + last.hblkhd <
                first.uordblks + first.hblkhd + 300 * 1024);
}

/* An object that was compiled apart does not touch what it is handed. */
static void test_compiled_apart(void **state)
{
    scene_t *scene = *state;
    qdn_refresh_config_t config = { .layout = QDN_REFRESH_LAYOUT + 8,
                                    .version = QDN_VERSION };

    assert_int_equal(qdn_refresh(&config, scene->pool), QDN_ECONFLICT);
    config.layout = QDN_REFRESH_LAYOUT;
    config.version = "0.0.0";
    assert_int_equal(qdn_refresh(&config, scene->pool), QDN_ECONFLICT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scene_open, scene_close)
    const struct CMUnitTest tests[] = {
        TEST(test_calendar),  TEST(test_unchanged),  TEST(test_faults),
        TEST(test_refused),   TEST(test_presence),   TEST(test_secrets),
        TEST(test_files),     TEST(test_quarantine), TEST(test_before),
        TEST(test_slow_host), TEST(test_bounded),    TEST(test_compiled_apart),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
