/* SPDX-License-Identifier: Apache-2.0 */
#include "chronicle.h"

#include <apr_strings.h>
#include <string.h>
#include "log.h"
#include "sid.h"

/* A JSON object under construction; empty and NULL values are left out. */
typedef struct detail_t {
    qdn_text_t text;
} detail_t;

static void detail_begin(detail_t *d, apr_pool_t *p)
{
    qdn_text_init(&d->text, 128, p);
    qdn_text_addc(&d->text, '{');
}

static void detail_name(detail_t *d, const char *name)
{
    if (d->text.len > 1) {
        qdn_text_addc(&d->text, ',');
    }
    qdn_text_addc(&d->text, '"');
    qdn_text_add(&d->text, name);
    qdn_text_add(&d->text, "\":");
}

static void detail_str(detail_t *d, const char *name, const char *value)
{
    if (value && *value) {
        detail_name(d, name);
        qdn_text_add_json(&d->text, value);
    }
}

static void detail_int(detail_t *d, const char *name, apr_int64_t value)
{
    detail_name(d, name);
    qdn_text_add_int(&d->text, value);
}

/* value is JSON already. */
static void detail_raw(detail_t *d, const char *name, const char *value)
{
    if (value) {
        detail_name(d, name);
        qdn_text_add(&d->text, value);
    }
}

static const char *detail_end(detail_t *d)
{
    qdn_text_addc(&d->text, '}');
    return d->text.buf;
}

/* The decision that the URL of this step names, if it names one. */
static void detail_url_decision(detail_t *d, const char *name,
                                const qdn_exchange_t *x)
{
    if (x->step->token == QDN_TOKEN_PROGRESS) {
        detail_str(d, name, x->progress.decision);
    }
}

void qdn_chronicle_received(qdn_exchange_t *x)
{
    const qdn_webhook_t *w = &x->webhook;
    qdn_event_t *e = qdn_exchange_event(x, QDN_KIND_CALL_RECEIVED);
    detail_t d;

    detail_begin(&d, x->pool);
    detail_str(&d, "from", w->from);
    detail_str(&d, "caller_kind", qdn_webhook_caller_kind(w->caller_kind));
    detail_str(&d, "forwarded_from", w->forwarded_from);
    detail_str(&d, "stir_verstat", w->stir_verstat);
    e->detail = detail_end(&d);
    qdn_event_identify(e, NULL);
}

void qdn_chronicle_fallback(qdn_exchange_t *x, const char *error_code)
{
    qdn_event_t *e = qdn_exchange_event(x, QDN_KIND_CALL_FALLBACK);
    detail_t d;

    detail_begin(&d, x->pool);
    detail_str(&d, "error_code", error_code);
    detail_str(&d, "error_url", qdn_form_get(x->fields, "ErrorUrl"));
    e->detail = detail_end(&d);
    qdn_event_identify(e, error_code);
}

void qdn_chronicle_unknown_line(qdn_exchange_t *x)
{
    qdn_event_t *e = qdn_exchange_event(x, QDN_KIND_LINE_UNKNOWN);
    detail_t d;

    detail_begin(&d, x->pool);
    detail_str(&d, "from", x->webhook.from);
    detail_str(&d, "to", x->webhook.to);
    e->detail = detail_end(&d);
    qdn_event_identify(e, NULL);
}

void qdn_chronicle_rule_failed(qdn_exchange_t *x, int number)
{
    qdn_event_t *e = qdn_exchange_event(x, QDN_KIND_RULE_FAILED);
    detail_t d;

    detail_begin(&d, x->pool);
    detail_int(&d, "rule", number);
    e->detail = detail_end(&d);
    qdn_event_identify(e, apr_itoa(x->pool, number));
}

static qdn_event_t *phone_event(qdn_exchange_t *x, qdn_kind_e kind, int hop,
                                const qdn_phone_t *phone)
{
    qdn_event_t *e = qdn_exchange_event(x, kind);

    e->hop = hop;
    if (phone) {
        e->operator= phone->operator->id;
        e->phone = phone->label;
    }
    return e;
}

