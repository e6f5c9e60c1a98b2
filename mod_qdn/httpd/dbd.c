/* SPDX-License-Identifier: Apache-2.0 */
#include "dbd.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

/*
 * Containers are not entered: httpd has already spliced <IfModule> and its
 * like away, and what stands in a <VirtualHost> is that host's.
 */
void qdn_dbd_read(qdn_dbd_t *pdbd, const ap_directive_t *tree,
                  const char *state_dir, apr_pool_t *p)
{
    *pdbd = (qdn_dbd_t){ .min = 1 };
    for (; tree; tree = tree->next) {
        const char *args = tree->args;

        if (!strcasecmp(tree->directive, "DBDriver")) {
            pdbd->driver = ap_getword_conf(p, &args);
            pdbd->given = 1;
            pdbd->origin.file = tree->filename;
            pdbd->origin.line = tree->line_num;
        }
        else if (!strcasecmp(tree->directive, "DBDParams")) {
            pdbd->params = ap_getword_conf(p, &args);
        }
        else if (!strcasecmp(tree->directive, "DBDMin")) {
            pdbd->min = atoi(ap_getword_conf(p, &args));
        }
    }
    if (pdbd->given) {
        if (!pdbd->params) {
            pdbd->params = "";
        }
        return;
    }
    pdbd->driver = "sqlite3";
    pdbd->params = apr_pstrcat(p, state_dir, "/qdn.sqlite", NULL);
}
