/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_REVISIONS_H
#define QDN_REVISIONS_H

/* The plans that were in force, as JSON, by revision: table qdn_plan. */

#include <apr_tables.h>
#include "plan.h"
#include "store.h"

/* Keep this plan if it is not known yet. APR_SUCCESS or APR_EGENERAL. */
apr_status_t qdn_revisions_keep(qdn_store_t *store, const qdn_plan_t *plan,
                                const char *host, apr_time_t now,
                                apr_pool_t *ptemp);

typedef struct qdn_revision_t {
    const char *revision;
    const char *host;    /* that had it first */
    apr_time_t first_at; /* likewise */
    const char *plan;    /* JSON, see qdn_plan_json */
} qdn_revision_t;

/*
 * One of them, in p. APR_SUCCESS; APR_NOTFOUND; APR_EGENERAL.
 */
apr_status_t qdn_revisions_get(qdn_store_t *store, const char *revision,
                               qdn_revision_t *prevision, apr_pool_t *p);

/* The last `limit` ones, the newest first, without `plan`. */
apr_status_t qdn_revisions_list(qdn_store_t *store, int limit,
                                apr_array_header_t **previsions, apr_pool_t *p);

#endif
