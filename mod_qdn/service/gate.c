/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include "log.h"
#include "signature.h"
#include "status.h"

/* Strangers must not make us compute a signature for each subaccount. */
#define TRIED_FOR_THE_LOG 8

#define FORM_TYPE "application/x-www-form-urlencoded"

/* A way to be refused. The texts go to strangers: they tell nothing. */
typedef struct refusal_t {
    int status;
    qdn_counter_e counter;
    const char *tag;
    const char *body;
} refusal_t;

static const refusal_t bad_method = { 405, QDN_COUNT_BAD_METHOD, QDNLOGNO(0511),
                                      "method not allowed\n" };
static const refusal_t too_large = { 413, QDN_COUNT_TOO_LARGE, QDNLOGNO(0512),
                                     "body too large\n" };
static const refusal_t bad_type = { 415, QDN_COUNT_BAD_TYPE, QDNLOGNO(0513),
                                    "unsupported content type\n" };
static const refusal_t bad_signature = { 403, QDN_COUNT_BAD_SIGNATURE,
                                         QDNLOGNO(0514), "bad signature\n" };
static const refusal_t bad_account = { 403, QDN_COUNT_BAD_ACCOUNT,
                                       QDNLOGNO(0515), "unknown account\n" };
static const refusal_t bad_step = { 404, QDN_COUNT_BAD_STEP, QDNLOGNO(0516),
                                    "no such step\n" };
static const refusal_t malformed = { 400, QDN_COUNT_MALFORMED, QDNLOGNO(0517),
                                     "malformed parameters\n" };

/* What the checks share while they run. */
typedef struct gate_t {
    qdn_exchange_t *x;
    const qdn_step_t *steps;
    const char *path; /* of the step, below the prefix, not terminated */
    apr_size_t path_len;
    const char *url; /* as Twilio requested it */
    int is_form;     /* a POST whose parameters are in the body */
    apr_array_header_t *query;
    const char *why; /* for the log: what exactly is wrong */
} gate_t;

static const refusal_t *check_method(gate_t *g)
{
    const qdn_request_t *r = g->x->request;

    if (strcmp(r->method, "POST") == 0 || strcmp(r->method, "GET") == 0) {
        return NULL;
    }
    g->why = r->method;
    return &bad_method;
}

static const refusal_t *check_size(gate_t *g)
{
    g->why = "more than 64 KiB";
    return g->x->request->body_len > QDN_BODY_MAX ? &too_large : NULL;
}

/* "application/x-www-form-urlencoded", whatever parameters follow. */
static int is_form_type(const char *type)
{
    apr_size_t n = sizeof(FORM_TYPE) - 1;

    return type && strncasecmp(type, FORM_TYPE, n) == 0 &&
           (type[n] == '\0' || type[n] == ';' || apr_isspace(type[n]));
}

static const refusal_t *check_type(gate_t *g)
{
    const qdn_request_t *r = g->x->request;
    const char *type = r->content_type;

    if (strcmp(r->method, "GET") == 0) {
        return NULL;
    }
    /* An empty body needs no type: a form without fields. */
    g->is_form = is_form_type(type) || (!type && r->body_len == 0);
    if (g->is_form || qdn_signature_body(g->url, r->body, r->body_len,
                                         r->pool) != APR_NOTFOUND) {
        return NULL; /* a wrong digest is a matter of the signature */
    }
    g->why = type ? "neither a form nor bodySHA256" : "no content type";
    return &bad_type;
}

/* Decode what is signed: a POST's body, else the query is all there is. */
static int read_fields(gate_t *g)
{
    const qdn_request_t *r = g->x->request;
    const char *query = strchr(r->target, '?');
    apr_array_header_t *fields;

    query = query ? query + 1 : "";
    if (qdn_form_parse(&g->query, query, strlen(query), r->pool) !=
        APR_SUCCESS) {
        return 0;
    }
    g->x->fields = g->query;
    if (!g->is_form) {
        return 1;
    }
    if (qdn_form_parse(&fields, r->body, r->body_len, r->pool) != APR_SUCCESS) {
        return 0;
    }
    g->x->fields = fields;
    return 1;
}

static int signed_by(gate_t *g, const qdn_account_t *account)
{
    const qdn_request_t *r = g->x->request;
    qdn_signed_t what = { g->url, g->is_form ? g->x->fields : NULL };

    return qdn_signature_verify(&what, account->tokens, r->signature, r->pool);
}

/*
 * The account is chosen by AccountSid, then its tokens are tried. For an
 * AccountSid that is not ours all accounts are tried, only to say the right
 * thing in the log: somebody else, or a number of another account that
 * points here.
 */
