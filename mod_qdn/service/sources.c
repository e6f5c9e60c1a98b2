/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include <pthread.h>

#include <apr_strings.h>

#include "event.h"
#include "text.h"

#define ERROR_MAX 200

/* What health and status tell of a feed. */
typedef struct known_t {
    apr_time_t asked_at, good_at;
    char error[ERROR_MAX]; /* "": none */
} known_t;

struct qdn_sources_t {
    const qdn_daemon_config_t *config;
    qdn_outbox_t *outbox;
    apr_pool_t *pool;
    pthread_mutex_t mutex; /* guards what follows */
    known_t *known;        /* of each feed of the plan */
};

static const qdn_feed_t *feed_at(const qdn_sources_t *s, int i)
{
    return APR_ARRAY_IDX(s->config->plan->feeds, i, const qdn_feed_t *);
}

static int count(const qdn_sources_t *s)
{
    return s->config->plan->feeds ? s->config->plan->feeds->nelts : 0;
}

static const char *detail_of(const qdn_feed_t *feed, const known_t *was,
                             const qdn_finding_t *is, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_add(&t, "{\"feed\":");
    qdn_text_add_json(&t, qdn_feed_name(feed, p));
    qdn_text_add(&t, ",\"origin\":");
    qdn_text_add_json(&t, qdn_origin_text(feed->origin, p));
    qdn_text_addf(
        &t, ",\"kind\":\"%s\",\"error\":", qdn_feed_kind_text(feed->kind));
    qdn_text_add_json(&t, is->error ? is->error : was->error);
    if (was->good_at) {
        qdn_text_addf(&t, ",\"age\":%" APR_INT64_T_FMT,
                      apr_time_sec(is->asked_at - was->good_at));
    }
    qdn_text_addc(&t, '}');
    return t.buf;
}

/* "age": how old the last good answer was then. */
static void record(qdn_sources_t *s, int i, const qdn_finding_t *is,
                   apr_pool_t *p)
{
    const qdn_feed_t *feed = feed_at(s, i);
    qdn_event_t e = { .at = is->asked_at,
                      .host = s->config->host,
                      .kind = is->error ? QDN_KIND_FEED_FAILED
                                        : QDN_KIND_FEED_RECOVERED,
                      .reason = QDN_REASON_NONE,
                      .detail = detail_of(feed, &s->known[i], is, p),
                      .config = s->config->plan->revision };

    qdn_event_identify(
        &e, apr_psprintf(p, "%s %" APR_TIME_T_FMT, feed->key, is->asked_at));
    qdn_outbox_record(s->outbox, &e, 1, p);
}

/* The one thread that changes what is known reads it without the mutex. */
static void note(qdn_sources_t *s, int i, const qdn_finding_t *is)
{
    known_t *known = &s->known[i];

    pthread_mutex_lock(&s->mutex);
    known->asked_at = is->asked_at;
    known->good_at = is->good_at;
    apr_cpystrn(known->error, is->error ? is->error : "", sizeof(known->error));
    pthread_mutex_unlock(&s->mutex);
}

void qdn_sources_take(qdn_sources_t *s, const qdn_finding_t *findings)
{
    apr_pool_t *ptemp;

    apr_pool_create_unmanaged_ex(&ptemp, apr_pool_abort_get(s->pool), NULL);
    apr_pool_tag(ptemp, "qdn_sources");
    for (int i = 0; i < count(s); i++) {
        if (findings[i].asked_at && !*s->known[i].error != !findings[i].error) {
            record(s, i, &findings[i], ptemp);
        }
        note(s, i, &findings[i]);
    }
    apr_pool_destroy(ptemp);
}

qdn_sources_t *qdn_sources_open(const qdn_daemon_config_t *config,
                                qdn_roster_t *roster, qdn_outbox_t *outbox,
                                apr_pool_t *p)
{
    qdn_sources_t *s = apr_pcalloc(p, sizeof(*s));
    const qdn_snapshot_t *snapshot;
    qdn_finding_t finding;
    apr_pool_t *ptemp;

    s->config = config;
    s->outbox = outbox;
    s->pool = p;
    pthread_mutex_init(&s->mutex, NULL);
    s->known = apr_pcalloc(p, sizeof(known_t) * (apr_size_t)(count(s) + 1));
    apr_pool_create(&ptemp, p);
    if (count(s) && !qdn_roster_look(roster, &snapshot, ptemp)) {
        for (int i = 0; i < count(s); i++) {
            if (qdn_snapshot_finding(snapshot, feed_at(s, i), &finding)) {
                note(s, i, &finding);
            }
        }
    }
    apr_pool_destroy(ptemp);
    return s;
}

const char *qdn_sources_text(qdn_sources_state_e state)
{
    static const char *const texts[] = { "unasked", "good", "failing",
                                         "stale" };

    return texts[state];
}

static qdn_sources_state_e state_of(const known_t *known,
                                    const qdn_feed_t *feed, apr_time_t now)
{
    const qdn_finding_t finding = { .asked_at = known->asked_at,
                                    .good_at = known->good_at };

    if (!known->asked_at) {
        return QDN_SOURCES_UNASKED;
    }
    if (!qdn_finding_holds(&finding, feed, now)) {
        return QDN_SOURCES_STALE;
    }
    return *known->error ? QDN_SOURCES_FAILING : QDN_SOURCES_GOOD;
}

apr_array_header_t *qdn_sources_report(qdn_sources_t *s, apr_time_t now,
                                       apr_pool_t *p)
{
    apr_array_header_t *all =
        apr_array_make(p, count(s) + 1, sizeof(qdn_sources_feed_t));

    pthread_mutex_lock(&s->mutex);
    for (int i = 0; i < count(s); i++) {
        const known_t *known = &s->known[i];

        APR_ARRAY_PUSH(all, qdn_sources_feed_t) = (qdn_sources_feed_t){
            .feed = feed_at(s, i),
            .state = state_of(known, feed_at(s, i), now),
            .asked_at = known->asked_at,
            .good_at = known->good_at,
            .error = *known->error ? apr_pstrdup(p, known->error) : NULL,
        };
    }
    pthread_mutex_unlock(&s->mutex);
    return all;
}
