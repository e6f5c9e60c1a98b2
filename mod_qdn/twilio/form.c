/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"

#include <string.h>
#include "status.h"
#include "text.h"

#define FIELDS_USUAL 40 /* what Twilio sends fits without growing */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Most of a webhook is copied as it is; only these bytes need a look. */
static const unsigned char coded[256] = { ['\0'] = 1, ['+'] = 1, ['%'] = 1 };

/* The character that begins at *ps, which moves to its last byte; 0: none. */
static char decode_one(const char **ps, const char *end)
{
    const char *s = *ps;
    int high, low;

    if (*s != '%') {
        return *s == '+' ? ' ' : '\0';
    }
    high = end - s > 2 ? hex_value(s[1]) : -1;
    low = end - s > 2 ? hex_value(s[2]) : -1;
    *ps = s + 2;
    return (char)(high < 0 || low < 0 ? '\0' : high << 4 | low);
}

/*
 * Decode s..end to *pout, end it with NUL and move *pout behind that. The
 * decoded text is never longer than the coded one.
 */
static apr_status_t decode(char **pout, const char *s, const char *end)
{
    char *out = *pout;

    for (; s < end; s++) {
        char c = *s;

        if (coded[(unsigned char)c] && !(c = decode_one(&s, end))) {
            return QDN_EMALFORMED;
        }
        *out++ = c;
    }
    *out++ = '\0';
    *pout = out;
    return APR_SUCCESS;
}

/*
 * One piece between two &. Its = and its & (or the text's end) leave room for
 * the two NULs, so all pieces together fit in as many bytes as the text, plus
 * one.
 */
static apr_status_t parse_piece(apr_array_header_t *fields, char **pout,
                                const char *s, const char *end)
{
    const char *equals = memchr(s, '=', (apr_size_t)(end - s));
    const char *name = *pout;
    const char *value = "";
    apr_status_t rv;

    if (fields->nelts == QDN_FORM_FIELDS_MAX) {
        return QDN_ETOOBIG;
    }
    rv = decode(pout, s, equals ? equals : end);
    if (rv == APR_SUCCESS && equals) {
        value = *pout;
        rv = decode(pout, equals + 1, end);
    }
    if (rv == APR_SUCCESS) {
        qdn_form_add(fields, name, value);
    }
    return rv;
}

apr_status_t qdn_form_parse(apr_array_header_t **pfields, const char *text,
                            apr_size_t len, apr_pool_t *p)
{
    apr_array_header_t *fields =
        apr_array_make(p, FIELDS_USUAL, sizeof(qdn_field_t));
    char *out = apr_palloc(p, len + 1);
    const char *end = text + len;
    apr_status_t rv = APR_SUCCESS;

    *pfields = fields;
    while (text < end && rv == APR_SUCCESS) {
        const char *amp = memchr(text, '&', (apr_size_t)(end - text));
        const char *stop = amp ? amp : end;

        if (stop > text) {
            rv = parse_piece(fields, &out, text, stop);
        }
        text = stop + 1;
    }
    return rv;
}

const char *qdn_form_get(const apr_array_header_t *fields, const char *name)
{
    const qdn_field_t *field = (const qdn_field_t *)fields->elts;
    const qdn_field_t *end = field + fields->nelts;

    for (; field < end; field++) {
        if (strcmp(field->name, name) == 0) {
            return field->value;
        }
    }
    return NULL;
}

int qdn_form_count(const apr_array_header_t *fields, const char *name)
{
    const qdn_field_t *field = (const qdn_field_t *)fields->elts;
    const qdn_field_t *end = field + fields->nelts;
    int n = 0;

    for (; field < end; field++) {
        n += strcmp(field->name, name) == 0;
    }
    return n;
}

const char *qdn_form_encode(const apr_array_header_t *fields, apr_pool_t *p)
{
    const qdn_field_t *field = (const qdn_field_t *)fields->elts;
    qdn_text_t text;
    int i;

    qdn_text_init(&text, 256, p);
    for (i = 0; i < fields->nelts; i++) {
        if (i > 0) {
            qdn_text_addc(&text, '&');
        }
        qdn_text_add_urlenc(&text, field[i].name);
        qdn_text_addc(&text, '=');
        qdn_text_add_urlenc(&text, field[i].value);
    }
    return text.buf;
}

void qdn_form_add(apr_array_header_t *fields, const char *name,
                  const char *value)
{
    qdn_field_t *field = apr_array_push(fields);

    field->name = name;
    field->value = value;
}
