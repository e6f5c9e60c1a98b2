/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's ring: units come out whole and in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include "ring.h"
#include "status.h"

/* Laps of a small ring, units of every length, a taker that lags. */
static void a_ring_keeps_order_and_bytes(void **state)
{
    static char bytes[4096];
    const apr_size_t size = sizeof(bytes);
    apr_uint64_t end, at;
    int put = 0, taken = 0;
    qdn_ring_t ring;

    (void)state;
    srand(7);
    qdn_ring_init(&ring, bytes, size);
    while (taken < 20000) {
        char unit[1000];
        struct iovec iov[8];
        int n, len = 4 + put * 7 % 900;

        memset(unit, put, sizeof(unit));
        memcpy(unit, &put, sizeof(put));
        if (qdn_ring_put(&ring, unit, (apr_size_t)len, &end) == APR_SUCCESS) {
            put++;
            continue;
        }
        at = ring.head;
        n = qdn_ring_take(&ring, &at, iov, 1 + rand() % 8);
        assert_true(n > 0);
        for (int i = 0; i < n; i++, taken++) {
            int number;

            memcpy(&number, iov[i].iov_base, sizeof(number));
            assert_int_equal(number, taken);
            assert_int_equal(iov[i].iov_len, 4 + taken * 7 % 900);
            for (size_t k = 4; k < iov[i].iov_len; k++) {
                assert_int_equal(((unsigned char *)iov[i].iov_base)[k],
                                 (unsigned char)taken);
            }
        }
        qdn_ring_release(&ring, at);
    }
    assert_int_equal(qdn_ring_put(&ring, bytes, size / 4 + 1, &end), QDN_EFULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_keeps_order_and_bytes),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
