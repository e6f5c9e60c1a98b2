/* SPDX-License-Identifier: Apache-2.0 */
/* CalDAV's questions, and answers as servers write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <string.h>

#include "caldav.h"

#define NOON 1772481600 /* 2026-03-02T20:00:00Z */

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    apr_pool_create(&pool, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static void test_questions(void **state)
{
    apr_time_t from = apr_time_from_sec(NOON);
    apr_time_t to = from + apr_time_from_sec(86400);
    const char *span = "<C:time-range start=\"20260302T200000Z\" "
                       "end=\"20260303T200000Z\"/>";

    (void)state;
    assert_non_null(strstr(qdn_caldav_busy_body(from, to, pool), span));
    assert_non_null(strstr(qdn_caldav_events_body(from, to, pool), span));
    assert_true(qdn_caldav_unknown(403));
    assert_true(qdn_caldav_unknown(207));
    assert_false(qdn_caldav_unknown(200));
    assert_false(qdn_caldav_unknown(401));
    assert_false(qdn_caldav_unknown(404));
}

#define MULTI(inside)                                                          \
    "<multistatus xmlns=\"DAV:\" "                                             \
    "xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\">" inside "</multistatus>"
#define RESPONSE(prop)                                                         \
    "<response><href>/a.ics</href><propstat><prop>" prop                       \
    "</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
#define DATA(text) "<CAL:calendar-data>" text "</CAL:calendar-data>"

static const struct {
    const char *title;
    const char *xml;
    const char *text; /* NULL: refused */
} answers[] = {
    { "two events", MULTI(RESPONSE(DATA("A &lt;x")) RESPONSE(DATA("B"))),
      "A <x\r\nB\r\n" },
    { "CDATA", MULTI(RESPONSE(DATA("<![CDATA[A]]>"))), "A\r\n" },
    { "no event", MULTI(""),
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n" },
    { "an event that is not told", MULTI(RESPONSE("")), NULL },
    { "a page", "<html><body>sign in</body></html>", NULL },
    { "another's element", "<multistatus>x</multistatus>", NULL },
    { "nothing", "", NULL },
    { "half", "<?xml version=\"1.0\"?><multistatus xmlns=\"DAV:\">", NULL },
    { "an entity of a file",
      "<!DOCTYPE m [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>" MULTI(
          RESPONSE(DATA("&e;"))),
      NULL },
};

static void test_answers(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        const char *text = NULL, *error = NULL;
        apr_status_t rv = qdn_caldav_unwrap(
            answers[i].xml, strlen(answers[i].xml), &text, &error, pool);

        if (!rv != !!answers[i].text ||
            (!rv && strcmp(text, answers[i].text))) {
            fail_msg("%s: %d %s", answers[i].title, rv, text ? text : error);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_questions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
