/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <apr_strings.h>
#include "status.h"
#include "text.h"

enum { SCOPE_SHARED, SCOPE_HOST };

static const struct {
    const char *text;
    int scope;
} kinds[QDN_KIND_MAX] = {
#define X(id, text, scope) [QDN_KIND_##id] = { text, SCOPE_##scope },
    QDN_KINDS(X)
#undef X
};

const char *qdn_event_kind_text(qdn_kind_e kind)
{
    return kinds[kind].text;
}

qdn_kind_e qdn_event_kind_find(const char *text)
{
    int kind = 0;

    while (kind < QDN_KIND_MAX && strcmp(kinds[kind].text, text)) {
        kind++;
    }
    return (qdn_kind_e)kind;
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

#define HEX32 8

static void put_hex32(char *to, apr_uint32_t n)
{
    for (int i = HEX32 - 1; i >= 0; i--, n >>= 4) {
        to[i] = "0123456789abcdef"[n & 15];
    }
}

void qdn_event_identify(qdn_event_t *e, const char *turn)
{
    int shared = kinds[e->kind].scope == SCOPE_SHARED;
    char hop[12];
    const char *parts[] = { kinds[e->kind].text,
                            or_empty(e->call_sid),
                            hop,
                            or_empty(e->operator),
                            or_empty(e->phone),
                            or_empty(turn),
                            shared ? "" : or_empty(e->host),
                            NULL };

    apr_snprintf(hop, sizeof(hop), "%d", e->hop);
    qdn_digest_id(parts, e->id);
    /*
     * Ids of one call begin alike, so that its events are neighbours in the
     * index of ids, and on MariaDB in the table: a batch changes fewer pages.
     */
    if (e->call_sid) {
        put_hex32(e->id,
                  qdn_digest_crc32c(0, e->call_sid, strlen(e->call_sid)));
    }
}

/*
 * The columns of a line, in this order. Kind and reason are words in the line
 * and enums in the struct; at and hop are numbers in both.
 */
typedef enum {
    COLUMN_ID,
    COLUMN_TIME,
    COLUMN_TEXT,
    COLUMN_KIND,
    COLUMN_HOP,
    COLUMN_REASON
} column_e;

static const struct {
    const char *name;
    const char *opening; /* "name": as it stands in a line */
    size_t opening_len;
    column_e type;
    size_t offset;
} columns[] = {
#define COLUMN(name, type, member)                                             \
    {                                                                          \
        name, "\"" name "\":", sizeof(name) + 2, COLUMN_##type,                \
            offsetof(qdn_event_t, member)                                      \
    }
    COLUMN("id", ID, id),           COLUMN("at", TIME, at),
    COLUMN("host", TEXT, host),     COLUMN("kind", KIND, kind),
    COLUMN("line", TEXT, line),     COLUMN("call_sid", TEXT, call_sid),
    COLUMN("hop", HOP, hop),        COLUMN("operator", TEXT, operator),
    COLUMN("phone", TEXT, phone),   COLUMN("reason", REASON, reason),
    COLUMN("detail", TEXT, detail), COLUMN("config", TEXT, config),
#undef COLUMN
};

#define COLUMNS ((int)(sizeof(columns) / sizeof(columns[0])))
/*
 * id, at and kind. A line that an older version wrote lacks the columns that
 * were added since: they are empty.
 */
#define NEEDED    (1u << 0 | 1u << 1 | 1u << 3)
#define HOP_MAX   100000 /* far above any plan; what is above is damage */
#define CRC_TAG   ",\"crc\":\""
#define CRC_HEX   HEX32
#define CRC_CLOSE "\"}"
#define CRC_LEN   (sizeof(CRC_TAG) - 1 + CRC_HEX + sizeof(CRC_CLOSE) - 1)

static void encode_column(qdn_text_t *t, const qdn_event_t *e, int i)
{
    const char *at = (const char *)e + columns[i].offset;

    switch (columns[i].type) {
    case COLUMN_ID:
        qdn_text_add_json(t, e->id);
        break;
    case COLUMN_TIME:
        qdn_text_add_int(t, e->at);
        break;
    case COLUMN_TEXT:
        qdn_text_add_json(t, *(const char *const *)(const void *)at);
        break;
    case COLUMN_KIND:
        qdn_text_add_json(t, kinds[e->kind].text);
        break;
    case COLUMN_HOP:
        qdn_text_add_int(t, e->hop);
        break;
    case COLUMN_REASON:
        qdn_text_add_json(t, qdn_reason_text(e->reason));
        break;
    }
}

static void add_hex32(qdn_text_t *t, apr_uint32_t n)
{
    char hex[HEX32];

    put_hex32(hex, n);
    qdn_text_addn(t, hex, HEX32);
}

const char *qdn_event_encode(const qdn_event_t *e, apr_size_t *plen,
                             apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 384 + (e->detail ? strlen(e->detail) : 0), p);
    for (int i = 0; i < COLUMNS; i++) {
        qdn_text_addc(&t, i ? ',' : '{');
        qdn_text_addn(&t, columns[i].opening, columns[i].opening_len);
        encode_column(&t, e, i);
    }
    apr_uint32_t crc = qdn_digest_crc32c(0, t.buf, t.len);
    qdn_text_add(&t, CRC_TAG);
    add_hex32(&t, crc);
    qdn_text_add(&t, CRC_CLOSE "\n");
    *plen = t.len;
    return t.buf;
}

