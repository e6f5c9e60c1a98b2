/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TRANSCRIPT_H
#define QDN_TRANSCRIPT_H

/*
 * What a simulated call was like, seen from the telephone network: who rang,
 * who answered, what was said, which documents came, what was wrong. It is
 * never made from what the module says of itself.
 */

#include <apr_tables.h>
#include <apr_time.h>
#include "complaint.h"
#include "twiml_doc.h"

/* Something happened. */
typedef struct qdn_scene_t {
    apr_interval_time_t at; /* since the call began */
    const char *who;        /* "caller", "sergio/primary", "hop 2" */
    const char *what;
} qdn_scene_t;

/* One <Dial>. */
typedef struct qdn_dialled_t {
    apr_interval_time_t at;
    int ring;                    /* seconds the caller may have to wait */
    apr_array_header_t *numbers; /* of const char *, as written */
    apr_array_header_t *names;   /* of const char *, by the same index */
    const char *callerid;        /* what the phones showed */
    const char *status;          /* DialCallStatus; NULL: still under way */
    const char *picked;          /* name of who picked up, or NULL */
    int bridged;
} qdn_dialled_t;

/* One TwiML document that was followed. */
typedef struct qdn_document_t {
    qdn_leg_side_e side;
    const char *step; /* the URL's path behind the public URL */
    const qdn_verb_t *root;
} qdn_document_t;

typedef struct qdn_transcript_t {
    apr_pool_t *pool;
    const char *call_sid;
    const char *from;
    const char *to;
    apr_time_t began;
    apr_time_t ended;
    apr_array_header_t *scenes;    /* of qdn_scene_t */
    apr_array_header_t *dials;     /* of qdn_dialled_t * */
    apr_array_header_t *documents; /* of qdn_document_t */
    qdn_complaints_t *complaints;
    const char *outcome;     /* answered, voicemail, rejected, abandoned, ... */
    const char *answered_by; /* name, or NULL */
    const char *call_status; /* CallStatus at the end */
    int talk;                /* seconds */
    int message;             /* seconds recorded */
    int requests;            /* webhooks sent, second copies not counted */
} qdn_transcript_t;

qdn_transcript_t *qdn_transcript_create(apr_pool_t *p);

/* Add a scene, `at` since the call began. */
void qdn_transcript_add(qdn_transcript_t *t, apr_interval_time_t at,
                        const char *who, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* For people; text in p. */
const char *qdn_transcript_text(const qdn_transcript_t *t, apr_pool_t *p);

/* For scripts, with what differs from a case; to be put by the caller. */
struct json_object *qdn_transcript_json(const qdn_transcript_t *t,
                                        const apr_array_header_t *differences);

#endif
