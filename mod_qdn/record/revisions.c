/* SPDX-License-Identifier: Apache-2.0 */
#include "revisions.h"

#include <apr_strings.h>
#include "ledger.h"

static const char *const columns[] = { "revision", "host", "first_at", "plan",
                                       NULL };
static const qdn_store_insert_t put_plan = {
    .table = "qdn_plan",
    .columns = columns,
    .types = "ttnt",
    .conflict = QDN_STORE_KEEP,
};

static void keep_revision(void *baton, const char *const *row)
{
    APR_ARRAY_PUSH((apr_array_header_t *)baton, qdn_revision_t) =
        (qdn_revision_t){
            .revision = row[0],
            .host = row[1],
            .first_at = row[2] ? apr_atoi64(row[2]) : 0,
            .plan = row[3],
        };
}

/* Asked first, because a plan is long and is known at nearly every start. */
apr_status_t qdn_revisions_keep(qdn_store_t *store, const qdn_plan_t *plan,
                                const char *host, apr_time_t now,
                                apr_pool_t *ptemp)
{
    qdn_revision_t known;
    apr_status_t rv = qdn_revisions_get(store, plan->revision, &known, ptemp);
    const char *row[4];

    if (rv != APR_NOTFOUND) {
        return rv;
    }
    row[0] = plan->revision;
    row[1] = host;
    row[2] = apr_psprintf(ptemp, "%" APR_TIME_T_FMT, now);
    row[3] = qdn_plan_json(plan, ptemp);
    rv = qdn_store_insert(store, &put_plan, row, 1, ptemp);
    if (rv == APR_SUCCESS) {
        return rv;
    }
    /* A database of another character set than ours. */
    row[3] = qdn_ledger_ascii(row[3], ptemp);
    return qdn_store_insert(store, &put_plan, row, 1, ptemp);
}

apr_status_t qdn_revisions_get(qdn_store_t *store, const char *revision,
                               qdn_revision_t *prevision, apr_pool_t *p)
{
    apr_array_header_t *found = apr_array_make(p, 1, sizeof(qdn_revision_t));
    apr_status_t rv = qdn_store_select(
        store,
        apr_pstrcat(p,
                    "SELECT revision, host, first_at, plan FROM qdn_plan"
                    " WHERE revision = ",
                    qdn_store_quote(store, revision, p), NULL),
        keep_revision, found, p);

    if (rv == APR_SUCCESS && found->nelts == 0) {
        return APR_NOTFOUND;
    }
    if (rv == APR_SUCCESS) {
        *prevision = APR_ARRAY_IDX(found, 0, qdn_revision_t);
    }
    return rv;
}

apr_status_t qdn_revisions_list(qdn_store_t *store, int limit,
                                apr_array_header_t **previsions, apr_pool_t *p)
{
    *previsions = apr_array_make(p, 16, sizeof(qdn_revision_t));
    return qdn_store_select(
        store,
        apr_psprintf(p,
                     "SELECT revision, host, first_at, NULL FROM qdn_plan"
                     " ORDER BY first_at DESC, revision LIMIT %d",
                     limit),
        keep_revision, *previsions, p);
}
