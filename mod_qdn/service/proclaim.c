/* SPDX-License-Identifier: Apache-2.0 */
#include "proclaim.h"

#include <apr_strings.h>

#include "event.h"
#include "log.h"
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

void qdn_proclaim_config(const qdn_daemon_config_t *config,
                         qdn_outbox_t *outbox, apr_pool_t *p)
{
    apr_array_header_t *events = compose(config, p);
    apr_status_t rv = qdn_outbox_record(
        outbox, (qdn_event_t *)(void *)events->elts, events->nelts, p);

    if (rv) {
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0551) "cannot record which configuration is in "
                               "force");
    }
}
