/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROOM_MIN    64
#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD in UTF-8 */

/* What a byte is to each of the three escapers; 0: it is copied as it is. */
#define XML_SPECIAL  0x01
#define JSON_SPECIAL 0x02
#define URL_SPECIAL  0x04
#define ALL_SPECIAL  (XML_SPECIAL | JSON_SPECIAL | URL_SPECIAL)

static const unsigned char special[256] = {
    [0 ... 0x1F] = ALL_SPECIAL,
    [' ' ... '!'] = URL_SPECIAL,
    ['"'] = ALL_SPECIAL,
    ['#' ... '%'] = URL_SPECIAL,
    ['&' ... '\''] = XML_SPECIAL | URL_SPECIAL,
    ['(' ... ','] = URL_SPECIAL,
    ['/'] = URL_SPECIAL,
    [':' ... ';'] = URL_SPECIAL,
    ['<'] = XML_SPECIAL | URL_SPECIAL,
    ['='] = URL_SPECIAL,
    ['>'] = XML_SPECIAL | URL_SPECIAL,
    ['?' ... '@'] = URL_SPECIAL,
    ['['] = URL_SPECIAL,
    ['\\'] = JSON_SPECIAL | URL_SPECIAL,
    [']' ... '^'] = URL_SPECIAL,
    ['`'] = URL_SPECIAL,
    ['{' ... '}'] = URL_SPECIAL,
    [0x7F] = URL_SPECIAL,
    [0x80 ... 0xFF] = ALL_SPECIAL,
};

static void grow(qdn_text_t *t, apr_size_t need)
{
    apr_size_t size = t->size * 2;
    char *buf;

    if (size < need) {
        size = need;
    }
    buf = apr_palloc(t->pool, size);
    memcpy(buf, t->buf, t->len + 1);
    t->buf = buf;
    t->size = size;
}

static char *reserve(qdn_text_t *t, apr_size_t n)
{
    if (t->size - t->len <= n) {
        grow(t, t->len + n + 1);
    }
    return t->buf + t->len;
}

void qdn_text_init(qdn_text_t *t, apr_size_t room, apr_pool_t *p)
{
    t->size = (room < ROOM_MIN ? ROOM_MIN : room) + 1;
    t->buf = apr_palloc(p, t->size);
    t->buf[0] = '\0';
    t->len = 0;
    t->pool = p;
}

void qdn_text_addn(qdn_text_t *t, const char *s, apr_size_t n)
{
    char *to = reserve(t, n);

    memcpy(to, s, n);
    to[n] = '\0';
    t->len += n;
}

void qdn_text_add(qdn_text_t *t, const char *s)
{
    qdn_text_addn(t, s, strlen(s));
}

void qdn_text_addc(qdn_text_t *t, char c)
{
    char *to = reserve(t, 1);

    to[0] = c;
    to[1] = '\0';
    t->len++;
}

void qdn_text_addf(qdn_text_t *t, const char *fmt, ...)
{
    apr_size_t room = t->size - t->len;
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(t->buf + t->len, room, fmt, args);
    va_end(args);
    if (n < 0) {
        t->buf[t->len] = '\0';
        return;
    }
    if ((apr_size_t)n >= room) {
        reserve(t, (apr_size_t)n);
        va_start(args, fmt);
        vsnprintf(t->buf + t->len, (apr_size_t)n + 1, fmt, args);
        va_end(args);
    }
    t->len += (apr_size_t)n;
}

void qdn_text_add_int(qdn_text_t *t, apr_int64_t n)
{
    char digits[20]; /* as many as 2^64 has, with a sign for 2^63 */
    char *at = digits + sizeof(digits);
    apr_uint64_t rest = n < 0 ? -(apr_uint64_t)n : (apr_uint64_t)n;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (n < 0) {
        *--at = '-';
    }
    qdn_text_addn(t, at, (apr_size_t)(digits + sizeof(digits) - at));
}

/* What may follow the first byte of a UTF-8 sequence (Unicode, table 3-7). */
static const struct {
    unsigned char first, last; /* range of the first byte */
    unsigned char low, high;   /* range of the second */
    unsigned char len;
} sequences[] = {
    { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
    { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 },
    { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
    { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
};

apr_size_t qdn_text_char(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    if (*s < 0x80) {
        return *s != '\0';
    }
    for (apr_size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++) {
        if (*s < sequences[i].first || *s > sequences[i].last) {
            continue;
        }
        if (s[1] < sequences[i].low || s[1] > sequences[i].high) {
            return 0;
        }
        for (apr_size_t k = 2; k < sequences[i].len; k++) {
            if ((s[k] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return sequences[i].len;
    }
    return 0;
}

/* Copies the sequence at s or replaces one byte; bytes of s used up. */
static apr_size_t add_sequence(qdn_text_t *t, const char *s)
{
    apr_size_t n = qdn_text_char(s);

    if (!n) {
        qdn_text_add(t, REPLACEMENT);
        return 1;
    }
    qdn_text_addn(t, s, n);
    return n;
}

/* Copies what needs no escape; the first byte that does, or the NUL. */
static const char *add_plain(qdn_text_t *t, const char *s, unsigned char which)
{
    const char *end = s;

    while (!(special[(unsigned char)*end] & which)) {
        end++;
    }
    if (end > s) {
        qdn_text_addn(t, s, (apr_size_t)(end - s));
    }
    return end;
}

/*
 * Line ends and tabs as references, because a parser turns them into blanks
 * in attributes.
 */
static const char *const xml_entities[128] = {
    ['\t'] = "&#9;", ['\n'] = "&#10;", ['\r'] = "&#13;", ['&'] = "&amp;",
    ['<'] = "&lt;",  ['>'] = "&gt;",   ['"'] = "&quot;", ['\''] = "&apos;",
};

void qdn_text_add_xml(qdn_text_t *t, const char *s)
{
    while (*(s = add_plain(t, s, XML_SPECIAL))) {
        unsigned char c = (unsigned char)*s;

        if (c < 0x80) {
            qdn_text_add(t, xml_entities[c] ? xml_entities[c] : REPLACEMENT);
            s++;
        }
        /* U+FFFE and U+FFFF are UTF-8, but no characters of XML. */
        else if (c == 0xEF && (!strncmp(s, "\xEF\xBF\xBE", 3) ||
                               !strncmp(s, "\xEF\xBF\xBF", 3))) {
            qdn_text_add(t, REPLACEMENT);
            s += 3;
        }
        else {
            s += add_sequence(t, s);
        }
    }
}

void qdn_text_add_json(qdn_text_t *t, const char *s)
{
    static const char hex[] = "0123456789abcdef";

    if (!s) {
        qdn_text_addn(t, "null", 4);
        return;
    }
    qdn_text_addc(t, '"');
    while (*(s = add_plain(t, s, JSON_SPECIAL))) {
        unsigned char c = (unsigned char)*s;

        if (c >= 0x80) {
            s += add_sequence(t, s);
            continue;
        }
        if (c < 0x20) {
            char esc[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

            qdn_text_addn(t, esc, sizeof(esc));
        }
        else {
            char esc[] = { '\\', (char)c };

            qdn_text_addn(t, esc, sizeof(esc));
        }
        s++;
    }
    qdn_text_addc(t, '"');
}

void qdn_text_add_urlenc(qdn_text_t *t, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";

    while (*(s = add_plain(t, s, URL_SPECIAL))) {
        unsigned char c = (unsigned char)*s++;
        char esc[] = { '%', hex[c >> 4], hex[c & 15] };

        qdn_text_addn(t, esc, sizeof(esc));
    }
}
