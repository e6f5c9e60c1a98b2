/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon.h"

#include <poll.h>
#include <unistd.h>

#include <apr_strings.h>

#include "audience.h"
#include "clock.h"
#include "control.h"
#include "drainer.h"
#include "health.h"
#include "log.h"
#include "proclaim.h"

#define TICK apr_time_from_sec(1)

typedef struct daemon_t {
    const qdn_daemon_config_t *config;
    apr_pool_t *pool;
    qdn_audience_t audience;
    qdn_control_t *control;
} daemon_t;

/* A thread hung in a dead database is hung: the eldest of all signs counts. */
static void beat(const daemon_t *d, apr_interval_time_t now)
{
    apr_int64_t drained = qdn_drainer_beat(d->audience.drainer);
    apr_int64_t refreshed = qdn_refresher_beat(d->audience.refresher);
    apr_int64_t eldest = drained < refreshed ? drained : refreshed;

    if (d->config->beat) {
        __atomic_store_n(d->config->beat, eldest < now ? eldest : now,
                         __ATOMIC_RELEASE);
    }
}

static apr_status_t start_roster(daemon_t *d)
{
    qdn_roster_config_t want = { .plan = d->config->plan,
                                 .host = d->config->host };
    apr_status_t rv = qdn_roster_open(&d->audience.roster, &want, d->pool);

    return rv ? rv
              : qdn_refresher_start(&d->audience.refresher, d->config,
                                    d->audience.roster, d->pool);
}

/*
 * The socket first, and whatever becomes of the drain: a daemon that cannot
 * do its work must still be able to say so.
 */
static apr_status_t start(daemon_t *d)
{
    const char *path = apr_pstrcat(d->pool, d->config->plan->state_dir,
                                   "/" QDN_CONTROL_SOCKET, NULL);
    const char *error = NULL;
    apr_status_t rv;

    rv = qdn_control_listen(&d->control, path, qdn_audience_answer,
                            &d->audience, &error, d->pool);
    if (!rv) {
        rv = qdn_drainer_start(&d->audience.drainer, d->config, d->pool);
    }
    if (!rv) {
        rv = start_roster(d);
    }
    if (rv) {
        qdn_log(QDN_LOG_ERR, rv, QDNLOGNO(0550) "the daemon cannot begin: %s",
                error ? error : "no thread");
    }
    return rv;
}

/* Has the parent gone before we began? A slow start, not a busy circle. */
static int wait_out(const qdn_daemon_config_t *config)
{
    struct pollfd parent = { .fd = config->parent_fd, .events = POLLIN };

    return config->delay &&
           poll(&parent, 1, (int)apr_time_as_msec(config->delay)) > 0;
}

/*
 * The pipe's other end may have been inherited by a process that outlives
 * the parent, so look at our parent's pid too.
 */
static void live(const daemon_t *d)
{
    const qdn_daemon_config_t *config = d->config;
    apr_status_t rv = APR_SUCCESS;

    while (rv != APR_EOF && getppid() == config->parent) {
        apr_interval_time_t now = qdn_clock_mono();

        beat(d, now);
        qdn_health_watch(config->health, config->counters, now);
        rv = qdn_control_serve(d->control, config->parent_fd, TICK);
    }
}

int qdn_daemon_run(const qdn_daemon_config_t *config, apr_pool_t *p)
{
    daemon_t d = { .config = config,
                   .pool = p,
                   .audience.config = config,
                   .audience.started = qdn_clock_mono() };

    if (config->beat) {
        __atomic_store_n(config->beat, d.audience.started, __ATOMIC_RELEASE);
    }
    if (wait_out(config)) {
        return 0;
    }
    if (start(&d)) {
        return 1;
    }
    qdn_counter_add(config->counters, QDN_COUNT_DAEMON_STARTS, 1);
    qdn_proclaim_config(config, p);
    live(&d);
    qdn_control_close(d.control);
    return 0;
}
