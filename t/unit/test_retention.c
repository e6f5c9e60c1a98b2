/* SPDX-License-Identifier: Apache-2.0 */
/* Old calls go with all they left, young ones stay with all they have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "dbds.h"
#include "ledger.h"
#include "retention.h"
#include "schema.h"

#define CALLS  600 /* more than two batches */
#define EVENTS 4   /* of each */
#define DAY    apr_time_from_sec(86400)
#define NOW    apr_time_from_sec(1768400000)

static void fill(qdn_store_t *store, apr_pool_t *p)
{
    apr_pool_t *sub;
    int call, n;

    apr_pool_create(&sub, p);
    for (call = 0; call < CALLS; call++) {
        qdn_event_t events[EVENTS + 1];
        qdn_ledger_batch_t batch = { .events = events,
                                     .nevents = EVENTS + 1,
                                     .host = "host-a",
                                     .now = NOW };

        for (n = 0; n < EVENTS; n++) {
            events[n] = qdn_dbds_event(call, n, sub);
            events[n].at = NOW - call * DAY + n;
        }
        events[n] = (qdn_event_t){ .kind = QDN_KIND_FEED_FAILED,
                                   .host = "host-a",
                                   .at = NOW - call * DAY };
        qdn_event_identify(&events[n], apr_itoa(sub, call));
        assert_int_equal(qdn_ledger_write(store, &batch, sub), APR_SUCCESS);
        apr_pool_clear(sub);
    }
}

static void check_counts(const qdn_dbd_t *dbd, int calls, apr_pool_t *p)
{
    assert_int_equal(qdn_dbds_number(dbd, "SELECT COUNT(*) FROM qdn_call", p),
                     calls);
    assert_int_equal(qdn_dbds_number(dbd,
                                     "SELECT COUNT(*) FROM qdn_event"
                                     " WHERE call_sid IS NOT NULL",
                                     p),
                     calls * EVENTS);
    assert_int_equal(qdn_dbds_number(dbd,
                                     "SELECT COUNT(*) FROM qdn_event"
                                     " WHERE call_sid IS NULL",
                                     p),
                     calls);
}

static void purge_all(qdn_store_t *store, int young, apr_pool_t *p)
{
    apr_status_t rv;
    int more = 1;

    while (more) {
        rv = qdn_retention_purge(store, "host-a", NOW, young * DAY - DAY / 2,
                                 &more, p);
        if (rv != APR_SUCCESS && rv != APR_EAGAIN) {
            fail_msg("%s", qdn_store_error(store));
        }
    }
}

/* No event without its call, no call without events or at odds with them. */
static void check_whole(const qdn_dbd_t *dbd, apr_pool_t *p)
{
    static const char *const none[] = {
        "SELECT COUNT(*) FROM qdn_event e LEFT JOIN qdn_call c"
        " ON c.call_sid = e.call_sid"
        " WHERE e.call_sid IS NOT NULL AND c.call_sid IS NULL",
        "SELECT COUNT(*) FROM qdn_call c LEFT JOIN qdn_event e"
        " ON c.call_sid = e.call_sid WHERE e.call_sid IS NULL",
        "SELECT COUNT(*) FROM qdn_call c WHERE started_at <>"
        " (SELECT MIN(at) FROM qdn_event e WHERE e.call_sid = c.call_sid)",
    };

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(qdn_dbds_number(dbd, none[i], p), 0);
    }
}

static void run(qdn_store_t *store, const char *sql)
{
    if (qdn_store_run(store, sql)) {
        fail_msg("%s: %s", sql, qdn_store_error(store));
    }
}

typedef struct house_t {
    apr_pool_t *pool;
    const char *dir;
    qdn_dbd_t dbd;
    qdn_store_t *store;
} house_t;

static void enter(house_t *h, int k)
{
    apr_pool_create(&h->pool, NULL);
    h->dir = qdn_dbds_dir(h->pool);
    h->dbd = qdn_dbds_fresh(k, h->dir, h->pool);
    h->store = qdn_dbds_store(&h->dbd, h->pool);
    assert_int_equal(qdn_schema_apply(h->store, NOW, h->pool), APR_SUCCESS);
    fill(h->store, h->pool);
}

static void leave(house_t *h)
{
    qdn_store_close(h->store);
    qdn_dbds_sweep(h->dir);
    apr_pool_destroy(h->pool);
}

/* In a process of its own, with a connection of its own. */
static pid_t beside(const house_t *h, void (*work)(qdn_store_t *, apr_pool_t *))
{
    pid_t pid = fork();

    if (pid == 0) {
        apr_pool_t *p;

        apr_pool_create(&p, NULL);
        work(qdn_dbds_store(&h->dbd, p), p);
        _exit(0);
    }
    return pid;
}

