/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "snapshot_form.h"
#include "status.h"
#include "text.h"

/* A file that is being put together. */
typedef struct draft_t {
    qdn_text_t body; /* head and areas */
    qdn_text_t strings;
    apr_hash_t *known; /* string -> its offset, in the pool */
    apr_pool_t *pool;
} draft_t;

static apr_uint32_t put_string(draft_t *d, const char *s)
{
    apr_uint32_t *pat;

    if (!s) {
        return 0;
    }
    pat = apr_hash_get(d->known, s, APR_HASH_KEY_STRING);
    if (!pat) {
        pat = apr_palloc(d->pool, sizeof(*pat));
        *pat = (apr_uint32_t)d->strings.len;
        qdn_text_addn(&d->strings, s, strlen(s) + 1);
        apr_hash_set(d->known, s, APR_HASH_KEY_STRING, pat);
    }
    return *pat;
}

static area_t put(draft_t *d, const void *rows, apr_size_t size, int n)
{
    static const char zeros[8];
    area_t area = { 0, (apr_uint32_t)n };

    if (n) {
        qdn_text_addn(&d->body, zeros, APR_ALIGN(d->body.len, 8) - d->body.len);
        area.at = (apr_uint32_t)d->body.len;
        qdn_text_addn(&d->body, rows, size * (apr_size_t)n);
    }
    return area;
}

static apr_uint32_t seconds(apr_time_t at)
{
    apr_time_t s = apr_time_sec(at);

    return s < 0 ? 0 : s > APR_UINT32_MAX ? APR_UINT32_MAX : (apr_uint32_t)s;
}

/* Part of a second counts as the whole. */
static span_row_t row_of(const qdn_span_t *span)
{
    return (span_row_t){ seconds(span->from),
                         seconds(span->to + APR_USEC_PER_SEC - 1) };
}

/* Not one that is empty, or that no row can tell. */
static int worth_a_row(const qdn_span_t *span)
{
    span_row_t row = row_of(span);

    return span->from < span->to && row.from < row.to;
}

static int compare_spans(const void *a, const void *b)
{
    const qdn_span_t *left = a, *right = b;

    return left->from != right->from ? (left->from < right->from ? -1 : 1)
           : left->to != right->to   ? (left->to < right->to ? -1 : 1)
                                     : 0;
}

static const char *title_of(const qdn_span_t *span)
{
    return span->title ? span->title : "";
}

/* Sorted, and joined with the one before where both say the same. */
static apr_array_header_t *tidy(const qdn_finding_t *f, apr_pool_t *p)
{
    apr_array_header_t *spans =
        apr_array_make(p, f->nspans + 1, sizeof(qdn_span_t));
    qdn_span_t *sorted, *last = NULL;
    int i;

    if (f->nspans == 0) {
        return spans;
    }
    sorted = apr_pmemdup(p, f->spans, (apr_size_t)f->nspans * sizeof(*sorted));
    qsort(sorted, (size_t)f->nspans, sizeof(*sorted), compare_spans);
    for (i = 0; i < f->nspans; i++) {
        if (!worth_a_row(&sorted[i])) {
            continue;
        }
        if (last && sorted[i].from <= last->to &&
            strcmp(title_of(last), title_of(&sorted[i])) == 0) {
            last->to = sorted[i].to > last->to ? sorted[i].to : last->to;
        }
        else {
            last = apr_array_push(spans);
            *last = sorted[i];
        }
    }
    return spans;
}

