/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot.h"

#include <apr_strings.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "snapshot_form.h"
#include "status.h"

#if !defined(MAP_POPULATE)
#define MAP_POPULATE 0 /* then pages come in with the check of the CRC */
#endif

apr_uint32_t qdn_snapshot_crc(const void *bytes, apr_size_t len)
{
    static const char zeros[sizeof(((head_t *)0)->crc)];
    apr_size_t before = offsetof(head_t, crc);
    apr_size_t after = before + sizeof(zeros);
    apr_uint32_t crc = qdn_digest_crc32c(0, bytes, before);

    crc = qdn_digest_crc32c(crc, zeros, sizeof(zeros));
    return qdn_digest_crc32c(crc, (const char *)bytes + after, len - after);
}

static int head_ok(const head_t *head, apr_size_t len)
{
    return memcmp(head->magic, QDN_SNAPSHOT_MAGIC, sizeof(head->magic)) == 0 &&
           head->version == QDN_SNAPSHOT_VERSION &&
           head->order == QDN_SNAPSHOT_ORDER && head->size == len &&
           len <= QDN_SNAPSHOT_MAX && head->crc == qdn_snapshot_crc(head, len);
}

/* Does the area lie in the file, elements of that size where they may? */
static int area_ok(const qdn_snapshot_t *s, area_t area, apr_size_t size)
{
    apr_size_t align = size > 8 ? 8 : size;

    return area.n == 0 || (area.at % align == 0 && area.at <= s->head->size &&
                           area.n <= (s->head->size - area.at) / size);
}

static int strings_ok(const qdn_snapshot_t *s)
{
    area_t area = s->head->strings;

    return area.n > 0 && area_ok(s, area, 1) &&
           s->base[area.at + area.n - 1] == '\0';
}

static int string_ok(const qdn_snapshot_t *s, apr_uint32_t at)
{
    return at < s->head->strings.n;
}

static int titles_ok(const qdn_snapshot_t *s, const feed_row_t *row)
{
    const apr_uint32_t *titles = (const void *)(s->base + row->titles.at);
    apr_uint32_t i;

    if (row->titles.n && row->titles.n != row->spans.n) {
        return 0;
    }
    for (i = 0; i < row->titles.n; i++) {
        if (!string_ok(s, titles[i])) {
            return 0;
        }
    }
    return 1;
}

static int spans_ok(const qdn_snapshot_t *s, const feed_row_t *row)
{
    const span_row_t *spans = (const void *)(s->base + row->spans.at);
    apr_uint32_t i;

    for (i = 0; i < row->spans.n; i++) {
        if (spans[i].to <= spans[i].from ||
            spans[i].to - spans[i].from > row->longest ||
            (i && spans[i].from < spans[i - 1].from)) {
            return 0;
        }
    }
    return 1;
}

static int feeds_ok(const qdn_snapshot_t *s)
{
    apr_uint32_t i;

    for (i = 0; i < s->head->feeds.n; i++) {
        const feed_row_t *row = &s->feeds[i];

        if (!string_ok(s, row->error) || !string_ok(s, row->word) ||
            !area_ok(s, row->spans, sizeof(span_row_t)) ||
            !area_ok(s, row->titles, sizeof(apr_uint32_t)) ||
            !area_ok(s, row->days, sizeof(apr_int32_t)) ||
            !area_ok(s, row->numbers, sizeof(apr_uint64_t)) ||
            !spans_ok(s, row) || !titles_ok(s, row) ||
            (i && memcmp(row[-1].key, row->key, QDN_FEED_KEY) >= 0)) {
            return 0;
        }
    }
    return 1;
}

static int standings_ok(const qdn_snapshot_t *s)
{
    apr_uint32_t i;

    for (i = 0; i < s->head->standings.n; i++) {
        const standing_row_t *row = &s->standings[i];

        if (!row->operator|| !string_ok(s, row->operator) ||
            !string_ok(s, row->line) || !string_ok(s, row->who) ||
            !string_ok(s, row->why) || !string_ok(s, row->event) ||
            row->state > QDN_STANDING_AWAY) {
            return 0;
        }
    }
    return 1;
}

