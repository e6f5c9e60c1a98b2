/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

/*
 * The table under another name, beside what the library has chosen for this
 * processor: a journal moves between machines, so both must say the same.
 */
#define QDN_CRC32C_SOFT
#define qdn_digest_sha256      soft_sha256
#define qdn_digest_id          soft_id
#define qdn_digest_fingerprint soft_fingerprint
#define qdn_digest_random      soft_random
#define qdn_digest_hmac_sha1   soft_hmac_sha1
#define qdn_digest_equal       soft_equal
#define qdn_digest_crc32c      soft_crc32c
#define qdn_digest_give_back   soft_give_back
#define qdn_digest_fnv1a       soft_fnv1a
#define qdn_digest_give_back   soft_give_back
#include "digest.c"
#undef qdn_digest_crc32c

apr_uint32_t qdn_digest_crc32c(apr_uint32_t crc, const void *data,
                               apr_size_t len);

typedef apr_uint32_t crc_cb(apr_uint32_t, const void *, apr_size_t);

static crc_cb *const both[] = { qdn_digest_crc32c, soft_crc32c };

/* RFC 3720, appendix B.4, and the check value of the catalogues. */
static void test_vectors(void **state)
{
    unsigned char zeros[32] = { 0 }, ones[32], up[32], down[32];

    (void)state;
    memset(ones, 0xFF, sizeof(ones));
    for (unsigned char i = 0; i < 32; i++) {
        up[i] = i;
        down[i] = (unsigned char)(31 - i);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(both[i](0, "", 0), 0);
        assert_int_equal(both[i](0, "123456789", 9), 0xE3069283u);
        assert_int_equal(both[i](0, zeros, 32), 0x8A9136AAu);
        assert_int_equal(both[i](0, ones, 32), 0x62A8AB43u);
        assert_int_equal(both[i](0, up, 32), 0x46DD794Eu);
        assert_int_equal(both[i](0, down, 32), 0x113FDB5Cu);
    }
}

/* Every alignment and length, whole and in two parts. */
static void test_agreement(void **state)
{
    unsigned char data[96];

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (unsigned char)(i * 131 + 7);
    }
    for (size_t from = 0; from < 8; from++) {
        for (size_t len = 0; len + from <= sizeof(data); len++) {
            apr_uint32_t whole = soft_crc32c(0, data + from, len);
            apr_uint32_t part = qdn_digest_crc32c(0, data + from, len / 3);

            assert_int_equal(qdn_digest_crc32c(0, data + from, len), whole);
            assert_int_equal(
                qdn_digest_crc32c(part, data + from + len / 3, len - len / 3),
                whole);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_agreement),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
