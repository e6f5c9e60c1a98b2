/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about calls, on every database of QDN_TEST_DBDS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "calls.h"
#include "dbds.h"
#include "ledger.h"
#include "schema.h"

#define CALLS 25

typedef struct scene_t {
    apr_pool_t *pool;
    qdn_store_t *store;
} scene_t;

static void write_events(scene_t *s, const qdn_event_t *events, int n)
{
    qdn_position_t at = { "unit-1-0000000000000000.00000001.jsonl", 1 };
    qdn_ledger_batch_t batch = { .events = events,
                                 .nevents = n,
                                 .positions = &at,
                                 .npositions = 1,
                                 .host = "unit",
                                 .now = 1 };

    if (qdn_ledger_write(s->store, &batch, s->pool)) {
        fail_msg("%s", qdn_store_error(s->store));
    }
}

static void fill(scene_t *s)
{
    for (int call = 0; call < CALLS; call++) {
        qdn_event_t events[10];

        for (int n = 0; n < 10; n++) {
            events[n] = qdn_dbds_event(call, n, s->pool);
            events[n].line = call % 2 ? "+16195550100" : "+16195550102";
        }
        write_events(s, events, 10);
    }
}

static apr_array_header_t *ask(scene_t *s, const char *line, int limit,
                               const char *before)
{
    qdn_calls_query_t query = { .line = line,
                                .before = before,
                                .limit = limit };
    apr_array_header_t *chains;

    if (qdn_calls_recent(s->store, &query, &chains, s->pool)) {
        fail_msg("%s", qdn_store_error(s->store));
    }
    return chains;
}

static const char *sid_at(const apr_array_header_t *chains, int i)
{
    return APR_ARRAY_IDX(chains, i, qdn_chain_t).call_sid;
}

static void pages_hold_every_call_once(scene_t *s)
{
    const char *before = NULL;
    int seen = 0;

    for (int page = 0; page < 5; page++) {
        apr_array_header_t *chains = ask(s, NULL, 7, before);

        for (int i = 0; i < chains->nelts; i++, seen++) {
            assert_string_equal(
                sid_at(chains, i),
                apr_psprintf(s->pool, "CA%032x", (unsigned)(CALLS - 1 - seen)));
        }
        before = chains->nelts ? sid_at(chains, chains->nelts - 1) : before;
    }
    assert_int_equal(seen, CALLS);
}

static void a_line_has_its_own_calls(scene_t *s)
{
    apr_array_header_t *chains = ask(s, "+16195550102", 1000, NULL);

    assert_int_equal(chains->nelts, 13);
    chains = ask(s, "+16195550102", 1000, sid_at(chains, 9));
    assert_int_equal(chains->nelts, 3);
    assert_int_equal(ask(s, "' OR '1'='1", 10, NULL)->nelts, 0);
}

/************** filters **************/

#define AT(minute)                                                             \
    (APR_INT64_C(1768500000000000) + apr_time_from_sec((minute)*60))

/* Beside those of fill(), and younger; numbered from 1 as they stand here. */
static const struct {
    const char *caller;
    const char *rung[3];
    qdn_kind_e end;
    qdn_reason_e reason;
    int seconds; /* from the beginning to the end */
} various[] = {
    { "+16195550111", { "ana" }, QDN_KIND_HOP_ENDED, QDN_REASON_CONNECTED, 9 },
    { "+16195550122",
      { "ana", "bo" },
      QDN_KIND_HOP_ENDED,
      QDN_REASON_CONNECTED,
      9 },
    { "+18585550133",
      { "diana" },
      QDN_KIND_VOICEMAIL_RECORDED,
      QDN_REASON_NONE,
      9 },
    { "anonymous", { "a_a" }, QDN_KIND_CALL_GOODBYE, QDN_REASON_NONE, 9 },
    { "+18585550144",
      { "bo" },
      QDN_KIND_CALL_ENDED,
      QDN_REASON_CALLER_GONE,
      6 },
    { "+18585550155",
      { "bo" },
      QDN_KIND_CALL_ENDED,
      QDN_REASON_CALLER_GONE,
      5 },
    { "o'hara%!\\", { "an%" }, QDN_KIND_CALL_REJECTED, QDN_REASON_NONE, 1 },
};

#define VARIOUS (int)(sizeof(various) / sizeof(various[0]))

static void add_event(apr_array_header_t *events, int call, int at,
                      qdn_kind_e kind, int hop, const char *operator,
                      apr_pool_t * p)
{
    qdn_event_t *e = apr_array_push(events);

    *e = (qdn_event_t){
        .at = AT(call) + apr_time_from_sec(at),
        .host = "unit",
        .kind = kind,
        .line = "+16195550103",
        .call_sid = apr_psprintf(p, "CA%032x", (unsigned)(0xf00 + call)),
        .hop = hop,
        .operator= operator,
        .phone = operator? "primary" : NULL,
        .config = "0123456789ab",
    };
    qdn_event_identify(e, NULL);
}

