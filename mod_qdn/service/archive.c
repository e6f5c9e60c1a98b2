/* SPDX-License-Identifier: Apache-2.0 */
#include "archive.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <apr_strings.h>

#include "archive_form.h"
#include "clock.h"
#include "log.h"
#include "thread.h"

#define NICE 10 /* as the drain: answering Twilio comes first */

#define HANGS "the database does not answer; the page of checks says more"

typedef struct errand_t {
    qdn_control_ticket_t ticket;
    apr_interval_time_t put; /* monotonic */
    char *request;           /* malloc'd */
    char *ask;               /* likewise */
} errand_t;

struct qdn_archive_t {
    const qdn_daemon_config_t *config;
    qdn_drainer_t *drainer;
    qdn_control_t *control;
    qdn_store_t *store; /* the thread's alone, as is the pool */
    apr_pool_t *pool;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t put;
    errand_t queue[QDN_ARCHIVE_QUEUE];
    int first, n;
    apr_interval_time_t busy; /* since; 0: nothing is being answered */
};

/************** the thread **************/

/*
 * An idle drain has moved everything; else all from before the oldest event
 * that waits, or, if that is not known, what its last commit moved.
 */
static apr_time_t as_of(const qdn_archive_t *a, apr_time_t now)
{
    qdn_drain_report_t report;

    if (a->drainer && (!qdn_drainer_report(a->drainer, &report) ||
                       report.state != QDN_DRAIN_IDLE)) {
        return report.oldest ? report.oldest : report.last_commit;
    }
    return now;
}

static apr_status_t connect_it(qdn_archive_t *a, apr_pool_t *p)
{
    const char *error = NULL;
    apr_status_t rv = qdn_store_open(&a->store, a->config->driver,
                                     a->config->params, &error, p);

    if (rv) {
        a->store = NULL;
        qdn_log(QDN_LOG_INFO, 0,
                QDNLOGNO(0580) "no connection for a question of the "
                               "dashboard: %s",
                error ? error : "no memory");
    }
    return rv;
}

static void disconnect(qdn_archive_t *a)
{
    qdn_store_close(a->store);
    a->store = NULL;
}

/*
 * The connection may be of a server that was started anew since: what fails
 * on an old one is asked once more on a new one.
 */
static const char *answer(qdn_archive_t *a, const errand_t *e, apr_pool_t *p)
{
    qdn_question_t q = { .plan = a->config->plan,
                         .ask = e->ask,
                         .request = e->request,
                         .now = qdn_clock_now(),
                         .pool = p };
    int old = a->store != NULL;
    const char *text;

    q.as_of = as_of(a, q.now);
    if (!old && connect_it(a, p)) {
        return qdn_archive_fault(&q, 503, HANGS);
    }
    q.store = a->store;
    text = qdn_archive_answer(&q);
    if (!q.broken) {
        return text;
    }
    disconnect(a);
    return old ? answer(a, e, p) : text;
}

static errand_t next_errand(qdn_archive_t *a)
{
    errand_t e;

    pthread_mutex_lock(&a->mutex);
    a->busy = 0;
    while (!a->n) {
        pthread_cond_wait(&a->put, &a->mutex);
    }
    e = a->queue[a->first];
    a->first = (a->first + 1) % QDN_ARCHIVE_QUEUE;
    a->n--;
    a->busy = qdn_clock_mono();
    pthread_mutex_unlock(&a->mutex);
    return e;
}

/* Never ends: the process does, and nothing is lost with it. */
static void *answer_forever(void *data)
{
    qdn_archive_t *a = data;
    apr_pool_t *ptemp;

    /* On Linux 0 is this thread alone. If it may not, all is as it was. */
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    apr_pool_create(&ptemp, a->pool);
    apr_pool_tag(ptemp, "qdn_archive");
    for (;;) {
        errand_t e = next_errand(a);

        /* After a long hang nobody waits for those behind it any more. */
        if (qdn_clock_mono() - e.put < QDN_CONTROL_LATER) {
            qdn_control_answer(a->control, &e.ticket, answer(a, &e, ptemp));
        }
        free(e.request);
        free(e.ask);
        apr_pool_clear(ptemp);
    }
    return NULL;
}

apr_status_t qdn_archive_start(qdn_archive_t **parchive,
                               const qdn_daemon_config_t *config,
                               qdn_drainer_t *drainer, qdn_control_t *control,
                               apr_pool_t *p)
{
    qdn_archive_t *a = apr_pcalloc(p, sizeof(*a));
    apr_status_t rv;

    a->config = config;
    a->drainer = drainer;
    a->control = control;
    pthread_mutex_init(&a->mutex, NULL);
    pthread_cond_init(&a->put, NULL);
    rv = apr_pool_create_unmanaged_ex(&a->pool, apr_pool_abort_get(p), NULL);
    if (!rv) {
        rv = qdn_thread_start(answer_forever, a);
    }
    *parchive = a;
    return rv;
}

/************** who asks **************/

static const struct {
    const char *ask;
    qdn_archive_fn *tell;
} questions[] = {
    { "calls", qdn_archive_calls },
    { "call", qdn_archive_call },
    { "report", qdn_archive_report },
    { "audit", qdn_archive_audit },
    { "verify", qdn_archive_verify },
    { "revisions", qdn_archive_revisions },
    { "revision", qdn_archive_revision },
};

static qdn_archive_fn *find(const char *ask)
{
    for (apr_size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
        if (!strcmp(ask, questions[i].ask)) {
            return questions[i].tell;
        }
    }
    return NULL;
}

const char *qdn_archive_answer(qdn_question_t *q)
{
    qdn_archive_fn *tell = find(q->ask);

    return tell ? tell(q) : NULL;
}

/* 0: there is no use, or no room. */
static int enqueue(qdn_archive_t *a, const errand_t *e)
{
    int taken;

    pthread_mutex_lock(&a->mutex);
    taken = a->n < QDN_ARCHIVE_QUEUE &&
            (!a->busy || e->put - a->busy < QDN_CONTROL_WAIT);
    if (taken) {
        a->queue[(a->first + a->n++) % QDN_ARCHIVE_QUEUE] = *e;
        pthread_cond_signal(&a->put);
    }
    pthread_mutex_unlock(&a->mutex);
    return taken;
}

const char *qdn_archive_ask(qdn_archive_t *a, const char *ask,
                            const char *request,
                            const qdn_control_ticket_t *ticket, apr_pool_t *p)
{
    const qdn_question_t q = { .pool = p };
    errand_t e = { .ticket = *ticket, .put = qdn_clock_mono() };

    if (!find(ask)) {
        return NULL;
    }
    e.ask = strdup(ask);
    e.request = strdup(request);
    if (e.ask && e.request && enqueue(a, &e)) {
        return qdn_control_later;
    }
    free(e.ask);
    free(e.request);
    return qdn_archive_fault(&q, 503, HANGS);
}
