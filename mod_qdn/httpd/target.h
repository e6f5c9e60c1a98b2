/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TARGET_H
#define QDN_TARGET_H

/*
 * Which requests are ours: those of a <Location> with one of our handlers. We
 * answer translate_name and map_to_storage for them, so that DocumentRoot,
 * .htaccess and <Directory> never apply to them.
 */

#include <httpd.h>

#include "plan.h"

/* SetHandler's words. */
#define QDN_HANDLER           "qdn-twilio"
#define QDN_HANDLER_DASHBOARD "qdn-dashboard"
#define QDN_HANDLER_HEALTH    "qdn-health"
#define QDN_HANDLER_METRICS   "qdn-metrics"

void qdn_target_register_hooks(void);

/*
 * The target as the client sent it, without scheme and authority: nothing
 * decoded, nothing normalised.
 */
const char *qdn_target_raw(const request_rec *r);

/*
 * The endpoint whose prefix this path or target begins with, byte for byte:
 * that of the request's <Location> if it names one, else any of the server;
 * NULL: none.
 */
const qdn_endpoint_t *qdn_target_endpoint(const request_rec *r,
                                          const char *target);

/*
 * The path of the innermost plain <Location> that names this handler and that
 * the request lies in, without a slash at the end, in r->pool; NULL: none, as
 * when the handler was set by a <LocationMatch>.
 */
const char *qdn_target_mount(request_rec *r, const char *handler);

#endif
