/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TWIML_RULE_H
#define QDN_TWIML_RULE_H

/*
 * What TwiML allows, as tables: which element may stand where, which
 * attributes it has, which values they take, and the number of Twilio's
 * complaint about a wrong one. Adding a verb is adding rows here.
 */

#include "twiml_doc.h"

#define QDN_IN_RESPONSE 0x1
#define QDN_IN_DIAL     0x2
#define QDN_IN_GATHER   0x4
#define QDN_FOR_CALLEE  0x8 /* a called person's document may hold it */

typedef enum {
    QDN_TEXT_NONE, /* only blanks */
    QDN_TEXT_ANY,
    QDN_TEXT_SPOKEN, /* must say something */
    QDN_TEXT_NUMBER, /* E.164 */
    QDN_TEXT_URL
} qdn_verb_text_e;

typedef struct qdn_verb_rule_t {
    const char *name;
    int where; /* QDN_IN_* and QDN_FOR_CALLEE */
    qdn_verb_text_e text;
    int nested; /* complaint about a wrong child */
} qdn_verb_rule_t;

/* NULL: TwiML has no such element, or simulate does not play it. */
const qdn_verb_rule_t *qdn_twiml_rule_find(const char *name);

/* Complain about each attribute and about the text of this element. */
void qdn_twiml_rule_check(const qdn_verb_t *verb, const qdn_verb_rule_t *rule,
                          qdn_complaints_t *c);

/* Has s the form of an E.164 number? Written apart from base/e164.c. */
int qdn_twiml_rule_number(const char *s);

/* Is it an absolute http or https URL with a host? */
int qdn_twiml_rule_url(const char *s);

#endif
