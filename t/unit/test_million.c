/* SPDX-License-Identifier: Apache-2.0 */
/*
 * However many calls there are, people wait no longer: each answer about very
 * many calls takes at most twice as long as about a thousand, in alternation.
 * On SQLite and PostgreSQL of QDN_TEST_DBDS. A million with
 * QDN_TEST_MILLION=1, else as many as `make check` has time for.
 */
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
#include "chain.h"
#include "clock.h"
#include "dbds.h"
#include "ledger.h"
#include "many_calls.h"
#include "reports.h"
#include "schema.h"

#define FEW       1000
#define FEW_DAYS  30
#define MANY_DAYS 395
#define ROUNDS    31
#define PAGE      50
#define TRIES     3  /* who else is busy on this machine is so for a while */
#define SAMPLE    97 /* one call of so many is computed again */

/* An answer that is quicker depends on the machine's mood, not on SQL. */
#define MOOD apr_time_from_msec(1)

#define FIRST_PAGE apr_time_from_msec(50)

typedef struct house_t {
    qdn_dbd_t dbd;
    qdn_store_t *store;
    const char *sid; /* of one of its calls */
} house_t;

static int many(void)
{
    const char *quick = getenv("QDN_TEST_QUICK");

    if (getenv("QDN_TEST_MILLION")) {
        return 1000000;
    }
    return quick && !strcmp(quick, "yes") ? 10000 : 50000;
}

static void must(qdn_store_t *store, apr_status_t rv)
{
    if (rv != APR_SUCCESS) {
        fail_msg("%d: %s", rv, qdn_store_error(store));
    }
}

/************** two houses **************/

/* Beside the database's tables of other tests: in files, or schemas. */
static void enter(house_t *h, const qdn_dbd_t *dbd, const char *name,
                  const char *dir, apr_pool_t *p)
{
    h->dbd = *dbd;
    if (!strcmp(dbd->driver, "sqlite3")) {
        h->dbd.params = apr_pstrcat(p, dir, "/", name, ".sqlite", NULL);
    }
    else {
        qdn_store_t *store = qdn_dbds_store(dbd, p);

        must(store,
             qdn_store_run(store, apr_pstrcat(p, "DROP SCHEMA IF EXISTS ", name,
                                              " CASCADE", NULL)));
        must(store, qdn_store_run(
                        store, apr_pstrcat(p, "CREATE SCHEMA ", name, NULL)));
        qdn_store_close(store);
        h->dbd.params = apr_pstrcat(
            p, dbd->params, " options='-c search_path=", name, "'", NULL);
    }
    h->store = qdn_dbds_store(&h->dbd, p);
    must(h->store, qdn_schema_apply(h->store, 1, p));
}

static void keep_sid(void *baton, const char *const *row)
{
    *(const char **)baton = row[0];
}

/* With a connection of its own again, as the drain and those who ask have. */
static void fill(house_t *h, int calls, int days, apr_pool_t *p)
{
    apr_time_t begun = qdn_clock_mono();

    must(h->store, qdn_many_calls_write(h->store, calls, days, p));
    print_message("# %s: %d calls written in %d ms\n", h->dbd.driver, calls,
                  (int)apr_time_as_msec(qdn_clock_mono() - begun));
    if (strcmp(h->dbd.driver, "sqlite3")) {
        must(h->store, qdn_store_run(h->store, "ANALYZE"));
    }
    qdn_store_close(h->store);
    h->store = qdn_dbds_store(&h->dbd, p);
    must(h->store,
         qdn_store_select(h->store,
                          "SELECT call_sid FROM qdn_call ORDER BY started_at"
                          " LIMIT 1 OFFSET 500",
                          keep_sid, &h->sid, p));
}

/************** questions **************/

static void ask_page(house_t *h, qdn_calls_query_t query, apr_pool_t *p)
{
    apr_array_header_t *chains;

    query.limit = PAGE;
    must(h->store, qdn_calls_recent(h->store, &query, &chains, p));
    assert_int_equal(chains->nelts, PAGE);
}

static void page_of_all(house_t *h, apr_pool_t *p)
{
    ask_page(h, (qdn_calls_query_t){ .line = NULL }, p);
}

static void page_of_a_line(house_t *h, apr_pool_t *p)
{
    ask_page(h, (qdn_calls_query_t){ .line = "+16195550102" }, p);
}

