/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DAEMON_H
#define QDN_DAEMON_H

/*
 * The daemon's life after the fork: one thread drains the journal into SQL
 * and may hang there, one reads there what other hosts tell, one asks
 * calendars, one writes what is known of availability; the main thread
 * answers at ctl.sock and shows that they live. While the drain cannot even
 * be opened it says so there, and tries again. It may be killed at any
 * instruction; whoever forked it starts it again (httpd/keeper.h).
 */

#include <apr_tables.h>
#include <sys/types.h>
#include "counter.h"
#include "credential.h"
#include "engaged.h"
#include "gauges.h"
#include "health.h"
#include "plan.h"
#include "quarantine.h"
#include "service.h"

/* Without a sign of life for so long it is replaced. */
#define QDN_DAEMON_HUNG apr_time_from_sec(30)

/* A credential as it may be shown, with where it came from. */
typedef struct qdn_loaded_t {
    const char *source; /* see qdn_source_name */
    qdn_credential_t credential;
} qdn_loaded_t;

/* Everything is read-only but what the pointers to shared memory reach. */
typedef struct qdn_daemon_config_t {
    const qdn_plan_t *plan;
    const char *host;
    const char *version;
    const char *driver; /* of apr_dbd */
    const char *params;
    const apr_array_header_t *credentials; /* of qdn_loaded_t */
    int secrets_kept;                      /* see health.h */
    int secrets_missing;
    const apr_array_header_t *secrets; /* of qdn_secrets_t *, for feeds */
    const char *sources; /* path of qdn_sources.so, see refresh.h; or NULL */
    qdn_quarantine_t *asking; /* shared: likewise */
    qdn_rule_cb *rule;        /* judges calls that nobody has made; or NULL */
    void *rules_baton;
    apr_time_t loaded_at; /* when this configuration came into force */
    qdn_counters_t *counters;
    qdn_health_t *health;      /* shared */
    const qdn_meter_t *meter;  /* shared; or NULL */
    qdn_gauges_t *gauges;      /* shared; or NULL */
    apr_int64_t *beat;         /* shared: monotonic time of the last sign of
                              * life of its threads; set atomically */
    apr_uint32_t *bell;        /* shared: see lookout.h; or NULL */
    qdn_engaged_t *talks;      /* shared: see engaged.h; or NULL */
    int parent_fd;             /* end of file: the parent is gone */
    pid_t parent;              /* its pid, for who inherits the pipe's end */
    apr_interval_time_t delay; /* wait before work: died at once before */
} qdn_daemon_config_t;

/*
 * Work until the parent is gone. The process must have dropped its rights
 * and own nothing that others need. Returns what the process should exit
 * with: 0 when the parent is gone, 1 if it could not begin (logged).
 */
int qdn_daemon_run(const qdn_daemon_config_t *config, apr_pool_t *p);

#endif
