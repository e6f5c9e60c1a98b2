/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include "conf_reader.h"
#include "settings.h"

typedef struct reader_t {
    qdn_builder_t b;
    apr_pool_t *pool;
    const char *rest;         /* of the text */
    int line;                 /* number of the last line taken */
    apr_array_header_t *open; /* const char *: names of open blocks */
} reader_t;

static char *trim(char *s)
{
    char *end;

    while (apr_isspace(*s)) {
        s++;
    }
    for (end = s + strlen(s); end > s && apr_isspace(end[-1]); end--) {
        end[-1] = '\0';
    }
    return s;
}

static char *take_line(reader_t *r)
{
    apr_size_t n = strcspn(r->rest, "\n");
    char *line = apr_pstrmemdup(r->pool, r->rest, n);

    r->rest += n + (r->rest[n] == '\n');
    r->line++;
    return line;
}

/* A whole directive; r->b.origin becomes its first line. NULL at the end. */
static char *take_directive(reader_t *r)
{
    char *line;
    apr_size_t n;

    if (!*r->rest) {
        return NULL;
    }
    line = take_line(r);
    r->b.origin = (qdn_origin_t){ QDN_TEST_CONF, r->line };
    while ((n = strlen(line)) && line[n - 1] == '\\' && *r->rest) {
        line[n - 1] = '\0';
        line = apr_pstrcat(r->pool, line, take_line(r), NULL);
    }
    return trim(line);
}

/* Cut `s` after its first word; what follows, trimmed. */
static char *cut(char *s)
{
    while (*s && !apr_isspace(*s)) {
        s++;
    }
    if (*s) {
        *s++ = '\0';
    }
    return trim(s);
}

static int is_ours(const char *name)
{
    return !strncasecmp(name + (*name == '<'), "QDN", 3);
}

static int in_our_block(const reader_t *r)
{
    return r->b.op || r->b.line || r->b.cascade;
}

static const char *open_block(reader_t *r, char *directive)
{
    apr_size_t n = strlen(directive);
    char *args;

    if (directive[n - 1] != '>') {
        return "the block's > is missing";
    }
    directive[n - 1] = '\0';
    args = cut(directive);
    APR_ARRAY_PUSH(r->open, const char *) = directive + 1;
    if (is_ours(directive)) {
        return qdn_settings_apply(&r->b, directive, args);
    }
    if (in_our_block(r)) {
        return apr_psprintf(r->pool, "%s> may not stand here", directive);
    }
    if (!apr_cstr_casecmp(directive, "<Location")) {
        r->b.location =
            *args == '"' ? apr_pstrmemdup(r->pool, args + 1, strlen(args) - 2)
                         : args;
    }
    return NULL;
}

static const char *close_block(reader_t *r, char *directive)
{
    const char **pname = apr_array_pop(r->open);
    char *name = apr_pstrdup(r->pool, directive + 2);

    name[strcspn(name, ">")] = '\0';
    if (!pname || apr_cstr_casecmp(*pname, name)) {
        return apr_psprintf(r->pool, "%s closes nothing", directive);
    }
    if (is_ours(name)) {
        qdn_settings_close(&r->b);
    }
    else if (!apr_cstr_casecmp(name, "Location")) {
        r->b.location = NULL;
    }
    return NULL;
}

static const char *read_directive(reader_t *r, char *directive)
{
    char *args;

    if (!*directive || *directive == '#') {
        return NULL;
    }
    if (*directive == '<') {
        return directive[1] == '/' ? close_block(r, directive)
                                   : open_block(r, directive);
    }
    args = cut(directive);
    if (is_ours(directive)) {
        return qdn_settings_apply(&r->b, directive, args);
    }
    return in_our_block(r)
               ? apr_psprintf(r->pool, "%s may not stand here", directive)
               : NULL;
}

static const char *read_all(reader_t *r)
{
    const char *error;
    char *directive;

    while ((directive = take_directive(r))) {
        error = read_directive(r, directive);
        if (error) {
            return apr_psprintf(r->pool, "line %d: %s", r->b.origin.line,
                                error);
        }
    }
    if (r->open->nelts) {
        const char **pname = apr_array_pop(r->open);

        return apr_psprintf(r->pool, "line %d: <%s> is not closed", r->line,
                            *pname);
    }
    return NULL;
}

const char *qdn_test_read_conf(qdn_plan_t **pplan, const char *text,
                               apr_array_header_t **pproblems, apr_pool_t *p)
{
    reader_t r = {
        .pool = p,
        .rest = text,
        .open = apr_array_make(p, 4, sizeof(const char *)),
    };
    apr_array_header_t *problems = NULL;
    const qdn_problem_t *first;
    const char *error;

    r.b.pool = p;
    r.b.plan = *pplan = qdn_plan_create(p);
    error = read_all(&r);
    if (!error && qdn_plan_freeze(*pplan, &problems, p) != APR_SUCCESS) {
        first = (const qdn_problem_t *)problems->elts;
        error = apr_psprintf(p, "line %d: %s", first->origin.line, first->text);
    }
    if (pproblems) {
        *pproblems = problems;
    }
    return error;
}
