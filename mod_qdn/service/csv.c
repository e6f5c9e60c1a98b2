/* SPDX-License-Identifier: Apache-2.0 */
#include "csv.h"

#include <string.h>

#include <apr_strings.h>

#include "e164.h"

/*
 * A number as people write it. A spreadsheet takes "+16195550123" for a sum
 * and shows 1.62E+10; with blanks, and four digits at the end, it is text.
 */
static const char *grouped(const char *number, apr_pool_t *p)
{
    const char *s = number + 1;
    apr_size_t left = strlen(s);
    qdn_text_t t;

    qdn_text_init(&t, 24, p);
    qdn_text_addc(&t, '+');
    while (left > 4) {
        apr_size_t n = (left - 4) % 3 ? (left - 4) % 3 : 3;

        qdn_text_addn(&t, s, n);
        qdn_text_addc(&t, ' ');
        s += n;
        left -= n;
    }
    qdn_text_add(&t, s);
    return t.buf;
}

/* One whose middle is hidden is no sum either. */
static int is_veiled(const char *value)
{
    return *value == '+' &&
           value[1 + strspn(value + 1, "0123456789\xe2\x80\xa6")] == '\0';
}

/*
 * A spreadsheet would carry out what begins so, and callers choose their
 * names. The apostrophe says that it is text.
 */
static const char *harmless(const char *value, apr_pool_t *p)
{
    if (qdn_e164_valid(value)) {
        return grouped(value, p);
    }
    return *value && strchr("=+-@\t\r", *value) && !is_veiled(value)
               ? apr_pstrcat(p, "'", value, NULL)
               : value;
}

void qdn_csv_cell(qdn_text_t *t, const char *value, apr_pool_t *p)
{
    int first = !t->len || t->buf[t->len - 1] == '\n';

    if (!first) {
        qdn_text_addc(t, ',');
    }
    if (!value || !*value) {
        /* Else the next cell could not know that it is the second. */
        qdn_text_add(t, first ? "\"\"" : "");
        return;
    }
    value = harmless(value, p);
    if (!value[strcspn(value, "\",\r\n")]) {
        qdn_text_add(t, value);
        return;
    }
    qdn_text_addc(t, '"');
    for (; *value; value++) {
        if (*value == '"') {
            qdn_text_addc(t, '"');
        }
        qdn_text_addc(t, *value);
    }
    qdn_text_addc(t, '"');
}