static const refusal_t *check_signature(gate_t *g)
{
    const qdn_request_t *r = g->x->request;
    const apr_array_header_t *accounts = g->x->service->keyring->accounts;
    const char *sid;
    int i;

    g->why = "no X-Twilio-Signature";
    if (!r->signature) {
        return &bad_signature;
    }
    g->why = "not a form that Twilio could have signed";
    if (!read_fields(g)) {
        return &bad_signature;
    }
    g->why = "bodySHA256 does not fit the body";
    if (strcmp(r->method, "GET") != 0 && !g->is_form &&
        qdn_signature_body(g->url, r->body, r->body_len, r->pool) !=
            APR_SUCCESS) {
        return &bad_signature;
    }
    g->why = "the signature does not fit; is QDNPublicURL the URL that Twilio "
             "calls, and the auth token the account's?";
    sid = qdn_form_get(g->x->fields, "AccountSid");
    g->x->account = qdn_keyring_find(g->x->service->keyring, sid);
    if (g->x->account) {
        return signed_by(g, g->x->account) ? NULL : &bad_signature;
    }
    for (i = 0; i < accounts->nelts && i < TRIED_FOR_THE_LOG; i++) {
        if (signed_by(g, APR_ARRAY_IDX(accounts, i, qdn_account_t *))) {
            return NULL; /* check_account refuses */
        }
    }
    return &bad_signature;
}

static const refusal_t *check_account(gate_t *g)
{
    g->why = "AccountSid is not one of QDNSecrets";
    return g->x->account ? NULL : &bad_account;
}

static const refusal_t *check_step(gate_t *g)
{
    const qdn_step_t *step;

    for (step = g->steps; step->path; step++) {
        if (strlen(step->path) == g->path_len &&
            memcmp(step->path, g->path, g->path_len) == 0) {
            g->x->step = step;
            return NULL;
        }
    }
    g->why = "not a webhook of this module";
    return &bad_step;
}

/* The caller's CallSid and the line's number, from where they may be read. */
static const char *read_token(gate_t *g)
{
    qdn_exchange_t *x = g->x;
    const char *line = x->webhook.to;
    const char *parent = x->webhook.parent_call_sid;

    x->call_sid = x->webhook.call_sid;
    switch (x->step->token) {
    case QDN_TOKEN_NONE:
        break;
    case QDN_TOKEN_PROGRESS:
        if (qdn_progress_decode(&x->progress, qdn_form_get(g->query, "s"),
                                x->pool) != APR_SUCCESS) {
            return "query parameter s is not one of ours";
        }
        line = x->progress.line;
        break;
    case QDN_TOKEN_LEG:
        if (qdn_leg_decode(&x->leg, qdn_form_get(g->query, "l")) !=
            APR_SUCCESS) {
            return "query parameter l is not one of ours";
        }
        if (*parent && strcmp(parent, x->leg.call) != 0) {
            return "ParentCallSid is not the call of this URL";
        }
        x->call_sid = x->leg.call;
        line = x->leg.line;
        break;
    }
    x->line = qdn_plan_line(x->service->plan, line);
    /* Without a token `line` is only what somebody has called. */
    x->line_number = x->line                            ? x->line->number
                     : x->step->token != QDN_TOKEN_NONE ? line
                                                        : NULL;
    return NULL;
}

static const refusal_t *check_parameters(gate_t *g)
{
    qdn_exchange_t *x = g->x;

    if (qdn_webhook_parse(&x->webhook, x->fields, &g->why, x->pool) !=
        APR_SUCCESS) {
        return &malformed;
    }
    g->why = read_token(g);
    return g->why ? &malformed : NULL;
}

/* A subaccount speaks for its own lines only. */
static const refusal_t *check_line(gate_t *g)
{
    qdn_exchange_t *x = g->x;
    const char *source = x->service->plan->secrets;

    if (x->line && x->line->secrets) {
        source = x->line->secrets;
    }
    g->why = "this account's QDNSecrets are not those of the line";
    return !x->line ||
                   qdn_keyring_covers(x->service->keyring, x->account, source)
               ? NULL
               : &bad_account;
}

static const refusal_t *(*const checks[])(gate_t *) = {
    check_method,  check_size, check_type,       check_signature,
    check_account, check_step, check_parameters, check_line,
};

static void refuse(const gate_t *g, const refusal_t *refusal,
                   qdn_reply_t *preply)
{
    memset(preply, 0, sizeof(*preply));
    preply->status = refusal->status;
    preply->content_type = "text/plain; charset=utf-8";
    preply->body = refusal->body;
    preply->allow = refusal->status == 405 ? "GET, POST" : NULL;
    qdn_counter_add(g->x->service->counters, refusal->counter, 1);
    if (refusal == &bad_signature) {
        qdn_meter_refused(g->x->service->meter, g->x->request->now);
    }
    qdn_log(QDN_LOG_WARNING, APR_SUCCESS, "%swebhook refused with %d: %s",
            refusal->tag, refusal->status, g->why);
}

apr_status_t qdn_gate_admit(qdn_exchange_t *px, const qdn_step_t *steps,
                            qdn_reply_t *preply)
{
    const qdn_request_t *r = px->request;
    gate_t g = { .x = px, .steps = steps };
    apr_size_t i;

    /* The shell has made sure that the target begins with the prefix. */
    g.path = r->target + strlen(r->endpoint->prefix);
    g.url = apr_pstrcat(r->pool, r->endpoint->url, g.path, NULL);
    g.path += *g.path == '/';
    g.path_len = strcspn(g.path, "?");
    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        const refusal_t *refusal = checks[i](&g);

        if (refusal) {
            refuse(&g, refusal, preply);
            return QDN_EFORBIDDEN;
        }
    }
    return APR_SUCCESS;
}
