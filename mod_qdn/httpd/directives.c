/* SPDX-License-Identifier: Apache-2.0 */
#include "directives.h"

#include <stdlib.h>
#include <string.h>

#include <apr_fnmatch.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_main.h>

#include "conf.h"
#include "expr.h"
#include "private.h"

#define DIRECTIVES_MAX 64 /* rows of settings.h; build() ends httpd if more */

command_rec qdn_directives[DIRECTIVES_MAX + 1];

/*
 * Where does the directive stand? httpd itself refuses what may not stand in
 * a <Location>; a <Location> is told from <Directory> and its like by name.
 */
static const char *place(const cmd_parms *cmd, qdn_builder_t *b)
{
    const ap_directive_t *parent = cmd->directive->parent;

    b->location = NULL;
    if (!cmd->path && cmd->server->is_virtual) {
        return apr_pstrcat(cmd->pool, cmd->directive->directive,
                           " stands inside <VirtualHost>; QDN directives "
                           "belong to the main server, but for QDNPublicURL "
                           "inside a <Location>",
                           NULL);
    }
    if (!cmd->path) {
        return NULL;
    }
    if (!parent || strcasecmp(parent->directive, "<Location") ||
        strstr(parent->args, "~ ") == parent->args ||
        apr_fnmatch_test(cmd->path) || cmd->path[0] != '/') {
        return apr_pstrcat(cmd->pool, cmd->directive->directive,
                           " may stand inside a <Location> with a plain path, "
                           "as <Location \"/qdn/twilio\">; its path is what "
                           "webhooks must begin with, so it has no wildcards "
                           "and is no expression",
                           NULL);
    }
    b->location = cmd->path;
    return NULL;
}

static qdn_conf_t *open_conf(cmd_parms *cmd)
{
    qdn_conf_t *conf = qdn_conf_get(ap_server_conf);
    qdn_builder_t *b = &conf->builder;

    conf->used = 1;
    b->origin.file = cmd->directive->filename;
    b->origin.line = cmd->directive->line_num;
    b->compile = qdn_expr_compile;
    b->compile_baton = cmd;
    return conf;
}

static const char *set_one(cmd_parms *cmd, void *dir, const char *args)
{
    qdn_conf_t *conf = open_conf(cmd);
    qdn_builder_t *b = &conf->builder;
    const apr_array_header_t *endpoints = conf->plan->endpoints;
    qdn_location_t *location = dir;
    const char *error = place(cmd, b);

    if (!error) {
        error = qdn_settings_apply(b, cmd->cmd->name, args);
    }
    if (!error && b->location) {
        location->endpoint = APR_ARRAY_IDX(endpoints, endpoints->nelts - 1,
                                           const qdn_endpoint_t *);
    }
    return error;
}

/*
 * httpd would carry out whatever stands in the block, as if it stood in the
 * main server: a SetEnv in a <QDNLine> would quietly hold for everything.
 */
static const char *strange_child(cmd_parms *cmd)
{
    const ap_directive_t *child;

    for (child = cmd->directive->first_child; child; child = child->next) {
        const char *name = child->directive;

        if (!strncasecmp(name + (*name == '<'), "QDN", 3)) {
            continue;
        }
        cmd->err_directive = child;
        return apr_psprintf(cmd->pool,
                            "%s may not stand inside %s>; only directives "
                            "whose names begin with QDN may",
                            name, cmd->cmd->name);
    }
    return NULL;
}

static const char *set_block(cmd_parms *cmd, void *dir, const char *args)
{
    qdn_builder_t *b = &open_conf(cmd)->builder;
    const char *end = strrchr(args, '>');
    const char *error = place(cmd, b);

    (void)dir;
    if (error) {
        return error;
    }
    if (!end) {
        return apr_pstrcat(cmd->pool, cmd->cmd->name,
                           "> directive missing closing '>'", NULL);
    }
    error = qdn_settings_apply(
        b, cmd->cmd->name,
        apr_pstrmemdup(cmd->pool, args, (apr_size_t)(end - args)));
    if (error) {
        return error;
    }
    error = strange_child(cmd);
    if (!error) {
        error = ap_walk_config(cmd->directive->first_child, cmd, cmd->context);
    }
    qdn_settings_close(b);
    return error;
}

/*
 * httpd reads the table before it lets a module register hooks, so there is
 * no later moment than the loading of the module.
 */
__attribute__((constructor)) static void build(void)
{
    const qdn_setting_t *row = qdn_settings;
    command_rec *out = qdn_directives;

    for (; row->name; row++, out++) {
        if (out == qdn_directives + DIRECTIVES_MAX) {
            abort();
        }
        out->name = row->name;
        out->func.raw_args = row->name[0] == '<' ? set_block : set_one;
        out->args_how = RAW_ARGS;
        out->req_override = RSRC_CONF;
        if (row->scopes & QDN_IN_LOCATION) {
            out->req_override |= ACCESS_CONF;
        }
        out->errmsg = row->help;
    }
}
