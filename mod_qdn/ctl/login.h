/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_LOGIN_H
#define QDN_LOGIN_H

#include <apr_pools.h>

/* Who runs qdnctl, also behind sudo: "ana@host", in p. */
const char *qdn_login_who(apr_pool_t *p);

/* This host's name as httpd has it in events, in p. */
const char *qdn_login_host(apr_pool_t *p);

#endif