/* What was known of the operator: replay needs it also where it was not what
 * decided. */
static void detail_verdict(detail_t *t, const qdn_choice_t *c)
{
    if (c->verdict != c->reason) {
        detail_str(t, "verdict", qdn_reason_text(c->verdict));
    }
    detail_raw(t, "availability", c->detail);
}

/* The rule that led here, and the cascade that it chose. */
static void detail_rule(detail_t *d, const qdn_cascade_input_t *in,
                        const qdn_decision_t *decision)
{
    if (in->rule && decision->reason != QDN_REASON_LOOP) {
        detail_int(d, "rule", in->rule);
    }
    detail_str(d, "cascade", decision->cascade.name);
}

static void skipped(qdn_exchange_t *x, const qdn_cascade_input_t *in,
                    const qdn_decision_t *d, const qdn_choice_t *c)
{
    qdn_event_t *e = phone_event(x, QDN_KIND_HOP_SKIPPED, c->hop, c->phone);
    detail_t t;

    qdn_meter_chosen(x->service->meter, c->reason);
    detail_begin(&t, x->pool);
    detail_str(&t, "decision", d->next.decision);
    detail_url_decision(&t, "after", x);
    detail_int(&t, "left", d->left);
    detail_rule(&t, in, d);
    detail_verdict(&t, c);
    e->reason = c->reason;
    e->detail = detail_end(&t);
    qdn_event_identify(e, d->next.decision);
}

static void dialled(qdn_exchange_t *x, const qdn_cascade_input_t *in,
                    const qdn_decision_t *d, const qdn_choice_t *c)
{
    qdn_event_t *e = phone_event(x, QDN_KIND_HOP_DIALLED, c->hop, c->phone);
    detail_t t;

    qdn_meter_chosen(x->service->meter, c->reason);
    detail_begin(&t, x->pool);
    detail_str(&t, "decision", d->next.decision);
    detail_url_decision(&t, "after", x);
    detail_str(&t, "number", c->phone->number);
    detail_int(&t, "ring", d->ring);
    detail_int(&t, "screen", c->screen);
    detail_int(&t, "left", d->left);
    detail_rule(&t, in, d);
    detail_verdict(&t, c);
    e->reason = c->reason;
    e->detail = detail_end(&t);
    qdn_event_identify(e, d->next.decision);
}

/* What the caller gets instead of a person. */
static void instead(qdn_exchange_t *x, const qdn_cascade_input_t *in,
                    const qdn_decision_t *d, qdn_kind_e kind)
{
    qdn_event_t *e = qdn_exchange_event(x, kind);
    detail_t t;

    detail_begin(&t, x->pool);
    detail_str(&t, "decision", d->next.decision);
    detail_url_decision(&t, "after", x);
    detail_rule(&t, in, d);
    if (d->act == QDN_ACT_CHALLENGE) {
        detail_int(&t, "try", d->next.tries + 1);
    }
    if (d->reason == QDN_REASON_LOOP) {
        const qdn_phone_t *phone =
            qdn_plan_phone_by_number(in->plan, in->forwarded_from);

        detail_str(&t, "forwarded_from", in->forwarded_from);
        detail_str(&t, "operator", phone ? phone->operator->id : NULL);
        detail_str(&t, "phone", phone ? phone->label : NULL);
    }
    detail_int(&t, "left", d->left);
    e->reason = d->reason;
    e->detail = detail_end(&t);
    qdn_event_identify(e, d->next.decision);
}

