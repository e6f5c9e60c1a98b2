/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TWIML_H
#define QDN_TWIML_H

/*
 * Writes a TwiML document. Knows XML, not Twilio's verbs: what is written
 * where is decided in service/answer.c. Text and attribute values are escaped
 * here and nowhere else.
 *
 *     qdn_twiml_t x;
 *     qdn_twiml_begin(&x, p);
 *     qdn_twiml_open(&x, "Dial");
 *     qdn_twiml_attr_int(&x, "timeout", 15);
 *     qdn_twiml_element(&x, "Number", "+16195550101");
 *     qdn_twiml_close(&x);
 *     xml = qdn_twiml_end(&x);
 */

#include "text.h"

#define QDN_TWIML_MAX   (64 * 1024) /* Twilio error 11750 above */
#define QDN_TWIML_DEPTH 4

typedef struct qdn_twiml_t {
    qdn_text_t text;
    const char *open[QDN_TWIML_DEPTH]; /* names of open elements */
    int depth;
    int tag_open; /* attributes may still be added to the last element */
} qdn_twiml_t;

/* Start with the XML declaration and <Response>. */
void qdn_twiml_begin(qdn_twiml_t *x, apr_pool_t *p);

/* Open an element; attributes follow, then text or children, then close. */
void qdn_twiml_open(qdn_twiml_t *x, const char *name);

/* value NULL: the attribute is not written. */
void qdn_twiml_attr(qdn_twiml_t *x, const char *name, const char *value);
void qdn_twiml_attr_int(qdn_twiml_t *x, const char *name, int value);

void qdn_twiml_text(qdn_twiml_t *x, const char *text);
void qdn_twiml_close(qdn_twiml_t *x);

/* An element without attributes; text NULL or "": <Name/>. */
void qdn_twiml_element(qdn_twiml_t *x, const char *name, const char *text);

/* Close what is open; the document, in the pool of qdn_twiml_begin. */
const char *qdn_twiml_end(qdn_twiml_t *x);

#endif
