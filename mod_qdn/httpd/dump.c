/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include <stdio.h>

#include <httpd.h>
#include <http_config.h>
#include <http_core.h>

#include "conf.h"
#include "text.h"

static const char *dump_plan(const qdn_conf_t *conf, apr_pool_t *p)
{
    return qdn_plan_json(conf->plan, p);
}

static const char *dump_dbd(const qdn_conf_t *conf, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_add(&t, "{\"driver\":");
    qdn_text_add_json(&t, conf->dbd.driver);
    qdn_text_add(&t, ",\"params\":");
    qdn_text_add_json(&t, conf->dbd.params);
    qdn_text_add(&t, ",\"state_dir\":");
    qdn_text_add_json(&t, conf->plan->state_dir);
    qdn_text_addc(&t, '}');
    return t.buf;
}

static const struct {
    const char *define;
    const char *(*text)(const qdn_conf_t *conf, apr_pool_t *p);
} dumps[] = {
    { "DUMP_QDN", dump_plan },
    { "DUMP_QDN_DBD", dump_dbd },
};

#define DUMPS (sizeof(dumps) / sizeof(dumps[0]))

int qdn_dump_is_configtest(void)
{
    apr_size_t i;

    for (i = 0; i < DUMPS; i++) {
        if (qdn_conf_defined(dumps[i].define)) {
            return 0;
        }
    }
    return ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST;
}

static void test_config(apr_pool_t *p, server_rec *s)
{
    const qdn_conf_t *conf = qdn_conf_get(s);
    apr_size_t i;

    for (i = 0; i < DUMPS; i++) {
        if (conf->used && qdn_conf_defined(dumps[i].define)) {
            puts(dumps[i].text(conf, p));
        }
    }
    fflush(stdout);
}

void qdn_dump_register_hooks(void)
{
    ap_hook_test_config(test_config, NULL, NULL, APR_HOOK_MIDDLE);
}
