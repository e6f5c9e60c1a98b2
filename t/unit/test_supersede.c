/* SPDX-License-Identifier: Apache-2.0 */
/* Which decision is in force where two hosts took the same step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "chain.h"
#include "drain_scene.h"
#include "ledger.h"
#include "schema.h"
#include "supersede.h"

#define STEPS 12

/* In the order of time. Decisions have one letter. */
typedef struct step_t {
    char host;
    qdn_kind_e kind;
    const char *decision;
    const char *after;
    qdn_reason_e reason;
    const char *phone;
} step_t;

#define RECEIVED(host)                                                         \
    {                                                                          \
        host, QDN_KIND_CALL_RECEIVED, NULL, NULL, QDN_REASON_NONE, NULL        \
    }
#define RUNG(host, id, after, phone)                                           \
    {                                                                          \
        host, QDN_KIND_HOP_DIALLED, id, after, QDN_REASON_AVAILABLE, phone     \
    }
#define LEFT_OUT(host, id, after)                                              \
    {                                                                          \
        host, QDN_KIND_HOP_SKIPPED, id, after, QDN_REASON_STATUS_AWAY, NULL    \
    }
#define MESSAGE(host, id, after)                                               \
    {                                                                          \
        host, QDN_KIND_VOICEMAIL_OFFERED, id, after, QDN_REASON_NONE, NULL     \
    }
#define FALLBACK(host, id)                                                     \
    {                                                                          \
        host, QDN_KIND_VOICEMAIL_OFFERED, id, NULL, QDN_REASON_FAILED, NULL    \
    }
#define HOP_END(host, id, reason)                                              \
    {                                                                          \
        host, QDN_KIND_HOP_ENDED, id, NULL, QDN_REASON_##reason, NULL          \
    }
#define TOLD(host, kind, id)                                                   \
    {                                                                          \
        host, QDN_KIND_##kind, id, NULL, QDN_REASON_NONE, NULL                 \
    }
#define ENDED(host)                                                            \
    {                                                                          \
        host, QDN_KIND_CALL_ENDED, NULL, NULL, QDN_REASON_NONE, NULL           \
    }

static const struct {
    const char *name;
    step_t steps[STEPS];
    const char *superseded; /* "A<B": A by B; with blanks between */
    int counting;           /* events after the filter */
    int hops;
    qdn_outcome_e outcome;
} cases[] = {
    { "one host alone",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), HOP_END('x', "A", NO_ANSWER),
        MESSAGE('x', "B", "A"), TOLD('x', VOICEMAIL_OFFERED, "C") },
      "",
      5,
      1,
      QDN_OUTCOME_UNKNOWN },
    { "hosts take turns",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), HOP_END('y', "A", NO_ANSWER),
        RUNG('y', "B", "A", "q"), HOP_END('x', "B", NO_ANSWER),
        MESSAGE('x', "C", "B"), ENDED('y') },
      "",
      7,
      1,
      QDN_OUTCOME_ABANDONED },
    { "two begin, the second is gone on with",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), LEFT_OUT('y', "B", NULL),
        RUNG('y', "B", NULL, "q"), TOLD('x', LEG_RINGING, "B"),
        HOP_END('x', "B", CONNECTED), ENDED('x') },
      "A<B",
      6,
      1,
      QDN_OUTCOME_ANSWERED },
    { "two begin, the first is gone on with",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), MESSAGE('y', "B", NULL),
        HOP_END('y', "A", NO_ANSWER), MESSAGE('y', "C", "A"),
        TOLD('x', VOICEMAIL_RECORDED, "C") },
      "B<A",
      5,
      1,
      QDN_OUTCOME_UNKNOWN },
    { "two begin, nobody knows which is gone on with",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), RUNG('y', "B", NULL, "q"),
        ENDED('y') },
      "",
      4,
      1,
      QDN_OUTCOME_ABANDONED },
    { "the next decision names the one before",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), RUNG('y', "B", NULL, "q"),
        MESSAGE('z', "C", "B") },
      "A<B",
      3,
      1,
      QDN_OUTCOME_UNKNOWN },
    { "one host refuses, the call goes on with the other",
      { RECEIVED('x'),
        { 'x', QDN_KIND_CALL_REJECTED, "A", NULL, QDN_REASON_RULE, NULL },
        RUNG('y', "B", NULL, "q"),
        TOLD('y', SCREEN_ACCEPTED, "B") },
      "A<B",
      3,
      1,
      QDN_OUTCOME_ANSWERED },
    { "two end the same hop, each in its own way",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), HOP_END('x', "A", NO_ANSWER),
        RUNG('x', "B", "A", "q"), HOP_END('y', "A", NO_KEY),
        MESSAGE('y', "C", "A"), TOLD('x', VOICEMAIL_RECORDED, "C") },
      "B<C",
      5,
      1,
      QDN_OUTCOME_UNKNOWN },
    { "what the host in force knows of a hop's end counts",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), HOP_END('x', "A", CONNECTED),
        HOP_END('y', "A", NO_KEY), MESSAGE('y', "C", "A"),
        TOLD('y', VOICEMAIL_RECORDED, "C") },
      "",
      5,
      1,
      QDN_OUTCOME_UNKNOWN },
    { "three begin",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), RUNG('y', "B", NULL, "q"),
        RUNG('z', "C", NULL, "p"), HOP_END('x', "C", CALLER_GONE), ENDED('x') },
      "A<C B<C",
      4,
      1,
      QDN_OUTCOME_ABANDONED },
    { "a fallback after an error rivals nobody",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), FALLBACK('y', "B"),
        TOLD('y', VOICEMAIL_RECORDED, "B") },
      "",
      4,
      1,
      QDN_OUTCOME_UNKNOWN },
    { "a mark that is there already is no evidence",
      { RECEIVED('x'), RUNG('x', "A", NULL, "p"), RUNG('y', "B", NULL, "q"),
        HOP_END('x', "B", CALLER_GONE), TOLD('x', DECISION_SUPERSEDED, "A") },
      "A<B",
      3,
      1,
      QDN_OUTCOME_ABANDONED },
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static int length(const step_t *steps)
{
    int n = 0;

    while (n < STEPS && steps[n].host) {
        n++;
    }
    return n;
}

