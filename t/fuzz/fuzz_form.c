/* SPDX-License-Identifier: Apache-2.0 */
/* Input: form text. What is parsed can be written and parsed again alike. */
#include "fuzz.h"
#include "form.h"
#include "status.h"

static void check_round_trip(const apr_array_header_t *fields, size_t size,
                             apr_pool_t *pool)
{
    const char *text = qdn_form_encode(fields, pool);
    apr_array_header_t *again;
    size_t decoded = 0;
    int i;

    FUZZ_CHECK(qdn_form_parse(&again, text, strlen(text), pool) == APR_SUCCESS);
    FUZZ_CHECK(again->nelts == fields->nelts);
    for (i = 0; i < fields->nelts; i++) {
        qdn_field_t f = APR_ARRAY_IDX(fields, i, qdn_field_t);
        qdn_field_t g = APR_ARRAY_IDX(again, i, qdn_field_t);

        FUZZ_CHECK(strcmp(f.name, g.name) == 0);
        FUZZ_CHECK(strcmp(f.value, g.value) == 0);
        if (i < 8) { /* each looks at all fields */
            FUZZ_CHECK(qdn_form_get(fields, f.name) != NULL);
            FUZZ_CHECK(qdn_form_count(fields, f.name) > 0);
        }
        decoded += strlen(f.name) + strlen(f.value);
    }
    FUZZ_CHECK(decoded <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    apr_array_header_t *fields;
    apr_status_t rv = qdn_form_parse(&fields, (const char *)data, size, pool);

    FUZZ_CHECK(rv == APR_SUCCESS || rv == QDN_EMALFORMED || rv == QDN_ETOOBIG);
    if (rv == APR_SUCCESS) {
        FUZZ_CHECK(fields->nelts <= QDN_FORM_FIELDS_MAX);
        check_round_trip(fields, size, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}
