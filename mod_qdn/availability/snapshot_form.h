/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SNAPSHOT_FORM_H
#define QDN_SNAPSHOT_FORM_H

/*
 * The bytes of a snapshot: for snapshot*.c. A head, then
 * areas in any order, strings last. Offsets count from the file's first byte,
 * strings from the first byte of their area, which is NUL and stands for
 * NULL. Another version is another number in the head: it is not read.
 */

#include <apr.h>
#include <stddef.h>

#define QDN_SNAPSHOT_MAGIC   "QDNavail"
#define QDN_SNAPSHOT_VERSION 1
#define QDN_SNAPSHOT_ORDER   0x01020304 /* as this machine writes it */
#define QDN_SNAPSHOT_MAX     (1u << 30) /* bytes: offsets have 32 bits */

#define QDN_FEED_KEY 16 /* digits of qdn_feed_t.key */

/* n elements from offset `at` on. */
typedef struct area_t {
    apr_uint32_t at, n;
} area_t;

typedef struct head_t {
    char magic[8];
    apr_uint32_t version, order;
    apr_uint64_t size;
    apr_uint32_t crc; /* CRC32C of the file with zeros here */
    apr_uint32_t host;
    apr_int64_t written_at;
    apr_uint64_t serial;
    area_t feeds, standings, talks, strings;
} head_t;

/* Sorted by key. */
typedef struct feed_row_t {
    char key[QDN_FEED_KEY];
    apr_int64_t asked_at, good_at, from, to;
    apr_uint32_t error, word; /* strings */
    apr_uint32_t available;
    apr_uint32_t longest; /* seconds of the longest span */
    area_t spans;         /* of span_row_t, sorted by from */
    area_t titles;        /* of strings, one per span; none: all are "" */
    area_t days;          /* of apr_int32_t, sorted */
    area_t numbers;       /* of apr_uint64_t, sorted */
} feed_row_t;

typedef struct span_row_t {
    apr_uint32_t from, to; /* seconds since 1970 */
} span_row_t;

/* Sorted by operator, then line; all lines first. */
typedef struct standing_row_t {
    apr_uint32_t operator, line, who, why, event; /* strings */
    apr_uint32_t state;
    apr_int64_t at, until;
} standing_row_t;

/* Sorted by operator. */
typedef struct talk_row_t {
    apr_uint32_t operator, call_sid, host; /* strings */
    apr_uint32_t spare;
    apr_int64_t since, until;
} talk_row_t;

/* A snapshot that was checked. */
struct qdn_snapshot_t {
    const char *base;
    const head_t *head;
    const feed_row_t *feeds;
    const standing_row_t *standings;
    const talk_row_t *talks;
    const char *strings;
};

static inline const char *qdn_snapshot_string(const struct qdn_snapshot_t *s,
                                              apr_uint32_t at)
{
    return at ? s->strings + at : NULL;
}

/* What the head's crc shall be. */
apr_uint32_t qdn_snapshot_crc(const void *bytes, apr_size_t len);

#endif
