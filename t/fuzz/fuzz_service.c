/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: webhooks, one after the other, an empty line between them. A line
 * each: method and signature (none: it is signed rightly), target below the
 * prefix, content type, then the body. What a mutation would never hit is
 * written with a sign: a target "@voice/next" is the URL of that step in the
 * answers so far; a body or query that begins with & belongs to the caller's
 * call of our account, with ! to a called person's leg.
 *
 * Nobody gets TwiML without a signature; the same request again gets the same
 * answer, and events of the same ids at most; simulate's Twilio has no
 * complaint about any answer; every event can be kept.
 */
#include "fuzz.h"
#include <json-c/json.h>
#include "office.h"
#include "signature.h"
#include "twiml.h"
#include "twiml_doc.h"

#define WEBHOOKS_MAX 8
#define SLOTS        32 /* as many as eight webhooks may need */
#define MEAN         512

static const char line_conf[] =
    "QDNRule reject \"-\"\n"
    "QDNHop sergio/primary ana/mobile callerid=caller\n"
    "QDNHop sergio/backup when=always ring=10\n"
    "QDNWelcome Hello.\n"
    "QDNVoicemail greeting=\"Please leave a message.\" notify=sergio";

static const int statuses[] = { 200, 400, 403, 404, 405, 413, 415 };

/* Reading the configuration takes longer than a call: once is enough. */
static office_t *open_office(apr_pool_t *pool)
{
    static office_t *o;
    apr_size_t size = qdn_recall_size(SLOTS, MEAN);

    if (!o) {
        o = office_open(line_conf);
    }
    o->pool = pool;
    o->events = apr_array_make(pool, 16, sizeof(qdn_event_t));
    o->messages = apr_array_make(pool, 16, sizeof(const char *));
    o->service.replies = qdn_recall_init(apr_pcalloc(pool, size), SLOTS, MEAN);
    o->service.legs = qdn_recall_init(apr_pcalloc(pool, size), SLOTS, MEAN);
    return o;
}

static const char *fill_in(const char *parameters, apr_pool_t *pool)
{
    static const char account[] = "AccountSid=" OFFICE_SID "&CallSid=";

    switch (*parameters) {
    case '&':
        return apr_pstrcat(pool, account, OFFICE_CALL, parameters, NULL);
    case '!':
        return apr_pstrcat(pool, account,
                           OFFICE_LEG "&ParentCallSid=" OFFICE_CALL "&",
                           parameters + 1, NULL);
    default:
        return parameters;
    }
}

/* The newest URL of a step in what was answered, or the step without one. */
static const char *find_target(const apr_array_header_t *answers,
                               const char *step, apr_pool_t *pool)
{
    const char *url = apr_pstrcat(pool, OFFICE_URL "/", step, "?", NULL);
    int i;

    for (i = answers->nelts; i-- > 0;) {
        const char *at = strstr(APR_ARRAY_IDX(answers, i, const char *), url);

        if (at) {
            at += strlen(OFFICE_URL) + 1;
            return apr_pstrmemdup(pool, at, strcspn(at, "\"<"));
        }
    }
    return step;
}

static const char *read_target(const char *line,
                               const apr_array_header_t *answers,
                               apr_pool_t *pool)
{
    size_t n = strcspn(line, "?");

    if (*line == '@') {
        return find_target(answers, line + 1, pool);
    }
    return line[n] ? apr_pstrcat(pool, apr_pstrmemdup(pool, line, n + 1),
                                 fill_in(line + n + 1, pool), NULL)
                   : line;
}