static void fill_various(scene_t *s)
{
    apr_array_header_t *events =
        apr_array_make(s->pool, 64, sizeof(qdn_event_t));

    for (int i = 0; i < VARIOUS; i++) {
        qdn_event_t *e;
        int hop = 1;

        add_event(events, i, 0, QDN_KIND_CALL_RECEIVED, 0, NULL, s->pool);
        e = &APR_ARRAY_IDX(events, events->nelts - 1, qdn_event_t);
        e->detail = apr_psprintf(s->pool, "{\"from\":\"%s\"}",
                                 i == 6 ? "o'hara%!\\\\" : various[i].caller);
        for (; various[i].rung[hop - 1]; hop++) {
            add_event(events, i, 0, QDN_KIND_HOP_DIALLED, hop,
                      various[i].rung[hop - 1], s->pool);
        }
        add_event(events, i, various[i].seconds, various[i].end, hop - 1,
                  various[i].end == QDN_KIND_HOP_ENDED
                      ? various[i].rung[hop - 2]
                      : NULL,
                  s->pool);
        e = &APR_ARRAY_IDX(events, events->nelts - 1, qdn_event_t);
        e->reason = various[i].reason;
        e->detail = "{\"seconds\":4}";
    }
    write_events(s, (const qdn_event_t *)(const void *)events->elts,
                 events->nelts);
}

static const struct {
    qdn_calls_query_t query;
    const char *found; /* numbers in various, the newest first */
} filters[] = {
    { { .line = "+16195550103" }, "7654321" },
    { { .operator= "ana" }, "21" },
      { { .operator= "bo" }, "652" },
        { { .operator= "a_a" }, "4" },
          { { .operator= "an%" }, "7" },
            { { .operator= "%" }, "" },
              {
                  { .operator= "nobody" }, "" },
                  { { .line = "+16195550103", .outcome = "answered" }, "21" },
                  { { .outcome = "voicemail" }, "3" },
                  { { .outcome = "missed" }, "543" },
                  { { .outcome = "abandoned" }, "65" },
                  { { .outcome = "sung" }, "" },
                  { { .line = "+16195550103", .failover = 1 }, "2" },
                  { { .number = "+18585550133" }, "3" },
                  { { .number = "(858) 555-01" }, "653" },
                  { { .number = "8585550" }, "653" },
                  { { .number = "anonym" }, "4" },
                  { { .number = "%" }, "7" },
                  { { .number = "858_5550" }, "" },
                  { { .search = "858 555 0144" }, "5" },
                  { { .search = "DIANA" }, "3" },
                  { { .search = "Ana" }, "321" },
                  { { .search = "voicemail" }, "3" },
                  { { .search = "o'hara" }, "7" },
                  { { .search = "%!\\" }, "7" },
                  { { .search = "CA00000000000000000000000000000f02" }, "3" },
                  { { .search = "CA00000000000000000000000000000fff" }, "" },
                  { { .from = AT(4) }, "765" },
                  { { .line = "+16195550103", .to = AT(2) }, "21" },
                  { { .from = AT(2), .to = AT(4) }, "43" },
                  { { .before = "CA00000000000000000000000000000f03",
                      .line = "+16195550103" },
                    "321" },
                  { { .before = "CA00000000000000000000000000000f05",
                      .outcome = "missed" },
                    "543" },
                  { { .operator= "bo", .outcome = "missed", .from = AT(1) },
                    "5" },
            };

static void filters_find_what_they_say(scene_t *s)
{
    fill_various(s);
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        qdn_calls_query_t query = filters[i].query;
        apr_array_header_t *chains;
        char found[64] = "";

        query.limit = 50;
        if (qdn_calls_recent(s->store, &query, &chains, s->pool)) {
            fail_msg("filter %d: %s", (int)i, qdn_store_error(s->store));
        }
        for (int k = 0; k < chains->nelts && k < 60; k++) {
            found[k] =
                (char)('1' + strtol(sid_at(chains, k) + 2, NULL, 16) - 0xf00);
            found[k + 1] = '\0';
        }
        if (strcmp(found, filters[i].found)) {
            fail_msg("filter %d found \"%s\", not \"%s\"", (int)i, found,
                     filters[i].found);
        }
    }
}

