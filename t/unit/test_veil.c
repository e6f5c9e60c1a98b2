/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"
#include <apr_lib.h>
#include <stdlib.h>
#include "text.h"
#include "veil.h"

#define DOTS "\xe2\x80\xa6\xe2\x80\xa6"

/* "=": stays as it is */
static const struct {
    const char *text, *wanted;
} cases[] = {
    { "{\"caller\":\"+16195550123\"}", "{\"caller\":\"+1619" DOTS "23\"}" },
    { "{\"line\":\"+16195550100\"}", "=" },
    { "{\"n\":\"(619) 555-0100\"}", "=" },
    { "{\"n\":\"(619) 555-0123\"}", "{\"n\":\"(6195" DOTS "23\"}" },
    { "{\"n\":\"619.555.0123.\"}", "{\"n\":\"6195" DOTS "23.\"}" },
    { "{\"n\":\"619\xc2\xa0"
      "555\xe2\x80\x91"
      "0123\"}",
      "{\"n\":\"6195" DOTS "23\"}" },
    { "{\"n\":\"+1 (619) 555-0123 rang\"}",
      "{\"n\":\"+1619" DOTS "23 rang\"}" },
    { "{\"n\":\"6195550123: hello\"}", "{\"n\":\"6195" DOTS "23: hello\"}" },
    { "{\"n\":\"sip:+16195550123@x\"}", "{\"n\":\"sip:+1619" DOTS "23@x\"}" },
    { "{\"n\":\"?From=%2B16195550123\"}",
      "{\"n\":\"?From=%2B1619" DOTS "23\"}" },
    { "{\"n\":\"\\n6195550123\"}", "{\"n\":\"\\n6195" DOTS "23\"}" },
    { "{\"n\":\"\\u001f6195550123\"}", "{\"n\":\"\\u001f6195" DOTS "23\"}" },
    { "{\"n\":\"+16195550100 20 s\"}", "=" },
    { "{\"n\":\"+16195550123 20 s\"}", "{\"n\":\"+1619" DOTS "23 20 s\"}" },
    { "{\"n\":\"+16195550123,+16195550100\"}",
      "{\"n\":\"+1619" DOTS "23,+16195550100\"}" },
    { "{\"n\":\"619 555 0123 14:30 PST\"}",
      "{\"n\":\"6195" DOTS "23 14:30 PST\"}" },
    { "{\"n\":\"tel:6195550123, 14:30\"}",
      "{\"n\":\"tel:6195" DOTS "23, 14:30\"}" },
    { "{\"n\":\"6195550123x12, 6195550123xy\"}",
      "{\"n\":\"6195" DOTS "23x12, 6195550123xy\"}" },
    { "{\"short\":\"+1234567\"}", "{\"short\":\"+1" DOTS "67\"}" },
    { "{\"short\":\"+123456 and 555-0123\"}", "=" },
    /* times, counts and ids */
    { "{\"at\":1795000000000000,\"n\":16195550123}", "=" },
    { "{\"t\":\"2026-11-22 14:30:05 PST\"}", "=" },
    { "{\"t\":\"until 2026-11-22T14:30 2026-11-23\"}", "=" },
    { "{\"t\":\"08:00-18:00, 10:00-14:00, 2026-11-22 10:30\"}", "=" },
    { "{\"sid\":\"CA01234567890123456789012345678901\"}", "=" },
    { "{\"config\":\"012345678901\",\"x\":\"012345678901\"}",
      "{\"config\":\"012345678901\",\"x\":\"0123" DOTS "01\"}" },
    { "{\"id\":\"01234567890123\",\"a\":[\"6195550123\"]}",
      "{\"id\":\"01234567890123\",\"a\":[\"6195" DOTS "23\"]}" },
    { "{\"word\":\"a6195550123 b\",\"long\":\"1234567890123456\"}", "=" },
    { "{\"quoted\":\"\\\"6195550123\\\"\",\"n\":6195550123}",
      "{\"quoted\":\"\\\"6195" DOTS "23\\\"\",\"n\":6195550123}" },
    { "no JSON: +16195550123", "no JSON: +1619" DOTS "23" },
    { "", "=" },
    { "\"+", "=" },
    { "\"\\", "=" },
    { "\"\\u00", "=" },
};

static void test_cases(void **state)
{
    const qdn_plan_t *plan = plan_of(HOUSE LINE(HOPS));

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *wanted =
            *cases[i].wanted == '=' ? cases[i].text : cases[i].wanted;

        assert_string_equal(qdn_veil_numbers(plan, cases[i].text, pool),
                            wanted);
    }
}

