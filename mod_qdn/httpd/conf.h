/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CONF_H
#define QDN_CONF_H

/*
 * What httpd keeps for us: one configuration for the whole server, and per
 * Location the endpoint it stands for. httpd reads its configuration twice
 * at start and again at each restart; each time everything here is made anew
 * in that time's pconf.
 */

#include <httpd.h>

#include "dbd.h"
#include "service.h"
#include "settings.h"
#include "shm.h"
#include "vault.h"

typedef struct qdn_conf_t {
    qdn_builder_t builder; /* while directives are read */
    qdn_plan_t *plan;      /* frozen once check_config has accepted it */
    int used;              /* is there any directive of ours? */
    int test_clock;        /* -D QDN_TEST_CLOCK */
    /* Set by post_config (boot.h), inherited by children and daemon. */
    apr_time_t loaded_at;
    const char *host;
    qdn_dbd_t dbd;
    qdn_shm_t shm;
    const qdn_vault_t *vault;
    /* Set by child_init (child.h) if there is an endpoint. */
    qdn_service_t service;
} qdn_conf_t;

/* Of a <Location> with QDNPublicURL inside. */
typedef struct qdn_location_t {
    const qdn_endpoint_t *endpoint; /* NULL: that of the server */
} qdn_location_t;

/* For the module record. A virtual host shares the main server's. */
void *qdn_conf_create_server(apr_pool_t *p, server_rec *s);
void *qdn_conf_merge_server(apr_pool_t *p, void *base, void *add);
void *qdn_conf_create_location(apr_pool_t *p, char *path);
void *qdn_conf_merge_location(apr_pool_t *p, void *base, void *add);

qdn_conf_t *qdn_conf_get(const server_rec *s);
const qdn_location_t *qdn_conf_location(const request_rec *r);

/* Is the name given as -D on httpd's command line? */
int qdn_conf_defined(const char *name);

#endif
