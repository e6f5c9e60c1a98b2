/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: directives, a line each: name, blank, raw arguments. A line that
 * begins with "</" closes the open block. The plan is frozen and printed, as
 * JSON that json-c reads.
 */
#include "fuzz.h"
#include <json-c/json.h>
#include "settings.h"

static void check_plan(const qdn_plan_t *plan, apr_pool_t *pool)
{
    json_object *json = json_tokener_parse(qdn_plan_json(plan, pool));

    FUZZ_CHECK(json_object_is_type(json, json_type_object));
    FUZZ_CHECK(strlen(plan->revision) == QDN_REVISION_HEX);
    json_object_put(json);
}

static void apply(qdn_builder_t *b, const char *name, const char *raw)
{
    const char *complaint;

    b->origin.line++;
    if (strncmp(name, "</", 2) == 0) {
        qdn_settings_close(b);
        b->location = NULL;
    }
    else if (strcmp(name, "<Location") == 0) {
        b->location = raw;
    }
    else {
        complaint = qdn_settings_apply(b, name, raw);
        FUZZ_CHECK(!complaint || *complaint);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    const char *rest = fuzz_text(data, size, pool);
    qdn_builder_t b = { .pool = pool,
                        .plan = qdn_plan_create(pool),
                        .origin = { .file = "fuzz.conf" } };
    apr_array_header_t *problems;

    while (*rest) {
        const char *line = fuzz_line(&rest, pool);
        size_t n = strcspn(line, " ");

        apply(&b, apr_pstrmemdup(pool, line, n), line + n + (line[n] == ' '));
    }
    qdn_settings_close(&b);
    if (qdn_plan_freeze(b.plan, &problems, pool) == APR_SUCCESS) {
        check_plan(b.plan, pool);
    }
    else {
        FUZZ_CHECK(problems->nelts > 0);
    }
    apr_pool_destroy(pool);
    return 0;
}
