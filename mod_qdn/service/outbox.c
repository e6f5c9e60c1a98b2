/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox.h"

#include <apr_strings.h>
#include "clock.h"
#include "log.h"
#include "status.h"

#define TRY_AFTER apr_time_from_sec(1)
#define NEVER     APR_INT64_MAX

struct qdn_outbox_t {
    qdn_journal_config_t config;
    qdn_journal_t *journal; /* atomic; NULL: not open */
    apr_time_t due;         /* atomic: monotonic, of the next attempt */
};

/* The thread that finds it due makes the attempt; others do not wait. */
static void try_to_open(qdn_outbox_t *o)
{
    apr_time_t now = qdn_clock_mono();
    apr_time_t due = __atomic_load_n(&o->due, __ATOMIC_SEQ_CST);
    qdn_journal_t *journal;
    apr_status_t rv;

    if (now < due ||
        !__atomic_compare_exchange_n(&o->due, &due, NEVER, 0, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        return;
    }
    rv = qdn_journal_open(&journal, &o->config);
    if (rv == APR_SUCCESS) {
        __atomic_store_n(&o->journal, journal, __ATOMIC_SEQ_CST);
        return;
    }
    qdn_log(QDN_LOG_ERR, rv,
            QDNLOGNO(0554) "the journal cannot be opened; calls are answered "
                           "and not kept, until it can");
    __atomic_store_n(&o->due, now + TRY_AFTER, __ATOMIC_SEQ_CST);
}

qdn_outbox_t *qdn_outbox_open(const qdn_plan_t *plan, const char *host,
                              qdn_counters_t *counters, apr_pool_t *p)
{
    qdn_outbox_t *o = apr_pcalloc(p, sizeof(*o));

    o->config = (qdn_journal_config_t){
        .dir = apr_pstrcat(p, plan->state_dir, "/journal", NULL),
        .host = host,
        .sync = plan->journal_sync,
        .wait = plan->journal_wait,
        .max = plan->journal_max,
        .counters = counters,
    };
    try_to_open(o);
    return o;
}

apr_status_t qdn_outbox_record(void *baton, const qdn_event_t *events, int n,
                               apr_pool_t *p)
{
    qdn_outbox_t *o = baton;
    qdn_journal_t *journal = __atomic_load_n(&o->journal, __ATOMIC_SEQ_CST);

    if (!journal) {
        try_to_open(o);
        journal = __atomic_load_n(&o->journal, __ATOMIC_SEQ_CST);
    }
    if (!journal) {
        qdn_counter_add(o->config.counters, QDN_COUNT_JOURNAL_EVENTS,
                        (apr_uint64_t)n);
        qdn_counter_add(o->config.counters, QDN_COUNT_JOURNAL_LOST,
                        (apr_uint64_t)n);
        return QDN_EFULL;
    }
    return qdn_journal_append(journal, events, n, p);
}

/* On prefork in a signal handler over a request: no locks, no pools. */
apr_status_t qdn_outbox_close(qdn_outbox_t *o)
{
    qdn_journal_t *journal;

    __atomic_store_n(&o->due, NEVER, __ATOMIC_SEQ_CST);
    journal = __atomic_exchange_n(&o->journal, NULL, __ATOMIC_SEQ_CST);
    return journal ? qdn_journal_close(journal) : APR_SUCCESS;
}
