/* SPDX-License-Identifier: Apache-2.0 */
/* What the archive answers, on every database of QDN_TEST_DBDS. */
#include "house.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <pthread.h>
#include <unistd.h>

#include "archive.h"
#include "clock.h"
#include "drain_scene.h"
#include "revisions.h"

#define NOW  APR_TIME_C(1768500000000000)
#define HOST "unit"
#define PLAN                                                                   \
    SERVER "<QDNOperator sergio>\nQDNName Sergio\n"                            \
           "QDNPhone primary +16195550101\nQDNPhone backup +18585550102\n"     \
           "</QDNOperator>\n" LINE("QDNName Front\n"                           \
                                   "QDNTimeZone America/Los_Angeles\n" HOPS)
#define EVIL "\\\"}],\\\"x\\\":[{\\u0000\\u001f<script>' OR 1=1 --\\n"

static const qdn_plan_t *plan;

static void begin(qdn_scene_t *s)
{
    pool = s->pool;
    plan = plan_of(PLAN);
}

/* The request's members but "ask". */
static json_object *ask_as(qdn_store_t *store, const char *word,
                           const char *members, int *pbroken)
{
    qdn_question_t q = { .store = store,
                         .plan = plan,
                         .ask = word,
                         .request =
                             apr_psprintf(pool, "{\"ask\":\"%s\"%s%s}", word,
                                          *members ? "," : "", members),
                         .now = NOW,
                         .as_of = NOW - 7,
                         .pool = pool };
    const char *text = qdn_archive_answer(&q);
    json_object *said;

    assert_non_null(text);
    assert_null(strchr(text, '\n'));
    said = json_tokener_parse(text);
    if (!said) {
        fail_msg("no JSON: %s", text);
    }
    *pbroken = q.broken;
    return said;
}

static json_object *ask(qdn_scene_t *s, const char *word, const char *members)
{
    qdn_store_t *store = qdn_dbds_store(&s->dbd, pool);
    int broken;
    json_object *said = ask_as(store, word, members, &broken);

    assert_false(broken);
    qdn_store_close(store);
    return said;
}

/* "calls/0/line" as text; "null". */
static const char *text_at(json_object *said, const char *path)
{
    json_object *found = NULL;
    const char *text = NULL;

    if (!json_pointer_get(said, apr_pstrcat(pool, "/", path, NULL), &found)) {
        text = json_object_get_string(found);
    }
    else {
        fail_msg("%s: not in %s", path, json_object_to_json_string(said));
    }
    return text ? apr_pstrdup(pool, text) : "null";
}

static size_t length_at(json_object *said, const char *path)
{
    json_object *found = NULL;

    assert_int_equal(
        json_pointer_get(said, apr_pstrcat(pool, "/", path, NULL), &found), 0);
    return json_object_array_length(found);
}

typedef struct expected_t {
    const char *path, *text;
} expected_t;

static void look(json_object *said, const expected_t *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text_at(said, all[i].path), all[i].text) != 0) {
            fail_msg("%s: %s, not %s", all[i].path, text_at(said, all[i].path),
                     all[i].text);
        }
    }
    json_object_put(said);
}

#define LOOK(said, all) look(said, all, sizeof(all) / sizeof(*(all)))

/************** calls **************/

static void a_call_as_the_api_tells_it(qdn_scene_t *s)
{
    static const expected_t all[] = {
        { "calls/0/call_sid", "CA00000000000000000000000000000007" },
        { "calls/0/line", "+16195550100" },
        { "calls/0/line_name", "Front" },
        { "calls/0/zone", "America/Los_Angeles" },
        { "calls/0/caller", "+16195550199" },
        { "calls/0/started_at", "1768400420000000" },
        { "calls/0/outcome", "answered" },
        { "calls/0/outcome_text", "Answered by Sergio" },
        { "calls/0/missed", "false" },
        { "calls/0/answered_by", "sergio/backup" },
        { "calls/0/operator_name", "Sergio" },
        { "calls/0/hops", "2" },
        { "calls/0/failover", "true" },
        { "calls/0/config", "0123456789ab" },
        { "calls/0/rung/0", "sergio" },
        { "next", "null" },
        { "as_of", "1768499999999993" },
    };

    begin(s);
    qdn_scene_calls(s, 7, 8);
    qdn_scene_drain_now(s);
    LOOK(ask(s, "calls", ""), all);
}

