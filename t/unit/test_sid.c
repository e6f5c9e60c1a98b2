/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sid.h"

#define HEX "00112233445566778899aabbCCDDEEFF"

static const struct {
    const char *sid;
    const char *letters;
    int ok;
} sids[] = {
    { "CA" HEX, "CA", 1 },
    { "RE" HEX, "RE", 1 },
    { "CA" HEX, "AC", 0 },
    { "ca" HEX, "CA", 0 },
    { "CA" HEX "0", "CA", 0 },
    { "CA" HEX "\n", "CA", 0 },
    { "CAx0112233445566778899aabbCCDDEEFF", "CA", 0 },
    { "CA00112233445566778899aabbCCDDEEF", "CA", 0 },
    { "CA00112233445566778899aabbCCDDEEFg", "CA", 0 },
    { HEX, "CA", 0 },
    { "CA", "CA", 0 },
    { "C", "CA", 0 },
    { "", "CA", 0 },
    { NULL, "CA", 0 },
};

static void two_letters_and_32_hex_digits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sids) / sizeof(sids[0]); i++) {
        if (qdn_sid_ok(sids[i].sid, sids[i].letters) != sids[i].ok) {
            fail_msg("%s as %s", sids[i].sid ? sids[i].sid : "NULL",
                     sids[i].letters);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_letters_and_32_hex_digits),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
