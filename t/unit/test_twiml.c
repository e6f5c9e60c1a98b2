/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2 reads back what was written: well-formed, and nothing changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include "twiml.h"

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    xmlCleanupParser();
    return 0;
}

static xmlDocPtr read_back(const char *xml)
{
    xmlDocPtr doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_PEDANTIC |
                                      XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

    if (!doc) {
        print_message("# not well-formed: %s\n", xml);
    }
    assert_non_null(doc);
    return doc;
}

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static void twiml_writes_the_documented_bytes(void **state)
{
    qdn_twiml_t x;

    (void)state;
    qdn_twiml_begin(&x, pool);
    assert_string_equal(qdn_twiml_end(&x), HEAD "<Response/>");

    qdn_twiml_begin(&x, pool);
    qdn_twiml_open(&x, "Dial");
    qdn_twiml_attr_int(&x, "timeout", 15);
    qdn_twiml_attr(&x, "callerId", NULL);
    qdn_twiml_attr(&x, "action", "https://a.example/x?a=1&b=2");
    qdn_twiml_element(&x, "Number", "+16195550101");
    qdn_twiml_open(&x, "Number");
    qdn_twiml_attr(&x, "url", "https://a.example/y");
    qdn_twiml_text(&x, "+16195550102");
    qdn_twiml_close(&x);
    qdn_twiml_close(&x);
    qdn_twiml_element(&x, "Hangup", NULL);
    qdn_twiml_element(&x, "Say", "");
    qdn_twiml_open(&x, "Gather"); /* left open: end closes it */
    qdn_twiml_open(&x, "Say");
    qdn_twiml_attr_int(&x, "loop", -1);
    qdn_twiml_text(&x, "One");
    qdn_twiml_text(&x, " & two");
    assert_string_equal(
        qdn_twiml_end(&x),
        HEAD "<Response><Dial timeout=\"15\" "
             "action=\"https://a.example/x?a=1&amp;b=2\">"
             "<Number>+16195550101</Number>"
             "<Number url=\"https://a.example/y\">+16195550102</Number></Dial>"
             "<Hangup/><Say/><Gather><Say loop=\"-1\">One &amp; two</Say>"
             "</Gather></Response>");
}

/* What goes in, and what a parser must see; NULL: the same. */
static const struct {
    const char *text;
    const char *seen;
} hostile[] = {
    { "Queen of San Diego", NULL },
    { "</Say><Dial>+16195550199</Dial><Say>", NULL },
    { "\" timeout=\"600", NULL },
    { "' onclick='", NULL },
    { "a & b && c", NULL },
    { "&lt;&#0;&unknown;", NULL },
    { "]]>", NULL },
    { "<![CDATA[x]]>", NULL },
    { "<!-- --><?php ?>", NULL },
    { "%s%n%x", NULL },
    { "tab\there", NULL },
    { "line\nend\r\nreturn\r", NULL },
    { "  blanks  kept  ", NULL },
    { "Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x98\x80", NULL },
    { "\xEF\xBB\xBF", NULL },
    { "bell\x07 esc\x1B", "bell\xEF\xBF\xBD esc\xEF\xBF\xBD" },
    { "\x01", "\xEF\xBF\xBD" },
    { "bad \xFF byte", "bad \xEF\xBF\xBD byte" },
    { "cut \xE2\x82", "cut \xEF\xBF\xBD\xEF\xBF\xBD" },
    { "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
    { "\xEF\xBF\xBE", "\xEF\xBF\xBD" },
    { "\xEF\xBF\xBF", "\xEF\xBF\xBD" },
};

static void check_hostile(const char *text, const char *seen)
{
    qdn_twiml_t x;
    xmlDocPtr doc;
    xmlNodePtr say;
    xmlChar *got;

    qdn_twiml_begin(&x, pool);
    qdn_twiml_open(&x, "Say");
    qdn_twiml_attr(&x, "voice", text);
    qdn_twiml_text(&x, text);
    qdn_twiml_close(&x);
    qdn_twiml_element(&x, "Hangup", NULL);
    doc = read_back(qdn_twiml_end(&x));

    say = xmlDocGetRootElement(doc)->children;
    assert_string_equal(say->name, "Say");
    got = xmlNodeGetContent(say);
    assert_string_equal(got, seen);
    xmlFree(got);
    got = xmlGetProp(say, BAD_CAST "voice");
    assert_string_equal(got, seen);
    xmlFree(got);
    assert_null(say->properties->next);
    assert_string_equal(say->next->name, "Hangup");
    assert_null(say->next->next);
    xmlFreeDoc(doc);
}

static void twiml_lets_no_text_become_markup(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        check_hostile(hostile[i].text,
                      hostile[i].seen ? hostile[i].seen : hostile[i].text);
    }
}

/* Every single byte, alone: always well-formed. */
static void twiml_survives_every_byte(void **state)
{
    int c;

    (void)state;
    for (c = 1; c < 256; c++) {
        char text[] = { 'x', (char)c, 'y', '\0' };
        int plain = (c >= 0x20 && c < 0x80) || strchr("\t\n\r", c);

        check_hostile(text, plain ? text : "x\xEF\xBF\xBDy");
    }
}

static void twiml_grows_beyond_its_first_buffer(void **state)
{
    char *text = apr_palloc(pool, 20001);
    qdn_twiml_t x;
    xmlDocPtr doc;
    xmlChar *got;

    (void)state;
    memset(text, '&', 20000);
    text[20000] = '\0';
    qdn_twiml_begin(&x, pool);
    qdn_twiml_element(&x, "Say", text);
    doc = read_back(qdn_twiml_end(&x));
    got = xmlNodeGetContent(xmlDocGetRootElement(doc));
    assert_string_equal(got, text);
    xmlFree(got);
    xmlFreeDoc(doc);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(twiml_writes_the_documented_bytes),
        cmocka_unit_test(twiml_lets_no_text_become_markup),
        cmocka_unit_test(twiml_survives_every_byte),
        cmocka_unit_test(twiml_grows_beyond_its_first_buffer),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    atexit(apr_terminate);
    return cmocka_run_group_tests(tests, setup, teardown);
}
