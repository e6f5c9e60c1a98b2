/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ASSETS_H
#define QDN_ASSETS_H

/*
 * The files of mod_qdn/dash/, compiled in: the dashboard needs no directory
 * and no right to read one, and is always of the module's own version.
 */

#include <stddef.h>

typedef struct qdn_asset_t {
    const char *name; /* "app.js" */
    const char *type; /* its content type */
    const char *etag; /* strong, with its quotes */
    const unsigned char *bytes;
    size_t len;
} qdn_asset_t;

/* All, ended by one whose name is NULL. */
extern const qdn_asset_t qdn_assets[];

/* By the whole name, as it stands below the dashboard; NULL: none. */
const qdn_asset_t *qdn_asset_find(const char *name);

#endif
