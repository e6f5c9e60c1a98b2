/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A callee's leg: the whisper before the bridge, the key, and what Twilio
 * tells of the leg meanwhile. The cascade does not depend on any of it; a
 * terminal CallStatus here says that the callee has gone, not the caller.
 */
#include <string.h>
#include "answer.h"
#include "chronicle.h"
#include "e164.h"
#include "exchange.h"
#include "whisper.h"

#define TRIES_MAX 3

static const qdn_phone_t *phone_of(const qdn_exchange_t *x)
{
    return qdn_plan_phone(x->service->plan, x->leg.operator, x->leg.label);
}

static int screen_seconds(const qdn_exchange_t *x)
{
    return qdn_whisper_room(x->line, phone_of(x));
}

/*
 * On the callee's leg From is what callerId showed. It is the caller's number
 * only where the caller was shown; the whisper needs the caller's own, which
 * the leg's token carries.
 */
static const char *spoken_caller(const qdn_exchange_t *x)
{
    return *x->leg.caller ? qdn_e164_spoken(x->leg.caller, x->pool)
                          : "a withheld number";
}

static void remember(qdn_exchange_t *x, qdn_leg_fate_e fate)
{
    const qdn_phone_t *phone = phone_of(x);

    qdn_exchange_set_fate(x, x->webhook.call_sid, fate,
                          phone ? phone->hash : 0);
}

/* Twilio ends the talk at the limit that the Dial gave it. */
static void begin_talk(const qdn_exchange_t *x)
{
    apr_time_t now = x->request->now;

    if (x->line) { /* else it was taken out in mid-call */
        qdn_engaged_begin(x->service->talks, x->leg.operator, x->call_sid, now,
                          now + apr_time_from_sec(x->line->time_limit) +
                              QDN_ENGAGED_GRACE);
    }
}

static int asks_no_key(const qdn_exchange_t *x)
{
    const qdn_phone_t *phone = phone_of(x);

    return phone && phone->confirm == QDN_CONFIRM_NONE;
}

/*
 * A leg that began no talk ends none: another phone of the operator's was
 * faster, or voicemail picked up, and its end is told when he has accepted in
 * a later hop. Where the key went to another host the hop's end will do.
 */
static int has_talked(const qdn_exchange_t *x)
{
    apr_uint32_t hash;

    return asks_no_key(x) ||
           qdn_exchange_fate(x, x->webhook.call_sid, &hash) == QDN_LEG_ACCEPTED;
}

static void follow_talk(const qdn_exchange_t *x)
{
    switch (x->webhook.call_status) {
    case QDN_CALL_IN_PROGRESS:
        if (asks_no_key(x)) {
            begin_talk(x);
        }
        break;
    case QDN_CALL_COMPLETED:
        if (has_talked(x)) {
            qdn_engaged_end(x->service->talks, x->leg.operator, x->call_sid);
        }
        break;
    default:
        break;
    }
}

void qdn_screen_ask(qdn_exchange_t *x)
{
    if (qdn_exchange_leg_gone(x)) {
        qdn_answer_hangup(x, NULL);
        return;
    }
    remember(x, QDN_LEG_ASKED);
    qdn_chronicle_leg(x, QDN_KIND_LEG_ANSWERED);
    x->leg.began = apr_time_sec(x->request->now);
    qdn_answer_screen(x, spoken_caller(x), screen_seconds(x), 1);
}

/* A key that means nothing: ask again, while time and tries are left. */
static void ask_again(qdn_exchange_t *x)
{
    apr_int64_t spent = apr_time_sec(x->request->now) - x->leg.began;
    int left = screen_seconds(x) - (int)(spent < 0 ? 0 : spent);

    x->leg.tries++;
    if (x->leg.tries >= TRIES_MAX || left <= 0) {
        qdn_answer_hangup(x, NULL);
        return;
    }
    qdn_answer_screen(x, NULL, left, 0);
}

void qdn_screen_accept(qdn_exchange_t *x)
{
    const char *digits = x->webhook.digits;

    if (qdn_exchange_leg_gone(x)) {
        qdn_answer_hangup(x, NULL);
    }
    else if (strcmp(digits, "1") == 0) {
        remember(x, QDN_LEG_ACCEPTED);
        begin_talk(x);
        qdn_chronicle_leg(x, QDN_KIND_SCREEN_ACCEPTED);
        qdn_answer_nothing(x);
    }
    else if (strcmp(digits, "2") == 0) {
        remember(x, QDN_LEG_DECLINED);
        qdn_chronicle_leg(x, QDN_KIND_SCREEN_DECLINED);
        qdn_answer_hangup(x, NULL);
    }
    else {
        ask_again(x);
    }
}

static qdn_kind_e leg_kind(qdn_call_status_e status)
{
    return status == QDN_CALL_RINGING       ? QDN_KIND_LEG_RINGING
           : status == QDN_CALL_IN_PROGRESS ? QDN_KIND_LEG_ANSWERED
           : qdn_webhook_terminal(status)   ? QDN_KIND_LEG_ENDED
                                            : QDN_KIND_MAX;
}

void qdn_screen_leg(qdn_exchange_t *x)
{
    qdn_kind_e kind = leg_kind(x->webhook.call_status);

    if (kind != QDN_KIND_MAX) {
        follow_talk(x);
        qdn_chronicle_leg(x, kind);
    }
    qdn_answer_nothing(x);
}
