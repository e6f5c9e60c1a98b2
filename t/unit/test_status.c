/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <string.h>
#include "status.h"

static const apr_status_t ours[] = {
    QDN_EMALFORMED, QDN_EFORBIDDEN, QDN_ETOOBIG,  QDN_EFULL,
    QDN_EREFUSED,   QDN_ECONFLICT,  QDN_EMISSING,
};

#define OURS (sizeof(ours) / sizeof(*ours))

/* Each has a text of its own, and none is a value of APR or of the system. */
static void test_ours(void **state)
{
    char text[OURS][80], cut[5], apr[80];

    (void)state;
    for (size_t i = 0; i < OURS; i++) {
        assert_ptr_equal(qdn_strerror(ours[i], text[i], 80), text[i]);
        assert_string_not_equal(text[i], "");
        apr_strerror(ours[i], apr, sizeof(apr));
        assert_string_not_equal(text[i], apr);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(text[i], text[k]);
        }
        qdn_strerror(ours[i], cut, sizeof(cut));
        assert_int_equal(strlen(cut), 4);
    }
}

static void test_others(void **state)
{
    static const apr_status_t others[] = { APR_SUCCESS, APR_ENOENT, APR_TIMEUP,
                                           APR_EGENERAL };
    char got[80], wanted[80];

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        qdn_strerror(others[i], got, sizeof(got));
        apr_strerror(others[i], wanted, sizeof(wanted));
        assert_string_equal(got, wanted);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ours),
        cmocka_unit_test(test_others),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