/*
 * Reading. The line is known to be ours (its CRC fits), so the parser knows
 * the escapes that qdn_text_add_json writes and no others. A member with a
 * name it does not know is passed over: a later version may write more.
 */
typedef struct cursor_t {
    const char *at;
    const char *end;
} cursor_t;

static int take(cursor_t *c, char expected)
{
    if (c->at < c->end && *c->at == expected) {
        c->at++;
        return 1;
    }
    return 0;
}

static int take_word(cursor_t *c, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n)) {
        return 0;
    }
    c->at += n;
    return 1;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What follows a backslash; -1 if encode does not write it. */
static int take_escape(cursor_t *c)
{
    int high, low;

    if (take(c, '"')) {
        return '"';
    }
    if (take(c, '\\')) {
        return '\\';
    }
    if (!take_word(c, "u00") || c->end - c->at < 2) {
        return -1;
    }
    high = hex_value(c->at[0]);
    low = hex_value(c->at[1]);
    c->at += 2;
    return high < 0 || low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

/* The string at the cursor, unescaped, in p; NULL if there is none. */
static char *take_string(cursor_t *c, apr_pool_t *p)
{
    const char *close;
    char *text, *to;

    if (!take(c, '"')) {
        return NULL;
    }
    close = memchr(c->at, '"', (size_t)(c->end - c->at));
    if (close && !memchr(c->at, '\\', (size_t)(close - c->at))) {
        text = apr_pstrmemdup(p, c->at, (apr_size_t)(close - c->at));
        c->at = close + 1;
        return text;
    }
    to = text = apr_palloc(p, (apr_size_t)(c->end - c->at) + 1);
    while (c->at < c->end && *c->at != '"') {
        int byte = *c->at++;

        if (byte == '\\' && (byte = take_escape(c)) < 0) {
            return NULL;
        }
        *to++ = (char)byte;
    }
    *to = '\0';
    return take(c, '"') ? text : NULL;
}

static int take_number(cursor_t *c, apr_int64_t *pn)
{
    int negative = take(c, '-');
    apr_uint64_t n = 0;
    const char *first = c->at;

    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        if (n > (INT64_MAX - 9) / 10) {
            return 0;
        }
        n = n * 10 + (apr_uint64_t)(*c->at++ - '0');
    }
    *pn = negative ? -(apr_int64_t)n : (apr_int64_t)n;
    return c->at > first;
}

/* A scalar: a string, a number or null. Which one it was is in the type. */
typedef struct value_t {
    enum { VALUE_NULL, VALUE_TEXT, VALUE_NUMBER } type;
    const char *text;
    apr_int64_t number;
} value_t;

static int take_value(cursor_t *c, value_t *v, apr_pool_t *p)
{
    memset(v, 0, sizeof(*v));
    if (take_word(c, "null")) {
        return 1;
    }
    if (c->at < c->end && *c->at == '"') {
        v->type = VALUE_TEXT;
        return (v->text = take_string(c, p)) != NULL;
    }
    v->type = VALUE_NUMBER;
    return take_number(c, &v->number);
}

static apr_status_t set_id(qdn_event_t *e, const value_t *v)
{
    if (v->type != VALUE_TEXT || strlen(v->text) != QDN_ID_HEX ||
        strspn(v->text, "0123456789abcdef") != QDN_ID_HEX) {
        return QDN_EMALFORMED;
    }
    memcpy(e->id, v->text, QDN_ID_HEX + 1);
    return APR_SUCCESS;
}

static apr_status_t set_kind(qdn_event_t *e, const value_t *v)
{
    if (v->type != VALUE_TEXT) {
        return QDN_EMALFORMED;
    }
    e->kind = qdn_event_kind_find(v->text);
    return e->kind < QDN_KIND_MAX ? APR_SUCCESS : QDN_EREFUSED;
}

