/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <string.h>
#include "clock.h"
#include "exchange.h"
#include "gate.h"
#include "status.h"

/* Every webhook there is. `remembered`, `again`: see qdn_step_t. */
static const qdn_step_t steps[] = {
    /* A call arrives; with ErrorCode: Twilio could not go on with it. */
    { "voice", QDN_TOKEN_NONE, 1, "ErrorCode", qdn_voice_start },
    /* A key was asked for, and pressed or not (Gather action). */
    { "voice/challenge", QDN_TOKEN_PROGRESS, 1, NULL, qdn_voice_challenged },
    /* A hop has ended (Dial action). */
    { "voice/next", QDN_TOKEN_PROGRESS, 1, NULL, qdn_voice_next },
    /* A callee picked up (Number url), and pressed a key (Gather action). */
    { "voice/screen", QDN_TOKEN_LEG, 1, NULL, qdn_screen_ask },
    { "voice/accept", QDN_TOKEN_LEG, 1, "Digits", qdn_screen_accept },
    /* Progress of a callee's leg (Number statusCallback). */
    { "voice/leg", QDN_TOKEN_LEG, 0, NULL, qdn_screen_leg },
    /* A message was left (Record action), its file is ready. */
    { "voice/recorded", QDN_TOKEN_PROGRESS, 1, "RecordingUrl",
      qdn_voicemail_recorded },
    { "voice/recording", QDN_TOKEN_PROGRESS, 0, NULL, qdn_voicemail_recording },
    /* The line's own status callback: the call is over. */
    { "voice/status", QDN_TOKEN_NONE, 0, NULL, qdn_voice_status },
    { NULL, QDN_TOKEN_NONE, 0, NULL, NULL },
};

/*
 * What makes two requests the same webhook. Only what the signature covers:
 * the leg, the URL with everything our tokens carry, and the one parameter
 * that changes when the same URL is asked for another reason.
 */
static void reply_key(const qdn_exchange_t *x, char key[QDN_ID_HEX + 1])
{
    const char *again =
        x->step->again ? qdn_form_get(x->fields, x->step->again) : NULL;
    const char *parts[] = { x->webhook.call_sid,
                            x->step->token == QDN_TOKEN_NONE
                                ? x->step->path
                                : x->request->target,
                            again ? again : "", NULL };

    qdn_digest_id(parts, key);
}

static void decide(qdn_exchange_t *x)
{
    x->events = apr_array_make(x->pool, 4, sizeof(qdn_event_t));
    x->step->run(x);
    qdn_exchange_record(x);
}

const char *qdn_service_step(int place)
{
    return place < (int)(sizeof(steps) / sizeof(steps[0])) ? steps[place].path
                                                           : NULL;
}

void qdn_service_answer(const qdn_service_t *service,
                        const qdn_request_t *request, void *rules_baton,
                        qdn_reply_t *preply)
{
    qdn_exchange_t x = { .service = service,
                         .request = request,
                         .rules_baton = rules_baton,
                         .pool = request->pool };
    apr_interval_time_t began = qdn_clock_mono();
    char key[QDN_ID_HEX + 1];
    apr_size_t len;
    apr_status_t rv;

    if (qdn_gate_admit(&x, steps, preply) != APR_SUCCESS) {
        return;
    }
    reply_key(&x, key);
    rv = qdn_recall_claim(x.step->remembered ? service->replies : NULL, key,
                          &x.answer, &len, x.pool);
    if (rv == APR_EEXIST) {
        qdn_counter_add(service->counters, QDN_COUNT_REPEATS, 1);
    }
    else {
        decide(&x);
        qdn_counter_add(service->counters, QDN_COUNT_WEBHOOKS, 1);
        if (rv == APR_SUCCESS) {
            qdn_recall_put(service->replies, key, x.answer,
                           strlen(x.answer) + 1);
        }
    }
    qdn_meter_answered(service->meter, (int)(x.step - steps), rv == APR_EEXIST,
                       qdn_clock_mono() - began, request->now);
    *preply = (qdn_reply_t){ .status = 200,
                             .content_type = "text/xml",
                             .body = x.answer };
}