static int talks_ok(const qdn_snapshot_t *s)
{
    apr_uint32_t i;

    for (i = 0; i < s->head->talks.n; i++) {
        const talk_row_t *row = &s->talks[i];

        if (!row->operator|| !string_ok(s, row->operator) ||
            !string_ok(s, row->call_sid) || !string_ok(s, row->host)) {
            return 0;
        }
    }
    return 1;
}

apr_status_t qdn_snapshot_check(const qdn_snapshot_t **psnapshot,
                                const void *bytes, apr_size_t len,
                                apr_pool_t *p)
{
    const head_t *head = bytes;
    qdn_snapshot_t *s;

    *psnapshot = NULL;
    if (len < sizeof(*head) || !head_ok(head, len)) {
        return QDN_EMALFORMED;
    }
    s = apr_pcalloc(p, sizeof(*s));
    s->base = bytes;
    s->head = head;
    s->feeds = (const void *)(s->base + head->feeds.at);
    s->standings = (const void *)(s->base + head->standings.at);
    s->talks = (const void *)(s->base + head->talks.at);
    s->strings = s->base + head->strings.at;
    if (!strings_ok(s) || !string_ok(s, head->host) ||
        !area_ok(s, head->feeds, sizeof(feed_row_t)) ||
        !area_ok(s, head->standings, sizeof(standing_row_t)) ||
        !area_ok(s, head->talks, sizeof(talk_row_t)) || !feeds_ok(s) ||
        !standings_ok(s) || !talks_ok(s)) {
        return QDN_EMALFORMED;
    }
    *psnapshot = s;
    return APR_SUCCESS;
}

static apr_status_t unmap(void *data)
{
    const qdn_snapshot_t *s = data;

    munmap((void *)(apr_uintptr_t)s->base, s->head->size);
    return APR_SUCCESS;
}

