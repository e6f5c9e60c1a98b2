/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_BODY_H
#define QDN_BODY_H

#include <httpd.h>

/*
 * Read the request's body, at most max + 1 bytes (then it is too long and
 * the rest is left), within `wait`. *pbody ends with a NUL; it is in
 * r->pool. OK; HTTP_REQUEST_TIME_OUT; AP_FILTER_ERROR: a filter has replied
 * already; another status for a connection that broke.
 */
int qdn_body_read(request_rec *r, apr_size_t max, apr_interval_time_t wait,
                  const char **pbody, apr_size_t *plen);

#endif
