/* SPDX-License-Identifier: Apache-2.0 */
#include "lookout.h"

#include <apr_strings.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "clock.h"
#include "log.h"
#include "thread.h"
#include "waitword.h"

#define LOOK_EVERY apr_time_from_sec(1) / 2
#define KEEP       apr_time_from_sec(60) /* what was replaced */
#define CLOSE_WAIT apr_time_from_sec(1)
#define END_POLL   apr_time_from_msec(20)
#define PATH_SIZE  4096

/* One mapping; those that were replaced are a list, the newest first. */
typedef struct view_t {
    const qdn_snapshot_t *snapshot;
    apr_pool_t *pool;
    apr_allocator_t *allocator; /* of the pool; where leak checkers find it */
    apr_time_t replaced_at;
    struct view_t *older;
} view_t;

/* What tells one file from the next. */
typedef struct mark_t {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified;
} mark_t;

struct qdn_lookout_t {
    const qdn_snapshot_t *now; /* atomic; the requests' side */
    apr_uint32_t *bell;
    apr_uint32_t own_bell;
    apr_uint32_t ended; /* bumped when the thread has ended */
    int closing;
    view_t *view; /* from here on the thread's */
    mark_t mark;  /* of the file that was looked at last, good or bad */
    int complained;
    qdn_lookout_t *left_behind;
    char dir[PATH_SIZE];
    char path[PATH_SIZE];
};

/*
 * Closed ones. Nothing of them is freed: close may run in a signal handler
 * over a malloc, and over a request that looks at the snapshot; the process
 * ends soon.
 */
static qdn_lookout_t *closed;

static int read_mark(const qdn_lookout_t *lookout, mark_t *pmark)
{
    struct stat info;

    if (stat(lookout->path, &info) != 0) {
        return 0;
    }
    *pmark = (mark_t){ .dev = info.st_dev,
                       .ino = info.st_ino,
                       .size = info.st_size,
                       .modified = info.st_mtim };
    return 1;
}

static int same_mark(const mark_t *a, const mark_t *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->modified.tv_sec == b->modified.tv_sec &&
           a->modified.tv_nsec == b->modified.tv_nsec;
}

static int no_memory(int status)
{
    (void)status;
    abort();
}

static void destroy_view(view_t *view)
{
    apr_pool_destroy(view->pool);
    free(view);
}

static void complain(qdn_lookout_t *lookout, apr_status_t rv)
{
    if (!lookout->complained) {
        lookout->complained = 1;
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0590) "%s cannot be read; what was known before "
                               "stays in force until it is stale",
                lookout->path);
    }
}

static void show(qdn_lookout_t *lookout, view_t *view)
{
    view->older = lookout->view;
    if (view->older) {
        view->older->replaced_at = qdn_clock_mono();
    }
    lookout->view = view;
    lookout->complained = 0;
    __atomic_store_n(&lookout->now, view->snapshot, __ATOMIC_RELEASE);
}

/* A pool of no other: its allocator is this thread's alone. */
static apr_status_t make_view(view_t **pview, const char *dir)
{
    view_t *view = calloc(1, sizeof(*view));
    apr_status_t rv;

    if (!view) {
        return APR_ENOMEM;
    }
    rv = apr_pool_create_unmanaged_ex(&view->pool, no_memory, NULL);
    if (rv) {
        free(view);
        return rv;
    }
    apr_pool_tag(view->pool, "qdn_lookout");
    view->allocator = apr_pool_allocator_get(view->pool);
    rv = qdn_snapshot_map(&view->snapshot, dir, view->pool);
    if (rv) {
        destroy_view(view);
        return rv;
    }
    *pview = view;
    return APR_SUCCESS;
}

/* Map the file if it is another than before. */
static void look(qdn_lookout_t *lookout)
{
    apr_status_t rv;
    mark_t mark;
    view_t *view;

    if (!read_mark(lookout, &mark) || same_mark(&mark, &lookout->mark)) {
        return;
    }
    rv = make_view(&view, lookout->dir);
    if (rv) {
        complain(lookout, rv);
    }
    else {
        show(lookout, view);
    }
    /* One that vanished in between is followed by another. */
    if (!APR_STATUS_IS_ENOENT(rv)) {
        lookout->mark = mark;
    }
}

/* Let go of what was replaced so long ago. */
static void forget(qdn_lookout_t *lookout, apr_interval_time_t keep)
{
    apr_time_t now = qdn_clock_mono();
    view_t **pview = lookout->view ? &lookout->view->older : NULL;
    view_t *old;

    while (pview && *pview && now - (*pview)->replaced_at < keep) {
        pview = &(*pview)->older;
    }
    while (pview && *pview) {
        old = *pview;
        *pview = old->older;
        destroy_view(old);
    }
}

static int is_closing(const qdn_lookout_t *lookout)
{
    return __atomic_load_n(&lookout->closing, __ATOMIC_SEQ_CST);
}

static void *watch(void *baton)
{
    qdn_lookout_t *lookout = baton;

    for (;;) {
        apr_uint32_t seen = __atomic_load_n(lookout->bell, __ATOMIC_SEQ_CST);

        if (is_closing(lookout)) {
            break;
        }
        look(lookout);
        forget(lookout, KEEP);
        qdn_waitword_listen(lookout->bell, seen, LOOK_EVERY);
    }
    qdn_waitword_ring(&lookout->ended);
    return NULL;
}

apr_status_t qdn_lookout_open(qdn_lookout_t **plookout, const char *state_dir,
                              apr_uint32_t *bell)
{
    qdn_lookout_t *lookout = calloc(1, sizeof(*lookout));
    apr_status_t rv;

    *plookout = NULL;
    if (!lookout) {
        return APR_ENOMEM;
    }
    lookout->bell = bell ? bell : &lookout->own_bell;
    apr_cpystrn(lookout->dir, state_dir, sizeof(lookout->dir));
    apr_snprintf(lookout->path, sizeof(lookout->path), "%s/%s", state_dir,
                 QDN_SNAPSHOT_FILE);
    look(lookout);
    rv = qdn_thread_start(watch, lookout);
    if (rv) {
        if (lookout->view) {
            destroy_view(lookout->view);
        }
        free(lookout);
        return rv;
    }
    *plookout = lookout;
    return APR_SUCCESS;
}

const qdn_snapshot_t *qdn_lookout_now(const qdn_lookout_t *lookout)
{
    return lookout ? __atomic_load_n(&lookout->now, __ATOMIC_ACQUIRE) : NULL;
}

apr_status_t qdn_lookout_close(qdn_lookout_t *lookout)
{
    apr_time_t until = qdn_clock_mono() + CLOSE_WAIT;
    apr_status_t rv = APR_SUCCESS;
    int saved = errno; /* that of the code under our signal handler */

    __atomic_store_n(&lookout->closing, 1, __ATOMIC_SEQ_CST);
    qdn_waitword_ring(lookout->bell);
    while (!rv && !__atomic_load_n(&lookout->ended, __ATOMIC_SEQ_CST)) {
        qdn_waitword_listen(&lookout->ended, 0, END_POLL);
        rv = qdn_clock_mono() < until ? APR_SUCCESS : APR_TIMEUP;
    }
    lookout->left_behind = closed;
    closed = lookout;
    errno = saved;
    return rv;
}