static void pages_go_on_by_key(qdn_scene_t *s)
{
    const char *before = "";
    int seen = 0;

    begin(s);
    qdn_scene_calls(s, 0, 10);
    qdn_scene_drain_now(s);
    for (;;) {
        json_object *said =
            ask(s, "calls", apr_psprintf(pool, "\"limit\":\"4\"%s", before));
        const char *next = text_at(said, "next");

        seen += (int)length_at(said, "calls");
        json_object_put(said);
        if (!strcmp(next, "null")) {
            break;
        }
        before = apr_psprintf(pool, ",\"before\":\"%s\"", next);
    }
    assert_int_equal(seen, 10);
}

static void filters_reach_the_question(qdn_scene_t *s)
{
    static const struct {
        const char *members;
        size_t calls;
    } cases[] = {
        { "\"line\":\"+16195550100\"", 3 },
        { "\"line\":\"+16195550199\"", 0 },
        { "\"operator\":\"sergio\"", 3 },
        { "\"operator\":\"ana\"", 0 },
        { "\"outcome\":\"answered\"", 3 },
        { "\"outcome\":\"missed\"", 0 },
        { "\"number\":\"+1619555\"", 3 },
        { "\"number\":\"777\"", 0 },
        { "\"q\":\"0199\"", 3 },
        { "\"q\":\"%\"", 0 },
        { "\"q\":\"" EVIL "\"", 0 },
        { "\"from\":1768400060000000", 2 },
        { "\"from\":\"1768400060000000\",\"to\":\"1768400120000000\"", 1 },
        { "\"failover\":\"1\"", 3 },
        { "\"failover\":\"0\",\"limit\":2", 2 },
        { "\"line\":\"\",\"before\":\"\",\"limit\":\"\"", 3 },
    };

    begin(s);
    qdn_scene_calls(s, 0, 3);
    qdn_scene_drain_now(s);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        json_object *said = ask(s, "calls", cases[i].members);

        if (length_at(said, "calls") != cases[i].calls) {
            fail_msg("%s: %s", cases[i].members,
                     json_object_to_json_string(said));
        }
        json_object_put(said);
    }
}

static void bad_parameters_are_named(qdn_scene_t *s)
{
    static const struct {
        const char *word, *members, *begins, *status;
    } cases[] = {
        { "calls", "\"line\":\"front\"", "line should be a number", "400" },
        { "calls", "\"operator\":\"' OR 1\"", "operator should be a", "400" },
        { "calls", "\"outcome\":\"lost\"", "outcome should be missed,", "400" },
        { "calls", "\"number\":\"12a\"", "number should be up to", "400" },
        { "calls", "\"number\":\"+\"", "number should be up to", "400" },
        { "calls", "\"before\":\"CA1\"", "before should be a call", "400" },
        { "calls", "\"limit\":\"0\"",
          "limit should be a whole number from 1 to 1000, not '0'", "400" },
        { "calls", "\"limit\":1001", "limit should be a whole", "400" },
        { "calls", "\"from\":\"-1\"", "from should be a whole", "400" },
        { "calls", "\"to\":\"x" EVIL "\"", "to should be a whole", "400" },
        { "calls", "\"failover\":\"yes\"", "failover should be a", "400" },
        { "calls", "\"before\":\"CA000000000000000000000000000000ff\"",
          "before should be a call that is here", "404" },
        { "call", "", "call_sid names no call", "400" },
        { "call", "\"call_sid\":\"x\"", "call_sid should be a call", "400" },
        { "call", "\"call_sid\":\"CA000000000000000000000000000000ff\"",
          "there is no call CA000000000000000000000000000000ff", "404" },
        { "report", "\"from\":20261101,\"to\":20261031", "from and to", "400" },
        { "report", "\"from\":20260230,\"to\":20260301", "from and to", "400" },
        { "report", "\"from\":\"today\"", "from should be a whole", "400" },
        { "report", "\"line\":\"x\"", "line should be a number", "400" },
        { "audit", "\"before\":\"x\"", "before should be an id", "400" },
        { "audit", "\"before\":\"ff\"", "before should be an entry", "404" },
        { "audit", "\"operator\":\"a b\"", "operator should be a", "400" },
        { "audit", "\"limit\":\"-\"", "limit should be a whole", "400" },
        { "revision", "", "revision names no", "400" },
        { "revision", "\"revision\":\"X\"", "revision should be", "400" },
        { "revision", "\"revision\":\"ffffffffffff\"",
          "the database does not know", "404" },
    };

    begin(s);
    qdn_scene_drain_now(s);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        json_object *said = ask(s, cases[i].word, cases[i].members);
        const char *error = text_at(said, "error");

        if (strncmp(error, cases[i].begins, strlen(cases[i].begins)) != 0 ||
            strcmp(text_at(said, "status"), cases[i].status) != 0) {
            fail_msg("%s: %s", cases[i].members,
                     json_object_to_json_string(said));
        }
        json_object_put(said);
    }
}

