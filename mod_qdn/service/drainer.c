/* SPDX-License-Identifier: Apache-2.0 */
#include "drainer.h"

#include <pthread.h>
#include <sys/resource.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "clock.h"
#include "log.h"
#include "pace.h"

/* See pace.h: this is the part that a priority can do. */
#define NICE 10

/*
 * SQLite does not queue its writers: who else wants to write asks again every
 * 100 ms, and would never find it free between slow steps.
 */
#define SLOW      apr_time_from_msec(250)
#define SLOW_GAP  apr_time_from_msec(150)
#define DRAIN_GAP apr_time_from_msec(100)
#define OPEN_GAP  apr_time_from_sec(1)

struct qdn_drainer_t {
    const qdn_daemon_config_t *config;
    apr_pool_t *pool;          /* the thread allocates here alone */
    qdn_drain_t *drain;        /* NULL until it can be opened; atomic */
    pthread_mutex_t mutex;     /* guards closed, nothing else */
    qdn_drain_report_t closed; /* while there is no drain */
    apr_int64_t drained;       /* monotonic: the last step's end; atomic */
};

/* What is wrong is told by health, and said aloud where it is new. */
static void note_closed(qdn_drainer_t *d, apr_status_t rv, const char *error)
{
    int new = !d->closed.error_since;

    pthread_mutex_lock(&d->mutex);
    apr_cpystrn(d->closed.error, error, sizeof(d->closed.error));
    if (new) {
        d->closed.error_since = qdn_clock_now();
    }
    pthread_mutex_unlock(&d->mutex);
    if (new) {
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0552) "the drain cannot begin, and tries again; "
                               "events stay in the journal: %s",
                error);
    }
}

/* A call of a line that is no longer ours counts nowhere. */
static void count_ended(void *baton, const char *number, qdn_outcome_e outcome)
{
    const qdn_drainer_t *d = baton;
    const qdn_line_t *line = qdn_plan_line(d->config->plan, number);

    if (line) {
        qdn_gauges_ended(d->config->gauges, line->index, outcome);
    }
}

static void open_drain(qdn_drainer_t *d)
{
    const qdn_daemon_config_t *config = d->config;
    qdn_drain_config_t want = { .state_dir = config->plan->state_dir,
                                .host = config->host,
                                .driver = config->driver,
                                .params = config->params,
                                .plan = config->plan,
                                .retention = config->plan->retention,
                                .counters = config->counters,
                                .ended = count_ended,
                                .ended_baton = d };
    const char *error = NULL;
    qdn_drain_t *drain = NULL;
    apr_pool_t *pool;
    apr_status_t rv;

    apr_pool_create(&pool, d->pool);
    apr_pool_tag(pool, "qdn_drain");
    rv = qdn_drain_open(&drain, &want, &error, pool);
    if (rv) {
        note_closed(d, rv, error);
        apr_pool_destroy(pool);
        return;
    }
    if (d->closed.error_since) {
        qdn_log(QDN_LOG_NOTICE, 0, QDNLOGNO(0553) "the drain has begun");
    }
    __atomic_store_n(&d->drain, drain, __ATOMIC_RELEASE);
}

static void show_drained(qdn_drainer_t *d)
{
    __atomic_store_n(&d->drained, qdn_clock_mono(), __ATOMIC_RELEASE);
}

static apr_interval_time_t rest_after(qdn_drainer_t *d, qdn_pace_t *pace,
                                      apr_interval_time_t took)
{
    qdn_pace_work_t work = { .took = took };
    qdn_drain_report_t report;

    qdn_drain_report(d->drain, &report);
    work.lag = report.oldest ? qdn_clock_now() - report.oldest : 0;
    work.waiting = report.pending_bytes;
    return qdn_pace_rest(pace, &work);
}

/*
 * Never returns: the process ends under it, since a step may hang in the
 * database and is safe to be cut anywhere.
 */
static void *APR_THREAD_FUNC drain_forever(apr_thread_t *thread, void *data)
{
    qdn_drainer_t *d = data;
    qdn_pace_t pace;

    (void)thread;
    /* On Linux 0 is this thread alone. If it may not, all is as it was. */
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    qdn_pace_start(&pace);
    for (open_drain(d); !d->drain; open_drain(d)) {
        show_drained(d);
        apr_sleep(OPEN_GAP);
    }
    for (;;) {
        apr_interval_time_t begun = qdn_clock_mono(), took, rest;
        int more = 0;

        qdn_drain_step(d->drain, &more);
        show_drained(d);
        took = qdn_clock_mono() - begun;
        rest = rest_after(d, &pace, took);
        if (!more) {
            rest = DRAIN_GAP;
        }
        else if (rest < SLOW_GAP && took > SLOW) {
            rest = SLOW_GAP;
        }
        if (rest) {
            apr_sleep(rest);
        }
    }
    return NULL;
}

apr_status_t qdn_drainer_start(qdn_drainer_t **pdrainer,
                               const qdn_daemon_config_t *config, apr_pool_t *p)
{
    qdn_drainer_t *d = apr_pcalloc(p, sizeof(*d));
    apr_thread_t *thread;
    apr_status_t rv;

    d->config = config;
    d->closed.state = QDN_DRAIN_AWAY;
    pthread_mutex_init(&d->mutex, NULL);
    show_drained(d);
    rv = apr_pool_create_unmanaged_ex(&d->pool, apr_pool_abort_get(p), NULL);
    if (!rv) {
        rv = apr_thread_create(&thread, NULL, drain_forever, d, p);
    }
    *pdrainer = d;
    return rv;
}

apr_interval_time_t qdn_drainer_beat(const qdn_drainer_t *d)
{
    return __atomic_load_n(&d->drained, __ATOMIC_ACQUIRE);
}

int qdn_drainer_report(qdn_drainer_t *d, qdn_drain_report_t *preport)
{
    qdn_drain_t *drain = __atomic_load_n(&d->drain, __ATOMIC_ACQUIRE);

    if (drain) {
        qdn_drain_report(drain, preport);
        return 1;
    }
    pthread_mutex_lock(&d->mutex);
    *preport = d->closed;
    pthread_mutex_unlock(&d->mutex);
    return 0;
}
