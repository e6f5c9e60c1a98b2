/* SPDX-License-Identifier: Apache-2.0 */

/*
 * mod_qdn: one published number, answered by the first person who is there.
 * This file is the table of contents; each line leads to the file of that
 * name.
 */

#include <httpd.h>
#include <http_config.h>

#include "boot.h"
#include "check.h"
#include "child.h"
#include "conf.h"
#include "dashboard.h"
#include "directives.h"
#include "dump.h"
#include "expr.h"
#include "handler.h"
#include "health_page.h"
#include "keeper.h"
#include "metrics_page.h"
#include "target.h"

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    /* Configuration time */
    qdn_expr_register_hooks();  /* qdn('Name') in rules */
    qdn_check_register_hooks(); /* what configtest refuses */
    qdn_dump_register_hooks();  /* -t -D DUMP_QDN */
    /* Parent */
    qdn_boot_register_hooks();   /* what needs rights, then the fork */
    qdn_keeper_register_hooks(); /* is the daemon alive? */
    /* Children */
    qdn_child_register_hooks();        /* journal */
    qdn_target_register_hooks();       /* which requests are ours */
    qdn_handler_register_hooks();      /* answer webhooks */
    qdn_dashboard_register_hooks();    /* answer people */
    qdn_health_page_register_hooks();  /* answer monitors */
    qdn_metrics_page_register_hooks(); /* answer Prometheus */
}

AP_DECLARE_MODULE(qdn) = {
    STANDARD20_MODULE_STUFF, qdn_conf_create_location,
    qdn_conf_merge_location, qdn_conf_create_server,
    qdn_conf_merge_server,   qdn_directives,
    register_hooks,          0 /* flags */
};
