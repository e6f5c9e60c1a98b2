/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include <unistd.h>

#include <httpd.h>
#include <unixd.h>

qdn_identity_t qdn_identity(void)
{
    if (geteuid() == 0) {
        return (qdn_identity_t){ ap_unixd_config.user_id,
                                 ap_unixd_config.group_id };
    }
    return (qdn_identity_t){ geteuid(), getegid() };
}