static void write_events(qdn_scene_t *s, const qdn_event_t *events, int n)
{
    qdn_journal_t *journal = qdn_scene_journal(s);

    assert_int_equal(qdn_journal_append(journal, events, n, pool), APR_SUCCESS);
    qdn_journal_close(journal);
    qdn_scene_drain_now(s);
}

static void one_call_with_what_strangers_wrote(qdn_scene_t *s)
{
    static const expected_t all[] = {
        { "call_sid", "CA00000000000000000000000000000001" },
        { "revision", "0123456789ab" },
        { "caller", "\"}],\"x\":[{" },
        { "events/0/kind", "call.received" },
        { "events/0/hop", "null" },
        { "events/0/operator", "null" },
        { "events/0/sentence", "A call came in for Front from \"}],\"x\":[{" },
        { "events/0/detail/from", "\"}],\"x\":[{" },
        { "events/1/kind", "hop.skipped" },
        { "events/1/hop", "1" },
        { "events/1/operator_name", "Sergio" },
        { "events/1/reason", "calendar-busy" },
        { "events/1/detail/left", "110" },
        { "events/1/sentence",
          "Sergio was skipped: in a meeting (calendar, 40 s old): "
          "</script>\n\"{NAME}[" },
    };
    qdn_event_t events[2];

    begin(s);
    events[0] = qdn_dbds_event(1, 0, pool);
    events[0].detail = "{\"from\":\"\\\"}],\\\"x\\\":[{\"}";
    events[1] = qdn_dbds_event(1, 1, pool);
    events[1].kind = QDN_KIND_HOP_SKIPPED;
    events[1].reason = QDN_REASON_CALENDAR_BUSY;
    events[1].detail = "{\"left\":110,\"availability\":{\"by\":\"calendar\","
                       "\"age\":40,\"title\":\"</script>\\n\\\"{NAME}[\"}}";
    qdn_event_identify(&events[1], "1");
    write_events(s, events, 2);
    LOOK(ask(s, "call", "\"call_sid\":\"CA00000000000000000000000000000001\""),
         all);
}

/************** reports **************/

static void a_report_of_these_calls(qdn_scene_t *s)
{
    static const expected_t all[] = {
        { "from", "20260101" },       { "to", "20260131" },
        { "line", "+16195550100" },   { "zone", "America/Los_Angeles" },
        { "total/calls", "3" },       { "total/answered", "3" },
        { "total/missed", "0" },      { "total/failover", "3" },
        { "days/0/day", "20260114" }, { "days/0/calls", "3" },
        { "week/2/14/calls", "3" }, /* a drain without a plan: UTC */
        { "week/6/23/calls", "0" },   { "loads/0/operator", "sergio" },
        { "loads/0/name", "Sergio" }, { "loads/0/rung", "3" },
    };
    json_object *said;

    begin(s);
    qdn_scene_calls(s, 0, 3);
    qdn_scene_drain_now(s);
    said = ask(s, "report", "\"line\":\"+16195550199\"");
    assert_string_equal(text_at(said, "zone"), "UTC");
    assert_string_equal(text_at(said, "from"), "20251217"); /* 30 days */
    assert_string_equal(text_at(said, "to"), "20260115");
    assert_string_equal(text_at(said, "median_wait"), "null");
    json_object_put(said);
    said = ask(s, "report",
               "\"from\":\"20260101\",\"to\":20260131,"
               "\"line\":\"+16195550100\"");
    assert_int_equal(length_at(said, "week"), 7);
    LOOK(said, all);
}

