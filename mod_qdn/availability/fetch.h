/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FETCH_H
#define QDN_FETCH_H

/*
 * Questions over HTTP, many at once, from one thread. https, or http to this
 * machine; certificates are checked; no proxy, cookie or netrc of the
 * environment is used. A server that does not answer keeps only a few of the
 * places, so that the others go on.
 */

#include <apr_pools.h>
#include <apr_time.h>

#define QDN_FETCH_PARALLEL  32 /* questions on their way */
#define QDN_FETCH_PER_HOST  8
#define QDN_FETCH_SILENT    2 /* likewise, of a host that did not answer */
#define QDN_FETCH_CONNECT   apr_time_from_sec(5)
#define QDN_FETCH_TOTAL     apr_time_from_sec(20) /* with all redirects */
#define QDN_FETCH_REDIRECTS 3

typedef struct qdn_fetch_t qdn_fetch_t;

/* What came back; valid during the call that tells of it. */
typedef struct qdn_fetched_t {
    const char *error; /* NULL: an answer came in full, of whatever status.
                        * Else a short sentence, without the URL */
    int status;        /* of HTTP; 0 with an error */
    const char *body;  /* NUL-terminated, decoded */
    apr_size_t len;
    const char *etag;     /* as sent; NULL: none, or longer than 256 bytes */
    const char *modified; /* Last-Modified, likewise */
    apr_interval_time_t retry_after; /* 0: not said; at most an hour */
} qdn_fetched_t;

typedef void qdn_fetched_cb(void *baton, const qdn_fetched_t *got);

typedef struct qdn_question_t {
    const char *method; /* "GET", "POST", "REPORT" */
    const char *url;
    const char *body;            /* NULL: none */
    const char *const *headers;  /* "Name: value", ended by NULL; or NULL */
    const char *secret;          /* one more, which another scheme, host or
                                  * port never gets to see; or NULL */
    const char *etag, *modified; /* of the answer that we have; or NULL */
    apr_size_t max;              /* bytes of the decoded body */
    qdn_fetched_cb *done;        /* called once, from qdn_fetch_run */
    void *baton;
} qdn_question_t;

/* Everything ends with p. APR_SUCCESS or APR_EGENERAL. */
apr_status_t qdn_fetch_open(qdn_fetch_t **pfetch, const char *version,
                            apr_pool_t *p);

/* May a question to that URL begin now, or are too many on their way? */
int qdn_fetch_room(const qdn_fetch_t *fetch, const char *url);

/*
 * Begin; what the question points to is copied, but for its baton. Redirects
 * are followed for GET and REPORT. What is wrong with the URL is told by
 * done, like all else.
 */
void qdn_fetch_begin(qdn_fetch_t *fetch, const qdn_question_t *question);

/* Let all go on, at most so long while nothing ends. */
void qdn_fetch_run(qdn_fetch_t *fetch, apr_interval_time_t at_most);

/*
 * Is this a URL that may be asked? NULL, or what is wrong with it. *phost:
 * scheme, host and port, in p.
 */
const char *qdn_fetch_refuse(const char *url, const char **phost,
                             apr_pool_t *p);

/* "Authorization: Basic ..." in p. */
const char *qdn_fetch_basic(const char *user, const char *password,
                            apr_pool_t *p);

#endif
