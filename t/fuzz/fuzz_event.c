/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a journal line. It is decoded as it is, and once more as if its CRC
 * were right, since no mutation would ever find one. What was decoded can be
 * encoded and decoded again alike, and so can any event: the input is the
 * columns of one, too.
 */
#include "fuzz.h"
#include "event.h"
#include "status.h"
#include "text.h"

/* Encoding repairs what is not UTF-8; all other text comes back as it was. */
static void check_text(const char *before, const char *after)
{
    const char *s = before ? before : "";

    FUZZ_CHECK(!before == !after);
    while (qdn_text_char(s) > 0) {
        s += qdn_text_char(s);
    }
    FUZZ_CHECK(*s || !before || strcmp(before, after) == 0);
}

static void check_round_trip(const qdn_event_t *event, apr_pool_t *pool)
{
    apr_size_t len, n;
    const char *line = qdn_event_encode(event, &len, pool);
    qdn_event_t again;

    FUZZ_CHECK(line[len - 1] == '\n' && strlen(line) == len);
    FUZZ_CHECK(strchr(line, '\n') == line + len - 1);
    FUZZ_CHECK(qdn_event_decode(&again, line, len, pool) == APR_SUCCESS);
    FUZZ_CHECK(strcmp(event->id, again.id) == 0 && event->at == again.at);
    FUZZ_CHECK(event->kind == again.kind && event->reason == again.reason);
    FUZZ_CHECK(event->hop == again.hop);
    check_text(event->host, again.host);
    check_text(event->line, again.line);
    check_text(event->call_sid, again.call_sid);
    check_text(event->operator, again.operator);
    check_text(event->phone, again.phone);
    check_text(event->detail, again.detail);
    check_text(event->config, again.config);
    FUZZ_CHECK(strcmp(qdn_event_encode(&again, &n, pool), line) == 0);
}

/* Two bytes choose the words, the first lines are columns, one is both. */
static void check_columns(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const char *rest = fuzz_text(data, size, pool);
    qdn_event_t event = { .host = fuzz_line(&rest, pool),
                          .call_sid = fuzz_line(&rest, pool),
                          .operator= fuzz_line(&rest, pool),
                          .detail = rest };

    event.kind = (qdn_kind_e)(size > 0 ? data[0] % QDN_KIND_MAX : 0);
    event.reason = (qdn_reason_e)(size > 1 ? data[1] % QDN_REASON_MAX : 0);
    event.at = (apr_time_t)qdn_digest_fnv1a(rest) * 4000000;
    event.hop = size > 2 ? data[2] * 300 : 0;
    event.phone = *event.operator? event.operator: NULL;
    qdn_event_identify(&event, rest);
    check_round_trip(&event, pool);
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
    check_columns(data, size, pool);
    while ((crc = strstr(body, mark)) != NULL) {
        body = apr_pstrmemdup(pool, body, (size_t)(crc - body));
    }
    line = apr_psprintf(pool, "%s%s:\"%08x\"}", body, mark,
                        qdn_digest_crc32c(0, body, strlen(body)));
    check_line(line, strlen(line), pool);
    apr_pool_destroy(pool);
    return 0;
}
