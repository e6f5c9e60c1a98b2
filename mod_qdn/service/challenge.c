/* SPDX-License-Identifier: Apache-2.0 */
#include "challenge.h"

#include <apr_strings.h>
#include "digest.h"

char qdn_challenge_digit(const char *call_sid, int tries)
{
    char turn[12], id[QDN_ID_HEX + 1];
    const char *parts[] = { "challenge", call_sid, turn, NULL };

    apr_snprintf(turn, sizeof(turn), "%d", tries);
    qdn_digest_id(parts, id);
    return (char)('1' + qdn_digest_fnv1a(id) % 9);
}
