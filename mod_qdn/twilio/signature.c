/* SPDX-License-Identifier: Apache-2.0 */
#include "signature.h"

#include <apr_lib.h>
#include <stdlib.h>
#include <string.h>
#include "digest.h"
#include "status.h"

/* A URL cut where a port stands or would stand. */
typedef struct url_t {
    const char *head; /* scheme://host */
    apr_size_t head_len;
    const char *port; /* ":8443", or the scheme's default */
    apr_size_t port_len;
    const char *tail; /* path and query, as sent */
    apr_size_t tail_len;
} url_t;

/* Sort key: name, then value, both in byte order. */
static int compare_fields(const void *a, const void *b)
{
    const qdn_field_t *x = *(const qdn_field_t *const *)a;
    const qdn_field_t *y = *(const qdn_field_t *const *)b;
    int order = strcmp(x->name, y->name);

    return order ? order : strcmp(x->value, y->value);
}

/* The fields in signing order; *psize: bytes of all names and values. */
static const qdn_field_t **sort_fields(const apr_array_header_t *form,
                                       apr_size_t *psize, apr_pool_t *p)
{
    const qdn_field_t *field = (const qdn_field_t *)form->elts;
    apr_size_t n = (apr_size_t)form->nelts;
    const qdn_field_t **sorted = apr_palloc(p, (n + 1) * sizeof(*sorted));
    apr_size_t i;

    *psize = 0;
    for (i = 0; i < n; i++) {
        sorted[i] = &field[i];
        *psize += strlen(field[i].name) + strlen(field[i].value);
    }
    sorted[n] = NULL;
    qsort(sorted, n, sizeof(*sorted), compare_fields);
    return sorted;
}

/* Append the sorted fields without repetitions; the end of what is written. */
static char *write_fields(char *out, const qdn_field_t *const *sorted)
{
    for (; *sorted; sorted++) {
        /* Repeated pairs are neighbours: the last of them is written. */
        if (!sorted[1] || compare_fields(&sorted[0], &sorted[1]) != 0) {
            out = stpcpy(out, (*sorted)->name);
            out = stpcpy(out, (*sorted)->value);
        }
    }
    return out;
}

static const qdn_field_t **signed_fields(const qdn_signed_t *what,
                                         apr_size_t *psize, apr_pool_t *p)
{
    static const qdn_field_t *none[] = { NULL };

    *psize = 0;
    return what->form ? sort_fields(what->form, psize, p) : none;
}

const char *qdn_signature_make(const qdn_signed_t *what, const char *token,
                               apr_pool_t *p)
{
    apr_size_t url_len = strlen(what->url);
    apr_size_t size;
    const qdn_field_t **fields = signed_fields(what, &size, p);
    char *text = apr_palloc(p, url_len + size + 1);
    char *signature = apr_palloc(p, QDN_HMAC_SHA1_B64 + 1);
    char *end;

    memcpy(text, what->url, url_len);
    end = write_fields(text + url_len, fields);
    qdn_digest_hmac_sha1(token, text, (apr_size_t)(end - text), signature);
    return signature;
}

static url_t split_url(const char *url)
{
    const char *scheme_end = strstr(url, "://");
    const char *end = url + strlen(url);
    url_t u = { .head = url, .port = "", .tail = end };
    const char *host, *digits;

    if (scheme_end) {
        host = scheme_end + 3;
        digits = u.tail = host + strcspn(host, "/?");
        u.port = strncmp(url, "https:", 6) == 0 ? ":443" : ":80";
        while (digits > host && apr_isdigit(digits[-1])) {
            digits--;
        }
    }
    u.port_len = strlen(u.port);
    u.head_len = (apr_size_t)(u.tail - url);
    u.tail_len = (apr_size_t)(end - u.tail);

    /* The colons inside an IPv6 address stand before its bracket. */
    if (scheme_end && digits > host && digits[-1] == ':') {
        u.port = digits - 1;
        u.port_len = (apr_size_t)(u.tail - u.port);
        u.head_len -= u.port_len;
    }
    return u;
}

/* Does the signature fit this text under any token? */
static int fits_any(const char *text, const char *end,
                    const char *const *tokens, const char *signature)
{
    char expected[QDN_HMAC_SHA1_B64 + 1];

    for (; *tokens; tokens++) {
        /* Anybody can sign with the empty key. */
        if (**tokens) {
            qdn_digest_hmac_sha1(*tokens, text, (apr_size_t)(end - text),
                                 expected);
            if (qdn_digest_equal(expected, signature)) {
                return 1;
            }
        }
    }
    return 0;
}

int qdn_signature_verify(const qdn_signed_t *what, const char *const *tokens,
                         const char *signature, apr_pool_t *p)
{
    url_t u = split_url(what->url);
    const qdn_field_t **fields;
    apr_size_t size;
    char *text, *bare, *end;

    if (!signature) {
        return 0;
    }
    fields = signed_fields(what, &size, p);

    /*
     * Both candidates share one buffer: first head and tail, with room for
     * the port before them; then the head moves down and the port fills the
     * gap.
     */
    text = apr_palloc(p, u.port_len + u.head_len + u.tail_len + size + 1);
    bare = text + u.port_len;
    memcpy(bare, u.head, u.head_len);
    memcpy(bare + u.head_len, u.tail, u.tail_len);
    end = write_fields(bare + u.head_len + u.tail_len, fields);
    if (fits_any(bare, end, tokens, signature)) {
        return 1;
    }
    memmove(text, bare, u.head_len);
    memcpy(text + u.head_len, u.port, u.port_len);
    return fits_any(text, end, tokens, signature);
}

apr_status_t qdn_signature_body(const char *url, const void *body,
                                apr_size_t len, apr_pool_t *p)
{
    static const char name[] = "bodySHA256";
    const char *query = strchr(url, '?');
    apr_array_header_t *fields;
    char hex[QDN_SHA256_HEX + 1];
    int n;

    if (!query) {
        return APR_NOTFOUND;
    }
    query++;
    if (qdn_form_parse(&fields, query, strlen(query), p) != APR_SUCCESS) {
        return QDN_EFORBIDDEN;
    }
    n = qdn_form_count(fields, name);
    if (n == 0) {
        return APR_NOTFOUND;
    }
    qdn_digest_sha256(body, len, hex);
    if (n > 1 || !qdn_digest_equal(hex, qdn_form_get(fields, name))) {
        return QDN_EFORBIDDEN;
    }
    return APR_SUCCESS;
}
