/* SPDX-License-Identifier: Apache-2.0 */
#include "login.h"

#include <apr_general.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* Behind sudo it is still the person. */
static const char *login_name(void)
{
    const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *pw;

    if (sudo && *sudo) {
        return sudo;
    }
    pw = getpwuid(getuid());
    return pw ? pw->pw_name : NULL;
}

const char *qdn_login_host(apr_pool_t *p)
{
    char host[APRMAXHOSTLEN + 1] = "";

    if (apr_gethostname(host, sizeof(host) - 1, p) || !*host) {
        return "localhost";
    }
    return apr_pstrdup(p, host);
}

const char *qdn_login_who(apr_pool_t *p)
{
    const char *host = qdn_login_host(p);
    const char *name = login_name();

    return name ? apr_psprintf(p, "%s@%s", name, host)
                : apr_psprintf(p, "uid %ld@%s", (long)getuid(), host);
}
