/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard.h"

#include <string.h>

#include <apr_strings.h>
#include <http_protocol.h>

#include "api.h"
#include "assets.h"
#include "conf.h"
#include "log.h"
#include "page.h"
#include "private.h"
#include "rights.h"
#include "target.h"

#define INDEX "index.html"
#define API   "api/"

/* What is wrong with the configuration, for visitor and administrator. */
typedef struct mistake_t {
    qdn_refusal_t told;
    int level; /* anybody can see that nobody is known: no flood of errors */
    const char *log;
} mistake_t;

static const mistake_t nowhere = {
    .told = { .status = HTTP_INTERNAL_SERVER_ERROR,
              .detail = "The dashboard does not know its own address.",
              .remedy = "Put SetHandler qdn-dashboard into a <Location> with a "
                        "plain path, without a pattern." },
    .level = APLOG_ERR,
    .log = QDNLOGNO(0740) "qdn-dashboard was set by something else than a "
                          "plain <Location>, so it does not know where it "
                          "begins"
};
static const mistake_t nobody = {
    .told = { .status = HTTP_FORBIDDEN,
              .detail = "Nobody has logged in, so nothing is shown.",
              .remedy = "Put AuthType and Require valid-user into the "
                        "<Location> of qdn-dashboard, as "
                        "conf/qdn-dashboard.conf does." },
    .level = APLOG_INFO,
    .log = QDNLOGNO(0741) "qdn-dashboard stands in a <Location> without "
                          "AuthType and Require valid-user, so nobody can use "
                          "it"
};

static int refuse_mistake(request_rec *r, const mistake_t *mistake)
{
    ap_log_rerror(APLOG_MARK, mistake->level, 0, r, "%s", mistake->log);
    return qdn_page_refuse(r, &mistake->told);
}

static int refuse_stranger(request_rec *r)
{
    qdn_refusal_t stranger = { .status = HTTP_FORBIDDEN };

    stranger.detail =
        apr_pstrcat(r->pool, "The login '", r->user,
                    "' may neither see nor change anything here.", NULL);
    stranger.remedy = "Name it in QDNViewer or QDNAdmin, or in QDNLogin of "
                      "an operator.";
    return qdn_page_refuse(r, &stranger);
}

static int send_asset(request_rec *r, const char *name)
{
    static const qdn_refusal_t absent = {
        .status = HTTP_NOT_FOUND,
        .detail = "There is no such page.",
        .remedy = "Begin at the address of the dashboard itself.",
    };
    const qdn_asset_t *asset = qdn_asset_find(*name ? name : INDEX);
    qdn_page_t page;

    if (!asset) {
        return qdn_page_refuse(r, &absent);
    }
    if (r->method_number != M_GET) {
        return qdn_page_wrong_method(r, "GET, HEAD");
    }
    page = (qdn_page_t){ .type = asset->type,
                         .etag = asset->etag,
                         .cache = "no-cache",
                         .bytes = (const char *)asset->bytes,
                         .len = asset->len };
    return qdn_page_send(r, &page);
}

/* What follows the dashboard's own address. */
static int answer(request_rec *r, const qdn_rights_t *rights, const char *mount)
{
    const char *path = r->uri + strlen(mount);

    if (!*path) {
        return qdn_page_redirect(r, apr_pstrcat(r->pool, mount, "/", NULL));
    }
    path++;
    return strncmp(path, API, strlen(API))
               ? send_asset(r, path)
               : qdn_api_answer(r, rights, path + strlen(API));
}

static int handle(request_rec *r)
{
    qdn_rights_t rights;
    const char *mount;

    if (!r->handler || strcmp(r->handler, QDN_HANDLER_DASHBOARD)) {
        return DECLINED;
    }
    qdn_page_guard(r);
    mount = qdn_target_mount(r, QDN_HANDLER_DASHBOARD);
    if (!mount) {
        return refuse_mistake(r, &nowhere);
    }
    qdn_rights_find(&rights, qdn_conf_get(r->server)->plan, r->user, r->pool);
    if (!rights.user) {
        return refuse_mistake(r, &nobody);
    }
    if (rights.role == QDN_ROLE_NONE) {
        return refuse_stranger(r);
    }
    return answer(r, &rights, mount);
}

void qdn_dashboard_register_hooks(void)
{
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}
