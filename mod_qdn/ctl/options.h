/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OPTIONS_H
#define QDN_OPTIONS_H

/* The command line, read by main.c for every command. */

#include "command.h"
#include "log.h"

/* What the options that all commands have say. */
typedef struct qdn_common_t {
    int json;
    int louder; /* how many -v, minus how many -q */
    int help;
    int version;
} qdn_common_t;

/*
 * Read the options before the command's name: *pargc and *pargv then begin
 * with it, or are empty. NULL, or a sentence that says what is wrong.
 */
const char *qdn_options_common(qdn_common_t *common, int *pargc,
                               const char *const **pargv, apr_pool_t *p);

/*
 * Read what follows the name of ctl->command (argv[0]) into ctl and common;
 * what is required is asked for only without --help.
 */
const char *qdn_options_command(qdn_ctl_t *ctl, qdn_common_t *common, int argc,
                                const char *const *argv);

/* "usage: qdnctl ..." and the synopsis, as lines that fit a terminal, in p. */
const char *qdn_options_usage(const qdn_command_t *command, apr_pool_t *p);

/*
 * Text in paragraphs as lines that fit a terminal, in p: an empty line stays,
 * a line that begins with a blank stays as it is, others flow together.
 */
const char *qdn_options_paragraphs(const char *s, apr_pool_t *p);

/* The table as --help shows it, one line per option, in p. */
const char *qdn_options_describe(const qdn_option_t *options, apr_pool_t *p);

/* The options that all commands have. */
extern const qdn_option_t qdn_options_shared[];

#endif
