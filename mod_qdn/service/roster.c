/* SPDX-License-Identifier: Apache-2.0 */
#include "roster.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "clock.h"
#include "log.h"
#include "status.h"
#include "waitword.h"

#define WRITE_GAP   apr_time_from_msec(50)
#define RETRY_AFTER apr_time_from_sec(1)
#define LOOK_WAIT   apr_time_from_msec(200)

/* For a snapshot that is there and cannot be opened just now. */
#define MAP_TRIES 5
#define MAP_GAP   apr_time_from_msec(200)

/* Standings that ended longer ago were told before the last restart. */
#define ENDED_BEHIND apr_time_from_sec(86400)

/*
 * A third of what is known. Never changed once it is in the roster, only
 * replaced, so the writer reads it without the mutex. Freed by the last of
 * its users.
 */
typedef struct part_t {
    apr_pool_t *pool;
    int users;
    void *data; /* qdn_finding_t[feeds], or an array of the others */
} part_t;

struct qdn_roster_t {
    qdn_roster_config_t config;
    apr_pool_t *pool;
    pthread_mutex_t mutex;  /* guards everything below */
    pthread_cond_t changed; /* there is something to write */
    pthread_cond_t written; /* it was, or it failed */
    part_t *findings, *standings, *talks;
    apr_uint64_t wanted; /* versions: the newest, and that in the file */
    apr_uint64_t kept;
    apr_uint64_t serial; /* of the file; the writer's own */
    apr_status_t trouble;
    apr_hash_t *told;     /* ids of changes whose end was told */
    apr_time_t told_from; /* what ended before was told in an earlier life */
};

/************** parts **************/

static part_t *part_make(const qdn_roster_t *r)
{
    apr_pool_t *pool;
    part_t *part;

    apr_pool_create_unmanaged_ex(&pool, apr_pool_abort_get(r->pool), NULL);
    apr_pool_tag(pool, "qdn_roster_part");
    part = apr_pcalloc(pool, sizeof(*part));
    part->pool = pool;
    part->users = 1;
    return part;
}

static void part_leave(part_t *part)
{
    if (--part->users == 0) {
        apr_pool_destroy(part->pool);
    }
}

static void copy_finding(qdn_finding_t *to, const qdn_finding_t *from,
                         apr_pool_t *p)
{
    qdn_span_t *spans = NULL;

    *to = *from;
    to->error = apr_pstrdup(p, from->error);
    to->word = apr_pstrdup(p, from->word);
    to->days.days =
        apr_pmemdup(p, from->days.days, sizeof(int) * (apr_size_t)from->days.n);
    to->numbers = apr_pmemdup(
        p, from->numbers, sizeof(*from->numbers) * (apr_size_t)from->nnumbers);
    if (from->nspans) {
        spans = apr_pmemdup(p, from->spans,
                            sizeof(*spans) * (apr_size_t)from->nspans);
    }
    for (int i = 0; i < from->nspans; i++) {
        spans[i].title = apr_pstrdup(p, from->spans[i].title);
    }
    to->spans = spans;
}

static void copy_standing(qdn_standing_t *s, apr_pool_t *p)
{
    s->operator= apr_pstrdup(p, s->operator);
    s->line = apr_pstrdup(p, s->line);
    s->who = apr_pstrdup(p, s->who);
    s->why = apr_pstrdup(p, s->why);
}

/* A set of them with texts of its own. */
static apr_array_header_t *copy_standings(const apr_array_header_t *set,
                                          apr_pool_t *p)
{
    apr_array_header_t *mine = apr_array_copy(p, set);

    for (int i = 0; i < mine->nelts; i++) {
        copy_standing(&APR_ARRAY_IDX(mine, i, qdn_standing_t), p);
    }
    return mine;
}

static apr_array_header_t *copy_talks(const qdn_talk_t *talks, int n,
                                      apr_pool_t *p)
{
    apr_array_header_t *mine = apr_array_make(p, n + 1, sizeof(qdn_talk_t));

    for (int i = 0; i < n; i++) {
        const qdn_talk_t *from = &talks[i];

        APR_ARRAY_PUSH(mine, qdn_talk_t) =
            (qdn_talk_t){ .operator= apr_pstrdup(p, from->operator),
                          .call_sid = apr_pstrdup(p, from->call_sid),
                          .host = apr_pstrdup(p, from->host),
                          .since = from->since,
                          .until = from->until };
    }
    return mine;
}

