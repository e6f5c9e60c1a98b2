/* SPDX-License-Identifier: Apache-2.0 */
/* Old calls go with all they left, young ones stay with all they have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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
        events[n] = (qdn_event_t){ .kind = QDN_KIND_CONFIG_LOADED,
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

static void old_calls_go_young_ones_stay(void **state)
{
    const int young = 10;
    int k, rounds, more;

    (void)state;
    for (k = 0; k < qdn_dbds_count(); k++) {
        apr_pool_t *p;
        const char *dir;
        qdn_dbd_t dbd;
        qdn_store_t *store;

        apr_pool_create(&p, NULL);
        dir = qdn_dbds_dir(p);
        dbd = qdn_dbds_fresh(k, dir, p);
        store = qdn_dbds_store(&dbd, p);
        assert_int_equal(qdn_schema_apply(store, NOW, p), APR_SUCCESS);
        fill(store, p);
        check_counts(&dbd, CALLS, p);
        for (rounds = 0, more = 1; more; rounds++) {
            assert_int_equal(qdn_retention_purge(
                                 store, NOW - young * DAY + DAY / 2, &more, p),
                             APR_SUCCESS);
        }
        assert_int_equal(rounds, 1 + (CALLS - young) / QDN_RETENTION_BATCH);
        check_counts(&dbd, young, p);
        qdn_store_close(store);
        qdn_dbds_sweep(dir);
        apr_pool_destroy(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_calls_go_young_ones_stay),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
