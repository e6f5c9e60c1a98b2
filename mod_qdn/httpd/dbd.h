/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DBD_H
#define QDN_DBD_H

/*
 * Where the store is: what mod_dbd's directives of the main server say. We
 * take driver and parameters only and never a connection of mod_dbd.
 */

#include <httpd.h>
#include <http_config.h>

#include "plan.h"

typedef struct qdn_dbd_t {
    const char *driver;  /* of apr_dbd: "pgsql"; "sqlite3" unless given */
    const char *params;  /* the file in the state directory unless given */
    int given;           /* is there a DBDriver? */
    int min;             /* DBDMin; mod_dbd's own default is 1 */
    qdn_origin_t origin; /* of DBDriver */
} qdn_dbd_t;

/* Read the tree of directives (ap_conftree); strings are in p. */
void qdn_dbd_read(qdn_dbd_t *pdbd, const ap_directive_t *tree,
                  const char *state_dir, apr_pool_t *p);

#endif
