/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "status.h"
#include "webhook.h"

#define AC    "AC00000000000000000000000000000001"
#define CA    "CA0123456789abcdef0123456789ABCDEF"
#define CHILD "CA00000000000000000000000000000002"
#define RE    "RE00000000000000000000000000000003"
#define BASE  "AccountSid=" AC "&CallSid=" CA

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static apr_status_t parse(qdn_webhook_t *w, const char *text,
                          const char **perror)
{
    apr_array_header_t *fields;

    assert_int_equal(qdn_form_parse(&fields, text, strlen(text), pool),
                     APR_SUCCESS);
    /* What is not set must show. */
    memset(w, 0xA5, sizeof(*w));
    *perror = NULL;
    return qdn_webhook_parse(w, fields, perror, pool);
}

static qdn_webhook_t parsed(const char *text)
{
    qdn_webhook_t w;
    const char *error;

    if (parse(&w, text, &error) != APR_SUCCESS) {
        fail_msg("%s: %s", text, error);
    }
    assert_null(error);
    return w;
}

static void webhook_has_a_value_for_what_is_absent(void **state)
{
    qdn_webhook_t w = parsed(BASE);

    (void)state;
    assert_string_equal(w.account_sid, AC);
    assert_string_equal(w.call_sid, CA);
    assert_string_equal(w.parent_call_sid, "");
    assert_string_equal(w.from, "");
    assert_string_equal(w.to, "");
    assert_string_equal(w.forwarded_from, "");
    assert_int_equal(w.caller_kind, QDN_CALLER_WITHHELD);
    assert_int_equal(w.call_status, QDN_CALL_OTHER);
    assert_string_equal(w.stir_verstat, "");
    assert_string_equal(w.dial_call_status, "");
    assert_string_equal(w.dial_call_sid, "");
    assert_string_equal(w.dial_bridged, "");
    assert_string_equal(w.digits, "");
    assert_string_equal(w.recording_sid, "");
    assert_string_equal(w.recording_url, "");
    assert_string_equal(w.recording_status, "");
    assert_int_equal(w.recording_seconds, -1);
    assert_int_equal(w.call_seconds, -1);
}

static void webhook_reads_every_parameter(void **state)
{
    qdn_webhook_t w = parsed(
        BASE "&ParentCallSid=" CHILD "&From=%2B16195550199&To=%2B16195550100"
             "&ForwardedFrom=%2B16195550101&CallStatus=ringing"
             "&StirVerstat=TN-Validation-Passed-A&DialCallStatus=no-answer"
             "&DialCallSid=" CHILD "&DialBridged=false&Digits=1"
             "&RecordingSid=" RE "&RecordingUrl=https://api.example/" RE
             "&RecordingStatus=completed&RecordingDuration=17&CallDuration=0"
             "&CallerCity=&NewParameter=1");

    (void)state;
    assert_string_equal(w.parent_call_sid, CHILD);
    assert_string_equal(w.from, "+16195550199");
    assert_string_equal(w.to, "+16195550100");
    assert_string_equal(w.forwarded_from, "+16195550101");
    assert_int_equal(w.caller_kind, QDN_CALLER_NUMBER);
    assert_int_equal(w.call_status, QDN_CALL_RINGING);
    assert_string_equal(w.stir_verstat, "TN-Validation-Passed-A");
    assert_string_equal(w.dial_call_status, "no-answer");
    assert_string_equal(w.dial_call_sid, CHILD);
    assert_string_equal(w.dial_bridged, "false");
    assert_string_equal(w.digits, "1");
    assert_string_equal(w.recording_sid, RE);
    assert_string_equal(w.recording_url, "https://api.example/" RE);
    assert_string_equal(w.recording_status, "completed");
    assert_int_equal(w.recording_seconds, 17);
    assert_int_equal(w.call_seconds, 0);
}

/* The text, and what the complaint must name; NULL: it is accepted. */
static const struct {
    const char *text;
    const char *complaint;
} odd[] = {
    { "", "CallSid" },
    { "AccountSid=" AC, "CallSid" },
    { "CallSid=" CA, "AccountSid" },
    { "AccountSid=&CallSid=" CA, "AccountSid" },
    { "AccountSid=" AC "&CallSid=", "CallSid" },
    { "accountsid=" AC "&CallSid=" CA, "AccountSid" },
    { "AccountSid=" CA "&CallSid=" CA, "AccountSid" },
    { "AccountSid=" AC "&CallSid=" AC, "CallSid" },
    { "AccountSid=" AC "&CallSid=" CA "0", "CallSid" },
    { "AccountSid=" AC "&CallSid=CA0123", "CallSid" },
    { "AccountSid=" AC "&CallSid=ca0123456789abcdef0123456789abcdef",
      "CallSid" },
    { "AccountSid=" AC "&CallSid=CA0123456789abcdef0123456789abcdeg",
      "CallSid" },
    { BASE "&ParentCallSid=x", "ParentCallSid" },
    { BASE "&ParentCallSid=", NULL },
    { BASE "&DialCallSid=" RE, NULL },
    { BASE "&RecordingSid=" CA, NULL },
    { BASE "&CallDuration=1", NULL },
    { BASE "&CallSid=" CA, "twice" },
    { BASE "&AccountSid=" AC, "twice" },
    { BASE "&From=a&From=a", "twice" },
    { BASE "&To=a&To=", "twice" },
    { BASE "&Digits=1&Digits=2", "twice" },
    { BASE "&DialBridged=true&DialBridged=true", "twice" },
    { BASE "&CallStatus=ringing&CallStatus=ringing", "twice" },
    { BASE "&CallDuration=1&CallDuration=1", "twice" },
    { BASE "&Unknown=1&Unknown=2", NULL },
    { BASE "&=1&=2", NULL },
    { BASE "&From=not+a+number&To=%FF", NULL },
};

