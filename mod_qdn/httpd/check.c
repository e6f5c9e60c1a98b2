/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include <apr_dbd.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_core.h>

#include "conf.h"
#include "dialect.h"
#include "dump.h"
#include "feed.h"
#include "identity.h"
#include "log.h"
#include "private.h"
#include "sink.h"
#include "statedir.h"
#include "target.h"

/* What the checks read and where they report. */
typedef struct check_t {
    qdn_conf_t *conf;
    qdn_dbd_t dbd;
    apr_array_header_t *problems; /* of qdn_problem_t */
    apr_pool_t *pool;
} check_t;

static void push(check_t *check, qdn_problem_e severity, qdn_origin_t origin,
                 const char *text)
{
    APR_ARRAY_PUSH(check->problems, qdn_problem_t) =
        (qdn_problem_t){ .severity = severity, .origin = origin, .text = text };
}

/* A directive whose arguments contain `arg`, anywhere; NULL: none. */
static const ap_directive_t *find(const ap_directive_t *tree, const char *name,
                                  const char *arg)
{
    for (; tree; tree = tree->next) {
        const ap_directive_t *below;

        if (!strcasecmp(tree->directive, name) &&
            ap_strstr_c(tree->args, arg)) {
            return tree;
        }
        below = tree->first_child ? find(tree->first_child, name, arg) : NULL;
        if (below) {
            return below;
        }
    }
    return NULL;
}

/* Whoever wrote it there means it for us, and we would use SQLite instead. */
static void check_hidden_dbd(check_t *check)
{
    const ap_directive_t *driver = find(ap_conftree, "DBDriver", "");

    if (driver) {
        push(check, QDN_PROBLEM_WARNING,
             (qdn_origin_t){ driver->filename, driver->line_num },
             "DBDriver inside a container is not used for calls, which go to "
             "SQLite; move it to the main server");
    }
}

static void check_dbd(check_t *check)
{
    const qdn_dbd_t *dbd = &check->dbd;

    if (!dbd->given) {
        check_hidden_dbd(check);
        return;
    }
    if (!qdn_dialect_find(dbd->driver)) {
        push(check, QDN_PROBLEM_ERROR, dbd->origin,
             apr_psprintf(check->pool,
                          "DBDriver %s is not supported for calls; use one "
                          "of %s",
                          dbd->driver, qdn_dialect_names(check->pool)));
    }
    if (dbd->min > 0) {
        push(check, QDN_PROBLEM_WARNING, dbd->origin,
             "DBDMin is above 0 (1 unless given): mod_dbd then connects when "
             "each child starts, and a database that hangs keeps all of httpd "
             "from answering; set DBDMin 0");
    }
    if (!strcasecmp(dbd->driver, "pgsql") &&
        !strstr(dbd->params, "connect_timeout")) {
        push(check, QDN_PROBLEM_WARNING, dbd->origin,
             "DBDParams has no connect_timeout: a connection to a host that "
             "does not answer then takes minutes; add connect_timeout=2");
    }
}

/* ap_expr knows the server's clock and zone only. */
static void check_rules(check_t *check, const qdn_line_t *line)
{
    int i;

    for (i = 0; i < line->rules->nelts; i++) {
        const qdn_rule_t *rule =
            APR_ARRAY_IDX(line->rules, i, const qdn_rule_t *);

        if (ap_strcasestr(rule->expr, "%{TIME")) {
            push(check, QDN_PROBLEM_WARNING, rule->origin,
                 "%{TIME...} in a rule is the server's time, not the line's");
        }
    }
}

static void check_handler(check_t *check)
{
    const qdn_plan_t *plan = check->conf->plan;
    const qdn_endpoint_t *endpoint;

    if (!plan->endpoints->nelts ||
        find(ap_conftree, "SetHandler", QDN_HANDLER)) {
        return;
    }
    endpoint = APR_ARRAY_IDX(plan->endpoints, 0, const qdn_endpoint_t *);
    push(check, QDN_PROBLEM_WARNING, endpoint->origin,
         apr_psprintf(check->pool,
                      "nothing answers Twilio here: add "
                      "<Location \"%s\"> with SetHandler " QDN_HANDLER,
                      endpoint->prefix));
}

static void check_dashboard(check_t *check)
{
    const ap_directive_t *handler =
        find(ap_conftree, "SetHandler", QDN_HANDLER_DASHBOARD);

    if (handler && !check->conf->plan->admins->nelts) {
        push(check, QDN_PROBLEM_NOTE,
             (qdn_origin_t){ handler->filename, handler->line_num },
             "nobody may change everybody's status on the dashboard; add "
             "QDNAdmin with the logins of those who may");
    }
}

