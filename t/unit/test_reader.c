/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <unistd.h>

#include "clock.h"
#include "drain_scene.h"
#include "reader.h"

#define SEC(n) apr_time_from_sec(n)
#define NOW    SEC(1795000000)
#define PLAN                                                                   \
    SERVER "<QDNOperator sergio>\nQDNPhone primary +16195550101\n"             \
           "QDNPhone desk +16195550104 confirm=none\n</QDNOperator>\n"         \
           "<QDNOperator ana>\nQDNPhone mobile "                               \
           "+16195550103\n</QDNOperator>\n" LINE(                              \
               "QDNHop sergio/primary\nQDNHop ana/mobile\n"                    \
               "QDNHop sergio/desk\nQDNTimeLimit 1h\n")

/* Of the scene that runs. */
static const qdn_plan_t *plan;

static const char *sid(int call)
{
    return apr_psprintf(pool, "CA%032d", call);
}

/************** statuses **************/

static qdn_event_t changed(const char *operator, const char * line,
                           apr_time_t at, const char *state)
{
    qdn_event_t e = { .at = at,
                      .host = "other",
                      .kind = QDN_KIND_STATUS_CHANGED,
                      .line = line,
                      .operator= operator,
                      .detail = apr_psprintf(
                          pool,
                          "{\"state\":\"%s\",\"until\":1795009999,"
                          "\"who\":\"ana@host\",\"why\":\"\\\"lunch\\\"\"}",
                          state) };

    qdn_event_identify(
        &e, apr_psprintf(pool, "%" APR_TIME_T_FMT "%s", at, line ? line : ""));
    return e;
}

/* As if another host's drain had written them. */
static void write_rows(qdn_scene_t *s, const qdn_event_t *events, int n)
{
    qdn_journal_t *journal = qdn_scene_journal(s);

    assert_int_equal(qdn_journal_append(journal, events, n, pool), APR_SUCCESS);
    qdn_journal_close(journal);
    qdn_scene_drain_now(s);
}

static apr_array_header_t *read_standings(qdn_scene_t *s, apr_time_t since,
                                          int newest)
{
    qdn_store_t *store = qdn_dbds_store(&s->dbd, pool);
    apr_array_header_t *standings;

    assert_int_equal(
        qdn_reader_standings(store, since, newest, &standings, pool),
        APR_SUCCESS);
    qdn_store_close(store);
    return standings;
}

static void begin(qdn_scene_t *s)
{
    pool = s->pool;
    plan = plan_of(PLAN);
}

static void test_a_status_as_it_was_told(qdn_scene_t *s)
{
    begin(s);
    qdn_event_t e = changed("sergio", "+16195550100", NOW, "away");
    const qdn_standing_t *one;

    write_rows(s, &e, 1);
    for (int newest = 0; newest <= 1; newest++) {
        apr_array_header_t *all = read_standings(s, NOW - 1, newest);

        assert_int_equal(all->nelts, 1);
        one = &APR_ARRAY_IDX(all, 0, qdn_standing_t);
        assert_string_equal(one->operator, "sergio");
        assert_string_equal(one->line, "+16195550100");
        assert_int_equal(one->state, QDN_STANDING_AWAY);
        assert_int_equal(one->at, NOW);
        assert_int_equal(one->until, SEC(1795009999));
        assert_string_equal(one->who, "ana@host");
        assert_string_equal(one->why, "\"lunch\"");
        assert_string_equal(one->event, e.id);
        assert_int_equal(read_standings(s, NOW, newest)->nelts, 0);
    }
}

static void test_the_newest_of_each(qdn_scene_t *s)
{
    begin(s);
    qdn_event_t events[] = {
        changed("sergio", NULL, NOW, "away"),
        changed("sergio", NULL, NOW + 2, "auto"),
        changed("sergio", NULL, NOW + 1, "available"),
        changed("sergio", "+16195550100", NOW - 5, "away"),
        changed("ana", NULL, NOW - 9, "away"),
        changed("ana", NULL, NOW + 9, "tired"), /* of a later version */
    };
    apr_array_header_t *all;
    int seen = 0;

    write_rows(s, events, 6);
    assert_int_equal(read_standings(s, 0, 0)->nelts, 5);
    all = read_standings(s, 0, 1);
    for (int i = 0; i < all->nelts; i++) {
        const qdn_standing_t *one = &APR_ARRAY_IDX(all, i, qdn_standing_t);

        if (!strcmp(one->operator, "sergio")) {
            assert_int_equal(one->at, one->line ? NOW - 5 : NOW + 2);
            seen++;
        }
    }
    assert_int_equal(seen, 2);
}

/************** talks **************/

typedef struct talker_t {
    int call;
    const char *host, *operator, * phone;
    int hop;
} talker_t;

