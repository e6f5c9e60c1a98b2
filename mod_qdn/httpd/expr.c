/* SPDX-License-Identifier: Apache-2.0 */
#include "expr.h"

#include <string.h>

#include <ap_expr.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>

#include "log.h"
#include "private.h"

/* The subject is kept with the request while its rules are evaluated. */
static const char *value_of(ap_expr_eval_ctx_t *ctx, const void *data,
                            const char *name)
{
    const qdn_subject_t *subject = NULL;

    (void)data;
    if (ctx->r) {
        subject = ap_get_module_config(ctx->r->request_config, &qdn_module);
    }
    return subject ? qdn_facts_value(subject, name, ctx->p) : "";
}

static int look_up(ap_expr_lookup_parms *parms)
{
    if (parms->type != AP_EXPR_FUNC_STRING || strcasecmp(parms->name, "qdn")) {
        return DECLINED;
    }
    *parms->func = value_of;
    *parms->data = NULL;
    return OK;
}

void qdn_expr_register_hooks(void)
{
    ap_hook_expr_lookup(look_up, NULL, NULL, APR_HOOK_MIDDLE);
}

const char *qdn_expr_compile(void *baton, const char *expr, void **pcompiled)
{
    const cmd_parms *cmd = baton;
    const char *error = NULL;

    *pcompiled = ap_expr_parse_cmd(cmd, expr, 0, &error, NULL);
    return error;
}

int qdn_expr_rule(void *baton, const qdn_rule_t *rule,
                  const qdn_subject_t *subject)
{
    request_rec *r = baton;
    const char *error = NULL;
    int rc;

    ap_set_module_config(r->request_config, &qdn_module, (void *)subject);
    rc = ap_expr_exec(r, rule->compiled, &error);
    ap_set_module_config(r->request_config, &qdn_module, NULL);
    if (rc < 0) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      QDNLOGNO(0601) "the rule of %s:%d failed and matches "
                                     "nothing: %s",
                      rule->origin.file, rule->origin.line, error);
    }
    return rc;
}

/* As mod_proxy_hcheck does it: everything that an expression may look at. */
static request_rec *made_up(server_rec *s, apr_pool_t *p)
{
    request_rec *r = apr_pcalloc(p, sizeof(*r));
    conn_rec *c = apr_pcalloc(p, sizeof(*c));

    c->pool = p;
    c->base_server = s;
    c->conn_config = ap_create_conn_config(p);
    c->notes = apr_table_make(p, 2);
    c->client_ip = apr_pstrdup(p, "192.0.2.1"); /* for documents: nobody's */
    c->local_ip = c->client_ip;
    apr_sockaddr_info_get(&c->client_addr, c->client_ip, APR_INET, 0, 0, p);
    c->local_addr = c->client_addr;
    r->pool = p;
    r->connection = c;
    r->server = s;
    r->useragent_addr = c->client_addr;
    r->useragent_ip = c->client_ip;
    r->method = "POST";
    r->method_number = M_POST;
    r->protocol = apr_pstrdup(p, "HTTP/1.1");
    r->proto_num = HTTP_VERSION(1, 1);
    r->the_request = apr_pstrdup(p, "POST / HTTP/1.1");
    r->uri = r->unparsed_uri = apr_pstrdup(p, "/");
    r->hostname = s->server_hostname;
    r->headers_in = apr_table_make(p, 2);
    r->headers_out = apr_table_make(p, 2);
    r->err_headers_out = apr_table_make(p, 2);
    r->trailers_in = apr_table_make(p, 2);
    r->trailers_out = apr_table_make(p, 2);
    r->subprocess_env = apr_table_make(p, 2);
    r->notes = apr_table_make(p, 2);
    r->request_config = ap_create_request_config(p);
    r->per_dir_config = s->lookup_defaults;
    r->request_time = apr_time_now();
    return r;
}

int qdn_expr_imagine(void *baton, const qdn_rule_t *rule,
                     const qdn_subject_t *subject)
{
    server_rec *s = baton;
    apr_pool_t *p;
    int verdict;

    /* Its own allocator: the daemon's threads share none with httpd's pools. */
    if (apr_pool_create_unmanaged_ex(&p, apr_pool_abort_get(s->process->pool),
                                     NULL)) {
        return -1;
    }
    apr_pool_tag(p, "qdn_expr_imagine");
    verdict = qdn_expr_rule(made_up(s, p), rule, subject);
    apr_pool_destroy(p);
    return verdict;
}
