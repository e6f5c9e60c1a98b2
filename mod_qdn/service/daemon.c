/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "clock.h"
#include "control.h"
#include "drain.h"
#include "health.h"
#include "log.h"
#include "proclaim.h"
#include "text.h"

#define TICK      apr_time_from_sec(1)
#define DRAIN_GAP apr_time_from_msec(100)
#define OPEN_GAP  apr_time_from_sec(1)

typedef struct daemon_t {
    const qdn_daemon_config_t *config;
    apr_pool_t *pool;
    apr_pool_t *drain_pool;    /* the drain's thread allocates here alone */
    qdn_drain_t *drain;        /* NULL until it can be opened; atomic */
    pthread_mutex_t mutex;     /* guards closed, nothing else */
    qdn_drain_report_t closed; /* while there is no drain */
    qdn_control_t *control;
    apr_interval_time_t started; /* monotonic */
    apr_int64_t drained;         /* monotonic: the drain's last step; atomic */
} daemon_t;

/* What is wrong is told by health, and said aloud where it is new. */
static void note_closed(daemon_t *d, apr_status_t rv, const char *error)
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

static void open_drain(daemon_t *d)
{
    const qdn_daemon_config_t *config = d->config;
    qdn_drain_config_t want = { .state_dir = config->plan->state_dir,
                                .host = config->host,
                                .driver = config->driver,
                                .params = config->params,
                                .retention = config->plan->retention,
                                .counters = config->counters };
    const char *error = NULL;
    qdn_drain_t *drain = NULL;
    apr_pool_t *pool;
    apr_status_t rv;

    apr_pool_create(&pool, d->drain_pool);
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

static void show_drained(daemon_t *d)
{
    __atomic_store_n(&d->drained, qdn_clock_mono(), __ATOMIC_RELEASE);
}

/*
 * Never returns: the process ends under it, since a step may hang in the
 * database and is safe to be cut anywhere.
 */
static void *APR_THREAD_FUNC drain_forever(apr_thread_t *thread, void *data)
{
    daemon_t *d = data;

    (void)thread;
    for (open_drain(d); !d->drain; open_drain(d)) {
        show_drained(d);
        apr_sleep(OPEN_GAP);
    }
    for (;;) {
        int more = 0;

        qdn_drain_step(d->drain, &more);
        show_drained(d);
        if (!more) {
            apr_sleep(DRAIN_GAP);
        }
    }
    return NULL;
}

/* 1: there is a drain; 0: not yet, and the report says why. */
static int report_drain(daemon_t *d, qdn_drain_report_t *preport)
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

/* A thread hung in a dead database is hung: the elder of both signs counts. */
static void beat(daemon_t *d, apr_interval_time_t now)
{
    apr_int64_t drained = __atomic_load_n(&d->drained, __ATOMIC_ACQUIRE);

    if (d->config->beat) {
        __atomic_store_n(d->config->beat, drained < now ? drained : now,
                         __ATOMIC_RELEASE);
    }
}

static void add_counters(qdn_text_t *t, const qdn_counters_t *counters)
{
    int i;

    qdn_text_add(t, "\"counters\":{");
    for (i = 0; i < QDN_COUNTER_MAX; i++) {
        qdn_counter_e which = (qdn_counter_e)i;

        if (i) {
            qdn_text_addc(t, ',');
        }
        qdn_text_add_json(t, qdn_counter_name(which));
        qdn_text_addc(t, ':');
        qdn_text_add_int(t, (apr_int64_t)qdn_counter_get(counters, which));
    }
    qdn_text_addc(t, '}');
}

static void add_drain(qdn_text_t *t, const qdn_drain_report_t *report)
{
    qdn_text_addf(
        t,
        "\"drain\":{\"state\":\"%s\",\"pending_bytes\":%" APR_INT64_T_FMT
        ",\"pending_segments\":%d,\"parked_files\":%" APR_INT64_T_FMT
        ",\"oldest\":%" APR_TIME_T_FMT ",\"last_commit\":%" APR_TIME_T_FMT
        ",\"error_since\":%" APR_TIME_T_FMT ",\"error\":",
        qdn_drain_state_text(report->state), report->pending_bytes,
        report->pending_segments, report->parked_files, report->oldest,
        report->last_commit, report->error_since);
    qdn_text_add_json(t, report->error);
    qdn_text_addc(t, '}');
}

static const char *secrets_state(const qdn_daemon_config_t *config)
{
    if (config->secrets_missing) {
        return "missing";
    }
    return config->secrets_kept ? "kept" : "ok";
}

static const char *tell_health(daemon_t *d, const char *request, apr_pool_t *p)
{
    const qdn_daemon_config_t *config = d->config;
    qdn_drain_report_t report;
    qdn_health_facts_t facts = { .drain = &report,
                                 .secrets_kept = config->secrets_kept,
                                 .secrets_missing = config->secrets_missing,
                                 .now = qdn_clock_now(),
                                 .mono = qdn_clock_mono() };
    qdn_text_t reasons, t;
    qdn_colour_e colour;

    (void)request;
    facts.drain_silent =
        facts.mono - __atomic_load_n(&d->drained, __ATOMIC_ACQUIRE);
    facts.drain_closed = !report_drain(d, &report);
    qdn_text_init(&reasons, 512, p);
    colour = qdn_health_judge(config->health, &facts, &reasons);
    qdn_text_init(&t, 4096, p);
    qdn_text_addf(&t, "{\"health\":\"%s\",\"reasons\":[%s],\"revision\":",
                  qdn_health_colour(colour), reasons.buf);
    qdn_text_add_json(&t, config->plan->revision);
    qdn_text_add(&t, ",\"version\":");
    qdn_text_add_json(&t, config->version);
    qdn_text_add(&t, ",\"host\":");
    qdn_text_add_json(&t, config->host);
    qdn_text_addf(&t,
                  ",\"pid\":%ld,\"uptime_seconds\":%" APR_INT64_T_FMT
                  ",\"loaded_at\":%" APR_TIME_T_FMT ",\"secrets\":\"%s\",",
                  (long)getpid(), apr_time_sec(facts.mono - d->started),
                  config->loaded_at, secrets_state(config));
    add_drain(&t, &report);
    qdn_text_addc(&t, ',');
    add_counters(&t, config->counters);
    qdn_text_addc(&t, '}');
    return t.buf;
}

static const char *tell_plan(daemon_t *d, const char *request, apr_pool_t *p)
{
    (void)request;
    return qdn_plan_json(d->config->plan, p);
}

static const char *tell_ping(daemon_t *d, const char *request, apr_pool_t *p)
{
    (void)request;
    return apr_psprintf(p, "{\"pong\":%ld,\"revision\":\"%s\"}", (long)getpid(),
                        d->config->plan->revision);
}

static const struct {
    const char *ask;
    const char *(*tell)(daemon_t *d, const char *request, apr_pool_t *p);
} questions[] = {
    { "ping", tell_ping },
    { "health", tell_health },
    { "plan", tell_plan },
};

static const char *answer(void *baton, const char *ask, const char *request,
                          apr_pool_t *p)
{
    apr_size_t i;

    for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        if (!strcmp(ask, questions[i].ask)) {
            return questions[i].tell(baton, request, p);
        }
    }
    return NULL;
}

/*
 * The socket first, and whatever becomes of the drain: a daemon that cannot
 * do its work must still be able to say so.
 */
static apr_status_t start(daemon_t *d)
{
    const char *path = apr_pstrcat(d->pool, d->config->plan->state_dir,
                                   "/" QDN_CONTROL_SOCKET, NULL);
    apr_thread_t *thread;
    const char *error = NULL;
    apr_status_t rv;

    rv = apr_pool_create_unmanaged_ex(&d->drain_pool,
                                      apr_pool_abort_get(d->pool), NULL);
    if (!rv) {
        rv = qdn_control_listen(&d->control, path, answer, d, &error, d->pool);
    }
    if (!rv) {
        rv = apr_thread_create(&thread, NULL, drain_forever, d, d->pool);
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
                   .mutex = PTHREAD_MUTEX_INITIALIZER,
                   .closed.state = QDN_DRAIN_AWAY,
                   .started = qdn_clock_mono() };

    d.drained = d.started;
    beat(&d, d.started);
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