static qdn_event_t told(const talker_t *w, qdn_kind_e kind, apr_time_t at,
                        qdn_reason_e reason)
{
    int of_phone =
        kind != QDN_KIND_CALL_RECEIVED && kind != QDN_KIND_CALL_ENDED;
    qdn_event_t e = { .at = at,
                      .host = w->host,
                      .kind = kind,
                      .line = "+16195550100",
                      .call_sid = sid(w->call),
                      .hop = of_phone ? w->hop : 0,
                      .operator= of_phone
                      ? w->operator: NULL,
                      .phone = of_phone ? w->phone : NULL,
                      .reason = reason,
                      .detail = apr_psprintf(pool, "{\"leg\":\"CA9%d%s\"}",
                                             w->call, w->phone) };

    qdn_event_identify(&e, NULL);
    return e;
}

/* Call by call; the later kinds at later seconds. */
static void tell(qdn_scene_t *s, const talker_t *w, const qdn_kind_e *kinds,
                 int n)
{
    qdn_event_t *events = apr_palloc(pool, sizeof(*events) * (size_t)(n + 1));

    events[0] = told(w, QDN_KIND_CALL_RECEIVED, NOW, QDN_REASON_NONE);
    for (int i = 0; i < n; i++) {
        events[i + 1] =
            told(w, kinds[i], NOW + SEC(i + 1),
                 kinds[i] == QDN_KIND_HOP_ENDED ? QDN_REASON_CONNECTED
                                                : QDN_REASON_NONE);
    }
    write_rows(s, events, n + 1);
}

/* "operator/host ..." of what is open, then of what is over here. */
static const char *talks_read(qdn_scene_t *s, apr_time_t now, int wide)
{
    qdn_store_t *store = qdn_dbds_store(&s->dbd, pool);
    apr_array_header_t *lists[2];
    const char *text = "";

    assert_int_equal(qdn_reader_talks(store, plan, "here", now, wide, &lists[0],
                                      &lists[1], pool),
                     APR_SUCCESS);
    qdn_store_close(store);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < lists[k]->nelts; i++) {
            const qdn_talk_t *t = &APR_ARRAY_IDX(lists[k], i, qdn_talk_t);

            text = apr_pstrcat(pool, text, *text ? " " : "", t->operator, "/",
                               t->host, k ? " over" : "", NULL);
            assert_true(t->until <= now + SEC(6 * 60));
        }
    }
    return text;
}

static const char *talks_at(qdn_scene_t *s, apr_time_t now)
{
    return talks_read(s, now, 0);
}

#define TELL(w, ...)                                                           \
    tell(s, &(w), (const qdn_kind_e[]){ __VA_ARGS__ },                         \
         (int)(sizeof((qdn_kind_e[]){ __VA_ARGS__ }) / sizeof(qdn_kind_e)))

static const talker_t there = { 1, "other", "sergio", "primary", 1 };
static const talker_t here = { 2, "here", "ana", "mobile", 2 };
static const talker_t desk = { 3, "other", "sergio", "desk", 3 };

static void test_who_talks_elsewhere(qdn_scene_t *s)
{
    begin(s);
    TELL(there, QDN_KIND_LEG_RINGING, QDN_KIND_LEG_ANSWERED);
    assert_string_equal(talks_at(s, NOW + SEC(10)), ""); /* no key yet */
    TELL(there, QDN_KIND_LEG_RINGING, QDN_KIND_LEG_ANSWERED,
         QDN_KIND_SCREEN_ACCEPTED);
    assert_string_equal(talks_at(s, NOW + SEC(10)), "sergio/other");
    TELL(here, QDN_KIND_SCREEN_ACCEPTED);
    assert_string_equal(talks_at(s, NOW + SEC(10)), "sergio/other");
    /* an hour is the line's limit, and five minutes grace */
    assert_string_equal(talks_at(s, NOW + SEC(3600 + 290)), "sergio/other");
    assert_string_equal(talks_at(s, NOW + SEC(3600 + 310)), "ana/here over");
}

static void test_a_phone_without_a_key(qdn_scene_t *s)
{
    begin(s);
    TELL(desk, QDN_KIND_LEG_RINGING);
    assert_string_equal(talks_at(s, NOW + SEC(10)), "");
    TELL(desk, QDN_KIND_LEG_RINGING, QDN_KIND_LEG_ANSWERED);
    assert_string_equal(talks_at(s, NOW + SEC(10)), "sergio/other");
}

