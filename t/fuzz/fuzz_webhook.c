/* SPDX-License-Identifier: Apache-2.0 */
/* Input: form text. A webhook that is accepted has a value everywhere. */
#include "fuzz.h"
#include "sid.h"
#include "status.h"
#include "webhook.h"

static void check_webhook(const qdn_webhook_t *w)
{
    FUZZ_CHECK(qdn_sid_ok(w->account_sid, "AC"));
    FUZZ_CHECK(qdn_sid_ok(w->call_sid, "CA"));
    FUZZ_CHECK(!*w->parent_call_sid || qdn_sid_ok(w->parent_call_sid, "CA"));
    FUZZ_CHECK(!*w->recording_sid || qdn_sid_ok(w->recording_sid, "RE"));
    FUZZ_CHECK(w->from && w->to && w->forwarded_from && w->stir_verstat);
    FUZZ_CHECK(w->dial_call_status && w->dial_call_sid && w->dial_bridged);
    FUZZ_CHECK(w->digits && w->recording_url && w->recording_status);
    FUZZ_CHECK(w->recording_seconds >= -1 && w->call_seconds >= -1);
    FUZZ_CHECK(*qdn_webhook_caller_kind(w->caller_kind));
    FUZZ_CHECK(!qdn_webhook_terminal(w->call_status) ||
               w->call_status >= QDN_CALL_COMPLETED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    apr_array_header_t *fields;
    const char *error = NULL;
    qdn_webhook_t webhook;

    if (qdn_form_parse(&fields, (const char *)data, size, pool) ==
        APR_SUCCESS) {
        if (qdn_webhook_parse(&webhook, fields, &error, pool) == APR_SUCCESS) {
            FUZZ_CHECK(!error);
            check_webhook(&webhook);
        }
        else {
            FUZZ_CHECK(error && *error);
        }
    }
    apr_pool_destroy(pool);
    return 0;
}
