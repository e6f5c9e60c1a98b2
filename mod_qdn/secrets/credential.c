/* SPDX-License-Identifier: Apache-2.0 */
#include "credential.h"

#include <apr_lib.h>
#include <string.h>

#include "digest.h"
#include "sid.h"

#define TOKEN_LEN  32
#define SECRET_LEN 32

#define LOWER_HEX "0123456789abcdef"

/* Names that are needed together, if one of them is there. */
typedef enum { ALONE, ALWAYS, GOOGLE_OAUTH } group_e;

typedef struct known_t {
    const char *name;
    const char *kind;
    group_e group;
    int (*fits)(const char *value);
    const char *fault; /* what is said when the value does not fit */
} known_t;

static int fits_account(const char *value)
{
    return qdn_sid_ok(value, "AC");
}

static int fits_key(const char *value)
{
    return qdn_sid_ok(value, "SK");
}

static int fits_token(const char *value)
{
    return strlen(value) == TOKEN_LEN && strspn(value, LOWER_HEX) == TOKEN_LEN;
}

/* One word of printable ASCII, which is all that Google promises. */
static int fits_word(const char *value)
{
    const char *s = value;

    while (apr_isgraph(*s)) {
        s++;
    }
    return *value && !*s;
}

static int fits_key_secret(const char *value)
{
    const char *s = value;

    while (apr_isalnum(*s)) {
        s++;
    }
    return !*s && s - value == SECRET_LEN;
}

static int fits_date(const char *value)
{
    static const char form[] = "0000-00-00";
    int month, day;

    if (strlen(value) != sizeof(form) - 1) {
        return 0;
    }
    for (apr_size_t i = 0; form[i]; i++) {
        if (form[i] == '-' ? value[i] != '-' : !apr_isdigit(value[i])) {
            return 0;
        }
    }
    month = (value[5] - '0') * 10 + value[6] - '0';
    day = (value[8] - '0') * 10 + value[9] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static int fits_path(const char *value)
{
    return *value == '/';
}

#define TOKEN_FAULT "is not 32 lower-case hex digits"
#define WORD_FAULT  "is not one word of printable ASCII"

static const known_t known[] = {
    { .name = "TWILIO_ACCOUNT_SID",
      .kind = "account",
      .group = ALWAYS,
      .fits = fits_account,
      .fault = "is not AC and 32 hex digits" },
    { .name = "TWILIO_AUTH_TOKEN",
      .kind = "auth-token",
      .group = ALWAYS,
      .fits = fits_token,
      .fault = TOKEN_FAULT },
    { .name = "TWILIO_AUTH_TOKEN_SECONDARY",
      .kind = "auth-token",
      .fits = fits_token,
      .fault = TOKEN_FAULT },
    { .name = "TWILIO_API_KEY",
      .kind = "api-key",
      .group = ALWAYS,
      .fits = fits_key,
      .fault = "is not SK and 32 hex digits" },
    { .name = "TWILIO_API_SECRET",
      .kind = "api-secret",
      .group = ALWAYS,
      .fits = fits_key_secret,
      .fault = "is not 32 letters and digits" },
    { .name = "TWILIO_API_KEY_CREATED",
      .kind = "date",
      .fits = fits_date,
      .fault = "is not a date as 2026-01-31" },
    { .name = "GOOGLE_SERVICE_ACCOUNT_FILE",
      .kind = "file",
      .fits = fits_path,
      .fault = "is not an absolute path" },
    { .name = "GOOGLE_CLIENT_ID",
      .kind = "oauth-client",
      .group = GOOGLE_OAUTH,
      .fits = fits_word,
      .fault = WORD_FAULT },
    { .name = "GOOGLE_CLIENT_SECRET",
      .kind = "oauth-secret",
      .group = GOOGLE_OAUTH,
      .fits = fits_word,
      .fault = WORD_FAULT },
    { .name = "GOOGLE_REFRESH_TOKEN",
      .kind = "oauth-refresh-token",
      .group = GOOGLE_OAUTH,
      .fits = fits_word,
      .fault = WORD_FAULT },
};

#define KNOWN (sizeof(known) / sizeof(*known))

static const known_t *find_known(const char *name)
{
    for (apr_size_t i = 0; i < KNOWN; i++) {
        if (!strcmp(known[i].name, name)) {
            return &known[i];
        }
    }
    return NULL;
}

static const char *fault_of(const known_t *row, const char *value)
{
    if (!*value) {
        return "is empty";
    }
    return row && !row->fits(value) ? row->fault : NULL;
}

apr_array_header_t *qdn_credential_list(const qdn_secrets_t *secrets,
                                        apr_pool_t *p)
{
    apr_array_header_t *list =
        apr_array_make(p, secrets->names->nelts, sizeof(qdn_credential_t));

    for (int i = 0; i < secrets->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(secrets->names, i, const char *);
        const char *value = qdn_secrets_get(secrets, name);
        const known_t *row = find_known(name);

        APR_ARRAY_PUSH(list, qdn_credential_t) = (qdn_credential_t){
            .name = name,
            .kind = row ? row->kind : "other",
            .fingerprint = *value ? qdn_digest_fingerprint(value, p) : "",
            .fault = fault_of(row, value),
        };
    }
    return list;
}

static int has_value(const qdn_secrets_t *secrets, const char *name)
{
    const char *value = qdn_secrets_get(secrets, name);

    return value && *value;
}

static int is_needed(const qdn_secrets_t *secrets, group_e group)
{
    for (apr_size_t i = 0; group != ALWAYS && i < KNOWN; i++) {
        if (known[i].group == group && has_value(secrets, known[i].name)) {
            return group != ALONE;
        }
    }
    return group == ALWAYS;
}

apr_array_header_t *qdn_credential_missing(const qdn_secrets_t *secrets,
                                           apr_pool_t *p)
{
    apr_array_header_t *missing = apr_array_make(p, 4, sizeof(const char *));

    for (apr_size_t i = 0; i < KNOWN; i++) {
        if (is_needed(secrets, known[i].group) &&
            !has_value(secrets, known[i].name)) {
            APR_ARRAY_PUSH(missing, const char *) = known[i].name;
        }
    }
    return missing;
}
