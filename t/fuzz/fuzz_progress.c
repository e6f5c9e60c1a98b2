/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: the token of a step's URL, of either kind. Only what encode writes
 * is decoded, so what was decoded encodes to the very same bytes. Then the
 * input is the numbers of a progress, which is encoded and decoded alike.
 */
#include "fuzz.h"
#include "progress.h"
#include "status.h"

static apr_uint32_t take(const uint8_t **pdata, const uint8_t *end, int max)
{
    apr_uint32_t n = 0;
    int i;

    for (i = 0; i < 4 && *pdata < end; i++) {
        n = n << 8 | *(*pdata)++;
    }
    return max ? n % (apr_uint32_t)(max + 1) : n;
}

static apr_array_header_t *take_hashes(const uint8_t **pdata,
                                       const uint8_t *end, apr_pool_t *pool)
{
    apr_uint32_t n = take(pdata, end, 200);
    apr_array_header_t *hashes = apr_array_make(pool, 4, sizeof(n));

    while (n-- > 0) {
        APR_ARRAY_PUSH(hashes, apr_uint32_t) = take(pdata, end, 0);
    }
    return hashes;
}

static void check_same(const apr_array_header_t *a, const apr_array_header_t *b)
{
    FUZZ_CHECK(a->nelts == b->nelts);
    FUZZ_CHECK(
        a->nelts == 0 ||
        memcmp(a->elts, b->elts, (size_t)a->nelts * sizeof(apr_uint32_t)) == 0);
}

static void check_encoding(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const uint8_t *end = data + size;
    const char *id[] = { apr_psprintf(pool, "%u", take(&data, end, 0)), NULL };
    qdn_progress_t a = { .line = "+16195550100" };
    qdn_progress_t b;

    qdn_digest_id(id, a.decision);
    memcpy(a.revision, a.decision, QDN_REVISION_HEX);
    a.hop = (int)take(&data, end, 999);
    a.redial = (int)take(&data, end, 1);
    a.asks_key = (int)take(&data, end, 1);
    a.first_ring = take(&data, end, 0);
    a.rung = take_hashes(&data, end, pool);
    a.ringing = take_hashes(&data, end, pool);
    a.cascade = take(&data, end, 0);
    a.tries = (int)take(&data, end, 9);
    FUZZ_CHECK(qdn_progress_decode(&b, qdn_progress_encode(&a, pool), pool) ==
               APR_SUCCESS);
    FUZZ_CHECK(strcmp(a.line, b.line) == 0 && a.hop == b.hop);
    FUZZ_CHECK(a.cascade == b.cascade && a.tries == b.tries);
    FUZZ_CHECK(strcmp(a.decision, b.decision) == 0);
    FUZZ_CHECK(strcmp(a.revision, b.revision) == 0 && a.redial == b.redial);
    FUZZ_CHECK(a.asks_key == b.asks_key && a.first_ring == b.first_ring);
    check_same(a.rung, b.rung);
    check_same(a.ringing, b.ringing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    const char *token = fuzz_text(data, size, pool);
    qdn_progress_t progress;
    qdn_leg_t leg;
    apr_status_t rv;

    rv = qdn_progress_decode(&progress, token, pool);
    FUZZ_CHECK(rv == APR_SUCCESS || rv == QDN_EMALFORMED);
    if (rv == APR_SUCCESS) {
        FUZZ_CHECK(strcmp(qdn_progress_encode(&progress, pool), token) == 0);
    }
    rv = qdn_leg_decode(&leg, token);
    FUZZ_CHECK(rv == APR_SUCCESS || rv == QDN_EMALFORMED);
    if (rv == APR_SUCCESS) {
        FUZZ_CHECK(strcmp(qdn_leg_encode(&leg, pool), token) == 0);
        FUZZ_CHECK(strncmp(leg.call, "CA", 2) == 0);
    }
    check_encoding(data, size, pool);
    apr_pool_destroy(pool);
    return 0;
}
