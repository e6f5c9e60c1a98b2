/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps as Twilio asks for them, where a whole case file would hide the
 * point: deliveries twice, keys, legs that picked up, what is said to whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "office.h"
#include "whisper.h"

#define ARRIVAL "From=%2B16195550150&To=%2B16195550100&CallStatus=ringing"
#define LEG     "CallSid=" OFFICE_LEG "&ParentCallSid=" OFFICE_CALL
#define ENDED   "CallStatus=in-progress&DialCallSid=" OFFICE_LEG

static void a_second_delivery_changes_nothing(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");
    qdn_reply_t first = office_post(o, "voice", ARRIVAL);
    int events = o->events->nelts;
    qdn_reply_t second;

    (void)state;
    o->now += apr_time_from_sec(60);
    second = office_post(o, "voice", ARRIVAL);
    assert_string_equal(first.body, second.body);
    assert_int_equal(o->events->nelts, events);
    assert_int_equal(qdn_counter_get(&o->counters, QDN_COUNT_REPEATS), 1);
    office_close(o);
}

/* After a restart nothing is remembered, and still nothing is doubled. */
static void a_decision_made_again_has_the_same_ids(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");
    int i, n;

    (void)state;
    o->service.replies = NULL;
    office_post(o, "voice", ARRIVAL);
    n = o->events->nelts;
    office_post(o, "voice", ARRIVAL);
    assert_int_equal(o->events->nelts, 2 * n);
    for (i = 0; i < n; i++) {
        assert_string_equal(APR_ARRAY_IDX(o->events, i, qdn_event_t).id,
                            APR_ARRAY_IDX(o->events, n + i, qdn_event_t).id);
    }
    office_close(o);
}

static void the_whisper_names_line_and_caller(void **state)
{
    office_t *o = office_open("QDNName \"Queen of San Diego\"\n"
                              "QDNHop sergio/primary\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);

    (void)state;
    reply = office_post(o, office_find_url(o, &reply, "voice/screen"),
                        LEG "&CallStatus=in-progress");
    assert_non_null(strstr(reply.body, "Call for Queen of San Diego from "));
    assert_non_null(strstr(reply.body, "Press 1 to accept, 2 to pass on."));
    assert_non_null(strstr(reply.body, "finishOnKey=\"\""));
    assert_non_null(strstr(reply.body, "<Hangup/></Response>"));
    assert_null(strstr(reply.body, "+16195550150"));
    office_close(o);
}

/* Keys, what is answered to them, and what the hop is then said to be. */
static const struct {
    const char *digits;
    const char *answer;
    qdn_kind_e kind; /* recorded, QDN_KIND_MAX: none */
} keys[] = {
    { "1", "<Response></Response>", QDN_KIND_SCREEN_ACCEPTED },
    { "2", "<Response><Hangup/></Response>", QDN_KIND_SCREEN_DECLINED },
    { "5", "<Gather ", QDN_KIND_MAX },
    { "", "<Gather ", QDN_KIND_MAX },
    { "12", "<Gather ", QDN_KIND_MAX },
};

static void each_key(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        office_t *o = office_open("QDNHop sergio/primary\n");
        qdn_reply_t reply = office_post(o, "voice", ARRIVAL);
        const char *accept;

        reply = office_post(o, office_find_url(o, &reply, "voice/screen"),
                            LEG "&CallStatus=in-progress");
        accept = office_find_url(o, &reply, "voice/accept");
        reply = office_post(o, accept,
                            apr_pstrcat(o->pool,
                                        LEG "&CallStatus=in-progress&Digits=",
                                        keys[i].digits, NULL));
        if (!strstr(reply.body, keys[i].answer) &&
            !(keys[i].kind == QDN_KIND_SCREEN_ACCEPTED &&
              strstr(reply.body, "<Response/>"))) {
            fail_msg("key \"%s\": %s", keys[i].digits, reply.body);
        }
        if (keys[i].kind != QDN_KIND_MAX) {
            assert_int_equal(office_count(o, keys[i].kind), 1);
        }
        office_close(o);
    }
}

