/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <string.h>
#include "meter.h"
#include "office.h"

#define ARRIVAL "From=%2B16195550150&To=%2B16195550100&CallStatus=ringing"

static int place_of(const char *step)
{
    int i = 0;

    while (qdn_service_step(i) && strcmp(qdn_service_step(i), step)) {
        i++;
    }
    assert_non_null(qdn_service_step(i));
    return i;
}

static void test_there_is_room_for_all_steps(void **state)
{
    int n = 0;

    (void)state;
    while (qdn_service_step(n)) {
        n++;
    }
    assert_true(n > 5 && n <= QDN_METER_STEPS);
    assert_null(qdn_service_step(n + 1));
}

static void test_a_call_is_measured(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");
    qdn_meter_t meter = { 0 };
    int voice = place_of("voice"), next = place_of("voice/next");
    qdn_reply_t reply;
    apr_uint64_t took = 0;

    (void)state;
    o->service.meter = &meter;
    o->now = apr_time_from_sec(1795000000);
    reply = office_post(o, "voice", ARRIVAL);
    assert_int_equal(meter.steps[voice][0], 1);
    assert_int_equal(meter.last_webhook, o->now);
    assert_int_equal(meter.chosen[QDN_REASON_AVAILABLE], 1);
    office_post(o, "voice", ARRIVAL);
    office_post(o, office_find_url(o, &reply, "voice/next"),
                "From=%2B16195550150&To=%2B16195550100&CallStatus=in-progress"
                "&DialCallStatus=busy");
    assert_int_equal(meter.steps[voice][0], 1);
    assert_int_equal(meter.steps[next][0], 1);
    assert_int_equal(meter.chosen[QDN_REASON_AVAILABLE], 1);
    assert_int_equal(meter.ended[QDN_REASON_BUSY], 1);
    for (int i = 0; i <= QDN_METER_BUCKET_MAX; i++) {
        took += qdn_meter_get(&meter.took[i]);
    }
    assert_int_equal(took, meter.steps[voice][0] + meter.steps[voice][1] +
                               meter.steps[next][0]);
    assert_int_equal(meter.last_refusal, 0);
    office_close(o);
}

static void test_a_wrong_signature_is_no_webhook(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\n");
    qdn_meter_t meter = { 0 };
    qdn_request_t request;

    (void)state;
    o->service.meter = &meter;
    o->now = apr_time_from_sec(1795000000);
    request = office_request(o, "voice", ARRIVAL);
    request.signature = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_int_equal(office_answer(o, &request).status, 403);
    assert_int_equal(meter.last_refusal, o->now);
    assert_int_equal(meter.last_webhook, 0);
    request = office_request(o, "voice", ARRIVAL);
    request.method = "PUT";
    meter.last_refusal = 0;
    assert_int_equal(office_answer(o, &request).status, 405);
    assert_int_equal(meter.last_refusal, 0);
    office_close(o);
}

static void test_buckets(void **state)
{
    static const struct {
        apr_interval_time_t took;
        int bucket;
    } cases[] = {
        { 0, QDN_METER_BUCKET_250 },           { 250, QDN_METER_BUCKET_250 },
        { 251, QDN_METER_BUCKET_500 },         { 5000, QDN_METER_BUCKET_5000 },
        { 2500000, QDN_METER_BUCKET_2500000 }, { 2500001, QDN_METER_BUCKET_MAX }
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        qdn_meter_t meter = { 0 };

        qdn_meter_answered(&meter, 3, 1, cases[i].took, 7);
        assert_int_equal(meter.took[cases[i].bucket], 1);
        assert_int_equal(meter.took_us, cases[i].took);
        assert_int_equal(meter.steps[3][1], 1);
        assert_int_equal(meter.last_webhook, 7);
    }
    for (int i = 1; i < QDN_METER_BUCKET_MAX; i++) {
        assert_true(qdn_meter_end(i) > qdn_meter_end(i - 1));
    }
    assert_int_equal(qdn_meter_end(QDN_METER_BUCKET_MAX), 0);
}

static void test_without_memory_nothing_is_counted(void **state)
{
    (void)state;
    qdn_meter_answered(NULL, 0, 0, 1, 1);
    qdn_meter_refused(NULL, 1);
    qdn_meter_chosen(NULL, QDN_REASON_AVAILABLE);
    qdn_meter_ended(NULL, QDN_REASON_BUSY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_is_room_for_all_steps),
        cmocka_unit_test(test_a_call_is_measured),
        cmocka_unit_test(test_a_wrong_signature_is_no_webhook),
        cmocka_unit_test(test_buckets),
        cmocka_unit_test(test_without_memory_nothing_is_counted),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("meter", tests, NULL, NULL);
}
