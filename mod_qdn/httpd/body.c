/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"

#include <apr_buckets.h>
#include <http_core.h>
#include <http_protocol.h>
#include <util_filter.h>

#include "clock.h"
#include "text.h"

#ifdef __clang__
/* APR's ring macros compute offsets from a null pointer. */
#pragma clang diagnostic ignored "-Wnull-pointer-subtraction"
#endif

/*
 * The socket's time-out bounds one read, so a client that sends a byte now
 * and then could hold the worker for ever: give each read what is left of
 * the whole. Streams of HTTP/2 share one socket; there mod_http2 and
 * mod_reqtimeout have to do.
 */
static int limit_read(request_rec *r, apr_interval_time_t until,
                      apr_interval_time_t usual)
{
    apr_interval_time_t left = until - qdn_clock_mono();

    if (left <= 0) {
        return 0;
    }
    if (!r->connection->master) {
        apr_socket_timeout_set(ap_get_conn_socket(r->connection),
                               left < usual ? left : usual);
    }
    return 1;
}

/* Take the buckets' bytes; 1 once the body is complete. */
static apr_status_t take(qdn_text_t *text, apr_bucket_brigade *bb,
                         apr_size_t max, int *pdone)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t n;
        apr_status_t rv;

        if (APR_BUCKET_IS_EOS(b)) {
            *pdone = 1;
            return APR_SUCCESS;
        }
        if (APR_BUCKET_IS_METADATA(b)) {
            continue;
        }
        rv = apr_bucket_read(b, &data, &n, APR_BLOCK_READ);
        if (rv) {
            return rv;
        }
        if (n > max + 1 - text->len) {
            n = max + 1 - text->len;
        }
        qdn_text_addn(text, data, n);
    }
    return APR_SUCCESS;
}

static int read_all(request_rec *r, qdn_text_t *text, apr_size_t max,
                    apr_interval_time_t until, apr_interval_time_t usual)
{
    apr_bucket_brigade *bb =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int done = 0;

    while (!done && text->len <= max) {
        apr_status_t rv;

        if (!limit_read(r, until, usual)) {
            return HTTP_REQUEST_TIME_OUT;
        }
        rv = ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES,
                            APR_BLOCK_READ, HUGE_STRING_LEN);
        if (!rv) {
            rv = take(text, bb, max, &done);
        }
        apr_brigade_cleanup(bb);
        if (rv) {
            return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        }
    }
    return OK;
}

int qdn_body_read(request_rec *r, apr_size_t max, apr_interval_time_t wait,
                  const char **pbody, apr_size_t *plen)
{
    apr_interval_time_t usual = r->server->timeout;
    qdn_text_t text;
    int status;

    qdn_text_init(&text, 4096, r->pool);
    status = read_all(r, &text, max, qdn_clock_mono() + wait, usual);
    if (!r->connection->master) {
        apr_socket_timeout_set(ap_get_conn_socket(r->connection), usual);
    }
    *pbody = text.buf;
    *plen = text.len;
    return status;
}
