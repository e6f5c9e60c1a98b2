/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is let in: every row of the webhooks' refusals, each with its status,
 * its tag, its counter, a body that tells nothing, and nothing decided.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "office.h"
#include "signature.h"

#define LINE    "QDNHop sergio/primary\n"
#define ARRIVAL "From=%2B16195550150&To=%2B16195550100&CallStatus=ringing"

/* How a good request is spoiled. */
typedef struct spoiled_t {
    const char *title;
    const char *path;
    const char *parameters;
    const char *method;       /* NULL: POST */
    const char *content_type; /* NULL: a form; "": no header */
    apr_size_t body_len;      /* 0: as it is */
    const char *signature;    /* NULL: right; "": no header */
    int status;
    qdn_counter_e counter;
    const char *tag;
} spoiled_t;

#define TOKEN                                                                  \
    "1.16195550100.00112233445566778899aabbccddeeff.0123456789ab.1.0.1."       \
    "1768400000.0.01234567"
#define WRONG_SIGNATURE "AAAAAAAAAAAAAAAAAAAAAAAAAAA="

static const spoiled_t spoiled[] = {
    { "PUT", "voice", ARRIVAL, "PUT", NULL, 0, NULL, 405, QDN_COUNT_BAD_METHOD,
      "QDN0511" },
    { "HEAD", "voice", ARRIVAL, "HEAD", NULL, 0, NULL, 405,
      QDN_COUNT_BAD_METHOD, "QDN0511" },
    { "the method comes before the size", "voice", ARRIVAL, "DELETE", NULL,
      QDN_BODY_MAX + 1, NULL, 405, QDN_COUNT_BAD_METHOD, "QDN0511" },
    { "too long a body", "voice", ARRIVAL, NULL, NULL, QDN_BODY_MAX + 1, NULL,
      413, QDN_COUNT_TOO_LARGE, "QDN0512" },
    { "the size comes before the type", "voice", ARRIVAL, NULL, "text/plain",
      QDN_BODY_MAX + 1, NULL, 413, QDN_COUNT_TOO_LARGE, "QDN0512" },
    { "JSON without bodySHA256", "voice", ARRIVAL, NULL, "application/json", 0,
      NULL, 415, QDN_COUNT_BAD_TYPE, "QDN0513" },
    { "a type that only begins like a form", "voice", ARRIVAL, NULL,
      "application/x-www-form-urlencodedx", 0, NULL, 415, QDN_COUNT_BAD_TYPE,
      "QDN0513" },
    { "no content type", "voice", ARRIVAL, NULL, "", 0, NULL, 415,
      QDN_COUNT_BAD_TYPE, "QDN0513" },
    { "no signature", "voice", ARRIVAL, NULL, NULL, 0, "", 403,
      QDN_COUNT_BAD_SIGNATURE, "QDN0514" },
    { "a wrong signature", "voice", ARRIVAL, NULL, NULL, 0, WRONG_SIGNATURE,
      403, QDN_COUNT_BAD_SIGNATURE, "QDN0514" },
    { "a wrong signature of an unknown step", "nothing", ARRIVAL, NULL, NULL, 0,
      WRONG_SIGNATURE, 403, QDN_COUNT_BAD_SIGNATURE, "QDN0514" },
    { "a wrong bodySHA256",
      "voice?bodySHA256=00000000000000000000000000000000"
      "00000000000000000000000000000000",
      ARRIVAL, NULL, "application/json", 0, NULL, 403, QDN_COUNT_BAD_SIGNATURE,
      "QDN0514" },
    { "an unknown step", "voice/xyz", ARRIVAL, NULL, NULL, 0, NULL, 404,
      QDN_COUNT_BAD_STEP, "QDN0516" },
    { "no step", "", ARRIVAL, NULL, NULL, 0, NULL, 404, QDN_COUNT_BAD_STEP,
      "QDN0516" },
    { "a step and a slash", "voice/", ARRIVAL, NULL, NULL, 0, NULL, 404,
      QDN_COUNT_BAD_STEP, "QDN0516" },
    { "a coded step", "%76oice", ARRIVAL, NULL, NULL, 0, NULL, 404,
      QDN_COUNT_BAD_STEP, "QDN0516" },
    { "a CallSid that is none", "voice", "CallSid=CA1&" ARRIVAL, NULL, NULL, 0,
      NULL, 400, QDN_COUNT_MALFORMED, "QDN0517" },
    { "To given twice", "voice", ARRIVAL "&To=%2B16195550199", NULL, NULL, 0,
      NULL, 400, QDN_COUNT_MALFORMED, "QDN0517" },
    { "a step of the caller without its token", "voice/next", ARRIVAL, NULL,
      NULL, 0, NULL, 400, QDN_COUNT_MALFORMED, "QDN0517" },
    { "a leg's step with the caller's token", "voice/screen?l=" TOKEN, ARRIVAL,
      NULL, NULL, 0, NULL, 400, QDN_COUNT_MALFORMED, "QDN0517" },
    { "a leg of another call",
      "voice/screen?l=1.16195550100." OFFICE_CALL
      ".0.00112233445566778899aabbccddeeff.1.0.sergio.primary.0.0",
      "CallSid=" OFFICE_LEG "&ParentCallSid=CA11111111111111111111111111111111",
      NULL, NULL, 0, NULL, 400, QDN_COUNT_MALFORMED, "QDN0517" },
};

