/* SPDX-License-Identifier: Apache-2.0 */
#include "refresh_scene.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define PATIENCE apr_time_from_sec(40)

extern qdn_refresh_fn qdn_refresh;

int scene_open(void **state)
{
    apr_pool_t *p;
    scene_t *scene;

    apr_initialize();
    apr_pool_create(&p, NULL);
    scene = apr_pcalloc(p, sizeof(*scene));
    scene->pool = p;
    pthread_mutex_init(&scene->mutex, NULL);
    scene->dir = mkdtemp(apr_pstrdup(p, "/tmp/qdn-refresh.XXXXXX"));
    scene->outside = outside_start(p);
    scene->plan = qdn_plan_create(p);
    scene->findings = apr_pcalloc(p, SCENE_FEEDS * sizeof(qdn_finding_t));
    scene->latest = apr_pcalloc(p, SCENE_FEEDS * sizeof(qdn_finding_t));
    *state = scene;
    return scene->outside ? 0 : -1;
}

int scene_close(void **state)
{
    scene_t *scene = *state;

    scene->stop = 1;
    if (scene->begun) {
        pthread_join(scene->thread, NULL);
        apr_pool_destroy(scene->thread_pool);
    }
    rmdir(scene->dir);
    if (scene->latest_pool) {
        apr_pool_destroy(scene->latest_pool);
    }
    apr_pool_destroy(scene->pool);
    return 0;
}

qdn_feed_t *scene_feed(scene_t *scene, qdn_feed_kind_e kind, qdn_feed_how_e how,
                       const char *path)
{
    qdn_feed_t *feed = apr_pcalloc(scene->pool, sizeof(*feed));

    feed->kind = kind;
    feed->how = how;
    feed->index = scene->plan->feeds->nelts;
    apr_snprintf(feed->key, sizeof(feed->key), "%016x", feed->index + 1);
    feed->address =
        how == QDN_FEED_GOOGLE || !path
            ? path
            : apr_pstrcat(scene->pool, scene->outside->base, path, NULL);
    feed->spec = path ? path : "";
    feed->pointer = "";
    feed->values = apr_array_make(scene->pool, 3, sizeof(const char *));
    APR_ARRAY_PUSH(feed->values, const char *) = "active";
    APR_ARRAY_PUSH(feed->values, const char *) = "true";
    APR_ARRAY_PUSH(feed->values, const char *) = "3";
    feed->refresh = apr_time_from_msec(50);
    feed->stale = apr_time_from_sec(3600);
    feed->secrets = "dotenv:/x";
    feed->origin = (qdn_origin_t){ "qdn.conf", feed->index + 1 };
    APR_ARRAY_PUSH(scene->plan->feeds, qdn_feed_t *) = feed;
    return feed;
}

qdn_feed_t *scene_at(scene_t *scene, int index)
{
    return APR_ARRAY_IDX(scene->plan->feeds, index, qdn_feed_t *);
}

static const char *secret(void *baton, const qdn_feed_t *feed, const char *name)
{
    const scene_t *scene = baton;

    (void)feed;
    if (!strcmp(name, "TOKEN")) {
        return "s3cret";
    }
    if (!strcmp(name, "LINES")) {
        return "two\r\nX-Lines: of it";
    }
    if (!strcmp(name, "GOOGLE_SERVICE_ACCOUNT_FILE")) {
        return scene->key;
    }
    if (!strcmp(name, "GOOGLE_CLIENT_ID") ||
        !strcmp(name, "GOOGLE_REFRESH_TOKEN")) {
        return scene->client_secret ? name : NULL;
    }
    return strcmp(name, "GOOGLE_CLIENT_SECRET") ? NULL : scene->client_secret;
}

static int before(void *baton, const qdn_feed_t *feed, qdn_finding_t *pfinding,
                  apr_pool_t *p)
{
    const scene_t *scene = baton;

    (void)p;
    *pfinding = scene->before[feed->index];
    return pfinding->good_at != 0;
}

static void copy_all(const scene_t *scene, const qdn_finding_t *from,
                     qdn_finding_t *to, apr_pool_t *p)
{
    int i;

    for (i = 0; i < scene->plan->feeds->nelts; i++) {
        qdn_finding_t *copy = &to[i];

        *copy = from[i];
        copy->error = apr_pstrdup(p, copy->error);
        copy->word = apr_pstrdup(p, copy->word);
        copy->spans = apr_pmemdup(
            p, copy->spans, (apr_size_t)copy->nspans * sizeof(*copy->spans));
        copy->numbers =
            apr_pmemdup(p, copy->numbers,
                        (apr_size_t)copy->nnumbers * sizeof(*copy->numbers));
    }
}

