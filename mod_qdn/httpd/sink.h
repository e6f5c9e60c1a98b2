/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SINK_H
#define QDN_SINK_H

/* Where libqdn's messages go: httpd's error log, under our LogLevel. */

#include <httpd.h>

/* Plug it in for this reading of the configuration; unplugged with pconf. */
void qdn_sink_open(server_rec *s, apr_pool_t *pconf);

#endif
