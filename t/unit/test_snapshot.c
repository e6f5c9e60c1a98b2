/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "snapshot.h"
#include "status.h"

#define SEC(n) apr_time_from_sec(n)
#define NOW    SEC(1795000000) /* 2026-11-18 */
#define LINE   "+12125550100"

static apr_pool_t *pool;
static char *dir;

/* The system fails when it is told to: at most `room` bytes are written. */
static ssize_t room = -1;
static int fsync_fails, rename_fails;

ssize_t __real_write(int fd, const void *bytes, size_t len);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    if (fd > 2 && room >= 0) {
        if (room == 0) {
            errno = ENOSPC;
            return -1;
        }
        len = len < (size_t)room ? len : (size_t)room;
        room -= (ssize_t)len;
    }
    return __real_write(fd, bytes, len);
}

int __wrap_fsync(int fd)
{
    errno = EIO;
    return fsync_fails ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    errno = EACCES;
    return rename_fails ? -1 : __real_rename(from, to);
}

static qdn_feed_t *feed_of(int i, qdn_feed_kind_e kind)
{
    qdn_feed_t *feed = apr_pcalloc(pool, sizeof(*feed));

    feed->kind = kind;
    apr_snprintf(feed->key, sizeof(feed->key), "%08x%08x",
                 (unsigned)i * 2654435761u, (unsigned)i);
    return feed;
}

static void add_feed(qdn_picture_t *picture, const qdn_finding_t *finding,
                     const qdn_feed_t *feed)
{
    apr_array_header_t *feeds = apr_array_copy(pool, picture->feeds);
    qdn_finding_t *findings =
        apr_palloc(pool, sizeof(*findings) * (size_t)(feeds->nelts + 1));

    if (feeds->nelts) {
        memcpy(findings, picture->findings,
               sizeof(*findings) * (size_t)feeds->nelts);
    }
    findings[feeds->nelts] = *finding;
    APR_ARRAY_PUSH(feeds, const qdn_feed_t *) = feed;
    picture->feeds = feeds;
    picture->findings = findings;
}

static qdn_picture_t empty_picture(void)
{
    return (qdn_picture_t){
        .host = "host-a",
        .written_at = NOW,
        .serial = 7,
        .feeds = apr_array_make(pool, 4, sizeof(qdn_feed_t *)),
    };
}

static const qdn_snapshot_t *round_trip(const qdn_picture_t *picture)
{
    const qdn_snapshot_t *s = NULL;

    assert_int_equal(qdn_snapshot_write(dir, picture, pool), APR_SUCCESS);
    assert_int_equal(qdn_snapshot_map(&s, dir, pool), APR_SUCCESS);
    return s;
}

static const qdn_span_t two_spans[] = {
    { NOW, NOW + SEC(600), "Dentist" },
    { NOW + SEC(900), NOW + SEC(1800), "" },
};
static const int days[] = { 20261224, 20261225 };
static const apr_uint64_t numbers[] = { 12125550150, 12125550151 };

