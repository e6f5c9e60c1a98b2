/* SPDX-License-Identifier: Apache-2.0 */
#include "challenge.h"

#include "digest.h"

char qdn_challenge_digit(const char *call_sid, int tries)
{
    char id[QDN_ID_HEX + 1];
    const char *parts[] = { "challenge", call_sid, NULL };

    qdn_digest_id(parts, id);
    /* Steps of 4 from any of nine digits reach the other eight first. */
    return (char)('1' +
                  (qdn_digest_fnv1a(id) % 9 + 4 * (apr_uint32_t)tries) % 9);
}