static void three_wrong_keys_are_enough(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\nQDNScreen 45\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);
    int tries;

    (void)state;
    reply = office_post(o, office_find_url(o, &reply, "voice/screen"),
                        LEG "&CallStatus=in-progress");
    for (tries = 1; tries <= 3; tries++) {
        o->now += apr_time_from_sec(2);
        reply = office_post(o, office_find_url(o, &reply, "voice/accept"),
                            LEG "&CallStatus=in-progress&Digits=7");
        assert_int_equal(strstr(reply.body, "<Gather") != NULL, tries < 3);
    }
    assert_int_equal(office_count(o, QDN_KIND_SCREEN_DECLINED), 0);
    office_close(o);
}

/* However long the names are, the whisper ends when it must. */
static void the_whisper_fits_its_seconds(void **state)
{
    static const char *const names[] = {
        "X", "Queen of San Diego",
        ("The very long name of a charter business that nobody can "
         "remember and everybody has to listen to")
    };
    int seconds;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (seconds = QDN_SCREEN_MIN; seconds <= QDN_SCREEN_MAX; seconds++) {
            qdn_request_t request;
            qdn_exchange_t x;
            qdn_line_t line = { .name = names[i] };
            office_t *o = office_open("QDNHop sergio/primary\n");
            const char *at;
            int total = 0, spoken;

            request = office_request(o, "voice/screen", "");
            x = (qdn_exchange_t){ .request = &request,
                                  .pool = o->pool,
                                  .line = &line };
            strcpy(x.leg.line, OFFICE_LINE);
            qdn_answer_screen(&x, "6 1 9, 5 5 5, 0 1 5 0", seconds, 1);
            for (at = x.answer; (at = strstr(at, " timeout=\"")); at++) {
                const char *say = strstr(at, "<Say>") + 5;

                total += atoi(at + 10);
                spoken = qdn_whisper_seconds(
                    apr_pstrndup(o->pool, say, strcspn(say, "<")));
                total += spoken;
            }
            spoken = qdn_whisper_seconds(names[i]);
            if (total > seconds && total > spoken + 12) {
                fail_msg("%d s for %d s: %s", total, seconds, x.answer);
            }
            office_close(o);
        }
    }
}

/* completed is not connected; the other phone of the pair gets its chance. */
static void a_pair_is_dialled_again_without_who_picked_up(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary ana/mobile\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);
    const char *next = office_find_url(o, &reply, "voice/next");

    (void)state;
    office_post(o, office_find_url(o, &reply, "voice/screen"),
                LEG "&CallStatus=in-progress");
    reply = office_post(o, next,
                        ENDED "&DialCallStatus=completed&DialBridged=false");
    assert_null(strstr(reply.body, "+16195550101"));
    assert_non_null(strstr(reply.body, "+16195550103"));
    assert_int_equal(office_last(o, QDN_KIND_HOP_DIALLED)->reason,
                     QDN_REASON_REDIAL_WITHOUT);
    assert_int_equal(office_last(o, QDN_KIND_HOP_ENDED)->reason,
                     QDN_REASON_NO_KEY);
    assert_string_equal(office_last(o, QDN_KIND_HOP_ENDED)->phone, "primary");
    office_close(o);
}

/* Evidence of a connection, and what becomes of the call. */
static const struct {
    const char *title;
    int accepted; /* key 1 was pressed on the leg */
    const char *parameters;
    qdn_reason_e ended;
    int anomaly;
} ends[] = {
    { "bridged after key 1", 1, "&DialCallStatus=completed&DialBridged=true",
      QDN_REASON_CONNECTED, 0 },
    { "bridged without key 1", 0, "&DialCallStatus=completed&DialBridged=true",
      QDN_REASON_CONNECTED, 1 },
    { "completed, not bridged", 0,
      "&DialCallStatus=completed&DialBridged=false", QDN_REASON_NO_KEY, 0 },
    { "no DialBridged, key 1", 1, "&DialCallStatus=completed",
      QDN_REASON_CONNECTED, 1 },
    { "no DialBridged, no key", 0, "&DialCallStatus=completed",
      QDN_REASON_NO_KEY, 1 },
    { "a long duration is no evidence", 0,
      "&DialCallStatus=completed&DialBridged=false&DialCallDuration=300",
      QDN_REASON_NO_KEY, 0 },
};