/* One of each kind. */
static qdn_picture_t full_picture(qdn_feed_t *feeds[3])
{
    qdn_picture_t picture = empty_picture();
    apr_array_header_t *standings =
        apr_array_make(pool, 4, sizeof(qdn_standing_t));
    apr_array_header_t *talks = apr_array_make(pool, 4, sizeof(qdn_talk_t));
    qdn_finding_t findings[] = {
        { .asked_at = NOW,
          .good_at = NOW - SEC(60),
          .error = "HTTP 500",
          .from = NOW - SEC(86400),
          .to = NOW + SEC(86400),
          .spans = two_spans,
          .nspans = 2 },
        { .asked_at = NOW,
          .good_at = NOW,
          .available = 1,
          .word = "active",
          .numbers = numbers,
          .nnumbers = 2 },
        { .asked_at = NOW, .good_at = NOW, .days = { days, 2 } },
    };
    int i;

    for (i = 0; i < 3; i++) {
        feeds[i] = feed_of(i + 1, QDN_FEED_CALENDAR);
        add_feed(&picture, &findings[i], feeds[i]);
    }
    APR_ARRAY_PUSH(standings, qdn_standing_t) =
        (qdn_standing_t){ .operator= "sergio",
                          .line = LINE,
                          .state = QDN_STANDING_AVAILABLE,
                          .at = NOW,
                          .until = NOW + SEC(60),
                          .who = "ana",
                          .why = "swap",
                          .event = "0123456789abcdef0123456789abcdef" };
    APR_ARRAY_PUSH(standings, qdn_standing_t) =
        (qdn_standing_t){ .operator= "sergio",
                          .state = QDN_STANDING_AWAY,
                          .at = NOW,
                          .who = "sergio",
                          .why = "ill" };
    APR_ARRAY_PUSH(standings, qdn_standing_t) =
        (qdn_standing_t){ .operator= "ana",
                          .state = QDN_STANDING_AWAY,
                          .at = NOW - SEC(100),
                          .until = NOW - SEC(1) };
    APR_ARRAY_PUSH(talks, qdn_talk_t) =
        (qdn_talk_t){ "sergio", "CA1", "host-b", NOW - SEC(300), NOW - SEC(1) };
    APR_ARRAY_PUSH(talks, qdn_talk_t) =
        (qdn_talk_t){ "sergio", "CA2", "host-b", NOW - SEC(30),
                      NOW + SEC(600) };
    picture.standings = standings;
    picture.talks = talks;
    return picture;
}

static void what_was_written_is_read(void **state)
{
    qdn_feed_t *feeds[3];
    const qdn_picture_t picture = full_picture(feeds);
    const qdn_snapshot_t *s = round_trip(&picture);
    qdn_finding_t f;

    (void)state;
    assert_int_equal(qdn_snapshot_written_at(s), NOW);
    assert_int_equal(qdn_snapshot_serial(s), 7);
    assert_true(qdn_snapshot_spans(s, feeds[0], &f, pool));
    assert_int_equal(f.good_at, NOW - SEC(60));
    assert_int_equal(f.from, NOW - SEC(86400));
    assert_int_equal(f.to, NOW + SEC(86400));
    assert_string_equal(f.error, "HTTP 500");
    assert_int_equal(f.nspans, 2);
    assert_int_equal(f.spans[1].from, two_spans[1].from);
    assert_int_equal(f.spans[1].to, two_spans[1].to);
    assert_string_equal(f.spans[0].title, "Dentist");
    assert_string_equal(f.spans[1].title, "");
    assert_true(qdn_snapshot_finding(s, feeds[1], &f));
    assert_null(f.error);
    assert_int_equal(f.available, 1);
    assert_string_equal(f.word, "active");
    assert_true(qdn_finding_lists(&f, "+12125550151"));
    assert_false(qdn_finding_lists(&f, "+12125550152"));
    assert_true(qdn_snapshot_finding(s, feeds[2], &f));
    assert_int_equal(f.days.n, 2);
    assert_int_equal(f.days.days[1], 20261225);
    assert_false(qdn_snapshot_finding(s, feed_of(9, 0), &f));
    assert_int_equal(f.good_at, 0);
}

static void people_are_found(void **state)
{
    qdn_feed_t *feeds[3];
    const qdn_picture_t picture = full_picture(feeds);
    const qdn_snapshot_t *s = round_trip(&picture);
    apr_array_header_t *all;
    qdn_standing_t one;
    qdn_talk_t talk;

    (void)state;
    assert_true(qdn_snapshot_standing(s, "sergio", LINE, NOW, &one));
    assert_int_equal(one.state, QDN_STANDING_AVAILABLE);
    assert_string_equal(one.who, "ana");
    assert_string_equal(one.event, "0123456789abcdef0123456789abcdef");
    assert_true(qdn_snapshot_standing(s, "sergio", NULL, NOW, &one));
    assert_int_equal(one.state, QDN_STANDING_AWAY);
    assert_null(one.line);
    assert_true(qdn_snapshot_standing(s, "sergio", LINE, NOW + SEC(60), &one));
    assert_int_equal(one.state, QDN_STANDING_AWAY);
    assert_false(qdn_snapshot_standing(s, "ana", LINE, NOW, &one));
    assert_false(qdn_snapshot_standing(s, "zoe", LINE, NOW, &one));
    assert_true(qdn_snapshot_talk(s, "sergio", NOW, &talk));
    assert_string_equal(talk.call_sid, "CA2");
    assert_string_equal(talk.host, "host-b");
    assert_false(qdn_snapshot_talk(s, "sergio", NOW + SEC(600), &talk));
    assert_false(qdn_snapshot_talk(s, "ana", NOW, &talk));
    all = qdn_snapshot_standings(s, pool);
    assert_int_equal(all->nelts, 3);
    assert_string_equal(APR_ARRAY_IDX(all, 0, qdn_standing_t).operator, "ana");
    assert_null(APR_ARRAY_IDX(all, 1, qdn_standing_t).line);
    assert_string_equal(APR_ARRAY_IDX(all, 2, qdn_standing_t).why, "swap");
}

