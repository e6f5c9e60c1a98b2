/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "clock.h"
#include "recall_table.h"

apr_pool_t *recall_pool;
apr_interval_time_t recall_clock_offset;

apr_interval_time_t __real_qdn_clock_mono(void);
apr_interval_time_t __wrap_qdn_clock_mono(void);

apr_interval_time_t __wrap_qdn_clock_mono(void)
{
    return __real_qdn_clock_mono() + recall_clock_offset;
}

void *recall_memory(apr_size_t size)
{
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(map != MAP_FAILED);
    return map;
}

qdn_recall_t *recall_table(int slots, apr_size_t mean)
{
    return qdn_recall_init(recall_memory(qdn_recall_size(slots, mean)), slots,
                           mean);
}

const char *recall_key(unsigned n, char key[QDN_ID_HEX + 1])
{
    char text[16];
    const char *parts[] = { text, NULL };

    snprintf(text, sizeof(text), "%u", n);
    qdn_digest_id(parts, key);
    return key;
}

int recall_setup(void **state)
{
    (void)state;
    recall_clock_offset = 0;
    return apr_pool_create(&recall_pool, NULL) != APR_SUCCESS;
}

int recall_teardown(void **state)
{
    (void)state;
    apr_pool_destroy(recall_pool);
    return 0;
}

void recall_check(qdn_recall_t *recall, const char *key, const void *value,
                  apr_size_t len)
{
    const char *got;
    apr_size_t n;

    assert_int_equal(qdn_recall_claim(recall, key, &got, &n, recall_pool),
                     APR_EEXIST);
    assert_int_equal(n, len);
    assert_memory_equal(got, value, len);
    assert_int_equal(got[len], '\0');
}

apr_status_t recall_claim(qdn_recall_t *recall, const char *key)
{
    const char *value;
    apr_size_t len;

    return qdn_recall_claim(recall, key, &value, &len, recall_pool);
}
