/* SPDX-License-Identifier: Apache-2.0 */
#include "whisper.h"

#include <apr_lib.h>
#include <apr_strings.h>

const char *qdn_whisper_words(const char *line, const char *caller,
                              apr_pool_t *p)
{
    return apr_pstrcat(p, "Call for ", line, " from ", caller,
                       ". " QDN_WHISPER_KEYS, NULL);
}

int qdn_whisper_room(const qdn_line_t *line, const qdn_phone_t *phone)
{
    return phone && phone->screen ? phone->screen
           : line && line->screen ? line->screen
                                  : QDN_SCREEN_DEFAULT;
}

/* Two and a half words a second, one for the line to become quiet. */
int qdn_whisper_seconds(const char *text)
{
    int words = 0, inside = 0;

    for (; *text; text++) {
        int blank = apr_isspace(*text);

        words += !blank && !inside;
        inside = !blank;
    }
    return (words * 2 + 4) / 5 + 1;
}