static int find_span(const qdn_snapshot_t *s, const qdn_feed_t *feed,
                     apr_time_t at, qdn_span_t *pspan, apr_time_t *puntil)
{
    qdn_finding_t f;

    (void)qdn_snapshot_finding(s, feed, &f);
    return qdn_snapshot_span(s, &f, at, pspan, puntil);
}

static void an_empty_picture_is_a_snapshot(void **state)
{
    qdn_picture_t picture = { .written_at = NOW };
    const qdn_snapshot_t *s = round_trip(&picture);
    qdn_standing_t one;
    qdn_finding_t f;
    qdn_span_t span;
    qdn_talk_t talk;
    apr_time_t until;

    (void)state;
    assert_false(qdn_snapshot_finding(s, feed_of(1, 0), &f));
    assert_false(find_span(s, feed_of(1, 0), NOW, &span, &until));
    assert_false(qdn_snapshot_standing(s, "sergio", NULL, NOW, &one));
    assert_false(qdn_snapshot_talk(s, "sergio", NOW, &talk));
    assert_int_equal(qdn_snapshot_standings(s, pool)->nelts, 0);
}

/* The search in the snapshot against the plain one in the array. */
static void spans_are_found_as_in_an_array(void **state)
{
    static const char *const titles[] = { "", "a", "b" };
    qdn_span_t spans[40];
    int round, i, n;

    (void)state;
    srand(4);
    for (round = 0; round < 300; round++) {
        qdn_picture_t picture = empty_picture();
        qdn_finding_t plain = { .spans = spans }, kept;
        qdn_feed_t *feed = feed_of(round, QDN_FEED_CALENDAR);
        const qdn_snapshot_t *s;

        n = rand() % 40;
        for (i = 0; i < n; i++) {
            spans[i].from = NOW + SEC(rand() % 500);
            spans[i].to = spans[i].from + SEC(rand() % 60 + (i ? 0 : 200));
            spans[i].title = titles[rand() % (round % 3 + 1)];
        }
        plain.nspans = n;
        add_feed(&picture, &plain, feed);
        s = round_trip(&picture);
        assert_int_equal(qdn_snapshot_spans(s, feed, &kept, pool), 1);
        for (i = -1; i < 800; i++) {
            apr_time_t until = 0, same = 0, at = NOW + SEC(i);
            const qdn_span_t *want = qdn_finding_span(&kept, at, &same);
            qdn_span_t got = { 0, 0, NULL };
            int busy = 0, j;

            for (j = 0; j < n; j++) {
                busy |= spans[j].from <= at && at < spans[j].to;
            }
            assert_int_equal(want != NULL, busy);
            assert_int_equal(find_span(s, feed, at, &got, &until), busy);
            if (busy) {
                assert_int_equal(until, same);
                assert_int_equal(got.to, want->to);
            }
        }
    }
}

