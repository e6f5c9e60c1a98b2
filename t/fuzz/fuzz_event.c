/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a journal line. It is decoded as it is, and once more as if its CRC
 * were right, since no mutation would ever find one. What was decoded can be
 * encoded and decoded again alike.
 */
#include "fuzz.h"
#include "event.h"
#include "status.h"

/* Encoding repairs text that is not UTF-8; after that nothing may change. */
static void check_round_trip(const qdn_event_t *event, apr_pool_t *pool)
{
    apr_size_t len, n;
    const char *line = qdn_event_encode(event, &len, pool);
    qdn_event_t again;

    FUZZ_CHECK(line[len - 1] == '\n' && strlen(line) == len);
    FUZZ_CHECK(qdn_event_decode(&again, line, len, pool) == APR_SUCCESS);
    FUZZ_CHECK(event->at == again.at && event->kind == again.kind);
    FUZZ_CHECK(event->hop == again.hop && event->reason == again.reason);
    FUZZ_CHECK(strcmp(qdn_event_encode(&again, &n, pool), line) == 0);
}

static void check_line(const char *line, size_t len, apr_pool_t *pool)
{
    qdn_event_t event;
    apr_status_t rv = qdn_event_decode(&event, line, len, pool);

    FUZZ_CHECK(rv == APR_SUCCESS || rv == QDN_EMALFORMED || rv == QDN_EREFUSED);
    if (rv == APR_SUCCESS) {
        check_round_trip(&event, pool);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = ",\"crc\"";
    apr_pool_t *pool = fuzz_pool();
    const char *body = fuzz_text(data, size, pool);
    const char *crc, *line;

    check_line((const char *)data, size, pool);
    while ((crc = strstr(body, mark)) != NULL) {
        body = apr_pstrmemdup(pool, body, (size_t)(crc - body));
    }
    line = apr_psprintf(pool, "%s%s:\"%08x\"}", body, mark,
                        qdn_digest_crc32c(0, body, strlen(body)));
    check_line(line, strlen(line), pool);
    apr_pool_destroy(pool);
    return 0;
}
