/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#include "api_form.h"
#include "ask.h"
#include "body.h"
#include "detail.h"
#include "handler.h"
#include "log.h"
#include "private.h"
#include "status.h"

#define BODY_MAX  8192
#define TYPE      "application/json"
#define TIME_MAX  16   /* digits of microseconds since 1970 */
#define TEXT_ROOM 3000 /* bytes of all texts; see QDN_CONTROL_REQUEST */

/************** does our own page ask? **************/

/*
 * A form of another site can neither send this type nor these headers, and a
 * script of another site would have to ask first, which is not answered.
 */
static int has_type(const request_rec *r)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    size_t n = strlen(TYPE);

    return type && !strncasecmp(type, TYPE, n) &&
           (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

static int is_same_origin(request_rec *r)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *origin = apr_table_get(r->headers_in, "Origin");
    const char *host = apr_table_get(r->headers_in, "Host");

    if (site) {
        return !strcmp(site, "same-origin");
    }
    return origin && host &&
           !strcasecmp(origin, apr_pstrcat(r->pool, ap_http_scheme(r), "://",
                                           host, NULL));
}

static int take_proof(request_rec *r, qdn_refusal_t *prefusal)
{
    if (!has_type(r)) {
        return qdn_refusal_fill(prefusal, HTTP_UNSUPPORTED_MEDIA_TYPE,
                                "A change is sent as " TYPE ".",
                                "Set Content-Type: " TYPE ".");
    }
    if (!is_same_origin(r)) {
        ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, r,
                      QDNLOGNO(0742) "refused a change that was not asked "
                                     "for by the dashboard itself");
        return qdn_refusal_fill(
            prefusal, HTTP_FORBIDDEN,
            "Only the dashboard itself may ask for a change, not "
            "the page of another site.",
            "A program sends the header Origin with scheme and host "
            "of this server. Behind a proxy, ServerName names the "
            "scheme, too (ServerName https://calls.example.com), and "
            "the proxy has ProxyPreserveHost on.");
    }
    return 1;
}

/************** what the body says **************/

static int is_state(const char *json)
{
    return !strcmp(json, "\"available\"") || !strcmp(json, "\"away\"") ||
           !strcmp(json, "\"auto\"");
}

static int is_null(const char *json)
{
    return !strcmp(json, "null");
}

static int is_text(const char *json)
{
    return *json == '"' || is_null(json);
}

static int is_until(const char *json)
{
    size_t n = strlen(json);

    return is_text(json) || (n <= TIME_MAX && strspn(json, "0123456789") == n);
}

static int is_truth(const char *json)
{
    return !strcmp(json, "true") || !strcmp(json, "false");
}

static const struct {
    const char *name;
    int (*ok)(const char *json);
    const char *expected;
} members[] = {
    { "state", is_state, "\"available\", \"away\" or \"auto\"" },
    { "line", is_text, "the number of a line as \"+16195550100\", or null" },
    { "until", is_until,
      "\"changed\", \"14:30\", \"2h\", \"2026-11-22T14:30\", microseconds "
      "since 1970, or null for the next working day" },
    { "why", is_text, "a text, or null" },
    { "anyway", is_truth, "true or false" },
};

/* One member of the body into the wish. */
static int take_member(const qdn_detail_member_t *member, const char *body,
                       apr_table_t *wish, qdn_refusal_t *prefusal,
                       apr_pool_t *p)
{
    const char *value;
    size_t i = 0, n = sizeof(members) / sizeof(members[0]);

    while (i < n && strcmp(members[i].name, member->name)) {
        i++;
    }
    if (i == n || apr_table_get(wish, member->name)) {
        return qdn_refusal_fill(
            prefusal, HTTP_BAD_REQUEST,
            apr_pstrcat(p, "The member '", member->name,
                        i == n ? "' is not known." : "' is given twice.", NULL),
            "Leave it out.");
    }
    value = qdn_detail_text(body, member->name, p);
    if (!members[i].ok(member->value) || (!value && !is_null(member->value))) {
        return qdn_refusal_fill(
            prefusal, HTTP_BAD_REQUEST,
            apr_pstrcat(p, "The member '", member->name,
                        "' is not what is expected.", NULL),
            apr_pstrcat(p, "Give ", members[i].expected, ".", NULL));
    }
    if (value) {
        apr_table_setn(wish, members[i].name, value);
    }
    return 1;
}

static int read_body(request_rec *r, const char **pbody, int *pdone,
                     qdn_refusal_t *prefusal)
{
    apr_size_t n;
    int status = qdn_body_read(r, BODY_MAX, QDN_HANDLER_BODY_WAIT, pbody, &n);

    *pdone = status == AP_FILTER_ERROR;
    if (status != OK) {
        return qdn_refusal_fill(
            prefusal,
            status == HTTP_REQUEST_TIME_OUT ? status : HTTP_BAD_REQUEST,
            "The body could not be read.", NULL);
    }
    if (n > BODY_MAX) {
        return qdn_refusal_fill(prefusal, HTTP_REQUEST_ENTITY_TOO_LARGE,
                                "The body is longer than 8 KiB.",
                                "Shorten the reason.");
    }
    if (strlen(*pbody) != n) {
        return qdn_refusal_fill(prefusal, HTTP_BAD_REQUEST,
                                "The body is no JSON.", NULL);
    }
    return 1;
}

