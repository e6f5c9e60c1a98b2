/* SPDX-License-Identifier: Apache-2.0 */
#include "caldav.h"

#include <apr_strings.h>

static const char *stamp(apr_time_t at, apr_pool_t *p)
{
    apr_time_exp_t t;

    apr_time_exp_gmt(&t, at);
    return apr_psprintf(p, "%04d%02d%02dT%02d%02d%02dZ", t.tm_year + 1900,
                        t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

const char *qdn_caldav_body(apr_time_t from, apr_time_t to, apr_pool_t *p)
{
    return apr_psprintf(p,
                        "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                        "<C:free-busy-query "
                        "xmlns:C=\"urn:ietf:params:xml:ns:caldav\">"
                        "<C:time-range start=\"%s\" end=\"%s\"/>"
                        "</C:free-busy-query>",
                        stamp(from, p), stamp(to, p));
}
