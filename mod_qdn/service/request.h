/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_REQUEST_H
#define QDN_REQUEST_H

/*
 * One webhook as the shell hands it over, and what goes back. The shell has
 * read the body (bounded) and knows nothing of its meaning.
 */

#include <apr_pools.h>
#include <apr_time.h>
#include "plan.h"

#define QDN_BODY_MAX (64 * 1024)

typedef struct qdn_request_t {
    apr_pool_t *pool;      /* everything of this request lives here */
    apr_time_t now;        /* wall clock at arrival */
    const char *method;    /* "POST", "GET", "HEAD", ... */
    const char *target;    /* raw request target: path and query, as sent */
    const qdn_endpoint_t *endpoint; /* whose prefix the target begins with */
    const char *content_type;       /* header, or NULL */
    const char *signature;          /* X-Twilio-Signature, or NULL */
    const char *body;      /* len bytes and a NUL */
    apr_size_t body_len;   /* QDN_BODY_MAX + 1: it was longer */
} qdn_request_t;

typedef struct qdn_reply_t {
    int status;               /* HTTP */
    const char *content_type; /* "text/xml" or "text/plain; charset=utf-8" */
    const char *allow;        /* header Allow, or NULL */
    const char *body;
} qdn_reply_t;

#endif