static void each_evidence(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        office_t *o = office_open("QDNHop sergio/primary\n"
                                  "QDNHop sergio/backup\n");
        qdn_reply_t reply = office_post(o, "voice", ARRIVAL);
        const char *next = office_find_url(o, &reply, "voice/next");

        reply = office_post(o, office_find_url(o, &reply, "voice/screen"),
                            LEG "&CallStatus=in-progress");
        if (ends[i].accepted) {
            office_post(o, office_find_url(o, &reply, "voice/accept"),
                        LEG "&CallStatus=in-progress&Digits=1");
        }
        reply = office_post(
            o, next, apr_pstrcat(o->pool, ENDED, ends[i].parameters, NULL));
        if (office_last(o, QDN_KIND_HOP_ENDED)->reason != ends[i].ended ||
            office_count(o, QDN_KIND_HOP_ANOMALY) != ends[i].anomaly) {
            fail_msg(
                "%s: %s, %d anomalies", ends[i].title,
                qdn_reason_text(office_last(o, QDN_KIND_HOP_ENDED)->reason),
                office_count(o, QDN_KIND_HOP_ANOMALY));
        }
        assert_int_equal(strstr(reply.body, "+18585550102") == NULL,
                         ends[i].ended == QDN_REASON_CONNECTED);
        office_close(o);
    }
}

/* Twilio came back after an error: nobody may be rung a second time. */
static void the_fallback_goes_to_voicemail(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");
    qdn_reply_t reply;

    (void)state;
    office_post(o, "voice", ARRIVAL);
    reply = office_post(o, "voice", ARRIVAL "&ErrorCode=11200");
    assert_null(strstr(reply.body, "<Dial"));
    assert_non_null(strstr(reply.body, "<Record"));
    assert_int_equal(office_count(o, QDN_KIND_HOP_DIALLED), 1);
    assert_non_null(strstr(office_last(o, QDN_KIND_CALL_FALLBACK)->detail,
                           "\"error_code\":\"11200\""));
    office_close(o);
}

static void an_unknown_line_gets_an_apology(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");
    qdn_reply_t reply =
        office_post(o, "voice", "From=%2B16195550150&To=%2B16195550199");

    (void)state;
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.body, "<Say>"));
    assert_non_null(strstr(reply.body, "<Hangup/>"));
    assert_int_equal(office_count(o, QDN_KIND_LINE_UNKNOWN), 1);
    assert_true(office_logged(o, "QDN0521"));
    office_close(o);
}

/* The journal has lost or not yet kept it: the caller does not notice. */
static void a_journal_in_trouble_is_no_reason_not_to_answer(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");

    (void)state;
    o->record_status = APR_TIMEUP;
    assert_non_null(strstr(office_post(o, "voice", ARRIVAL).body, "<Dial"));
    assert_true(office_logged(o, "QDN0501"));
    office_close(o);
}

/* Carriers leave the + of ForwardedFrom out; it is a loop all the same. */
static void a_loop_is_seen_however_it_is_written(void **state)
{
    static const char *const written[] = { "%2B18585550102", "18585550102" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        office_t *o = office_open("QDNHop sergio/primary\n");
        qdn_reply_t reply = office_post(
            o, "voice",
            apr_pstrcat(o->pool, ARRIVAL "&ForwardedFrom=", written[i], NULL));

        assert_non_null(strstr(reply.body, "<Reject reason=\"busy\"/>"));
        assert_int_equal(qdn_counter_get(&o->counters, QDN_COUNT_LOOPS), 1);
        office_close(o);
    }
}

