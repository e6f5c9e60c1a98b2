/* SPDX-License-Identifier: Apache-2.0 */
#include "array.h"

#include <string.h>

/* In a joined text: between its items, and an item that is NULL. */
#define SEPARATOR "\x1f"
#define ABSENT    "\x1e"

/* An array's literal: every `step`-th of the values, n of them. */
static const char *literal(const char *const *values, int n, int step,
                           apr_pool_t *ptemp)
{
    qdn_text_t t;

    qdn_text_init(&t, (apr_size_t)n * 40, ptemp);
    for (int i = 0; i < n; i++) {
        const char *value = values[i * step];

        qdn_text_addc(&t, i ? ',' : '{');
        if (!value) {
            qdn_text_addn(&t, "NULL", 4);
            continue;
        }
        qdn_text_addc(&t, '"');
        for (size_t plain; *value; value += plain) {
            plain = strcspn(value, "\"\\");
            qdn_text_addn(&t, value, plain);
            if (value[plain]) {
                qdn_text_addc(&t, '\\');
                qdn_text_addc(&t, value[plain++]);
            }
        }
        qdn_text_addc(&t, '"');
    }
    qdn_text_addc(&t, '}');
    return t.buf;
}

/* The same with SEPARATOR between them, NULL if that would be ambiguous. */
static const char *joined(const char *const *values, int n, int step,
                          apr_pool_t *ptemp)
{
    qdn_text_t t;

    qdn_text_init(&t, (apr_size_t)n * 40, ptemp);
    for (int i = 0; i < n; i++) {
        const char *value = values[i * step];
        size_t len = value ? strcspn(value, SEPARATOR ABSENT) : 1;

        if (value && value[len]) {
            return NULL;
        }
        if (i) {
            qdn_text_addc(&t, *SEPARATOR);
        }
        qdn_text_addn(&t, value ? value : ABSENT, len);
    }
    return t.len > 0 ? t.buf : NULL;
}

const char *qdn_array_add(qdn_text_t *t, const char *type,
                          const char *const *values, int n, int step,
                          apr_pool_t *ptemp)
{
    const char *text = joined(values, n, step, ptemp);

    if (text) {
        qdn_text_addf(t,
                      "CAST(string_to_array(%%s, E'\\x1f', E'\\x1e')"
                      " AS %s[])",
                      type);
        return text;
    }
    qdn_text_addf(t, "CAST(%%s AS %s[])", type);
    return literal(values, n, step, ptemp);
}
