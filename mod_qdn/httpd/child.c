/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <httpd.h>

#include "conf.h"
#include "expr.h"
#include "keeper.h"
#include "log.h"
#include "outbox.h"
#include "private.h"
#include "status.h"

/* baton is the journal, NULL if it could not be opened. */
static apr_status_t record(void *baton, const qdn_event_t *events, int n,
                           apr_pool_t *p)
{
    return qdn_journal_append(baton, events, n, p);
}

/* The caller is answered all the same; the loss is counted and logged. */
static apr_status_t lose(void *baton, const qdn_event_t *events, int n,
                         apr_pool_t *p)
{
    qdn_counters_t *counters = baton;

    (void)events;
    (void)p;
    qdn_counter_add(counters, QDN_COUNT_JOURNAL_LOST, (apr_uint64_t)n);
    return QDN_EFULL;
}

/* On prefork this runs in a signal handler, over a request. */
static apr_status_t close_journal(void *data)
{
    return qdn_journal_close(data);
}

static void open_journal(qdn_conf_t *conf, apr_pool_t *pchild, server_rec *s)
{
    qdn_journal_t *journal;
    apr_status_t rv = qdn_outbox_open(&journal, conf->plan, conf->host,
                                      conf->shm.counters, pchild);

    if (rv) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                     QDNLOGNO(0630) "the journal cannot be opened; calls of "
                                    "this child are answered and not kept");
        conf->service.record = lose;
        conf->service.record_baton = conf->shm.counters;
        return;
    }
    conf->service.record = record;
    conf->service.record_baton = journal;
    apr_pool_pre_cleanup_register(pchild, journal, close_journal);
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    qdn_conf_t *conf = qdn_conf_get(s);

    qdn_keeper_let_go();
    /* Without an address no webhook arrives, so there is nothing to keep. */
    if (!conf->vault || !conf->plan->endpoints->nelts) {
        return;
    }
    conf->service = (qdn_service_t){ .plan = conf->plan,
                                     .keyring = conf->vault->keyring,
                                     .host = conf->host,
                                     .counters = conf->shm.counters,
                                     .replies = conf->shm.replies,
                                     .legs = conf->shm.legs,
                                     .rule = qdn_expr_rule };
    open_journal(conf, pchild, s);
}

void qdn_child_register_hooks(void)
{
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
}
