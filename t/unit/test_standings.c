/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "clock.h"
#include "dbds.h"
#include "detail.h"
#include "drain_scene.h"
#include "standings.h"
#include "status.h"
#include "zone.h"

#define SEC(n) apr_time_from_sec(n)
#define HOUR   SEC(3600)
#define NOW    SEC(1795000000) /* Wednesday, 2026-11-18 03:06:40 PST */
#define LINE_A "+16195550100"
#define LINE_B "+16195550109"
#define ZONE   "QDNTimezone America/Los_Angeles\n"
#define OFFICE "QDNHours \"Mo-Fr 08:00-18:00; Sa 10:00-14:00\"\n"
#define DAYS   "QDNHours \"Mo-Fr 08:00-18:00\"\n"
#define NOON   "QDNHours \"Mo-Fr 13:00-18:00\"\n"
#define LINES                                                                  \
    LINE("QDNHop sergio/primary\nQDNHop ana/mobile when=available\n")          \
    OTHER("9", "QDNHop ana/mobile\n")

static apr_pool_t *forever;

static qdn_plan_t *people(const char *sergio, const char *ana)
{
    return plan_of(apr_pstrcat(pool, SERVER,
                               "<QDNOperator sergio>\n"
                               "QDNPhone primary +16195550101\n",
                               ZONE, sergio,
                               "</QDNOperator>\n<QDNOperator ana>\n"
                               "QDNPhone mobile +16195550103\n",
                               ZONE, ana, "</QDNOperator>\n", LINES, NULL));
}

static apr_time_t at(const char *text)
{
    int y, mo, d, h, mi;
    const qdn_zone_t *zone;

    assert_null(qdn_zone_load(&zone, "America/Los_Angeles", pool));
    assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &y, &mo, &d, &h, &mi), 5);
    return qdn_zone_at(
        zone, &(qdn_local_t){
                  .year = y, .month = mo, .day = d, .hour = h, .minute = mi });
}

static const char *shown(apr_time_t t)
{
    const qdn_zone_t *zone;

    assert_null(qdn_zone_load(&zone, "America/Los_Angeles", pool));
    return t ? qdn_zone_text(zone, t, pool) : "-";
}

/************** the next working day **************/

