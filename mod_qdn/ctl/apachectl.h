/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_APACHECTL_H
#define QDN_APACHECTL_H

/* What httpd's configuration on disk says, asked with apachectl. */

#include <apr_pools.h>

/*
 * The JSON that `apachectl -t -D define` prints, in p; NULL if there is no
 * apachectl, the configuration is wrong or it has nothing of QDN. The program
 * named by APACHECTL, else apachectl or apache2ctl of the PATH or of
 * /usr/sbin.
 */
const char *qdn_apachectl_dump(const char *define, apr_pool_t *p);

#endif
