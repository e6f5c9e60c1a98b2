/* SPDX-License-Identifier: Apache-2.0 */
#include "complaint.h"

#include <apr_strings.h>
#include <stdarg.h>

qdn_complaints_t *qdn_complaints_create(apr_pool_t *p)
{
    qdn_complaints_t *c = apr_palloc(p, sizeof(*c));

    c->pool = p;
    c->list = apr_array_make(p, 4, sizeof(qdn_complaint_t));
    return c;
}

void qdn_complain(qdn_complaints_t *c, int code, const char *fmt, ...)
{
    qdn_complaint_t *one = apr_array_push(c->list);
    va_list args;

    va_start(args, fmt);
    one->code = code;
    one->text = apr_pvsprintf(c->pool, fmt, args);
    va_end(args);
}

int qdn_complaints_count(const qdn_complaints_t *c)
{
    return c->list->nelts;
}
