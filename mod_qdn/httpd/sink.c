/* SPDX-License-Identifier: Apache-2.0 */
#include "sink.h"

#include "log.h"
#include "private.h"
#include "status.h"

/* httpd has no words for our own statuses, and would log a number. */
static void pass_on(void *baton, qdn_log_level_e level, apr_status_t status,
                    const char *message)
{
    const server_rec *s = baton;
    char why[128];

    if (status < QDN_STATUS_BASE) {
        ap_log_error(APLOG_MARK, (int)level, status, s, "%s", message);
    }
    else {
        ap_log_error(APLOG_MARK, (int)level, 0, s, "%s (%s)", message,
                     qdn_strerror(status, why, sizeof(why)));
    }
}

static apr_status_t unplug(void *data)
{
    (void)data;
    qdn_log_set_sink(NULL, NULL, QDN_LOG_ERR);
    return APR_SUCCESS;
}

void qdn_sink_open(server_rec *s, apr_pool_t *pconf)
{
    int level = ap_get_server_module_loglevel(s, APLOG_MODULE_INDEX);

    if (level > QDN_LOG_TRACE) {
        level = QDN_LOG_TRACE;
    }
    qdn_log_set_sink(pass_on, s, (qdn_log_level_e)level);
    apr_pool_cleanup_register(pconf, NULL, unplug, apr_pool_cleanup_null);
}
