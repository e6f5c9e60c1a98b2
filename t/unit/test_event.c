/* SPDX-License-Identifier: Apache-2.0 */
/* Every event comes back from its line, and no damaged line does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "event.h"
#include "status.h"

static int setup(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int teardown(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void same_text(const char *a, const char *b)
{
    if (a) {
        assert_non_null(b);
        assert_string_equal(a, b);
    }
    else {
        assert_null(b);
    }
}

static void same_event(const qdn_event_t *a, const qdn_event_t *b)
{
    assert_string_equal(a->id, b->id);
    assert_int_equal(a->at, b->at);
    same_text(a->host, b->host);
    assert_int_equal(a->kind, b->kind);
    same_text(a->line, b->line);
    same_text(a->call_sid, b->call_sid);
    assert_int_equal(a->hop, b->hop);
    same_text(a->operator, b->operator);
    same_text(a->phone, b->phone);
    assert_int_equal(a->reason, b->reason);
    same_text(a->detail, b->detail);
    same_text(a->config, b->config);
}

static qdn_event_t some_event(void)
{
    qdn_event_t e = { .at = APR_INT64_C(1768400000123456),
                      .host = "h",
                      .kind = QDN_KIND_HOP_ENDED,
                      .line = "+16195550100",
                      .call_sid = "CA0123456789abcdef0123456789abcdef",
                      .hop = 2,
                      .phone = "primary",
                      .reason = QDN_REASON_NO_ANSWER,
                      .detail = "{\"key\":\"asked\"}",
                      .config = "0123456789ab" };

    e.operator= "sergio";
    qdn_event_identify(&e, "d1");
    return e;
}

static void the_line_is_what_the_header_says(void **state)
{
    qdn_event_t e = some_event();
    apr_size_t len;
    const char *line = qdn_event_encode(&e, &len, *state);
    const char *expected = apr_psprintf(
        *state,
        "{\"id\":\"%s\",\"at\":1768400000123456,\"host\":\"h\","
        "\"kind\":\"hop.ended\",\"line\":\"+16195550100\","
        "\"call_sid\":\"CA0123456789abcdef0123456789abcdef\",\"hop\":2,"
        "\"operator\":\"sergio\",\"phone\":\"primary\","
        "\"reason\":\"no-answer\",\"detail\":\"{\\\"key\\\":\\\"asked\\\"}\","
        "\"config\":\"0123456789ab\"",
        e.id);
    apr_uint32_t crc = qdn_digest_crc32c(0, expected, strlen(expected));

    assert_string_equal(
        line, apr_psprintf(*state, "%s,\"crc\":\"%08x\"}\n", expected, crc));
    assert_int_equal(len, strlen(line));
}

/* Bytes of every sort; half of the time nothing but valid UTF-8. */
static const char *random_text(apr_pool_t *p, int *pvalid)
{
    static const char *const good[] = { "a",
                                        "\"",
                                        "\\",
                                        "\x01",
                                        "\x1f",
                                        "\n",
                                        "\t",
                                        "\x7f",
                                        "/",
                                        "\xC3\xA9",
                                        "\xE2\x82\xAC",
                                        "\xF0\x9F\x8E\xBA",
                                        "\xEF\xBF\xBD",
                                        "\\u0041",
                                        "null",
                                        ",\"crc\":\"" };
    int n = rand() % 12;
    const char *text = "";

    if (rand() % 8 == 0) {
        return NULL;
    }
    for (int i = 0; i < n; i++) {
        if (rand() % 2 || *pvalid) {
            text = apr_pstrcat(
                p, text,
                good[(size_t)rand() % (sizeof(good) / sizeof(good[0]))], NULL);
        }
        else {
            char byte[] = { (char)(rand() % 255 + 1), '\0' };

            text = apr_pstrcat(p, text, byte, NULL);
        }
    }
    return text;
}

