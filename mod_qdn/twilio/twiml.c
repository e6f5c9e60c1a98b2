/* SPDX-License-Identifier: Apache-2.0 */
#include "twiml.h"

#include <assert.h>

/* A document with one or two numbers to dial does not grow the buffer. */
#define DOCUMENT_USUAL 2048

/* Text or a child follows: end the tag that still takes attributes. */
static void end_tag(qdn_twiml_t *x)
{
    if (x->tag_open) {
        qdn_text_addc(&x->text, '>');
        x->tag_open = 0;
    }
}

void qdn_twiml_begin(qdn_twiml_t *x, apr_pool_t *p)
{
    *x = (qdn_twiml_t){ .depth = 0 };
    qdn_text_init(&x->text, DOCUMENT_USUAL, p);
    qdn_text_add(&x->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    qdn_twiml_open(x, "Response");
}

void qdn_twiml_open(qdn_twiml_t *x, const char *name)
{
    assert(x->depth < QDN_TWIML_DEPTH);
    end_tag(x);
    qdn_text_addc(&x->text, '<');
    qdn_text_add(&x->text, name);
    x->open[x->depth++] = name;
    x->tag_open = 1;
}

void qdn_twiml_attr(qdn_twiml_t *x, const char *name, const char *value)
{
    assert(x->tag_open);
    if (value) {
        qdn_text_addc(&x->text, ' ');
        qdn_text_add(&x->text, name);
        qdn_text_addn(&x->text, "=\"", 2);
        qdn_text_add_xml(&x->text, value);
        qdn_text_addc(&x->text, '"');
    }
}

void qdn_twiml_attr_int(qdn_twiml_t *x, const char *name, int value)
{
    assert(x->tag_open);
    qdn_text_addc(&x->text, ' ');
    qdn_text_add(&x->text, name);
    qdn_text_addn(&x->text, "=\"", 2);
    qdn_text_add_int(&x->text, value);
    qdn_text_addc(&x->text, '"');
}

void qdn_twiml_text(qdn_twiml_t *x, const char *text)
{
    end_tag(x);
    qdn_text_add_xml(&x->text, text);
}

void qdn_twiml_close(qdn_twiml_t *x)
{
    const char *name;

    assert(x->depth > 0);
    name = x->open[--x->depth];
    if (x->tag_open) {
        qdn_text_addn(&x->text, "/>", 2);
        x->tag_open = 0;
        return;
    }
    qdn_text_addn(&x->text, "</", 2);
    qdn_text_add(&x->text, name);
    qdn_text_addc(&x->text, '>');
}

void qdn_twiml_element(qdn_twiml_t *x, const char *name, const char *text)
{
    qdn_twiml_open(x, name);
    if (text && *text) {
        qdn_twiml_text(x, text);
    }
    qdn_twiml_close(x);
}

const char *qdn_twiml_end(qdn_twiml_t *x)
{
    while (x->depth > 0) {
        qdn_twiml_close(x);
    }
    return x->text.buf;
}
