/* SPDX-License-Identifier: Apache-2.0 */
#include "proclaim.h"

#include <apr_strings.h>

#include "event.h"
#include "feed.h"
#include "log.h"
#include "outbox.h"
#include "text.h"

static qdn_event_t begin(const qdn_daemon_config_t *config, qdn_kind_e kind)
{
    return (qdn_event_t){ .at = config->loaded_at,
                          .host = config->host,
                          .kind = kind,
                          .reason = QDN_REASON_NONE,
                          .config = config->plan->revision };
}

static const char *config_detail(const qdn_daemon_config_t *config,
                                 apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_addf(&t,
                  "{\"lines\":%d,\"operators\":%d,\"secrets_kept\":%d,"
                  "\"version\":",
                  config->plan->lines->nelts, config->plan->operators->nelts,
                  config->secrets_kept);
    qdn_text_add_json(&t, config->version);
    qdn_text_addc(&t, '}');
    return t.buf;
}

static const char *credential_detail(const qdn_loaded_t *loaded, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_add(&t, "{\"name\":");
    qdn_text_add_json(&t, loaded->credential.name);
    qdn_text_add(&t, ",\"kind\":");
    qdn_text_add_json(&t, loaded->credential.kind);
    qdn_text_add(&t, ",\"fingerprint\":");
    qdn_text_add_json(&t, loaded->credential.fingerprint);
    qdn_text_add(&t, ",\"source\":");
    qdn_text_add_json(&t, loaded->source);
    qdn_text_addc(&t, '}');
    return t.buf;
}

static apr_array_header_t *compose(const qdn_daemon_config_t *config,
                                   apr_pool_t *p)
{
    int n = config->credentials ? config->credentials->nelts : 0;
    apr_array_header_t *events = apr_array_make(p, n + 1, sizeof(qdn_event_t));
    const char *when = apr_psprintf(p, "%" APR_TIME_T_FMT, config->loaded_at);
    qdn_event_t *e = apr_array_push(events);
    int i;

    *e = begin(config, QDN_KIND_CONFIG_LOADED);
    e->detail = config_detail(config, p);
    qdn_event_identify(e, when);
    for (i = 0; i < n; i++) {
        const qdn_loaded_t *c =
            &APR_ARRAY_IDX(config->credentials, i, qdn_loaded_t);

        e = apr_array_push(events);
        *e = begin(config, QDN_KIND_CREDENTIAL_LOADED);
        e->detail = credential_detail(c, p);
        qdn_event_identify(e, apr_pstrcat(p, when, " ", c->source, " ",
                                          c->credential.name, NULL));
    }
    return events;
}

static apr_status_t record(const qdn_daemon_config_t *config,
                           const apr_array_header_t *events, apr_pool_t *p)
{
    qdn_outbox_t *outbox =
        qdn_outbox_open(config->plan, config->host, config->counters, p);
    apr_status_t rv = qdn_outbox_record(
        outbox, (qdn_event_t *)(void *)events->elts, events->nelts, p);

    qdn_outbox_close(outbox);
    return rv;
}

static const char *feed_detail(const qdn_change_t *change, apr_pool_t *p)
{
    const qdn_feed_t *feed = change->feed;
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_add(&t, "{\"feed\":");
    qdn_text_add_json(&t, qdn_feed_name(feed, p));
    qdn_text_add(&t, ",\"kind\":");
    qdn_text_add_json(&t, qdn_feed_kind_text(feed->kind));
    qdn_text_add(&t, ",\"origin\":");
    qdn_text_add_json(&t, qdn_origin_text(feed->origin, p));
    if (change->finding->error) {
        qdn_text_add(&t, ",\"error\":");
        qdn_text_add_json(&t, change->finding->error);
        qdn_text_addf(&t, ",\"good_at\":%" APR_TIME_T_FMT,
                      apr_time_sec(change->finding->good_at));
    }
    qdn_text_addc(&t, '}');
    return t.buf;
}

void qdn_proclaim_feeds(const qdn_daemon_config_t *config,
                        const apr_array_header_t *changes, apr_pool_t *p)
{
    apr_array_header_t *events =
        apr_array_make(p, changes->nelts, sizeof(qdn_event_t));
    apr_status_t rv;
    int i;

    for (i = 0; i < changes->nelts; i++) {
        const qdn_change_t *change = &APR_ARRAY_IDX(changes, i, qdn_change_t);
        qdn_event_t *e = apr_array_push(events);

        *e = begin(config, change->finding->error ? QDN_KIND_FEED_FAILED
                                                  : QDN_KIND_FEED_RECOVERED);
        e->at = change->finding->asked_at;
        e->detail = feed_detail(change, p);
        qdn_event_identify(e, apr_psprintf(p, "%s %" APR_TIME_T_FMT,
                                           change->feed->key, e->at));
    }
    rv = record(config, events, p);
    if (rv) {
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0571) "cannot record which feeds fail");
    }
}

void qdn_proclaim_config(const qdn_daemon_config_t *config, apr_pool_t *p)
{
    apr_status_t rv = record(config, compose(config, p), p);

    if (rv) {
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0551) "cannot record which configuration is in "
                               "force");
    }
}
