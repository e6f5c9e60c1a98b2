/* SPDX-License-Identifier: Apache-2.0 */
/* A phone number in texts, however it is written, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "redact.h"

#define NUMBER "+16195550199"

/* json NULL: nothing is found; bytes NULL: as json. */
static const struct {
    const char *text, *json, *bytes;
} cases[] = {
    { "", NULL, NULL },
    { "{\"from\":\"+16195550199\"}", "{\"from\":null}",
      "{\"from\":null          }" },
    { "{\"from\":\"16195550199\",\"x\":1}", "{\"from\":null,\"x\":1}",
      "{\"from\":null         ,\"x\":1}" },
    { "{\"a\":[\"+16195550199\",\"+16195550199\"]}", "{\"a\":[null,null]}",
      "{\"a\":[null          ,null          ]}" },
    { "{\"n\":16195550199}", "{\"n\":null}", "{\"n\":null       }" },
    { "{\"why\":\"call +1 (619) 555-0199 back\"}",
      "{\"why\":\"call erased back\"}",
      "{\"why\":\"call +x (xxx) xxx-xxxx back\"}" },
    { "{\"why\":\"1.619.555.0199\"}", "{\"why\":null}",
      "{\"why\":null            }" },
    { "{\"u\":\"tel:%2B16195550199;x\"}", "{\"u\":\"tel:%2Berased;x\"}",
      "{\"u\":\"tel:%2Bxxxxxxxxxxx;x\"}" },
    { "{\"+16195550199\":1}", "{\"erased\":1}", "{\"+xxxxxxxxxxx\":1}" },
    /* a detail as it stands in a line of the journal */
    { "{\"detail\":\"{\\\"from\\\":\\\"+16195550199\\\",\\\"n\\\":1}\"}",
      "{\"detail\":\"{\\\"from\\\":null,\\\"n\\\":1}\"}",
      "{\"detail\":\"{\\\"from\\\":null            ,\\\"n\\\":1}\"}" },
    { "{\"detail\":\"{\\\"n\\\":16195550199}\"}",
      "{\"detail\":\"{\\\"n\\\":null}\"}",
      "{\"detail\":\"{\\\"n\\\":null       }\"}" },
    /* other numbers */
    { "{\"from\":\"+16195550198\"}", NULL, NULL },
    { "{\"from\":\"+16195550199"
      "0\"}",
      NULL, NULL },
    { "{\"from\":\"+1"
      "16195550199\"}",
      NULL, NULL },
    { "{\"from\":\"+1619555019\"}", NULL, NULL },
    { "{\"from\":\"+1619x5550199\"}", NULL, NULL },
    { "{\"from\":\"+1    6195550199\"}", NULL, NULL },
    { "16195550199 is it", "erased is it", "xxxxxxxxxxx is it" },
};

static void numbers_are_found_and_taken_out(void **state)
{
    apr_pool_t *p;

    (void)state;
    apr_pool_create(&p, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i].text;
        const char *json = cases[i].json ? cases[i].json : text;
        char *bytes = apr_pstrdup(p, text);

        assert_int_equal(qdn_redact_find(text, NUMBER), cases[i].json != NULL);
        assert_string_equal(qdn_redact_json(text, NUMBER, p), json);
        assert_int_equal(qdn_redact_bytes(bytes, strlen(text), NUMBER) > 0,
                         cases[i].json != NULL);
        assert_string_equal(bytes, cases[i].bytes ? cases[i].bytes : json);
        assert_false(qdn_redact_find(bytes, NUMBER));
        assert_false(qdn_redact_find(json, NUMBER));
    }
    assert_false(qdn_redact_find(NULL, NUMBER));
    assert_string_equal(qdn_redact_like("+4912", p), "%4%9%1%2%");
    apr_pool_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_found_and_taken_out),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