static void await(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void purge_to_ten(qdn_store_t *store, apr_pool_t *p)
{
    purge_all(store, 10, p);
}

/* An event is on its way in while its call is found to be old. */
static void what_is_being_written_goes_with_its_call(void **state)
{
    (void)state;
    for (int k = 0; k < qdn_dbds_count(); k++) {
        house_t h;
        pid_t pid;

        enter(&h, k);
        if (qdn_store_dialect(h.store)->shared) {
            assert_int_equal(qdn_store_begin(h.store), APR_SUCCESS);
            run(h.store, "UPDATE qdn_call SET hops = hops + 1 WHERE call_sid ="
                         " 'CA00000000000000000000000000000190'");
            run(h.store,
                "INSERT INTO qdn_event (id, at, kind, call_sid) VALUES ('x',"
                " 1, 'call.ended', 'CA00000000000000000000000000000190')");
            pid = beside(&h, purge_to_ten);
            usleep(300000);
            assert_int_equal(qdn_store_commit(h.store), APR_SUCCESS);
            await(pid);
            check_whole(&h.dbd, h.pool);
            check_counts(&h.dbd, 10, h.pool);
        }
        leave(&h);
    }
}

/* Late events of calls that may be gone, a few at a time. */
static void write_late(qdn_store_t *store, apr_pool_t *p)
{
    enum { MANY = 40 };

    for (int first = 0; first < CALLS; first += MANY) {
        qdn_event_t events[MANY];
        qdn_ledger_batch_t batch = {
            .events = events, .nevents = MANY, .host = "host-b", .now = NOW
        };

        for (int i = 0; i < MANY; i++) {
            events[i] = qdn_dbds_event(CALLS - 1 - first - i, 9, p);
            events[i].at = NOW - (CALLS - 1 - first - i) * DAY + 9;
        }
        while (qdn_ledger_write(store, &batch, p) == APR_EAGAIN) {
        }
    }
}

static void hosts_purge_and_write_together(void **state)
{
    (void)state;
    for (int k = 0; k < qdn_dbds_count(); k++) {
        house_t h;

        enter(&h, k);
        if (qdn_store_dialect(h.store)->shared) {
            pid_t other = beside(&h, purge_to_ten);
            pid_t late = beside(&h, write_late);

            purge_to_ten(h.store, h.pool);
            await(other);
            await(late);
            check_whole(&h.dbd, h.pool);
            purge_to_ten(h.store, h.pool);
            check_whole(&h.dbd, h.pool);
            assert_int_equal(qdn_dbds_number(&h.dbd,
                                             "SELECT COUNT(*) FROM qdn_call",
                                             h.pool),
                             10);
        }
        leave(&h);
    }
}

static void old_calls_go_young_ones_stay(void **state)
{
    const int young = 10;
    int k, rounds, more;

    (void)state;
    for (k = 0; k < qdn_dbds_count(); k++) {
        house_t h;

        enter(&h, k);
        check_counts(&h.dbd, CALLS, h.pool);
        for (rounds = 0, more = 1; more; rounds++) {
            assert_int_equal(qdn_retention_purge(h.store, "host-a", NOW,
                                                 young * DAY - DAY / 2, &more,
                                                 h.pool),
                             APR_SUCCESS);
        }
        assert_int_equal(rounds, 1 + (CALLS - young) / QDN_RETENTION_BATCH);
        check_counts(&h.dbd, young, h.pool);
        check_whole(&h.dbd, h.pool);
        leave(&h);
    }
}
/* A status that is in force until it is changed outlives the calls. */
static void standing_statuses_stay(void **state)
{
    house_t h;
    int k;

    (void)state;
    for (k = 0; k < qdn_dbds_count(); k++) {
        enter(&h, k);
        run(h.store, "UPDATE qdn_event SET kind = 'status.changed'"
                     " WHERE kind = 'feed.failed'");
        purge_all(h.store, 3, h.pool);
        assert_int_equal(qdn_dbds_number(&h.dbd,
                                         "SELECT COUNT(*) FROM qdn_event"
                                         " WHERE call_sid IS NULL",
                                         h.pool),
                         403); /* one for each day: today, and the 402 before */
        leave(&h);
    }
}

static void a_clock_ahead_deletes_nothing(void **state)
{
    (void)state;
    for (int k = 0; k < qdn_dbds_count(); k++) {
        house_t h;
        int more;

        enter(&h, k);
        assert_int_equal(qdn_retention_purge(h.store, "host-a",
                                             NOW + 2 * CALLS * DAY, CALLS * DAY,
                                             &more, h.pool),
                         APR_SUCCESS);
        assert_int_equal(more, 0);
        check_counts(&h.dbd, CALLS, h.pool);
        /* Nor does one that stands behind. */
        assert_int_equal(qdn_retention_purge(h.store, "host-a",
                                             NOW - CALLS * DAY, 10 * DAY, &more,
                                             h.pool),
                         APR_SUCCESS);
        check_counts(&h.dbd, CALLS, h.pool);
        leave(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_calls_go_young_ones_stay),
        cmocka_unit_test(standing_statuses_stay),
        cmocka_unit_test(a_clock_ahead_deletes_nothing),
        cmocka_unit_test(what_is_being_written_goes_with_its_call),
        cmocka_unit_test(hosts_purge_and_write_together),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