static void put_spans(draft_t *d, feed_row_t *row, const qdn_finding_t *f)
{
    apr_array_header_t *spans = tidy(f, d->pool);
    apr_size_t n = (apr_size_t)spans->nelts;
    span_row_t *rows = apr_palloc(d->pool, n * sizeof(*rows) + 1);
    apr_uint32_t *titles = apr_palloc(d->pool, n * sizeof(*titles) + 1);
    int i, titled = 0;

    for (i = 0; i < spans->nelts; i++) {
        const qdn_span_t *span = &APR_ARRAY_IDX(spans, i, qdn_span_t);
        const char *title = title_of(span);

        rows[i] = row_of(span);
        if (rows[i].to - rows[i].from > row->longest) {
            row->longest = rows[i].to - rows[i].from;
        }
        titles[i] = put_string(d, title);
        titled |= *title != '\0';
    }
    row->spans = put(d, rows, sizeof(*rows), spans->nelts);
    row->titles = put(d, titles, sizeof(*titles), titled ? spans->nelts : 0);
}

static void fill_feed(draft_t *d, feed_row_t *row, const qdn_feed_t *feed,
                      const qdn_finding_t *f)
{
    memset(row, 0, sizeof(*row));
    memcpy(row->key, feed->key, sizeof(row->key));
    row->asked_at = f->asked_at;
    row->good_at = f->good_at;
    row->from = f->from;
    row->to = f->to;
    row->error = put_string(d, f->error);
    row->word = put_string(d, f->word);
    row->available = f->available != 0;
    put_spans(d, row, f);
    row->days = put(d, f->days.days, sizeof(*f->days.days), f->days.n);
    row->numbers = put(d, f->numbers, sizeof(*f->numbers), f->nnumbers);
}

static int compare_feeds(const void *a, const void *b)
{
    return memcmp(((const feed_row_t *)a)->key, ((const feed_row_t *)b)->key,
                  QDN_FEED_KEY);
}

static area_t put_feeds(draft_t *d, const qdn_picture_t *picture)
{
    int i, n = picture->feeds && picture->findings ? picture->feeds->nelts : 0;
    feed_row_t *rows = apr_palloc(d->pool, (apr_size_t)n * sizeof(*rows) + 1);

    for (i = 0; i < n; i++) {
        fill_feed(d, &rows[i],
                  APR_ARRAY_IDX(picture->feeds, i, const qdn_feed_t *),
                  &picture->findings[i]);
    }
    qsort(rows, (size_t)n, sizeof(*rows), compare_feeds);
    return put(d, rows, sizeof(*rows), n);
}

static int compare_standings(const void *a, const void *b)
{
    const qdn_standing_t *left = a, *right = b;
    int order = strcmp(left->operator, right->operator);

    return order                       ? order
           : left->line && right->line ? strcmp(left->line, right->line)
                                       : !!left->line - !!right->line;
}

static area_t put_standings(draft_t *d, const apr_array_header_t *given)
{
    apr_array_header_t *sorted;
    standing_row_t *rows;
    int i;

    if (!given || !given->nelts) {
        return (area_t){ 0, 0 };
    }
    sorted = apr_array_copy(d->pool, given);
    qsort(sorted->elts, (size_t)sorted->nelts, sizeof(qdn_standing_t),
          compare_standings);
    rows = apr_palloc(d->pool, (apr_size_t)sorted->nelts * sizeof(*rows));
    for (i = 0; i < sorted->nelts; i++) {
        const qdn_standing_t *s = &APR_ARRAY_IDX(sorted, i, qdn_standing_t);

        rows[i] = (standing_row_t){ .operator= put_string(d, s->operator),
                                    .line = put_string(d, s->line),
                                    .who = put_string(d, s->who),
                                    .why = put_string(d, s->why),
                                    .event = put_string(d, s->event),
                                    .state = (apr_uint32_t)s->state,
                                    .at = s->at,
                                    .until = s->until };
    }
    return put(d, rows, sizeof(*rows), sorted->nelts);
}

static int compare_talks(const void *a, const void *b)
{
    return strcmp(
        ((const qdn_talk_t *)a)->operator,((const qdn_talk_t *)b)->operator);
}