static void test_the_next_working_day(void **state)
{
    static const struct {
        const char *hours, *now, *next;
    } cases[] = {
        /* without hours: eight o'clock, Monday to Friday */
        { "", "2026-11-18 03:06", "2026-11-19 08:00 PST" },
        { "", "2026-11-18 23:59", "2026-11-19 08:00 PST" },
        { "", "2026-11-19 00:00", "2026-11-20 08:00 PST" },
        { "", "2026-11-20 12:00", "2026-11-23 08:00 PST" },
        { "", "2026-11-21 12:00", "2026-11-23 08:00 PST" },
        { "", "2026-11-22 12:00", "2026-11-23 08:00 PST" },
        { "", "2027-03-12 12:00", "2027-03-15 08:00 PDT" },
        { "", "2026-12-31 12:00", "2027-01-01 08:00 PST" },
        { OFFICE, "2026-11-18 03:06", "2026-11-19 08:00 PST" },
        { OFFICE, "2026-11-20 12:00", "2026-11-21 10:00 PST" },
        { OFFICE, "2026-11-21 12:00", "2026-11-23 08:00 PST" },
        /* a night shift's rest of this day is no beginning */
        { "QDNHours \"Mo-Fr 22:00-06:00\"\n", "2026-11-18 23:00",
          "2026-11-19 22:00 PST" },
        { "QDNHours \"Mo-Fr 00:00-08:00\"\n", "2026-11-18 12:00",
          "2026-11-19 00:00 PST" },
        /* who never closes has no opening; nor who never opens */
        { "QDNHours 24/7\n", "2026-11-20 12:00", "2026-11-23 08:00 PST" },
        { "QDNHours off\n", "2026-11-20 12:00", "2026-11-23 08:00 PST" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const qdn_plan_t *plan = people(cases[i].hours, "");
        const char *next = shown(qdn_standings_next_day(
            qdn_plan_operator(plan, "sergio"), NULL, at(cases[i].now)));

        if (strcmp(next, cases[i].next)) {
            fail_msg("%s at %s: %s, not %s", cases[i].hours, cases[i].now, next,
                     cases[i].next);
        }
    }
}

/* A snapshot of these standings and, of the first feed, these days. */
static const qdn_snapshot_t *snapshot_of(const qdn_plan_t *plan,
                                         const apr_array_header_t *standings,
                                         const int *days, int ndays)
{
    const char *dir = qdn_dbds_dir(pool);
    qdn_finding_t findings[4] = { { .asked_at = NOW,
                                    .good_at = NOW,
                                    .from = NOW - HOUR,
                                    .to = NOW + 24 * HOUR,
                                    .days = { days, ndays } } };
    const qdn_picture_t picture = { .host = "test",
                                    .written_at = NOW,
                                    .serial = 1,
                                    .feeds = plan->feeds,
                                    .findings = findings,
                                    .standings = standings };
    const qdn_snapshot_t *snapshot;

    assert_int_equal(qdn_snapshot_write(dir, &picture, pool), APR_SUCCESS);
    assert_int_equal(qdn_snapshot_map(&snapshot, dir, pool), APR_SUCCESS);
    qdn_dbds_sweep(dir);
    return snapshot;
}

static void test_holidays_are_no_working_days(void **state)
{
    static const int days[] = { 20261119, 20261120 };
    const qdn_plan_t *plan = people("QDNHolidays /etc/qdn/us.ics\n", "");
    const qdn_operator_t *op = qdn_plan_operator(plan, "sergio");

    (void)state;
    assert_string_equal(shown(qdn_standings_next_day(
                            op, snapshot_of(plan, NULL, days, 2), NOW)),
                        "2026-11-23 08:00 PST");
    plan = people("QDNHolidays /etc/qdn/us.ics\n"
                  "QDNHours \"Mo-Fr 09:00-17:00; PH off\"\n",
                  "");
    op = qdn_plan_operator(plan, "sergio");
    assert_string_equal(shown(qdn_standings_next_day(
                            op, snapshot_of(plan, NULL, days, 2), NOW)),
                        "2026-11-23 09:00 PST");
}

/************** a wish **************/

static const qdn_wish_t away = { .operator= "ana",
                                 .state = QDN_STANDING_AWAY,
                                 .until = "2h",
                                 .who = "ana@host",
                                 .why = "dentist" };

static void test_wishes_that_are_refused(void **state)
{
    const qdn_plan_t *plan = people("", "");
    struct {
        qdn_wish_t wish;
        apr_status_t status;
        const char *says;
    } cases[] = {
        { away, APR_ENOENT, "no operator 'anna', only sergio, ana" },
        { away, APR_ENOENT, "no operator" },
        { away, APR_ENOENT, "'+16195550108' is no line" },
        { away, QDN_EMALFORMED, "needs a reason" },
        { away, QDN_EMALFORMED, "needs a reason" },
        { away, QDN_EMALFORMED, "who sets it" },
        { away, QDN_EMALFORMED, "is no time" },
        { away, QDN_EMALFORMED, "has no end" },
        { away, QDN_EMALFORMED, "longer than 400" },
    };
    char *long_text = apr_pcalloc(pool, 402);

    (void)state;
    memset(long_text, 'x', 401);
    cases[0].wish.operator= "anna";
    cases[1].wish.operator= NULL;
    cases[2].wish.line = "+16195550108";
    cases[3].wish.why = NULL;
    cases[4].wish.why = " \t";
    cases[5].wish.who = "";
    cases[6].wish.until = "soon";
    cases[7].wish.state = QDN_STANDING_AUTO;
    cases[8].wish.why = long_text;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        apr_array_header_t *empties;
        qdn_standing_t standing;
        const char *error = NULL;

        assert_int_equal(qdn_standings_check(plan, NULL, &cases[i].wish, NOW,
                                             &standing, &empties, &error, pool),
                         cases[i].status);
        if (!strstr(error, cases[i].says)) {
            fail_msg("%s, not: %s", error, cases[i].says);
        }
    }
}

