/* SPDX-License-Identifier: Apache-2.0 */
#include "herald.h"

#include "audit.h"
#include "log.h"

static int is_due(const qdn_herald_t *h, const qdn_audit_head_t *head,
                  apr_time_t now)
{
    return !h->seq || now - h->told >= QDN_HERALD_EVERY ||
           (head->seq != h->seq && now - h->told >= QDN_HERALD_AFTER);
}

apr_status_t qdn_herald_tell(qdn_herald_t *h, qdn_store_t *store,
                             const char *host, apr_time_t now,
                             apr_pool_t *ptemp)
{
    const qdn_audit_head_t *head;
    apr_array_header_t *heads;
    apr_status_t rv;

    if (now < h->due) {
        return APR_SUCCESS;
    }
    h->due = now + QDN_HERALD_LOOK;
    rv = qdn_audit_heads(store, host, &heads, ptemp);
    if (rv != APR_SUCCESS || heads->nelts == 0) {
        return rv;
    }
    head = &APR_ARRAY_IDX(heads, 0, const qdn_audit_head_t);
    if (is_due(h, head, now)) {
        qdn_log(QDN_LOG_NOTICE, 0,
                QDNLOGNO(0320) "audit head host=%s seq=%" APR_INT64_T_FMT
                               " hash=%s",
                head->host, head->seq, head->hash);
        h->told = now;
        h->seq = head->seq;
    }
    return rv;
}