static int take_wish(const char *body, apr_table_t *wish,
                     qdn_refusal_t *prefusal, apr_pool_t *p)
{
    const apr_array_header_t *all = qdn_detail_members(body, p);
    size_t room = 0;
    int i;

    if (!all) {
        return qdn_refusal_fill(prefusal, HTTP_BAD_REQUEST,
                                "The body is no JSON object.",
                                "api/openapi.json shows what is expected.");
    }
    for (i = 0; i < all->nelts; i++) {
        const qdn_detail_member_t *member =
            &APR_ARRAY_IDX(all, i, qdn_detail_member_t);

        room += strlen(member->value);
        if (!take_member(member, body, wish, prefusal, p)) {
            return 0;
        }
    }
    if (!apr_table_get(wish, "state")) {
        return qdn_refusal_fill(
            prefusal, HTTP_BAD_REQUEST,
            "The body does not say which status is wanted.",
            "Give state: \"available\", \"away\" or \"auto\".");
    }
    return room <= TEXT_ROOM ||
           qdn_refusal_fill(prefusal, HTTP_BAD_REQUEST,
                            "The texts are too long.",
                            "Shorten the reason to 400 bytes.");
}

/************** the change **************/

static int check_rights(const qdn_api_t *api, qdn_refusal_t *prefusal)
{
    const char *id = apr_table_get(api->given, "operator");

    if (qdn_rights_may_set(api->rights, id)) {
        return 1;
    }
    return qdn_refusal_fill(
        prefusal, HTTP_FORBIDDEN,
        api->rights->role == QDN_ROLE_OPERATOR
            ? "You may change your own status, but not that of "
              "others."
            : "You may look at everything here, but change nothing.",
        "Ask somebody whom QDNAdmin names.");
}

/* If-Match: has nobody changed it since it was read? */
static int check_unchanged(const qdn_api_t *api, qdn_refusal_t *prefusal)
{
    apr_pool_t *p = api->r->pool;
    const char *answer;

    if (!apr_table_get(api->r->headers_in, "If-Match")) {
        return 1;
    }
    if (!qdn_ask(api->r, qdn_api_request(api, api->route->word, NULL, p),
                 &answer, prefusal, p)) {
        return 0;
    }
    return qdn_page_matches(api->r,
                            qdn_api_etag(qdn_api_veil(api, answer, p), p)) ||
           qdn_refusal_fill(
               prefusal, HTTP_PRECONDITION_FAILED,
               "Somebody has changed this status since you have read it.",
               "Look at it again.");
}

/* Nobody would be left: the numbers of which that is true go with it. */
static int refuse_empty(const qdn_api_t *api, const char *answer)
{
    apr_pool_t *p = api->r->pool;
    const apr_array_header_t *all = qdn_detail_members(answer, p);
    qdn_refusal_t refusal = {
        .status = HTTP_CONFLICT,
        .detail = "A number would be left with nobody to ring.",
        .remedy = "Send it again with \"anyway\": true if that is meant.",
    };
    int i;

    for (i = 0; all && i < all->nelts; i++) {
        const qdn_detail_member_t *member =
            &APR_ARRAY_IDX(all, i, qdn_detail_member_t);

        if (!strcmp(member->name, "empty")) {
            refusal.member = apr_pstrcat(p, "\"empty\":", member->value, NULL);
        }
    }
    return qdn_page_refuse(api->r, &refusal);
}

static int ask_change(const qdn_api_t *api, apr_table_t *wish)
{
    apr_pool_t *p = api->r->pool;
    const char *answer, *set;
    qdn_refusal_t refusal;

    apr_table_setn(wish, "form", "api");
    apr_table_setn(wish, "who", api->rights->user);
    if (!qdn_ask(api->r, qdn_api_request(api, "set-status", wish, p), &answer,
                 &refusal, p)) {
        return qdn_api_refuse(api, &refusal);
    }
    set = qdn_detail_text(answer, "set", p);
    if (!set || strcmp(set, "true")) {
        return refuse_empty(api, answer);
    }
    return qdn_api_send(api, answer);
}

int qdn_api_put_status(const qdn_api_t *api)
{
    apr_table_t *wish = apr_table_make(api->r->pool, 8);
    qdn_refusal_t refusal;
    const char *body;
    int done = 0;

    if (!take_proof(api->r, &refusal) || !check_rights(api, &refusal) ||
        !read_body(api->r, &body, &done, &refusal) ||
        !take_wish(body, wish, &refusal, api->r->pool) ||
        !check_unchanged(api, &refusal)) {
        return done ? AP_FILTER_ERROR : qdn_api_refuse(api, &refusal);
    }
    return ask_change(api, wish);
}
