/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>
#include "form.h"
#include "signature.h"
#include "stage.h"
#include "status.h"

#define FORM_TYPE "application/x-www-form-urlencoded; charset=utf-8"

/* Its real size, about 0.6 kB, and its percent signs; the content is none. */
#define CALL_TOKEN                                                             \
    "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9."                  \
    "eyJjYWxsU2lkIjoiQ0EwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZiIsImZyb20"  \
    "iOiIrMTYxOTU1NTAxNTAiLCJ0byI6IisxNjE5NTU1MDEwMCIsImlhdCI6IjE3NzI0MTI4MD"  \
    "AifQ.c2ltdWxhdGVkLXNpZ25hdHVyZS1vZi1zaXh0eS1mb3VyLWJ5dGVzLWluLWJhc2U2NH"  \
    "VybC1jb2RpbmctLS0tLS0tLS0tLS0%22%2C%22identityHeaderTokens%22%3A%5B%22"   \
    "eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiIsInR5cCI6InBhc3Nwb3J0In0%22%5D%7D"

static void add(apr_array_header_t *fields, const char *name, const char *value)
{
    qdn_form_add(fields, name, value ? value : "");
}

void wire_add_int(stage_t *s, apr_array_header_t *fields, const char *name,
                  int value)
{
    add(fields, name, apr_itoa(s->pool, value));
}

/* Twilio sends both names of a side, and where it is thought to be. */
static void add_side(stage_t *s, apr_array_header_t *fields, const char *name,
                     const char *other, const char *number)
{
    static const char *const where[] = { "City", "State", "Zip", "Country" };
    const char *country = strncmp(number, "+1", 2) == 0 ? "US" : "";
    int i;

    add(fields, name, number);
    if (s->play->sparse) {
        return;
    }
    add(fields, other, number);
    for (i = 0; i < 4; i++) {
        const char *value = i == 3 ? country : "";

        add(fields, apr_pstrcat(s->pool, name, where[i], NULL), value);
        add(fields, apr_pstrcat(s->pool, other, where[i], NULL), value);
    }
}

static const char *call_status(const party_t *party)
{
    const stage_t *s = party->stage;

    return party->side == QDN_LEG_CALLER && s->play->answered_early &&
                   strcmp(party->status, "ringing") == 0 && s->t->requests > 0
               ? "in-progress"
               : party->status;
}

apr_array_header_t *wire_fields(const party_t *party, const char *method)
{
    stage_t *s = party->stage;
    const qdn_play_t *play = s->play;
    apr_array_header_t *f = apr_array_make(s->pool, 32, sizeof(qdn_field_t));

    add(f, "AccountSid", play->account_sid);
    add(f, "ApiVersion", "2010-04-01");
    add(f, "CallSid", party->sid);
    add(f, "CallStatus", call_status(party));
    if (party->side == QDN_LEG_CALLEE) {
        add(f, "Direction", "outbound-dial");
        add(f, "ParentCallSid", s->caller.sid);
        add_side(s, f, "From", "Caller", party->dial->record->callerid);
        add_side(s, f, "To", "Called", party->number);
        return f;
    }
    add(f, "Direction", "inbound");
    add_side(s, f, "From", "Caller", play->from);
    add_side(s, f, "To", "Called", play->to);
    if (play->forwarded_from) {
        add(f, "ForwardedFrom", play->forwarded_from);
        add(f, "CalledVia", play->forwarded_from);
    }
    if (play->stir) {
        add(f, "StirVerstat", play->stir);
    }
    if (strcmp(method, "POST") == 0 && !play->sparse) {
        add(f, "CallToken", CALL_TOKEN);
    }
    return f;
}

void wire_add_progress(party_t *party, apr_array_header_t *fields)
{
    stage_t *s = party->stage;
    char date[64];
    apr_time_exp_t exp;
    apr_size_t len;

    apr_time_exp_gmt(&exp, qdn_agenda_now(s->agenda));
    apr_strftime(date, &len, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &exp);
    add(fields, "Timestamp", apr_pstrdup(s->pool, date));
    add(fields, "CallbackSource", "call-progress-events");
    wire_add_int(s, fields, "SequenceNumber", party->sequence++);
}

/* The part of the URL behind the public URL; NULL: Twilio cannot reach it. */
static const char *step_of(stage_t *s, const char *url)
{
    apr_size_t len = strlen(s->play->public_url);

    if (strncmp(url, s->play->public_url, len) != 0 || url[len] != '/') {
        qdn_complain(s->t->complaints, 11200,
                     "%s is not under %s, where Twilio reaches this server",
                     url, s->play->public_url);
        return NULL;
    }
    return apr_pstrmemdup(s->pool, url + len + 1, strcspn(url + len + 1, "?#"));
}

