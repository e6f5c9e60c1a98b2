/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as JSON, and the revision that is its digest. */
#include <json-c/json.h>
#include "digest.h"
#include "house.h"

static const char *revision_of(const char *conf)
{
    return plan_of(conf)->revision;
}

static void test_revision(void **state)
{
    static const char base[] = HOUSE LINE(HOPS);
    static const char *const same[] = {
        /* how it is written does not matter, nor that a default is said */
        "# a comment\n\n" HOUSE LINE("  " HOPS),
        HOUSE LINE("QDNHop  \"sergio/primary\"   when=available\n"
                   "QDNHop sergio/backup\nQDNBudget 110\nQDNScreen 12\n"),
        "QDNStateDir /var/lib/qdn\nQDNRetention 400d\n" HOUSE LINE(HOPS),
        SERVER "<QDNOperator sergio>\nQDNPhone primary +16195550101 ring=20\n"
               "QDNPhone backup +18585550102 confirm=key\n"
               "</QDNOperator>\n" LINE(HOPS),
    };
    static const char *const other[] = {
        HOUSE LINE("QDNHop sergio/backup\nQDNHop sergio/primary\n"),
        HOUSE LINE("QDNHop sergio/primary ring=25\nQDNHop sergio/backup\n"),
        HOUSE LINE("QDNHop sergio/primary when=always\nQDNHop sergio/backup\n"),
        HOUSE LINE(HOPS "QDNVoicemail off\n"),
        HOUSE LINE(HOPS "QDNRule busy true\n"),
        HOUSE LINE(HOPS "QDNScreen 13\n"),
        HOUSE LINE(HOPS "QDNForwardedFrom +16195550110\n"),
        SERVER SERGIO("QDNTimezone UTC\n") LINE(HOPS),
        "QDNRetention off\n" HOUSE LINE(HOPS),
        HOUSE OTHER("9", HOPS),
    };
    const char *revision = revision_of(base);

    (void)state;
    assert_int_equal(strlen(revision), QDN_REVISION_HEX);
    assert_int_equal(strspn(revision, "0123456789abcdef"), QDN_REVISION_HEX);
    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
        assert_string_equal(revision_of(same[i]), revision);
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
        assert_string_not_equal(revision_of(other[i]), revision);
    }
}

static const char *text_at(struct json_object *json, const char *path)
{
    struct json_object *found = NULL;

    if (json_pointer_get(json, path, &found) != 0) {
        fail_msg("no %s in the JSON", path);
    }
    return json_object_get_string(found);
}

static void test_json(void **state)
{
    qdn_plan_t *plan = plan_of(
        HOUSE LINE(HOPS "QDNName \"Queen \\\"of\\\" <San> \\\\ Di\xc3\xa9go\"\n"
                        "QDNRule reject \"qdn('From') =~ /^\\+1\\\"/\"\n"));
    const char *text = qdn_plan_json(plan, pool);
    struct json_object *json = json_tokener_parse(text);
    char hex[QDN_SHA256_HEX + 1];
    const char *bare;

    (void)state;
    assert_non_null(json);
    assert_string_equal(text_at(json, "/revision"), plan->revision);
    assert_string_equal(text_at(json, "/public_url"),
                        "https://calls.example.com/qdn/twilio");
    assert_string_equal(text_at(json, "/operators/0/phones/1/number"),
                        "+18585550102");
    assert_string_equal(text_at(json, "/lines/0/name"),
                        "Queen \"of\" <San> \\ Di\xc3\xa9go");
    assert_string_equal(text_at(json, "/lines/0/rules/0/expression"),
                        "qdn('From') =~ /^\\+1\"/");
    assert_string_equal(text_at(json, "/lines/0/hops/1/phones/0"),
                        "sergio/backup");
    assert_string_equal(text_at(json, "/lines/0/voicemail/max"), "120");
    json_object_put(json);

    /* The revision is the digest of the rest, as documented. */
    bare = apr_pstrcat(pool, "{", strstr(text, "\"public_url\""), NULL);
    qdn_digest_sha256(bare, strlen(bare), hex);
    assert_memory_equal(hex, plan->revision, QDN_REVISION_HEX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_revision),
        TEST(test_json),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan_json", tests, NULL, NULL);
}