static area_t put_talks(draft_t *d, const apr_array_header_t *given)
{
    apr_array_header_t *sorted;
    talk_row_t *rows;
    int i;

    if (!given || !given->nelts) {
        return (area_t){ 0, 0 };
    }
    sorted = apr_array_copy(d->pool, given);
    qsort(sorted->elts, (size_t)sorted->nelts, sizeof(qdn_talk_t),
          compare_talks);
    rows = apr_palloc(d->pool, (apr_size_t)sorted->nelts * sizeof(*rows));
    for (i = 0; i < sorted->nelts; i++) {
        const qdn_talk_t *t = &APR_ARRAY_IDX(sorted, i, qdn_talk_t);

        rows[i] = (talk_row_t){ .operator= put_string(d, t->operator),
                                .call_sid = put_string(d, t->call_sid),
                                .host = put_string(d, t->host),
                                .since = t->since,
                                .until = t->until };
    }
    return put(d, rows, sizeof(*rows), sorted->nelts);
}

/* The whole file, in d->body. QDN_ETOOBIG: offsets would not fit. */
static apr_status_t draw(draft_t *d, const qdn_picture_t *picture)
{
    head_t head = { .version = QDN_SNAPSHOT_VERSION,
                    .order = QDN_SNAPSHOT_ORDER,
                    .written_at = picture->written_at,
                    .serial = picture->serial };

    memcpy(head.magic, QDN_SNAPSHOT_MAGIC, sizeof(head.magic));
    qdn_text_addn(&d->body, (const char *)&head, sizeof(head));
    head.host = put_string(d, picture->host);
    head.feeds = put_feeds(d, picture);
    head.standings = put_standings(d, picture->standings);
    head.talks = put_talks(d, picture->talks);
    if (d->body.len + d->strings.len > QDN_SNAPSHOT_MAX) {
        return QDN_ETOOBIG;
    }
    head.strings.at = (apr_uint32_t)d->body.len;
    head.strings.n = (apr_uint32_t)d->strings.len;
    qdn_text_addn(&d->body, d->strings.buf, d->strings.len);
    head.size = d->body.len;
    memcpy(d->body.buf, &head, sizeof(head));
    head.crc = qdn_snapshot_crc(d->body.buf, d->body.len);
    memcpy(d->body.buf, &head, sizeof(head));
    return APR_SUCCESS;
}

static apr_status_t write_all(int fd, const char *bytes, apr_size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n ? errno : EIO;
        }
        bytes += n;
        len -= (apr_size_t)n;
    }
    return APR_SUCCESS;
}

/* A new file with these bytes, on disk. */
static apr_status_t write_file(const char *path, const char *bytes,
                               apr_size_t len)
{
    apr_status_t rv;
    int fd;

    unlink(path); /* of a daemon that died; never follow what others left */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    rv = write_all(fd, bytes, len);
    if (!rv && fsync(fd) != 0) {
        rv = errno;
    }
    if (close(fd) != 0 && !rv) {
        rv = errno;
    }
    return rv;
}

/* So that a power cut does not bring the old file back. */
static void sync_directory(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

apr_status_t qdn_snapshot_write(const char *dir, const qdn_picture_t *picture,
                                apr_pool_t *ptemp)
{
    const char *path = apr_pstrcat(ptemp, dir, "/" QDN_SNAPSHOT_FILE, NULL);
    const char *draft = apr_pstrcat(ptemp, path, ".new", NULL);
    draft_t d = { .pool = ptemp };
    apr_status_t rv;

    d.known = apr_hash_make(ptemp);
    qdn_text_init(&d.body, 16 * 1024, ptemp);
    qdn_text_init(&d.strings, 4 * 1024, ptemp);
    qdn_text_addc(&d.strings, '\0');
    rv = draw(&d, picture);
    if (!rv) {
        rv = write_file(draft, d.body.buf, d.body.len);
    }
    if (!rv && rename(draft, path) != 0) {
        rv = errno;
    }
    if (rv) {
        unlink(draft);
        return rv;
    }
    sync_directory(dir);
    return APR_SUCCESS;
}