/* With the mutex: a new part takes the place of an old one. */
static void replace(qdn_roster_t *r, part_t **pplace, part_t *fresh)
{
    if (*pplace) {
        part_leave(*pplace);
    }
    *pplace = fresh;
    r->wanted++;
    pthread_cond_signal(&r->changed);
}

/************** the writer **************/

/* Children in lookout.h wait for this word. */
static void ring(apr_uint32_t *bell)
{
    if (bell) {
        qdn_waitword_ring(bell);
    }
}

static apr_status_t write_picture(qdn_roster_t *r, const part_t *findings,
                                  const part_t *standings, const part_t *talks,
                                  apr_pool_t *ptemp)
{
    const qdn_picture_t picture = { .host = r->config.host,
                                    .written_at = qdn_clock_now(),
                                    .serial = r->serial + 1,
                                    .feeds = r->config.plan->feeds,
                                    .findings = findings->data,
                                    .standings = standings->data,
                                    .talks = talks->data };
    apr_status_t rv =
        qdn_snapshot_write(r->config.plan->state_dir, &picture, ptemp);

    if (!rv) {
        r->serial++;
        ring(r->config.bell);
    }
    return rv;
}

static void note(qdn_roster_t *r, apr_status_t rv)
{
    if (rv && !r->trouble) {
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0560) "what is known of availability cannot be "
                               "written to %s; calls go by the last that "
                               "could, and it is tried again",
                r->config.plan->state_dir);
    }
    else if (!rv && r->trouble) {
        qdn_log(QDN_LOG_NOTICE, 0,
                QDNLOGNO(0561) "availability is written again");
    }
    r->trouble = rv;
}

/* With the mutex, which is not held while the disk works. */
static void write_once(qdn_roster_t *r, apr_pool_t *ptemp)
{
    part_t *findings = r->findings, *standings = r->standings;
    part_t *talks = r->talks;
    apr_uint64_t version = r->wanted;
    apr_status_t rv;

    findings->users++;
    standings->users++;
    talks->users++;
    pthread_mutex_unlock(&r->mutex);
    rv = write_picture(r, findings, standings, talks, ptemp);
    pthread_mutex_lock(&r->mutex);
    part_leave(findings);
    part_leave(standings);
    part_leave(talks);
    note(r, rv);
    if (!rv) {
        r->kept = version;
    }
    pthread_cond_broadcast(&r->written);
}

/* Never ends: the process does, and a file half written is not renamed. */
static void *APR_THREAD_FUNC write_forever(apr_thread_t *thread, void *data)
{
    qdn_roster_t *r = data;
    apr_pool_t *ptemp;

    (void)thread;
    apr_pool_create_unmanaged_ex(&ptemp, apr_pool_abort_get(r->pool), NULL);
    apr_pool_tag(ptemp, "qdn_roster_write");
    pthread_mutex_lock(&r->mutex);
    for (;;) {
        while (r->kept == r->wanted) {
            pthread_cond_wait(&r->changed, &r->mutex);
        }
        write_once(r, ptemp);
        apr_pool_clear(ptemp);
        int failed = r->trouble != APR_SUCCESS;
        pthread_mutex_unlock(&r->mutex);
        apr_sleep(failed ? RETRY_AFTER : WRITE_GAP);
        pthread_mutex_lock(&r->mutex);
    }
    return NULL;
}

/************** the beginning **************/

/* What the last snapshot says, as far as there is one. */
static void remember(qdn_roster_t *r, const qdn_snapshot_t *snapshot)
{
    const qdn_plan_t *plan = r->config.plan;
    int nfeeds = plan->feeds ? plan->feeds->nelts : 0;
    apr_pool_t *p = r->findings->pool;
    qdn_finding_t *findings =
        apr_pcalloc(p, sizeof(*findings) * (apr_size_t)(nfeeds + 1));
    apr_array_header_t *standings, *talks;

    for (int i = 0; snapshot && i < nfeeds; i++) {
        qdn_finding_t known;

        if (qdn_snapshot_spans(
                snapshot, APR_ARRAY_IDX(plan->feeds, i, const qdn_feed_t *),
                &known, p)) {
            copy_finding(&findings[i], &known, p);
        }
    }
    r->findings->data = findings;
    p = r->standings->pool;
    standings = snapshot ? qdn_snapshot_standings(snapshot, p)
                         : apr_array_make(p, 4, sizeof(qdn_standing_t));
    r->standings->data = copy_standings(standings, p);
    p = r->talks->pool;
    talks = apr_array_make(p, 4, sizeof(qdn_talk_t));
    for (int i = 0; snapshot && i < plan->operators->nelts; i++) {
        const qdn_operator_t *op =
            APR_ARRAY_IDX(plan->operators, i, const qdn_operator_t *);

        if (qdn_snapshot_talk(snapshot, op->id, qdn_clock_now(),
                              apr_array_push(talks)) == 0) {
            apr_array_pop(talks);
        }
    }
    r->talks->data =
        copy_talks((const qdn_talk_t *)(void *)talks->elts, talks->nelts, p);
}

