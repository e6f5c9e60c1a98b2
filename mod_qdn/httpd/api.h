/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_API_H
#define QDN_API_H

/*
 * The JSON API below the dashboard's api/; mod_qdn/dash/openapi.json tells
 * what it answers. Who may do what has httpd's authentication said, and
 * rights.h.
 */

#include <httpd.h>

#include "rights.h"

/* path: what follows api/. OK. The role is at least that of a viewer. */
int qdn_api_answer(request_rec *r, const qdn_rights_t *rights,
                   const char *path);

#endif
