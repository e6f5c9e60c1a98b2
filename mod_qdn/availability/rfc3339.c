/* SPDX-License-Identifier: Apache-2.0 */
#include "rfc3339.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "status.h"

/* `width` digits from min to max; -1: they are not. */
static int digits(const char *s, int width, int min, int max)
{
    int i, n = 0;

    for (i = 0; i < width; i++) {
        if (!apr_isdigit(s[i])) {
            return -1;
        }
        n = n * 10 + s[i] - '0';
    }
    return n < min || n > max ? -1 : n;
}

/* Has s that form? 0 stands for a digit, all else for itself. */
static int fits(const char *s, const char *form)
{
    for (; *form; s++, form++) {
        if (*form == '0' ? !apr_isdigit(*s)
                         : apr_toupper(*s) != (unsigned char)*form) {
            return 0;
        }
    }
    return 1;
}

static int days_in(int month, int year)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* What follows the seconds, up to the end; seconds to add for UTC. */
static int read_offset(const char *s, int *pseconds)
{
    int hours, minutes;

    if (*s == '.') {
        s++;
        if (!apr_isdigit(*s)) {
            return 0;
        }
        while (apr_isdigit(*s)) {
            s++;
        }
    }
    *pseconds = 0;
    if (apr_toupper(*s) == 'Z') {
        return !s[1];
    }
    if (!(fits(s, "+00:00") || fits(s, "-00:00")) || s[6]) {
        return 0;
    }
    hours = digits(s + 1, 2, 0, 23);
    minutes = digits(s + 4, 2, 0, 59);
    *pseconds = (hours * 3600 + minutes * 60) * (*s == '+' ? -1 : 1);
    return hours >= 0 && minutes >= 0;
}

apr_status_t qdn_rfc3339_read(const char *text, apr_time_t *pat)
{
    apr_time_exp_t when = { 0 };
    int year, offset;

    if (!fits(text, "0000-00-00T00:00:00")) {
        return QDN_EMALFORMED;
    }
    year = digits(text, 4, 1970, 9999);
    when.tm_year = year - 1900;
    when.tm_mon = digits(text + 5, 2, 1, 12) - 1;
    when.tm_hour = digits(text + 11, 2, 0, 23);
    when.tm_min = digits(text + 14, 2, 0, 59);
    when.tm_sec = digits(text + 17, 2, 0, 60);
    if (year < 0 || when.tm_mon < 0 || when.tm_hour < 0 || when.tm_min < 0 ||
        when.tm_sec < 0) {
        return QDN_EMALFORMED;
    }
    when.tm_mday = digits(text + 8, 2, 1, days_in(when.tm_mon + 1, year));
    if (when.tm_mday < 0 || !read_offset(text + 19, &offset)) {
        return QDN_EMALFORMED;
    }
    if (apr_time_exp_get(pat, &when)) {
        return QDN_EMALFORMED;
    }
    *pat += apr_time_from_sec(offset);
    return APR_SUCCESS;
}

const char *qdn_rfc3339_text(apr_time_t at, apr_pool_t *p)
{
    apr_time_exp_t when;

    apr_time_exp_gmt(&when, at);
    return apr_psprintf(p, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                        when.tm_year + 1900, when.tm_mon + 1, when.tm_mday,
                        when.tm_hour, when.tm_min, when.tm_sec);
}