static apr_status_t set_reason(qdn_event_t *e, const value_t *v)
{
    if (v->type != VALUE_TEXT) {
        return QDN_EMALFORMED;
    }
    e->reason = qdn_reason_find(v->text);
    return e->reason < QDN_REASON_MAX ? APR_SUCCESS : QDN_EREFUSED;
}

static apr_status_t set_column(qdn_event_t *e, int i, const value_t *v)
{
    char *at = (char *)e + columns[i].offset;

    switch (columns[i].type) {
    case COLUMN_ID:
        return set_id(e, v);
    case COLUMN_TIME:
        e->at = v->number;
        return v->type == VALUE_NUMBER ? APR_SUCCESS : QDN_EMALFORMED;
    case COLUMN_TEXT:
        *(const char **)(void *)at = v->text;
        return v->type != VALUE_NUMBER ? APR_SUCCESS : QDN_EMALFORMED;
    case COLUMN_KIND:
        return set_kind(e, v);
    case COLUMN_HOP:
        e->hop = (int)v->number;
        return v->type == VALUE_NUMBER && v->number >= 0 && v->number <= HOP_MAX
                   ? APR_SUCCESS
                   : QDN_EMALFORMED;
    case COLUMN_REASON:
        return set_reason(e, v);
    }
    return QDN_EMALFORMED;
}

/*
 * The name at the cursor and its colon; *pi: which column it is, -1: none.
 * encode writes them in order, so the first guess is nearly always right.
 */
static int take_name(cursor_t *c, int guess, int *pi, apr_pool_t *p)
{
    const char *name;

    if (guess < COLUMNS &&
        (size_t)(c->end - c->at) >= columns[guess].opening_len &&
        !memcmp(c->at, columns[guess].opening, columns[guess].opening_len)) {
        c->at += columns[guess].opening_len;
        *pi = guess;
        return 1;
    }
    name = take_string(c, p);
    if (!name || !take(c, ':')) {
        return 0;
    }
    for (*pi = COLUMNS - 1; *pi >= 0; --*pi) {
        if (!strcmp(columns[*pi].name, name)) {
            break;
        }
    }
    return 1;
}

static apr_status_t decode_members(qdn_event_t *e, cursor_t *c, apr_pool_t *p)
{
    apr_status_t rv = APR_SUCCESS;
    unsigned seen = 0;
    int i, next = 0;

    do {
        value_t v;

        if (!take_name(c, next, &i, p) || !take_value(c, &v, p)) {
            return QDN_EMALFORMED;
        }
        if (i < 0) {
            continue;
        }
        next = i + 1;
        seen |= 1u << i;
        apr_status_t one = set_column(e, i, &v);
        if (one == QDN_EMALFORMED) {
            return one;
        }
        if (one != APR_SUCCESS) {
            rv = one;
        }
    } while (take(c, ','));
    return (seen & NEEDED) == NEEDED && c->at == c->end ? rv : QDN_EMALFORMED;
}

static apr_size_t without_newline(const char *line, apr_size_t len)
{
    return len && line[len - 1] == '\n' ? len - 1 : len;
}

/* Length of the part that the CRC covers, 0 if the CRC does not fit. */
static apr_size_t covered(const char *line, apr_size_t len)
{
    const char *tail;
    apr_uint32_t crc = 0;

    if (len <= CRC_LEN) {
        return 0;
    }
    tail = line + len - CRC_LEN;
    if (memcmp(tail, CRC_TAG, sizeof(CRC_TAG) - 1) ||
        memcmp(line + len - 2, CRC_CLOSE, 2)) {
        return 0;
    }
    for (int i = 0; i < CRC_HEX; i++) {
        int digit = hex_value(tail[sizeof(CRC_TAG) - 1 + i]);

        if (digit < 0) {
            return 0;
        }
        crc = crc << 4 | (apr_uint32_t)digit;
    }
    len -= CRC_LEN;
    return qdn_digest_crc32c(0, line, len) == crc ? len : 0;
}

apr_status_t qdn_event_decode(qdn_event_t *pe, const char *line, apr_size_t len,
                              apr_pool_t *p)
{
    cursor_t c = { line, line };

    memset(pe, 0, sizeof(*pe));
    len = covered(line, without_newline(line, len));
    c.end = line + len;
    if (!len || !take(&c, '{')) {
        return QDN_EMALFORMED;
    }
    return decode_members(pe, &c, p);
}

int qdn_event_whole(const char *line, apr_size_t len)
{
    return covered(line, without_newline(line, len)) > 0;
}

void qdn_event_seal(char *line, apr_size_t len)
{
    apr_size_t n = without_newline(line, len) - CRC_LEN;

    put_hex32(line + n + sizeof(CRC_TAG) - 1, qdn_digest_crc32c(0, line, n));
}
