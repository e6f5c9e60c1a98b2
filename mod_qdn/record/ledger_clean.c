/* SPDX-License-Identifier: Apache-2.0 */
/* What a database may not take in a text, made harmless. */
#include <apr_strings.h>
#include "ledger.h"
#include "text.h"

/* The code point of the UTF-8 sequence at *ps, which is moved behind it. */
static apr_uint32_t next_char(const char **ps)
{
    const unsigned char *s = (const unsigned char *)*ps;
    int more = *s >= 0xF0 ? 3 : *s >= 0xE0 ? 2 : *s >= 0xC0 ? 1 : 0;
    apr_uint32_t c = more ? *s & (0x3F >> more) : *s;

    while (*++s && more-- > 0) {
        c = c << 6 | (*s & 0x3F);
    }
    *ps = (const char *)s;
    return c;
}

static void add_escaped(qdn_text_t *t, apr_uint32_t c)
{
    if (c > 0xFFFF) {
        qdn_text_addf(t, "\\u%04x", 0xD800 + ((c - 0x10000) >> 10));
        c = 0xDC00 + ((c - 0x10000) & 0x3FF);
    }
    qdn_text_addf(t, "\\u%04x", c);
}

static const char *ascii(const char *s, int json, apr_pool_t *p)
{
    qdn_text_t t;

    if (!s) {
        return NULL;
    }
    qdn_text_init(&t, strlen(s), p);
    while (*s) {
        if ((unsigned char)*s >= ' ' && (unsigned char)*s < 0x7F) {
            qdn_text_addc(&t, *s++);
        }
        else if (json) {
            add_escaped(&t, next_char(&s));
        }
        else {
            next_char(&s);
            qdn_text_addc(&t, '?');
        }
    }
    return t.buf;
}

const char *qdn_ledger_ascii(const char *json, apr_pool_t *p)
{
    return ascii(json, 1, p);
}

void qdn_ledger_clean(qdn_event_t *e, apr_pool_t *p)
{
    e->host = ascii(e->host, 0, p);
    e->line = ascii(e->line, 0, p);
    e->call_sid = ascii(e->call_sid, 0, p);
    e->operator= ascii(e->operator, 0, p);
    e->phone = ascii(e->phone, 0, p);
    e->detail = ascii(e->detail, 1, p);
    e->config = ascii(e->config, 0, p);
}
