/* SPDX-License-Identifier: Apache-2.0 */
#include "office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_strings.h>
#include <string.h>
#include "conf_reader.h"
#include "log.h"
#include "signature.h"

#define FORM "application/x-www-form-urlencoded; charset=UTF-8"

static const char operators[] = "QDNSecrets dotenv:/etc/qdn/repos.env\n"
                                "QDNPublicURL " OFFICE_URL "\n"
                                "<QDNOperator sergio>\n"
                                "QDNPhone primary +16195550101\n"
                                "QDNPhone backup +18585550102\n"
                                "QDNPhone direct +18585550104 confirm=none\n"
                                "</QDNOperator>\n"
                                "<QDNOperator ana>\n"
                                "QDNPhone mobile +16195550103\n"
                                "</QDNOperator>\n";

/* As a journal line, because an event's strings live no longer than this. */
static apr_status_t record(void *baton, const qdn_event_t *events, int n,
                           apr_pool_t *p)
{
    office_t *o = baton;
    int i;

    for (i = 0; i < n; i++) {
        apr_size_t len;
        const char *line = qdn_event_encode(&events[i], &len, p);

        assert_int_equal(
            qdn_event_decode(apr_array_push(o->events), line, len, o->pool),
            APR_SUCCESS);
    }
    return o->record_status;
}

static int rule(void *baton, const qdn_rule_t *r, const qdn_subject_t *subject)
{
    (void)baton;
    (void)subject;
    return strcmp(r->expr, "true") == 0 ? 1 : strcmp(r->expr, "-") ? 0 : -1;
}

static void listen_to(void *baton, qdn_log_level_e level, apr_status_t status,
                      const char *message)
{
    office_t *o = baton;

    (void)level;
    (void)status;
    APR_ARRAY_PUSH(o->messages, const char *) = apr_pstrdup(o->pool, message);
}

static qdn_recall_t *memory(apr_pool_t *p)
{
    return qdn_recall_init(apr_pcalloc(p, qdn_recall_size(64, 512)), 64, 512);
}

static const qdn_keyring_t *keyring(apr_pool_t *p)
{
    qdn_keyring_t *ring = qdn_keyring_create(p);
    qdn_secrets_t *secrets = apr_pcalloc(p, sizeof(*secrets));
    const char *error;

    secrets->spec = "dotenv:/etc/qdn/repos.env";
    secrets->values = apr_table_make(p, 2);
    apr_table_setn(secrets->values, "TWILIO_ACCOUNT_SID", OFFICE_SID);
    apr_table_setn(secrets->values, "TWILIO_AUTH_TOKEN", OFFICE_TOKEN);
    assert_int_equal(qdn_keyring_add(ring, secrets, &error, p), APR_SUCCESS);
    return ring;
}

office_t *office_open(const char *line_conf)
{
    apr_pool_t *p;
    office_t *o;
    qdn_plan_t *plan;
    const char *error;

    apr_pool_create(&p, NULL);
    o = apr_pcalloc(p, sizeof(*o));
    o->pool = p;
    o->now = apr_time_from_sec(1768400000);
    o->events = apr_array_make(p, 16, sizeof(qdn_event_t));
    o->messages = apr_array_make(p, 16, sizeof(const char *));
    error = qdn_test_read_conf(&plan,
                               apr_pstrcat(p, operators,
                                           "<QDNLine " OFFICE_LINE ">\n",
                                           line_conf, "\n</QDNLine>\n", NULL),
                               NULL, p);
    if (error) {
        fail_msg("%s", error);
    }
    o->service = (qdn_service_t){ .plan = plan,
                                  .keyring = keyring(p),
                                  .host = "host-a",
                                  .counters = &o->counters,
                                  .replies = memory(p),
                                  .legs = memory(p),
                                  .record = record,
                                  .record_baton = o,
                                  .rule = rule };
    qdn_log_set_sink(listen_to, o, QDN_LOG_DEBUG);
    return o;
}

void office_close(office_t *o)
{
    qdn_log_set_sink(NULL, NULL, QDN_LOG_ERR);
    apr_pool_destroy(o->pool);
}

qdn_request_t office_request(office_t *o, const char *path,
                             const char *parameters)
{
    const char *body = apr_pstrcat(o->pool, "AccountSid=" OFFICE_SID,
                                   strstr(parameters, "CallSid=") == parameters
                                       ? ""
                                       : "&CallSid=" OFFICE_CALL,
                                   *parameters ? "&" : "", parameters, NULL);

    return (qdn_request_t){
        .pool = o->pool,
        .now = o->now,
        .method = "POST",
        .target = apr_pstrcat(o->pool, "/qdn/twilio/", path, NULL),
        .endpoint = APR_ARRAY_IDX(o->service.plan->endpoints, 0,
                                  const qdn_endpoint_t *),
        .content_type = FORM,
        .body = body,
        .body_len = strlen(body)
    };
}

void office_sign(office_t *o, qdn_request_t *request)
{
    apr_array_header_t *form = NULL;
    qdn_signed_t what = {
        .url = apr_pstrcat(o->pool, request->endpoint->url,
                           request->target + strlen(request->endpoint->prefix),
                           NULL)
    };

    if (strcmp(request->method, "POST") == 0 &&
        strstr(request->content_type, "form-urlencoded")) {
        assert_int_equal(
            qdn_form_parse(&form, request->body, request->body_len, o->pool),
            APR_SUCCESS);
    }
    what.form = form;
    request->signature = qdn_signature_make(&what, OFFICE_TOKEN, o->pool);
}

qdn_reply_t office_answer(office_t *o, const qdn_request_t *request)
{
    qdn_reply_t reply;

    qdn_service_answer(&o->service, request, o, &reply);
    return reply;
}

qdn_reply_t office_post(office_t *o, const char *path, const char *parameters)
{
    qdn_request_t request = office_request(o, path, parameters);

    office_sign(o, &request);
    return office_answer(o, &request);
}

const char *office_find_url(office_t *o, const qdn_reply_t *reply,
                            const char *step)
{
    const char *at = strstr(
        reply->body, apr_pstrcat(o->pool, OFFICE_URL "/", step, "?", NULL));

    if (!at) {
        fail_msg("no %s in %s", step, reply->body);
        return NULL;
    }
    at += strlen(OFFICE_URL) + 1;
    return apr_pstrndup(o->pool, at, strcspn(at, "\"<"));
}

int office_count(const office_t *o, qdn_kind_e kind)
{
    int i, n = 0;

    for (i = 0; i < o->events->nelts; i++) {
        n += APR_ARRAY_IDX(o->events, i, qdn_event_t).kind == kind;
    }
    return n;
}

const qdn_event_t *office_last(const office_t *o, qdn_kind_e kind)
{
    int i;

    for (i = o->events->nelts; i-- > 0;) {
        if (APR_ARRAY_IDX(o->events, i, qdn_event_t).kind == kind) {
            return &APR_ARRAY_IDX(o->events, i, qdn_event_t);
        }
    }
    return NULL;
}

int office_logged(const office_t *o, const char *tag)
{
    int i;

    for (i = 0; i < o->messages->nelts; i++) {
        const char *message = APR_ARRAY_IDX(o->messages, i, const char *);

        if (strncmp(message, tag, strlen(tag)) == 0) {
            return 1;
        }
    }
    return 0;
}
