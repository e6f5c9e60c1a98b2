/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <apr_getopt.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define OPTIONS_MAX  32
#define NAMELESS     256 /* an option without a letter is 256 and its index */
#define TERMINAL     80
#define HELP_COLUMN  26
#define USAGE_INDENT 15 /* under the first character after "usage: qdnctl " */

const qdn_option_t qdn_options_shared[] = {
    { .name = "json", .letter = 'j', .help = "print one JSON document" },
    { .name = "verbose", .letter = 'v', .help = "say more; twice: still more" },
    { .name = "quiet", .letter = 'q', .help = "say less" },
    { .name = "help", .letter = 'h', .help = "show this and end" },
    { .name = "version", .letter = 'V', .help = "show the version and end" },
    { 0 },
};

/* An option of this run. */
typedef struct given_t {
    const qdn_option_t *option;
    const char *value;
} given_t;

/* Both tables of a command as one, in apr_getopt's form. */
typedef struct parser_t {
    apr_pool_t *pool;
    apr_getopt_t *os;
    const qdn_option_t *option[OPTIONS_MAX];
    apr_getopt_option_t apr[OPTIONS_MAX + 1];
    int count;
    const char *error;
} parser_t;

static void parser_add(parser_t *parser, const qdn_option_t *options)
{
    for (; options && options->name; options++) {
        int n = parser->count++;

        if (n == OPTIONS_MAX) {
            abort();
        }
        parser->option[n] = options;
        parser->apr[n] = (apr_getopt_option_t){
            .name = options->name,
            .optch = options->letter ? options->letter : NAMELESS + n,
            .has_arg = options->value != NULL,
        };
    }
    parser->apr[parser->count] = (apr_getopt_option_t){ 0 };
}

