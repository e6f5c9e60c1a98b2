/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "reason.h"

/* Tables and scripts of others keep these: none may change or go. */
static const struct {
    qdn_reason_e reason;
    const char *text;
} vocabulary[] = {
    { QDN_REASON_NONE, "" },
    { QDN_REASON_AVAILABLE, "available" },
    { QDN_REASON_ALWAYS, "always" },
    { QDN_REASON_STATUS_AWAY, "status-away" },
    { QDN_REASON_CALENDAR_BUSY, "calendar-busy" },
    { QDN_REASON_OUTSIDE_HOURS, "outside-hours" },
    { QDN_REASON_HOLIDAY, "holiday" },
    { QDN_REASON_PRESENCE_AWAY, "presence-away" },
    { QDN_REASON_ON_A_CALL, "on-a-call" },
    { QDN_REASON_ALREADY_TRIED, "already-tried" },
    { QDN_REASON_BUDGET, "budget" },
    { QDN_REASON_RULE, "rule" },
    { QDN_REASON_CALLER_OWN_PHONE, "caller-own-phone" },
    { QDN_REASON_REDIAL_WITHOUT, "redial-without" },
    { QDN_REASON_LOOP, "loop" },
    { QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE, "unknown-assumed-available" },
    { QDN_REASON_CONNECTED, "connected" },
    { QDN_REASON_DECLINED, "declined" },
    { QDN_REASON_NO_KEY, "no-key" },
    { QDN_REASON_NO_ANSWER, "no-answer" },
    { QDN_REASON_BUSY, "busy" },
    { QDN_REASON_FAILED, "failed" },
    { QDN_REASON_CANCELED, "canceled" },
    { QDN_REASON_CALLER_GONE, "caller-gone" },
};

static void test_vocabulary(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vocabulary) / sizeof(*vocabulary); i++) {
        assert_string_equal(qdn_reason_text(vocabulary[i].reason),
                            vocabulary[i].text);
        assert_int_equal(qdn_reason_find(vocabulary[i].text),
                         vocabulary[i].reason);
    }
}

/* A text that two reasons shared could not be read back. */
static void test_every_reason_has_its_own_text(void **state)
{
    (void)state;
    for (int i = 0; i < QDN_REASON_MAX; i++) {
        assert_int_equal(qdn_reason_find(qdn_reason_text((qdn_reason_e)i)), i);
    }
}

static void test_unknown(void **state)
{
    (void)state;
    assert_int_equal(qdn_reason_find("Available"), QDN_REASON_MAX);
    assert_int_equal(qdn_reason_find("avail"), QDN_REASON_MAX);
    assert_int_equal(qdn_reason_find(NULL), QDN_REASON_MAX);
    assert_string_equal(qdn_reason_text(QDN_REASON_MAX), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vocabulary),
        cmocka_unit_test(test_every_reason_has_its_own_text),
        cmocka_unit_test(test_unknown),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
