/* SPDX-License-Identifier: Apache-2.0 */
#include "refresher.h"

#include <string.h>

#include <apr_dso.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "clock.h"
#include "log.h"
#include "refresh.h"
#include "status.h"

struct qdn_refresher_t {
    const qdn_daemon_config_t *config;
    qdn_roster_t *roster;
    qdn_sources_t *sources;
    const qdn_snapshot_t *earlier; /* what was known at the start, or NULL */
    apr_pool_t *pool;              /* the thread allocates here alone */
    apr_int64_t beat;              /* monotonic; atomic */
    const char *fault;             /* NULL: it works; atomic */
};

/* The object has a sink of its own, for which we are the listener. */
static void pass_on(void *baton, qdn_log_level_e level, apr_status_t status,
                    const char *message)
{
    (void)baton;
    qdn_log(level, status, "%s", message);
}

static const char *find_secret(void *baton, const qdn_feed_t *feed,
                               const char *name)
{
    const qdn_refresher_t *refresher = baton;
    const apr_array_header_t *all = refresher->config->secrets;
    int i;

    for (i = 0; all && feed->secrets && i < all->nelts; i++) {
        const qdn_secrets_t *secrets =
            APR_ARRAY_IDX(all, i, const qdn_secrets_t *);

        if (!strcmp(secrets->spec, feed->secrets)) {
            return qdn_secrets_for_feed(secrets, name);
        }
    }
    return NULL;
}

static int recall(void *baton, const qdn_feed_t *feed, qdn_finding_t *pfinding,
                  apr_pool_t *p)
{
    const qdn_refresher_t *refresher = baton;

    return refresher->earlier &&
           qdn_snapshot_spans(refresher->earlier, feed, pfinding, p);
}

static void publish(void *baton, const qdn_finding_t *findings)
{
    const qdn_refresher_t *refresher = baton;

    qdn_roster_take_findings(refresher->roster, findings);
    qdn_sources_take(refresher->sources, findings);
}

static void give_up(qdn_refresher_t *refresher, const char *fault)
{
    __atomic_store_n(&refresher->fault, fault, __ATOMIC_RELEASE);
    qdn_log(QDN_LOG_ERR, 0,
            QDNLOGNO(0570) "calendars and other feeds are not asked: %s; all "
                           "else goes on",
            fault);
}

/* NULL: it cannot be had, and *pfault says why. */
static qdn_refresh_fn *load(qdn_refresher_t *refresher, const char **pfault)
{
    const char *path = refresher->config->sources;
    apr_dso_handle_sym_t symbol;
    apr_dso_handle_t *object;
    char cause[512];
    qdn_refresh_fn *function;

    if (!path) {
        *pfault = "there is no " QDN_REFRESH_OBJECT;
        return NULL;
    }
    if (apr_dso_load(&object, path, refresher->pool) ||
        apr_dso_sym(&symbol, object, QDN_REFRESH_SYMBOL)) {
        *pfault =
            apr_pstrcat(refresher->pool, path, " cannot be loaded: ",
                        apr_dso_error(object, cause, sizeof(cause)), NULL);
        return NULL;
    }
    /* What APR hands out as void * is a function, as POSIX allows. */
    memcpy(&function, &symbol, sizeof(function));
    return function;
}

static void *APR_THREAD_FUNC refresh_forever(apr_thread_t *thread, void *data)
{
    qdn_refresher_t *refresher = data;
    const qdn_daemon_config_t *daemon = refresher->config;
    qdn_refresh_config_t config = { .layout = QDN_REFRESH_LAYOUT,
                                    .plan = daemon->plan,
                                    .state_dir = daemon->plan->state_dir,
                                    .version = daemon->version,
                                    .secret = find_secret,
                                    .secret_baton = refresher,
                                    .before = recall,
                                    .before_baton = refresher,
                                    .publish = publish,
                                    .publish_baton = refresher,
                                    .log = pass_on,
                                    .log_level = QDN_LOG_DEBUG,
                                    .asking = daemon->asking,
                                    .beat = &refresher->beat };
    const char *fault = NULL;
    char cause[128];
    qdn_refresh_fn *refresh = load(refresher, &fault);
    apr_status_t rv;

    (void)thread;
    /* Once, not for every feed: it waits while no snapshot can be written. */
    if (qdn_roster_look(refresher->roster, &refresher->earlier,
                        refresher->pool)) {
        refresher->earlier = NULL;
    }
    if (refresh) {
        rv = refresh(&config, refresher->pool);
        fault = rv == QDN_ECONFLICT
                    ? QDN_REFRESH_OBJECT " is of another version than "
                                         "mod_qdn.so; restart httpd"
                    : apr_pstrdup(refresher->pool,
                                  qdn_strerror(rv, cause, sizeof(cause)));
    }
    give_up(refresher, fault);
    return NULL;
}

apr_status_t qdn_refresher_start(qdn_refresher_t **prefresher,
                                 const qdn_daemon_config_t *config,
                                 qdn_roster_t *roster, qdn_sources_t *sources,
                                 apr_pool_t *p)
{
    qdn_refresher_t *refresher;
    apr_thread_t *thread;
    apr_status_t rv;

    *prefresher = NULL;
    if (!config->plan->feeds->nelts) {
        return APR_SUCCESS;
    }
    refresher = apr_pcalloc(p, sizeof(*refresher));
    refresher->config = config;
    refresher->roster = roster;
    refresher->sources = sources;
    refresher->beat = qdn_clock_mono();
    rv = apr_pool_create_unmanaged_ex(&refresher->pool, apr_pool_abort_get(p),
                                      NULL);
    if (!rv) {
        apr_pool_tag(refresher->pool, "qdn_refresher");
        rv = apr_thread_create(&thread, NULL, refresh_forever, refresher, p);
    }
    *prefresher = rv ? NULL : refresher;
    return rv;
}

const char *qdn_refresher_fault(const qdn_refresher_t *refresher)
{
    return refresher ? __atomic_load_n(&refresher->fault, __ATOMIC_ACQUIRE)
                     : NULL;
}

apr_interval_time_t qdn_refresher_beat(const qdn_refresher_t *refresher)
{
    return refresher && !qdn_refresher_fault(refresher)
               ? __atomic_load_n(&refresher->beat, __ATOMIC_ACQUIRE)
               : qdn_clock_mono();
}