static qdn_event_t random_event(apr_pool_t *p, int *pvalid)
{
    qdn_event_t e = { .at = (apr_time_t)rand() << 20 | rand(),
                      .kind = (qdn_kind_e)(rand() % QDN_KIND_MAX),
                      .hop = rand() % 100,
                      .reason = (qdn_reason_e)(rand() % QDN_REASON_MAX) };

    e.host = random_text(p, pvalid);
    e.line = random_text(p, pvalid);
    e.call_sid = random_text(p, pvalid);
    e.operator= random_text(p, pvalid);
    e.phone = random_text(p, pvalid);
    e.detail = random_text(p, pvalid);
    e.config = random_text(p, pvalid);
    qdn_event_identify(&e, NULL);
    return e;
}

static void every_event_comes_back(void **state)
{
    apr_pool_t *p;

    apr_pool_create(&p, *state);
    srand(20260114);
    for (int i = 0; i < 20000; i++) {
        int valid = i % 2;
        qdn_event_t once, twice, e = random_event(p, &valid);
        apr_size_t len;
        const char *line = qdn_event_encode(&e, &len, p);

        assert_null(memchr(line, '\n', len - 1));
        assert_int_equal(qdn_event_decode(&once, line, len, p), APR_SUCCESS);
        if (valid) {
            same_event(&e, &once);
        }
        /* Repaired text is its own repair. */
        line = qdn_event_encode(&once, &len, p);
        assert_int_equal(qdn_event_decode(&twice, line, len - 1, p),
                         APR_SUCCESS);
        same_event(&once, &twice);
        apr_pool_clear(p);
    }
}

static void every_damage_is_seen(void **state)
{
    qdn_event_t e = some_event(), out;
    apr_size_t len;
    const char *line = qdn_event_encode(&e, &len, *state);
    char *bad = apr_pstrmemdup(*state, line, len);

    for (apr_size_t i = 0; i + 1 < len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bad[i] = (char)(line[i] ^ (1 << bit));
            assert_int_equal(qdn_event_decode(&out, bad, len, *state),
                             QDN_EMALFORMED);
        }
        bad[i] = line[i];
    }
    for (apr_size_t i = 0; i + 1 < len; i++) {
        assert_int_equal(qdn_event_decode(&out, line, i, *state),
                         QDN_EMALFORMED);
    }
}

/* A line with a CRC that fits around any text. */
static apr_status_t decode_sealed(const char *text, apr_pool_t *p)
{
    apr_uint32_t crc = qdn_digest_crc32c(0, text, strlen(text));
    const char *line = apr_psprintf(p, "%s,\"crc\":\"%08x\"}", text, crc);
    qdn_event_t e;

    return qdn_event_decode(&e, line, strlen(line), p);
}

#define HEAD "{\"id\":\"00112233445566778899aabbccddeeff\",\"at\":1,\"host\":"
#define TAIL                                                                   \
    "\"line\":null,\"call_sid\":null,\"operator\":null,\"phone\":null,"        \
    "\"detail\":null,\"config\":null"

