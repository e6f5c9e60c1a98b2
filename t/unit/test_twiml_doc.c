/* SPDX-License-Identifier: Apache-2.0 */
/* What simulate finds wrong with a document, under Twilio's own numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "status.h"
#include "twiml_doc.h"

#define XML      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define ACTION   "action=\"https://calls.example.com/next\""
#define NUMBER   "<Number>+16195550101</Number>"
#define IN(body) XML "<Response>" body "</Response>"

static apr_pool_t *pool;

static qdn_verb_t *read_as(const char *type, qdn_leg_side_e side,
                           const char *body, qdn_complaints_t *c)
{
    qdn_verb_t *root;
    apr_status_t rv =
        qdn_twiml_doc_read(&root, body, strlen(body), type, side, c, pool);

    assert_true((rv == APR_SUCCESS) == (root != NULL));
    return root;
}

/* Documents, whose leg they are for, and the number of the only complaint. */
/* clang-format off */
static const struct {
    int code;
    qdn_leg_side_e side;
    const char *body;
} wrong[] = {
    { 12100, QDN_LEG_CALLER, " " XML "<Response/>" },
    { 12100, QDN_LEG_CALLER, "<Response><Say>a</Response>" },
    { 12100, QDN_LEG_CALLER, "<Response><Say>a & b</Say></Response>" },
    { 12100, QDN_LEG_CALLER, "<!DOCTYPE x [<!ENTITY e \"e\">]><Response/>" },
    { 12100, QDN_LEG_CALLER,
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Response/>" },
    { 12100, QDN_LEG_CALLER, "<Response><Say>\xff</Say></Response>" },
    { 12102, QDN_LEG_CALLER, "<response/>" },
    { 12102, QDN_LEG_CALLER, "<Response xmlns=\"urn:x\"/>" },
    { 11770, QDN_LEG_CALLER, "" },
    { 12200, QDN_LEG_CALLER, "<Response>words</Response>" },
    { 12200, QDN_LEG_CALLER, IN("<Dance/>") },
    { 12200, QDN_LEG_CALLER, IN("<say>a</say>") },
    { 12200, QDN_LEG_CALLER, IN("<Hangup reason=\"tired\"/>") },
    { 12200, QDN_LEG_CALLER, IN("<Hangup>now</Hangup>") },
    { 12200, QDN_LEG_CALLER, IN("<Number>+16195550101</Number>") },
    { 12200, QDN_LEG_CALLER, IN("<Say>a<Pause/></Say>") },
    { 12200, QDN_LEG_CALLER, IN("<Reject reason=\"later\"/>") },
    { 13520, QDN_LEG_CALLER, IN("<Say> </Say>") },
    { 13510, QDN_LEG_CALLER, IN("<Say loop=\"-1\">a</Say>") },
    { 11100, QDN_LEG_CALLER, IN("<Play>beep.wav</Play>") },
    { 13410, QDN_LEG_CALLER,
      IN("<Play loop=\"1001\">https://example.com/a.wav</Play>") },
    { 13910, QDN_LEG_CALLER, IN("<Pause length=\"0\"/>") },
    { 11100, QDN_LEG_CALLER, IN("<Redirect>voice/next</Redirect>") },
    { 13710, QDN_LEG_CALLER,
      IN("<Redirect method=\"PUT\">https://example.com/</Redirect>") },
    { 11100, QDN_LEG_CALLER, IN("<Dial action=\"/next\">" NUMBER "</Dial>") },
    { 13210, QDN_LEG_CALLER, IN("<Dial method=\"post\">" NUMBER "</Dial>") },
    { 13212, QDN_LEG_CALLER, IN("<Dial timeout=\"4\">" NUMBER "</Dial>") },
    { 13212, QDN_LEG_CALLER, IN("<Dial timeout=\"601\">" NUMBER "</Dial>") },
    { 13212, QDN_LEG_CALLER, IN("<Dial timeout=\"20s\">" NUMBER "</Dial>") },
    { 13213, QDN_LEG_CALLER,
      IN("<Dial hangupOnStar=\"yes\">" NUMBER "</Dial>") },
    { 13214, QDN_LEG_CALLER,
      IN("<Dial callerId=\"anonymous\">" NUMBER "</Dial>") },
    { 13215, QDN_LEG_CALLER, IN("<Dial><Say>a</Say></Dial>") },
    { 13216, QDN_LEG_CALLER,
      IN("<Dial timeLimit=\"14401\">" NUMBER "</Dial>") },
    { 13217, QDN_LEG_CALLER, IN("<Dial record=\"yes\">" NUMBER "</Dial>") },
    { 13220, QDN_LEG_CALLER, IN("<Dial ringTone=\"gb\">" NUMBER "</Dial>") },
    { 12200, QDN_LEG_CALLER,
      IN("<Dial answerOnBridge=\"1\">" NUMBER "</Dial>") },
    { 13223, QDN_LEG_CALLER, IN("<Dial><Number>6195550101</Number></Dial>") },
    { 13223, QDN_LEG_CALLER, IN("<Dial><Number/></Dial>") },
    { 13221, QDN_LEG_CALLER,
      IN("<Dial><Number method=\"HEAD\">+16195550101</Number></Dial>") },
    { 12200, QDN_LEG_CALLER,
      IN("<Dial><Number statusCallbackEvent=\"ringing, answered\">"
         "+16195550101</Number></Dial>") },
    { 13310, QDN_LEG_CALLER, IN("<Gather finishOnKey=\"x\"/>") },
    { 13312, QDN_LEG_CALLER, IN("<Gather method=\"GET \"/>") },
    { 13313, QDN_LEG_CALLER, IN("<Gather timeout=\"0\"/>") },
    { 13314, QDN_LEG_CALLER, IN("<Gather numDigits=\"0\"/>") },
    { 13320, QDN_LEG_CALLER, IN("<Gather><Hangup/></Gather>") },
    { 13611, QDN_LEG_CALLER, IN("<Record timeout=\"long\"/>") },
    { 13612, QDN_LEG_CALLER, IN("<Record maxLength=\"0\"/>") },
    { 13613, QDN_LEG_CALLER, IN("<Record finishOnKey=\"end\"/>") },
    { 13616, QDN_LEG_CALLER, IN("<Record playBeep=\"loud\"/>") },
    { 12200, QDN_LEG_CALLER, IN("<Say Loop=\"1\">a</Say>") },
    { 13201, QDN_LEG_CALLEE, IN("<Dial>" NUMBER "</Dial>") },
    { 12200, QDN_LEG_CALLEE, IN("<Record/>") },
    { 12200, QDN_LEG_CALLEE, IN("<Redirect>https://example.com/</Redirect>") },
    { 12200, QDN_LEG_CALLEE, IN("<Reject/>") },
    { 12200, QDN_LEG_CALLEE, IN("<Pause/>") },
};
/* clang-format on */

static void complains_of_each_mistake(void **state)
{
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        qdn_complaints_t *c = qdn_complaints_create(pool);

        read_as("text/xml", wrong[i].side, wrong[i].body, c);
        if (qdn_complaints_count(c) != 1 ||
            APR_ARRAY_IDX(c->list, 0, qdn_complaint_t).code != wrong[i].code) {
            fail_msg("%s: %d complaints, the first is %d, expected %d",
                     wrong[i].body, qdn_complaints_count(c),
                     c->list->nelts
                         ? APR_ARRAY_IDX(c->list, 0, qdn_complaint_t).code
                         : 0,
                     wrong[i].code);
        }
    }
}

