/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "google.h"
#include "json_text.h"
#include "status.h"
#include "text.h"

/* Base64 in the alphabet of URLs, without padding (RFC 7515). */
static const char *base64url(const void *data, apr_size_t len, apr_pool_t *p)
{
    char *coded = apr_palloc(p, (len + 2) / 3 * 4 + 1);
    char *s;

    EVP_EncodeBlock((unsigned char *)coded, data, (int)len);
    coded[strcspn(coded, "=")] = '\0';
    for (s = coded; *s; s++) {
        *s = *s == '+' ? '-' : *s == '/' ? '_' : *s;
    }
    return coded;
}

static const char *write_header(const char *key_id, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 128, p);
    qdn_text_add(&t, "{\"alg\":\"RS256\",\"typ\":\"JWT\"");
    if (key_id) {
        qdn_text_add(&t, ",\"kid\":");
        qdn_text_add_json(&t, key_id);
    }
    qdn_text_addc(&t, '}');
    return base64url(t.buf, t.len, p);
}

static const char *write_claims(const char *email, const char *audience,
                                apr_time_t now, apr_pool_t *p)
{
    apr_int64_t at = apr_time_sec(now);
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_add(&t, "{\"iss\":");
    qdn_text_add_json(&t, email);
    qdn_text_add(&t, ",\"scope\":\"" QDN_GOOGLE_SCOPE "\",\"aud\":");
    qdn_text_add_json(&t, audience);
    qdn_text_addf(&t, ",\"iat\":%" APR_INT64_T_FMT, at);
    qdn_text_addf(&t, ",\"exp\":%" APR_INT64_T_FMT "}", at + QDN_GOOGLE_LIFE);
    return base64url(t.buf, t.len, p);
}

static EVP_PKEY *read_key(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = NULL;

    if (bio) {
        /* The passphrase "": else it is asked for, at a terminal. */
        key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"");
    }
    BIO_free(bio);
    if (key && EVP_PKEY_base_id(key) != EVP_PKEY_RSA) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key;
}

/* RSASSA-PKCS1-v1_5 with SHA-256; NULL: libcrypto would not. */
static const char *sign(EVP_PKEY *key, const char *text, apr_pool_t *p)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const unsigned char *data = (const unsigned char *)text;
    unsigned char *signature = NULL;
    size_t len = 0;

    if (context &&
        EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(context, NULL, &len, data, strlen(text)) == 1) {
        signature = apr_palloc(p, len);
        if (EVP_DigestSign(context, signature, &len, data, strlen(text)) != 1) {
            signature = NULL;
        }
    }
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return signature ? base64url(signature, len, p) : NULL;
}

apr_status_t qdn_google_assertion(const char **passertion, const char *key,
                                  const char *audience, apr_time_t now,
                                  const char **perror, apr_pool_t *p)
{
    struct json_object *file;
    const char *email, *pem, *told, *signature;
    EVP_PKEY *private;

    if (qdn_json_read(&file, key, strlen(key), &told, p)) {
        *perror =
            apr_pstrcat(p, "the service account's key file: ", told, NULL);
        return QDN_EMALFORMED;
    }
    email = qdn_json_string(file, "client_email");
    pem = qdn_json_string(file, "private_key");
    if (!email || !pem) {
        *perror = "the service account's key file lacks client_email or "
                  "private_key";
        return QDN_EMALFORMED;
    }
    private = read_key(pem);
    if (!private) {
        *perror = "private_key of the service account's key file is no RSA "
                  "key in PEM";
        return QDN_EMALFORMED;
    }
    told =
        apr_pstrcat(p, write_header(qdn_json_string(file, "private_key_id"), p),
                    ".", write_claims(email, audience, now, p), NULL);
    signature = sign(private, told, p);
    EVP_PKEY_free(private);
    if (!signature) {
        *perror = "the service account's key does not sign";
        return QDN_EMALFORMED;
    }
    *passertion = apr_pstrcat(p, told, ".", signature, NULL);
    return APR_SUCCESS;
}

static void add_field(qdn_text_t *t, const char *name, const char *value)
{
    qdn_text_add(t, t->len ? "&" : "");
    qdn_text_add(t, name);
    qdn_text_addc(t, '=');
    qdn_text_add_urlenc(t, value);
}

const char *qdn_google_form_assertion(const char *assertion, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, strlen(assertion) + 128, p);
    add_field(&t, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    add_field(&t, "assertion", assertion);
    return t.buf;
}

const char *qdn_google_form_refresh(const char *client_id,
                                    const char *client_secret,
                                    const char *refresh_token, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 512, p);
    add_field(&t, "client_id", client_id);
    add_field(&t, "client_secret", client_secret);
    add_field(&t, "refresh_token", refresh_token);
    add_field(&t, "grant_type", "refresh_token");
    return t.buf;
}
