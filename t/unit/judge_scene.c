/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_scene.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

apr_pool_t *scene_pool;
qdn_plan_t scene_plan;
qdn_line_t *scene_line;
static const qdn_snapshot_t *scene_snapshot;
const qdn_hours_t *scene_hours[HOURS_MAX];
apr_array_header_t *scene_holidays;
apr_array_header_t *scene_calendars[FEED_MAX];
static apr_array_header_t *scene_duties[FEED_MAX];
static const qdn_feed_t *scene_presences[FEED_MAX];

static apr_array_header_t *scene_feeds;
static qdn_finding_t findings[40];

static const qdn_span_t now_on[] = {
    { NOW - SEC(600), NOW + SEC(1800), "Dentist" },
};
static const qdn_span_t later[] = {
    { NOW + SEC(7200), NOW + SEC(9000), "" },
};

qdn_finding_t scene_good(void)
{
    return (qdn_finding_t){ .asked_at = NOW - SEC(42),
                            .good_at = NOW - SEC(42),
                            .from = NOW - SEC(86400),
                            .to = NOW + SEC(86400) };
}

const qdn_feed_t *scene_add_feed(qdn_feed_kind_e kind, const char *address,
                                 const qdn_finding_t *finding)
{
    qdn_feed_t *feed = apr_pcalloc(scene_pool, sizeof(*feed));

    feed->kind = kind;
    feed->how = QDN_FEED_GOOGLE;
    feed->spec = apr_pstrcat(scene_pool, "google:", address, NULL);
    feed->address = address;
    feed->stale = QDN_FEED_STALE;
    apr_snprintf(feed->key, sizeof(feed->key), "%016x", scene_feeds->nelts + 1);
    if (finding) {
        findings[scene_feeds->nelts] = *finding;
        APR_ARRAY_PUSH(scene_feeds, const qdn_feed_t *) = feed;
    }
    else {
        strcpy(feed->key, "ffffffffffffffff");
    }
    return feed;
}

static apr_array_header_t *list_of(const qdn_feed_t *feed)
{
    apr_array_header_t *list = apr_array_make(scene_pool, 2, sizeof(feed));

    APR_ARRAY_PUSH(list, const qdn_feed_t *) = feed;
    return list;
}

static void make_feeds(void)
{
    static const int days[] = { 20261118 };
    qdn_finding_t f;

    f = scene_good();
    f.spans = now_on;
    f.nspans = 1;
    scene_calendars[FEED_NO] =
        list_of(scene_add_feed(QDN_FEED_CALENDAR, "busy", &f));
    scene_duties[FEED_YES] = list_of(scene_add_feed(QDN_FEED_DUTY, "on", &f));
    f.spans = later;
    scene_calendars[FEED_YES] =
        list_of(scene_add_feed(QDN_FEED_CALENDAR, "free", &f));
    scene_duties[FEED_NO] = list_of(scene_add_feed(QDN_FEED_DUTY, "off", &f));
    f.good_at = NOW - SEC(3601);
    f.error = "HTTP 401";
    scene_calendars[FEED_UNKNOWN] =
        list_of(scene_add_feed(QDN_FEED_CALENDAR, "stale", &f));
    scene_duties[FEED_UNKNOWN] =
        list_of(scene_add_feed(QDN_FEED_DUTY, "stale-duty", &f));
    f = scene_good();
    f.available = 1;
    scene_presences[FEED_YES] = scene_add_feed(QDN_FEED_PRESENCE, "here", &f);
    f.available = 0;
    f.word = "brb";
    scene_presences[FEED_NO] = scene_add_feed(QDN_FEED_PRESENCE, "gone", &f);
    scene_presences[FEED_UNKNOWN] =
        scene_add_feed(QDN_FEED_PRESENCE, "missing", NULL);
    f = scene_good();
    f.days = (qdn_days_t){ days, 1 };
    scene_holidays = list_of(scene_add_feed(QDN_FEED_HOLIDAYS, "holidays", &f));
}

static const char *operator_id(set_e set, talk_e talk)
{
    return apr_psprintf(scene_pool, "op-%d-%d", (int)set, (int)talk);
}

