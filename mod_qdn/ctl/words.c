/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <apr_strings.h>

const char *qdn_words_time(apr_time_t at, apr_pool_t *p)
{
    apr_time_exp_t t;

    if (!at) {
        return NULL;
    }
    apr_time_exp_lt(&t, at);
    return apr_psprintf(p, "%04d-%02d-%02d %02d:%02d:%02d", t.tm_year + 1900,
                        t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

const char *qdn_words_clock(apr_time_t at, apr_pool_t *p)
{
    apr_time_exp_t t;

    apr_time_exp_lt(&t, at);
    return apr_psprintf(p, "%02d:%02d:%02d.%03d", t.tm_hour, t.tm_min, t.tm_sec,
                        t.tm_usec / 1000);
}
