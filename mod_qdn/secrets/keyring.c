/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring.h"

#include <apr_strings.h>
#include <string.h>

#include "digest.h"
#include "sid.h"
#include "status.h"

/* Of one account every source is an entry of its own, with equal tokens. */

qdn_keyring_t *qdn_keyring_create(apr_pool_t *p)
{
    qdn_keyring_t *ring = apr_pcalloc(p, sizeof(*ring));

    ring->accounts = apr_array_make(p, 1, sizeof(qdn_account_t *));
    return ring;
}

static qdn_account_t *entry(const qdn_keyring_t *ring, int i)
{
    return APR_ARRAY_IDX(ring->accounts, i, qdn_account_t *);
}

/* NULL for a name without a value: an empty token would sign for anybody. */
static const char *value_of(const qdn_secrets_t *secrets, const char *name)
{
    const char *value = qdn_secrets_get(secrets, name);

    return value && *value ? value : NULL;
}

static apr_status_t read_account(qdn_account_t *account,
                                 const qdn_secrets_t *secrets,
                                 const char **perror, apr_pool_t *p)
{
    const char *secondary = value_of(secrets, "TWILIO_AUTH_TOKEN_SECONDARY");
    const char *lacking;

    account->source = secrets->spec;
    account->sid = value_of(secrets, "TWILIO_ACCOUNT_SID");
    account->tokens[0] = value_of(secrets, "TWILIO_AUTH_TOKEN");
    lacking = !account->sid         ? "TWILIO_ACCOUNT_SID"
              : !account->tokens[0] ? "TWILIO_AUTH_TOKEN"
                                    : NULL;
    if (lacking) {
        *perror =
            apr_psprintf(p,
                         "%s has no %s; add the line %s=... from the "
                         "Twilio console",
                         qdn_source_name(secrets->spec, p), lacking, lacking);
        return QDN_EMISSING;
    }
    if (!qdn_sid_ok(account->sid, "AC")) {
        *perror = apr_psprintf(p,
                               "TWILIO_ACCOUNT_SID in %s is not AC and 32 "
                               "hex digits; copy it from the Twilio console",
                               qdn_source_name(secrets->spec, p));
        return QDN_EMALFORMED;
    }
    if (secondary && strcmp(secondary, account->tokens[0])) {
        account->tokens[1] = secondary;
    }
    return APR_SUCCESS;
}

/* A source that knows the secondary token lends it to those that do not. */
static int merge_tokens(qdn_account_t *a, qdn_account_t *b)
{
    if (strcmp(a->tokens[0], b->tokens[0])) {
        return 0;
    }
    if (a->tokens[1] && b->tokens[1]) {
        return !strcmp(a->tokens[1], b->tokens[1]);
    }
    a->tokens[1] = b->tokens[1] = a->tokens[1] ? a->tokens[1] : b->tokens[1];
    return 1;
}

apr_status_t qdn_keyring_add(qdn_keyring_t *ring, const qdn_secrets_t *secrets,
                             const char **perror, apr_pool_t *p)
{
    qdn_account_t *account = apr_pcalloc(p, sizeof(*account));
    apr_status_t rv = read_account(account, secrets, perror, p);
    int known = 0;

    if (rv != APR_SUCCESS) {
        return rv;
    }
    for (int i = 0; i < ring->accounts->nelts; i++) {
        qdn_account_t *other = entry(ring, i);

        if (strcmp(other->sid, account->sid)) {
            continue;
        }
        if (!merge_tokens(other, account)) {
            *perror =
                apr_psprintf(p,
                             "%s and %s have different tokens for "
                             "account %s (fingerprints %s and %s); "
                             "use one source for an account",
                             qdn_source_name(other->source, p),
                             qdn_source_name(account->source, p), account->sid,
                             qdn_digest_fingerprint(other->tokens[0], p),
                             qdn_digest_fingerprint(account->tokens[0], p));
            return QDN_ECONFLICT;
        }
        known = known || !strcmp(other->source, account->source);
    }
    if (!known) {
        APR_ARRAY_PUSH(ring->accounts, qdn_account_t *) = account;
    }
    return APR_SUCCESS;
}

const qdn_account_t *qdn_keyring_find(const qdn_keyring_t *ring,
                                      const char *sid)
{
    for (int i = 0; sid && i < ring->accounts->nelts; i++) {
        if (!strcmp(entry(ring, i)->sid, sid)) {
            return entry(ring, i);
        }
    }
    return NULL;
}

int qdn_keyring_covers(const qdn_keyring_t *ring, const qdn_account_t *account,
                       const char *source)
{
    for (int i = 0; account && source && i < ring->accounts->nelts; i++) {
        const qdn_account_t *other = entry(ring, i);

        if (!strcmp(other->sid, account->sid) &&
            !strcmp(other->source, source)) {
            return 1;
        }
    }
    return 0;
}
