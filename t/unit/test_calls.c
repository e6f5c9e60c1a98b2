/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about calls, on every database of QDN_TEST_DBDS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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
        EVERY(what_is_not_there_is_not_found),
        EVERY(events_stand_in_their_course),
        EVERY(a_newer_versions_event_is_shown),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
