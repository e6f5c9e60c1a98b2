/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PAGE_H
#define QDN_PAGE_H

/*
 * How the dashboard answers: the headers of every answer, conditional
 * requests, and refusals as problem details (RFC 9457). Answers are written
 * whole; what is returned is for httpd.
 */

#include <httpd.h>

/* An answer. */
typedef struct qdn_page_t {
    const char *type;  /* of its content */
    const char *etag;  /* with its quotes, or NULL */
    const char *cache; /* Cache-Control */
    const char *bytes;
    apr_size_t len;
} qdn_page_t;

/* What a refusal says: a status, what is wrong, what to do about it. */
typedef struct qdn_refusal_t {
    int status;
    const char *detail; /* a sentence */
    const char *remedy; /* likewise, or NULL */
    const char *member; /* further members of JSON, or NULL */
} qdn_refusal_t;

/* Fill it in; 0, for those who return whether all is well. */
int qdn_refusal_fill(qdn_refusal_t *prefusal, int status, const char *detail,
                     const char *remedy);

/* The headers that keep browsers from mischief; before anything else. */
void qdn_page_guard(request_rec *r);

/* OK. 304 if the client has it already, 412 if it wants another. */
int qdn_page_send(request_rec *r, const qdn_page_t *page);

/* Does If-Match, if there is one, name this ETag? */
int qdn_page_matches(const request_rec *r, const char *etag);

/* OK. Where it goes is a path of this server. */
int qdn_page_redirect(request_rec *r, const char *path);

/* OK. */
int qdn_page_refuse(request_rec *r, const qdn_refusal_t *refusal);

/* Likewise 405, with the methods that are allowed. */
int qdn_page_wrong_method(request_rec *r, const char *allow);

#endif
