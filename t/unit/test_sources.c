/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <stdlib.h>

#include "detail.h"
#include "drain_scene.h"
#include "sources.h"

#define SEC(n) apr_time_from_sec(n)
#define NOW    SEC(1795000000)
#define PLAN                                                                   \
    SERVER "<QDNOperator sergio>\nQDNPhone primary +16195550101\n"             \
           "QDNCalendar ics:https://example.com/private-a.ics\n"               \
           "QDNCalendar ics:https://example.org/b.ics\n"                       \
           "</QDNOperator>\n" LINE("QDNHop sergio/primary\n")

/* Threads of rosters never end, so neither does their pool. */
static apr_pool_t *forever;

typedef struct desk_t {
    qdn_scene_t scene;
    qdn_daemon_config_t config;
    qdn_roster_t *roster;
    qdn_outbox_t *outbox;
    qdn_sources_t *sources;
    qdn_finding_t findings[2];
} desk_t;

/* The daemon that begins where the last one ended. */
static void restart(desk_t *d)
{
    const qdn_roster_config_t want = { .plan = d->config.plan, .host = "here" };

    assert_int_equal(qdn_roster_open(&d->roster, &want, forever), APR_SUCCESS);
    d->sources = qdn_sources_open(&d->config, d->roster, d->outbox, forever);
}

static desk_t *open_desk(void)
{
    desk_t *d;
    qdn_plan_t *plan;

    if (!forever) {
        apr_pool_create(&forever, NULL);
    }
    pool = forever;
    d = apr_pcalloc(forever, sizeof(*d));
    qdn_scene_begin(&d->scene, 0, forever);
    plan = plan_of(PLAN);
    plan->state_dir = d->scene.dir;
    d->config = (qdn_daemon_config_t){ .plan = plan, .host = "here" };
    d->outbox = qdn_outbox_open(plan, "here", NULL, forever);
    restart(d);
    return d;
}

static void close_desk(desk_t *d)
{
    qdn_roster_settle(d->roster, SEC(5));
    qdn_outbox_close(d->outbox);
    qdn_scene_end(&d->scene);
}

/* What the refresher does with the answers of that moment. */
static void answers(desk_t *d, apr_time_t at, const char *a, const char *b)
{
    const char *errors[] = { a, b };

    for (int i = 0; i < 2; i++) {
        d->findings[i].asked_at = at;
        d->findings[i].error = errors[i];
        if (!errors[i]) {
            d->findings[i].good_at = at;
        }
    }
    qdn_roster_take_findings(d->roster, d->findings);
    qdn_sources_take(d->sources, d->findings);
}

static const char *states(desk_t *d, apr_time_t now)
{
    apr_array_header_t *all = qdn_sources_report(d->sources, now, forever);

    assert_int_equal(all->nelts, 2);
    return apr_pstrcat(
        forever,
        qdn_sources_text(APR_ARRAY_IDX(all, 0, qdn_sources_feed_t).state), " ",
        qdn_sources_text(APR_ARRAY_IDX(all, 1, qdn_sources_feed_t).state),
        NULL);
}

static apr_int64_t events(desk_t *d, const char *kind)
{
    qdn_scene_drain_now(&d->scene);
    return qdn_scene_count(
        &d->scene, apr_psprintf(forever, "qdn_event WHERE kind = '%s'", kind));
}

static void test_how_feeds_are_doing(void **state)
{
    desk_t *d = open_desk();

    (void)state;
    assert_string_equal(states(d, NOW), "unasked unasked");
    answers(d, NOW, NULL, "timed out");
    assert_string_equal(states(d, NOW + SEC(1)), "good stale");
    answers(d, NOW + SEC(60), "HTTP 401", NULL);
    assert_string_equal(states(d, NOW + SEC(61)), "failing good");
    /* an hour is what an answer holds */
    assert_string_equal(states(d, NOW + SEC(3599)), "failing good");
    assert_string_equal(states(d, NOW + SEC(3601)), "stale good");
    close_desk(d);
}

static void test_a_failure_is_one_event(void **state)
{
    desk_t *d = open_desk();

    (void)state;
    answers(d, NOW, NULL, NULL);
    assert_int_equal(events(d, "feed.failed"), 0);
    assert_int_equal(events(d, "feed.recovered"), 0);
    for (int i = 1; i < 5; i++) {
        answers(d, NOW + SEC(60 * i), "HTTP 401", NULL);
    }
    assert_int_equal(events(d, "feed.failed"), 1);
    /* The next daemon knows that it was told. */
    qdn_roster_settle(d->roster, SEC(5));
    restart(d);
    assert_string_equal(states(d, NOW + SEC(300)), "failing good");
    answers(d, NOW + SEC(300), "HTTP 403", NULL);
    assert_int_equal(events(d, "feed.failed"), 1);
    answers(d, NOW + SEC(360), NULL, NULL);
    answers(d, NOW + SEC(420), NULL, NULL);
    assert_int_equal(events(d, "feed.recovered"), 1);
    answers(d, NOW + SEC(480), "HTTP 500", "HTTP 500");
    assert_int_equal(events(d, "feed.failed"), 3);
    close_desk(d);
}

/* A private address is a secret: its path is nowhere. */
static void test_what_the_event_says(void **state)
{
    desk_t *d = open_desk();
    const char *detail;

    (void)state;
    answers(d, NOW, NULL, NULL);
    answers(d, NOW + SEC(60), "HTTP 401", NULL);
    assert_int_equal(events(d, "feed.failed"), 1);
    detail = qdn_dbds_text(
        &d->scene.dbd,
        "SELECT detail FROM qdn_event WHERE kind = 'feed.failed'", forever);
    assert_string_equal(qdn_detail_text(detail, "feed", forever),
                        "ics:example.com");
    assert_string_equal(qdn_detail_text(detail, "kind", forever), "calendar");
    assert_string_equal(qdn_detail_text(detail, "error", forever), "HTTP 401");
    assert_int_equal(qdn_detail_number(detail, "age", -1, forever), 60);
    assert_null(strstr(detail, "private"));
    close_desk(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_feeds_are_doing),
        cmocka_unit_test(test_a_failure_is_one_event),
        cmocka_unit_test(test_what_the_event_says),
    };

    (void)setup;
    (void)teardown;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
