/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a file of secrets. It has entries, or a complaint with its line. */
#include "fuzz.h"
#include "dotenv.h"
#include "status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    apr_array_header_t *entries = NULL;
    const char *error = NULL;
    apr_status_t rv =
        qdn_dotenv_parse(&entries, (const char *)data, size, &error, pool);
    int i, k;

    FUZZ_CHECK(rv == APR_SUCCESS || rv == QDN_EMALFORMED);
    if (rv != APR_SUCCESS) {
        FUZZ_CHECK(error && strncmp(error, "line ", 5) == 0);
    }
    for (i = 0; rv == APR_SUCCESS && i < entries->nelts; i++) {
        qdn_dotenv_entry_t e = APR_ARRAY_IDX(entries, i, qdn_dotenv_entry_t);

        FUZZ_CHECK(*e.name && e.value && e.line > 0);
        FUZZ_CHECK(strlen(e.value) <= size);
        for (k = 0; k < i; k++) {
            FUZZ_CHECK(
                strcmp(APR_ARRAY_IDX(entries, k, qdn_dotenv_entry_t).name,
                       e.name) != 0);
        }
    }
    apr_pool_destroy(pool);
    return 0;
}
