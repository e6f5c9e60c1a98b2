/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "feed.h"
#include "judge.h"

#define SEC(n) apr_time_from_sec(n)
#define NOW    SEC(1795000000) /* a Wednesday, 2026-11-18 11:06:40 UTC */
#define LINE   "+12125550100"
#define OTHER  "+12125550101"

/* What is the case with each source; the table goes through all of them. */
typedef enum {
    SET_NONE,
    SET_AWAY,
    SET_HERE,
    SET_LINE_AWAY,
    SET_LINE_HERE,
    SET_OTHER_AWAY,
    SET_MAX
} set_e;
typedef enum {
    TALK_NONE,
    TALK_HERE,
    TALK_ELSEWHERE,
    TALK_RING,
    TALK_MAX
} talk_e;
typedef enum {
    HOURS_NONE,
    HOURS_OPEN,
    HOURS_CLOSED,
    HOURS_HOLIDAY,
    HOURS_MAX
} hours_e;
typedef enum { FEED_NONE, FEED_YES, FEED_NO, FEED_UNKNOWN, FEED_MAX } feed_e;

static apr_pool_t *pool;
static qdn_plan_t plan;
static qdn_line_t *line;
static const qdn_snapshot_t *snapshot;
static const qdn_hours_t *hours[HOURS_MAX];
static apr_array_header_t *holidays;
static apr_array_header_t *calendars[FEED_MAX], *duties[FEED_MAX];
static const qdn_feed_t *presences[FEED_MAX];

static apr_array_header_t *feeds;
static qdn_finding_t findings[40];

static const qdn_span_t now_on[] = {
    { NOW - SEC(600), NOW + SEC(1800), "Dentist" },
};
static const qdn_span_t later[] = {
    { NOW + SEC(7200), NOW + SEC(9000), "" },
};

static qdn_finding_t good(void)
{
    return (qdn_finding_t){ .asked_at = NOW - SEC(42),
                            .good_at = NOW - SEC(42),
                            .from = NOW - SEC(86400),
                            .to = NOW + SEC(86400) };
}

/* finding NULL: the snapshot does not know it. */
static const qdn_feed_t *add_feed(qdn_feed_kind_e kind, const char *address,
                                  const qdn_finding_t *finding)
{
    qdn_feed_t *feed = apr_pcalloc(pool, sizeof(*feed));

    feed->kind = kind;
    feed->how = QDN_FEED_GOOGLE;
    feed->spec = apr_pstrcat(pool, "google:", address, NULL);
    feed->address = address;
    feed->stale = QDN_FEED_STALE;
    apr_snprintf(feed->key, sizeof(feed->key), "%016x", feeds->nelts + 1);
    if (finding) {
        findings[feeds->nelts] = *finding;
        APR_ARRAY_PUSH(feeds, const qdn_feed_t *) = feed;
    }
    else {
        strcpy(feed->key, "ffffffffffffffff");
    }
    return feed;
}

static apr_array_header_t *list_of(const qdn_feed_t *feed)
{
    apr_array_header_t *list = apr_array_make(pool, 2, sizeof(feed));

    APR_ARRAY_PUSH(list, const qdn_feed_t *) = feed;
    return list;
}

static void make_feeds(void)
{
    static const int days[] = { 20261118 };
    qdn_finding_t f;

    f = good();
    f.spans = now_on;
    f.nspans = 1;
    calendars[FEED_NO] = list_of(add_feed(QDN_FEED_CALENDAR, "busy", &f));
    duties[FEED_YES] = list_of(add_feed(QDN_FEED_DUTY, "on", &f));
    f.spans = later;
    calendars[FEED_YES] = list_of(add_feed(QDN_FEED_CALENDAR, "free", &f));
    duties[FEED_NO] = list_of(add_feed(QDN_FEED_DUTY, "off", &f));
    f.good_at = NOW - SEC(3601);
    f.error = "HTTP 401";
    calendars[FEED_UNKNOWN] = list_of(add_feed(QDN_FEED_CALENDAR, "stale", &f));
    duties[FEED_UNKNOWN] = list_of(add_feed(QDN_FEED_DUTY, "stale-duty", &f));
    f = good();
    f.available = 1;
    presences[FEED_YES] = add_feed(QDN_FEED_PRESENCE, "here", &f);
    f.available = 0;
    f.word = "brb";
    presences[FEED_NO] = add_feed(QDN_FEED_PRESENCE, "gone", &f);
    presences[FEED_UNKNOWN] = add_feed(QDN_FEED_PRESENCE, "missing", NULL);
    f = good();
    f.days = (qdn_days_t){ days, 1 };
    holidays = list_of(add_feed(QDN_FEED_HOLIDAYS, "holidays", &f));
}