static void test_every_end_ends_it(qdn_scene_t *s)
{
    static const qdn_kind_e ends[] = { QDN_KIND_LEG_ENDED, QDN_KIND_HOP_ENDED,
                                       QDN_KIND_CALL_ENDED };

    begin(s);
    for (int i = 0; i < 3; i++) {
        talker_t w = there;

        w.call = 10 + i;
        TELL(w, QDN_KIND_SCREEN_ACCEPTED);
        assert_string_equal(talks_at(s, NOW + SEC(10)), "sergio/other");
        TELL(w, QDN_KIND_SCREEN_ACCEPTED, ends[i]);
        assert_string_equal(talks_at(s, NOW + SEC(10)), "");
    }
}

/* The end of what began here may be told to another host. */
static void test_an_end_told_elsewhere(qdn_scene_t *s)
{
    talker_t elsewhere = here;

    begin(s);
    elsewhere.host = "other";
    TELL(here, QDN_KIND_SCREEN_ACCEPTED);
    assert_string_equal(talks_at(s, NOW + SEC(10)), "");
    qdn_event_t end =
        told(&elsewhere, QDN_KIND_CALL_ENDED, NOW + SEC(20), QDN_REASON_NONE);
    write_rows(s, &end, 1);
    assert_string_equal(talks_at(s, NOW + SEC(30)), "ana/here over");
    assert_string_equal(talks_at(s, NOW + SEC(20 + 301)), "");
    /* It may have come late: until the time limit it is read now and then. */
    assert_string_equal(talks_read(s, NOW + SEC(20 + 301), 1), "ana/here over");
    assert_string_equal(talks_read(s, NOW + SEC(3600), 1), "ana/here over");
    assert_string_equal(talks_read(s, NOW + SEC(4 * 3600), 1), "");
}

/* Accepted, over, and accepted once more in the same call: not to be ended. */
static void test_accepted_again_in_the_same_call(qdn_scene_t *s)
{
    talker_t again = here, other = here;
    apr_time_t now = NOW + SEC(40);

    begin(s);
    again.hop = 4;
    other.operator= "sergio";
    other.phone = "primary";
    other.hop = 3;
    qdn_event_t events[] = {
        told(&here, QDN_KIND_CALL_RECEIVED, NOW, QDN_REASON_NONE),
        told(&here, QDN_KIND_SCREEN_ACCEPTED, NOW + SEC(5), QDN_REASON_NONE),
        told(&here, QDN_KIND_HOP_ENDED, NOW + SEC(10), QDN_REASON_CONNECTED),
        told(&other, QDN_KIND_SCREEN_ACCEPTED, NOW + SEC(20), QDN_REASON_NONE),
        told(&again, QDN_KIND_SCREEN_ACCEPTED, NOW + SEC(30), QDN_REASON_NONE),
    };
    qdn_event_t end =
        told(&again, QDN_KIND_HOP_ENDED, NOW + SEC(35), QDN_REASON_CONNECTED);

    write_rows(s, events, 3);
    assert_string_equal(talks_at(s, now), "ana/here over");
    write_rows(s, events + 3, 1); /* somebody else's is no reason */
    assert_string_equal(talks_at(s, now), "ana/here over");
    write_rows(s, events + 4, 1);
    assert_string_equal(talks_at(s, now), "");
    write_rows(s, &end, 1);
    assert_string_equal(talks_at(s, now), "ana/here over ana/here over");
}

/* However SQL keeps them; or each question would be a new snapshot. */
static void test_talks_come_in_one_order(qdn_scene_t *s)
{
    talker_t later = there, first = desk;

    begin(s);
    later.call = 31;
    first.call = 30;
    first.host = "third";
    TELL(later, QDN_KIND_SCREEN_ACCEPTED);
    TELL(first, QDN_KIND_SCREEN_ACCEPTED);
    assert_string_equal(talks_at(s, NOW + SEC(10)),
                        "sergio/third sergio/other");
}

/* The first dial of a hop that rings once more ended nobody's talk. */
static void test_a_redialled_hop(qdn_scene_t *s)
{
    begin(s);
    qdn_event_t events[] = {
        told(&there, QDN_KIND_CALL_RECEIVED, NOW, QDN_REASON_NONE),
        told(&there, QDN_KIND_HOP_ENDED, NOW + SEC(10), QDN_REASON_NO_KEY),
        told(&there, QDN_KIND_SCREEN_ACCEPTED, NOW + SEC(20), QDN_REASON_NONE),
    };

    write_rows(s, events, 3);
    assert_string_equal(talks_at(s, NOW + SEC(30)), "sergio/other");
}

/************** the thread **************/

static void await(qdn_roster_t *roster, qdn_standing_e state)
{
    apr_interval_time_t began = qdn_clock_mono();
    qdn_standing_e is = QDN_STANDING_AUTO;

    while (qdn_clock_mono() - began < SEC(10)) {
        const qdn_snapshot_t *snapshot;
        qdn_standing_t standing;

        assert_int_equal(qdn_roster_look(roster, &snapshot, pool), APR_SUCCESS);
        is = qdn_snapshot_standing(snapshot, "sergio", NULL, qdn_clock_now(),
                                   &standing)
                 ? standing.state
                 : QDN_STANDING_AUTO;
        if (is == state) {
            print_message("# after %d ms\n",
                          (int)apr_time_as_msec(qdn_clock_mono() - began));
            return;
        }
        apr_sleep(SEC(1) / 50);
    }
    fail_msg("state %d, not %d", is, state);
}

