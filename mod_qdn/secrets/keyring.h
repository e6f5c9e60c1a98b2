/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_KEYRING_H
#define QDN_KEYRING_H

/*
 * The configured Twilio accounts with the tokens their webhooks may be signed
 * with. The token is chosen by the request's AccountSid and then checked;
 * an account that is not here is refused.
 */

#include <apr_tables.h>
#include "source.h"

#define QDN_KEYRING_TOKENS 2 /* primary, and secondary while rotating */

typedef struct qdn_account_t {
    const char *sid;    /* AC... */
    const char *source; /* the spec it came from, to tell lines apart */
    const char *tokens[QDN_KEYRING_TOKENS + 1]; /* ended by NULL */
} qdn_account_t;

typedef struct qdn_keyring_t {
    apr_array_header_t *accounts; /* of qdn_account_t * */
} qdn_keyring_t;

qdn_keyring_t *qdn_keyring_create(apr_pool_t *p);

/*
 * Add the account of a loaded source. APR_SUCCESS (also if the same account
 * with the same token is there: then its source is added as an alias),
 * QDN_EMISSING without TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN (empty is
 * missing), QDN_EMALFORMED if the SID is none, QDN_ECONFLICT if the account
 * is there with another token; each with a sentence in *perror. A secondary
 * token that only one source of an account knows holds for all of them.
 * Nothing is copied: keep the secrets' pool.
 */
apr_status_t qdn_keyring_add(qdn_keyring_t *ring, const qdn_secrets_t *secrets,
                             const char **perror, apr_pool_t *p);

/* The account with that SID, NULL if there is none. */
const qdn_account_t *qdn_keyring_find(const qdn_keyring_t *ring,
                                      const char *sid);

/* May this account's webhooks speak for a line with that source spec? */
int qdn_keyring_covers(const qdn_keyring_t *ring, const qdn_account_t *account,
                       const char *source);

#endif
