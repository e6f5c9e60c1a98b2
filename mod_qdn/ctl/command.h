/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_COMMAND_H
#define QDN_COMMAND_H

/*
 * One command of qdnctl is one file cmd_<name>.c that ends with its row:
 *
 *     static const qdn_option_t options[] = {
 *         { .name = "secrets", .value = "SPEC", .required = 1,
 *           .help = "where the secrets are" },
 *         { 0 }
 *     };
 *
 *     const qdn_command_t qdn_cmd_sign = {
 *         .name = "sign",
 *         .synopsis = "--secrets SPEC --url URL",
 *         .summary = "print or check a webhook's signature",
 *         .options = options,
 *         .run = run,
 *     };
 *
 * The row is declared below and listed in main.c, which parses the options,
 * refuses unknown, missing and surplus ones, prints --help from the row and
 * calls run. -j, -v, -q and --help are known to every command.
 */

#include <apr_tables.h>

/* What qdnctl ends with. */
typedef enum {
    QDN_EXIT_OK = 0,
    QDN_EXIT_FOUND = 1, /* done, and there is something to look at */
    QDN_EXIT_USAGE = 2  /* wrong usage, or it could not be done */
} qdn_exit_e;

typedef struct qdn_option_t {
    const char *name;  /* without --; NULL ends the table */
    char letter;       /* of the short form, 0: none */
    const char *value; /* what the help calls its value, NULL: a flag */
    int required;
    const char *help; /* half a sentence, lower case, no full stop */
} qdn_option_t;

typedef struct qdn_command_t qdn_command_t;

/* One run of a command. */
typedef struct qdn_ctl_t {
    apr_pool_t *pool; /* lives until qdnctl ends */
    const qdn_command_t *command;
    int json;                 /* -j: print one JSON document and nothing else */
    int quiet;                /* -q: neither progress nor remarks */
    apr_array_header_t *args; /* const char *: what is no option */
    apr_array_header_t *given; /* options.c's own: the options, in order */
} qdn_ctl_t;

struct qdn_command_t {
    const char *name;
    const char *synopsis;        /* without the options that all have */
    const char *summary;         /* half a sentence, lower case, no full stop */
    const char *detail;          /* paragraphs for --help, or NULL */
    const qdn_option_t *options; /* NULL: none of its own */
    int args_min, args_max;      /* how many args; args_max < 0: any */
    qdn_exit_e (*run)(qdn_ctl_t *ctl);
};

/*
 * Options of this run by name. Asking for a name that is not in the
 * command's table ends qdnctl: it is a slip of the command's author.
 */

/* The (last) value, NULL if it was not given; "" for a flag that was. */
const char *qdn_ctl_option(const qdn_ctl_t *ctl, const char *name);

/* Every value of an option that may be repeated: const char *, in order. */
apr_array_header_t *qdn_ctl_options(const qdn_ctl_t *ctl, const char *name);

extern const qdn_command_t qdn_cmd_audit;
extern const qdn_command_t qdn_cmd_calls;
extern const qdn_command_t qdn_cmd_credentials;
extern const qdn_command_t qdn_cmd_doctor;
extern const qdn_command_t qdn_cmd_explain;
extern const qdn_command_t qdn_cmd_forget;
extern const qdn_command_t qdn_cmd_journal;
extern const qdn_command_t qdn_cmd_replay;
extern const qdn_command_t qdn_cmd_schema;
extern const qdn_command_t qdn_cmd_sign;
extern const qdn_command_t qdn_cmd_simulate;
extern const qdn_command_t qdn_cmd_status;
extern const qdn_command_t qdn_cmd_sweep;

#endif
