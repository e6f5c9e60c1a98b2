/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TWIML_DOC_H
#define QDN_TWIML_DOC_H

/*
 * Reads a TwiML document the way Twilio would, and stricter: whatever Twilio
 * refuses, warns about or may read in two ways is a complaint. Sources:
 * twilio.com/docs/voice/twiml and its pages on Dial, Number, Say, Play,
 * Gather, Record, Redirect, Reject, Pause, Hangup.
 */

#include <apr_tables.h>
#include "complaint.h"

#define QDN_DOCUMENT_MAX (64 * 1024) /* bytes, 11750 above */

/* An element of the document. */
typedef struct qdn_verb_t {
    const char *name;
    apr_table_t *attributes;
    const char *text;             /* without the blanks around it, or "" */
    apr_array_header_t *children; /* of qdn_verb_t * */
} qdn_verb_t;

/* Whose leg is to follow it? A called person may hear less than a caller. */
typedef enum { QDN_LEG_CALLER, QDN_LEG_CALLEE } qdn_leg_side_e;

/*
 * *proot is the <Response>, with every verb it holds, in p; an element that
 * is not understood is left out. APR_SUCCESS, also with complaints;
 * QDN_EMALFORMED if there is nothing to follow (content type, size, not
 * XML, another root), which is a complaint too.
 */
apr_status_t qdn_twiml_doc_read(qdn_verb_t **proot, const char *body,
                                apr_size_t len, const char *content_type,
                                qdn_leg_side_e side, qdn_complaints_t *c,
                                apr_pool_t *p);

/* Value of an attribute, or `otherwise`. */
const char *qdn_verb_get(const qdn_verb_t *verb, const char *name,
                         const char *otherwise);

/* Likewise as a number; `otherwise` too if it is none. */
int qdn_verb_int(const qdn_verb_t *verb, const char *name, int otherwise);

#endif
