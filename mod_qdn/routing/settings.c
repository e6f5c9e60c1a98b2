/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_cstr.h>
#include <apr_strings.h>
#include <string.h>
#include "parse.h"
#include "setter.h"

/* One for each row of qdn_settings. */
struct qdn_given_t {
    int yes;
    qdn_origin_t at;
};

static const struct {
    int scope;
    const char *place;
} places[] = {
    { QDN_IN_SERVER, "in the main server outside of every block" },
    { QDN_IN_LOCATION, "inside <Location>" },
    { QDN_IN_OPERATOR, "inside <QDNOperator>" },
    { QDN_IN_LINE, "inside <QDNLine>" },
    { QDN_IN_CASCADE, "inside <QDNCascade>" },
};

static apr_size_t rows(void)
{
    apr_size_t n = 0;

    while (qdn_settings[n].name) {
        n++;
    }
    return n;
}

static const qdn_setting_t *find(const char *name)
{
    const qdn_setting_t *s;

    for (s = qdn_settings; s->name; s++) {
        if (!apr_cstr_casecmp(s->name, name)) {
            return s;
        }
    }
    return NULL;
}

static int scope_of(const qdn_builder_t *b)
{
    return b->op         ? QDN_IN_OPERATOR
           : b->line     ? QDN_IN_LINE
           : b->cascade  ? QDN_IN_CASCADE
           : b->location ? QDN_IN_LOCATION
                         : QDN_IN_SERVER;
}

/* "QDNHop" as well as "<QDNLine>": a block's row lacks its end. */
static const char *shown(const qdn_setting_t *s, apr_pool_t *p)
{
    return *s->name == '<' ? apr_pstrcat(p, s->name, ">", NULL) : s->name;
}

static const char *misplaced(const qdn_setting_t *s, apr_pool_t *p)
{
    const char *where = NULL;
    apr_size_t i;

    for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (s->scopes & places[i].scope) {
            where = where ? apr_pstrcat(p, where, " or ", places[i].place, NULL)
                          : places[i].place;
        }
    }
    return apr_psprintf(p, "%s may not stand here, only %s", shown(s, p),
                        where);
}

/*
 * Where the directive of this row was given before in the same place; NULL if
 * it may be repeated. The same URL of two Locations is no repetition: they
 * are told apart by their path, in qdn_set_public_url.
 */
static struct qdn_given_t *given_here(qdn_builder_t *b, const qdn_setting_t *s)
{
    int in_block = b->op || b->line || b->cascade;
    struct qdn_given_t **pgiven = in_block ? &b->block_given : &b->server_given;

    if (s->repeat || (b->location && !in_block)) {
        return NULL;
    }
    if (!*pgiven) {
        *pgiven = apr_pcalloc(b->pool, rows() * sizeof(**pgiven));
    }
    return *pgiven + (s - qdn_settings);
}

static const char *words_wrong(const qdn_setting_t *s, int n, apr_pool_t *p)
{
    if (n >= s->min && (!s->max || n <= s->max)) {
        return NULL;
    }
    return apr_psprintf(p,
                        "expected is %s %s%s; what contains blanks stands in "
                        "quotes",
                        s->name, s->syntax, *s->name == '<' ? ">" : "");
}

static const char *set(qdn_builder_t *b, const qdn_setting_t *s,
                       const char *raw)
{
    apr_array_header_t *words;
    const char *error;

    error = qdn_parse_words(raw, &words, b->pool);
    if (!error) {
        error = words_wrong(s, words->nelts, b->pool);
    }
    if (!error) {
        error = s->set(b, words);
    }
    return error ? apr_psprintf(b->pool, "%s: %s", shown(s, b->pool), error)
                 : NULL;
}

const char *qdn_settings_apply(qdn_builder_t *b, const char *name,
                               const char *raw)
{
    const qdn_setting_t *s = find(name);
    struct qdn_given_t *given;
    const char *error;

    if (!s) {
        return apr_psprintf(b->pool, "%s is not a directive of this version",
                            name);
    }
    if (!(s->scopes & scope_of(b))) {
        return misplaced(s, b->pool);
    }
    given = given_here(b, s);
    if (given && given->yes) {
        return apr_psprintf(b->pool,
                            "%s was given already at %s; remove one of the two",
                            s->name, qdn_origin_text(given->at, b->pool));
    }
    error = set(b, s, raw ? raw : "");
    if (!error && given) {
        given->yes = 1;
        given->at = b->origin;
    }
    return error;
}

void qdn_settings_close(qdn_builder_t *b)
{
    b->op = NULL;
    b->line = NULL;
    b->cascade = NULL;
    if (b->block_given) {
        memset(b->block_given, 0, rows() * sizeof(*b->block_given));
    }
}
