/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_REFRESH_SCENE_H
#define QDN_REFRESH_SCENE_H

/*
 * A plan of feeds, a world to ask (outside.h), and qdn_refresh in a thread
 * between them. One of each per test.
 */

#include <pthread.h>
#include "feed.h"
#include "outside.h"
#include "plan.h"
#include "refresh.h"

#define SCENE_FEEDS 400

typedef struct scene_t {
    apr_pool_t *pool;
    apr_pool_t *thread_pool;
    const char *dir; /* temporary */
    outside_t *outside;
    qdn_plan_t *plan;
    pthread_mutex_t mutex; /* guards latest, log, published */
    qdn_finding_t *latest; /* a copy of what was last published */
    apr_pool_t *latest_pool;
    qdn_finding_t *findings; /* what was published when last awaited */
    qdn_finding_t before[SCENE_FEEDS]; /* good_at 0: nothing was known */
    const char *key;                   /* of a service account, or NULL */
    const char *client_secret;         /* of a refresh token, or NULL */
    char log[65536];
    int published;
    qdn_quarantine_t asking;
    apr_int64_t beat;
    volatile int stop;
    pthread_t thread;
    int begun;
} scene_t;

int scene_open(void **state);
int scene_close(void **state);

/* A feed at that path of the world outside; refreshed every 50 ms. */
qdn_feed_t *scene_feed(scene_t *scene, qdn_feed_kind_e kind, qdn_feed_how_e how,
                       const char *path);
qdn_feed_t *scene_at(scene_t *scene, int index);

void scene_begin(scene_t *scene);

/* Wait for a finding; what was published lies in scene->findings then. */
typedef int scene_test_fn(const qdn_finding_t *finding);
scene_test_fn scene_good, scene_failed, scene_asked, scene_no_spans,
    scene_available;
void scene_await(scene_t *scene, const qdn_feed_t *feed, scene_test_fn *test);

void scene_sleep_until_asked(scene_t *scene, const char *path, int times);

/* How many lines of the log hold that. */
int scene_logged(scene_t *scene, const char *text);

#endif
