/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PRIVATE_H
#define QDN_PRIVATE_H

/*
 * What every file of the shell shares, but not mod_qdn.c: it declares the
 * module, which contains the second line already.
 */

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

APLOG_USE_MODULE(qdn);

#endif
