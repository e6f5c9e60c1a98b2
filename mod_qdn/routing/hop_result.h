/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HOP_RESULT_H
#define QDN_HOP_RESULT_H

/*
 * How a hop has ended: the evidence, and what it amounts to. A status alone
 * is no evidence that two people talked: a screened leg that hangs up may
 * still be reported as completed.
 */

#include "progress.h"
#include "reason.h"

/* What Twilio's action request and this host's memory say of a hop. */
typedef enum {
    QDN_DIAL_UNKNOWN, /* absent, or a word we do not know */
    QDN_DIAL_COMPLETED,
    QDN_DIAL_ANSWERED,
    QDN_DIAL_BUSY,
    QDN_DIAL_NO_ANSWER,
    QDN_DIAL_FAILED,
    QDN_DIAL_CANCELED
} qdn_dial_status_e;

typedef enum { QDN_NO = 0, QDN_YES = 1, QDN_ABSENT = -1 } qdn_tristate_e;

typedef enum {
    QDN_LEG_UNKNOWN,  /* this host was not asked */
    QDN_LEG_ASKED,    /* picked up, the whisper was played */
    QDN_LEG_ACCEPTED, /* key 1 */
    QDN_LEG_DECLINED  /* key 2 */
} qdn_leg_fate_e;

typedef struct qdn_hop_result_t {
    qdn_dial_status_e status;
    qdn_tristate_e bridged; /* DialBridged */
    int caller_gone;        /* the caller's own leg has ended */
    qdn_leg_fate_e fate;    /* of the leg named by DialCallSid */
    apr_uint32_t picked_up; /* hash of that leg's number, 0: unknown */
} qdn_hop_result_t;

/*
 * How the hop that `progress` names has ended: CONNECTED, DECLINED, NO_KEY,
 * NO_ANSWER, BUSY, FAILED, CANCELED or CALLER_GONE. Connected means
 * bridged=YES, whatever the status says; with bridged ABSENT: where a key was
 * asked, fate ACCEPTED, else status COMPLETED or ANSWERED. A call that was
 * connected and then ended by the caller is CONNECTED.
 * *pdoubt (may be NULL) becomes 1 where the evidence was incomplete
 * (picked up, the caller is still there, DialBridged absent) or contradicts
 * itself (bridged without key 1): health.
 */
qdn_reason_e qdn_hop_result_judge(const qdn_progress_t *progress,
                                  const qdn_hop_result_t *result, int *pdoubt);

#endif