void qdn_chronicle_decision(qdn_exchange_t *x, const qdn_cascade_input_t *in,
                            const qdn_decision_t *d)
{
    int i;

    for (i = 0; i < d->skipped->nelts; i++) {
        skipped(x, in, d, &APR_ARRAY_IDX(d->skipped, i, qdn_choice_t));
    }
    for (i = 0; i < d->rung->nelts; i++) {
        dialled(x, in, d, &APR_ARRAY_IDX(d->rung, i, qdn_choice_t));
    }
    switch (d->act) {
    case QDN_ACT_CHALLENGE:
        instead(x, in, d, QDN_KIND_CALL_CHALLENGED);
        break;
    case QDN_ACT_VOICEMAIL:
        instead(x, in, d, QDN_KIND_VOICEMAIL_OFFERED);
        break;
    case QDN_ACT_GOODBYE:
        instead(x, in, d, QDN_KIND_CALL_GOODBYE);
        qdn_chronicle_ended(x, QDN_REASON_NONE);
        break;
    case QDN_ACT_REJECT:
    case QDN_ACT_BUSY:
        instead(x, in, d, QDN_KIND_CALL_REJECTED);
        qdn_chronicle_ended(x, QDN_REASON_NONE);
        break;
    case QDN_ACT_DIAL:
    case QDN_ACT_END:
        break;
    }
}

void qdn_chronicle_challenge(qdn_exchange_t *x, qdn_kind_e kind)
{
    qdn_event_t *e = qdn_exchange_event(x, kind);
    detail_t d;

    detail_begin(&d, x->pool);
    detail_str(&d, "decision", x->progress.decision);
    detail_int(&d, "try", x->progress.tries + 1);
    detail_str(&d, "digits", x->webhook.digits);
    e->detail = detail_end(&d);
    qdn_event_identify(e, x->progress.decision);
}

/* The hops of the cascade that the call is in, as today's plan has them. */
static const apr_array_header_t *hops_of(const qdn_exchange_t *x)
{
    const qdn_cascade_t *named =
        x->progress.cascade
            ? qdn_plan_cascade_by_hash(x->service->plan, x->progress.cascade)
            : NULL;

    return named ? named->hops : x->line->hops;
}

/* The phone that decided how the hop ended, as far as anybody knows. */
static const qdn_phone_t *decisive_phone(const qdn_exchange_t *x,
                                         const qdn_hop_result_t *result)
{
    const apr_array_header_t *ringing = x->progress.ringing;
    apr_uint32_t hash = result->picked_up;
    int h, i;

    if (!hash && ringing->nelts == 1) {
        hash = APR_ARRAY_IDX(ringing, 0, apr_uint32_t);
    }
    for (h = 0; x->line && h < hops_of(x)->nelts; h++) {
        const qdn_hop_t *hop = APR_ARRAY_IDX(hops_of(x), h, qdn_hop_t *);

        for (i = 0; i < hop->phones->nelts; i++) {
            const qdn_phone_t *phone =
                APR_ARRAY_IDX(hop->phones, i, const qdn_phone_t *);

            if (phone->hash == hash) {
                return phone;
            }
        }
    }
    return hash ? qdn_plan_phone_by_hash(x->service->plan, hash) : NULL;
}

static const char *const fate_words[] = { "unknown", "asked", "accepted",
                                          "declined" };

void qdn_chronicle_hop_ended(qdn_exchange_t *x, const qdn_hop_result_t *result,
                             qdn_reason_e ended, int doubt)
{
    const qdn_webhook_t *w = &x->webhook;
    const qdn_phone_t *phone = decisive_phone(x, result);
    qdn_event_t *e = phone_event(x, QDN_KIND_HOP_ENDED, x->progress.hop, phone);
    detail_t d;

    qdn_meter_ended(x->service->meter, ended);
    detail_begin(&d, x->pool);
    detail_str(&d, "decision", x->progress.decision);
    detail_str(&d, "dial_call_status", w->dial_call_status);
    detail_str(&d, "dial_bridged", w->dial_bridged);
    detail_str(&d, "dial_call_sid", w->dial_call_sid);
    detail_str(&d, "key", fate_words[result->fate]);
    e->reason = ended;
    e->detail = detail_end(&d);
    qdn_event_identify(e, x->progress.decision);
    if (doubt) {
        const char *detail = e->detail;

        e = phone_event(x, QDN_KIND_HOP_ANOMALY, x->progress.hop, phone);
        e->reason = ended;
        e->detail = detail;
        qdn_event_identify(e, x->progress.decision);
        qdn_counter_add(x->service->counters, QDN_COUNT_ANOMALIES, 1);
        qdn_log(QDN_LOG_WARNING, APR_SUCCESS,
                QDNLOGNO(0531) "call %s, hop %d: taken as %s, but %s",
                x->call_sid, x->progress.hop, qdn_reason_text(ended), detail);
    }
}

