/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "e164.h"

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    apr_initialize();
    return apr_pool_create(&pool, NULL);
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

/*
 * What a cascade dials and what not. A number outside North America is put
 * together at run time: written out it could be somebody's.
 */
typedef struct case_t {
    const char *start; /* a + is set before the digits of `rest` */
    const char *rest;
    const char *says; /* NULL: may be dialled */
} case_t;

static const case_t cases[] = {
    { "+1619555", "0101", NULL },
    { "+44", "2079460123", NULL },
    { "+49", "30123456", NULL },
    { "+44", "1189460123", NULL }, /* Reading, not directory enquiries */
    { "+3531", "5550101", NULL },
    { "+1234567", "", "is no North American number" },
    { "+123456", "", "is a short number" },
    { "", "", "not in E.164 form" },
    { "+", "", "not in E.164 form" },
    { "+0619", "5550101", "not in E.164 form" },
    { "+1619555", "0101x", "not in E.164 form" },
    { " +1619555", "0101", "not in E.164 form" },
    { "+1619555", "01011234567", "not in E.164 form" },
    { "+1 619 555", " 0101", "not in E.164 form: +" },
    { "619555", "0101", "did you mean +16195550101?" },
    { "619-555-", "0101", "did you mean +16195550101?" },
    { "(619) 555-", "0101", "did you mean +16195550101?" },
    { "1-619-555-", "0101", "did you mean +16195550101?" },
    { "1.619.555.", "0101", "did you mean +16195550101?" },
    { "119555", "0101", "not in E.164 form: +" },
    { "sip:sergio@example.com", "", "not in E.164 form: +" },
    { "911", "", "is an emergency number" },
    { "+911", "", "is an emergency number" },
    { "112", "", "is an emergency number" },
    { "999", "", "is an emergency number" },
    { "000", "", "is an emergency number" },
    { "15", "", "is an emergency number" },
    { "+1911", "", "is an emergency number" },
    { "+44999", "", "is an emergency number" },
    { "+49112", "", "is an emergency number" },
    { "+351112", "", "is an emergency number" },
    { "9-1-1", "", "is an emergency number" },
    { "411", "", "is a short number" },
    { "+1411", "", "is a short number" },
    { "72345", "", "is a short number" },
    { "+1900555", "0101", "is a premium-rate number" },
    { "+1976555", "0101", "is a premium-rate number" },
    { "+1619976", "0101", "is a premium-rate number" },
    { "+979", "123456789", "is a premium-rate number" },
    { "+44", "9012345678", "is a premium-rate number" },
    { "+44", "8712345678", "is a premium-rate number" },
    { "+49", "9001234567", "is a premium-rate number" },
    { "+33", "899123456", "is a premium-rate number" },
    { "+43", "939123456", "is a premium-rate number" },
    { "+61", "1901234567", "is a premium-rate number" },
    { "+81", "990123456", "is a premium-rate number" },
    { "+1911555", "0101", "is no North American number" },
    { "+1619911", "0101", "is no North American number" },
    { "+1119555", "0101", "is no North American number" },
    { "+1619155", "0101", "is no North American number" },
    { "+1619555", "010", "is no North American number" },
    { "+1619555", "01011", "is no North American number" },
};

static void test_refuse(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *s = apr_pstrcat(pool, cases[i].start, cases[i].rest, NULL);
        const char *fault = qdn_e164_refuse(s, pool);

        if (!cases[i].says) {
            assert_null(fault);
            continue;
        }
        if (!fault || !strstr(fault, cases[i].says)) {
            fail_msg("%s: %s", s, fault ? fault : "accepted");
        }
        assert_non_null(strstr(fault, s));
    }
    assert_non_null(qdn_e164_refuse(NULL, pool));
}

static void test_valid(void **state)
{
    (void)state;
    assert_true(qdn_e164_valid("+16195550101"));
    assert_true(qdn_e164_valid("+1234567"));
    assert_true(qdn_e164_valid("+123456789012345"));
    assert_false(qdn_e164_valid("+123456"));
    assert_false(qdn_e164_valid("+1234567890123456"));
    assert_false(qdn_e164_valid("16195550101"));
    assert_false(qdn_e164_valid("+0619555"
                                "0101"));
    assert_false(qdn_e164_valid("+1619555"
                                "010\n"));
    assert_false(qdn_e164_valid("+"));
    assert_false(qdn_e164_valid(""));
    assert_false(qdn_e164_valid(NULL));
}

static void test_mask(void **state)
{
    static const char *const rows[][2] = {
        { "+16195550101", "+1619***0101" },
        { "+442079460123", "+4420***0123" },
        { "+1234567", "+12***67" },
        { "+123456", "***" },
        { "anonymous", "ano***us" },
        { "sip:a\n\x1B[31mb@example.com", "sip:a***.com" },
        { "\x1B]0;evil\x07"
          "1234567\n",
          "?]0;e***567?" },
        { "", "" },
        { NULL, "" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        assert_string_equal(qdn_e164_mask(rows[i][0], pool), rows[i][1]);
    }
}

static void test_spoken(void **state)
{
    static const char *const rows[][2] = {
        { "+16195550101", "6 1 9, 5 5 5, 0 1 0 1" },
        { "+442079460123", "4 4 2 0 7 9 4 6 0 1 2 3" },
        { "+1234567", "1 2 3 4 5 6 7" },
        { "266696687", "2 6 6 6 9 6 6 8 7" },
        { "anonymous", "" },
        { "", "" },
        { NULL, "" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        assert_string_equal(qdn_e164_spoken(rows[i][0], pool), rows[i][1]);
    }
}

/* Every tone that Twilio's <Dial> knows has a country here. */
static void test_ringtone(void **state)
{
    static const char *const known =
        "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx "
        "my nl no nz ph pl pt ru se sg th uk us tw ve za";
    static const char *const rows[][2] = {
        { "+1619", "us" },     { "+44207", "uk" }, { "+4930", "de" },
        { "+351", "pt" },      { "+353", "us" },   { "+358", "fi" },
        { "+886", "tw" },      { "+86", "cn" },    { "+852", "us" },
        { "+420", "cz" },      { "+421", "us" },   { "+7", "ru" },
        { "anonymous", "us" }, { "", "us" },       { NULL, "us" },
    };
    int tones = 0;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        assert_string_equal(qdn_e164_ringtone(rows[i][0]), rows[i][1]);
    }
    for (const char *tone = known; *tone; tone += strcspn(tone, " ")) {
        int found = 0;

        tone += *tone == ' ';
        for (int code = 1; code < 1000 && !found; code++) {
            const char *s = apr_psprintf(pool, "+%d", code);

            found = !strncmp(qdn_e164_ringtone(s), tone, 2);
        }
        assert_true(found);
        tones++;
    }
    assert_int_equal(tones, 39);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuse),   cmocka_unit_test(test_valid),
        cmocka_unit_test(test_mask),     cmocka_unit_test(test_spoken),
        cmocka_unit_test(test_ringtone),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
