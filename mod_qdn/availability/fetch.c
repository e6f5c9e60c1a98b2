/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define KEEP_MAX        256 /* of ETag and Last-Modified */
#define RETRY_AFTER_MAX 3600
#define SLOW_BYTES      100L /* a second, for so many seconds: too slow */
#define SLOW_SECONDS    10L

typedef struct host_t {
    const char *name;
    int running;
    int silent; /* its last question was not answered */
} host_t;

/* A question on its way. */
typedef struct errand_t {
    qdn_fetch_t *fetch;
    apr_pool_t *pool;
    qdn_question_t question;
    const char *url;    /* where the last redirect led */
    const char *origin; /* scheme, host and port of the question */
    const char *here;   /* likewise of url */
    host_t *host;       /* of the question */
    CURL *curl;
    struct curl_slist *headers;
    char *body; /* of malloc: it grows, and pools do not give back */
    apr_size_t len, size;
    const char *fault; /* why we broke off */
    const char *etag, *modified;
    int redirects;
    apr_interval_time_t until; /* monotonic */
    struct errand_t *next;     /* refused ones, which wait to be told */
} errand_t;

struct qdn_fetch_t {
    apr_pool_t *pool;
    CURLM *multi;
    const char *agent;
    apr_hash_t *hosts; /* that questions name; redirects add none */
    int running;
    errand_t *refused;
};

static const struct {
    CURLcode code;
    const char *text;
} faults[] = {
    { CURLE_COULDNT_RESOLVE_HOST, "its host's name is not known" },
    { CURLE_COULDNT_CONNECT, "it cannot be reached" },
    { CURLE_OPERATION_TIMEDOUT, "it did not answer in time" },
    { CURLE_PEER_FAILED_VERIFICATION, "its certificate is not trusted" },
    { CURLE_SSL_CONNECT_ERROR, "no TLS connection came about" },
    { CURLE_GOT_NOTHING, "it closed the connection without an answer" },
    { CURLE_RECV_ERROR, "the connection broke" },
    { CURLE_SEND_ERROR, "the connection broke" },
    { CURLE_PARTIAL_FILE, "its answer was cut off" },
    { CURLE_HTTP2, "its answer was cut off" },
    { CURLE_HTTP2_STREAM, "its answer was cut off" },
    { CURLE_BAD_CONTENT_ENCODING, "its answer is badly encoded" },
    { CURLE_WEIRD_SERVER_REPLY, "what it answers is not HTTP" },
    { CURLE_UNSUPPORTED_PROTOCOL, "what it answers is not HTTP" },
};

static const char *fault_text(CURLcode code)
{
    apr_size_t i;

    for (i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        if (faults[i].code == code) {
            return faults[i].text;
        }
    }
    return curl_easy_strerror(code);
}

static int is_loopback(const char *host)
{
    return !strcasecmp(host, "localhost") || !strcmp(host, "[::1]") ||
           (!strncmp(host, "127.", 4) &&
            strspn(host, "0123456789.") == strlen(host));
}

static const char *judge_url(CURLU *parsed, const char *url, const char **phost,
                             apr_pool_t *p)
{
    char *scheme = NULL, *host = NULL, *port = NULL;
    const char *fault = NULL;

    *phost = NULL;
    if (curl_url_set(parsed, CURLUPART_URL, url, 0) ||
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) ||
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) ||
        curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT)) {
        fault = "that is no URL";
    }
    else if (strcmp(scheme, "https") &&
             (strcmp(scheme, "http") || !is_loopback(host))) {
        fault = "that is neither https nor http on this machine";
    }
    else {
        *phost = apr_pstrcat(p, scheme, "://", host, ":", port, NULL);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    return fault;
}

const char *qdn_fetch_refuse(const char *url, const char **phost, apr_pool_t *p)
{
    CURLU *parsed = curl_url();
    const char *fault = judge_url(parsed, url, phost, p);

    curl_url_cleanup(parsed);
    return fault;
}

