/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DIRECTIVES_H
#define QDN_DIRECTIVES_H

/*
 * httpd's command table, made from the rows of settings.h when the module is
 * loaded, so that a directive is declared in one place only.
 */

#include <httpd.h>
#include <http_config.h>

extern command_rec qdn_directives[];

#endif
