/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PROGRESS_H
#define QDN_PROGRESS_H

/*
 * How far a call has come down the cascade, as the signed URL of its next
 * step carries it: Twilio keeps the call's state for us, so any host can take
 * any step. Both tokens consist of unreserved URL characters only and begin
 * with the version of their format; fields are separated by dots.
 */

#include <apr_tables.h>
#include <apr_time.h>
#include "digest.h"
#include "e164.h"
#include "plan.h"
#include "sid.h"

/* Of the caller's leg: query parameter `s`. */
typedef struct qdn_progress_t {
    char line[QDN_E164_MAX + 1];   /* E.164 */
    char decision[QDN_ID_HEX + 1]; /* that led to this URL */
    char revision[QDN_REVISION_HEX + 1];
    int hop;                  /* dialled last, from 1; 0: none yet */
    int redial;               /* 1: it was dialled once more without a phone */
    int asks_key;             /* 1: at least one of its phones is confirm=key */
    apr_int64_t first_ring;   /* seconds since 1970; 0: nobody was rung yet */
    apr_uint32_t cascade;     /* hash of the one that a rule chose; 0: own */
    int tries;                /* answers to the challenge that were wrong */
    apr_array_header_t *rung; /* apr_uint32_t: rung in earlier hops */
    apr_array_header_t *ringing; /* apr_uint32_t: dialled by this decision */
} qdn_progress_t;

/* Of a callee's leg: query parameter `l`. */
typedef struct qdn_leg_t {
    char line[QDN_E164_MAX + 1];
    char call[QDN_SID_LEN + 1];    /* the caller's CallSid */
    char caller[QDN_E164_MAX + 1]; /* to be spoken; "": withheld or odd */
    char decision[QDN_ID_HEX + 1];
    int hop;
    int redial;
    char operator[65];
    char label[65];
    int tries;         /* wrong keys so far */
    apr_int64_t began; /* second at which screening began; 0: not yet */
} qdn_leg_t;

/*
 * The token, in p. What an older version can read is written as it wrote it:
 * a call goes on while hosts are updated one by one.
 */
const char *qdn_progress_encode(const qdn_progress_t *progress, apr_pool_t *p);
const char *qdn_leg_encode(const qdn_leg_t *leg, apr_pool_t *p);

/*
 * Strict: APR_SUCCESS, or QDN_EMALFORMED for anything that encode does not
 * write (NULL included). Arrays are in p.
 */
apr_status_t qdn_progress_decode(qdn_progress_t *pprogress, const char *token,
                                 apr_pool_t *p);
apr_status_t qdn_leg_decode(qdn_leg_t *pleg, const char *token);

/* Is this number among the hashes? */
int qdn_progress_has(const apr_array_header_t *hashes, apr_uint32_t hash);

#endif