const char *qdn_fetch_basic(const char *user, const char *password,
                            apr_pool_t *p)
{
    const char *plain = apr_pstrcat(p, user, ":", password, NULL);
    apr_size_t len = strlen(plain);
    char *coded = apr_palloc(p, (len + 2) / 3 * 4 + 1);

    EVP_EncodeBlock((unsigned char *)coded, (const unsigned char *)plain,
                    (int)len);
    return apr_pstrcat(p, "Authorization: Basic ", coded, NULL);
}

static apr_status_t close_fetch(void *data)
{
    qdn_fetch_t *fetch = data;

    curl_multi_cleanup(fetch->multi);
    return APR_SUCCESS;
}

/* Runs before that of the multi, which must be empty then. */
static apr_status_t close_errand(void *data)
{
    errand_t *errand = data;

    if (errand->curl) {
        curl_multi_remove_handle(errand->fetch->multi, errand->curl);
        curl_easy_cleanup(errand->curl);
    }
    curl_slist_free_all(errand->headers);
    free(errand->body);
    return APR_SUCCESS;
}

apr_status_t qdn_fetch_open(qdn_fetch_t **pfetch, const char *version,
                            apr_pool_t *p)
{
    qdn_fetch_t *fetch = apr_pcalloc(p, sizeof(*fetch));

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        !(fetch->multi = curl_multi_init())) {
        return APR_EGENERAL;
    }
    fetch->pool = p;
    fetch->hosts = apr_hash_make(p);
    fetch->agent = apr_pstrcat(p, "mod_qdn/", version, NULL);
    curl_multi_setopt(fetch->multi, CURLMOPT_MAXCONNECTS,
                      (long)QDN_FETCH_PARALLEL);
    apr_pool_cleanup_register(p, fetch, close_fetch, apr_pool_cleanup_null);
    *pfetch = fetch;
    return APR_SUCCESS;
}

static host_t *find_host(qdn_fetch_t *fetch, const char *name)
{
    host_t *host = apr_hash_get(fetch->hosts, name, APR_HASH_KEY_STRING);

    if (!host) {
        host = apr_pcalloc(fetch->pool, sizeof(*host));
        host->name = apr_pstrdup(fetch->pool, name);
        apr_hash_set(fetch->hosts, host->name, APR_HASH_KEY_STRING, host);
    }
    return host;
}

int qdn_fetch_room(const qdn_fetch_t *fetch, const char *url)
{
    apr_pool_t *ptemp;
    const char *name;
    const host_t *host = NULL;

    if (fetch->running >= QDN_FETCH_PARALLEL) {
        return 0;
    }
    apr_pool_create(&ptemp, fetch->pool);
    if (!qdn_fetch_refuse(url, &name, ptemp)) {
        host = apr_hash_get(fetch->hosts, name, APR_HASH_KEY_STRING);
    }
    apr_pool_destroy(ptemp);
    return !host || host->running <
                        (host->silent ? QDN_FETCH_SILENT : QDN_FETCH_PER_HOST);
}

static size_t take_body(char *data, size_t size, size_t n, void *baton)
{
    errand_t *errand = baton;
    apr_size_t more = size * n;
    char *grown;

    if (more > errand->question.max - errand->len) {
        errand->fault = "its answer is too large";
        return 0;
    }
    if (errand->len + more >= errand->size) {
        apr_size_t room = errand->size ? errand->size * 2 : 4096;

        while (room <= errand->len + more) {
            room *= 2;
        }
        grown = realloc(errand->body, room);
        if (!grown) {
            errand->fault = "there is no memory for its answer";
            return 0;
        }
        errand->body = grown;
        errand->size = room;
    }
    memcpy(errand->body + errand->len, data, more);
    errand->len += more;
    errand->body[errand->len] = '\0';
    return more;
}

/* The value, in the errand's pool, if the line has that name. */
static void keep_header(errand_t *errand, const char *line, apr_size_t len,
                        const char *name, const char **pvalue)
{
    apr_size_t skip = strlen(name);

    if (len <= skip || strncasecmp(line, name, skip)) {
        return;
    }
    for (; len > skip && strchr(" \t\r\n", line[len - 1]); len--) {
    }
    for (; skip < len && strchr(" \t", line[skip]); skip++) {
    }
    *pvalue = len - skip > 0 && len - skip <= KEEP_MAX
                  ? apr_pstrmemdup(errand->pool, line + skip, len - skip)
                  : NULL;
}

