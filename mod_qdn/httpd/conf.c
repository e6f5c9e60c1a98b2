/* SPDX-License-Identifier: Apache-2.0 */
#include "conf.h"

#include <http_core.h>

#include "private.h"

void *qdn_conf_create_server(apr_pool_t *p, server_rec *s)
{
    qdn_conf_t *conf = apr_pcalloc(p, sizeof(*conf));

    (void)s;
    conf->plan = qdn_plan_create(p);
    conf->builder.pool = p;
    conf->builder.plan = conf->plan;
    return conf;
}

/*
 * Without this a QDNPublicURL in some virtual host would give that host an
 * empty configuration of its own, which hides the main server's.
 */
void *qdn_conf_merge_server(apr_pool_t *p, void *base, void *add)
{
    (void)p;
    (void)add;
    return base;
}

void *qdn_conf_create_location(apr_pool_t *p, char *path)
{
    (void)path;
    return apr_pcalloc(p, sizeof(qdn_location_t));
}

void *qdn_conf_merge_location(apr_pool_t *p, void *base, void *add)
{
    const qdn_location_t *inner = add;

    (void)p;
    return inner->endpoint ? add : base;
}

qdn_conf_t *qdn_conf_get(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &qdn_module);
}

const qdn_location_t *qdn_conf_location(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &qdn_module);
}

int qdn_conf_defined(const char *name)
{
    return ap_exists_config_define(name);
}
