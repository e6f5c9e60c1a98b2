/* SPDX-License-Identifier: Apache-2.0 */
#include "handler.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>

#include "body.h"
#include "conf.h"
#include "log.h"
#include "private.h"
#include "target.h"

#define TEST_CLOCK "QDN-Test-Clock"

/* What the shell refuses before the service sees it. */
typedef struct refusal_t {
    int status;
    qdn_counter_e counter;
    const char *text;
    const char *log;
} refusal_t;

static const refusal_t not_ours = {
    .status = HTTP_FORBIDDEN,
    .counter = QDN_COUNT_BAD_TARGET,
    .text = "not a webhook address\n",
    .log = QDNLOGNO(0620) "refused with 403: the request target does not "
                          "begin with the path of QDNPublicURL"
};
static const refusal_t too_slow = {
    .status = HTTP_REQUEST_TIME_OUT,
    .counter = QDN_COUNT_TIMEOUT,
    .text = "body too slow\n",
    .log = QDNLOGNO(0621) "refused with 408: the body did not arrive in time"
};
static const refusal_t broken = {
    .status = HTTP_BAD_REQUEST,
    .counter = QDN_COUNT_MALFORMED,
    .text = "unreadable body\n",
    .log = QDNLOGNO(0622) "refused with 400: the body could not be read"
};

/*
 * OK is returned with whatever status: for any other return value httpd
 * would put its own text, or an ErrorDocument, in place of ours.
 */
static int write_reply(request_rec *r, const qdn_reply_t *reply)
{
    r->status = reply->status;
    ap_set_content_type(r, reply->content_type);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    if (reply->allow) {
        apr_table_setn(r->headers_out, "Allow", reply->allow);
    }
    apr_table_setn(r->subprocess_env, "no-gzip", "1");
    apr_table_setn(r->subprocess_env, "no-brotli", "1");
    ap_set_content_length(r, (apr_off_t)strlen(reply->body));
    ap_rputs(reply->body, r);
    return OK;
}

static int refuse(request_rec *r, const refusal_t *why)
{
    const qdn_conf_t *conf = qdn_conf_get(r->server);
    qdn_reply_t reply = { .status = why->status,
                          .content_type = "text/plain; charset=utf-8",
                          .body = why->text };

    qdn_counter_add(conf->shm.counters, why->counter, 1);
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r, "%s", why->log);
    return write_reply(r, &reply);
}

/*
 * Only with -D QDN_TEST_CLOCK: whoever may set it can have decisions made
 * for any time of the week.
 */
static apr_time_t arrival(const request_rec *r, const qdn_conf_t *conf)
{
    const char *given =
        conf->test_clock ? apr_table_get(r->headers_in, TEST_CLOCK) : NULL;

    if (given && *given && !given[strspn(given, "0123456789")]) {
        return apr_strtoi64(given, NULL, 10);
    }
    return r->request_time;
}

static int answer(request_rec *r, const qdn_conf_t *conf,
                  const qdn_endpoint_t *endpoint, const char *target)
{
    qdn_request_t request = {
        .pool = r->pool,
        .now = arrival(r, conf),
        .method = r->method,
        .target = target,
        .endpoint = endpoint,
        .content_type = apr_table_get(r->headers_in, "Content-Type"),
        .signature = apr_table_get(r->headers_in, "X-Twilio-Signature"),
        .body = "",
    };
    qdn_reply_t reply;

    if (r->method_number == M_POST) {
        int status = qdn_body_read(r, QDN_BODY_MAX, QDN_HANDLER_BODY_WAIT,
                                   &request.body, &request.body_len);

        if (status == AP_FILTER_ERROR) {
            return status;
        }
        if (status == HTTP_REQUEST_TIME_OUT) {
            return refuse(r, &too_slow);
        }
        if (status != OK) {
            return refuse(r, &broken);
        }
    }
    qdn_service_answer(&conf->service, &request, r, &reply);
    return write_reply(r, &reply);
}

static int handle(request_rec *r)
{
    const qdn_conf_t *conf = qdn_conf_get(r->server);
    const qdn_endpoint_t *endpoint;
    const char *target;

    if (!r->handler || strcmp(r->handler, QDN_HANDLER)) {
        return DECLINED;
    }
    target = qdn_target_raw(r);
    endpoint = r->main ? NULL : qdn_target_endpoint(r, target);
    if (!endpoint) {
        return refuse(r, &not_ours);
    }
    return answer(r, conf, endpoint, target);
}

void qdn_handler_register_hooks(void)
{
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}
