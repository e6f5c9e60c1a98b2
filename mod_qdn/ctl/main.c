/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "config.h"
#include "log.h"
#include "options.h"
#include "output.h"
#include "status.h"

static const qdn_command_t *const commands[] = {
    &qdn_cmd_audit,       &qdn_cmd_calls,
    &qdn_cmd_credentials, &qdn_cmd_doctor,
    &qdn_cmd_explain,     &qdn_cmd_forget,
    &qdn_cmd_journal,     &qdn_cmd_replay,
    &qdn_cmd_schema,      &qdn_cmd_sign,
    &qdn_cmd_simulate,    &qdn_cmd_status,
    &qdn_cmd_sweep,       NULL,
};

static const qdn_command_t *find_command(const char *name)
{
    const qdn_command_t *const *command = commands;

    while (*command && strcmp((*command)->name, name)) {
        command++;
    }
    return *command;
}

static void show_overview(void)
{
    puts("usage: qdnctl [-j] [-v|-q] COMMAND [options]\n\ncommands:");
    for (const qdn_command_t *const *c = commands; *c; c++) {
        printf("  %-14s %s\n", (*c)->name, (*c)->summary);
    }
    puts("\n'qdnctl COMMAND --help' shows the options of a command.\n"
         "Exit status: 0 all is well, 1 something was found, 2 wrong usage or "
         "impossible.");
}

static void show_help(const qdn_command_t *command, apr_pool_t *p)
{
    printf("%s\n%s\n", qdn_options_usage(command, p), command->summary);
    if (command->detail) {
        printf("\n%s", qdn_options_paragraphs(command->detail, p));
    }
    printf("\noptions:\n%s%s", qdn_options_describe(command->options, p),
           qdn_options_describe(qdn_options_shared, p));
}

static void log_to_stderr(void *baton, qdn_log_level_e level,
                          apr_status_t status, const char *message)
{
    char cause[128];

    (void)baton;
    (void)level;
    fprintf(stderr, "qdnctl: %s", message);
    if (status) {
        fprintf(stderr, ": %s", qdn_strerror(status, cause, sizeof(cause)));
    }
    fputc('\n', stderr);
}

/* Warnings unless told otherwise; each -v and -q is one step. */
static void set_log_level(int louder)
{
    int level = QDN_LOG_WARNING + louder;

    level = level < QDN_LOG_ERR ? QDN_LOG_ERR : level;
    level = level > QDN_LOG_TRACE ? QDN_LOG_TRACE : level;
    qdn_log_set_sink(log_to_stderr, NULL, (qdn_log_level_e)level);
}

/* Asked before anything is parsed, so that every error can be JSON. */
static int wants_json(int argc, const char *const *argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-j") || !strcmp(argv[i], "--json")) {
            return 1;
        }
    }
    return 0;
}

static qdn_exit_e run_command(qdn_ctl_t *ctl, qdn_common_t *common, int argc,
                              const char *const *argv)
{
    const char *error;

    ctl->command = find_command(argv[0]);
    if (!ctl->command) {
        return qdn_ctl_fail(
            ctl, "'%s' is no command; 'qdnctl --help' lists them", argv[0]);
    }
    error = qdn_options_command(ctl, common, argc, argv);
    if (error) {
        return qdn_ctl_fail(ctl, "%s; 'qdnctl %s --help' shows what it takes",
                            error, argv[0]);
    }
    if (common->help) {
        show_help(ctl->command, ctl->pool);
        return QDN_EXIT_OK;
    }
    ctl->json = common->json;
    ctl->quiet = common->louder < 0;
    set_log_level(common->louder);
    return ctl->command->run(ctl);
}

static qdn_exit_e run(apr_pool_t *p, int argc, const char *const *argv)
{
    qdn_common_t common = { 0 };
    qdn_ctl_t ctl = { .pool = p, .json = wants_json(argc, argv) };
    qdn_exit_e status = QDN_EXIT_OK;
    const char *error;

    error = qdn_options_common(&common, &argc, &argv, p);
    if (error) {
        return qdn_ctl_fail(&ctl, "%s; see 'qdnctl --help'", error);
    }
    if (argc > 0) {
        status = run_command(&ctl, &common, argc, argv);
    }
    else if (!common.help && !common.version) {
        return qdn_ctl_fail(&ctl, "which command? 'qdnctl --help' lists them");
    }
    else if (common.help) {
        show_overview();
    }
    if (common.version) {
        puts("qdnctl " PACKAGE_VERSION);
    }
    return status;
}

/* What httpd does, too: nobody below looks for NULL from a pool. */
static int no_memory(int status)
{
    (void)status;
    fputs("qdnctl: out of memory\n", stderr);
    _exit(QDN_EXIT_USAGE);
}

int main(int argc, const char *const *argv, const char *const *env)
{
    qdn_exit_e status;
    apr_pool_t *p;

    if (apr_app_initialize(&argc, &argv, &env) != APR_SUCCESS ||
        apr_pool_create_ex(&p, NULL, no_memory, NULL) != APR_SUCCESS) {
        fputs("qdnctl: APR does not start\n", stderr);
        return QDN_EXIT_USAGE;
    }
    status = run(p, argc, argv);
    apr_pool_destroy(p);
    apr_terminate();
    if (fflush(stdout) || ferror(stdout)) {
        fputs("qdnctl: standard output cannot be written\n", stderr);
        return QDN_EXIT_USAGE;
    }
    return (int)status;
}