/* *psignature: the one that was given, or NULL. */
static qdn_request_t read_request(office_t *o, const char **prest,
                                  const apr_array_header_t *answers,
                                  const char **psignature)
{
    const char *first = fuzz_line(prest, o->pool);
    const char *target =
        read_target(fuzz_line(prest, o->pool), answers, o->pool);
    qdn_request_t request = office_request(o, target, "");
    size_t n = strcspn(first, " ");
    const char *end;

    request.method = apr_pstrmemdup(o->pool, first, n);
    *psignature = first[n] ? first + n + 1 : NULL;
    request.content_type = fuzz_line(prest, o->pool);
    end = strstr(*prest, "\n\n");
    n = end ? (size_t)(end - *prest) : strlen(*prest);
    request.body = fill_in(apr_pstrmemdup(o->pool, *prest, n), o->pool);
    request.body_len = strlen(request.body);
    *prest += end ? n + 2 : n;
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

static void check_document(const qdn_request_t *r, const qdn_reply_t *reply)
{
    const char *step = r->target + strlen("/qdn/twilio/");
    int called = strncmp(step, "voice/screen", 12) == 0 ||
                 strncmp(step, "voice/accept", 12) == 0;
    qdn_complaints_t *c = qdn_complaints_create(r->pool);
    qdn_verb_t *root;

    qdn_twiml_doc_read(&root, reply->body, strlen(reply->body),
                       reply->content_type,
                       called ? QDN_LEG_CALLEE : QDN_LEG_CALLER, c, r->pool);
    FUZZ_CHECK(root && qdn_complaints_count(c) == 0);
}

static void check_event(const qdn_event_t *event, apr_pool_t *pool)
{
    apr_size_t len;
    const char *line = qdn_event_encode(event, &len, pool);
    json_object *detail;
    qdn_event_t again;

    FUZZ_CHECK(qdn_event_decode(&again, line, len, pool) == APR_SUCCESS);
    FUZZ_CHECK(strlen(event->id) == QDN_ID_HEX);
    if (event->detail) {
        detail = json_tokener_parse(again.detail);
        FUZZ_CHECK(json_object_is_type(detail, json_type_object));
        json_object_put(detail);
    }
}

/* A repetition may say the same again: ids tell, and SQL keeps one. */
static void check_repeated(const office_t *o, int before, int events)
{
    int i, k;

    for (i = events; i < o->events->nelts; i++) {
        k = before;
        while (strcmp(APR_ARRAY_IDX(o->events, i, qdn_event_t).id,
                      APR_ARRAY_IDX(o->events, k, qdn_event_t).id) != 0) {
            FUZZ_CHECK(++k < events);
        }
    }
}

/* The answer, or NULL if it is no TwiML. */
static const char *check_webhook(office_t *o, qdn_request_t *request,
                                 const char *given)
{
    const char *right = sign(o, request);
    int before = o->events->nelts;
    int events, i;
    qdn_reply_t reply, again;

    request->signature = given ? given : right;
    reply = office_answer(o, request);
    check_reply(&reply, !given || strcmp(given, right) == 0);
    events = o->events->nelts;
    FUZZ_CHECK(reply.status == 200 || events == before);
    for (i = before; i < events; i++) {
        check_event(&APR_ARRAY_IDX(o->events, i, qdn_event_t), o->pool);
    }

    again = office_answer(o, request);
    FUZZ_CHECK(again.status == reply.status);
    FUZZ_CHECK(strcmp(again.body, reply.body) == 0);
    FUZZ_CHECK(o->events->nelts == events || events > before);
    check_repeated(o, before, events);
    if (reply.status != 200) {
        return NULL;
    }
    check_document(request, &reply);
    return reply.body;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    office_t *o = open_office(pool);
    apr_array_header_t *answers =
        apr_array_make(pool, WEBHOOKS_MAX, sizeof(const char *));
    const char *rest = fuzz_text(data, size, pool);
    const char *given, *answer;
    int i;

    for (i = 0; i == 0 || (i < WEBHOOKS_MAX && *rest); i++) {
        qdn_request_t request = read_request(o, &rest, answers, &given);

        request.now = o->now + i * apr_time_from_sec(7);
        answer = check_webhook(o, &request, given);
        if (answer) {
            APR_ARRAY_PUSH(answers, const char *) = answer;
        }
    }
    apr_pool_destroy(pool);
    return 0;
}
