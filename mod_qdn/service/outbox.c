/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox.h"

#include <apr_strings.h>

apr_status_t qdn_outbox_open(qdn_journal_t **pjournal, const qdn_plan_t *plan,
                             const char *host, qdn_counters_t *counters,
                             apr_pool_t *p)
{
    qdn_journal_config_t config = {
        .dir = apr_pstrcat(p, plan->state_dir, "/journal", NULL),
        .host = host,
        .sync = plan->journal_sync,
        .wait = plan->journal_wait,
        .max = plan->journal_max,
        .counters = counters,
    };

    return qdn_journal_open(pjournal, &config, p);
}
