/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "clock.h"
#include "log.h"

#define OPEN_GAP_MAX apr_time_from_sec(5)
#define NICE         10 /* as the drain: answering Twilio comes first */

/* What a question took is rested so many times: where calls are many. */
#define REST 20

/* How often the ends of all talks are read that may still count. */
#define TALKS_WIDE_EVERY apr_time_from_sec(60)

/*
 * A status may come to SQL late: its host was cut off, or its clock is slow.
 * So what was read is read again, the far past more rarely than the near.
 */
static const struct {
    apr_interval_time_t every;
    apr_interval_time_t behind;
    int newest;
} sweeps[] = {
    { apr_time_from_sec(3600), apr_time_from_sec(400 * 86400LL), 1 },
    { apr_time_from_sec(60), apr_time_from_sec(2 * 86400), 0 },
    { 0, apr_time_from_sec(5 * 60), 0 },
};

#define SWEEPS ((int)(sizeof(sweeps) / sizeof(sweeps[0])))

struct qdn_reader_t {
    qdn_reader_config_t config;
    apr_pool_t *pool; /* the thread's alone */
    qdn_store_t *store;
    apr_interval_time_t swept[SWEEPS]; /* monotonic; 0: not since connecting */
    apr_interval_time_t widely;        /* the same, of talks */
    apr_interval_time_t gap;           /* before the next attempt to connect */
    pthread_mutex_t mutex;             /* guards report, nothing else */
    qdn_reader_report_t report;
};

static void note(qdn_reader_t *r, const char *error)
{
    int new = error && !*r->report.error;

    pthread_mutex_lock(&r->mutex);
    apr_cpystrn(r->report.error, error ? error : "", sizeof(r->report.error));
    if (!error) {
        r->report.read_at = qdn_clock_now();
    }
    pthread_mutex_unlock(&r->mutex);
    if (new) {
        qdn_log(QDN_LOG_INFO, 0,
                QDNLOGNO(0565) "statuses and talks of other hosts cannot be "
                               "read; those known hold on: %s",
                error);
    }
}

static apr_status_t connect_it(qdn_reader_t *r, apr_pool_t *ptemp)
{
    const char *error = NULL;
    apr_status_t rv = qdn_store_open(&r->store, r->config.driver,
                                     r->config.params, &error, ptemp);

    if (rv) {
        r->store = NULL;
        note(r, error);
        return rv;
    }
    memset(r->swept, 0, sizeof(r->swept));
    r->widely = 0;
    return APR_SUCCESS;
}

/* The widest sweep that is due; it answers for the narrower ones as well. */
static apr_status_t read_standings(qdn_reader_t *r, apr_pool_t *ptemp)
{
    apr_interval_time_t mono = qdn_clock_mono();
    apr_array_header_t *standings;
    apr_status_t rv;
    int i = 0;

    while (i < SWEEPS - 1 && r->swept[i] &&
           mono - r->swept[i] < sweeps[i].every) {
        i++;
    }
    rv = qdn_reader_standings(r->store, qdn_clock_now() - sweeps[i].behind,
                              sweeps[i].newest, &standings, ptemp);
    if (rv) {
        return rv;
    }
    for (; i < SWEEPS; i++) {
        r->swept[i] = mono;
    }
    qdn_roster_take_standings(r->config.roster,
                              (const qdn_standing_t *)(void *)standings->elts,
                              standings->nelts);
    return APR_SUCCESS;
}

static apr_status_t read_talks(qdn_reader_t *r, apr_pool_t *ptemp)
{
    apr_interval_time_t mono = qdn_clock_mono();
    int wide = !r->widely || mono - r->widely >= TALKS_WIDE_EVERY;
    apr_array_header_t *open, *over;
    apr_status_t rv =
        qdn_reader_talks(r->store, r->config.plan, r->config.host,
                         qdn_clock_now(), wide, &open, &over, ptemp);

    if (rv) {
        return rv;
    }
    r->widely = wide ? mono : r->widely;
    qdn_roster_take_talks(r->config.roster,
                          (const qdn_talk_t *)(void *)open->elts, open->nelts);
    for (int i = 0; i < over->nelts; i++) {
        const qdn_talk_t *talk = &APR_ARRAY_IDX(over, i, qdn_talk_t);

        /* SQL may not have heard yet that he has accepted again. */
        qdn_engaged_end_old(r->config.talks, talk->operator, talk->call_sid,
                            talk->since);
    }
    return APR_SUCCESS;
}

static apr_status_t read_once(qdn_reader_t *r, apr_pool_t *ptemp)
{
    apr_status_t rv = r->store ? APR_SUCCESS : connect_it(r, ptemp);

    if (rv) {
        return rv;
    }
    rv = read_standings(r, ptemp);
    if (!rv) {
        rv = read_talks(r, ptemp);
    }
    if (rv) {
        note(r, qdn_store_error(r->store));
        qdn_store_close(r->store);
        r->store = NULL;
        return rv;
    }
    note(r, NULL);
    return APR_SUCCESS;
}

/* Never ends: the process does, and nothing is lost with it. */
static void *APR_THREAD_FUNC read_forever(apr_thread_t *thread, void *data)
{
    qdn_reader_t *r = data;
    apr_pool_t *ptemp;

    (void)thread;
    /* On Linux 0 is this thread alone. If it may not, all is as it was. */
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    apr_pool_create(&ptemp, r->pool);
    apr_pool_tag(ptemp, "qdn_reader");
    for (;;) {
        apr_interval_time_t begun = qdn_clock_mono(), rest;
        apr_status_t rv = read_once(r, ptemp);

        apr_pool_clear(ptemp);
        r->gap = rv ? r->gap * 2 : QDN_READER_EVERY;
        r->gap = r->gap > OPEN_GAP_MAX ? OPEN_GAP_MAX : r->gap;
        rest = REST * (qdn_clock_mono() - begun);
        apr_sleep(rv || rest < r->gap ? r->gap : rest);
    }
    return NULL;
}

apr_status_t qdn_reader_start(qdn_reader_t **preader,
                              const qdn_reader_config_t *config, apr_pool_t *p)
{
    qdn_reader_t *r = apr_pcalloc(p, sizeof(*r));
    apr_thread_t *thread;
    apr_status_t rv;

    r->config = *config;
    r->gap = QDN_READER_EVERY;
    pthread_mutex_init(&r->mutex, NULL);
    rv = apr_pool_create_unmanaged_ex(&r->pool, apr_pool_abort_get(p), NULL);
    if (!rv) {
        rv = apr_thread_create(&thread, NULL, read_forever, r, p);
    }
    *preader = r;
    return rv;
}

void qdn_reader_report(qdn_reader_t *r, qdn_reader_report_t *preport)
{
    pthread_mutex_lock(&r->mutex);
    *preport = r->report;
    pthread_mutex_unlock(&r->mutex);
}
