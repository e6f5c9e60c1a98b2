/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a request, a line each: method and signature (none: it is signed
 * rightly), target below the prefix, content type, then the body to the end.
 * Nobody gets TwiML without a signature, and the same request again gets the
 * same answer without a new event.
 */
#include "fuzz.h"
#include "office.h"
#include "signature.h"
#include "twiml.h"

static const char line_conf[] =
    "QDNHop sergio/primary ana/mobile\n"
    "QDNHop sergio/backup when=always ring=10\n"
    "QDNVoicemail greeting=\"Please leave a message.\" notify=sergio";

static const int statuses[] = { 200, 400, 403, 404, 405, 413, 415 };

static qdn_request_t read_request(office_t *o, const char *rest,
                                  const char **psignature)
{
    const char *first = fuzz_line(&rest, o->pool);
    qdn_request_t request = office_request(o, fuzz_line(&rest, o->pool), "");
    size_t n = strcspn(first, " ");

    request.method = apr_pstrmemdup(o->pool, first, n);
    *psignature = first[n] ? first + n + 1 : NULL;
    request.content_type = fuzz_line(&rest, o->pool);
    request.body = rest;
    request.body_len = strlen(rest);
    return request;
}

static const char *sign(office_t *o, const qdn_request_t *r)
{
    qdn_signed_t what = { .url = apr_pstrcat(
                              o->pool, r->endpoint->url,
                              r->target + strlen(r->endpoint->prefix), NULL) };
    apr_array_header_t *form;

    if (strcmp(r->method, "GET") != 0 &&
        strstr(r->content_type, "form-urlencoded") &&
        qdn_form_parse(&form, r->body, r->body_len, o->pool) == APR_SUCCESS) {
        what.form = form;
    }
    return qdn_signature_make(&what, OFFICE_TOKEN, o->pool);
}

static void check_reply(const qdn_reply_t *reply, int is_signed)
{
    size_t len = strlen(reply->body);
    size_t i = 0;

    while (reply->status != statuses[i]) {
        FUZZ_CHECK(++i < sizeof(statuses) / sizeof(statuses[0]));
    }
    FUZZ_CHECK(!reply->allow == (reply->status != 405));
    if (reply->status == 200) {
        FUZZ_CHECK(is_signed);
        FUZZ_CHECK(strncmp(reply->body, "<?xml", 5) == 0);
        FUZZ_CHECK(len <= QDN_TWIML_MAX && reply->body[len - 1] == '>');
    }
    else {
        FUZZ_CHECK(strchr(reply->body, '\n') == reply->body + len - 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    office_t *o = office_open(line_conf);
    const char *given;
    qdn_request_t request =
        read_request(o, fuzz_text(data, size, pool), &given);
    qdn_reply_t reply, again;
    const char *right = sign(o, &request);
    int events;

    request.signature = given ? given : right;
    reply = office_answer(o, &request);
    check_reply(&reply, !given || strcmp(given, right) == 0);
    events = o->events->nelts;
    FUZZ_CHECK(reply.status == 200 || events == 0);

    again = office_answer(o, &request);
    FUZZ_CHECK(again.status == reply.status);
    FUZZ_CHECK(strcmp(again.body, reply.body) == 0);
    FUZZ_CHECK(o->events->nelts == events);
    office_close(o);
    apr_pool_destroy(pool);
    return 0;
}