static size_t take_header(char *line, size_t size, size_t n, void *baton)
{
    errand_t *errand = baton;

    keep_header(errand, line, size * n, "ETag:", &errand->etag);
    keep_header(errand, line, size * n, "Last-Modified:", &errand->modified);
    return size * n;
}

static void add_header(errand_t *errand, const char *line)
{
    if (line) {
        errand->headers = curl_slist_append(errand->headers, line);
    }
}

static void add_condition(errand_t *errand, const char *name, const char *value)
{
    if (value) {
        add_header(errand, apr_pstrcat(errand->pool, name, value, NULL));
    }
}

/* The secret only where the question was meant to go. */
static void make_headers(errand_t *errand)
{
    const qdn_question_t *q = &errand->question;
    int i;

    curl_slist_free_all(errand->headers);
    errand->headers = NULL;
    for (i = 0; q->headers && q->headers[i]; i++) {
        add_header(errand, q->headers[i]);
    }
    if (!strcmp(errand->here, errand->origin)) {
        add_header(errand, q->secret);
    }
    add_condition(errand, "If-None-Match: ", q->etag);
    add_condition(errand, "If-Modified-Since: ", q->etag ? NULL : q->modified);
    add_header(errand, "Expect:");
}

static void set_method(CURL *c, const qdn_question_t *q)
{
    if (strcmp(q->method, "GET")) {
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body ? q->body : "");
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE,
                         q->body ? (long)strlen(q->body) : 0L);
    }
}

static void set_bounds(errand_t *errand)
{
    CURL *c = errand->curl;
    apr_interval_time_t left = errand->until - qdn_clock_mono();

    if (left < apr_time_from_msec(1)) {
        left = apr_time_from_msec(1);
    }
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)apr_time_as_msec(QDN_FETCH_CONNECT));
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)apr_time_as_msec(left));
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Else the end of a question waits for a name server that is silent. */
    curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
#endif
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(c, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

/* The same handle for each redirect; its connections are the multi's. */
static void dispatch(errand_t *errand)
{
    CURL *c = errand->curl;

    curl_easy_reset(c);
    make_headers(errand);
    curl_easy_setopt(c, CURLOPT_URL, errand->url);
    curl_easy_setopt(c, CURLOPT_PRIVATE, errand);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, errand->headers);
    curl_easy_setopt(c, CURLOPT_USERAGENT, errand->fetch->agent);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, errand);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, errand);
    set_method(c, &errand->question);
    set_bounds(errand);
    errand->len = 0;
    errand->etag = errand->modified = NULL;
    curl_multi_add_handle(errand->fetch->multi, c);
}

static const char *const *copy_headers(const char *const *headers,
                                       apr_pool_t *p)
{
    const char **copy;
    int i, n = 0;

    while (headers && headers[n]) {
        n++;
    }
    copy = apr_pcalloc(p, (apr_size_t)(n + 1) * sizeof(*copy));
    for (i = 0; i < n; i++) {
        copy[i] = apr_pstrdup(p, headers[i]);
    }
    return copy;
}

static errand_t *make_errand(qdn_fetch_t *fetch, const qdn_question_t *q)
{
    apr_pool_t *p;
    errand_t *errand;

    apr_pool_create(&p, fetch->pool);
    apr_pool_tag(p, "qdn_errand");
    errand = apr_pcalloc(p, sizeof(*errand));
    errand->fetch = fetch;
    errand->pool = p;
    errand->question = (qdn_question_t){
        .method = apr_pstrdup(p, q->method),
        .url = apr_pstrdup(p, q->url),
        .body = apr_pstrdup(p, q->body),
        .headers = copy_headers(q->headers, p),
        .secret = apr_pstrdup(p, q->secret),
        .etag = apr_pstrdup(p, q->etag),
        .modified = apr_pstrdup(p, q->modified),
        .max = q->max,
        .done = q->done,
        .baton = q->baton,
    };
    errand->until = qdn_clock_mono() + QDN_FETCH_TOTAL;
    apr_pool_pre_cleanup_register(p, errand, close_errand);
    return errand;
}

