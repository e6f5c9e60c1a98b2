/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <httpd.h>
#include <http_log.h>

#include "conf.h"
#include "expr.h"
#include "keeper.h"
#include "log.h"
#include "outbox.h"
#include "private.h"

/* On prefork this runs in a signal handler, over a request. */
static apr_status_t close_outbox(void *data)
{
    return qdn_outbox_close(data);
}

/* Likewise. */
static apr_status_t close_lookout(void *data)
{
    return qdn_lookout_close(data);
}

static void open_lookout(qdn_conf_t *conf, apr_pool_t *pchild, server_rec *s)
{
    qdn_lookout_t *lookout;
    apr_status_t rv =
        qdn_lookout_open(&lookout, conf->plan->state_dir, conf->shm.bell);

    if (rv) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                     QDNLOGNO(0631) "nobody looks for calendars, presence and "
                                    "status; this child assumes that all are "
                                    "available in their hours");
        return;
    }
    conf->service.lookout = lookout;
    apr_pool_pre_cleanup_register(pchild, lookout, close_lookout);
}

static void child_init(apr_pool_t *pchild, server_rec *s)
{
    qdn_conf_t *conf = qdn_conf_get(s);
    qdn_outbox_t *outbox;

    qdn_keeper_let_go();
    /* Without an address no webhook arrives, so there is nothing to keep. */
    if (!conf->vault || !conf->plan->endpoints->nelts) {
        return;
    }
    outbox =
        qdn_outbox_open(conf->plan, conf->host, conf->shm.counters, pchild);
    apr_pool_pre_cleanup_register(pchild, outbox, close_outbox);
    conf->service = (qdn_service_t){ .plan = conf->plan,
                                     .keyring = conf->vault->keyring,
                                     .host = conf->host,
                                     .counters = conf->shm.counters,
                                     .replies = conf->shm.replies,
                                     .legs = conf->shm.legs,
                                     .talks = conf->shm.talks,
                                     .tally = conf->shm.tally,
                                     .meter = conf->shm.meter,
                                     .record = qdn_outbox_record,
                                     .record_baton = outbox,
                                     .rule = qdn_expr_rule };
    open_lookout(conf, pchild, s);
}

void qdn_child_register_hooks(void)
{
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
}
