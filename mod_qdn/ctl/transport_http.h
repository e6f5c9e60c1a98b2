/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TRANSPORT_HTTP_H
#define QDN_TRANSPORT_HTTP_H

/*
 * Webhooks over HTTP, with the headers and the deadlines of Twilio: 5 s to
 * connect, tried twice, 15 s in all, redirects not followed.
 */

#include "player.h"

/* A server that honours it (httpd -D QDN_TEST_CLOCK) lives in virtual time. */
#define QDN_TEST_CLOCK_HEADER "QDN-Test-Clock"

typedef struct qdn_transport_http_t qdn_transport_http_t;

/*
 * base_url: where to send what is signed for public_url ("http://127.0.0.1:
 * 8480/qdn/twilio"), NULL: to public_url itself. connect: "HOST:PORT" to
 * connect to, whatever the URL says, or NULL. Everything ends with p.
 * APR_SUCCESS, or APR_EGENERAL if libcurl does not start.
 */
apr_status_t qdn_transport_http_open(qdn_transport_http_t **ptransport,
                                     const char *public_url,
                                     const char *base_url, const char *connect,
                                     apr_pool_t *p);

/* The qdn_transport_cb; its baton is the qdn_transport_http_t. */
apr_status_t qdn_transport_http(void *baton, qdn_delivery_t *d,
                                const char **perror, apr_pool_t *p);

#endif