/************** properties, over texts made at random **************/

static unsigned long seed = 20261122;

static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(seed >> 33) % n;
}

/* How people and programs write the number "16195550123". */
static const char *written(void)
{
    static const char *const ways[] = {
        "+16195550123",      "16195550123",         "+1 619 555 0123",
        "(619) 555-0123",    "1-619-555-0123",      "619.555.0123",
        "+1 (619) 555-0123", "+1/619/5550123",      "6195550123",
        "%2B16195550123",    "tel:+1-619-555-0123", "[+16195550123]",
    };

    return ways[pick(sizeof(ways) / sizeof(*ways))];
}

static const char *crumb(void)
{
    static const char *const crumbs[] = {
        " ",
        "a",
        "7 ",
        ": ",
        "\n",
        "\"",
        "\\",
        ", ",
        "\t",
        "\xc3\xa9 ",
        "2026-11-22 08:30 ",
        "+",
        "14:30, ",
        "x y",
        "{",
        "\"id\":",
        "\x01",
        "(",
        "]",
        "tel:",
    };

    return crumbs[pick(sizeof(crumbs) / sizeof(*crumbs))];
}

/* The digits alone: how much of the number is left in one piece? */
static void assert_hidden(const char *json)
{
    char digits[4096];
    size_t n = 0;

    for (; *json; json++) {
        /* What is masked ends a piece; what people put between does not. */
        if (apr_isdigit(*json) || (unsigned char)*json >= 0x80) {
            digits[n++] = *json;
        }
    }
    digits[n] = '\0';
    assert_null(strstr(digits, "6195550123"));
    assert_null(strstr(digits, "9555012"));
}

/* Each string of the JSON is still closed, and no control has come in. */
static void assert_json(const char *json)
{
    int inside = 0;

    for (; *json; json++) {
        assert_true((unsigned char)*json >= ' ');
        if (inside && *json == '\\') {
            json++;
            assert_true(*json && strchr("\"\\/bfnrtu", *json) != NULL);
        }
        else if (*json == '"') {
            inside = !inside;
        }
    }
    assert_false(inside);
}

static void test_nothing_survives(void **state)
{
    const qdn_plan_t *plan = plan_of(HOUSE LINE(HOPS));

    (void)state;
    for (int i = 0; i < 20000; i++) {
        apr_pool_t *p;
        qdn_text_t raw, json;
        const char *veiled;

        apr_pool_create(&p, pool);
        qdn_text_init(&raw, 64, p);
        for (unsigned n = pick(4); n; n--) {
            qdn_text_add(&raw, crumb());
        }
        /* Glued to a word or a number it is part of that. */
        qdn_text_add(&raw,
                     raw.len && apr_isalnum(raw.buf[raw.len - 1]) ? " " : "");
        qdn_text_add(&raw, " =");
        qdn_text_add(&raw, written());
        for (unsigned n = pick(3); n; n--) {
            qdn_text_add(&raw, " ");
            qdn_text_add(&raw, crumb());
        }
        qdn_text_init(&json, 128, p);
        qdn_text_add(&json, "{\"at\":1795000000000000,\"text\":");
        qdn_text_add_json(&json, raw.buf);
        qdn_text_add(&json, ",\"line\":\"+16195550100\"}");
        veiled = qdn_veil_numbers(plan, json.buf, p);
        assert_json(veiled);
        assert_non_null(strstr(veiled, "{\"at\":1795000000000000,"));
        assert_non_null(strstr(veiled, ",\"line\":\"+16195550100\"}"));
        assert_hidden(veiled + strlen("{\"at\":1795000000000000,"));
        apr_pool_destroy(p);
    }
}

/* Whatever bytes come, it ends, and says the same twice. */
static void test_any_bytes(void **state)
{
    static const char alphabet[] = "+0123456789 -().\"\\u:/,{}[]x%2B\xe2\x80"
                                   "\x91\xc2\xa0\n";
    const qdn_plan_t *plan = plan_of(HOUSE LINE(HOPS));
    char text[80];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        apr_pool_t *p;
        unsigned n = pick(sizeof(text));

        apr_pool_create(&p, pool);
        for (unsigned j = 0; j < n; j++) {
            text[j] = alphabet[pick(sizeof(alphabet) - 1)];
        }
        text[n] = '\0';
        assert_string_equal(qdn_veil_numbers(plan, text, p),
                            qdn_veil_numbers(plan, text, p));
        apr_pool_destroy(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cases),
        TEST(test_nothing_survives),
        TEST(test_any_bytes),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("veil", tests, NULL, NULL);
}
