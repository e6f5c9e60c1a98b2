/* SPDX-License-Identifier: Apache-2.0 */
/* A key is asked for before anybody is rung. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "challenge.h"
#include "office.h"

#define CALLER  "From=%2B16195550150&To=%2B16195550100"
#define ARRIVAL CALLER "&CallStatus=ringing"

/* Nine digits, each about as often; the next try asks for another one. */
static void digits_are_spread(void **state)
{
    int seen[10] = { 0 }, same = 0, i;

    (void)state;
    for (i = 0; i < 9000; i++) {
        char sid[40];
        char digit, again;

        apr_snprintf(sid, sizeof(sid), "CA%032x", (unsigned)i * 2654435761u);
        digit = qdn_challenge_digit(sid, 0);
        again = qdn_challenge_digit(sid, 1);
        assert_true(digit >= '1' && digit <= '9');
        assert_int_equal(qdn_challenge_digit(sid, 0), digit);
        seen[digit - '0']++;
        same += digit == again;
    }
    for (i = 1; i <= 9; i++) {
        assert_in_range(seen[i], 800, 1200);
    }
    assert_in_range(same, 0, 0);
}

/* The digit of a question that is still open. */
static const char *asked_for(office_t *o, const qdn_reply_t *reply)
{
    const char *at = strstr(reply->body, "ress ");

    assert_non_null(at);
    return apr_pstrndup(o->pool, at + 5, 1);
}

static qdn_reply_t press(office_t *o, const qdn_reply_t *reply,
                         const char *digits)
{
    return office_post(
        o, office_find_url(o, reply, "voice/challenge"),
        apr_pstrcat(o->pool, CALLER "&CallStatus=in-progress&Digits=", digits,
                    NULL));
}

/* Welcome, question, another question, and then the line as if without rule. */
static void a_challenge_is_asked_twice_at_most(void **state)
{
    office_t *o = office_open("QDNWelcome Hello\nQDNRule challenge true\n"
                              "QDNRule busy true\nQDNHop sergio/primary\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);

    (void)state;
    assert_non_null(strstr(reply.body, "<Say>Hello</Say><Gather"));
    assert_string_equal(office_post(o, "voice", ARRIVAL).body, reply.body);
    reply = press(o, &reply, "0");
    assert_non_null(strstr(reply.body, "<Gather"));
    reply = press(o, &reply, asked_for(o, &reply));
    assert_non_null(strstr(reply.body, "<Dial"));
    assert_null(strstr(reply.body, "Hello"));
    assert_int_equal(office_count(o, QDN_KIND_CALL_CHALLENGED), 2);
    assert_int_equal(office_count(o, QDN_KIND_CHALLENGE_PASSED), 1);
    assert_int_equal(office_count(o, QDN_KIND_HOP_DIALLED), 1);
    assert_int_equal(office_count(o, QDN_KIND_CHALLENGE_FAILED), 0);
    office_close(o);
}

static void silence_fails_a_challenge(void **state)
{
    office_t *o = office_open("QDNRule challenge true\n"
                              "QDNHop sergio/primary\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);

    (void)state;
    reply = press(o, &reply, "");
    reply = press(o, &reply, "");
    assert_non_null(strstr(reply.body, "<Hangup/>"));
    assert_int_equal(office_count(o, QDN_KIND_CHALLENGE_FAILED), 1);
    assert_int_equal(office_count(o, QDN_KIND_CALL_ENDED), 1);
    assert_int_equal(office_count(o, QDN_KIND_HOP_DIALLED), 0);
    office_close(o);
}

static void a_caller_who_left_passes_no_challenge(void **state)
{
    office_t *o = office_open("QDNRule challenge true\n"
                              "QDNHop sergio/primary\n");
    qdn_reply_t reply = office_post(o, "voice", ARRIVAL);
    const char *digit = asked_for(o, &reply);

    (void)state;
    reply = office_post(
        o, office_find_url(o, &reply, "voice/challenge"),
        apr_pstrcat(o->pool, CALLER "&CallStatus=completed&Digits=", digit,
                    NULL));
    assert_null(strstr(reply.body, "<Dial"));
    assert_int_equal(office_last(o, QDN_KIND_CALL_ENDED)->reason,
                     QDN_REASON_CALLER_GONE);
    assert_int_equal(office_count(o, QDN_KIND_CHALLENGE_PASSED), 0);
    office_close(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_spread),
        cmocka_unit_test(a_challenge_is_asked_twice_at_most),
        cmocka_unit_test(silence_fails_a_challenge),
        cmocka_unit_test(a_caller_who_left_passes_no_challenge),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("challenge", tests, NULL, NULL);
}