static void prepare(stage_t *s, qdn_delivery_t *d, const char *method,
                    const char *url, const apr_array_header_t *fields)
{
    const char *form = qdn_form_encode(fields, s->pool);
    qdn_signed_t what = { .url = url, .form = fields };

    memset(d, 0, sizeof(*d));
    d->method = method;
    d->body = form;
    d->content_type = FORM_TYPE;
    d->url = apr_pstrmemdup(s->pool, url, strcspn(url, "#"));
    if (strcmp(method, "GET") == 0) {
        d->url = apr_pstrcat(s->pool, d->url, strchr(d->url, '?') ? "&" : "?",
                             form, NULL);
        d->body = "";
        d->content_type = NULL;
        what.form = NULL;
    }
    what.url = d->url;
    d->signature = qdn_signature_make(&what, s->play->auth_token, s->pool);
    d->token = stage_sid(s, "");
}

/* Requests never share a microsecond: what came first stays first in SQL. */
static apr_status_t deliver(stage_t *s, qdn_delivery_t *d)
{
    apr_time_t now = qdn_agenda_now(s->agenda);
    const char *error = NULL;
    apr_status_t rv;

    s->wire = now > s->wire ? now : s->wire + APR_TIME_C(1000);
    d->now = s->wire;
    rv = s->play->transport(s->play->transport_baton, d, &error, s->pool);
    if (rv != APR_SUCCESS) {
        qdn_complain(s->t->complaints, 11200, "no answer from %s: %s", d->url,
                     error ? error : "it does not say why");
    }
    return rv;
}

static int same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void deliver_again(stage_t *s, const qdn_delivery_t *first,
                          const char *step)
{
    qdn_delivery_t second = *first;

    if (deliver(s, &second) != APR_SUCCESS) {
        return;
    }
    if (second.status != first->status ||
        second.reply_len != first->reply_len ||
        !same(second.reply_type, first->reply_type) ||
        memcmp(second.reply, first->reply, first->reply_len) != 0) {
        qdn_complain(s->t->complaints, 0,
                     "%s was delivered twice and answered in two ways: %s "
                     "and %s",
                     step, first->reply, second.reply);
    }
}

/* APR_SUCCESS: there is an answer of status 200 (or 204). */
static apr_status_t send_one(party_t *party, qdn_delivery_t *d,
                             const char **pstep, const char *method,
                             const char *url, const apr_array_header_t *fields)
{
    stage_t *s = party->stage;
    apr_status_t rv;

    *pstep = step_of(s, url);
    if (!*pstep || s->stopped) {
        return QDN_EMALFORMED;
    }
    if (++s->t->requests > QDN_PLAYER_REQUESTS) {
        s->stopped = 1;
        qdn_complain(s->t->complaints, 0, "more than %d webhooks: a loop",
                     QDN_PLAYER_REQUESTS);
        return QDN_ETOOBIG;
    }
    if (s->play->lost && !s->lost && strcmp(s->play->lost, *pstep) == 0) {
        s->lost = 1;
        stage_say(s, party->who, "Twilio cannot reach %s", *pstep);
        return APR_ECONNREFUSED;
    }
    prepare(s, d, method, url, fields);
    rv = deliver(s, d);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (s->play->twice) {
        deliver_again(s, d, *pstep);
    }
    if (d->status != 200 && d->status != 204) {
        qdn_complain(s->t->complaints, 11200, "%s answered %d: %.200s", *pstep,
                     d->status, d->reply);
        return QDN_EREFUSED;
    }
    return APR_SUCCESS;
}

const qdn_verb_t *wire_ask(party_t *party, const char *method, const char *url,
                           const apr_array_header_t *fields)
{
    stage_t *s = party->stage;
    qdn_delivery_t d;
    qdn_document_t *document;
    const char *step;
    qdn_verb_t *root;

    if (send_one(party, &d, &step, method, url, fields) != APR_SUCCESS ||
        qdn_twiml_doc_read(&root, d.reply, d.reply_len, d.reply_type,
                           party->side, s->t->complaints,
                           s->pool) != APR_SUCCESS) {
        return NULL;
    }
    document = apr_array_push(s->t->documents);
    document->side = party->side;
    document->step = step;
    document->root = root;
    return root;
}

void wire_tell(party_t *party, const char *method, const char *url,
               const apr_array_header_t *fields)
{
    qdn_delivery_t d;
    const char *step;

    send_one(party, &d, &step, method, url, fields);
}
