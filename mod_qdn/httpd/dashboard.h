/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DASHBOARD_H
#define QDN_DASHBOARD_H

/*
 * The handler qdn-dashboard: the files of mod_qdn/dash at its root, the API
 * below api/. Nothing is answered to whom httpd's authentication has not
 * named, or who has no role (rights.h).
 */

void qdn_dashboard_register_hooks(void);

#endif