/* Part of a second counts as the whole: nobody is rung in a meeting. */
static void a_span_never_shrinks(void **state)
{
    static const qdn_span_t odd[] = { { NOW + 1, NOW + 2, "" },
                                      { NOW + SEC(9), NOW + SEC(9), "" },
                                      { -5, -1, "" } };
    const qdn_finding_t f = { .spans = odd, .nspans = 1 };
    const qdn_finding_t none = { .spans = odd + 1, .nspans = 1 };
    const qdn_finding_t old = { .spans = odd + 2, .nspans = 1 };
    qdn_feed_t *feeds[] = { feed_of(1, 0), feed_of(2, 0), feed_of(3, 0) };
    qdn_picture_t picture = empty_picture();
    const qdn_snapshot_t *s;
    apr_time_t until;
    qdn_span_t span;

    (void)state;
    add_feed(&picture, &f, feeds[0]);
    add_feed(&picture, &none, feeds[1]);
    add_feed(&picture, &old, feeds[2]);
    s = round_trip(&picture);
    assert_true(find_span(s, feeds[0], NOW + 1, &span, &until));
    assert_int_equal(until, NOW + SEC(1));
    assert_false(find_span(s, feeds[1], NOW + SEC(9), &span, &until));
    assert_false(find_span(s, feeds[2], 0, &span, &until));
}

/* A hundred people, three calendars each, fifty events in each of them. */
static void an_operator_takes_less_than_4_kib(void **state)
{
    enum { PEOPLE = 100, FEEDS = 3 * PEOPLE, EVENTS = 50 };
    qdn_picture_t picture = empty_picture();
    apr_array_header_t *feeds =
        apr_array_make(pool, FEEDS, sizeof(qdn_feed_t *));
    qdn_finding_t *findings = apr_pcalloc(pool, FEEDS * sizeof(*findings));
    apr_array_header_t *standings =
        apr_array_make(pool, PEOPLE, sizeof(qdn_standing_t));
    qdn_span_t *spans = apr_palloc(pool, EVENTS * sizeof(*spans));
    apr_size_t each;
    int i, titled;

    (void)state;
    for (i = 0; i < FEEDS; i++) {
        APR_ARRAY_PUSH(feeds, qdn_feed_t *) = feed_of(i, QDN_FEED_CALENDAR);
        findings[i] = (qdn_finding_t){
            .asked_at = NOW, .good_at = NOW, .spans = spans, .nspans = EVENTS
        };
    }
    for (i = 0; i < PEOPLE; i++) {
        APR_ARRAY_PUSH(standings, qdn_standing_t) =
            (qdn_standing_t){ .operator= apr_psprintf(pool, "operator-%d", i),
                              .who = "ana",
                              .state = QDN_STANDING_AWAY,
                              .why = "out of office until Monday" };
    }
    picture.feeds = feeds;
    picture.findings = findings;
    picture.standings = standings;
    for (titled = 0; titled < 2; titled++) {
        for (i = 0; i < EVENTS; i++) {
            spans[i].from = NOW + SEC(i * 50000);
            spans[i].to = spans[i].from + SEC(3600);
            spans[i].title =
                titled ? apr_psprintf(pool, "Meeting about thing %d", i) : "";
        }
        each = qdn_snapshot_bytes(round_trip(&picture)) / PEOPLE;
        print_message("# %d bytes per operator %s titles\n", (int)each,
                      titled ? "with" : "without");
        assert_true(each < 4096);
    }
}

static char *slurp(apr_size_t *plen)
{
    char *path = apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE, NULL);
    FILE *f = fopen(path, "rb");
    char *bytes = malloc(1 << 16);

    assert_non_null(f);
    *plen = fread(bytes, 1, 1 << 16, f);
    fclose(f);
    return bytes;
}

/* Exactly so long, so that the sanitizer sees one byte too many. */
static apr_status_t check(const char *bytes, apr_size_t len)
{
    const qdn_snapshot_t *s;
    char *copy = malloc(len + !len);
    apr_status_t rv;

    memcpy(copy, bytes, len);
    rv = qdn_snapshot_check(&s, copy, len, pool);
    assert_int_equal(rv == APR_SUCCESS, s != NULL);
    free(copy);
    return rv;
}

