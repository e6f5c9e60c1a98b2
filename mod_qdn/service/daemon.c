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
#include "probe.h"
#include "proclaim.h"
#include "standings.h"

#define TICK     apr_time_from_sec(1)
#define TELL_GAP apr_time_from_msec(500) /* where questions shorten the tick */

typedef struct daemon_t {
    const qdn_daemon_config_t *config;
    apr_pool_t *pool;
    qdn_audience_t audience;
    qdn_control_t *control;
    apr_pool_t *ptemp; /* of one turn of the main thread */
} daemon_t;

/*
 * A thread that is hung is hung: the eldest of these signs counts. Not that
 * of the reader: what it would bring is not worth a new daemon.
 */
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

static apr_status_t start_reader(daemon_t *d)
{
    const qdn_daemon_config_t *config = d->config;
    const qdn_reader_config_t want = { .plan = config->plan,
                                       .host = config->host,
                                       .driver = config->driver,
                                       .params = config->params,
                                       .roster = d->audience.roster,
                                       .talks = config->talks };

    return qdn_reader_start(&d->audience.reader, &want, d->pool);
}

static apr_status_t start_roster(daemon_t *d)
{
    const qdn_daemon_config_t *config = d->config;
    const qdn_roster_config_t want = { .plan = config->plan,
                                       .host = config->host,
                                       .bell = config->bell };

    return qdn_roster_open(&d->audience.roster, &want, d->pool);
}

/*
 * The socket first, and whatever becomes of the drain: a daemon that cannot
 * do its work must still be able to say so.
 */
static apr_status_t start(daemon_t *d)
{
    const qdn_daemon_config_t *config = d->config;
    const char *path = apr_pstrcat(d->pool, config->plan->state_dir,
                                   "/" QDN_CONTROL_SOCKET, NULL);
    const char *error = NULL;
    apr_status_t rv;

    rv = qdn_control_listen(&d->control, path, qdn_audience_answer,
                            &d->audience, &error, d->pool);
    if (!rv) {
        d->audience.outbox = qdn_outbox_open(config->plan, config->host,
                                             config->counters, d->pool);
        rv = start_roster(d);
    }
    if (!rv) {
        rv = qdn_drainer_start(&d->audience.drainer, config, d->pool);
    }
    if (!rv) {
        rv = start_reader(d);
    }
    if (!rv) {
        rv = qdn_probe_start(&d->audience.probe, config->plan->state_dir,
                             d->pool);
    }
    if (!rv) {
        rv = qdn_archive_start(&d->audience.archive, config,
                               d->audience.drainer, d->control, d->pool);
    }
    if (!rv) {
        d->audience.sources = qdn_sources_open(config, d->audience.roster,
                                               d->audience.outbox, d->pool);
        rv = qdn_refresher_start(&d->audience.refresher, config,
                                 d->audience.roster, d->audience.sources,
                                 d->pool);
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
static void live(daemon_t *d)
{
    const qdn_daemon_config_t *config = d->config;
    apr_interval_time_t told = -TELL_GAP;
    apr_status_t rv = APR_SUCCESS;

    while (rv != APR_EOF && getppid() == config->parent) {
        apr_interval_time_t now = qdn_clock_mono();

        beat(d, now);
        qdn_health_watch(config->health, config->counters, now);
        if (now - told >= TELL_GAP) {
            qdn_audience_tell_gauges(&d->audience, d->ptemp);
            told = now;
        }
        qdn_standings_end(d->audience.roster, d->audience.outbox, config->plan,
                          config->host, qdn_clock_now(), d->ptemp);
        apr_pool_clear(d->ptemp);
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
    apr_pool_create(&d.ptemp, p);
    apr_pool_tag(d.ptemp, "qdn_daemon_turn");
    qdn_gauges_begin(config->gauges, config->plan); /* before threads tell */
    if (start(&d)) {
        return 1;
    }
    qdn_counter_add(config->counters, QDN_COUNT_DAEMON_STARTS, 1);
    qdn_proclaim_config(config, d.audience.outbox, p);
    live(&d);
    qdn_control_close(d.control);
    qdn_outbox_close(d.audience.outbox);
    return 0;
}
