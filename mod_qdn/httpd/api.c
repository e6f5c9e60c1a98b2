/* SPDX-License-Identifier: Apache-2.0 */
#include "api.h"

#include <string.h>

#include <apr_strings.h>

#include "api_form.h"
#include "assets.h"
#include "clock.h"
#include "member.h"
#include "zone.h"

/************** what httpd knows itself **************/

static int get_me(const qdn_api_t *api)
{
    const qdn_rights_t *rights = api->rights;
    qdn_text_t t;
    int i;

    qdn_text_init(&t, 512, api->r->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "user", rights->user);
    qdn_member_text(&t, "role", qdn_role_text(rights->role));
    qdn_member_open(&t, "operators", '[');
    for (i = 0; i < rights->operators->nelts; i++) {
        qdn_member_text(
            &t, NULL,
            APR_ARRAY_IDX(rights->operators, i, const qdn_operator_t *)->id);
    }
    qdn_member_close(&t, '[');
    qdn_member_truth(&t, "masked", rights->masked);
    qdn_member_text(&t, "version", QDN_VERSION);
    qdn_member_text(&t, "host", api->conf->host);
    qdn_member_time(&t, "now", qdn_clock_now());
    qdn_member_text(&t, "zone", qdn_zone_name(api->conf->plan->zone));
    qdn_member_close(&t, '{');
    return qdn_api_send(api, t.buf);
}

static int get_description(const qdn_api_t *api)
{
    const qdn_asset_t *asset = qdn_asset_find(api->route->path);
    qdn_page_t page = { .type = asset->type,
                        .etag = asset->etag,
                        .cache = "no-cache",
                        .bytes = (const char *)asset->bytes,
                        .len = asset->len };

    return qdn_page_send(api->r, &page);
}

const qdn_api_route_t qdn_api_routes[] = {
    { .path = "me", .get = get_me },
    { .path = "now", .word = "now", .get = qdn_api_relay },
    { .path = "lines", .word = "lines", .get = qdn_api_relay },
    { .path = "operators", .word = "operators", .get = qdn_api_relay },
    { .path = "operators/{operator}/status",
      .word = "operator",
      .part = &qdn_api_operator,
      .get = qdn_api_relay,
      .put = qdn_api_put_status },
    { .path = "calls",
      .word = "calls",
      .params = qdn_api_calls_params,
      .get = qdn_api_relay },
    { .path = "calls.csv",
      .word = "calls",
      .params = qdn_api_export_params,
      .get = qdn_api_export_csv },
    { .path = "calls.json",
      .word = "calls",
      .params = qdn_api_export_params,
      .get = qdn_api_export_json },
    { .path = "calls/{call_sid}",
      .word = "call",
      .part = &qdn_api_call,
      .get = qdn_api_relay },
    { .path = "reports",
      .word = "report",
      .params = qdn_api_report_params,
      .get = qdn_api_relay },
    { .path = "audit",
      .word = "audit",
      .params = qdn_api_audit_params,
      .get = qdn_api_relay },
    { .path = "audit/verify", .word = "verify", .get = qdn_api_relay },
    { .path = "revisions", .word = "revisions", .get = qdn_api_relay },
    { .path = "revisions/{revision}",
      .word = "revision",
      .part = &qdn_api_revision,
      .get = qdn_api_relay },
    { .path = "health", .word = "health-report", .get = qdn_api_relay },
    { .path = "openapi.json", .get = get_description },
    { .path = NULL },
};

/************** which of them **************/

/* Does the path have the route's form? What stands in braces is given. */
static int fits(const qdn_api_t *api, const qdn_api_route_t *route,
                const char *path)
{
    size_t before = strcspn(route->path, "{"), n;
    const char *after, *value;

    if (!route->part) {
        return !strcmp(route->path, path);
    }
    if (strncmp(path, route->path, before)) {
        return 0;
    }
    path += before;
    n = strcspn(path, "/");
    after = route->path + before + strlen(route->part->name) + 2;
    value = apr_pstrmemdup(api->r->pool, path, n);
    if (strcmp(path + n, after) || !route->part->ok(value)) {
        return 0;
    }
    apr_table_setn(api->given, route->part->name, value);
    return 1;
}

static int run(const qdn_api_t *api)
{
    const qdn_api_route_t *route = api->route;
    qdn_refusal_t refusal;

    if (!qdn_api_take_query(api, &refusal)) {
        return qdn_api_refuse(api, &refusal);
    }
    if (api->r->method_number == M_GET) {
        return route->get(api);
    }
    if (api->r->method_number == M_PUT && route->put) {
        return route->put(api);
    }
    return qdn_page_wrong_method(api->r,
                                 route->put ? "GET, HEAD, PUT" : "GET, HEAD");
}

int qdn_api_answer(request_rec *r, const qdn_rights_t *rights, const char *path)
{
    static const qdn_refusal_t absent = {
        .status = HTTP_NOT_FOUND,
        .detail = "The API has nothing of that name.",
        .remedy = "api/openapi.json describes what it has.",
    };
    qdn_api_t api = { .r = r,
                      .conf = qdn_conf_get(r->server),
                      .rights = rights,
                      .given = apr_table_make(r->pool, 8) };
    const qdn_api_route_t *route;

    for (route = qdn_api_routes; route->path; route++) {
        if (fits(&api, route, path)) {
            api.route = route;
            return run(&api);
        }
    }
    return qdn_page_refuse(r, &absent);
}
