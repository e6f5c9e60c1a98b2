/* SPDX-License-Identifier: Apache-2.0 */
#include "health_page.h"

#include <string.h>

#include <apr_strings.h>
#include <http_protocol.h>

#include "ask.h"
#include "clock.h"
#include "conf.h"
#include "detail.h"
#include "gauges.h"
#include "member.h"
#include "page.h"
#include "private.h"
#include "rights.h"
#include "target.h"
#include "veil.h"

/* The daemon answers in a few milliseconds; a monitor waits for a second. */
#define WAIT apr_time_from_msec(900)

static const char *status_of(qdn_colour_e colour)
{
    static const char *const words[] = { "pass", "warn", "fail" };

    return words[colour];
}

static qdn_colour_e colour_of(const char *report, apr_pool_t *p)
{
    const char *word = qdn_detail_text(report, "health", p);
    qdn_colour_e colour = QDN_GREEN;

    while (colour < QDN_RED &&
           (!word || strcmp(word, qdn_health_colour(colour)))) {
        colour++;
    }
    return colour;
}

/* {"status":..., and what the daemon says */
static const char *tell_report(const char *report, qdn_colour_e colour,
                               apr_pool_t *p)
{
    return apr_psprintf(p, "{\"status\":\"%s\",%s", status_of(colour),
                        report + 1);
}

/* The one check that can be made without it. */
static const char *tell_away(const qdn_conf_t *conf, const char *why,
                             apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 512, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "status", status_of(QDN_RED));
    qdn_member_text(&t, "health", qdn_health_colour(QDN_RED));
    qdn_member_time(&t, "now", qdn_clock_now());
    qdn_member_text(&t, "host", conf->host);
    qdn_member_open(&t, "checks", '[');
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "name", qdn_health_check(QDN_CHECK_DAEMON));
    qdn_member_text(&t, "colour", qdn_health_colour(QDN_RED));
    qdn_member_raw(&t, "since", NULL);
    qdn_member_raw(&t, "age", NULL);
    qdn_member_text(&t, "what", why);
    qdn_member_text(&t, "do",
                    "The administrator: see httpd's error log; if this "
                    "lasts, restart httpd");
    qdn_member_close(&t, '{');
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}

/* What the daemon said of itself last, in shared memory. */
static const char *tell_verdict(const request_rec *r, qdn_colour_e *pcolour)
{
    const qdn_conf_t *conf = qdn_conf_get(r->server);

    (void)qdn_gauges_verdict(conf->shm.gauges, qdn_clock_mono(), pcolour);
    return apr_psprintf(r->pool, "{\"status\":\"%s\"}", status_of(*pcolour));
}

static const char *tell_all(const request_rec *r, const qdn_rights_t *rights,
                            qdn_colour_e *pcolour)
{
    const qdn_conf_t *conf = qdn_conf_get(r->server);
    const char *text, *report;
    qdn_refusal_t refusal;

    if (qdn_ask_within(r, "{\"ask\":\"health-report\"}", WAIT, &report,
                       &refusal, r->pool)) {
        *pcolour = colour_of(report, r->pool);
        text = tell_report(report, *pcolour, r->pool);
    }
    else if (refusal.detail == qdn_ask_crowd) {
        text = tell_verdict(r, pcolour); /* a crowd is no trouble */
    }
    else {
        *pcolour = QDN_RED;
        text = tell_away(conf, refusal.detail, r->pool);
    }
    return rights->masked ? qdn_veil_numbers(conf->plan, text, r->pool) : text;
}

static int handle(request_rec *r)
{
    const qdn_conf_t *conf = qdn_conf_get(r->server);
    qdn_page_t page = { .type = "application/health+json",
                        .cache = "no-store" };
    qdn_rights_t rights;
    qdn_colour_e colour;

    if (!r->handler || strcmp(r->handler, QDN_HANDLER_HEALTH)) {
        return DECLINED;
    }
    qdn_page_guard(r);
    if (r->method_number != M_GET) {
        return qdn_page_wrong_method(r, "GET, HEAD");
    }
    qdn_rights_find(&rights, conf->plan, r->user, r->pool);
    if (rights.role == QDN_ROLE_NONE) {
        page.bytes = tell_verdict(r, &colour);
    }
    else {
        page.bytes = tell_all(r, &rights, &colour);
    }
    page.len = strlen(page.bytes);
    r->status = colour == QDN_RED ? HTTP_SERVICE_UNAVAILABLE : HTTP_OK;
    return qdn_page_send(r, &page);
}

void qdn_health_page_register_hooks(void)
{
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}
