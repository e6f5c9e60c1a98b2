/* SPDX-License-Identifier: Apache-2.0 */
#include "refresh.h"

#include <apr_allocator.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asking.h"
#include "clock.h"
#include "status.h"

#define TICK        apr_time_from_msec(500)
#define CHANGED_GAP apr_time_from_msec(200) /* between two publications */
#define TOUCHED_GAP apr_time_from_sec(10)   /* if nothing but ages is new */
#define SPARE_MAX   (4 * 1024 * 1024)       /* bytes kept for the next answer */

typedef struct refresh_t {
    qdn_desk_t desk;
    qdn_google_desk_t *google;
    qdn_finding_t *findings;       /* room for what is published */
    apr_interval_time_t published; /* monotonic */
    apr_interval_time_t touched_gap;
} refresh_t;

/* Ages are told often enough for the feed whose answers grow old first. */
static apr_interval_time_t touched_gap(const qdn_plan_t *plan)
{
    apr_interval_time_t gap = TOUCHED_GAP;
    int i;

    for (i = 0; i < plan->feeds->nelts; i++) {
        const qdn_feed_t *feed =
            APR_ARRAY_IDX(plan->feeds, i, const qdn_feed_t *);

        if (feed->stale / 4 < gap) {
            gap = feed->stale / 4;
        }
    }
    return gap > CHANGED_GAP ? gap : CHANGED_GAP;
}

/*
 * A question to Google is about many calendars, and who knows of which of
 * them a daemon died: then each is asked alone, until it has answered.
 */
static void set_apart(qdn_desk_t *desk)
{
    int i, apart = 0;

    for (i = 0; i < desk->n; i++) {
        apart |= desk->inquiries[i].left_alone &&
                 desk->inquiries[i].feed->how == QDN_FEED_GOOGLE;
    }
    for (i = 0; i < desk->n; i++) {
        desk->inquiries[i].alone = apart;
    }
}

static apr_status_t open_desk(refresh_t *refresh,
                              const qdn_refresh_config_t *config, apr_pool_t *p)
{
    const apr_array_header_t *feeds = config->plan->feeds;
    qdn_desk_t *desk = &refresh->desk;
    apr_status_t rv;
    apr_uint64_t culprit =
        config->asking ? qdn_quarantine_learn(config->asking, qdn_clock_mono())
                       : 0;
    int i;

    desk->config = config;
    desk->pool = p;
    desk->n = feeds->nelts;
    desk->seed = (unsigned)qdn_clock_now() ^ (unsigned)getpid();
    rv = qdn_fetch_open(&desk->fetch, config->version, p);
    if (rv) {
        return rv;
    }
    desk->inquiries =
        apr_pcalloc(p, (apr_size_t)desk->n * sizeof(*desk->inquiries));
    refresh->findings =
        apr_pcalloc(p, (apr_size_t)desk->n * sizeof(*refresh->findings));
    refresh->touched_gap = touched_gap(config->plan);
    for (i = 0; i < desk->n; i++) {
        desk->inquiries[i].desk = desk;
        desk->inquiries[i].feed = APR_ARRAY_IDX(feeds, i, qdn_feed_t *);
        qdn_inquiry_open(&desk->inquiries[i], culprit);
    }
    set_apart(desk);
    refresh->google = qdn_google_desk_open(desk);
    return APR_SUCCESS;
}

static void ask_due(refresh_t *refresh)
{
    apr_interval_time_t now = qdn_clock_mono();
    qdn_desk_t *desk = &refresh->desk;
    int i;

    for (i = 0; i < desk->n; i++) {
        qdn_inquiry_t *inquiry = &desk->inquiries[i];

        if (inquiry->asked || inquiry->due > now ||
            inquiry->feed->how == QDN_FEED_GOOGLE) {
            continue;
        }
        if (inquiry->feed->how == QDN_FEED_FILE) {
            qdn_asking_file(inquiry);
        }
        else {
            qdn_asking_web(inquiry);
        }
    }
    qdn_google_desk_ask(refresh->google, now);
}

static void publish(refresh_t *refresh)
{
    qdn_desk_t *desk = &refresh->desk;
    apr_interval_time_t age = qdn_clock_mono() - refresh->published;
    int i;

    if (!(desk->changed && age >= CHANGED_GAP) &&
        !(desk->touched && age >= refresh->touched_gap)) {
        return;
    }
    for (i = 0; i < desk->n; i++) {
        refresh->findings[i] = desk->inquiries[i].finding;
    }
    desk->changed = desk->touched = 0;
    desk->config->publish(desk->config->publish_baton, refresh->findings);
    refresh->published = qdn_clock_mono();
}

/* Until the next of all times at which there is something to do. */
static apr_interval_time_t pause_of(const refresh_t *refresh)
{
    const qdn_desk_t *desk = &refresh->desk;
    apr_interval_time_t now = qdn_clock_mono();
    apr_interval_time_t until = now + TICK;
    int i;

    for (i = 0; i < desk->n; i++) {
        if (!desk->inquiries[i].asked && desk->inquiries[i].due < until) {
            until = desk->inquiries[i].due;
        }
    }
    /* Who is due and yet not asked waits for a place, which shows itself. */
    return until > now + apr_time_from_msec(20) ? until - now
                                                : apr_time_from_msec(20);
}

static void live(refresh_t *refresh)
{
    const qdn_refresh_config_t *config = refresh->desk.config;

    while (!config->stop || !*config->stop) {
        if (config->beat) {
            __atomic_store_n(config->beat, qdn_clock_mono(), __ATOMIC_RELEASE);
        }
        ask_due(refresh);
        publish(refresh);
        qdn_fetch_run(refresh->desk.fetch, pause_of(refresh));
        publish(refresh);
    }
}

/* Called by its name, from the daemon (QDN_REFRESH_SYMBOL). */
qdn_refresh_fn qdn_refresh;

apr_status_t qdn_refresh(const qdn_refresh_config_t *config, apr_pool_t *p)
{
    refresh_t refresh = { .published = 0 };
    apr_allocator_t *allocator;
    apr_pool_t *pool;
    apr_status_t rv;

    if (config->layout != QDN_REFRESH_LAYOUT ||
        strcmp(config->version, QDN_VERSION) != 0) {
        return QDN_ECONFLICT;
    }
    qdn_log_set_sink(config->log, config->log_baton,
                     (qdn_log_level_e)config->log_level);
    rv = apr_allocator_create(&allocator);
    if (rv) {
        return rv;
    }
    apr_allocator_max_free_set(allocator, SPARE_MAX);
    rv = apr_pool_create_ex(&pool, p, apr_pool_abort_get(p), allocator);
    if (rv) {
        apr_allocator_destroy(allocator);
        return rv;
    }
    apr_allocator_owner_set(allocator, pool);
    apr_pool_tag(pool, "qdn_refresh");
    rv = open_desk(&refresh, config, pool);
    if (!rv) {
        live(&refresh);
    }
    apr_pool_destroy(pool);
    return rv;
}
