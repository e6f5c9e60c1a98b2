/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CREDENTIAL_H
#define QDN_CREDENTIAL_H

/*
 * What the names in a source of secrets mean: a closed table of the names
 * that we use ourselves; every other name belongs to whoever refers to it as
 * secret=NAME. Nothing here returns or prints a value.
 */

#include "source.h"

typedef struct qdn_credential_t {
    const char *name;
    const char *kind; /* "account", "auth-token", "api-key" ..., "other" */
    const char *fingerprint; /* 8 hex digits of SHA-256, "" for no value */
    const char *fault;       /* NULL, or what is wrong with the value's form */
} qdn_credential_t;

/*
 * Array of qdn_credential_t in p: every name of the source, in its order. The
 * forms are those of Twilio's reference (SIDs, tokens, keys) and of Google's.
 */
apr_array_header_t *qdn_credential_list(const qdn_secrets_t *secrets,
                                        apr_pool_t *p);

/*
 * Array of const char * in p: the names that running needs and the source
 * lacks or leaves empty. TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN check
 * webhooks (httpd does not start without them), TWILIO_API_KEY and
 * TWILIO_API_SECRET are for REST; of Google's three OAuth names all or none.
 */
apr_array_header_t *qdn_credential_missing(const qdn_secrets_t *secrets,
                                           apr_pool_t *p);

#endif
