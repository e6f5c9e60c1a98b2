/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "reason.h"

static const char *const texts[QDN_REASON_MAX] = {
#define X(id, text) [QDN_REASON_##id] = text,
    QDN_REASONS(X)
#undef X
};

const char *qdn_reason_text(qdn_reason_e reason)
{
    return reason < QDN_REASON_MAX ? texts[reason] : "";
}

qdn_reason_e qdn_reason_find(const char *text)
{
    int i;

    for (i = 0; text && i < QDN_REASON_MAX; i++) {
        if (!strcmp(texts[i], text)) {
            return (qdn_reason_e)i;
        }
    }
    return QDN_REASON_MAX;
}