static const struct {
    const char *text;
    apr_status_t status;
} sealed[] = {
    { HEAD "null,\"kind\":\"call.ended\",\"hop\":0,\"reason\":\"\"," TAIL,
      APR_SUCCESS },
    { HEAD "null,\"kind\":\"call.ended\",\"hop\":0,\"reason\":\"\",\"new\":5,"
           "\"newer\":\"x\"," TAIL,
      APR_SUCCESS },
    { HEAD "null,\"kind\":\"call.born\",\"hop\":0,\"reason\":\"\"," TAIL,
      QDN_EREFUSED },
    { HEAD "null,\"kind\":\"call.ended\",\"hop\":0,\"reason\":\"mood\"," TAIL,
      QDN_EREFUSED },
    { HEAD "null,\"kind\":\"call.ended\",\"hop\":-1,\"reason\":\"\"," TAIL,
      QDN_EMALFORMED },
    { HEAD
      "null,\"kind\":\"call.ended\",\"hop\":4000000000,\"reason\":\"\"," TAIL,
      QDN_EMALFORMED },
    { HEAD "null,\"kind\":\"call.ended\",\"hop\":99999999999999999999,"
           "\"reason\":\"\"," TAIL,
      QDN_EMALFORMED },
    { HEAD "null,\"kind\":7,\"hop\":0,\"reason\":\"\"," TAIL, QDN_EMALFORMED },
    { HEAD "7,\"kind\":\"call.ended\",\"hop\":0,\"reason\":\"\"," TAIL,
      QDN_EMALFORMED },
    { HEAD
      "\"a\\u0000b\",\"kind\":\"call.ended\",\"hop\":0,\"reason\":\"\"," TAIL,
      QDN_EMALFORMED },
    { HEAD "{},\"kind\":\"call.ended\",\"hop\":0,\"reason\":\"\"," TAIL,
      QDN_EMALFORMED },
    /* an older version knew fewer columns; without a kind it is no event */
    { HEAD "null,\"kind\":\"call.ended\",\"hop\":0,\"reason\":\"\"",
      APR_SUCCESS },
    { HEAD "null,\"hop\":0,\"reason\":\"\"," TAIL, QDN_EMALFORMED },
    { "{\"id\":\"short\",\"at\":1,\"host\":null,\"kind\":\"call.ended\","
      "\"hop\":0,\"reason\":\"\"," TAIL,
      QDN_EMALFORMED },
    { "{", QDN_EMALFORMED },
    { "{\"", QDN_EMALFORMED },
    { "{\"id\":\"\\", QDN_EMALFORMED },
    { "", QDN_EMALFORMED },
    { "[]", QDN_EMALFORMED },
};

static void only_events_are_events(void **state)
{
    for (size_t i = 0; i < sizeof(sealed) / sizeof(sealed[0]); i++) {
        if (decode_sealed(sealed[i].text, *state) != sealed[i].status) {
            fail_msg("%s", sealed[i].text);
        }
    }
}

static void ids_tell_apart_what_differs(void **state)
{
    qdn_event_t a = some_event(), b = some_event();

    (void)state;
    assert_string_equal(a.id, b.id);
    b.host = "other";
    qdn_event_identify(&b, "d1");
    assert_string_not_equal(a.id, b.id);
    b = some_event();
    qdn_event_identify(&b, "d2");
    assert_string_not_equal(a.id, b.id);
    b = some_event();
    b.hop = 3;
    qdn_event_identify(&b, "d1");
    assert_string_not_equal(a.id, b.id);
    b = some_event();
    b.phone = "backup";
    qdn_event_identify(&b, "d1");
    assert_string_not_equal(a.id, b.id);
    /* Time, reason and detail may differ when the same is told twice. */
    b = some_event();
    b.at++;
    b.reason = QDN_REASON_BUSY;
    b.detail = NULL;
    qdn_event_identify(&b, "d1");
    assert_string_equal(a.id, b.id);
    /* What Twilio may tell to any host has one id on all. */
    a.kind = b.kind = QDN_KIND_CALL_ENDED;
    b.host = "other";
    qdn_event_identify(&a, NULL);
    qdn_event_identify(&b, NULL);
    assert_string_equal(a.id, b.id);
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < QDN_KIND_MAX; i++) {
        const char *text = qdn_event_kind_text((qdn_kind_e)i);

        assert_true(strlen(text) < 64);
        assert_int_equal(qdn_event_kind_find(text), i);
    }
    assert_int_equal(qdn_event_kind_find("nothing"), QDN_KIND_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_line_is_what_the_header_says),
        TEST(every_event_comes_back),
        TEST(every_damage_is_seen),
        TEST(only_events_are_events),
        TEST(ids_tell_apart_what_differs),
        TEST(kinds_have_names),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
