/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: the token of a step's URL, of either kind. Only what encode writes
 * is decoded, so what was decoded encodes to the very same bytes.
 */
#include "fuzz.h"
#include "progress.h"
#include "status.h"

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
    }
    apr_pool_destroy(pool);
    return 0;
}
