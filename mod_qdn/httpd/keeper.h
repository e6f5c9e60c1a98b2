/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_KEEPER_H
#define QDN_KEEPER_H

/*
 * The parent's side of the daemon: forks it, starts it again when it dies,
 * kills it when it hangs, and outright when pconf ends (restart, stop). Each
 * of its steps may be cut anywhere, so nothing waits for it.
 */

#include "conf.h"

/* A daemon that lived shorter than this was started in vain. */
#define QDN_KEEPER_VAIN      apr_time_from_sec(2)
#define QDN_KEEPER_DELAY_MAX apr_time_from_sec(15)

/* The monitor hook, which runs in the parent about every 10 s. */
void qdn_keeper_register_hooks(void);

/*
 * Fork the daemon of this configuration; it lives as long as pconf.
 * APR_SUCCESS, or what pipe or fork said (logged): the monitor hook then
 * tries again, if httpd goes on.
 */
apr_status_t qdn_keeper_start(qdn_conf_t *conf, server_rec *s,
                              apr_pool_t *pconf);

/*
 * In a child of httpd: close our copy of the pipe whose end tells the daemon
 * that the parent is gone.
 */
void qdn_keeper_let_go(void);

#endif