static void a_failing_rule_is_no_match_and_an_event(void **state)
{
    office_t *o = office_open("QDNRule reject \"-\"\n"
                              "QDNRule busy \"-\"\n"
                              "QDNRule reject \"false\"\n"
                              "QDNRule voicemail \"true\"\n"
                              "QDNRule busy \"true\"\n"
                              "QDNHop sergio/primary\n");

    (void)state;
    assert_non_null(strstr(office_post(o, "voice", ARRIVAL).body, "<Record"));
    assert_int_equal(office_count(o, QDN_KIND_RULE_FAILED), 2);
    assert_non_null(strstr(office_last(o, QDN_KIND_VOICEMAIL_OFFERED)->detail,
                           "\"rule\":4"));
    office_close(o);
}

static void both_callbacks_of_a_recording_are_one_event(void **state)
{
#define RECORDING "RE00112233445566778899aabbccddeeff"
    office_t *o = office_open("QDNHop sergio/primary\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);
    qdn_event_t first, second;

    (void)state;
    reply = office_post(o, office_find_url(o, &reply, "voice/next"),
                        ENDED "&DialCallStatus=no-answer&DialBridged=false");
    office_post(o, office_find_url(o, &reply, "voice/recorded"),
                "CallStatus=completed&Digits=hangup&RecordingDuration=8"
                "&RecordingUrl=https%3A%2F%2Fapi.example.com%2FRecordings%"
                "2F" RECORDING);
    first = *office_last(o, QDN_KIND_VOICEMAIL_RECORDED);
    office_post(o, office_find_url(o, &reply, "voice/recording"),
                "RecordingStatus=completed&RecordingDuration=8"
                "&RecordingSid=" RECORDING
                "&RecordingUrl=https%3A%2F%2Fapi.example.com%2FRecordings%"
                "2F" RECORDING);
    second = *office_last(o, QDN_KIND_VOICEMAIL_RECORDED);
    assert_int_equal(office_count(o, QDN_KIND_VOICEMAIL_RECORDED), 2);
    assert_string_equal(first.id, second.id);
    assert_non_null(strstr(first.detail, RECORDING));
    assert_non_null(strstr(first.detail, "\"seconds\":8"));
    assert_int_equal(office_last(o, QDN_KIND_CALL_ENDED)->reason,
                     QDN_REASON_CALLER_GONE);
    office_close(o);
}

/* Twilio may still ask for a callee who has hung up; that is no decline. */
static void a_callee_who_has_gone_is_not_asked(void **state)
{
    static const char *const statuses[] = { "completed", "no-answer", "failed",
                                            "busy", "canceled" };
    size_t i;

    (void)state;
    for (i = 0; i < 2 * sizeof(statuses) / sizeof(statuses[0]); i++) {
        office_t *o = office_open("QDNHop sergio/primary\n");
        qdn_reply_t reply = office_post(o, "voice", ARRIVAL);
        const char *step = office_find_url(o, &reply, "voice/screen");

        if (i % 2) {
            reply = office_post(o, step, LEG "&CallStatus=in-progress");
            step = office_find_url(o, &reply, "voice/accept");
        }
        reply = office_post(o, step,
                            apr_pstrcat(o->pool, LEG "&Digits=1&CallStatus=",
                                        statuses[i / 2], NULL));
        assert_non_null(strstr(reply.body, "<Response><Hangup/></Response>"));
        assert_int_equal(office_count(o, QDN_KIND_LEG_ANSWERED), i % 2);
        assert_int_equal(office_count(o, QDN_KIND_SCREEN_ACCEPTED), 0);
        assert_int_equal(office_count(o, QDN_KIND_SCREEN_DECLINED), 0);
        assert_int_equal(office_count(o, QDN_KIND_CALL_ENDED), 0);
        office_close(o);
    }
}

static void a_wrong_key_at_the_end_is_the_last(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);

    (void)state;
    reply = office_post(o, office_find_url(o, &reply, "voice/screen"),
                        LEG "&CallStatus=in-progress");
    o->now += apr_time_from_sec(QDN_SCREEN_DEFAULT);
    reply = office_post(o, office_find_url(o, &reply, "voice/accept"),
                        LEG "&CallStatus=in-progress&Digits=7");
    assert_non_null(strstr(reply.body, "<Response><Hangup/></Response>"));
    office_close(o);
}

