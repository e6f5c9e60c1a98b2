/* SPDX-License-Identifier: Apache-2.0 */
/* When a talk begins and ends, as callees' legs and the call tell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "office.h"

#define ARRIVAL   "From=%2B16195550150&To=%2B16195550100&CallStatus=ringing"
#define PARENT    "&ParentCallSid=" OFFICE_CALL
#define LEG       "CallSid=" OFFICE_LEG PARENT
#define OTHER_LEG "CallSid=CA99999999999999999999999999999998" PARENT
#define ENDED     "CallStatus=in-progress&DialCallSid=" OFFICE_LEG

#define SECOND "CallSid=CA00000000000000000000000000000002&" ARRIVAL

/* Why sergio is not rung by a second call; "": he is. */
static const char *second_call(office_t *o)
{
    int skipped = office_count(o, QDN_KIND_HOP_SKIPPED);

    o->service.replies = NULL; /* the same webhook is decided once more */
    office_post(o, "voice", SECOND);
    return office_count(o, QDN_KIND_HOP_SKIPPED) == skipped
               ? ""
               : qdn_reason_text(office_last(o, QDN_KIND_HOP_SKIPPED)->reason);
}

/* How a talk may end; each is enough, whichever comes first. */
static const struct {
    const char *step;
    const char *parameters;
    int ends;
} talk_ends[] = {
    { "voice/leg", LEG "&CallStatus=completed", 1 },
    { "voice/leg", LEG "&CallStatus=no-answer", 0 }, /* another phone's */
    { "voice/leg", LEG "&CallStatus=ringing", 0 },
    { "voice/next", ENDED "&DialCallStatus=completed&DialBridged=true", 1 },
    { "voice/status", "CallStatus=completed", 1 },
    { "voice/status", "CallStatus=in-progress", 0 },
};

static void who_talks_is_not_rung_by_another_call(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(talk_ends) / sizeof(talk_ends[0]); i++) {
        office_t *o = office_open("QDNHop sergio/primary ana/mobile\n");
        const char *step = talk_ends[i].step, *accept;
        qdn_reply_t first, reply;

        o->service.talks =
            qdn_engaged_init(apr_pcalloc(o->pool, qdn_engaged_size(64)), 64);
        first = reply = office_post(o, "voice", ARRIVAL);
        reply = office_post(o, office_find_url(o, &reply, "voice/screen"),
                            LEG "&CallStatus=in-progress");
        accept = office_find_url(o, &reply, "voice/accept");
        assert_string_equal(second_call(o), "");
        office_post(o, accept, LEG "&CallStatus=in-progress&Digits=1");
        assert_string_equal(second_call(o), "on-a-call");
        assert_non_null(strstr(office_last(o, QDN_KIND_HOP_SKIPPED)->detail,
                               "\"availability\":{\"by\":\"talk\""));
        if (strcmp(step, "voice/status") != 0) {
            step = office_find_url(o, &first, step);
        }
        office_post(o, step, talk_ends[i].parameters);
        assert_string_equal(second_call(o),
                            talk_ends[i].ends ? "" : "on-a-call");
        o->now += apr_time_from_sec(4 * 3600 + 301);
        assert_string_equal(second_call(o), "");
        office_close(o);
    }
}

/* Voicemail picked up in the first hop; the end of that leg is told late. */
static void a_leg_that_was_not_accepted_ends_no_talk(void **state)
{
    office_t *o = office_open("QDNHop sergio/primary\nQDNHop sergio/backup\n");
    const char *first_leg;
    qdn_reply_t reply, asked;

    (void)state;
    o->service.talks =
        qdn_engaged_init(apr_pcalloc(o->pool, qdn_engaged_size(64)), 64);
    reply = office_post(o, "voice", ARRIVAL);
    first_leg = office_find_url(o, &reply, "voice/leg");
    office_post(o, office_find_url(o, &reply, "voice/screen"),
                OTHER_LEG "&CallStatus=in-progress");
    reply = office_post(o, office_find_url(o, &reply, "voice/next"),
                        ENDED "&DialCallStatus=no-answer");
    asked = office_post(o, office_find_url(o, &reply, "voice/screen"),
                        LEG "&CallStatus=in-progress");
    office_post(o, office_find_url(o, &asked, "voice/accept"),
                LEG "&CallStatus=in-progress&Digits=1");
    assert_string_equal(second_call(o), "on-a-call");
    office_post(o, first_leg, OTHER_LEG "&CallStatus=completed");
    assert_string_equal(second_call(o), "on-a-call");
    office_post(o, office_find_url(o, &reply, "voice/leg"),
                LEG "&CallStatus=completed");
    assert_string_equal(second_call(o), "");
    office_close(o);
}

/* Without a key to press the talk begins with the pick-up. */
static void a_phone_without_a_key_talks_when_it_is_answered(void **state)
{
    office_t *o = office_open("QDNHop sergio/direct\n");
    qdn_reply_t reply;

    (void)state;
    o->service.talks =
        qdn_engaged_init(apr_pcalloc(o->pool, qdn_engaged_size(64)), 64);
    reply = office_post(o, "voice", ARRIVAL);
    office_post(o, office_find_url(o, &reply, "voice/leg"),
                LEG "&CallStatus=ringing");
    assert_string_equal(second_call(o), "");
    office_post(o, office_find_url(o, &reply, "voice/leg"),
                LEG "&CallStatus=in-progress");
    assert_string_equal(second_call(o), "on-a-call");
    office_post(o, office_find_url(o, &reply, "voice/leg"),
                LEG "&CallStatus=completed");
    assert_string_equal(second_call(o), "");
    office_close(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_talks_is_not_rung_by_another_call),
        cmocka_unit_test(a_leg_that_was_not_accepted_ends_no_talk),
        cmocka_unit_test(a_phone_without_a_key_talks_when_it_is_answered),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
