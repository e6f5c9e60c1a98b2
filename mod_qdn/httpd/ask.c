/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include <string.h>

#include <apr_atomic.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "conf.h"
#include "control.h"
#include "detail.h"

#define DOCTOR                                                                 \
    "Try again in a few seconds. If it stays so, the administrator: qdnctl "   \
    "doctor says what is wrong."

static const qdn_refusal_t crowd = {
    .status = HTTP_SERVICE_UNAVAILABLE,
    .detail = "Too many people ask at once.",
    .remedy = "Try again in a few seconds.",
};
static const qdn_refusal_t slow = {
    .status = HTTP_SERVICE_UNAVAILABLE,
    .detail = "The daemon of mod_qdn does not answer in time.",
    .remedy = DOCTOR,
};
static const qdn_refusal_t away = {
    .status = HTTP_SERVICE_UNAVAILABLE,
    .detail = "The daemon of mod_qdn is not running.",
    .remedy = DOCTOR,
};

/* Of this child, in all its threads. */
static apr_uint32_t waiting;

const char *qdn_ask_sentence(const char *text, apr_pool_t *p)
{
    size_t n = strlen(text);
    char *sentence = apr_pstrcat(
        p, text, n && strchr(".!?", text[n - 1]) ? NULL : ".", NULL);

    *sentence = (char)apr_toupper(*sentence);
    return sentence;
}

static apr_status_t put(const request_rec *r, const char *request,
                        apr_interval_time_t wait, const char **panswer,
                        apr_pool_t *p)
{
    const qdn_plan_t *plan = qdn_conf_get(r->server)->plan;

    return qdn_control_ask(
        apr_pstrcat(p, plan->state_dir, "/", QDN_CONTROL_SOCKET, NULL), request,
        panswer, wait, p);
}

/* A daemon of an older version does not know every word. */
static void take_error(const char *answer, const char *error,
                       qdn_refusal_t *prefusal, apr_pool_t *p)
{
    *prefusal = (qdn_refusal_t){
        .status =
            (int)qdn_detail_number(answer, "status", HTTP_NOT_IMPLEMENTED, p),
        .detail = qdn_ask_sentence(error, p),
    };
    if (prefusal->status == HTTP_NOT_IMPLEMENTED) {
        prefusal->detail = "The daemon of mod_qdn does not know this question.";
        prefusal->remedy = "Restart httpd, so that both are of one version.";
    }
    else if (prefusal->status == HTTP_SERVICE_UNAVAILABLE) {
        prefusal->remedy = DOCTOR;
    }
}

int qdn_ask(const request_rec *r, const char *request, const char **panswer,
            qdn_refusal_t *prefusal, apr_pool_t *p)
{
    return qdn_ask_within(r, request, QDN_CONTROL_WAIT, panswer, prefusal, p);
}

int qdn_ask_within(const request_rec *r, const char *request,
                   apr_interval_time_t wait, const char **panswer,
                   qdn_refusal_t *prefusal, apr_pool_t *p)
{
    const char *error;
    apr_status_t rv;

    if (apr_atomic_inc32(&waiting) >= QDN_ASK_WAITING) {
        apr_atomic_dec32(&waiting);
        *prefusal = crowd;
        return 0;
    }
    rv = put(r, request, wait, panswer, p);
    apr_atomic_dec32(&waiting);
    if (rv) {
        *prefusal = APR_STATUS_IS_TIMEUP(rv) ? slow : away;
        return 0;
    }
    error = qdn_detail_text(*panswer, "error", p);
    if (error) {
        take_error(*panswer, error, prefusal, p);
    }
    return !error;
}
