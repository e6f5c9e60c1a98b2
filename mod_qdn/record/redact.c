/* SPDX-License-Identifier: Apache-2.0 */
#include "redact.h"

#include <string.h>
#include "text.h"

#define GAP 3 /* bytes between two digits, at most */

/* A text and where the number stands in it. */
typedef struct find_t {
    const char *text, *end;
    const char *from, *to; /* what was found, with its "+" */
} find_t;

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Behind the number's digits, which begin at s; NULL if they do not. */
static const char *match(const char *s, const char *end, const char *digits)
{
    const char *last = s;

    for (; *digits; digits++) {
        while (s < end && s - last < GAP && *s && strchr(" .-/()", *s)) {
            s++;
        }
        if (s == end || *s != *digits) {
            return NULL;
        }
        last = ++s;
    }
    return s < end && is_digit(*s) ? NULL : s;
}

/* The next one from f->to on. */
static int find_next(find_t *f, const char *number)
{
    const char *digits = number + (*number == '+');

    for (const char *s = f->to; s < f->end; s++) {
        const char *to;

        if (*s != *digits || (s > f->text && is_digit(s[-1])) ||
            !(to = match(s, f->end, digits))) {
            continue;
        }
        f->from = s > f->to && s[-1] == '+' ? s - 1 : s;
        f->to = to;
        return 1;
    }
    return 0;
}

int qdn_redact_find(const char *text, const char *number)
{
    find_t f = { text, NULL, NULL, text };

    if (!text) {
        return 0;
    }
    f.end = text + strlen(text);
    return find_next(&f, number);
}

/*
 * Bytes of the quote before and behind what was found, escaped or not; 0: it
 * is no string of its own, or the name of a member.
 */
static int quotes(const find_t *f, const char *floor)
{
    int escaped = f->from - floor >= 2 && f->from[-2] == '\\';
    const char *close = escaped ? "\\\"" : "\"";
    int n = escaped ? 2 : 1;

    if (f->from - floor < n || f->from[-1] != '"' || f->end - f->to <= n ||
        memcmp(f->to, close, (size_t)n) || f->to[n] == ':') {
        return 0;
    }
    return n;
}

/* A number of JSON, not a text? */
static int is_bare(const find_t *f, const char *floor)
{
    return f->from > floor && f->from[-1] == ':' && f->from - floor > 1 &&
           f->from[-2] == '"';
}

const char *qdn_redact_json(const char *json, const char *number, apr_pool_t *p)
{
    find_t f = { json, json + strlen(json), NULL, json };
    const char *copied = json;
    qdn_text_t t;

    qdn_text_init(&t, strlen(json), p);
    while (find_next(&f, number)) {
        int n = quotes(&f, copied);

        qdn_text_addn(&t, copied, (apr_size_t)(f.from - n - copied));
        qdn_text_add(&t, n || is_bare(&f, copied) ? "null" : "erased");
        copied = f.to += n;
    }
    qdn_text_add(&t, copied);
    return t.buf;
}

int qdn_redact_bytes(char *bytes, apr_size_t len, const char *number)
{
    find_t f = { bytes, bytes + len, NULL, bytes };
    int found = 0;

    for (; find_next(&f, number); found++) {
        int n = quotes(&f, bytes);
        char *from = bytes + (f.from - bytes) - n;
        apr_size_t size = (apr_size_t)(f.to - f.from) + 2 * (apr_size_t)n;

        if (n || is_bare(&f, bytes)) {
            memset(from, ' ', size);
            memcpy(from, "null", 4);
            f.to += n;
        }
        for (apr_size_t i = 0; i < size; i++) {
            from[i] = is_digit(from[i]) ? 'x' : from[i];
        }
    }
    return found;
}

const char *qdn_redact_like(const char *number, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 40, p);
    for (const char *s = number + (*number == '+'); *s; s++) {
        qdn_text_addc(&t, '%');
        qdn_text_addc(&t, *s);
    }
    qdn_text_addc(&t, '%');
    return t.buf;
}