static void publish(void *baton, const qdn_finding_t *findings)
{
    scene_t *scene = baton;

    pthread_mutex_lock(&scene->mutex);
    if (!scene->latest_pool) {
        apr_pool_create_unmanaged_ex(&scene->latest_pool, NULL, NULL);
    }
    apr_pool_clear(scene->latest_pool);
    copy_all(scene, findings, scene->latest, scene->latest_pool);
    scene->published++;
    pthread_mutex_unlock(&scene->mutex);
}

static void take_log(void *baton, qdn_log_level_e level, apr_status_t status,
                     const char *message)
{
    scene_t *scene = baton;
    size_t len;

    (void)level;
    (void)status;
    pthread_mutex_lock(&scene->mutex);
    len = strlen(scene->log);
    apr_snprintf(scene->log + len, sizeof(scene->log) - len, "%s\n", message);
    pthread_mutex_unlock(&scene->mutex);
}

static void *run(void *data)
{
    scene_t *scene = data;
    qdn_refresh_config_t config = { .layout = QDN_REFRESH_LAYOUT,
                                    .plan = scene->plan,
                                    .version = QDN_VERSION,
                                    .secret = secret,
                                    .secret_baton = scene,
                                    .before = before,
                                    .before_baton = scene,
                                    .publish = publish,
                                    .publish_baton = scene,
                                    .log = take_log,
                                    .log_baton = scene,
                                    .log_level = QDN_LOG_DEBUG,
                                    .asking = &scene->asking,
                                    .beat = &scene->beat,
                                    .stop = &scene->stop };

    qdn_refresh(&config, scene->thread_pool);
    return NULL;
}

void scene_begin(scene_t *scene)
{
    apr_pool_create_unmanaged_ex(&scene->thread_pool, NULL, NULL);
    scene->begun = !pthread_create(&scene->thread, NULL, run, scene);
}

int scene_good(const qdn_finding_t *finding)
{
    return finding->good_at && !finding->error;
}

int scene_failed(const qdn_finding_t *finding)
{
    return finding->error != NULL;
}

int scene_asked(const qdn_finding_t *finding)
{
    return finding->asked_at != 0;
}

int scene_no_spans(const qdn_finding_t *finding)
{
    return scene_good(finding) && !finding->nspans;
}

int scene_available(const qdn_finding_t *finding)
{
    return finding->available;
}

void scene_await(scene_t *scene, const qdn_feed_t *feed, scene_test_fn *test)
{
    apr_interval_time_t until = qdn_clock_mono() + PATIENCE;
    int holds = 0;

    while (!holds && qdn_clock_mono() < until) {
        pthread_mutex_lock(&scene->mutex);
        holds = test(&scene->latest[feed->index]);
        if (holds || qdn_clock_mono() > until - apr_time_from_msec(100)) {
            copy_all(scene, scene->latest, scene->findings, scene->pool);
        }
        pthread_mutex_unlock(&scene->mutex);
        if (!holds) {
            apr_sleep(apr_time_from_msec(10));
        }
    }
    if (!holds) {
        fail_msg("feed %d: what was awaited did not come; its error: %s",
                 feed->index,
                 scene->findings[feed->index].error
                     ? scene->findings[feed->index].error
                     : "none");
    }
}

void scene_sleep_until_asked(scene_t *scene, const char *path, int times)
{
    apr_interval_time_t until = qdn_clock_mono() + PATIENCE;

    while (outside_count(scene->outside, path, scene->pool) < times) {
        if (qdn_clock_mono() > until) {
            fail_msg("%s was not asked %d times", path, times);
        }
        apr_sleep(apr_time_from_msec(20));
    }
}

int scene_logged(scene_t *scene, const char *text)
{
    const char *at;
    int n = 0;

    pthread_mutex_lock(&scene->mutex);
    for (at = scene->log; (at = strstr(at, text)); at += strlen(text)) {
        n++;
    }
    pthread_mutex_unlock(&scene->mutex);
    return n;
}