/************** the audit **************/

static qdn_event_t changed(int i, const char *detail)
{
    qdn_event_t e = { .at = NOW + i,
                      .host = HOST,
                      .kind = QDN_KIND_STATUS_CHANGED,
                      .operator= "sergio",
                      .detail = detail,
                      .config = "0123456789ab" };

    qdn_event_identify(&e, apr_itoa(pool, i));
    return e;
}

static void who_changed_what(qdn_scene_t *s)
{
    static const expected_t all[] = {
        { "entries/0/host", HOST },
        { "entries/0/seq", "2" },
        { "entries/0/kind", "status.changed" },
        { "entries/0/operator_name", "Sergio" },
        { "entries/0/who", "ana" },
        { "entries/0/why", "<b>\"" },
        { "entries/0/sentence", "Sergio's status was set to away by ana: "
                                "<b>\"" },
        { "entries/0/detail/state", "away" },
        { "entries/0/erased", "0" },
        { "heads/0/host", HOST },
        { "heads/0/seq", "2" },
    };
    static const expected_t whole[] = {
        { "entries", "2" },
        { "erased", "0" },
        { "ok", "true" },
        { "flaws", "[ ]" },
    };
    qdn_event_t events[2];
    json_object *said;

    begin(s);
    events[0] = changed(0, "{\"state\":\"available\",\"who\":\"ana\"}");
    events[1] =
        changed(1, "{\"state\":\"away\",\"who\":\"ana\",\"why\":\"<b>\\\"\"}");
    write_events(s, events, 2);
    said = ask(s, "audit", "\"limit\":1");
    assert_int_equal(length_at(said, "entries"), 1);
    assert_string_equal(text_at(said, "next"), events[1].id);
    LOOK(said, all);
    said =
        ask(s, "audit", apr_psprintf(pool, "\"before\":\"%s\"", events[1].id));
    assert_int_equal(length_at(said, "entries"), 1);
    assert_string_equal(text_at(said, "next"), "null");
    json_object_put(said);
    LOOK(ask(s, "verify", ""), whole);
}

static void what_was_tampered_with_is_named(qdn_scene_t *s)
{
    static const expected_t all[] = { { "ok", "false" },
                                      { "flaws/0/flaw", "altered" },
                                      { "flaws/0/host", HOST },
                                      { "flaws/0/seq", "1" } };
    qdn_store_t *store;
    qdn_event_t e;

    begin(s);
    e = changed(0, "{\"state\":\"available\",\"who\":\"ana\"}");
    write_events(s, &e, 1);
    store = qdn_dbds_store(&s->dbd, pool);
    assert_int_equal(
        qdn_store_run(store, "UPDATE qdn_event SET operator = 'bo'"),
        APR_SUCCESS);
    qdn_store_close(store);
    LOOK(ask(s, "verify", ""), all);
}

static void configurations_that_were_in_force(qdn_scene_t *s)
{
    qdn_store_t *store;
    json_object *said;

    begin(s);
    qdn_scene_drain_now(s);
    store = qdn_dbds_store(&s->dbd, pool);
    assert_int_equal(qdn_revisions_keep(store, plan, HOST, NOW, pool),
                     APR_SUCCESS);
    qdn_store_close(store);
    said = ask(s, "revisions", "");
    assert_string_equal(text_at(said, "revisions/0/revision"), plan->revision);
    assert_string_equal(text_at(said, "revisions/0/first_at"),
                        "1768500000000000");
    json_object_put(said);
    said = ask(s, "revision",
               apr_psprintf(pool, "\"revision\":\"%s\"", plan->revision));
    assert_string_equal(text_at(said, "plan/lines/0/name"), "Front");
    json_object_put(said);
}

/************** without a database **************/

