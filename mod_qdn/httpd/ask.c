/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include <string.h>

#include <ap_mpm.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "clock.h"
#include "conf.h"
#include "control.h"
#include "detail.h"

#define GRACE apr_time_from_sec(1) /* a wait may end a little late */

#define DOCTOR                                                                 \
    "Try again in a few seconds. If it stays so, the administrator: qdnctl "   \
    "doctor says what is wrong."

const char qdn_ask_crowd[] = "Too many people ask at once.";

static const qdn_refusal_t crowd = {
    .status = HTTP_SERVICE_UNAVAILABLE,
    .detail = qdn_ask_crowd,
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

/*
 * A place is taken until a time by qdn_clock_mono, so that none is lost with a
 * child that was killed. These are of this child, in all its threads.
 */
static apr_int64_t own[QDN_ASK_WAITING];

static apr_int64_t *places_of(const request_rec *r)
{
    int threaded = AP_MPMQ_NOT_SUPPORTED;

    ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded);
    return threaded == AP_MPMQ_NOT_SUPPORTED
               ? qdn_conf_get(r->server)->shm.places
               : own;
}

/* A place until then; NULL: all are taken. */
static apr_int64_t *take_place(apr_int64_t *places, apr_int64_t now,
                               apr_int64_t until)
{
    int i;

    for (i = 0; i < QDN_ASK_WAITING; i++) {
        apr_int64_t taken = __atomic_load_n(&places[i], __ATOMIC_ACQUIRE);

        if (taken <= now &&
            __atomic_compare_exchange_n(&places[i], &taken, until, 0,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            return &places[i];
        }
    }
    return NULL;
}

/* It may be somebody else's by now. */
static void leave_place(apr_int64_t *place, apr_int64_t until)
{
    __atomic_compare_exchange_n(place, &until, 0, 0, __ATOMIC_ACQ_REL,
                                __ATOMIC_ACQUIRE);
}

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
    apr_interval_time_t now = qdn_clock_mono();
    apr_int64_t until = now + wait + GRACE;
    apr_int64_t *place = take_place(places_of(r), now, until);
    const char *error;
    apr_status_t rv;

    if (!place) {
        *prefusal = crowd;
        return 0;
    }
    rv = put(r, request, wait, panswer, p);
    leave_place(place, until);
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
