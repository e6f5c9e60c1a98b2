/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message: Record's action request when the caller has finished, and the
 * recording's own callback when the file is ready. Whichever comes first
 * leaves the event, the other has the same id.
 */
#include <string.h>
#include "answer.h"
#include "chronicle.h"
#include "exchange.h"

#define THANKS  "Thank you. Goodbye."
#define NOTHING "No message was recorded. Goodbye."

void qdn_voicemail_recorded(qdn_exchange_t *x)
{
    int kept = x->webhook.recording_seconds > 0;

    if (kept) {
        qdn_chronicle_recording(x, QDN_KIND_VOICEMAIL_RECORDED);
    }
    if (qdn_exchange_leg_gone(x)) {
        qdn_chronicle_ended(x, QDN_REASON_CALLER_GONE);
        qdn_answer_nothing(x);
        return;
    }
    if (kept) {
        qdn_chronicle_ended(x, QDN_REASON_NONE);
        qdn_answer_hangup(x, THANKS);
    }
    else {
        qdn_chronicle_goodbye(x);
        qdn_answer_hangup(x, NOTHING);
    }
}

void qdn_voicemail_recording(qdn_exchange_t *x)
{
    const qdn_webhook_t *w = &x->webhook;

    if (strcmp(w->recording_status, "completed") == 0 &&
        w->recording_seconds > 0) {
        qdn_chronicle_recording(x, QDN_KIND_VOICEMAIL_RECORDED);
    }
    else if (strcmp(w->recording_status, "failed") == 0) {
        qdn_chronicle_recording(x, QDN_KIND_VOICEMAIL_FAILED);
    }
    qdn_answer_nothing(x);
}
