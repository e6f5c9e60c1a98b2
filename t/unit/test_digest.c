/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <string.h>
#include "digest.h"

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

/* FIPS 180-2, appendix B; the empty text. */
static void test_sha256(void **state)
{
    static const struct {
        const char *in, *hex;
    } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"
              "5" },
        { "abc",
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    char hex[QDN_SHA256_HEX + 1];

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        qdn_digest_sha256(rows[i].in, strlen(rows[i].in), hex);
        assert_string_equal(hex, rows[i].hex);
    }
    assert_string_equal(qdn_digest_fingerprint("abc", pool), "ba7816bf");
}

static void test_id(void **state)
{
    static const char *const ab_c[] = { "ab", "c", NULL };
    static const char *const a_bc[] = { "a", "bc", NULL };
    static const char *const abc[] = { "abc", NULL };
    static const char *const abc_none[] = { "abc", "", NULL };
    static const char *const *const lists[] = { ab_c, a_bc, abc, abc_none };
    char ids[LENGTH(lists)][QDN_ID_HEX + 1];
    char hex[QDN_SHA256_HEX + 1];

    (void)state;
    for (size_t i = 0; i < LENGTH(lists); i++) {
        qdn_digest_id(lists[i], ids[i]);
        assert_int_equal(strlen(ids[i]), QDN_ID_HEX);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(ids[i], ids[k]);
        }
    }
    qdn_digest_sha256("ab\0c", 5, hex);
    assert_memory_equal(ids[0], hex, QDN_ID_HEX);
}

/* RFC 2202, test case 2; the others were made with Python's hmac. */
static void test_hmac_sha1(void **state)
{
    static const struct {
        const char *key, *data, *b64;
    } rows[] = {
        { "Jefe", "what do ya want for nothing?",
          "7/zfauXrL6LSdBbV8YTfnCWafHk=" },
        { "12345",
          "https://example.com/myapp.php?foo=1&bar=2CallSidCA1234567890ABCDE",
          "3GhDbu46fkzmX/CQ3ZkEIUf8Fik=" },
        { "", "", "+9sdGxiqbAgyS31ktx+3Y3BpDh0=" },
        /* around the block of 64 bytes */
        { "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
          "x", "efyhuOjDLm68qlODp6yK3eZIEi8=" },
        { "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
          "x", "LDHq32jZupca0pM50oznJbA8EfY=" },
        { "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
          "x", "cgmsp17GgIcXJf0wmqaJdGZ329Q=" },
    };
    char b64[QDN_HMAC_SHA1_B64 + 1];

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        qdn_digest_hmac_sha1(rows[i].key, rows[i].data, strlen(rows[i].data),
                             b64);
        assert_string_equal(b64, rows[i].b64);
        assert_int_equal(strlen(b64), QDN_HMAC_SHA1_B64);
    }
}

static void test_equal(void **state)
{
    static const struct {
        const char *secret, *given;
        int equal;
    } rows[] = {
        { "abc", "abc", 1 },  { "abc", "abd", 0 }, { "abc", "ab", 0 },
        { "abc", "abcd", 0 }, { "abc", "", 0 },    { "", "abc", 0 },
        { "", "", 1 },        { "abc", "xbc", 0 }, { "abc", "ABC", 0 },
        { NULL, "abc", 0 },   { "abc", NULL, 0 },  { NULL, NULL, 0 },
        { "\x80", "", 0 },    { "a", "aa", 0 },    { "aa", "a", 0 },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        assert_int_equal(qdn_digest_equal(rows[i].secret, rows[i].given),
                         rows[i].equal);
    }
}

/* Landon Curt Noll's test vectors, 32 bits. */
static void test_fnv1a(void **state)
{
    (void)state;
    assert_int_equal(qdn_digest_fnv1a(""), 0x811C9DC5u);
    assert_int_equal(qdn_digest_fnv1a("a"), 0xE40C292Cu);
    assert_int_equal(qdn_digest_fnv1a("foobar"), 0xBF9CF968u);
    assert_int_equal(qdn_digest_fnv1a("\xFF"),
                     (0x811C9DC5u ^ 0xFF) * 16777619u);
}

/* Twice in a row, too: not every process has borrowed all of them. */
static void test_give_back(void **state)
{
    char before[QDN_SHA256_HEX + 1], after[QDN_SHA256_HEX + 1];

    (void)state;
    qdn_digest_sha256("abc", 3, before);
    qdn_digest_give_back();
    qdn_digest_give_back();
    qdn_digest_sha256("abc", 3, after);
    assert_string_equal(before, after);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),    cmocka_unit_test(test_id),
        cmocka_unit_test(test_hmac_sha1), cmocka_unit_test(test_equal),
        cmocka_unit_test(test_fnv1a),     cmocka_unit_test(test_give_back),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