void qdn_chronicle_leg(qdn_exchange_t *x, qdn_kind_e kind)
{
    const qdn_webhook_t *w = &x->webhook;
    qdn_event_t *e = qdn_exchange_event(x, kind);
    detail_t d;

    e->hop = x->leg.hop;
    e->operator= x->leg.operator;
    e->phone = x->leg.label;
    detail_begin(&d, x->pool);
    detail_str(&d, "decision", x->leg.decision);
    detail_str(&d, "leg", w->call_sid);
    if (kind == QDN_KIND_LEG_ENDED) {
        detail_str(&d, "status", qdn_form_get(x->fields, "CallStatus"));
        if (w->call_seconds >= 0) {
            detail_int(&d, "seconds", w->call_seconds);
        }
    }
    e->detail = detail_end(&d);
    qdn_event_identify(e, x->leg.decision);
}

/*
 * Record's action request need not name the recording: then the end of its
 * URL does (".../Recordings/RE...").
 */
static const char *recording_sid(const qdn_exchange_t *x)
{
    const qdn_webhook_t *w = &x->webhook;
    const char *last = strrchr(w->recording_url, '/');

    return *w->recording_sid                    ? w->recording_sid
           : last && qdn_sid_ok(last + 1, "RE") ? last + 1
                                                : w->recording_url;
}

void qdn_chronicle_recording(qdn_exchange_t *x, qdn_kind_e kind)
{
    const qdn_webhook_t *w = &x->webhook;
    qdn_event_t *e = qdn_exchange_event(x, kind);
    detail_t d;

    detail_begin(&d, x->pool);
    detail_url_decision(&d, "decision", x);
    detail_str(&d, "recording_sid", recording_sid(x));
    detail_str(&d, "url", w->recording_url);
    if (w->recording_seconds >= 0) {
        detail_int(&d, "seconds", w->recording_seconds);
    }
    e->detail = detail_end(&d);
    qdn_event_identify(e, recording_sid(x));
}

void qdn_chronicle_goodbye(qdn_exchange_t *x)
{
    qdn_event_t *e = qdn_exchange_event(x, QDN_KIND_CALL_GOODBYE);
    detail_t d;

    detail_begin(&d, x->pool);
    detail_url_decision(&d, "after", x);
    e->detail = detail_end(&d);
    qdn_event_identify(e, NULL);
    qdn_chronicle_ended(x, QDN_REASON_NONE);
}

void qdn_chronicle_ended(qdn_exchange_t *x, qdn_reason_e reason)
{
    const qdn_webhook_t *w = &x->webhook;
    qdn_event_t *e = qdn_exchange_event(x, QDN_KIND_CALL_ENDED);
    detail_t d;

    detail_begin(&d, x->pool);
    detail_str(&d, "step", x->step->path);
    detail_url_decision(&d, "decision", x);
    if (x->step->token == QDN_TOKEN_PROGRESS) {
        detail_int(&d, "hop", x->progress.hop);
    }
    detail_str(&d, "status", qdn_form_get(x->fields, "CallStatus"));
    if (w->call_seconds >= 0) {
        detail_int(&d, "seconds", w->call_seconds);
    }
    e->reason = reason;
    e->detail = detail_end(&d);
    qdn_event_identify(e, NULL);
}