static void check_driver(check_t *check)
{
    const apr_dbd_driver_t *driver;

    apr_dbd_init(check->pool);
    if (apr_dbd_get_driver(check->pool, check->dbd.driver, &driver)) {
        push(check, QDN_PROBLEM_ERROR,
             check->dbd.given ? check->dbd.origin
                              : check->conf->plan->state_dir_origin,
             apr_psprintf(check->pool,
                          "the database driver %s cannot be "
                          "loaded; install it (Debian: libaprutil1-dbd-%s)",
                          check->dbd.driver, check->dbd.driver));
    }
}

/*
 * A list that is not there yet is no reason not to answer calls: it counts as
 * unknown, as it does when it goes away later.
 */
static void check_files(check_t *check)
{
    const apr_array_header_t *feeds = check->conf->plan->feeds;
    int i;

    for (i = 0; i < feeds->nelts; i++) {
        const qdn_feed_t *feed = APR_ARRAY_IDX(feeds, i, const qdn_feed_t *);
        apr_finfo_t info;
        apr_status_t rv;
        char why[120];

        if (feed->how != QDN_FEED_FILE) {
            continue;
        }
        rv = apr_stat(&info, feed->address, APR_FINFO_TYPE, check->pool);
        if (rv || info.filetype != APR_REG) {
            push(check, QDN_PROBLEM_WARNING, feed->origin,
                 apr_psprintf(check->pool,
                              "%s is not to be had (%s); what it says counts "
                              "as unknown until it is",
                              feed->address,
                              rv ? apr_strerror(rv, why, sizeof(why))
                                 : "no regular file"));
        }
    }
}

/* Only when asked: reads files, runs programs, needs the rights to. */
static void check_surroundings(check_t *check)
{
    const qdn_plan_t *plan = check->conf->plan;
    const char *error =
        qdn_statedir_refuse(plan->state_dir, qdn_identity().uid, check->pool);

    if (error) {
        push(check, QDN_PROBLEM_ERROR, plan->state_dir_origin, error);
    }
    check_driver(check);
    check_files(check);
    qdn_vault_check(plan, check->problems, check->pool);
}

static const struct {
    const char *prefix;
    int level;
} words[] = {
    [QDN_PROBLEM_ERROR] = { "", APLOG_ERR },
    [QDN_PROBLEM_WARNING] = { "warning: ", APLOG_WARNING },
    [QDN_PROBLEM_NOTE] = { "note: ", APLOG_NOTICE },
};

/*
 * In the words of httpd's own messages about the configuration: bare on the
 * terminal for a configtest or a start, with time and level in the log.
 */
static void print(const qdn_problem_t *problem, server_rec *s)
{
    int terminal =
        ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG;
    int level = words[problem->severity].level;

    if (problem->origin.file) {
        ap_log_error(APLOG_MARK, terminal ? APLOG_STARTUP | level : level, 0, s,
                     QDNLOGNO(0602) "%s:%d: %s%s", problem->origin.file,
                     problem->origin.line, words[problem->severity].prefix,
                     problem->text);
    }
    else {
        ap_log_error(APLOG_MARK, terminal ? APLOG_STARTUP | level : level, 0, s,
                     QDNLOGNO(0603) "%s%s", words[problem->severity].prefix,
                     problem->text);
    }
}

/*
 * Everything for a configtest, everything but notes where httpd goes on to
 * serve, and errors alone where it is only asked or stopped.
 */
static int is_heard(qdn_problem_e severity)
{
    if (severity == QDN_PROBLEM_ERROR) {
        return 1;
    }
    if (qdn_dump_is_configtest()) {
        return 1;
    }
    return severity == QDN_PROBLEM_WARNING &&
           ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_CONFIG;
}

static int report(const check_t *check, server_rec *s)
{
    int errors = 0;
    int i;

    for (i = 0; i < check->problems->nelts; i++) {
        const qdn_problem_t *problem =
            &APR_ARRAY_IDX(check->problems, i, qdn_problem_t);

        errors += problem->severity == QDN_PROBLEM_ERROR;
        if (is_heard(problem->severity)) {
            print(problem, s);
        }
    }
    return errors;
}

static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                        server_rec *s)
{
    check_t check = { .conf = qdn_conf_get(s), .pool = ptemp };
    qdn_plan_t *plan = check.conf->plan;
    apr_status_t rv;
    int i;

    (void)plog;
    qdn_sink_open(s, pconf);
    if (!check.conf->used) {
        return OK;
    }
    qdn_dbd_read(&check.conf->dbd, ap_conftree, plan->state_dir, pconf);
    check.dbd = check.conf->dbd;
    rv = qdn_plan_freeze(plan, &check.problems, ptemp);
    check_dbd(&check);
    check_handler(&check);
    check_dashboard(&check);
    for (i = 0; i < plan->lines->nelts; i++) {
        check_rules(&check, APR_ARRAY_IDX(plan->lines, i, const qdn_line_t *));
    }
    if (qdn_dump_is_configtest()) {
        check_surroundings(&check);
    }
    return report(&check, s) || rv ? HTTP_INTERNAL_SERVER_ERROR : OK;
}

void qdn_check_register_hooks(void)
{
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
}
