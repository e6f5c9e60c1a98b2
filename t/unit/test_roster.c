/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "dbds.h"
#include "log.h"
#include "roster.h"
#include "waitword.h"

#define PATIENCE apr_time_from_sec(5)

/* A roster lives as long as its process, so its memory does as well. */
static apr_pool_t *forever;
static const char *dir;
static qdn_plan_t *plan;
static apr_uint32_t bell;
static char said[400];

static void listen_to(void *baton, qdn_log_level_e level, apr_status_t status,
                      const char *message)
{
    (void)baton;
    (void)level;
    (void)status;
    apr_cpystrn(said, message, sizeof(said));
}

static int begin(void **state)
{
    if (!forever) {
        apr_pool_create(&forever, NULL);
    }
    dir = qdn_dbds_dir(forever);
    pool = forever;
    plan = plan_of(SERVER "QDNStateDir /var/lib/qdn\n<QDNOperator sergio>\n"
                          "QDNPhone primary +16195550101\n"
                          "QDNCalendar ics:https://example.com/a.ics\n"
                          "QDNCalendar ics:https://example.com/b.ics\n"
                          "</QDNOperator>\n" LINE("QDNHop sergio/primary\n"));
    plan->state_dir = dir;
    bell = 0;
    *said = '\0';
    return setup(state);
}

static int end(void **state)
{
    qdn_dbds_sweep(dir);
    return teardown(state);
}

static qdn_roster_t *open_roster(void)
{
    const qdn_roster_config_t config = { .plan = plan,
                                         .host = "test",
                                         .bell = &bell };
    qdn_roster_t *roster;

    assert_int_equal(qdn_roster_open(&roster, &config, forever), APR_SUCCESS);
    return roster;
}

static const qdn_snapshot_t *look(qdn_roster_t *roster)
{
    const qdn_snapshot_t *snapshot;

    assert_int_equal(qdn_roster_settle(roster, PATIENCE), APR_SUCCESS);
    assert_int_equal(qdn_roster_look(roster, &snapshot, pool), APR_SUCCESS);
    return snapshot;
}

/* `who` is also what tells one from another. */
static qdn_standing_t standing(const char *line, qdn_standing_e state,
                               apr_time_t at, apr_time_t until, int n)
{
    qdn_standing_t s = { .operator= "sergio",
                         .line = line,
                         .state = state,
                         .at = at,
                         .until = until,
                         .who = "ana@host",
                         .why = "lunch" };

    apr_snprintf(s.event, sizeof(s.event), "%032d", n);
    return s;
}

static qdn_standing_e state_of(const qdn_snapshot_t *snapshot, apr_time_t now)
{
    qdn_standing_t s;

    return qdn_snapshot_standing(snapshot, "sergio", "+16195550100", now, &s)
               ? s.state
               : QDN_STANDING_AUTO;
}

static void test_there_is_a_snapshot_from_the_beginning(void **state)
{
    qdn_roster_t *roster = open_roster();
    const qdn_snapshot_t *snapshot = look(roster);

    (void)state;
    assert_int_equal(qdn_snapshot_serial(snapshot), 1);
    assert_int_equal(bell, 1);
    assert_int_equal(qdn_roster_trouble(roster), APR_SUCCESS);
}

static void test_a_status_is_in_the_file_at_once(void **state)
{
    qdn_roster_t *roster = open_roster();
    apr_time_t now = qdn_clock_now();
    qdn_standing_t s = standing(NULL, QDN_STANDING_AWAY, now, 0, 1);
    apr_interval_time_t began;
    apr_uint32_t heard;

    (void)state;
    look(roster);
    apr_sleep(apr_time_from_msec(60)); /* the gap between two writes */
    heard = bell;
    began = qdn_clock_mono();
    qdn_roster_take_standings(roster, &s, 1);
    qdn_waitword_listen(&bell, heard, PATIENCE);
    print_message("# in the file after %d us\n",
                  (int)(qdn_clock_mono() - began));
    assert_int_equal(__atomic_load_n(&bell, __ATOMIC_SEQ_CST), heard + 1);
    assert_int_equal(state_of(look(roster), now), QDN_STANDING_AWAY);
}

static void test_what_is_known_is_not_written_again(void **state)
{
    qdn_roster_t *roster = open_roster();
    qdn_standing_t s = standing(NULL, QDN_STANDING_AWAY, 1000, 0, 1);
    qdn_standing_t older = standing(NULL, QDN_STANDING_AVAILABLE, 999, 0, 2);
    qdn_talk_t talk = { "sergio", "CA1", "other", 5, 1000000 };

    (void)state;
    qdn_roster_take_standings(roster, &s, 1);
    qdn_roster_take_talks(roster, &talk, 1);
    apr_uint64_t serial = qdn_snapshot_serial(look(roster));
    for (int i = 0; i < 10; i++) {
        qdn_roster_take_standings(roster, &s, 1);
        qdn_roster_take_standings(roster, &older, 1);
        qdn_roster_take_talks(roster, &talk, 1);
        apr_sleep(apr_time_from_msec(10));
    }
    assert_int_equal(qdn_snapshot_serial(look(roster)), serial);
    assert_int_equal(state_of(look(roster), 2000), QDN_STANDING_AWAY);
}

