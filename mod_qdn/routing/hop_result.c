/* SPDX-License-Identifier: Apache-2.0 */
#include "hop_result.h"

static int is_connected(const qdn_progress_t *progress,
                        const qdn_hop_result_t *r)
{
    if (r->bridged != QDN_ABSENT) {
        return r->bridged == QDN_YES;
    }
    if (progress->asks_key) {
        return r->fate == QDN_LEG_ACCEPTED;
    }
    return r->status == QDN_DIAL_COMPLETED || r->status == QDN_DIAL_ANSWERED;
}

/* Nobody was connected: the best account of why. */
static qdn_reason_e why_not(const qdn_progress_t *progress,
                            const qdn_hop_result_t *r)
{
    if (r->caller_gone) {
        return QDN_REASON_CALLER_GONE;
    }
    if (r->fate == QDN_LEG_DECLINED) {
        return QDN_REASON_DECLINED;
    }
    if (r->fate == QDN_LEG_ASKED) {
        return QDN_REASON_NO_KEY;
    }
    switch (r->status) {
    case QDN_DIAL_COMPLETED:
    case QDN_DIAL_ANSWERED:
        /* Picked up, not bridged, and another host asked for the key. */
        return progress->asks_key && r->fate == QDN_LEG_UNKNOWN
                   ? QDN_REASON_NO_KEY
                   : QDN_REASON_FAILED;
    case QDN_DIAL_BUSY:
        return QDN_REASON_BUSY;
    case QDN_DIAL_FAILED:
        return QDN_REASON_FAILED;
    case QDN_DIAL_CANCELED:
        return QDN_REASON_CANCELED;
    case QDN_DIAL_NO_ANSWER:
    case QDN_DIAL_UNKNOWN:
        break;
    }
    return QDN_REASON_NO_ANSWER;
}

/* Somebody may have picked up, and nobody said whether they were bridged. */
static int is_unclear(const qdn_hop_result_t *r)
{
    int rang_in_vain =
        r->fate == QDN_LEG_UNKNOWN && r->status != QDN_DIAL_UNKNOWN &&
        r->status != QDN_DIAL_COMPLETED && r->status != QDN_DIAL_ANSWERED;

    return r->bridged == QDN_ABSENT && !r->caller_gone && !rang_in_vain;
}

qdn_reason_e qdn_hop_result_judge(const qdn_progress_t *progress,
                                  const qdn_hop_result_t *result, int *pdoubt)
{
    int connected = is_connected(progress, result);
    int unasked =
        connected && progress->asks_key && result->fate != QDN_LEG_ACCEPTED;
    int accepted_in_vain =
        !connected && !result->caller_gone && result->fate == QDN_LEG_ACCEPTED;

    if (pdoubt) {
        *pdoubt = unasked || accepted_in_vain || is_unclear(result);
    }
    return connected ? QDN_REASON_CONNECTED : why_not(progress, result);
}
