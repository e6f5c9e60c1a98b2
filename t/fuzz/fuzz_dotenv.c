/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a file of secrets. It has entries, or a complaint with its line.
 * Entries are written again, in quotes, and read back alike.
 */
#include "fuzz.h"
#include "dotenv.h"
#include "status.h"
#include "text.h"

/* 0: the two dotenv readers have no common way to write this value. */
static int add_value(qdn_text_t *t, const char *value)
{
    int apostrophe = strchr(value, '"') != NULL;

    if (strchr(value, '\\') || (apostrophe && strpbrk(value, "'\r"))) {
        return 0;
    }
    qdn_text_addc(t, apostrophe ? '\'' : '"');
    for (; *value; value++) {
        if (!apostrophe && (*value == '\n' || *value == '\r')) {
            qdn_text_add(t, *value == '\n' ? "\\n" : "\\r");
        }
        else {
            qdn_text_addc(t, *value);
        }
    }
    qdn_text_add(t, apostrophe ? "' # was read\n" : "\"\n");
    return 1;
}

static void check_round_trip(const qdn_dotenv_entry_t *entry, apr_pool_t *pool)
{
    apr_array_header_t *entries;
    const qdn_dotenv_entry_t *again;
    const char *error;
    qdn_text_t t;

    qdn_text_init(&t, 0, pool);
    qdn_text_addf(&t, "\n export %s = ", entry->name);
    if (!add_value(&t, entry->value)) {
        return;
    }
    FUZZ_CHECK(qdn_dotenv_parse(&entries, t.buf, t.len, &error, pool) ==
               APR_SUCCESS);
    FUZZ_CHECK(entries->nelts == 1);
    again = &APR_ARRAY_IDX(entries, 0, qdn_dotenv_entry_t);
    FUZZ_CHECK(strcmp(again->name, entry->name) == 0);
    FUZZ_CHECK(strcmp(again->value, entry->value) == 0 && again->line == 2);
}

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
        check_round_trip(&e, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}
