/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TEXT_H
#define QDN_TEXT_H

/*
 * A growing text in a pool: what TwiML, journal lines and URLs are written
 * with. Always NUL-terminated; the buffer doubles, so appending is linear.
 */

#include <apr_pools.h>

typedef struct qdn_text_t {
    char *buf;       /* NUL-terminated, in the pool of qdn_text_init */
    apr_size_t len;  /* without the NUL */
    apr_size_t size; /* allocated */
    apr_pool_t *pool;
} qdn_text_t;

/* An empty text with room for `room` bytes before it grows the first time. */
void qdn_text_init(qdn_text_t *t, apr_size_t room, apr_pool_t *p);

void qdn_text_add(qdn_text_t *t, const char *s);
void qdn_text_addn(qdn_text_t *t, const char *s, apr_size_t n);
void qdn_text_addc(qdn_text_t *t, char c);
void qdn_text_addf(qdn_text_t *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Decimal, cheaper than addf: the call path writes many. */
void qdn_text_add_int(qdn_text_t *t, apr_int64_t n);

/*
 * As character data or attribute value of XML 1.0: & < > " ' become
 * entities, tabs and line ends references (a parser would make blanks of them
 * in attributes), characters that XML forbids and each byte that is not UTF-8
 * U+FFFD.
 */
void qdn_text_add_xml(qdn_text_t *t, const char *s);

/*
 * As a JSON string with its quotes (RFC 8259); bytes that are not UTF-8
 * become U+FFFD, control characters \u00XX. NULL is written as null.
 */
void qdn_text_add_json(qdn_text_t *t, const char *s);

/* Bytes of the UTF-8 character at s; 0 at the end and where s is not UTF-8. */
apr_size_t qdn_text_char(const char *s);

/* As a query component: all but the unreserved set of RFC 3986 is %XX. */
void qdn_text_add_urlenc(qdn_text_t *t, const char *s);

#endif