/* Calls of one moment: the order of their ids is that of the pages. */
static void pages_hold_calls_of_one_moment_once(scene_t *s)
{
    const char *before = NULL;
    int seen = 0;

    for (int i = 0; i < 9; i++) {
        apr_array_header_t *events =
            apr_array_make(s->pool, 1, sizeof(qdn_event_t));

        add_event(events, i, 0, QDN_KIND_CALL_RECEIVED, 0, NULL, s->pool);
        APR_ARRAY_IDX(events, 0, qdn_event_t).at = AT(0);
        write_events(s, (const qdn_event_t *)(const void *)events->elts, 1);
    }
    for (int page = 0; page < 4; page++) {
        apr_array_header_t *chains = ask(s, "+16195550103", 2, before);

        for (int i = 0; i < chains->nelts; i++, seen++) {
            assert_int_equal(strtol(sid_at(chains, i) + 2, NULL, 16),
                             0xf08 - seen);
        }
        before = sid_at(chains, chains->nelts - 1);
    }
    assert_int_equal(seen, 8);
}

static void what_is_not_there_is_not_found(scene_t *s)
{
    qdn_calls_query_t query = { .before = "CAnone", .limit = 5 };
    apr_array_header_t *list;
    qdn_chain_t chain;

    assert_int_equal(qdn_calls_recent(s->store, &query, &list, s->pool),
                     APR_NOTFOUND);
    assert_int_equal(qdn_calls_get(s->store, "CAnone", &chain, &list, s->pool),
                     APR_NOTFOUND);
}

/* All of one webhook have one time; ids would put them in any order. */
static void events_stand_in_their_course(scene_t *s)
{
    static const qdn_kind_e course[] = {
        QDN_KIND_CALL_RECEIVED,     QDN_KIND_HOP_ENDED,  QDN_KIND_HOP_SKIPPED,
        QDN_KIND_VOICEMAIL_OFFERED, QDN_KIND_CALL_ENDED,
    };
    enum { N = sizeof(course) / sizeof(course[0]) };
    apr_array_header_t *events;
    qdn_event_t in[N];
    qdn_chain_t chain;

    for (int i = 0; i < N; i++) {
        in[N - 1 - i] = qdn_dbds_event(500, 0, s->pool);
        in[N - 1 - i].kind = course[i];
        qdn_event_identify(&in[N - 1 - i], NULL);
    }
    write_events(s, in, N);
    assert_int_equal(
        qdn_calls_get(s->store, in[0].call_sid, &chain, &events, s->pool),
        APR_SUCCESS);
    assert_int_equal(events->nelts, N);
    for (int i = 0; i < N; i++) {
        assert_string_equal(APR_ARRAY_IDX(events, i, qdn_calls_event_t).kind,
                            qdn_event_kind_text(course[i]));
    }
}

static void a_newer_versions_event_is_shown(scene_t *s)
{
    apr_array_header_t *events;
    qdn_chain_t chain;

    assert_int_equal(
        qdn_store_run(s->store,
                      "INSERT INTO qdn_event (id, at, kind, reason, call_sid) "
                      "VALUES ('0123', 1, 'call.sung', 'mood', "
                      "'CA00000000000000000000000000000001')"),
        APR_SUCCESS);
    assert_int_equal(qdn_calls_get(s->store,
                                   "CA00000000000000000000000000000001", &chain,
                                   &events, s->pool),
                     APR_SUCCESS);
    assert_int_equal(events->nelts, 11);
    assert_string_equal(APR_ARRAY_IDX(events, 0, qdn_calls_event_t).kind,
                        "call.sung");
    assert_null(APR_ARRAY_IDX(events, 0, qdn_calls_event_t).detail);
}

static void every_database(void **state)
{
    void (*test)(scene_t *) = *(void (**)(scene_t *)) * state;

    for (int k = 0; k < qdn_dbds_count(); k++) {
        const char *dir;
        qdn_dbd_t dbd;
        scene_t s;

        apr_pool_create(&s.pool, NULL);
        dir = qdn_dbds_dir(s.pool);
        dbd = qdn_dbds_fresh(k, dir, s.pool);
        s.store = qdn_dbds_store(&dbd, s.pool);
        assert_int_equal(qdn_schema_apply(s.store, 1, s.pool), APR_SUCCESS);
        fill(&s);
        test(&s);
        qdn_store_close(s.store);
        qdn_dbds_sweep(dir);
        apr_pool_destroy(s.pool);
    }
}

#define EVERY(test)                                                            \
    {                                                                          \
#test, every_database, NULL, NULL, &(void (*[])(scene_t *))            \
        {                                                                      \
            test                                                               \
        }                                                                      \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(pages_hold_every_call_once),
        EVERY(a_line_has_its_own_calls),
        EVERY(filters_find_what_they_say),
        EVERY(pages_hold_calls_of_one_moment_once),
        EVERY(what_is_not_there_is_not_found),
        EVERY(events_stand_in_their_course),
        EVERY(a_newer_versions_event_is_shown),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
