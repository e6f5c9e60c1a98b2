/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SERVICE_H
#define QDN_SERVICE_H

/*
 * The module's work without httpd: a webhook comes in as qdn_request_t and
 * leaves as qdn_reply_t, having been verified, decided and recorded. The
 * shell, the unit tests and the fuzz targets call the same function.
 */

#include "cascade.h"
#include "counter.h"
#include "engaged.h"
#include "event.h"
#include "facts.h"
#include "keyring.h"
#include "lookout.h"
#include "meter.h"
#include "recall.h"
#include "request.h"
#include "tally.h"
#include "webhook.h"

/* See qdn_journal_append, which is what the shell plugs in. */
typedef apr_status_t qdn_record_cb(void *baton, const qdn_event_t *events,
                                   int n, apr_pool_t *p);

/*
 * Is this rule's expression true for this call? 1 yes, 0 no, -1 it could
 * not be evaluated (the shell has logged why).
 */
typedef int qdn_rule_cb(void *baton, const qdn_rule_t *rule,
                        const qdn_subject_t *subject);

/* What every step needs; filled once per process, then read-only. */
typedef struct qdn_service_t {
    const qdn_plan_t *plan;
    const qdn_keyring_t *keyring;
    const char *host;         /* this host's name in events and ids */
    qdn_counters_t *counters; /* shared, or NULL */
    qdn_recall_t *replies;    /* shared, or NULL: nothing is remembered */
    qdn_recall_t *legs;       /* likewise; fates of callees' legs */
    qdn_engaged_t *talks;     /* shared, or NULL: nobody talks */
    qdn_tally_t *tally;       /* shared, or NULL: each call is the first */
    qdn_meter_t *meter;       /* shared, or NULL */
    qdn_lookout_t *lookout;   /* NULL: nothing was found out */
    qdn_record_cb *record;
    void *record_baton;
    qdn_rule_cb *rule; /* NULL: rules never match */
} qdn_service_t;

/*
 * Answer one webhook. In this order: method 405, size 413,
 * content type 415, signature 403, account 403, step 404, parameters 400;
 * then the step. Never fails: whatever happens, *preply is a reply, and for
 * a signed step of the caller it is TwiML. rules_baton is passed to `rule`
 * (the request_rec).
 */
void qdn_service_answer(const qdn_service_t *service,
                        const qdn_request_t *request, void *rules_baton,
                        qdn_reply_t *preply);

/* The webhooks there are, "voice" ..., by their place; NULL: no more. */
const char *qdn_service_step(int place);

#endif