static apr_status_t map_open(const qdn_snapshot_t **psnapshot, int fd,
                             apr_pool_t *p)
{
    struct stat info;
    apr_status_t rv;
    apr_size_t len;
    void *base;

    if (fstat(fd, &info) != 0) {
        return errno;
    }
    if (info.st_size < (off_t)sizeof(head_t) ||
        info.st_size > (off_t)QDN_SNAPSHOT_MAX) {
        return QDN_EMALFORMED;
    }
    len = (apr_size_t)info.st_size;
    base = mmap(NULL, len, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (base == MAP_FAILED) {
        return errno;
    }
    rv = qdn_snapshot_check(psnapshot, base, len, p);
    if (rv) {
        munmap(base, len);
        return rv;
    }
    apr_pool_cleanup_register(p, *psnapshot, unmap, apr_pool_cleanup_null);
    return APR_SUCCESS;
}

apr_status_t qdn_snapshot_map(const qdn_snapshot_t **psnapshot, const char *dir,
                              apr_pool_t *p)
{
    const char *path = apr_pstrcat(p, dir, "/" QDN_SNAPSHOT_FILE, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    apr_status_t rv;

    *psnapshot = NULL;
    if (fd < 0) {
        return errno;
    }
    rv = map_open(psnapshot, fd, p);
    close(fd);
    return rv;
}

apr_time_t qdn_snapshot_written_at(const qdn_snapshot_t *snapshot)
{
    return snapshot->head->written_at;
}

apr_uint64_t qdn_snapshot_serial(const qdn_snapshot_t *snapshot)
{
    return snapshot->head->serial;
}

apr_size_t qdn_snapshot_bytes(const qdn_snapshot_t *snapshot)
{
    return snapshot->head->size;
}

/* The first half of a key, as a number of the same order. */
static apr_uint64_t prefix_of(const char *key)
{
    apr_uint64_t prefix;

    memcpy(&prefix, key, sizeof(prefix));
    return be64toh(prefix);
}

static const feed_row_t *find_feed(const qdn_snapshot_t *s,
                                   const qdn_feed_t *feed)
{
    const feed_row_t *low = s->feeds, *end = low + s->head->feeds.n;
    apr_uint64_t prefix = prefix_of(feed->key);
    apr_uint32_t half, n = s->head->feeds.n;

    for (; n > 0; n = half) {
        half = n / 2;
        if (prefix_of(low[half].key) < prefix) {
            low += half + 1;
            half = n - half - 1;
        }
    }
    for (; low < end && prefix_of(low->key) == prefix; low++) {
        if (memcmp(low->key, feed->key, QDN_FEED_KEY) == 0) {
            return low;
        }
    }
    return NULL;
}

static void show_feed(const qdn_snapshot_t *s, const feed_row_t *row,
                      qdn_finding_t *pfinding)
{
    *pfinding = (qdn_finding_t){
        .asked_at = row->asked_at,
        .good_at = row->good_at,
        .error = qdn_snapshot_string(s, row->error),
        .from = row->from,
        .to = row->to,
        .nspans = (int)row->spans.n,
        .days = { (const void *)(s->base + row->days.at), (int)row->days.n },
        .available = (int)row->available,
        .word = qdn_snapshot_string(s, row->word),
        .numbers = (const void *)(s->base + row->numbers.at),
        .nnumbers = (int)row->numbers.n,
        .kept = row,
    };
}

int qdn_snapshot_finding(const qdn_snapshot_t *snapshot, const qdn_feed_t *feed,
                         qdn_finding_t *pfinding)
{
    const feed_row_t *row = find_feed(snapshot, feed);

    if (!row) {
        memset(pfinding, 0, sizeof(*pfinding));
        return 0;
    }
    show_feed(snapshot, row, pfinding);
    return 1;
}

static qdn_span_t span_at(const qdn_snapshot_t *s, const feed_row_t *row,
                          apr_uint32_t i)
{
    const span_row_t *spans = (const void *)(s->base + row->spans.at);
    const apr_uint32_t *titles = (const void *)(s->base + row->titles.at);
    const char *title =
        row->titles.n ? qdn_snapshot_string(s, titles[i]) : NULL;

    return (qdn_span_t){ .from = apr_time_from_sec(spans[i].from),
                         .to = apr_time_from_sec(spans[i].to),
                         .title = title ? title : "" };
}

int qdn_snapshot_spans(const qdn_snapshot_t *snapshot, const qdn_feed_t *feed,
                       qdn_finding_t *pfinding, apr_pool_t *p)
{
    const feed_row_t *row = find_feed(snapshot, feed);
    qdn_span_t *spans;
    apr_uint32_t i;

    if (!qdn_snapshot_finding(snapshot, feed, pfinding)) {
        return 0;
    }
    spans = apr_palloc(p, row->spans.n * sizeof(*spans) + 1);
    for (i = 0; i < row->spans.n; i++) {
        spans[i] = span_at(snapshot, row, i);
    }
    pfinding->spans = spans;
    return 1;
}

/* How many spans begin at that second or before. */
static apr_uint32_t begun(const span_row_t *spans, apr_uint32_t n,
                          apr_time_t second)
{
    apr_uint32_t low = 0, high = n;

    while (low < high) {
        apr_uint32_t middle = low + (high - low) / 2;

        if (spans[middle].from <= second) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

int qdn_snapshot_span(const qdn_snapshot_t *snapshot,
                      const qdn_finding_t *finding, apr_time_t at,
                      qdn_span_t *pspan, apr_time_t *puntil)
{
    const feed_row_t *row = finding->kept;
    apr_time_t second = apr_time_sec(at), until = 0;
    const span_row_t *spans;
    apr_uint32_t i, n, found = 0;

    if (!row) {
        return 0;
    }
    spans = (const void *)(snapshot->base + row->spans.at);
    n = begun(spans, row->spans.n, second);
    /* Back to where even the longest would have ended. */
    for (i = n; i > 0 && spans[i - 1].from + (apr_time_t)row->longest > second;
         i--) {
        if (spans[i - 1].to > second && spans[i - 1].to >= until) {
            until = spans[i - 1].to;
            found = i;
        }
    }
    if (!found) {
        return 0;
    }
    *pspan = span_at(snapshot, row, found - 1);
    for (; n < row->spans.n && spans[n].from <= until; n++) {
        until = spans[n].to > until ? spans[n].to : until;
    }
    *puntil = apr_time_from_sec(until);
    return 1;
}

apr_time_t qdn_snapshot_next(const qdn_snapshot_t *snapshot,
                             const qdn_finding_t *finding, apr_time_t at)
{
    const feed_row_t *row = finding->kept;
    const span_row_t *spans;
    apr_uint32_t n;

    if (!row) {
        return 0;
    }
    spans = (const void *)(snapshot->base + row->spans.at);
    n = begun(spans, row->spans.n, apr_time_sec(at));
    return n < row->spans.n ? apr_time_from_sec(spans[n].from) : 0;
}
