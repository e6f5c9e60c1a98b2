/* SPDX-License-Identifier: Apache-2.0 */
#include "sid.h"

#include <string.h>

int qdn_sid_ok(const char *sid, const char *letters)
{
    return sid && strncmp(sid, letters, 2) == 0 && strlen(sid) == QDN_SID_LEN &&
           strspn(sid + 2, "0123456789abcdefABCDEF") == QDN_SID_LEN - 2;
}
