/* SPDX-License-Identifier: Apache-2.0 */
#include "when.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* Two (or four) digits at s[at], as a number; -1 if they are none. */
static int digits(const char *s, int at, int n)
{
    int value = 0;

    for (; n > 0; n--, at++) {
        if (!apr_isdigit(s[at])) {
            return -1;
        }
        value = value * 10 + (s[at] - '0');
    }
    return value;
}

/* "Z", "+HH:MM" or "-HH:MM", nothing behind it: seconds east of UTC. */
static int zone(const char *s, int *poffset)
{
    int hours, minutes;

    *poffset = 0;
    if (strcmp(s, "Z") == 0) {
        return 1;
    }
    if (strlen(s) != 6 || (s[0] != '+' && s[0] != '-') || s[3] != ':') {
        return 0;
    }
    hours = digits(s, 1, 2);
    minutes = digits(s, 4, 2);
    *poffset = (hours * 60 + minutes) * (s[0] == '-' ? -60 : 60);
    return hours >= 0 && hours <= 14 && minutes >= 0 && minutes < 60;
}

static int take(const char *s, apr_time_exp_t *exp)
{
    const char *rest = s + 16;

    if (strlen(s) < 17 || s[4] != '-' || s[7] != '-' || s[10] != 'T' ||
        s[13] != ':') {
        return 0;
    }
    memset(exp, 0, sizeof(*exp));
    exp->tm_year = digits(s, 0, 4) - 1900;
    exp->tm_mon = digits(s, 5, 2) - 1;
    exp->tm_mday = digits(s, 8, 2);
    exp->tm_hour = digits(s, 11, 2);
    exp->tm_min = digits(s, 14, 2);
    if (*rest == ':') {
        exp->tm_sec = strlen(rest) > 3 ? digits(rest, 1, 2) : -1;
        rest += exp->tm_sec < 0 ? 0 : 3;
    }
    return exp->tm_year >= 70 && exp->tm_mon >= 0 && exp->tm_mon < 12 &&
           exp->tm_mday > 0 && exp->tm_mday < 32 && exp->tm_hour >= 0 &&
           exp->tm_hour < 24 && exp->tm_min >= 0 && exp->tm_min < 60 &&
           exp->tm_sec >= 0 && exp->tm_sec < 61 && zone(rest, &exp->tm_gmtoff);
}

const char *qdn_when_parse(const char *s, apr_time_t *pat, apr_pool_t *p)
{
    apr_time_exp_t exp;
    apr_time_t at;

    if (!take(s, &exp) || apr_time_exp_gmt_get(&at, &exp) != APR_SUCCESS) {
        return apr_psprintf(p,
                            "\"%s\" is no moment; write it like "
                            "2026-03-02T10:00:00-08:00 or "
                            "2026-03-02T18:00:00Z",
                            s);
    }
    *pat = at;
    return NULL;
}