/* "LINE from - until; ...", "" for none. */
static const char *empties_of(const qdn_plan_t *plan,
                              const qdn_snapshot_t *snapshot,
                              const qdn_wish_t *wish, apr_time_t now)
{
    apr_array_header_t *empties;
    const char *text = "", *error = "";
    qdn_standing_t standing;
    apr_status_t rv = qdn_standings_check(plan, snapshot, wish, now, &standing,
                                          &empties, &error, pool);

    if (rv) {
        fail_msg("%s", error);
    }
    for (int i = 0; i < empties->nelts; i++) {
        const qdn_empty_t *e = &APR_ARRAY_IDX(empties, i, qdn_empty_t);

        text = apr_pstrcat(pool, text, *text ? "; " : "", e->line->number, " ",
                           shown(e->from), " ", shown(e->until), NULL);
    }
    return text;
}

static void test_lines_that_would_be_left_alone(void **state)
{
    struct {
        const char *sergio, *ana, *operator, * line, *until, *now, *empty;
    } cases[] = {
        /* sergio is there for line A, nobody for B */
        { "", "", "ana", NULL, "2h", "2026-11-18 10:00",
          LINE_B " 2026-11-18 10:00 PST 2026-11-18 12:00 PST" },
        { "", "", "sergio", NULL, "2h", "2026-11-18 10:00", "" },
        { "", "", "ana", LINE_A, "2h", "2026-11-18 10:00", "" },
        { "", "", "ana", NULL, "changed", "2026-11-18 10:00",
          LINE_B " 2026-11-18 10:00 PST -" },
        /* sergio goes home at six, before she is back */
        { OFFICE, "", "ana", LINE_A, "12h", "2026-11-18 10:00",
          LINE_A " 2026-11-18 18:00 PST 2026-11-18 22:00 PST" },
        /* her own hours would end it anyway, until they begin */
        { OFFICE, "QDNHours \"Mo-Fr 09:00-17:00\"\n", "ana", LINE_B, "10h",
          "2026-11-18 10:00",
          LINE_B " 2026-11-18 10:00 PST 2026-11-19 09:00 PST" },
        /* at night nobody is there with or without her */
        { OFFICE, OFFICE, "ana", LINE_A, "3h", "2026-11-18 20:00", "" },
        /* said before her hours begin: it shows when they do */
        { "", DAYS, "ana", LINE_B, "3d", "2026-11-18 10:00",
          LINE_B " 2026-11-18 10:00 PST 2026-11-23 08:00 PST" },
        { "", DAYS, "ana", LINE_B, "3d", "2026-11-17 20:00",
          LINE_B " 2026-11-18 08:00 PST 2026-11-23 08:00 PST" },
        { "", DAYS, "ana", LINE_B, "2026-11-25T12:00", "2026-11-22 11:00",
          LINE_B " 2026-11-23 08:00 PST 2026-11-25 12:00 PST" },
        { "", DAYS, "ana", LINE_B, "changed", "2026-11-22 11:00",
          LINE_B " 2026-11-23 08:00 PST -" },
        { "", DAYS, "ana", LINE_B, NULL, "2026-11-17 20:00", "" },
        /* alone in the mornings that follow */
        { DAYS, NOON, "sergio", NULL, "1d", "2026-11-18 10:00",
          LINE_A " 2026-11-18 10:00 PST 2026-11-18 13:00 PST" },
        { DAYS, NOON, "sergio", NULL, "3d", "2026-11-17 20:00",
          LINE_A " 2026-11-18 08:00 PST 2026-11-18 13:00 PST" },
        { DAYS, NOON, "sergio", NULL, "3d", "2026-11-17 14:00",
          LINE_A " 2026-11-18 08:00 PST 2026-11-18 13:00 PST" },
        { DAYS, NOON, "sergio", NULL, "2026-11-18T08:00", "2026-11-17 14:00",
          "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        qdn_wish_t wish = away;
        const char *empty;

        wish.operator= cases[i].operator;
        wish.line = cases[i].line;
        wish.until = cases[i].until;
        empty = empties_of(people(cases[i].sergio, cases[i].ana), NULL, &wish,
                           at(cases[i].now));
        if (strcmp(empty, cases[i].empty)) {
            fail_msg("case %d: '%s', not '%s'", (int)i, empty, cases[i].empty);
        }
    }
}

static apr_array_header_t *set_of(const qdn_standing_t *standings, int n)
{
    apr_array_header_t *set = apr_array_make(pool, n, sizeof(*standings));

    for (int i = 0; i < n; i++) {
        APR_ARRAY_PUSH(set, qdn_standing_t) = standings[i];
    }
    return set;
}

/* Who is there only because somebody said so is missed when that is undone */
static void test_undoing_may_leave_a_line_alone(void **state)
{
    const qdn_plan_t *plan = people(OFFICE, OFFICE);
    const qdn_standing_t here = { .operator= "ana",
                                  .state = QDN_STANDING_AVAILABLE,
                                  .at = at("2026-11-18 19:00"),
                                  .until = at("2026-11-18 23:00"),
                                  .who = "ana",
                                  .why = "late",
                                  .event = "a" };
    const qdn_snapshot_t *snapshot =
        snapshot_of(plan, set_of(&here, 1), NULL, 0);
    qdn_wish_t wish = { .operator= "ana",
                        .state = QDN_STANDING_AUTO,
                        .who = "ana" };

    (void)state;
    assert_string_equal(
        empties_of(plan, snapshot, &wish, at("2026-11-18 20:00")),
        LINE_A " 2026-11-18 20:00 PST 2026-11-19 08:00 PST; " LINE_B
               " 2026-11-18 20:00 PST 2026-11-19 08:00 PST");
    wish.state = QDN_STANDING_AVAILABLE;
    wish.why = "later";
    assert_string_equal(
        empties_of(plan, snapshot, &wish, at("2026-11-18 20:00")), "");
}

/************** setting **************/

typedef struct shop_t {
    qdn_plan_t *plan;
    qdn_roster_t *roster;
    qdn_outbox_t *outbox;
    qdn_scene_t scene;
} shop_t;

static shop_t open_shop(void)
{
    shop_t s = { 0 };

    /* Threads that never end need a pool that does not. */
    if (!forever) {
        apr_pool_create(&forever, NULL);
    }
    pool = forever;
    qdn_scene_begin(&s.scene, 0, forever);
    s.plan = people("", "");
    s.plan->state_dir = s.scene.dir;
    s.outbox = qdn_outbox_open(s.plan, "host-a", NULL, forever);
    assert_int_equal(qdn_roster_open(&s.roster,
                                     &(qdn_roster_config_t){ .plan = s.plan,
                                                             .host = "host-a" },
                                     forever),
                     APR_SUCCESS);
    apr_pool_create(&pool, NULL);
    return s;
}

static void close_shop(shop_t *s)
{
    qdn_roster_settle(s->roster, SEC(5));
    qdn_outbox_close(s->outbox);
    qdn_scene_end(&s->scene);
}

static apr_status_t set(shop_t *s, const qdn_wish_t *wish, apr_time_t now,
                        qdn_standing_t *pstanding)
{
    apr_array_header_t *empties;
    const char *error;

    return qdn_standings_set(s->roster, s->outbox, s->plan, "host-a", wish, now,
                             pstanding, &empties, &error, pool);
}

static qdn_standing_e in_force(shop_t *s, const char *op, const char *line,
                               apr_time_t now)
{
    const qdn_snapshot_t *snapshot;
    qdn_standing_t standing;

    assert_int_equal(qdn_roster_look(s->roster, &snapshot, pool), APR_SUCCESS);
    return qdn_snapshot_standing(snapshot, op, line, now, &standing)
               ? standing.state
               : QDN_STANDING_AUTO;
}

static void test_a_status_is_kept_and_in_force(void **state)
{
    shop_t s = open_shop();
    qdn_wish_t wish = away;
    qdn_standing_t standing;

    (void)state;
    assert_int_equal(set(&s, &wish, NOW, &standing), QDN_EREFUSED);
    assert_int_equal(in_force(&s, "ana", LINE_B, NOW), QDN_STANDING_AUTO);
    wish.anyway = 1;
    assert_int_equal(set(&s, &wish, NOW, &standing), APR_SUCCESS);
    assert_int_equal(in_force(&s, "ana", LINE_B, NOW), QDN_STANDING_AWAY);
    assert_int_equal(in_force(&s, "ana", LINE_B, NOW + 2 * HOUR),
                     QDN_STANDING_AUTO);
    qdn_scene_drain_now(&s.scene);
    const char *detail = qdn_dbds_text(
        &s.scene.dbd,
        apr_psprintf(pool,
                     "SELECT detail FROM qdn_event WHERE id = '%s' AND"
                     " kind = 'status.changed' AND operator = 'ana' AND"
                     " line IS NULL AND host = 'host-a' AND call_sid IS NULL",
                     standing.event),
        pool);
    assert_non_null(detail);
    assert_string_equal(qdn_detail_text(detail, "state", pool), "away");
    assert_string_equal(qdn_detail_text(detail, "was", pool), "auto");
    assert_string_equal(qdn_detail_text(detail, "who", pool), "ana@host");
    assert_string_equal(qdn_detail_text(detail, "why", pool), "dentist");
    assert_int_equal(qdn_detail_number(detail, "until", 0, pool),
                     apr_time_sec(NOW + 2 * HOUR));
    close_shop(&s);
}

/* What is said for all lines ends what was said for one of them. */
static void test_all_lines_means_all(void **state)
{
    shop_t s = open_shop();
    qdn_wish_t here = { .operator= "ana",
                        .line = LINE_B,
                        .state = QDN_STANDING_AVAILABLE,
                        .until = "changed",
                        .who = "ana",
                        .why = "on duty" };
    qdn_wish_t gone = away;
    qdn_standing_t standing;

    (void)state;
    gone.anyway = 1;
    assert_int_equal(set(&s, &here, NOW, &standing), APR_SUCCESS);
    assert_int_equal(set(&s, &gone, NOW + 1, &standing), APR_SUCCESS);
    assert_int_equal(in_force(&s, "ana", LINE_B, NOW + 2), QDN_STANDING_AWAY);
    gone.state = QDN_STANDING_AUTO;
    gone.until = NULL;
    assert_int_equal(set(&s, &gone, NOW + 3, &standing), APR_SUCCESS);
    assert_int_equal(in_force(&s, "ana", LINE_B, NOW + 4), QDN_STANDING_AUTO);
    qdn_scene_drain_now(&s.scene);
    assert_int_equal(
        qdn_scene_count(&s.scene, "qdn_event WHERE kind = 'status.changed'"),
        4);
    close_shop(&s);
}

static void test_a_clock_that_was_put_back(void **state)
{
    shop_t s = open_shop();
    qdn_wish_t wish = away;
    qdn_standing_t standing;

    (void)state;
    wish.operator= "sergio";
    assert_int_equal(set(&s, &wish, NOW, &standing), APR_SUCCESS);
    wish.state = QDN_STANDING_AVAILABLE;
    assert_int_equal(set(&s, &wish, NOW - HOUR, &standing), APR_SUCCESS);
    assert_int_equal(in_force(&s, "sergio", LINE_A, NOW - HOUR + 1),
                     QDN_STANDING_AVAILABLE);
    close_shop(&s);
}

static void test_a_journal_that_takes_nothing(void **state)
{
    shop_t s = open_shop();
    qdn_wish_t wish = away;
    qdn_standing_t standing;

    (void)state;
    wish.operator= "sergio";
    qdn_outbox_close(s.outbox);
    assert_int_equal(set(&s, &wish, NOW, &standing), QDN_EFULL);
    assert_int_equal(in_force(&s, "sergio", LINE_A, NOW), QDN_STANDING_AUTO);
    s.outbox = qdn_outbox_open(s.plan, "host-a", NULL, forever);
    close_shop(&s);
}

/*
 * Kept, but calls do not go by it until the snapshot can be written: that is
 * told, and what is set next knows of it.
 */
static void test_a_snapshot_that_cannot_be_written(void **state)
{
    shop_t s = open_shop();
    qdn_plan_t *plan = apr_pmemdup(forever, s.plan, sizeof(*plan));
    const char *dir = qdn_dbds_dir(forever);
    const char *moved = apr_pstrcat(forever, dir, "-away", NULL);
    qdn_wish_t here = { .operator= "ana",
                        .line = LINE_B,
                        .state = QDN_STANDING_AVAILABLE,
                        .until = "changed",
                        .who = "ana",
                        .why = "on duty" };
    qdn_wish_t gone = away;
    qdn_standing_t standing;
    apr_array_header_t *empties;
    const char *error = NULL;

    (void)state;
    gone.anyway = 1;
    plan->state_dir = dir;
    qdn_roster_settle(s.roster, SEC(5));
    qdn_roster_open(&s.roster,
                    &(qdn_roster_config_t){ .plan = plan, .host = "host-a" },
                    forever);
    assert_int_equal(qdn_roster_settle(s.roster, SEC(5)), APR_SUCCESS);
    assert_int_equal(rename(dir, moved), 0);
    assert_int_equal(qdn_standings_set(s.roster, s.outbox, plan, "host-a",
                                       &here, NOW, &standing, &empties, &error,
                                       pool),
                     APR_TIMEUP);
    assert_string_equal(error, "No such file or directory");
    assert_int_equal(standing.state, QDN_STANDING_AVAILABLE);
    assert_int_equal(set(&s, &gone, NOW + 1, &standing), APR_TIMEUP);
    assert_int_equal(rename(moved, dir), 0);
    assert_int_equal(qdn_roster_settle(s.roster, SEC(5)), APR_SUCCESS);
    assert_int_equal(in_force(&s, "ana", LINE_B, NOW + 2), QDN_STANDING_AWAY);
    qdn_scene_drain_now(&s.scene);
    assert_int_equal(
        qdn_scene_count(&s.scene, "qdn_event WHERE kind = 'status.changed'"),
        3);
    qdn_dbds_sweep(dir);
    close_shop(&s);
}

static void test_an_end_is_an_event_of_its_own(void **state)
{
    shop_t s = open_shop();
    apr_time_t now = qdn_clock_now();
    qdn_wish_t wish = away;
    qdn_standing_t standing;

    (void)state;
    wish.operator= "sergio";
    assert_int_equal(set(&s, &wish, now, &standing), APR_SUCCESS);
    qdn_standings_end(s.roster, s.outbox, s.plan, "host-a", now + HOUR, pool);
    qdn_standings_end(s.roster, s.outbox, s.plan, "host-a", now + 3 * HOUR,
                      pool);
    /* The other host has heard of it, and comes to the same end. */
    qdn_roster_t *other;
    qdn_plan_t *plan = apr_pmemdup(forever, s.plan, sizeof(*plan));
    plan->state_dir = qdn_dbds_dir(forever);
    qdn_roster_open(&other,
                    &(qdn_roster_config_t){ .plan = plan, .host = "host-b" },
                    forever);
    qdn_roster_take_standings(other, &standing, 1);
    qdn_standings_end(other, s.outbox, plan, "host-b", now + 3 * HOUR, pool);
    qdn_roster_settle(other, SEC(5));
    qdn_dbds_sweep(plan->state_dir);
    qdn_scene_drain_now(&s.scene);
    assert_int_equal(
        qdn_scene_count(&s.scene, "qdn_event WHERE kind = 'status.ended'"), 1);
    assert_int_equal(
        qdn_dbds_number(&s.scene.dbd,
                        "SELECT at FROM qdn_event WHERE kind = 'status.ended'",
                        pool),
        standing.until);
    close_shop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_next_working_day),
        TEST(test_holidays_are_no_working_days),
        TEST(test_wishes_that_are_refused),
        TEST(test_lines_that_would_be_left_alone),
        TEST(test_undoing_may_leave_a_line_alone),
        TEST(test_a_status_is_kept_and_in_force),
        TEST(test_all_lines_means_all),
        TEST(test_a_clock_that_was_put_back),
        TEST(test_a_journal_that_takes_nothing),
        TEST(test_a_snapshot_that_cannot_be_written),
        TEST(test_an_end_is_an_event_of_its_own),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