static void damage_is_found(void **state)
{
    qdn_feed_t *feeds[3];
    const qdn_picture_t picture = full_picture(feeds);
    apr_size_t len, i;
    char *bytes;
    int bit;

    (void)state;
    round_trip(&picture);
    bytes = slurp(&len);
    assert_int_equal(check(bytes, len), APR_SUCCESS);
    for (i = 0; i < len; i++) {
        assert_int_equal(check(bytes, i), QDN_EMALFORMED);
        for (bit = 0; bit < 8; bit++) {
            bytes[i] = (char)(bytes[i] ^ (1 << bit));
            assert_int_equal(check(bytes, len), QDN_EMALFORMED);
            bytes[i] = (char)(bytes[i] ^ (1 << bit));
        }
    }
    free(bytes);
}

static void put_file(const char *bytes, apr_size_t len)
{
    FILE *f = fopen(apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE, NULL), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    fclose(f);
}

static void a_file_that_is_none_is_refused(void **state)
{
    const qdn_snapshot_t *s;
    char zeros[4096] = "";

    (void)state;
    unlink(apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE, NULL));
    assert_true(APR_STATUS_IS_ENOENT(qdn_snapshot_map(&s, dir, pool)));
    assert_null(s);
    put_file("", 0);
    assert_int_equal(qdn_snapshot_map(&s, dir, pool), QDN_EMALFORMED);
    put_file(zeros, sizeof(zeros));
    assert_int_equal(qdn_snapshot_map(&s, dir, pool), QDN_EMALFORMED);
    assert_null(s);
}

static void what_fails_leaves_the_old_one(void **state)
{
    qdn_picture_t picture = empty_picture();
    char *draft = apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE ".new", NULL);
    const qdn_snapshot_t *s;
    struct stat info;

    (void)state;
    round_trip(&picture);
    picture.serial = 8;
    for (room = 0; room < 80; room += 33) {
        ssize_t now = room;

        assert_true(
            APR_STATUS_IS_ENOSPC(qdn_snapshot_write(dir, &picture, pool)));
        assert_int_not_equal(stat(draft, &info), 0);
        room = now;
    }
    room = -1;
    fsync_fails = 1;
    assert_int_equal(qdn_snapshot_write(dir, &picture, pool), EIO);
    fsync_fails = 0;
    rename_fails = 1;
    assert_int_equal(qdn_snapshot_write(dir, &picture, pool), EACCES);
    rename_fails = 0;
    assert_int_not_equal(stat(draft, &info), 0);
    assert_int_equal(qdn_snapshot_map(&s, dir, pool), APR_SUCCESS);
    assert_int_equal(qdn_snapshot_serial(s), 7);
    assert_int_equal(qdn_snapshot_write("/nowhere/at/all", &picture, pool),
                     ENOENT);
    s = round_trip(&picture);
    assert_int_equal(qdn_snapshot_serial(s), 8);
}

/* What a reader has mapped stays as it was. */
static void a_mapping_outlives_its_file(void **state)
{
    qdn_picture_t picture = empty_picture();
    const qdn_snapshot_t *before, *after;

    (void)state;
    before = round_trip(&picture);
    picture.serial = 9;
    after = round_trip(&picture);
    assert_int_equal(qdn_snapshot_serial(before), 7);
    assert_int_equal(qdn_snapshot_serial(after), 9);
}

static int make_pool(void **state)
{
    char template[] = "/tmp/qdn-snapshot-XXXXXX";

    (void)state;
    if (apr_pool_create(&pool, NULL)) {
        return -1;
    }
    dir = mkdtemp(template) ? apr_pstrdup(pool, template) : NULL;
    return dir ? 0 : -1;
}

static int destroy_pool(void **state)
{
    (void)state;
    unlink(apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE, NULL));
    rmdir(dir);
    apr_pool_destroy(pool);
    return 0;
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, make_pool, destroy_pool)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_read),
        TEST(people_are_found),
        TEST(an_empty_picture_is_a_snapshot),
        TEST(spans_are_found_as_in_an_array),
        TEST(a_span_never_shrinks),
        TEST(an_operator_takes_less_than_4_kib),
        TEST(damage_is_found),
        TEST(a_file_that_is_none_is_refused),
        TEST(what_fails_leaves_the_old_one),
        TEST(a_mapping_outlives_its_file),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