static void make_standings(apr_array_header_t *standings, set_e set,
                           const char *id)
{
    static const struct {
        qdn_standing_e all, on_line;
        const char *line;
    } what[SET_MAX] = {
        [SET_NONE] = { 0, 0, NULL },
        [SET_AWAY] = { QDN_STANDING_AWAY, 0, NULL },
        [SET_HERE] = { QDN_STANDING_AVAILABLE, 0, NULL },
        [SET_LINE_AWAY] = { QDN_STANDING_AVAILABLE, QDN_STANDING_AWAY, LINE },
        [SET_LINE_HERE] = { QDN_STANDING_AWAY, QDN_STANDING_AVAILABLE, LINE },
        [SET_OTHER_AWAY] = { 0, QDN_STANDING_AWAY, OTHER },
    };

    if (what[set].all) {
        APR_ARRAY_PUSH(standings, qdn_standing_t) =
            (qdn_standing_t){ .operator= id,
                              .state = what[set].all,
                              .at = NOW - SEC(60),
                              .until = NOW + SEC(60),
                              .who = "ana",
                              .why = "lunch" };
    }
    if (what[set].on_line) {
        APR_ARRAY_PUSH(standings, qdn_standing_t) =
            (qdn_standing_t){ .operator= id,
                              .line = what[set].line,
                              .who = "ana",
                              .state = what[set].on_line,
                              .at = NOW - SEC(50) };
    }
}

int scene_write_snapshot(void)
{
    apr_array_header_t *standings =
        apr_array_make(scene_pool, 40, sizeof(qdn_standing_t));
    apr_array_header_t *talks =
        apr_array_make(scene_pool, 40, sizeof(qdn_talk_t));
    qdn_picture_t picture = { .host = "a",
                              .written_at = NOW,
                              .feeds = scene_feeds,
                              .findings = findings,
                              .standings = standings,
                              .talks = talks };
    char dir[] = "/tmp/qdn-judge-XXXXXX";
    int set, talk, rv;

    for (set = 0; set < SET_MAX; set++) {
        for (talk = 0; talk < TALK_MAX; talk++) {
            const char *id = operator_id((set_e)set, (talk_e)talk);

            make_standings(standings, (set_e)set, id);
            if (talk == TALK_ELSEWHERE || talk == TALK_RING) {
                APR_ARRAY_PUSH(talks, qdn_talk_t) =
                    (qdn_talk_t){ id, "CA1", "host-b", NOW - SEC(5),
                                  NOW + SEC(600) };
            }
        }
    }
    if (!mkdtemp(dir)) {
        return -1;
    }
    rv = qdn_snapshot_write(dir, &picture, scene_pool) ||
         qdn_snapshot_map(&scene_snapshot, dir, scene_pool);
    unlink(apr_pstrcat(scene_pool, dir, "/" QDN_SNAPSHOT_FILE, NULL));
    rmdir(dir);
    return rv;
}

int scene_set_up(void **state)
{
    static const char *const texts[HOURS_MAX] = { NULL, "24/7",
                                                  "Sa,Su 10:00-11:00",
                                                  "24/7; PH off" };
    int i;

    (void)state;
    if (apr_pool_create(&scene_pool, NULL)) {
        return -1;
    }
    scene_feeds = apr_array_make(scene_pool, 40, sizeof(qdn_feed_t *));
    make_feeds();
    for (i = 1; i < HOURS_MAX; i++) {
        if (qdn_hours_parse(&scene_hours[i], texts[i], scene_pool)) {
            return -1;
        }
    }
    scene_line = qdn_line_create(LINE, scene_pool);
    scene_line->zone = qdn_zone_utc();
    return scene_write_snapshot();
}

int scene_tear_down(void **state)
{
    (void)state;
    apr_pool_destroy(scene_pool);
    return 0;
}

static int talks_here(void *baton, const qdn_operator_t *op, apr_time_t now,
                      apr_time_t *psince)
{
    (void)baton;
    *psince = now - SEC(7);
    return strcmp(strrchr(op->id, '-'), "-1") == 0;
}

const qdn_knowledge_t *scene_known(void)
{
    static qdn_knowledge_t k;

    k = (qdn_knowledge_t){ .snapshot = scene_snapshot, .engaged = talks_here };
    return &k;
}

qdn_operator_t *scene_operator_with(const facts_t *f)
{
    qdn_operator_t *op =
        qdn_operator_create(operator_id(f->set, f->talk), scene_pool);

    op->zone = qdn_zone_utc();
    op->on_a_call = f->talk == TALK_RING ? QDN_TALK_RING : QDN_TALK_SKIP;
    op->hours = scene_hours[f->hours];
    op->holidays = scene_holidays;
    op->duties = scene_duties[f->duty];
    op->calendars = scene_calendars[f->calendar];
    op->presence = scene_presences[f->presence];
    return op;
}