void qdn_fetch_begin(qdn_fetch_t *fetch, const qdn_question_t *question)
{
    errand_t *errand = make_errand(fetch, question);

    fetch->running++;
    errand->url = errand->question.url;
    errand->fault =
        qdn_fetch_refuse(errand->url, &errand->origin, errand->pool);
    if (!errand->fault && !(errand->curl = curl_easy_init())) {
        errand->fault = "there is no memory to ask";
    }
    if (errand->fault) {
        errand->next = fetch->refused;
        fetch->refused = errand;
        return;
    }
    errand->here = errand->origin;
    errand->host = find_host(fetch, errand->origin);
    errand->host->running++;
    dispatch(errand);
}

/* 1: it goes on, to another place. */
static int redirected(errand_t *errand, long status)
{
    const qdn_question_t *q = &errand->question;
    const char *host = NULL;
    char *url = NULL;

    if (status < 300 || status > 399 || status == 304) {
        return 0;
    }
    if (curl_easy_getinfo(errand->curl, CURLINFO_REDIRECT_URL, &url) || !url ||
        !strcmp(q->method, "POST") || status == 303) {
        return 0;
    }
    if (++errand->redirects > QDN_FETCH_REDIRECTS) {
        errand->fault = "it redirects too often";
        return 0;
    }
    url = apr_pstrdup(errand->pool, url);
    if (qdn_fetch_refuse(url, &host, errand->pool) ||
        (!strncmp(host, "http:", 5) && strncmp(errand->origin, "http:", 5))) {
        errand->fault = "it redirects to where nothing is encrypted";
        return 0;
    }
    errand->url = url;
    errand->here = host;
    curl_multi_remove_handle(errand->fetch->multi, errand->curl);
    dispatch(errand);
    return 1;
}

static void tell(errand_t *errand, const qdn_fetched_t *got)
{
    errand->fetch->running--;
    errand->question.done(errand->question.baton, got);
    apr_pool_destroy(errand->pool);
}

static void finish(errand_t *errand, CURLcode code)
{
    qdn_fetched_t got = { .error = errand->fault, .body = "" };
    curl_off_t wait = 0;
    long status = 0;

    curl_easy_getinfo(errand->curl, CURLINFO_RESPONSE_CODE, &status);
    if (!code && redirected(errand, status)) {
        return;
    }
    got.error = errand->fault ? errand->fault : code ? fault_text(code) : NULL;
    errand->host->running--;
    errand->host->silent = code && !status;
    if (!got.error) {
        got.status = (int)status;
        got.body = errand->len ? errand->body : "";
        got.len = errand->len;
        got.etag = errand->etag;
        got.modified = errand->modified;
        curl_easy_getinfo(errand->curl, CURLINFO_RETRY_AFTER, &wait);
        got.retry_after = apr_time_from_sec(
            wait > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (int)wait);
    }
    tell(errand, &got);
}

static void tell_refused(qdn_fetch_t *fetch)
{
    while (fetch->refused) {
        errand_t *errand = fetch->refused;
        qdn_fetched_t got = { .error = errand->fault, .body = "" };

        fetch->refused = errand->next;
        tell(errand, &got);
    }
}

void qdn_fetch_run(qdn_fetch_t *fetch, apr_interval_time_t at_most)
{
    CURLMsg *message;
    int running, left, ended = fetch->refused != NULL;

    tell_refused(fetch);
    if (!ended) {
        curl_multi_poll(fetch->multi, NULL, 0, (int)apr_time_as_msec(at_most),
                        NULL);
    }
    curl_multi_perform(fetch->multi, &running);
    while ((message = curl_multi_info_read(fetch->multi, &left))) {
        errand_t *errand = NULL;

        if (message->msg == CURLMSG_DONE) {
            CURLcode code = message->data.result;

            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &errand);
            finish(errand, code);
        }
    }
}
