/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

#include <string.h>

#include <ap_expr.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_request.h>

#include "conf.h"
#include "private.h"

#define NOWHERE "qdn:" /* r->filename of what lies in no file system */

const char *qdn_target_raw(const request_rec *r)
{
    const char *target;
    const char *authority;

    while (r->prev) {
        r = r->prev;
    }
    target = r->unparsed_uri;
    if (*target == '/') {
        return target;
    }
    authority = ap_strstr_c(target, "://");
    if (!authority) {
        return target;
    }
    target = authority + 3;
    target += strcspn(target, "/?");
    return target;
}

static int is_below(const char *target, const char *prefix)
{
    apr_size_t n = strlen(prefix);

    return !strncmp(target, prefix, n) &&
           (target[n] == '\0' || target[n] == '/' || target[n] == '?');
}

const qdn_endpoint_t *qdn_target_endpoint(const request_rec *r,
                                          const char *target)
{
    const qdn_location_t *location = qdn_conf_location(r);
    const apr_array_header_t *all = qdn_conf_get(r->server)->plan->endpoints;
    int i;

    if (location && location->endpoint) {
        return is_below(target, location->endpoint->prefix) ? location->endpoint
                                                            : NULL;
    }
    for (i = 0; i < all->nelts; i++) {
        const qdn_endpoint_t *endpoint =
            APR_ARRAY_IDX(all, i, const qdn_endpoint_t *);

        if (is_below(target, endpoint->prefix)) {
            return endpoint;
        }
    }
    return NULL;
}

/*
 * httpd sets r->handler much later, in fixups. SetHandler's argument is kept
 * as an expression; `handler` is what modules set.
 */
static const char *handler_name(request_rec *r, const ap_conf_vector_t *section)
{
    const core_dir_config *core = ap_get_core_module_config(section);
    const char *error = NULL;
    const char *name = core->handler;

    if (core->expr_handler) {
        name = ap_expr_str_exec(r, core->expr_handler, &error);
    }
    return error ? NULL : name;
}

/* Its length without a slash at the end if the path lies in it, else -1. */
static int match(const core_dir_config *section, const char *path)
{
    size_t n = strlen(section->d);

    if (n && section->d[n - 1] == '/') {
        n--;
    }
    return !strncmp(section->d, path, n) && (path[n] == '\0' || path[n] == '/')
               ? (int)n
               : -1;
}

const char *qdn_target_mount(request_rec *r, const char *handler)
{
    const core_server_config *core =
        ap_get_core_module_config(r->server->module_config);
    int i, best = -1;

    for (i = 0; i < core->sec_url->nelts; i++) {
        const ap_conf_vector_t *each =
            APR_ARRAY_IDX(core->sec_url, i, const ap_conf_vector_t *);
        const core_dir_config *section = ap_get_core_module_config(each);
        const char *name;
        int n;

        if (!section->d || section->r || section->d_is_fnmatch) {
            continue;
        }
        n = match(section, r->uri);
        name = n > best ? handler_name(r, each) : NULL;
        if (name && !strcasecmp(name, handler)) {
            best = n;
        }
    }
    return best < 0 ? NULL : apr_pstrmemdup(r->pool, r->uri, (apr_size_t)best);
}

/*
 * The decoded path decides here, so that an oddly written target cannot
 * reach the document root either; the handler then refuses it.
 */
static int is_webhook(const request_rec *r)
{
    return qdn_target_endpoint(r, r->uri) != NULL;
}

/* Whatever is below their Location is theirs. */
static int is_any(const request_rec *r)
{
    (void)r;
    return 1;
}

static const struct {
    const char *handler;
    int (*is_ours)(const request_rec *r);
} handlers[] = {
    { QDN_HANDLER, is_webhook },
    { QDN_HANDLER_DASHBOARD, is_any },
    { QDN_HANDLER_HEALTH, is_any },
    { QDN_HANDLER_METRICS, is_any },
};

static int translate_name(request_rec *r)
{
    const char *name = r->uri ? handler_name(r, r->per_dir_config) : NULL;
    apr_size_t i;

    for (i = 0; name && i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (!strcasecmp(name, handlers[i].handler) && handlers[i].is_ours(r)) {
            r->filename = apr_pstrcat(r->pool, NOWHERE, r->uri, NULL);
            return OK;
        }
    }
    return DECLINED;
}

static int map_to_storage(request_rec *r)
{
    if (!r->filename || strncmp(r->filename, NOWHERE, strlen(NOWHERE))) {
        return DECLINED;
    }
    return OK;
}

void qdn_target_register_hooks(void)
{
    /* Before mod_rewrite, mod_proxy and mod_alias may take it elsewhere. */
    ap_hook_translate_name(translate_name, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_map_to_storage(map_to_storage, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
