/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a snapshot. It is checked as it is, and once more as if its CRC and
 * size were right, since no mutation would ever find them. What passes the
 * check is then read in every way there is.
 */
#include "fuzz.h"
#include "snapshot.h"
#include "snapshot_form.h"
#include "status.h"

static void touch(const char *s)
{
    FUZZ_CHECK(!s || strlen(s) < QDN_SNAPSHOT_MAX);
}

static void read_feed(const qdn_snapshot_t *s, const char *key,
                      apr_pool_t *pool)
{
    qdn_feed_t feed = { .stale = QDN_FEED_STALE };
    qdn_finding_t f;
    qdn_span_t span;
    apr_time_t until;
    int i;

    memcpy(feed.key, key, QDN_FEED_KEY);
    FUZZ_CHECK(qdn_snapshot_spans(s, &feed, &f, pool));
    touch(f.error);
    touch(f.word);
    for (i = 0; i < f.nspans; i++) {
        touch(f.spans[i].title);
        FUZZ_CHECK(qdn_snapshot_span(s, &f, f.spans[i].from, &span, &until));
        FUZZ_CHECK(span.from <= f.spans[i].from && span.to <= until);
    }
    for (i = 0; i < f.days.n; i++) {
        FUZZ_CHECK(f.days.days[i] != -1 || f.days.n);
    }
    (void)qdn_finding_lists(&f, "+12125550100");
}

static void read_people(const qdn_snapshot_t *s, apr_pool_t *pool)
{
    apr_array_header_t *all = qdn_snapshot_standings(s, pool);
    qdn_standing_t standing;
    qdn_talk_t talk;
    int i;

    for (i = 0; i < all->nelts; i++) {
        const qdn_standing_t *one = &APR_ARRAY_IDX(all, i, qdn_standing_t);

        (void)qdn_standing_text(one->state);
        if (qdn_snapshot_standing(s, one->operator, one->line, 0, &standing)) {
            touch(standing.who);
        }
        if (qdn_snapshot_talk(s, one->operator, 0, &talk)) {
            touch(talk.call_sid);
        }
    }
}

static void check(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const qdn_snapshot_t *s;
    apr_status_t rv = qdn_snapshot_check(&s, data, size, pool);
    apr_uint32_t i;

    FUZZ_CHECK(rv == APR_SUCCESS || rv == QDN_EMALFORMED);
    if (rv) {
        return;
    }
    for (i = 0; i < s->head->feeds.n; i++) {
        read_feed(s, s->feeds[i].key, pool);
    }
    read_people(s, pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    uint8_t *copy = malloc(size + !size);

    memcpy(copy, data, size);
    check(copy, size, pool);
    if (size >= sizeof(head_t)) {
        head_t *head = (head_t *)copy;

        memcpy(head->magic, QDN_SNAPSHOT_MAGIC, sizeof(head->magic));
        head->version = QDN_SNAPSHOT_VERSION;
        head->order = QDN_SNAPSHOT_ORDER;
        head->size = size;
        head->crc = qdn_snapshot_crc(copy, size);
        check(copy, size, pool);
    }
    free(copy);
    apr_pool_destroy(pool);
    return 0;
}