/* What cannot be read is as good as absent. */
static const struct {
    const char *text;
    int seconds;
} durations[] = {
    { "", -1 },         { "-1", -1 },
    { "-2", -1 },       { "+1", -1 },
    { "1s", -1 },       { "x", -1 },
    { ".5", -1 },       { "1.5", 1 },
    { "12.0", 12 },     { "9999999", 9999999 },
    { "10000000", -1 }, { "99999999999999999999", -1 },
};

static void durations_are_read_or_absent(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        char text[256];
        const char *error;
        qdn_webhook_t w;

        snprintf(text, sizeof(text),
                 BASE "&RecordingDuration=%s&RecordingSid=%s",
                 durations[i].text, "../../etc");
        assert_int_equal(parse(&w, text, &error), APR_SUCCESS);
        assert_int_equal(w.recording_seconds, durations[i].seconds);
        assert_string_equal(w.recording_sid, "");
    }
}

static void webhook_refuses_what_it_cannot_rely_on(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        qdn_webhook_t w;
        const char *error;
        apr_status_t rv = parse(&w, odd[i].text, &error);

        if (rv != (odd[i].complaint ? QDN_EMALFORMED : APR_SUCCESS)) {
            fail_msg("%s: %s", odd[i].text, error ? error : "accepted");
        }
        if (odd[i].complaint && !strstr(error, odd[i].complaint)) {
            fail_msg("%s: %s", odd[i].text, error);
        }
    }
}

static const struct {
    const char *from; /* as in a form */
    const char *kind;
} callers[] = {
    { "%2B16195550199", "number" },
    { "16195550199", "odd" },
    { "+16195550199", "odd" }, /* the + was not encoded: a blank */
    { "%2B06195550199", "odd" },
    { "%2B1619555019a", "odd" },
    { "911", "odd" },
    { "", "withheld" },
    { "anonymous", "withheld" },
    { "Anonymous", "withheld" },
    { "RESTRICTED", "withheld" },
    { "unavailable", "withheld" },
    { "Unknown", "withheld" },
    { "blocked", "withheld" },
    { "Private", "withheld" },
    { "private+number", "odd" },
    { "%2B266696687", "withheld" },
    { "%2B7378742833", "withheld" },
    { "%2B86282452253", "withheld" },
    { "%2B2562533", "withheld" },
    { "%2B8656696", "withheld" },
    { "sip:alice@example.com", "sip" },
    { "SIP:alice@example.com", "sip" },
    { "sips:alice@example.com", "sip" },
    { "sip", "odd" },
    { "client:alice", "client" },
    { "client", "odd" },
    { "%FF%FE", "odd" },
};

static void webhook_tells_kinds_of_callers_apart(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
        const char *text =
            apr_pstrcat(pool, BASE "&From=", callers[i].from, NULL);
        qdn_webhook_t w = parsed(text);

        if (strcmp(qdn_webhook_caller_kind(w.caller_kind), callers[i].kind)) {
            fail_msg("%s is %s", callers[i].from,
                     qdn_webhook_caller_kind(w.caller_kind));
        }
    }
}

static const struct {
    const char *word;
    qdn_call_status_e status;
    int terminal;
} words[] = {
    { "", QDN_CALL_OTHER, 0 },
    { "queued", QDN_CALL_QUEUED, 0 },
    { "initiated", QDN_CALL_INITIATED, 0 },
    { "ringing", QDN_CALL_RINGING, 0 },
    { "in-progress", QDN_CALL_IN_PROGRESS, 0 },
    { "completed", QDN_CALL_COMPLETED, 1 },
    { "busy", QDN_CALL_BUSY, 1 },
    { "failed", QDN_CALL_FAILED, 1 },
    { "no-answer", QDN_CALL_NO_ANSWER, 1 },
    { "canceled", QDN_CALL_CANCELED, 1 },
    { "cancelled", QDN_CALL_OTHER, 0 },
    { "Completed", QDN_CALL_OTHER, 0 },
    { "completed+", QDN_CALL_OTHER, 0 },
    { "parked", QDN_CALL_OTHER, 0 },
};

static void webhook_knows_the_words_of_a_status(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *text =
            apr_pstrcat(pool, BASE "&CallStatus=", words[i].word, NULL);
        qdn_webhook_t w = parsed(text);

        assert_int_equal(w.call_status, words[i].status);
        assert_int_equal(qdn_webhook_terminal(w.call_status),
                         words[i].terminal);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(webhook_has_a_value_for_what_is_absent),
        cmocka_unit_test(webhook_reads_every_parameter),
        cmocka_unit_test(webhook_refuses_what_it_cannot_rely_on),
        cmocka_unit_test(durations_are_read_or_absent),
        cmocka_unit_test(webhook_tells_kinds_of_callers_apart),
        cmocka_unit_test(webhook_knows_the_words_of_a_status),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    atexit(apr_terminate);
    return cmocka_run_group_tests(tests, setup, teardown);
}