/* Begun here; its end was told elsewhere, and long before SQL heard of it. */
static void tell_late_end(qdn_scene_t *s, qdn_engaged_t *talks)
{
    static const talker_t before = { 2, "here", "sergio", "primary", 1 };
    apr_time_t began = qdn_clock_now() - SEC(3000);
    qdn_event_t events[] = {
        told(&here, QDN_KIND_CALL_RECEIVED, began, QDN_REASON_NONE),
        told(&here, QDN_KIND_SCREEN_ACCEPTED, began + 1, QDN_REASON_NONE),
        told(&before, QDN_KIND_SCREEN_ACCEPTED, began + 1, QDN_REASON_NONE),
        told(&here, QDN_KIND_CALL_ENDED, began + SEC(9), QDN_REASON_NONE),
    };

    qdn_engaged_begin(talks, "ana", sid(here.call), began + 1,
                      began + SEC(3900));
    qdn_engaged_begin(talks, "sergio", sid(here.call), began + 2,
                      began + SEC(3900)); /* SQL has yet to hear of it */
    write_rows(s, events, 4);
}

static int talks_now(const qdn_engaged_t *talks, const char *operator)
{
    apr_time_t since;

    return qdn_engaged_ask(talks, operator, qdn_clock_now(), &since);
}

/* What SQL learns is in force soon, also from before the thread began. */
static void test_what_is_new_comes_into_force(qdn_scene_t *s)
{
    static apr_pool_t *forever;
    apr_time_t now = qdn_clock_now();
    qdn_reader_report_t report;
    qdn_engaged_t *talks;
    qdn_roster_t *roster;
    qdn_reader_t *reader;

    begin(s);
    if (!forever) {
        apr_pool_create(&forever, NULL);
    }
    pool = forever;
    qdn_plan_t *mine = plan_of(PLAN);
    mine->state_dir = qdn_dbds_dir(forever);
    talks = qdn_engaged_init(apr_pcalloc(forever, qdn_engaged_size(8)), 8);
    pool = s->pool;
    tell_late_end(s, talks);
    qdn_event_t old = changed("sergio", NULL, now - SEC(86400 * 300), "away");
    old.detail = "{\"state\":\"away\",\"who\":\"x\",\"why\":\"y\"}";
    write_rows(s, &old, 1);
    assert_int_equal(
        qdn_roster_open(&roster,
                        &(qdn_roster_config_t){ .plan = mine, .host = "here" },
                        forever),
        APR_SUCCESS);
    assert_int_equal(
        qdn_reader_start(&reader,
                         &(qdn_reader_config_t){
                             .plan = mine,
                             .host = "here",
                             .driver = s->dbd.driver,
                             .params = apr_pstrdup(forever, s->dbd.params),
                             .roster = roster,
                             .talks = talks },
                         forever),
        APR_SUCCESS);
    await(roster, QDN_STANDING_AWAY);
    qdn_event_t fresh = changed("sergio", NULL, qdn_clock_now(), "available");
    fresh.detail = "{\"state\":\"available\",\"who\":\"x\",\"why\":\"y\"}";
    write_rows(s, &fresh, 1);
    await(roster, QDN_STANDING_AVAILABLE);
    assert_false(talks_now(talks, "ana"));
    assert_true(talks_now(talks, "sergio"));
    /* The connection goes, and comes again. */
    qdn_dbds_disconnect(&s->dbd, pool);
    fresh = changed("sergio", NULL, qdn_clock_now(), "away");
    fresh.detail = old.detail;
    write_rows(s, &fresh, 1);
    await(roster, QDN_STANDING_AWAY);
    qdn_reader_report(reader, &report);
    assert_true(report.read_at >= now);
    qdn_roster_settle(roster, SEC(5));
    qdn_dbds_sweep(mine->state_dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(test_a_status_as_it_was_told),
        EVERY(test_the_newest_of_each),
        EVERY(test_who_talks_elsewhere),
        EVERY(test_a_phone_without_a_key),
        EVERY(test_every_end_ends_it),
        EVERY(test_an_end_told_elsewhere),
        EVERY(test_accepted_again_in_the_same_call),
        EVERY(test_talks_come_in_one_order),
        EVERY(test_a_redialled_hop),
        EVERY(test_what_is_new_comes_into_force),
    };

    (void)setup;
    (void)teardown;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
