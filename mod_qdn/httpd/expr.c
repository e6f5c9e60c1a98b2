/* SPDX-License-Identifier: Apache-2.0 */
#include "expr.h"

#include <string.h>

#include <ap_expr.h>
#include <apr_strings.h>
#include <httpd.h>

#include "log.h"
#include "private.h"

/* Kept with the request while its rules are evaluated. */
typedef struct subject_t {
    const qdn_line_t *line;
    const qdn_webhook_t *webhook;
    const apr_array_header_t *fields;
} subject_t;

static const char *caller_kind(const subject_t *subject)
{
    return qdn_webhook_caller_kind(subject->webhook->caller_kind);
}

static const char *line_number(const subject_t *subject)
{
    return subject->line->number;
}

static const char *line_name(const subject_t *subject)
{
    return subject->line->name;
}

/* What Twilio does not send. */
static const struct {
    const char *name;
    const char *(*value)(const subject_t *subject);
} derived[] = {
    { "CallerKind", caller_kind },
    { "Line", line_number },
    { "LineName", line_name },
};

static const char *value_of(ap_expr_eval_ctx_t *ctx, const void *data,
                            const char *name)
{
    const subject_t *subject = NULL;
    const char *value;
    apr_size_t i;

    (void)data;
    if (ctx->r) {
        subject = ap_get_module_config(ctx->r->request_config, &qdn_module);
    }
    if (!subject) {
        return "";
    }
    for (i = 0; i < sizeof(derived) / sizeof(derived[0]); i++) {
        if (!strcmp(name, derived[i].name)) {
            return derived[i].value(subject);
        }
    }
    value = qdn_form_get(subject->fields, name);
    return value ? value : "";
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

int qdn_expr_rule(void *baton, const qdn_line_t *line, const qdn_rule_t *rule,
                  const qdn_webhook_t *webhook,
                  const apr_array_header_t *fields)
{
    request_rec *r = baton;
    subject_t subject = { .line = line, .webhook = webhook, .fields = fields };
    const char *error = NULL;
    int rc;

    ap_set_module_config(r->request_config, &qdn_module, &subject);
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
