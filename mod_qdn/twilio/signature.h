/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SIGNATURE_H
#define QDN_SIGNATURE_H

/*
 * X-Twilio-Signature (Twilio, "Security": Validating Signatures from Twilio).
 * HMAC-SHA1 with the auth token over the URL exactly as requested and, for a
 * form POST, every name and value sorted by name in byte order. Repeated
 * names: duplicates removed, values sorted. Twilio does not say whether it
 * signs with or without a port, so a verifier tries both, as its own
 * libraries do.
 */

#include "form.h"

/* What is signed. */
typedef struct qdn_signed_t {
    const char *url;  /* scheme, host, maybe port, raw path and query */
    /* Decoded form of a POST, NULL: nothing is appended (GET, bodySHA256). */
    const apr_array_header_t *form;
} qdn_signed_t;

/* The signature of exactly that URL, in p: 28 characters of Base64. */
const char *qdn_signature_make(const qdn_signed_t *what, const char *token,
                               apr_pool_t *p);

/*
 * Does the signature fit the URL without any port or with one (the given,
 * else the scheme's default), under one of the tokens (ended by NULL)? They are
 * tried until one fits, each in constant time, so that only who can sign may
 * learn which it was. A NULL signature never fits, an empty token never makes
 * one fit.
 */
int qdn_signature_verify(const qdn_signed_t *what, const char *const *tokens,
                         const char *signature, apr_pool_t *p);

/*
 * For a body that is not a form: does the query parameter bodySHA256 of this
 * raw URL equal the body's digest (64 lower-case hex digits)?
 * APR_SUCCESS, APR_NOTFOUND if the URL has no such parameter,
 * QDN_EFORBIDDEN if it differs, stands there twice or the query cannot be
 * decoded.
 */
apr_status_t qdn_signature_body(const char *url, const void *body,
                                apr_size_t len, apr_pool_t *p);

#endif
