/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_WEBHOOK_H
#define QDN_WEBHOOK_H

/*
 * What Twilio says in a voice webhook, as typed values. Unknown parameters
 * are ignored, unknown words of a closed list become *_OTHER: Twilio adds
 * both without notice. A parameter that we rely on and that is given twice
 * is refused, never guessed.
 */

#include "form.h"

typedef enum {
    QDN_CALL_OTHER, /* absent, or a word we do not know */
    QDN_CALL_QUEUED,
    QDN_CALL_INITIATED,
    QDN_CALL_RINGING,
    QDN_CALL_IN_PROGRESS,
    QDN_CALL_COMPLETED,
    QDN_CALL_BUSY,
    QDN_CALL_FAILED,
    QDN_CALL_NO_ANSWER,
    QDN_CALL_CANCELED
} qdn_call_status_e;

typedef enum {
    QDN_CALLER_NUMBER,   /* E.164 */
    QDN_CALLER_WITHHELD, /* empty, "anonymous" ..., the digit codes */
    QDN_CALLER_SIP,      /* sip: */
    QDN_CALLER_CLIENT,   /* client: */
    QDN_CALLER_ODD       /* anything else */
} qdn_caller_kind_e;

/* Strings are the form's own (not copied); "" where absent, never NULL. */
typedef struct qdn_webhook_t {
    const char *account_sid;
    const char *call_sid;
    const char *parent_call_sid;
    const char *from;
    const char *to;
    const char *forwarded_from;
    qdn_caller_kind_e caller_kind; /* of `from` */
    qdn_call_status_e call_status;
    const char *stir_verstat;
    /* Dial action */
    const char *dial_call_status;  /* the word itself */
    const char *dial_call_sid;
    const char *dial_bridged;      /* "true", "false" or "" */
    /* Gather and Record */
    const char *digits;
    const char *recording_sid;
    const char *recording_url;
    const char *recording_status;
    int recording_seconds;         /* -1 if absent */
    /* Status callbacks */
    int call_seconds;              /* CallDuration, -1 if absent */
} qdn_webhook_t;

/*
 * Read the decoded fields. APR_SUCCESS, or QDN_EMALFORMED with a sentence in
 * *perror: AccountSid or CallSid is missing, one of them or ParentCallSid is
 * no such SID, a parameter is given twice. A withheld or odd caller is not
 * malformed, and what only describes the call (durations, other SIDs) reads
 * as absent where it cannot be read.
 */
apr_status_t qdn_webhook_parse(qdn_webhook_t *pwebhook,
                               const apr_array_header_t *fields,
                               const char **perror, apr_pool_t *p);

/* "number", "withheld", "sip", "client", "odd": qdn('CallerKind'). */
const char *qdn_webhook_caller_kind(qdn_caller_kind_e kind);

/*
 * Who forwarded the call to us, as E.164, in p. Carriers write it as they
 * please, often without the +: then it is read as if it were there. NULL: it
 * is no number.
 */
const char *qdn_webhook_forwarded_from(const qdn_webhook_t *webhook,
                                       apr_pool_t *p);

/* Has the leg that this status is about ended? */
int qdn_webhook_terminal(qdn_call_status_e status);

#endif