static void spoil(office_t *o, const spoiled_t *s)
{
    qdn_request_t request = office_request(o, s->path, s->parameters);
    qdn_reply_t reply;

    if (s->content_type) {
        request.content_type = s->content_type;
    }
    if (s->method) {
        request.method = s->method;
    }
    office_sign(o, &request);
    if (s->signature) {
        request.signature = *s->signature ? s->signature : NULL;
    }
    if (s->content_type && !*s->content_type) {
        request.content_type = NULL;
    }
    if (s->body_len) {
        request.body_len = s->body_len;
    }
    reply = office_answer(o, &request);
    if (reply.status != s->status || !office_logged(o, s->tag) ||
        qdn_counter_get(&o->counters, s->counter) != 1) {
        fail_msg("%s: status %d, tag %s %s", s->title, reply.status, s->tag,
                 office_logged(o, s->tag) ? "logged" : "not logged");
    }
    assert_string_equal(reply.content_type, "text/plain; charset=utf-8");
    assert_ptr_equal(strchr(reply.body, '\n') + 1,
                     reply.body + strlen(reply.body));
    assert_int_equal(reply.allow != NULL, s->status == 405);
    assert_int_equal(o->events->nelts, 0);
}

static void each_refusal(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(spoiled) / sizeof(spoiled[0]); i++) {
        office_t *o = office_open(LINE);

        spoil(o, &spoiled[i]);
        office_close(o);
    }
}

/* Signed with our token, but in the name of another account. */
static void another_account_is_refused_as_such(void **state)
{
    office_t *o = office_open(LINE);
    qdn_request_t request = office_request(o, "voice", ARRIVAL);

    (void)state;
    request.body = apr_pstrcat(o->pool,
                               "AccountSid=AC11111111111111111111111111111111"
                               "&CallSid=" OFFICE_CALL "&" ARRIVAL,
                               NULL);
    request.body_len = strlen(request.body);
    office_sign(o, &request);
    assert_int_equal(office_answer(o, &request).status, 403);
    assert_true(office_logged(o, "QDN0515"));
    assert_int_equal(o->events->nelts, 0);
    office_close(o);
}

/* A line of a subaccount takes webhooks of that account only. */
static void an_account_speaks_for_its_own_lines_only(void **state)
{
    office_t *o = office_open(LINE "QDNSecrets dotenv:/etc/qdn/other.env\n");

    (void)state;
    assert_int_equal(office_post(o, "voice", ARRIVAL).status, 403);
    assert_true(office_logged(o, "QDN0515"));
    assert_int_equal(o->events->nelts, 0);
    office_close(o);
}

/* Some clients leave the type out where there is nothing to describe. */
static void an_empty_body_needs_no_type(void **state)
{
    office_t *o = office_open(LINE);
    qdn_request_t request = office_request(o, "voice", "");

    (void)state;
    request.body = "";
    request.body_len = 0;
    office_sign(o, &request);
    request.content_type = NULL;
    /* The signature fits; whose it is nobody said. */
    assert_int_equal(office_answer(o, &request).status, 403);
    assert_true(office_logged(o, "QDN0515"));
    office_close(o);
}

static void get_is_as_good_as_post(void **state)
{
    office_t *o = office_open(LINE);
    qdn_request_t request = office_request(
        o, "voice?AccountSid=" OFFICE_SID "&CallSid=" OFFICE_CALL "&" ARRIVAL,
        "");

    (void)state;
    request.method = "GET";
    request.content_type = NULL;
    request.body = "";
    request.body_len = 0;
    office_sign(o, &request);
    assert_int_equal(office_answer(o, &request).status, 200);
    assert_int_equal(office_count(o, QDN_KIND_HOP_DIALLED), 1);
    office_close(o);
}

static void a_withheld_or_odd_caller_is_not_malformed(void **state)
{
    static const char *const callers[] = {
        "",   "anonymous", "%2B266696687", "sip%3Aa%40b.example", "client%3Ajo",
        "12", "Restricted"
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
        office_t *o = office_open(LINE);
        qdn_reply_t reply = office_post(
            o, "voice",
            apr_pstrcat(o->pool, "From=", callers[i],
                        "&To=%2B16195550100&CallStatus=ringing", NULL));

        assert_int_equal(reply.status, 200);
        assert_non_null(strstr(reply.body, "callerId=\"" OFFICE_LINE "\""));
        office_close(o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal),
        cmocka_unit_test(another_account_is_refused_as_such),
        cmocka_unit_test(an_account_speaks_for_its_own_lines_only),
        cmocka_unit_test(an_empty_body_needs_no_type),
        cmocka_unit_test(get_is_as_good_as_post),
        cmocka_unit_test(a_withheld_or_odd_caller_is_not_malformed),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