/* 50 ms lie between two writes, however many changes there are. */
static void test_many_changes_are_few_files(void **state)
{
    qdn_roster_t *roster = open_roster();
    apr_interval_time_t began = qdn_clock_mono();
    int n = 0;

    (void)state;
    while (qdn_clock_mono() - began < apr_time_from_msec(300)) {
        n++;

        qdn_standing_t s =
            standing(NULL, n % 2 ? QDN_STANDING_AWAY : QDN_STANDING_AVAILABLE,
                     1000 + n, 0, n);

        qdn_roster_take_standings(roster, &s, 1);
    }
    const qdn_snapshot_t *snapshot = look(roster);
    assert_true(n > 20);
    assert_in_range(qdn_snapshot_serial(snapshot), 2, 9);
    assert_int_equal(state_of(snapshot, 2000000),
                     n % 2 ? QDN_STANDING_AWAY : QDN_STANDING_AVAILABLE);
}

static void test_the_next_daemon_goes_on_from_there(void **state)
{
    qdn_roster_t *roster = open_roster();
    apr_time_t now = qdn_clock_now();
    qdn_standing_t s = standing("+16195550100", QDN_STANDING_AWAY, now, 0, 1);
    qdn_talk_t talk = { "sergio", "CA1", "other", now,
                        now + apr_time_from_sec(60) };
    qdn_span_t span = { now, now + apr_time_from_sec(60), "dentist" };
    qdn_finding_t findings[2] = {
        { .asked_at = now,
          .good_at = now,
          .from = now,
          .to = now + apr_time_from_sec(60),
          .spans = &span,
          .nspans = 1 },
        { .asked_at = now, .error = "timed out" },
    };
    const qdn_snapshot_t *snapshot;
    qdn_finding_t known;
    qdn_talk_t heard;

    (void)state;
    qdn_roster_take_standings(roster, &s, 1);
    qdn_roster_take_talks(roster, &talk, 1);
    qdn_roster_take_findings(roster, findings);
    apr_uint64_t serial = qdn_snapshot_serial(look(roster));

    roster = open_roster();
    snapshot = look(roster);
    assert_int_equal(qdn_snapshot_serial(snapshot), serial + 1);
    assert_int_equal(state_of(snapshot, now), QDN_STANDING_AWAY);
    assert_true(qdn_snapshot_talk(snapshot, "sergio", now, &heard));
    assert_string_equal(heard.host, "other");
    assert_true(qdn_snapshot_spans(
        snapshot, APR_ARRAY_IDX(plan->feeds, 0, const qdn_feed_t *), &known,
        pool));
    assert_int_equal(known.nspans, 1);
    assert_int_equal(known.good_at, now);
    assert_string_equal(known.spans[0].title, "dentist");
    assert_true(qdn_snapshot_spans(
        snapshot, APR_ARRAY_IDX(plan->feeds, 1, const qdn_feed_t *), &known,
        pool));
    assert_string_equal(known.error, "timed out");
    assert_int_equal(known.good_at, 0);
}

static void test_a_damaged_file_is_replaced(void **state)
{
    const char *path = apr_pstrcat(forever, dir, "/" QDN_SNAPSHOT_FILE, NULL);
    FILE *file = fopen(path, "w");

    (void)state;
    fputs("no snapshot at all", file);
    fclose(file);
    assert_int_equal(qdn_snapshot_serial(look(open_roster())), 1);
    assert_ptr_equal(strstr(said, "QDN0562"), said);
}

static void *give_back(void *limit)
{
    apr_sleep(apr_time_from_msec(300));
    setrlimit(RLIMIT_NOFILE, limit);
    return NULL;
}

/* No descriptor is free when the daemon begins: nothing may be forgotten. */
static void test_a_want_of_files_is_waited_out(void **state)
{
    qdn_roster_t *roster = open_roster();
    qdn_standing_t s = standing(NULL, QDN_STANDING_AWAY, 1000, 0, 1);
    struct rlimit all, none;
    pthread_t giver;

    (void)state;
    qdn_roster_take_standings(roster, &s, 1);
    look(roster);
    getrlimit(RLIMIT_NOFILE, &all);
    none = (struct rlimit){ .rlim_cur = 0, .rlim_max = all.rlim_max };
    pthread_create(&giver, NULL, give_back, &all);
    setrlimit(RLIMIT_NOFILE, &none);
    roster = open_roster();
    pthread_join(giver, NULL);
    assert_int_equal(state_of(look(roster), 2000), QDN_STANDING_AWAY);
    assert_string_equal(said, "");
}