static void page_of_an_operator(house_t *h, apr_pool_t *p)
{
    ask_page(h, (qdn_calls_query_t){ .operator= "ana" }, p);
}

static void page_of_an_outcome(house_t *h, apr_pool_t *p)
{
    ask_page(h, (qdn_calls_query_t){ .outcome = "voicemail" }, p);
}

static void page_of_missed_calls(house_t *h, apr_pool_t *p)
{
    ask_page(h, (qdn_calls_query_t){ .outcome = "missed" }, p);
}

static void page_of_failovers(house_t *h, apr_pool_t *p)
{
    ask_page(h, (qdn_calls_query_t){ .failover = 1 }, p);
}

static void a_page_far_down(house_t *h, apr_pool_t *p)
{
    ask_page(h, (qdn_calls_query_t){ .before = h->sid }, p);
}

static void one_chain(house_t *h, apr_pool_t *p)
{
    apr_array_header_t *events;
    qdn_chain_t chain;

    must(h->store, qdn_calls_get(h->store, h->sid, &chain, &events, p));
    assert_in_range(events->nelts, 2, 5);
}

static void ask_report(house_t *h, const char *line, apr_pool_t *p)
{
    const qdn_reports_query_t query = { 20261001, 20261031, line };
    qdn_reports_t reports;

    must(h->store, qdn_reports_get(h->store, &query, &reports, p));
    assert_in_range(reports.total.calls, FEW / 8, many() / 8);
    assert_in_range(reports.days->nelts, 29, 31);
}

static void report_of_a_month(house_t *h, apr_pool_t *p)
{
    ask_report(h, NULL, p);
}

static void report_of_a_line(house_t *h, apr_pool_t *p)
{
    ask_report(h, "+16195550100", p); /* most calls are its */
}

static const struct {
    const char *name;
    void (*ask)(house_t *h, apr_pool_t *p);
    int pages; /* it is the first page of a list */
    int times; /* as long, at most; 0: twice */
} questions[] = {
    { "first page of all", page_of_all, 1, 0 },
    { "first page of a line", page_of_a_line, 1, 0 },
    { "first page of an operator", page_of_an_operator, 1, 0 },
    { "first page of an outcome", page_of_an_outcome, 1, 0 },
    { "first page of missed calls", page_of_missed_calls, 1, 0 },
    { "first page of failovers", page_of_failovers, 1, 0 },
    { "a page far down", a_page_far_down, 0, 0 },
    { "one chain", one_chain, 0, 0 },
    { "report of a month", report_of_a_month, 0, 0 },
    /* It has calls in all hours of the month; of few calls in a third. */
    { "report of a month of a line", report_of_a_line, 0, 4 },
};

static apr_time_t time_one(size_t question, house_t *h, apr_pool_t *p)
{
    apr_time_t begun = qdn_clock_mono();

    questions[question].ask(h, p);
    begun = qdn_clock_mono() - begun;
    apr_pool_clear(p);
    return begun;
}

static int by_length(const void *a, const void *b)
{
    apr_time_t x = *(const apr_time_t *)a, y = *(const apr_time_t *)b;

    return x < y ? -1 : x > y;
}

/* Both medians of one question; 1 if it is as it should be. */
static int compare(size_t question, house_t houses[2], apr_pool_t *p)
{
    int most = questions[question].times ? questions[question].times : 2;
    apr_time_t times[2][ROUNDS], few, lots, bound;

    for (int i = 0; i < ROUNDS; i++) {
        for (int k = 0; k < 2; k++) {
            times[k][i] = time_one(question, &houses[k], p);
        }
    }
    for (int k = 0; k < 2; k++) {
        qsort(times[k], ROUNDS, sizeof(times[k][0]), by_length);
    }
    few = times[0][ROUNDS / 2];
    lots = times[1][ROUNDS / 2];
    print_message("# %s: %s: %d us, of a thousand %d us\n",
                  houses[0].dbd.driver, questions[question].name, (int)lots,
                  (int)few);
    bound = most * (few > MOOD ? few : MOOD);
    return lots <= bound && (!questions[question].pages || lots < FIRST_PAGE);
}