/* Hung up before we were asked: the chain is closed and nobody is rung. */
static void a_caller_who_has_gone_rings_nobody(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");
    qdn_reply_t reply = office_post(
        o, "voice",
        "From=%2B16195550150&To=%2B16195550100&CallStatus=canceled");

    (void)state;
    assert_null(strstr(reply.body, "<Dial"));
    assert_int_equal(office_count(o, QDN_KIND_CALL_RECEIVED), 1);
    assert_int_equal(office_count(o, QDN_KIND_HOP_DIALLED), 0);
    assert_int_equal(office_last(o, QDN_KIND_CALL_ENDED)->reason,
                     QDN_REASON_CALLER_GONE);
    office_close(o);
}

/* In doubt the cascade goes on. */
static void an_unheard_of_result_is_no_connection(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\nQDNHop sergio/backup\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);

    (void)state;
    reply = office_post(o, office_find_url(o, &reply, "voice/next"),
                        ENDED "&DialCallStatus=diverted");
    assert_non_null(strstr(reply.body, "+18585550102"));
    assert_int_equal(office_count(o, QDN_KIND_HOP_ENDED), 1);
    office_close(o);
}

/* What Twilio says of a recording, and which event that is, if any. */
static void each_fate_of_a_recording(void **state)
{
    static const struct {
        const char *says;
        int recorded, failed;
    } fates[] = {
        { "completed&RecordingDuration=8", 1, 0 },
        { "completed&RecordingDuration=0", 0, 0 },
        { "failed&RecordingDuration=8", 0, 1 },
        { "absent", 0, 0 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
        office_t *o = office_open("QDNHop sergio/primary\n");
        qdn_reply_t reply = office_post(o, "voice", ARRIVAL);

        reply = office_post(o, office_find_url(o, &reply, "voice/next"),
                            ENDED "&DialCallStatus=no-answer");
        office_post(
            o, office_find_url(o, &reply, "voice/recording"),
            apr_pstrcat(o->pool,
                        "RecordingSid=RE00112233445566778899aabbccddeeff"
                        "&RecordingStatus=",
                        fates[i].says, NULL));
        assert_int_equal(office_count(o, QDN_KIND_VOICEMAIL_RECORDED),
                         fates[i].recorded);
        assert_int_equal(office_count(o, QDN_KIND_VOICEMAIL_FAILED),
                         fates[i].failed);
        office_close(o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_delivery_changes_nothing),
        cmocka_unit_test(a_decision_made_again_has_the_same_ids),
        cmocka_unit_test(the_whisper_names_line_and_caller),
        cmocka_unit_test(each_key),
        cmocka_unit_test(three_wrong_keys_are_enough),
        cmocka_unit_test(the_whisper_fits_its_seconds),
        cmocka_unit_test(a_pair_is_dialled_again_without_who_picked_up),
        cmocka_unit_test(each_evidence),
        cmocka_unit_test(the_fallback_goes_to_voicemail),
        cmocka_unit_test(an_unknown_line_gets_an_apology),
        cmocka_unit_test(a_journal_in_trouble_is_no_reason_not_to_answer),
        cmocka_unit_test(a_loop_is_seen_however_it_is_written),
        cmocka_unit_test(a_failing_rule_is_no_match_and_an_event),
        cmocka_unit_test(a_callee_who_has_gone_is_not_asked),
        cmocka_unit_test(a_wrong_key_at_the_end_is_the_last),
        cmocka_unit_test(a_caller_who_has_gone_rings_nobody),
        cmocka_unit_test(an_unheard_of_result_is_no_connection),
        cmocka_unit_test(each_fate_of_a_recording),
        cmocka_unit_test(both_callbacks_of_a_recording_are_one_event),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