static int may_pass(apr_status_t rv)
{
    return rv && !APR_STATUS_IS_ENOENT(rv) && rv != QDN_EMALFORMED;
}

/*
 * What is not in the snapshot is soon overwritten, and with it what no source
 * can tell again while it is away. So a want of memory or of descriptors is
 * waited out; where there is nothing, or nothing legible, waiting is no use.
 */
static apr_status_t map_last(const qdn_roster_t *r,
                             const qdn_snapshot_t **psnapshot, apr_pool_t *p)
{
    apr_status_t rv = qdn_snapshot_map(psnapshot, r->config.plan->state_dir, p);

    for (int i = 1; i < MAP_TRIES && may_pass(rv); i++) {
        apr_sleep(MAP_GAP);
        rv = qdn_snapshot_map(psnapshot, r->config.plan->state_dir, p);
    }
    return rv;
}

static void begin(qdn_roster_t *r)
{
    const qdn_snapshot_t *snapshot = NULL;
    apr_pool_t *ptemp;
    apr_time_t now = qdn_clock_now(), before = now;
    apr_status_t rv;

    apr_pool_create(&ptemp, r->pool);
    rv = map_last(r, &snapshot, ptemp);
    if (rv && !APR_STATUS_IS_ENOENT(rv)) {
        qdn_log(QDN_LOG_WARNING, rv,
                QDNLOGNO(0562) "what was known of availability cannot be read "
                               "in %s; it is asked for anew",
                r->config.plan->state_dir);
    }
    if (rv) {
        snapshot = NULL;
    }
    else {
        r->serial = qdn_snapshot_serial(snapshot);
        before = qdn_snapshot_written_at(snapshot);
    }
    r->told_from = (before < now ? before : now) - ENDED_BEHIND;
    remember(r, snapshot);
    apr_pool_destroy(ptemp);
}

apr_status_t qdn_roster_open(qdn_roster_t **proster,
                             const qdn_roster_config_t *config, apr_pool_t *p)
{
    qdn_roster_t *r = apr_pcalloc(p, sizeof(*r));
    pthread_condattr_t attr;
    apr_thread_t *thread;

    r->config = *config;
    r->pool = p;
    r->told = apr_hash_make(p);
    pthread_mutex_init(&r->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &attr);
    pthread_cond_init(&r->written, &attr);
    pthread_condattr_destroy(&attr);
    r->findings = part_make(r);
    r->standings = part_make(r);
    r->talks = part_make(r);
    begin(r);
    r->wanted = 1;
    *proster = r;
    return apr_thread_create(&thread, NULL, write_forever, r, p);
}

/************** what is taken **************/

void qdn_roster_take_findings(qdn_roster_t *r, const qdn_finding_t *findings)
{
    int n = r->config.plan->feeds ? r->config.plan->feeds->nelts : 0;
    part_t *fresh = part_make(r);
    qdn_finding_t *mine =
        apr_pcalloc(fresh->pool, sizeof(*mine) * (apr_size_t)(n + 1));

    for (int i = 0; i < n; i++) {
        copy_finding(&mine[i], &findings[i], fresh->pool);
    }
    fresh->data = mine;
    pthread_mutex_lock(&r->mutex);
    replace(r, &r->findings, fresh);
    pthread_mutex_unlock(&r->mutex);
}

/* Texts of the old part and of the givers: to be copied before use. */
static apr_array_header_t *fold_all(const apr_array_header_t *set,
                                    const qdn_standing_t *standings, int n,
                                    int *pchanged, apr_pool_t *p)
{
    apr_array_header_t *folded = apr_array_copy(p, set);

    *pchanged = 0;
    for (int i = 0; i < n; i++) {
        *pchanged |= qdn_standing_fold(folded, &standings[i]);
    }
    return folded;
}

