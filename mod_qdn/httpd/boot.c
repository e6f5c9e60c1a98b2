/* SPDX-License-Identifier: Apache-2.0 */
#include "boot.h"

#include <unistd.h>

#include <apr_strings.h>
#include <httpd.h>
#include <http_core.h>

#include "clock.h"
#include "conf.h"
#include "digest.h"
#include "identity.h"
#include "keeper.h"
#include "log.h"
#include "private.h"
#include "statedir.h"

#define TEST_CLOCK "QDN_TEST_CLOCK"
#define TEST_HOST  "QDN_TEST_HOST" /* "Define QDN_TEST_HOST NAME" */

/* As events name it. Two hosts on one machine exist only in tests. */
static const char *host_name(apr_pool_t *p)
{
    char name[APRMAXHOSTLEN + 1] = "";

    if (qdn_conf_defined(TEST_HOST)) {
        return ap_resolve_env(p, "${" TEST_HOST "}");
    }
    if (apr_gethostname(name, sizeof(name) - 1, p) || !*name) {
        return "localhost";
    }
    return apr_pstrdup(p, name);
}

static apr_status_t open_state_dir(qdn_conf_t *conf, server_rec *s,
                                   apr_pool_t *ptemp)
{
    qdn_identity_t who = qdn_identity();
    const char *error = NULL;
    apr_status_t rv = qdn_statedir_open(conf->plan->state_dir, who.uid, who.gid,
                                        &error, ptemp);

    if (rv) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, QDNLOGNO(0640) "%s", error);
    }
    return rv;
}

static apr_status_t open_shm(qdn_conf_t *conf, int restart, server_rec *s,
                             apr_pool_t *pconf)
{
    apr_status_t rv = qdn_shm_open(&conf->shm, s->process->pool);

    if (!rv) {
        return rv;
    }
    ap_log_error(APLOG_MARK, restart ? APLOG_ERR : APLOG_CRIT, rv, s,
                 QDNLOGNO(0641) "no shared memory%s",
                 restart ? "; until the next restart each process counts and "
                           "remembers for itself"
                         : "");
    if (restart) {
        qdn_shm_make_private(&conf->shm, pconf);
    }
    return restart ? APR_SUCCESS : rv;
}

static void announce(const qdn_conf_t *conf, server_rec *s)
{
    const qdn_plan_t *plan = conf->plan;

    ap_log_error(APLOG_MARK, APLOG_INFO, 0, s,
                 QDNLOGNO(0642) "mod_qdn %s: %d lines, %d operators, plan %s, "
                                "store %s",
                 QDN_VERSION, plan->lines->nelts, plan->operators->nelts,
                 plan->revision, conf->dbd.driver);
    if (conf->test_clock) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     QDNLOGNO(0643) "-D " TEST_CLOCK " is given: whoever "
                                    "sends a request can set its time; never "
                                    "do this but in tests");
    }
}

/*
 * 1. state directory: made, owned, locked
 * 2. secrets: read while the rights are there
 * 3. shared memory: found again or made
 * 4. the daemon: forked last, so that it inherits all of this
 *
 * A start passes here twice, the first time before httpd leaves the
 * terminal: what can be wrong with 1 and 2 then ends it with status 1. Both
 * are kept for the second pass.
 *
 * An error at a restart would end httpd with all its calls, so 3 and 4 are
 * lived with then, as are 1 and 2 as far as they were in order before.
 */
static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    qdn_conf_t *conf = qdn_conf_get(s);
    int trial = ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG;
    int restart = ap_state_query(AP_SQ_CONFIG_GEN) > 1;
    apr_status_t rv;

    (void)plog;
    if (!conf->used) {
        return OK;
    }
    conf->loaded_at = qdn_clock_now();
    conf->host = host_name(pconf);
    conf->test_clock = qdn_conf_defined(TEST_CLOCK);
    rv = /*1*/ open_state_dir(conf, s, ptemp);
    if (!rv) {
        rv = /*2*/ qdn_vault_open(&conf->vault, conf->plan, trial, s);
    }
    if (!rv && !trial) {
        rv = /*3*/ open_shm(conf, restart, s, pconf);
    }
    if (!rv && !trial) {
        rv = /*4*/ qdn_keeper_start(conf, s, pconf);
        rv = restart ? APR_SUCCESS : rv;
    }
    if (rv) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (!trial) {
        announce(conf, s);
    }
    return OK;
}

static apr_status_t give_back(void *data)
{
    (void)data;
    qdn_digest_give_back();
    return APR_SUCCESS;
}

/* Not when the hooks are registered: that is before the unloading is. */
static int pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    apr_pool_cleanup_register(pconf, NULL, give_back, apr_pool_cleanup_null);
    return OK;
}

void qdn_boot_register_hooks(void)
{
    ap_hook_pre_config(pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
}