static const char *operator_id(set_e set, talk_e talk)
{
    return apr_psprintf(pool, "op-%d-%d", (int)set, (int)talk);
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

static int write_snapshot(void)
{
    apr_array_header_t *standings =
        apr_array_make(pool, 40, sizeof(qdn_standing_t));
    apr_array_header_t *talks = apr_array_make(pool, 40, sizeof(qdn_talk_t));
    qdn_picture_t picture = { .host = "a",
                              .written_at = NOW,
                              .feeds = feeds,
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
    rv = qdn_snapshot_write(dir, &picture, pool) ||
         qdn_snapshot_map(&snapshot, dir, pool);
    unlink(apr_pstrcat(pool, dir, "/" QDN_SNAPSHOT_FILE, NULL));
    rmdir(dir);
    return rv;
}

static int set_up(void **state)
{
    static const char *const texts[HOURS_MAX] = { NULL, "24/7",
                                                  "Sa,Su 10:00-11:00",
                                                  "24/7; PH off" };
    int i;

    (void)state;
    if (apr_pool_create(&pool, NULL)) {
        return -1;
    }
    feeds = apr_array_make(pool, 40, sizeof(qdn_feed_t *));
    make_feeds();
    for (i = 1; i < HOURS_MAX; i++) {
        if (qdn_hours_parse(&hours[i], texts[i], pool)) {
            return -1;
        }
    }
    line = qdn_line_create(LINE, pool);
    line->zone = qdn_zone_utc();
    return write_snapshot();
}

static int tear_down(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static int talks_here(void *baton, const qdn_operator_t *op, apr_time_t now,
                      apr_time_t *psince)
{
    (void)baton;
    *psince = now - SEC(7);
    return strcmp(strrchr(op->id, '-'), "-1") == 0;
}

static const qdn_knowledge_t *known(void)
{
    static qdn_knowledge_t k;

    k = (qdn_knowledge_t){ .snapshot = snapshot, .engaged = talks_here };
    return &k;
}

typedef struct facts_t {
    set_e set;
    talk_e talk;
    hours_e hours, line_hours;
    feed_e duty, calendar, presence;
} facts_t;

static qdn_operator_t *operator_with(const facts_t *f)
{
    qdn_operator_t *op =
        qdn_operator_create(operator_id(f->set, f->talk), pool);

    op->zone = qdn_zone_utc();
    op->on_a_call = f->talk == TALK_RING ? QDN_TALK_RING : QDN_TALK_SKIP;
    op->hours = hours[f->hours];
    op->holidays = holidays;
    op->duties = duties[f->duty];
    op->calendars = calendars[f->calendar];
    op->presence = presences[f->presence];
    return op;
}

/* The order of judge.h, once more in plain words. */
static qdn_reason_e expected(const facts_t *f)
{
    return f->set == SET_AWAY || f->set == SET_LINE_AWAY
               ? QDN_REASON_STATUS_AWAY
           : f->talk == TALK_HERE || f->talk == TALK_ELSEWHERE
               ? QDN_REASON_ON_A_CALL
           : f->set == SET_HERE || f->set == SET_LINE_HERE
               ? QDN_REASON_AVAILABLE
           : f->hours == HOURS_CLOSED       ? QDN_REASON_OUTSIDE_HOURS
           : f->hours == HOURS_HOLIDAY      ? QDN_REASON_HOLIDAY
           : f->line_hours == HOURS_CLOSED  ? QDN_REASON_OUTSIDE_HOURS
           : f->line_hours == HOURS_HOLIDAY ? QDN_REASON_HOLIDAY
           : f->duty == FEED_NO             ? QDN_REASON_OFF_DUTY
           : f->calendar == FEED_NO         ? QDN_REASON_CALENDAR_BUSY
           : f->presence == FEED_NO         ? QDN_REASON_PRESENCE_AWAY
           : f->duty == FEED_UNKNOWN || f->calendar == FEED_UNKNOWN ||
                   f->presence == FEED_UNKNOWN
               ? QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE
               : QDN_REASON_AVAILABLE;
}

static void check_facts(const facts_t *f)
{
    const qdn_operator_t *op = operator_with(f);
    qdn_reason_e want = expected(f);
    apr_time_t until;
    qdn_verdict_t v;

    line->hours = hours[f->line_hours];
    line->holidays = holidays;
    qdn_judge_operator(&plan, op, line, known(), NOW, &v, &until, pool);
    if (v.reason != want) {
        fail_msg("set %d talk %d hours %d/%d duty %d calendar %d presence %d: "
                 "%s, not %s",
                 f->set, f->talk, f->hours, f->line_hours, f->duty, f->calendar,
                 f->presence, qdn_reason_text(v.reason), qdn_reason_text(want));
    }
    assert_ptr_equal(v.operator, op);
    assert_int_equal(v.available,
                     want == QDN_REASON_AVAILABLE ||
                         want == QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
    if (v.detail) {
        json_object *json = json_tokener_parse(v.detail);

        assert_non_null(json);
        json_object_put(json);
    }
    assert_true(until == 0 || until > NOW);
}

static void the_first_that_applies_decides(void **state)
{
    apr_pool_t *all = pool;
    int i, n = 0;

    (void)state;
    for (i = 0; i < SET_MAX * TALK_MAX * HOURS_MAX * HOURS_MAX * FEED_MAX *
                        FEED_MAX * FEED_MAX;
         i++) {
        int rest = i;
        facts_t f;

        f.set = (set_e)(rest % SET_MAX), rest /= SET_MAX;
        f.talk = (talk_e)(rest % TALK_MAX), rest /= TALK_MAX;
        f.hours = (hours_e)(rest % HOURS_MAX), rest /= HOURS_MAX;
        f.line_hours = (hours_e)(rest % HOURS_MAX), rest /= HOURS_MAX;
        f.duty = (feed_e)(rest % FEED_MAX), rest /= FEED_MAX;
        f.calendar = (feed_e)(rest % FEED_MAX), rest /= FEED_MAX;
        f.presence = (feed_e)rest;
        apr_pool_create(&pool, all);
        check_facts(&f);
        apr_pool_destroy(pool);
        pool = all;
        n++;
    }
    line->hours = NULL;
    print_message("# %d combinations\n", n);
}

/* What stands at a name in the detail, as text; "" if nothing. */
static const char *told(const qdn_verdict_t *v, const char *name)
{
    json_object *json = v->detail ? json_tokener_parse(v->detail) : NULL;
    json_object *value;
    const char *text = "";

    if (json && json_object_object_get_ex(json, name, &value)) {
        text = apr_pstrdup(pool, json_object_get_string(value));
    }
    json_object_put(json);
    return text;
}

/* Every detail names what decided, and when that ends. */
static void details_say_what_decided(void **state)
{
    static const struct {
        facts_t facts;
        const char *by, *name, *value;
        int until; /* seconds from now; 0: not told */
    } cases[] = {
        { { SET_AWAY, 0, 0, 0, 0, 0, 0 }, "status", "why", "lunch", 60 },
        { { SET_LINE_AWAY, 0, 0, 0, 0, 0, 0 }, "status", "line", LINE, 0 },
        { { SET_HERE, 0, 0, 0, 0, 0, 0 }, "status", "state", "available", 60 },
        { { 0, TALK_HERE, 0, 0, 0, 0, 0 }, "talk", "since", "1794999993", 0 },
        { { 0, TALK_ELSEWHERE, 0, 0, 0, 0, 0 }, "talk", "host", "host-b", 0 },
        { { 0, 0, HOURS_CLOSED, 0, 0, 0, 0 },
          "hours",
          "of",
          "operator",
          255200 }, /* Saturday 10:00 */
        { { 0, 0, 0, HOURS_CLOSED, 0, 0, 0 }, "hours", "of", "line", 255200 },
        { { 0, 0, HOURS_HOLIDAY, 0, 0, 0, 0 },
          "hours",
          "hours",
          "24/7; PH off",
          46400 }, /* midnight */
        { { 0, 0, 0, 0, FEED_NO, 0, 0 }, "duty", "feed", "google:off", 7200 },
        { { 0, 0, 0, 0, 0, FEED_NO, 0 }, "calendar", "age", "42", 1800 },
        { { 0, 0, 0, 0, 0, FEED_NO, 0 }, "calendar", "title", "", 1800 },
        { { 0, 0, 0, 0, 0, 0, FEED_NO }, "presence", "word", "brb", 0 },
        { { 0, 0, 0, 0, 0, FEED_UNKNOWN, 0 }, "feed", "error", "HTTP 401", 0 },
        { { 0, 0, 0, 0, 0, FEED_UNKNOWN, 0 }, "feed", "age", "3601", 0 },
        { { 0, 0, 0, 0, 0, 0, FEED_UNKNOWN }, "feed", "kind", "presence", 0 },
        { { 0, 0, 0, 0, FEED_YES, FEED_YES, FEED_YES },
          "",
          "age",
          "42",
          0 },
        { { 0, 0, 0, 0, 0, 0, 0 }, "", "", "", 0 },
    };
    qdn_knowledge_t k = *known();
    size_t i;

    (void)state;
    k.as_of = NOW; /* so that no answer becomes stale before */
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const qdn_operator_t *op = operator_with(&cases[i].facts);
        const char *until = "";
        apr_time_t change;
        qdn_verdict_t v;

        line->hours = hours[cases[i].facts.line_hours];
        qdn_judge_operator(&plan, op, line, &k, NOW, &v, &change, pool);
        if (cases[i].until) {
            until = apr_ltoa(pool, (long)apr_time_sec(NOW) + cases[i].until);
            assert_int_equal(change, NOW + SEC(cases[i].until));
        }
        assert_string_equal(told(&v, "by"), cases[i].by);
        assert_string_equal(told(&v, cases[i].name), cases[i].value);
        assert_string_equal(told(&v, "until"), until);
    }
    line->hours = NULL;
}

static void titles_are_shown_only_if_asked_for(void **state)
{
    const facts_t busy = { .calendar = FEED_NO };
    const qdn_operator_t *op = operator_with(&busy);
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    plan.calendar_detail = 1;
    qdn_judge_operator(&plan, op, line, known(), NOW, &v, &change, pool);
    plan.calendar_detail = 0;
    assert_string_equal(told(&v, "title"), "Dentist");
    qdn_judge_operator(&plan, op, line, known(), NOW, &v, &change, pool);
    assert_null(strstr(v.detail, "Dentist"));
}

/* Nothing that is not known lets anybody go unrung. */
static void what_is_not_known_is_assumed_available(void **state)
{
    qdn_knowledge_t nothing = { .snapshot = NULL };
    const facts_t all = { .duty = FEED_YES,
                          .calendar = FEED_NO,
                          .presence = FEED_NO };
    const facts_t none = { .set = SET_NONE };
    apr_time_t change;
    qdn_verdict_t v;
    int offset;

    (void)state;
    qdn_judge_operator(&plan, operator_with(&all), line, &nothing, NOW, &v,
                       &change, pool);
    assert_int_equal(v.reason, QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
    assert_string_equal(told(&v, "age"), "");
    qdn_judge_operator(&plan, operator_with(&none), line, &nothing, NOW, &v,
                       &change, pool);
    assert_int_equal(v.reason, QDN_REASON_AVAILABLE);
    assert_null(v.detail);
    /* Busy from -600 to +1800; stale 3558 from now, future -3642. */
    for (offset = -5000; offset < 5000; offset += 7) {
        const facts_t busy = { .calendar = FEED_NO };

        qdn_judge_operator(&plan, operator_with(&busy), line, known(),
                           NOW + SEC(offset), &v, &change, pool);
        assert_int_equal(v.reason, offset > 3558 || offset < -3642
                                       ? QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE
                                   : offset >= -600 && offset < 1800
                                       ? QDN_REASON_CALENDAR_BUSY
                                       : QDN_REASON_AVAILABLE);
    }
}

/* Ages count from when it is; what is asked about lies in the window. */
static void another_moment_is_judged_by_todays_answers(void **state)
{
    qdn_knowledge_t k = *known();
    const facts_t busy = { .calendar = FEED_YES };
    const facts_t gone = { .presence = FEED_NO };
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    k.as_of = NOW;
    qdn_judge_operator(&plan, operator_with(&busy), line, &k, NOW + SEC(8000),
                       &v, &change, pool);
    assert_int_equal(v.reason, QDN_REASON_CALENDAR_BUSY);
    assert_int_equal(change, NOW + SEC(9000));
    qdn_judge_operator(&plan, operator_with(&busy), line, &k, NOW + SEC(86401),
                       &v, &change, pool);
    assert_int_equal(v.reason, QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
    qdn_judge_operator(&plan, operator_with(&gone), line, &k, NOW + SEC(86401),
                       &v, &change, pool);
    assert_int_equal(v.reason, QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
}

static void supposed_standings_count_instead(void **state)
{
    apr_array_header_t *supposed =
        apr_array_make(pool, 1, sizeof(qdn_standing_t));
    const facts_t away = { .set = SET_AWAY };
    const qdn_operator_t *op = operator_with(&away);
    qdn_knowledge_t k = *known();
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    k.standings = supposed;
    qdn_judge_operator(&plan, op, line, &k, NOW, &v, &change, pool);
    assert_int_equal(v.reason, QDN_REASON_AVAILABLE);
    APR_ARRAY_PUSH(supposed, qdn_standing_t) =
        (qdn_standing_t){ .operator= op->id, .state = QDN_STANDING_AWAY };
    qdn_judge_operator(&plan, op, line, &k, NOW, &v, &change, pool);
    assert_int_equal(v.reason, QDN_REASON_STATUS_AWAY);
}

/* Going from change to change sees every change that going by minute sees. */
static void changes_are_foretold(void **state)
{
    static const facts_t some[] = {
        { .calendar = FEED_YES, .hours = HOURS_CLOSED },
        { .calendar = FEED_NO, .duty = FEED_NO },
        { .calendar = FEED_NO, .hours = HOURS_HOLIDAY },
        { .set = SET_AWAY, .duty = FEED_YES },
        { .set = SET_LINE_HERE, .calendar = FEED_NO },
        { .talk = TALK_ELSEWHERE, .duty = FEED_YES, .calendar = FEED_YES },
    };
    qdn_knowledge_t k = *known();
    size_t i;

    (void)state;
    k.as_of = NOW;
    for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        const qdn_operator_t *op = operator_with(&some[i]);
        apr_time_t t, change = 0, ignored;
        qdn_reason_e reason = QDN_REASON_NONE;

        for (t = NOW; t < NOW + SEC(4 * 86400); t += SEC(10)) {
            qdn_verdict_t v;

            if (t == NOW || (change && t >= change)) {
                qdn_judge_operator(&plan, op, line, &k, t, &v, &change, pool);
                reason = v.reason;
            }
            qdn_judge_operator(&plan, op, line, &k, t, &v, &ignored, pool);
            if (v.reason != reason && t < NOW + SEC(86400)) {
                fail_msg("case %d: %s, not %s, after %d s", (int)i,
                         qdn_reason_text(v.reason), qdn_reason_text(reason),
                         (int)apr_time_sec(t - NOW));
            }
        }
    }
}

static void meetings_one_after_another_are_one_absence(void **state)
{
    static const qdn_span_t next[] = {
        { NOW + SEC(1800), NOW + SEC(3000), "" },
    };
    static const qdn_span_t then[] = {
        { NOW + SEC(2900), NOW + SEC(3300), "" },
    };
    apr_array_header_t *three = apr_array_copy(pool, calendars[FEED_NO]);
    const facts_t none = { .set = SET_NONE };
    qdn_operator_t *op = operator_with(&none);
    qdn_finding_t f = good();
    apr_time_t change;
    qdn_verdict_t v;

    (void)state;
    f.spans = then;
    f.nspans = 1;
    APR_ARRAY_PUSH(three, const qdn_feed_t *) =
        add_feed(QDN_FEED_CALENDAR, "then", &f);
    f.spans = next;
    APR_ARRAY_PUSH(three, const qdn_feed_t *) =
        add_feed(QDN_FEED_CALENDAR, "next", &f);
    assert_int_equal(write_snapshot(), 0);
    op->calendars = three;
    qdn_judge_operator(&plan, op, line, known(), NOW, &v, &change, pool);
    assert_int_equal(v.reason, QDN_REASON_CALENDAR_BUSY);
    assert_int_equal(change, NOW + SEC(3300));
}

static void lists_of_holidays_are_united(void **state)
{
    static const int more[] = { 20261117, 20261118, 20261119 };
    const facts_t facts = { .hours = HOURS_HOLIDAY };
    qdn_operator_t *op = operator_with(&facts);
    apr_array_header_t *lists = apr_array_copy(pool, holidays);
    qdn_finding_t f = good();
    qdn_knowledge_t k;
    int day;

    (void)state;
    f.days = (qdn_days_t){ more, 3 };
    APR_ARRAY_PUSH(lists, const qdn_feed_t *) =
        add_feed(QDN_FEED_HOLIDAYS, "more", &f);
    assert_int_equal(write_snapshot(), 0);
    op->holidays = lists;
    k = *known();
    k.as_of = NOW;
    for (day = -2; day <= 2; day++) {
        apr_time_t change;
        qdn_verdict_t v;

        qdn_judge_operator(&plan, op, line, &k, NOW + SEC(day * 86400), &v,
                           &change, pool);
        assert_int_equal(v.reason, day < -1 || day > 1 ? QDN_REASON_AVAILABLE
                                                       : QDN_REASON_HOLIDAY);
    }
}

static void add_hop(qdn_operator_t *first, qdn_operator_t *second)
{
    qdn_hop_t *hop = apr_pcalloc(pool, sizeof(*hop));
    qdn_operator_t *ops[] = { first, second };
    int i;

    hop->phones = apr_array_make(pool, 2, sizeof(qdn_phone_t *));
    for (i = 0; i < 2; i++) {
        qdn_phone_t *phone = apr_pcalloc(pool, sizeof(*phone));

        phone->operator= ops[i];
        APR_ARRAY_PUSH(hop->phones, const qdn_phone_t *) = phone;
    }
    APR_ARRAY_PUSH(line->hops, qdn_hop_t *) = hop;
}

static void each_operator_of_a_line_is_judged_once(void **state)
{
    const facts_t busy = { .calendar = FEED_NO };
    const facts_t none = { .set = SET_NONE };
    qdn_operator_t *a = operator_with(&none), *b = operator_with(&none);
    qdn_operator_t *c = operator_with(&busy);
    qdn_cascade_t cascade = { .name = "other" };
    apr_array_header_t *verdicts;

    (void)state;
    add_hop(a, b);
    add_hop(b, a);
    cascade.hops = apr_array_copy(pool, line->hops);
    qdn_judge_line(&plan, line, NULL, known(), NOW, &verdicts, pool);
    assert_null(verdicts);
    add_hop(a, c);
    qdn_judge_line(&plan, line, NULL, known(), NOW, &verdicts, pool);
    assert_non_null(verdicts);
    assert_int_equal(verdicts->nelts, 3);
    assert_ptr_equal(APR_ARRAY_IDX(verdicts, 2, qdn_verdict_t).operator, c);
    assert_int_equal(APR_ARRAY_IDX(verdicts, 2, qdn_verdict_t).reason,
                     QDN_REASON_CALENDAR_BUSY);
    qdn_judge_line(&plan, line, &cascade, known(), NOW, &verdicts, pool);
    assert_null(verdicts);
}

/* The cascade's callback comes to the same as the question about the line. */
static void one_asked_alone_is_judged_alike(void **state)
{
    const facts_t busy = { .calendar = FEED_NO };
    qdn_operator_t *op = operator_with(&busy);
    qdn_judge_t judge = {
        .plan = &plan, .line = line, .known = *known(), .now = NOW, .p = pool
    };
    apr_array_header_t *verdicts;
    qdn_verdict_t verdict;

    (void)state;
    add_hop(op, op);
    qdn_judge_line(&plan, line, NULL, known(), NOW, &verdicts, pool);
    qdn_judge_ask(&judge, op, &verdict);
    assert_int_equal(verdict.reason, QDN_REASON_CALENDAR_BUSY);
    assert_string_equal(verdict.detail,
                        APR_ARRAY_IDX(verdicts, 0, qdn_verdict_t).detail);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_that_applies_decides),
        TEST(details_say_what_decided),
        TEST(titles_are_shown_only_if_asked_for),
        TEST(what_is_not_known_is_assumed_available),
        TEST(another_moment_is_judged_by_todays_answers),
        TEST(supposed_standings_count_instead),
        TEST(changes_are_foretold),
        TEST(meetings_one_after_another_are_one_absence),
        TEST(lists_of_holidays_are_united),
        TEST(each_operator_of_a_line_is_judged_once),
        TEST(one_asked_alone_is_judged_alike),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