static qdn_event_t event_of(const step_t *s, int at, apr_pool_t *p)
{
    qdn_event_t e = { .at = apr_time_from_sec(1768400000 + at),
                      .host = apr_psprintf(p, "host-%c", s->host),
                      .kind = s->kind,
                      .line = "+16195550100",
                      .call_sid = "CA00000000000000000000000000000001",
                      .hop = s->phone || s->kind == QDN_KIND_HOP_ENDED,
                      .operator= s->phone ? "sergio" : NULL,
                      .phone = s->phone,
                      .reason = s->reason,
                      .config = "0123456789ab" };

    e.detail =
        apr_pstrcat(p, "{\"x\":1", s->decision ? ",\"decision\":\"" : "",
                    s->decision ? s->decision : "", s->decision ? "\"" : "",
                    s->after ? ",\"after\":\"" : "", s->after ? s->after : "",
                    s->after ? "\"" : "", "}", NULL);
    qdn_event_identify(&e, s->decision);
    return e;
}

/* Those of the first n steps whose bit is set in mask. */
static int fill(qdn_event_t *events, const step_t *steps, int n, unsigned mask,
                apr_pool_t *p)
{
    int filled = 0;

    for (int i = 0; i < n; i++) {
        if (mask & 1u << i) {
            events[filled++] = event_of(&steps[i], i, p);
        }
    }
    return filled;
}

static const char *found(const qdn_event_t *events, int n, apr_pool_t *p)
{
    apr_array_header_t *list = qdn_supersede_find(events, n, p);
    const char *text = "";

    for (int i = 0; list && i < list->nelts; i++) {
        const qdn_superseded_t *s = &APR_ARRAY_IDX(list, i, qdn_superseded_t);

        text =
            apr_pstrcat(p, text, i ? " " : "", s->decision, "<", s->by, NULL);
    }
    return text;
}

static void the_one_gone_on_with_is_in_force(void **state)
{
    apr_pool_t *p;

    (void)state;
    apr_pool_create(&p, NULL);
    for (size_t i = 0; i < CASES; i++) {
        qdn_event_t events[STEPS];
        qdn_chain_t chain;
        int n = fill(events, cases[i].steps, length(cases[i].steps), ~0u, p);
        int left = n;

        print_message("# %s\n", cases[i].name);
        assert_string_equal(found(events, n, p), cases[i].superseded);
        qdn_supersede_filter(events, &left, p);
        assert_int_equal(left, cases[i].counting);
        qdn_chain_project(&chain, events, n, p);
        assert_int_equal(chain.hops, cases[i].hops);
        assert_int_equal(chain.outcome, cases[i].outcome);
    }
    apr_pool_destroy(p);
}

/* A mark cannot be taken back: no part of the events may give a wrong one. */
static void a_part_says_nothing_that_all_deny(void **state)
{
    apr_pool_t *p;

    (void)state;
    apr_pool_create(&p, NULL);
    for (size_t i = 0; i < CASES; i++) {
        int n = length(cases[i].steps);

        for (unsigned mask = 1; mask < 1u << n; mask++) {
            qdn_event_t events[STEPS];
            int part = fill(events, cases[i].steps, n, mask, p);
            apr_array_header_t *list = qdn_supersede_find(events, part, p);

            for (int k = 0; list && k < list->nelts; k++) {
                const qdn_superseded_t *s =
                    &APR_ARRAY_IDX(list, k, qdn_superseded_t);
                const char *mark =
                    apr_pstrcat(p, s->decision, "<", s->by, NULL);

                if (!strstr(cases[i].superseded, mark)) {
                    fail_msg("%s, part %x: %s", cases[i].name, mask, mark);
                }
            }
            apr_pool_clear(p);
        }
    }
    apr_pool_destroy(p);
}

