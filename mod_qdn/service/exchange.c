/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <string.h>
#include "log.h"
#include "status.h"

qdn_event_t *qdn_exchange_event(qdn_exchange_t *x, qdn_kind_e kind)
{
    qdn_event_t *e = apr_array_push(x->events);

    memset(e, 0, sizeof(*e));
    e->kind = kind;
    e->at = x->request->now;
    e->host = x->service->host;
    e->line = x->line_number;
    e->call_sid = x->call_sid;
    e->config = x->service->plan->revision;
    return e;
}

void qdn_exchange_record(qdn_exchange_t *x)
{
    const qdn_event_t *events = (const qdn_event_t *)x->events->elts;
    apr_status_t rv;

    if (x->events->nelts == 0) {
        return;
    }
    rv = x->service->record(x->service->record_baton, events, x->events->nelts,
                            x->pool);
    if (rv != APR_SUCCESS) {
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0501) "call %s, step %s: answered, but %d event%s %s",
                x->call_sid, x->step->path, x->events->nelts,
                x->events->nelts == 1 ? "" : "s",
                rv == APR_TIMEUP ? "not yet on disk; kept in memory" : "lost");
    }
}

int qdn_exchange_leg_gone(const qdn_exchange_t *x)
{
    return qdn_webhook_terminal(x->webhook.call_status);
}

/* What is remembered of a leg: small, fixed, of one host only. */
typedef struct fate_t {
    apr_uint32_t fate;
    apr_uint32_t number_hash;
} fate_t;

static void fate_key(const char *leg_sid, char key[QDN_ID_HEX + 1])
{
    const char *parts[] = { "leg", leg_sid, NULL };

    qdn_digest_id(parts, key);
}

void qdn_exchange_set_fate(qdn_exchange_t *x, const char *leg_sid,
                           qdn_leg_fate_e fate, apr_uint32_t number_hash)
{
    fate_t value = { (apr_uint32_t)fate, number_hash };
    char key[QDN_ID_HEX + 1];

    if (x->service->legs) {
        fate_key(leg_sid, key);
        (void)qdn_recall_set(x->service->legs, key, &value, sizeof(value));
    }
}

qdn_leg_fate_e qdn_exchange_fate(const qdn_exchange_t *x, const char *leg_sid,
                                 apr_uint32_t *pnumber_hash)
{
    fate_t value;
    char key[QDN_ID_HEX + 1];
    apr_size_t len;

    *pnumber_hash = 0;
    if (!x->service->legs || !*leg_sid) {
        return QDN_LEG_UNKNOWN;
    }
    fate_key(leg_sid, key);
    if (qdn_recall_get(x->service->legs, key, &value, sizeof(value), &len) !=
            APR_SUCCESS ||
        len != sizeof(value)) {
        return QDN_LEG_UNKNOWN;
    }
    *pnumber_hash = value.number_hash;
    return (qdn_leg_fate_e)value.fate;
}