static void knows_the_content_type(void **state)
{
    static const struct {
        const char *type;
        int good;
    } types[] = {
        { "text/xml", 1 },
        { "application/xml", 1 },
        { "Text/XML; charset=utf-8", 1 },
        { "text/plain", 0 },
        { "text/html", 0 },
        { "text/xmlx", 0 },
        { "", 0 },
        { NULL, 0 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        qdn_complaints_t *c = qdn_complaints_create(pool);
        qdn_verb_t *root =
            read_as(types[i].type, QDN_LEG_CALLER, "<Response/>", c);

        assert_int_equal(root != NULL, types[i].good);
        assert_int_equal(qdn_complaints_count(c), !types[i].good);
    }
}

static void refuses_more_than_64_kib(void **state)
{
    qdn_complaints_t *c = qdn_complaints_create(pool);
    char *text = apr_palloc(pool, QDN_DOCUMENT_MAX + 2);

    (void)state;
    memset(text, ' ', QDN_DOCUMENT_MAX + 1);
    text[QDN_DOCUMENT_MAX + 1] = '\0';
    memcpy(text, "<Response/>", 11);
    assert_null(read_as("text/xml", QDN_LEG_CALLER, text, c));
    assert_int_equal(APR_ARRAY_IDX(c->list, 0, qdn_complaint_t).code, 11750);
    text[QDN_DOCUMENT_MAX] = '\0';
    assert_non_null(read_as("text/xml", QDN_LEG_CALLER, text, c));
}

static void reads_what_is_right(void **state)
{
    static const char body[] =
        IN("<!-- the first hop -->\n"
           "<Dial " ACTION " method=\"POST\" timeout=\"15\" "
           "answerOnBridge=\"true\" ringTone=\"us-old\" timeLimit=\"14400\" "
           "callerId=\"+16195550100\">\n"
           "  <Number url=\"https://calls.example.com/screen?a=1&amp;b=2\" "
           "statusCallbackEvent=\"ringing answered completed\">\n"
           "    +16195550101\n  </Number></Dial>");
    qdn_complaints_t *c = qdn_complaints_create(pool);
    qdn_verb_t *root = read_as("text/xml", QDN_LEG_CALLER, body, c);
    const qdn_verb_t *dial, *number;

    (void)state;
    assert_int_equal(qdn_complaints_count(c), 0);
    assert_int_equal(root->children->nelts, 1);
    dial = APR_ARRAY_IDX(root->children, 0, qdn_verb_t *);
    assert_string_equal(dial->name, "Dial");
    assert_int_equal(qdn_verb_int(dial, "timeout", 30), 15);
    assert_int_equal(qdn_verb_int(dial, "nothing", 30), 30);
    number = APR_ARRAY_IDX(dial->children, 0, qdn_verb_t *);
    assert_string_equal(number->text, "+16195550101");
    assert_string_equal(qdn_verb_get(number, "url", ""),
                        "https://calls.example.com/screen?a=1&b=2");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(complains_of_each_mistake),
        cmocka_unit_test(knows_the_content_type),
        cmocka_unit_test(refuses_more_than_64_kib),
        cmocka_unit_test(reads_what_is_right),
    };
    int failed;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_pool_destroy(pool);
    apr_terminate();
    return failed;
}
