/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <apr_strings.h>

static const struct {
    apr_status_t status;
    const char *text;
} texts[] = {
    { QDN_EMALFORMED, "Malformed input" },
    { QDN_EFORBIDDEN, "Not allowed" },
    { QDN_ETOOBIG, "Too large" },
    { QDN_EFULL, "No room left" },
    { QDN_EREFUSED, "Refused by the other side" },
    { QDN_ECONFLICT, "Already there, or held by another instance" },
    { QDN_EMISSING, "A mandatory part is missing" },
};

char *qdn_strerror(apr_status_t status, char *buf, apr_size_t size)
{
    for (apr_size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (texts[i].status == status) {
            apr_cpystrn(buf, texts[i].text, size);
            return buf;
        }
    }
    return apr_strerror(status, buf, size);
}