static void a_failure_says_503(qdn_scene_t *s)
{
    static const char *const words[] = { "calls", "report", "audit", "verify",
                                         "revisions" };
    qdn_store_t *store;
    int broken;

    begin(s);
    store = qdn_dbds_store(&s->dbd, pool); /* an empty one */
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        json_object *said = ask_as(store, words[i], "", &broken);

        assert_string_equal(text_at(said, "status"), "503");
        assert_int_equal(broken, 1);
        json_object_put(said);
    }
    qdn_store_close(store);
}

static void other_words_are_others(void **state)
{
    qdn_question_t q = { .ask = "ping", .request = "{\"ask\":\"ping\"}" };

    (void)state;
    assert_null(qdn_archive_answer(&q));
}

/************** the thread **************/

typedef struct served_t {
    qdn_control_t *control;
    qdn_archive_t *archive;
    int pipe[2];
    pthread_t thread;
} served_t;

static const char *put(void *baton, const char *word, const char *request,
                       const qdn_control_ticket_t *ticket, apr_pool_t *p)
{
    served_t *v = baton;

    return qdn_archive_ask(v->archive, word, request, ticket, p);
}

static void *serve(void *data)
{
    served_t *v = data;

    while (qdn_control_serve(v->control, v->pipe[0], apr_time_from_msec(50)) ==
           APR_SUCCESS) {
        continue;
    }
    qdn_control_close(v->control);
    return NULL;
}

static json_object *ask_aloud(qdn_scene_t *s, const char *word)
{
    const char *reply = NULL;

    assert_int_equal(
        qdn_control_ask(apr_pstrcat(pool, s->dir, "/c", NULL),
                        apr_psprintf(pool, "{\"ask\":\"%s\"}", word), &reply,
                        QDN_CONTROL_WAIT, pool),
        APR_SUCCESS);
    return json_tokener_parse(reply);
}

/*
 * The archive's thread outlives this test, as it does in the daemon, so what
 * it uses does as well.
 */
static apr_pool_t *ever;

static void a_lost_connection_is_made_anew(qdn_scene_t *s)
{
    qdn_daemon_config_t *config;
    const char *error;
    json_object *said;
    served_t *v;

    begin(s);
    qdn_scene_calls(s, 0, 3);
    qdn_scene_drain_now(s);
    if (!ever) {
        apr_pool_create(&ever, NULL);
    }
    v = apr_pcalloc(ever, sizeof(*v));
    config = apr_pcalloc(ever, sizeof(*config));
    config->plan = plan;
    config->driver = apr_pstrdup(ever, s->dbd.driver);
    config->params = apr_pstrdup(ever, s->dbd.params);
    assert_int_equal(pipe2(v->pipe, O_NONBLOCK), 0);
    assert_int_equal(qdn_control_listen(&v->control,
                                        apr_pstrcat(pool, s->dir, "/c", NULL),
                                        put, v, &error, ever),
                     APR_SUCCESS);
    assert_int_equal(
        qdn_archive_start(&v->archive, config, NULL, v->control, ever),
        APR_SUCCESS);
    assert_int_equal(pthread_create(&v->thread, NULL, serve, v), 0);
    for (int i = 0; i < 3; i++) {
        said = ask_aloud(s, "calls");
        assert_int_equal(length_at(said, "calls"), 3);
        json_object_put(said);
        qdn_dbds_disconnect(&s->dbd, pool);
    }
    said = ask_aloud(s, "nonsense");
    assert_string_equal(text_at(said, "error"), "unknown request");
    json_object_put(said);
    close(v->pipe[1]);
    pthread_join(v->thread, NULL);
    close(v->pipe[0]);
    qdn_dbds_disconnect(&s->dbd, pool); /* tables are dropped after this */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(a_call_as_the_api_tells_it),
        EVERY(pages_go_on_by_key),
        EVERY(filters_reach_the_question),
        EVERY(bad_parameters_are_named),
        EVERY(one_call_with_what_strangers_wrote),
        EVERY(a_report_of_these_calls),
        EVERY(who_changed_what),
        EVERY(what_was_tampered_with_is_named),
        EVERY(configurations_that_were_in_force),
        EVERY(a_failure_says_503),
        cmocka_unit_test(other_words_are_others),
        EVERY(a_lost_connection_is_made_anew),
    };
    int failed;

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)setup;
    (void)teardown;
    return failed;
}