void qdn_roster_take_standings(qdn_roster_t *r, const qdn_standing_t *standings,
                               int n)
{
    part_t *fresh = part_make(r);
    apr_array_header_t *folded;
    int changed;

    pthread_mutex_lock(&r->mutex);
    folded = fold_all(r->standings->data, standings, n, &changed, fresh->pool);
    if (changed) {
        fresh->data = copy_standings(folded, fresh->pool);
        replace(r, &r->standings, fresh);
    }
    pthread_mutex_unlock(&r->mutex);
    if (!changed) {
        part_leave(fresh);
    }
}

static int same_talks(const apr_array_header_t *known, const qdn_talk_t *talks,
                      int n)
{
    for (int i = 0; i < n && i < known->nelts; i++) {
        const qdn_talk_t *a = &APR_ARRAY_IDX(known, i, qdn_talk_t);
        const qdn_talk_t *b = &talks[i];

        if (a->until != b->until || a->since != b->since ||
            strcmp(a->operator, b->operator) ||
            strcmp(a->call_sid, b->call_sid)) {
            return 0;
        }
    }
    return n == known->nelts;
}

void qdn_roster_take_talks(qdn_roster_t *r, const qdn_talk_t *talks, int n)
{
    part_t *fresh = part_make(r);
    int same;

    fresh->data = copy_talks(talks, n, fresh->pool);
    pthread_mutex_lock(&r->mutex);
    same = same_talks(r->talks->data, talks, n);
    if (!same) {
        replace(r, &r->talks, fresh);
    }
    pthread_mutex_unlock(&r->mutex);
    if (same) {
        part_leave(fresh);
    }
}

/************** what is asked **************/

apr_status_t qdn_roster_settle(qdn_roster_t *r, apr_interval_time_t timeout)
{
    struct timespec until;
    apr_uint64_t version;
    int rc = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    timeout += until.tv_nsec / 1000;
    until.tv_sec += (time_t)apr_time_sec(timeout);
    until.tv_nsec = (long)apr_time_usec(timeout) * 1000;
    pthread_mutex_lock(&r->mutex);
    version = r->wanted;
    while (r->kept < version && !rc) {
        rc = pthread_cond_timedwait(&r->written, &r->mutex, &until);
    }
    rc = r->kept < version;
    pthread_mutex_unlock(&r->mutex);
    return rc ? APR_TIMEUP : APR_SUCCESS;
}

apr_status_t qdn_roster_trouble(qdn_roster_t *r)
{
    apr_status_t rv;

    pthread_mutex_lock(&r->mutex);
    rv = r->trouble;
    pthread_mutex_unlock(&r->mutex);
    return rv;
}

apr_status_t qdn_roster_look(qdn_roster_t *r, const qdn_snapshot_t **psnapshot,
                             apr_pool_t *p)
{
    qdn_roster_settle(r, LOOK_WAIT);
    return qdn_snapshot_map(psnapshot, r->config.plan->state_dir, p);
}

apr_array_header_t *qdn_roster_standings(qdn_roster_t *r, apr_pool_t *p)
{
    apr_array_header_t *set;

    pthread_mutex_lock(&r->mutex);
    set = copy_standings(r->standings->data, p);
    pthread_mutex_unlock(&r->mutex);
    return set;
}

static int ended_untold(const qdn_roster_t *r, const qdn_standing_t *s,
                        apr_time_t now)
{
    return s->state != QDN_STANDING_AUTO && s->until && s->until <= now &&
           s->until > r->told_from &&
           !apr_hash_get(r->told, s->event, QDN_ID_HEX);
}

/* Ids whose standings were replaced meanwhile are not asked for again. */
apr_array_header_t *qdn_roster_ended(qdn_roster_t *r, apr_time_t now,
                                     apr_pool_t *p)
{
    apr_array_header_t *ended = apr_array_make(p, 2, sizeof(qdn_standing_t));
    const apr_array_header_t *set;

    pthread_mutex_lock(&r->mutex);
    set = r->standings->data;
    for (int i = 0; i < set->nelts; i++) {
        const qdn_standing_t *s = &APR_ARRAY_IDX(set, i, qdn_standing_t);

        if (ended_untold(r, s, now)) {
            qdn_standing_t *mine = apr_array_push(ended);

            *mine = *s;
            copy_standing(mine, p);
            apr_hash_set(r->told, apr_pstrmemdup(r->pool, s->event, QDN_ID_HEX),
                         QDN_ID_HEX, r);
        }
    }
    pthread_mutex_unlock(&r->mutex);
    return ended;
}
