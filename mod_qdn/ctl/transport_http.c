/* SPDX-License-Identifier: Apache-2.0 */
#include "transport_http.h"

#include <apr_strings.h>
#include <curl/curl.h>
#include <string.h>
#include "text.h"

#define CONNECT_MS 5000L
#define TOTAL_MS   15000L
#define ANSWER_MAX (1024 * 1024) /* then the connection is cut */

struct qdn_transport_http_t {
    CURL *curl;
    const char *public_url;
    const char *base_url;
    struct curl_slist *connect_to;
};

static apr_status_t close_transport(void *baton)
{
    qdn_transport_http_t *t = baton;

    curl_easy_cleanup(t->curl);
    curl_slist_free_all(t->connect_to);
    return APR_SUCCESS;
}

apr_status_t qdn_transport_http_open(qdn_transport_http_t **ptransport,
                                     const char *public_url,
                                     const char *base_url, const char *connect,
                                     apr_pool_t *p)
{
    qdn_transport_http_t *t = apr_pcalloc(p, sizeof(*t));

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        !(t->curl = curl_easy_init())) {
        return APR_EGENERAL;
    }
    t->public_url = public_url;
    t->base_url = base_url ? base_url : public_url;
    if (connect) {
        t->connect_to =
            curl_slist_append(NULL, apr_pstrcat(p, "::", connect, NULL));
    }
    apr_pool_cleanup_register(p, t, close_transport, apr_pool_cleanup_null);
    *ptransport = t;
    return APR_SUCCESS;
}

static size_t take_body(char *data, size_t size, size_t n, void *baton)
{
    qdn_text_t *body = baton;

    if (body->len + size * n > ANSWER_MAX) {
        return 0;
    }
    qdn_text_addn(body, data, size * n);
    return size * n;
}

/* The player has checked that d->url begins with public_url. */
static const char *target(const qdn_transport_http_t *t,
                          const qdn_delivery_t *d, apr_pool_t *p)
{
    return apr_pstrcat(p, t->base_url, d->url + strlen(t->public_url), NULL);
}

static struct curl_slist *headers(const qdn_delivery_t *d, apr_pool_t *p)
{
    struct curl_slist *list = NULL;

    list = curl_slist_append(
        list, apr_pstrcat(p, "X-Twilio-Signature: ", d->signature, NULL));
    list = curl_slist_append(
        list, apr_pstrcat(p, "I-Twilio-Idempotency-Token: ", d->token, NULL));
    list = curl_slist_append(list, "X-Home-Region: us1");
    list = curl_slist_append(list, "Expect:");
    list = curl_slist_append(
        list,
        apr_psprintf(p, QDN_TEST_CLOCK_HEADER ": %" APR_TIME_T_FMT, d->now));
    if (d->content_type) {
        list = curl_slist_append(
            list, apr_pstrcat(p, "Content-Type: ", d->content_type, NULL));
    }
    return list;
}

static void prepare(qdn_transport_http_t *t, const qdn_delivery_t *d,
                    struct curl_slist *list, qdn_text_t *body, char *error,
                    apr_pool_t *p)
{
    CURL *c = t->curl;

    curl_easy_reset(c);
    curl_easy_setopt(c, CURLOPT_URL, target(t, d, p));
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "TwilioProxy/1.1");
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, TOTAL_MS);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
    if (t->connect_to) {
        curl_easy_setopt(c, CURLOPT_CONNECT_TO, t->connect_to);
    }
    if (strcmp(d->method, "POST") == 0) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, d->body);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)strlen(d->body));
    }
}

/* One more try, but only if no connection came about. */
static CURLcode perform(CURL *curl)
{
    CURLcode code = curl_easy_perform(curl);

    if (code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR) {
        code = curl_easy_perform(curl);
    }
    return code;
}

apr_status_t qdn_transport_http(void *baton, qdn_delivery_t *d,
                                const char **perror, apr_pool_t *p)
{
    qdn_transport_http_t *t = baton;
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *list = headers(d, p);
    const char *type = NULL;
    qdn_text_t body;
    CURLcode code;
    long status = 0;

    qdn_text_init(&body, 1024, p);
    prepare(t, d, list, &body, error, p);
    code = perform(t->curl);
    if (code == CURLE_OK) {
        curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(t->curl, CURLINFO_CONTENT_TYPE, &type);
        d->status = (int)status;
        d->reply_type = apr_pstrdup(p, type);
        d->reply = body.buf;
        d->reply_len = body.len;
    }
    else {
        *perror = apr_pstrdup(p, *error ? error : curl_easy_strerror(code));
    }
    curl_slist_free_all(list);
    return code == CURLE_OK ? APR_SUCCESS : APR_EGENERAL;
}