static void test_a_disk_that_fails_is_tried_again(void **state)
{
    qdn_roster_t *roster = open_roster();
    qdn_standing_t s = standing(NULL, QDN_STANDING_AWAY, 1000, 0, 1);
    const char *away = apr_pstrcat(forever, dir, "-away", NULL);

    (void)state;
    look(roster);
    assert_int_equal(rename(dir, away), 0);
    qdn_roster_take_standings(roster, &s, 1);
    assert_int_equal(qdn_roster_settle(roster, apr_time_from_msec(300)),
                     APR_TIMEUP);
    assert_int_not_equal(qdn_roster_trouble(roster), APR_SUCCESS);
    assert_ptr_equal(strstr(said, "QDN0560"), said);
    /* What is known is known all the same; of the asker's own memory. */
    apr_array_header_t *set = qdn_roster_standings(roster, pool);
    assert_int_equal(set->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(set, 0, qdn_standing_t).event, s.event);
    qdn_standing_t other = standing(NULL, QDN_STANDING_AVAILABLE, 999, 0, 2);
    APR_ARRAY_PUSH(set, qdn_standing_t) = other;
    assert_int_equal(qdn_roster_standings(roster, pool)->nelts, 1);
    assert_int_equal(rename(away, dir), 0);
    assert_int_equal(state_of(look(roster), 2000), QDN_STANDING_AWAY);
    assert_int_equal(qdn_roster_trouble(roster), APR_SUCCESS);
    assert_ptr_equal(strstr(said, "QDN0561"), said);
}

static void test_an_end_is_told_once(void **state)
{
    apr_time_t now = qdn_clock_now(), hour = apr_time_from_sec(3600);
    qdn_standing_t all[] = {
        standing(NULL, QDN_STANDING_AWAY, now - hour, now + hour, 1),
        standing("+16195550100", QDN_STANDING_AWAY, now - hour, 0, 2),
        standing("+16195550102", QDN_STANDING_AVAILABLE, now - 60 * hour,
                 now - 50 * hour, 3), /* long ago: the last daemon's */
    };
    qdn_roster_t *roster = open_roster();
    apr_array_header_t *ended;

    (void)state;
    qdn_roster_take_standings(roster, all, 3);
    assert_int_equal(qdn_roster_ended(roster, now, pool)->nelts, 0);
    ended = qdn_roster_ended(roster, now + hour, pool);
    assert_int_equal(ended->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(ended, 0, qdn_standing_t).event,
                        all[0].event);
    assert_int_equal(qdn_roster_ended(roster, now + 2 * hour, pool)->nelts, 0);

    /* One that was replaced before its time did not end by itself. */
    qdn_standing_t set[] = {
        standing(NULL, QDN_STANDING_AWAY, now + 2 * hour, now + 3 * hour, 4),
        standing(NULL, QDN_STANDING_AUTO, now + 2 * hour + 1, 0, 5),
    };
    qdn_roster_take_standings(roster, set, 2);
    assert_int_equal(qdn_roster_ended(roster, now + 4 * hour, pool)->nelts, 0);
}

/* The daemon may have died with the end untold; ids keep it from doubling. */
static void test_an_end_is_told_after_a_restart(void **state)
{
    apr_time_t now = qdn_clock_now();
    qdn_standing_t s =
        standing(NULL, QDN_STANDING_AWAY, now - 2000, now - 1000, 1);
    qdn_roster_t *roster = open_roster();

    (void)state;
    qdn_roster_take_standings(roster, &s, 1);
    look(roster);
    roster = open_roster();
    assert_int_equal(qdn_roster_ended(roster, now, pool)->nelts, 1);
}

#define ROSTER(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROSTER(test_there_is_a_snapshot_from_the_beginning),
        ROSTER(test_a_status_is_in_the_file_at_once),
        ROSTER(test_what_is_known_is_not_written_again),
        ROSTER(test_many_changes_are_few_files),
        ROSTER(test_the_next_daemon_goes_on_from_there),
        ROSTER(test_a_damaged_file_is_replaced),
        ROSTER(test_a_want_of_files_is_waited_out),
        ROSTER(test_a_disk_that_fails_is_tried_again),
        ROSTER(test_an_end_is_told_once),
        ROSTER(test_an_end_is_told_after_a_restart),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    qdn_log_set_sink(listen_to, NULL, QDN_LOG_DEBUG);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