static void the_mark_is_the_same_everywhere(void **state)
{
    apr_pool_t *p;
    qdn_event_t events[STEPS], whole, part;
    apr_array_header_t *list;
    int n;

    (void)state;
    apr_pool_create(&p, NULL);
    n = fill(events, cases[2].steps, length(cases[2].steps), ~0u, p);
    list = qdn_supersede_find(events, n, p);
    qdn_supersede_event(&whole, &APR_ARRAY_IDX(list, 0, qdn_superseded_t), p);
    n = fill(events, cases[2].steps, length(cases[2].steps), ~0u & ~0x14u, p);
    list = qdn_supersede_find(events, n, p);
    qdn_supersede_event(&part, &APR_ARRAY_IDX(list, 0, qdn_superseded_t), p);
    assert_string_equal(whole.id, part.id);
    assert_string_equal(whole.detail, "{\"decision\":\"A\",\"by\":\"B\"}");
    assert_string_equal(whole.host, "host-x");
    assert_int_equal(whole.kind, QDN_KIND_DECISION_SUPERSEDED);
    assert_int_equal(whole.hop, 0);
    apr_pool_destroy(p);
}

/************** in SQL, whichever host comes when **************/

enum { CALLS = 150, EVENTS = 7 };

/* "two begin, the second is gone on with", as call number `call`. */
static void fill_call(qdn_event_t *events, int call, apr_pool_t *p)
{
    assert_int_equal(fill(events, cases[2].steps, EVENTS, ~0u, p), EVENTS);
    for (int i = 0; i < EVENTS; i++) {
        events[i].call_sid = apr_psprintf(p, "CA%032x", (unsigned)call);
        qdn_event_identify(&events[i], cases[2].steps[i].decision);
    }
}

static void put(qdn_store_t *store, const qdn_event_t *events, int n,
                apr_pool_t *p)
{
    qdn_ledger_batch_t batch = {
        .events = events, .nevents = n, .host = "unit", .now = 1
    };
    apr_status_t rv;

    while ((rv = qdn_ledger_write(store, &batch, p)) == APR_EAGAIN) {
    }
    if (rv != APR_SUCCESS) {
        fail_msg("%s", qdn_store_error(store));
    }
}

static qdn_store_t *open_tables(qdn_scene_t *s)
{
    qdn_store_t *store = qdn_dbds_store(&s->dbd, s->pool);

    assert_int_equal(qdn_schema_apply(store, 1, s->pool), APR_SUCCESS);
    return store;
}

static void check_tables(qdn_scene_t *s)
{
    assert_int_equal(qdn_scene_count(s, "qdn_event"), CALLS * (EVENTS + 1));
    assert_int_equal(
        qdn_scene_count(s, "qdn_event WHERE kind = 'decision.superseded' AND "
                           "host = 'host-x' AND line = '+16195550100' AND "
                           "detail = '{\"decision\":\"A\",\"by\":\"B\"}'"),
        CALLS);
    assert_int_equal(
        qdn_scene_count(s, "qdn_call WHERE hops = 1 AND ring_seconds = 2 AND "
                           "outcome = 'answered' AND answered_by = 'sergio/q'"),
        CALLS);
}

/* Events one by one, each call's in an order of its own. */
static void in_any_order_once(qdn_scene_t *s)
{
    qdn_store_t *store = open_tables(s);

    srand(20260115);
    for (int call = 0; call < CALLS; call++) {
        qdn_event_t events[EVENTS];

        fill_call(events, call, s->pool);
        for (int i = EVENTS; i > 0; i--) {
            int k = rand() % i;
            qdn_event_t last = events[k];

            events[k] = events[i - 1];
            events[i - 1] = last;
            put(store, &last, 1, s->pool);
        }
    }
    qdn_store_close(store);
    check_tables(s);
}

/* What one of the two hosts knows of all calls, some calls at a time. */
static void drain_host(qdn_scene_t *s, const char *host)
{
    enum { MANY = 10 };
    qdn_store_t *store = qdn_dbds_store(&s->dbd, s->pool);

    for (int first = 0; first < CALLS; first += MANY) {
        qdn_event_t batch[MANY * EVENTS], events[EVENTS];
        int n = 0;

        for (int call = first; call < first + MANY; call++) {
            fill_call(events, call, s->pool);
            for (int i = 0; i < EVENTS; i++) {
                if (!strcmp(events[i].host, host)) {
                    batch[n++] = events[i];
                }
            }
        }
        put(store, batch, n, s->pool);
    }
    qdn_store_close(store);
}

static void two_hosts_at_once_mark_it_once(qdn_scene_t *s)
{
    int status;
    pid_t pid;

    qdn_store_close(open_tables(s));
    if (!qdn_dialect_find(s->dbd.driver)->shared) {
        drain_host(s, "host-y");
        drain_host(s, "host-x");
        check_tables(s);
        return;
    }
    pid = fork();
    if (pid == 0) {
        apr_pool_create(&s->pool, NULL);
        drain_host(s, "host-y");
        _exit(0);
    }
    drain_host(s, "host-x");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    check_tables(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_gone_on_with_is_in_force),
        cmocka_unit_test(a_part_says_nothing_that_all_deny),
        cmocka_unit_test(the_mark_is_the_same_everywhere),
        EVERY(in_any_order_once),
        EVERY(two_hosts_at_once_mark_it_once),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