/* apr_getopt's "PROGRAM: what is wrong: OPTION\n", without both ends. */
static void keep_error(void *baton, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void keep_error(void *baton, const char *fmt, ...)
{
    parser_t *parser = baton;
    va_list args;
    char *text, *colon;

    va_start(args, fmt);
    text = apr_pvsprintf(parser->pool, fmt, args);
    va_end(args);
    text[strcspn(text, "\n")] = '\0';
    colon = strstr(text, ": ");
    parser->error = colon ? colon + 2 : text;
}

static void parser_init(parser_t *parser, int argc, const char *const *argv,
                        apr_pool_t *p)
{
    memset(parser, 0, sizeof(*parser));
    parser->pool = p;
    apr_getopt_init(&parser->os, p, argc, argv);
    parser->os->errfn = keep_error;
    parser->os->errarg = parser;
    parser_add(parser, qdn_options_shared);
}

/* The next option, NULL at the end or on an error. */
static const qdn_option_t *parser_next(parser_t *parser, const char **pvalue)
{
    apr_status_t rv;
    int ch;

    rv = apr_getopt_long(parser->os, parser->apr, &ch, pvalue);
    for (int i = 0; rv == APR_SUCCESS && i < parser->count; i++) {
        if (parser->apr[i].optch == ch) {
            return parser->option[i];
        }
    }
    return NULL;
}

static int take_shared(qdn_common_t *common, const qdn_option_t *option)
{
    switch (option->letter) {
    case 'j':
        common->json = 1;
        break;
    case 'v':
        common->louder++;
        break;
    case 'q':
        common->louder--;
        break;
    case 'h':
        common->help = 1;
        break;
    case 'V':
        common->version = 1;
        break;
    default:
        return 0;
    }
    return 1;
}

const char *qdn_options_common(qdn_common_t *common, int *pargc,
                               const char *const **pargv, apr_pool_t *p)
{
    const qdn_option_t *option;
    const char *value;
    parser_t parser;

    parser_init(&parser, *pargc, *pargv, p);
    while ((option = parser_next(&parser, &value))) {
        take_shared(common, option);
    }
    *pargv += parser.os->ind;
    *pargc -= parser.os->ind;
    return parser.error;
}

static const char *missing(const qdn_ctl_t *ctl)
{
    const qdn_option_t *option = ctl->command->options;

    for (; option && option->name; option++) {
        if (option->required && !qdn_ctl_option(ctl, option->name)) {
            return apr_psprintf(ctl->pool, "--%s %s is missing", option->name,
                                option->value);
        }
    }
    if (ctl->args->nelts < ctl->command->args_min) {
        return "an argument is missing";
    }
    if (ctl->command->args_max >= 0 &&
        ctl->args->nelts > ctl->command->args_max) {
        return apr_psprintf(
            ctl->pool, "'%s' is one argument too many",
            APR_ARRAY_IDX(ctl->args, ctl->command->args_max, const char *));
    }
    return NULL;
}

const char *qdn_options_command(qdn_ctl_t *ctl, qdn_common_t *common, int argc,
                                const char *const *argv)
{
    const qdn_option_t *option;
    const char *value;
    parser_t parser;

    ctl->given = apr_array_make(ctl->pool, 8, sizeof(given_t));
    ctl->args = apr_array_make(ctl->pool, 4, sizeof(const char *));
    parser_init(&parser, argc, argv, ctl->pool);
    parser_add(&parser, ctl->command->options);
    parser.os->interleave = 1;
    while ((option = parser_next(&parser, &value))) {
        given_t given = { option, option->value ? value : "" };

        if (!take_shared(common, option)) {
            APR_ARRAY_PUSH(ctl->given, given_t) = given;
        }
    }
    for (int i = parser.os->ind; i < argc; i++) {
        APR_ARRAY_PUSH(ctl->args, const char *) = parser.os->argv[i];
    }
    if (parser.error || common->help || common->version) {
        return parser.error;
    }
    return missing(ctl);
}

static const qdn_option_t *find(const qdn_ctl_t *ctl, const char *name)
{
    const qdn_option_t *option = ctl->command->options;

    while (option && option->name && strcmp(option->name, name)) {
        option++;
    }
    if (!option || !option->name) {
        abort();
    }
    return option;
}

apr_array_header_t *qdn_ctl_options(const qdn_ctl_t *ctl, const char *name)
{
    const qdn_option_t *option = find(ctl, name);
    apr_array_header_t *values =
        apr_array_make(ctl->pool, 2, sizeof(const char *));

    for (int i = 0; i < ctl->given->nelts; i++) {
        const given_t *given = &APR_ARRAY_IDX(ctl->given, i, given_t);

        if (given->option == option) {
            APR_ARRAY_PUSH(values, const char *) = given->value;
        }
    }
    return values;
}

const char *qdn_ctl_option(const qdn_ctl_t *ctl, const char *name)
{
    apr_array_header_t *values = qdn_ctl_options(ctl, name);
    const char **last = apr_array_pop(values);

    return last ? *last : NULL;
}

/* Where the piece of a synopsis that begins at s ends: before [ or --. */
static const char *piece_end(const char *s)
{
    int depth = 0;

    for (; *s; s++) {
        depth += (*s == '[') - (*s == ']');
        if (!depth && *s == ' ' && (s[1] == '[' || s[1] == '-')) {
            break;
        }
    }
    return s;
}

/*
 * Append words or pieces of s, on new lines from column `indent` where the
 * terminal would end; `column` is where the line stands now.
 */
static void add_wrapped(qdn_text_t *text, const char *s, apr_size_t column,
                        apr_size_t indent, const char *(*end_of)(const char *s))
{
    for (const char *end; *s; s = end + (*end == ' ')) {
        apr_size_t len;

        end = end_of(s);
        len = (apr_size_t)(end - s);
        if (column > indent && column + 1 + len >= TERMINAL) {
            qdn_text_addf(text, "\n%*s", (int)indent, "");
            column = indent;
        }
        else if (column > indent) {
            qdn_text_addc(text, ' ');
            column++;
        }
        qdn_text_addn(text, s, len);
        column += len;
    }
    qdn_text_addc(text, '\n');
}

static const char *word_end(const char *s)
{
    return s + strcspn(s, " ");
}

const char *qdn_options_usage(const qdn_command_t *command, apr_pool_t *p)
{
    qdn_text_t text;

    qdn_text_init(&text, 256, p);
    qdn_text_addf(&text, "usage: qdnctl [-j] [-v|-q] %s", command->name);
    add_wrapped(&text, command->synopsis, text.len, USAGE_INDENT, piece_end);
    return text.buf;
}

/* Up to the line end that separates paragraphs or precedes an example. */
static apr_size_t paragraph_len(const char *s)
{
    const char *end = s;

    if (*s == ' ') {
        return strcspn(s, "\n");
    }
    while (*end && !(end[0] == '\n' && (end[1] == '\n' || end[1] == ' '))) {
        end++;
    }
    return (apr_size_t)(end - s);
}

const char *qdn_options_paragraphs(const char *s, apr_pool_t *p)
{
    qdn_text_t text;

    qdn_text_init(&text, 1024, p);
    while (*s) {
        apr_size_t n = paragraph_len(s);
        char *paragraph = apr_pstrmemdup(p, s, n);

        for (char *c = paragraph; *s != ' ' && *c; c++) {
            *c = *c == '\n' ? ' ' : *c;
        }
        if (*s == ' ') {
            qdn_text_addf(&text, "%s\n", paragraph);
        }
        else {
            add_wrapped(&text, paragraph, 0, 0, word_end);
        }
        s += n + (s[n] == '\n');
    }
    return text.buf;
}

static void describe(qdn_text_t *text, const qdn_option_t *option)
{
    const char *help = option->help;
    apr_size_t start = text->len, used;

    qdn_text_add(text, "  ");
    if (option->letter) {
        qdn_text_addf(text, "-%c, ", option->letter);
    }
    qdn_text_addf(text, "--%s", option->name);
    if (option->value) {
        qdn_text_addf(text, " %s", option->value);
    }
    used = text->len - start;
    if (used + 1 < HELP_COLUMN) {
        qdn_text_addf(text, "%*s", (int)(HELP_COLUMN - used), "");
    }
    else {
        qdn_text_addf(text, "\n%*s", HELP_COLUMN, "");
    }
    if (option->required) {
        help = apr_pstrcat(text->pool, help, " (required)", NULL);
    }
    add_wrapped(text, help, HELP_COLUMN, HELP_COLUMN, word_end);
}

const char *qdn_options_describe(const qdn_option_t *options, apr_pool_t *p)
{
    qdn_text_t text;

    qdn_text_init(&text, 512, p);
    for (; options && options->name; options++) {
        describe(&text, options);
    }
    return text.buf;
}