static void answer_as_soon(house_t houses[2], apr_pool_t *p)
{
    int slow = 0;
    apr_pool_t *ptemp;

    apr_pool_create(&ptemp, p);
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        int tries = 0;

        while (tries < TRIES && !compare(i, houses, ptemp)) {
            print_message("# that is too slow\n");
            tries++;
        }
        slow += tries == TRIES;
    }
    assert_int_equal(slow, 0);
}

/************** is it what the drain writes **************/

static void keep_event(void *baton, const char *const *row)
{
    assert_int_equal(qdn_ledger_event(apr_array_push(baton), row), APR_SUCCESS);
}

static void check_call(qdn_store_t *store, const qdn_chain_t *row,
                       apr_pool_t *p)
{
    apr_array_header_t *events = apr_array_make(p, 5, sizeof(qdn_event_t));
    qdn_chain_t chain;

    must(store, qdn_store_select(
                    store,
                    apr_psprintf(p,
                                 "SELECT " QDN_LEDGER_EVENT_COLUMNS
                                 " FROM qdn_event WHERE call_sid = %s"
                                 " ORDER BY at, id",
                                 qdn_store_quote(store, row->call_sid, p)),
                    keep_event, events, p));
    qdn_chain_project(&chain, (const qdn_event_t *)(const void *)events->elts,
                      events->nelts, p);
    assert_int_equal(row->outcome, chain.outcome);
    assert_int_equal(row->started_at, chain.started_at);
    assert_int_equal(row->answered_at, chain.answered_at);
    assert_int_equal(row->ring_seconds, chain.ring_seconds);
    assert_int_equal(row->hops, chain.hops);
    assert_string_equal(row->rung ? row->rung : "",
                        chain.rung ? chain.rung : "");
}

static void rows_are_what_events_come_to(house_t *h, apr_pool_t *p)
{
    qdn_calls_query_t query = { .limit = QDN_CALLS_LIMIT };
    apr_array_header_t *chains;

    must(h->store, qdn_calls_recent(h->store, &query, &chains, p));
    for (int i = 0; i < chains->nelts; i += SAMPLE) {
        check_call(h->store, &APR_ARRAY_IDX(chains, i, qdn_chain_t), p);
    }
    assert_int_equal(
        qdn_dbds_number(
            &h->dbd, "SELECT SUM(calls) FROM qdn_hourly WHERE line = '*'", p),
        qdn_dbds_number(&h->dbd, "SELECT COUNT(*) FROM qdn_call", p));
    assert_int_equal(
        qdn_dbds_number(&h->dbd,
                        "SELECT SUM(calls) FROM qdn_wait WHERE line = '*'", p),
        qdn_dbds_number(&h->dbd,
                        "SELECT COUNT(*) FROM qdn_call WHERE outcome ="
                        " 'answered'",
                        p));
}

/************** each database **************/

static void leave(house_t *h, const qdn_dbd_t *dbd, const char *name,
                  apr_pool_t *p)
{
    qdn_store_close(h->store);
    if (strcmp(dbd->driver, "sqlite3")) {
        qdn_store_t *store = qdn_dbds_store(dbd, p);

        must(store, qdn_store_run(store, apr_pstrcat(p, "DROP SCHEMA ", name,
                                                     " CASCADE", NULL)));
        qdn_store_close(store);
    }
}

static void many_calls_are_answered_as_soon_as_few(void **state)
{
    (void)state;
    for (int k = 0; k < qdn_dbds_count(); k++) {
        house_t houses[2];
        const char *dir;
        qdn_dbd_t dbd;
        apr_pool_t *p;

        apr_pool_create(&p, NULL);
        dir = qdn_dbds_dir(p);
        dbd = qdn_dbds_fresh(k, dir, p);
        /* A test of MariaDB has no right to make databases. */
        if (strcmp(dbd.driver, "mysql")) {
            enter(&houses[0], &dbd, "qdn_few", dir, p);
            enter(&houses[1], &dbd, "qdn_many", dir, p);
            fill(&houses[0], FEW, FEW_DAYS, p);
            fill(&houses[1], many(), MANY_DAYS, p);
            rows_are_what_events_come_to(&houses[1], p);
            answer_as_soon(houses, p);
            leave(&houses[0], &dbd, "qdn_few", p);
            leave(&houses[1], &dbd, "qdn_many", p);
        }
        qdn_dbds_sweep(dir);
        apr_pool_destroy(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_calls_are_answered_as_soon_as_few),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
