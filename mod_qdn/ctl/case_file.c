/* SPDX-License-Identifier: Apache-2.0 */
#include "case_file.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "parse.h"
#include "status.h"
#include "when.h"

#define CASE_MAX (256 * 1024) /* bytes */

typedef struct reader_t {
    qdn_case_t *c;
    apr_pool_t *pool;
    int line;
    int dial_said;
    const struct section_t *section;
} reader_t;

typedef struct section_t {
    const char *name;
    /* One line, without the blanks around it; NULL or what is wrong. */
    const char *(*take)(reader_t *r, char *text);
    int verbatim; /* empty lines and comments belong to it */
} section_t;

/* "key = value": value, with *pkey set; NULL if there is no =. */
static char *split(char *text, const char **pkey)
{
    char *equals = strchr(text, '=');
    char *end = equals;

    if (!equals) {
        return NULL;
    }
    while (end > text && apr_isspace(end[-1])) {
        end--;
    }
    *end = '\0';
    *pkey = text;
    equals++;
    return equals + strspn(equals, " \t");
}

static const char *join(reader_t *r, const char *so_far, const char *text)
{
    return apr_pstrcat(r->pool, so_far, text, "\n", NULL);
}

static const char *take_about(reader_t *r, char *text)
{
    r->c->about = join(r, r->c->about, text);
    return NULL;
}

static apr_status_t slurp(char **ptext, const char *path, apr_pool_t *p)
{
    apr_size_t len = CASE_MAX;
    apr_file_t *file;
    apr_status_t rv = apr_file_open(&file, path, APR_FOPEN_READ, 0, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    *ptext = apr_palloc(p, CASE_MAX + 1);
    rv = apr_file_read_full(file, *ptext, len, &len);
    (*ptext)[len] = '\0';
    apr_file_close(file);
    return APR_STATUS_IS_EOF(rv) ? APR_SUCCESS : QDN_ETOOBIG;
}

static const char *directory_of(reader_t *r)
{
    const char *slash = strrchr(r->c->path, '/');

    return slash ? apr_pstrmemdup(r->pool, r->c->path,
                                  (apr_size_t)(slash - r->c->path) + 1)
                 : "";
}

/* `include FILE` is replaced by that file of the case's own directory. */
static const char *directive(reader_t *r, const char **pconfig, char *text)
{
    char *included = text;

    if (strncmp(text, "include ", 8) == 0) {
        const char *path =
            apr_pstrcat(r->pool, directory_of(r), text + 8, NULL);

        if (slurp(&included, path, r->pool) != APR_SUCCESS) {
            return apr_pstrcat(r->pool, "cannot read ", path, NULL);
        }
    }
    *pconfig = join(r, *pconfig, included);
    return NULL;
}

static const char *take_config(reader_t *r, char *text)
{
    return directive(r, &r->c->config, text);
}

static const char *take_later(reader_t *r, char *text)
{
    if (!r->c->config_later) {
        r->c->config_later = "";
    }
    return directive(r, &r->c->config_later, text);
}

typedef enum { TEXT, WHEN, NUMBER, SWITCH, CALLER, SKIP } kind_e;

/* clang-format off */
static const struct {
    const char *key;
    kind_e kind;
    apr_size_t at; /* in qdn_play_t, or in qdn_case_t for a NUMBER */
} call_keys[] = {
    { "from", TEXT, offsetof(qdn_play_t, from) },
    { "to", TEXT, offsetof(qdn_play_t, to) },
    { "forwarded_from", TEXT, offsetof(qdn_play_t, forwarded_from) },
    { "stir", TEXT, offsetof(qdn_play_t, stir) },
    { "method", TEXT, offsetof(qdn_play_t, method) },
    { "fallback_url", TEXT, offsetof(qdn_play_t, fallback_url) },
    { "lost", TEXT, offsetof(qdn_play_t, lost) },
    { "at", WHEN, offsetof(qdn_play_t, at) },
    { "caller", CALLER, offsetof(qdn_play_t, caller) },
    { "bridged_absent", SWITCH, offsetof(qdn_play_t, bridged_absent) },
    { "status_first", SWITCH, offsetof(qdn_play_t, status_first) },
    { "silent_action", SWITCH, offsetof(qdn_play_t, silent_action) },
    { "screened_no_answer", SWITCH,
      offsetof(qdn_play_t, screened_no_answer) },
    { "rule", NUMBER, offsetof(qdn_case_t, rule) },
    { "later", NUMBER, offsetof(qdn_case_t, later) },
    { "skip", SKIP, 0 },
};
/* clang-format on */

static const char *set_value(reader_t *r, kind_e kind, apr_size_t at,
                             char *value)
{
    char *field = (char *)&r->c->play + at;
    apr_int64_t n;
    const char *error;
    char *last, *word;

    switch (kind) {
    case TEXT:
        *(const char **)field = value;
        return NULL;
    case WHEN:
        return qdn_when_parse(value, (apr_time_t *)field, r->pool);
    case SWITCH:
        return qdn_parse_flag(value, (int *)field, r->pool);
    case CALLER:
        return qdn_caller_parse((qdn_caller_t *)field, value, r->pool);
    case NUMBER:
        error = qdn_parse_int(value, 0, 99, &n, r->pool);
        *(int *)((char *)r->c + at) = error ? 0 : (int)n;
        return error;
    case SKIP:
        break;
    }
    for (word = apr_strtok(value, ", ", &last); word;
         word = apr_strtok(NULL, ", ", &last)) {
        apr_table_set(r->c->skip, word, "");
    }
    return NULL;
}

static const char *take_call(reader_t *r, char *text)
{
    const char *key;
    char *value = split(text, &key);
    apr_size_t i;

    for (i = 0; value && i < sizeof(call_keys) / sizeof(call_keys[0]); i++) {
        if (strcmp(call_keys[i].key, key) == 0) {
            return set_value(r, call_keys[i].kind, call_keys[i].at, value);
        }
    }
    return apr_psprintf(r->pool, "\"%s\" is nothing that [call] has", text);
}

static const char *take_person(reader_t *r, char *text)
{
    qdn_person_t *person = apr_palloc(r->pool, sizeof(*person));
    const char *name;
    char *script = split(text, &name);

    if (!script) {
        return "[people] has lines like: sergio/primary = accept@6s";
    }
    apr_hash_set(r->c->play.people, name, APR_HASH_KEY_STRING, person);
    return qdn_person_parse(person, script, r->pool);
}

/* What it means is for those who can tell the module (t/cases/README.md). */
static const char *take_known(reader_t *r, char *text)
{
    qdn_case_known_t *known = apr_array_push(r->c->known);

    known->what = split(text, &known->name);
    return known->what ? NULL : "[availability] has lines like: ana = away";
}

/* "20s +16195550101 +16195550103", or "nobody". */
static const char *take_dial(reader_t *r, char *value)
{
    qdn_case_dial_t *dial = apr_palloc(r->pool, sizeof(*dial));
    apr_interval_time_t ring;
    char *last, *word = apr_strtok(value, " \t", &last);
    const char *error;

    r->dial_said = 1;
    if (word && strcmp(word, "nobody") == 0) {
        return NULL;
    }
    if (!word) {
        return "dial = SECONDS NUMBER..., or nobody";
    }
    error = qdn_parse_duration(word, "s", 0, apr_time_from_sec(600), &ring,
                               r->pool);
    dial->ring = error ? 0 : (int)apr_time_sec(ring);
    dial->numbers = apr_array_make(r->pool, 4, sizeof(const char *));
    while ((word = apr_strtok(NULL, " \t", &last))) {
        APR_ARRAY_PUSH(dial->numbers, const char *) = word;
    }
    APR_ARRAY_PUSH(r->c->dials, qdn_case_dial_t *) = dial;
    return error;
}

static const char *take_expect(reader_t *r, char *text)
{
    static const char *const keys[] = {
        "outcome",     "answered_by", "hops", "ring_seconds", "talk_seconds",
        "call_status", "message",     "row",  "legs",         NULL
    };
    const char *key;
    char *value = split(text, &key);
    int i;

    if (value && strcmp(key, "dial") == 0) {
        return take_dial(r, value);
    }
    for (i = 0; value && keys[i]; i++) {
        if (strcmp(keys[i], key) == 0) {
            apr_table_set(r->c->expected, key, value);
            return NULL;
        }
    }
    return apr_psprintf(r->pool, "\"%s\" is nothing that [expect] has", text);
}

/* Words one blank apart, so that events can be compared as text. */
static const char *take_event(reader_t *r, char *text)
{
    const char *event = NULL;
    char *last, *word;

    for (word = apr_strtok(text, " \t", &last); word;
         word = apr_strtok(NULL, " \t", &last)) {
        event = event ? apr_pstrcat(r->pool, event, " ", word, NULL) : word;
    }
    APR_ARRAY_PUSH(r->c->events, const char *) = event;
    return NULL;
}

/* STEP[#N] [no] ELEMENT [ATTRIBUTE=VALUE...] [~ WORDS] */
static const char *take_fact(reader_t *r, char *text)
{
    qdn_case_fact_t *fact = apr_pcalloc(r->pool, sizeof(*fact));
    char *words, *last, *word;
    const char *name;

    fact->text = apr_pstrdup(r->pool, text);
    fact->attributes = apr_table_make(r->pool, 4);
    words = strstr(text, " ~ ");
    if (words) {
        *words = '\0';
        fact->words = words + 3;
    }
    fact->step = apr_strtok(text, " \t", &last);
    words = strchr(fact->step, '#');
    if (words) {
        *words = '\0';
        fact->turn = atoi(words + 1);
    }
    while ((word = apr_strtok(NULL, " \t", &last))) {
        char *value = split(word, &name);

        if (value) {
            apr_table_set(fact->attributes, name, value);
        }
        else if (!fact->element && strcmp(word, "no") == 0) {
            fact->absent = 1;
        }
        else {
            fact->element = word;
        }
    }
    APR_ARRAY_PUSH(r->c->facts, qdn_case_fact_t *) = fact;
    return fact->element ? NULL : "a fact names a step and an element";
}

static const section_t sections[] = {
    { "about", take_about, 0 },        { "config", take_config, 1 },
    { "later", take_later, 1 },        { "call", take_call, 0 },
    { "availability", take_known, 0 }, { "people", take_person, 0 },
    { "expect", take_expect, 0 },      { "events", take_event, 0 },
    { "twiml", take_fact, 0 },
};

static const char *open_section(reader_t *r, const char *text)
{
    apr_size_t i, len = strlen(text);

    for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (strlen(sections[i].name) == len - 2 &&
            strncmp(sections[i].name, text + 1, len - 2) == 0) {
            r->section = &sections[i];
            return NULL;
        }
    }
    return apr_psprintf(r->pool, "%s is no section of a case", text);
}

static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && apr_isspace(end[-1])) {
        *--end = '\0';
    }
    return text + strspn(text, " \t");
}

static const char *take_line(reader_t *r, char *text)
{
    apr_size_t len;

    text = trim(text);
    len = strlen(text);
    if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
        return open_section(r, text);
    }
    if (r->section && r->section->verbatim) {
        return r->section->take(r, text);
    }
    if (!*text || *text == '#') {
        return NULL;
    }
    return r->section ? r->section->take(r, text)
                      : "text before the first [section]";
}

/* What no case may leave out. */
static const char *complete(const reader_t *r)
{
    return !*r->c->about      ? "it has no [about]"
           : !r->c->play.from ? "[call] has no from"
           : !r->c->play.to   ? "[call] has no to"
           : !r->c->play.at   ? "[call] has no at"
           : !r->dial_said    ? "[expect] has no dial"
           : !apr_table_get(r->c->expected, "outcome")
               ? "[expect] has no outcome"
           : r->c->events->nelts == 0 ? "it has no [events]"
                                      : NULL;
}

static qdn_case_t *empty_case(const char *path, apr_pool_t *p)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    qdn_case_t *c = apr_pcalloc(p, sizeof(*c));

    c->path = path;
    c->name = dot ? apr_pstrmemdup(p, name, (apr_size_t)(dot - name)) : name;
    c->about = c->config = "";
    c->play.people = apr_hash_make(p);
    qdn_caller_init(&c->play.caller);
    c->skip = apr_table_make(p, 4);
    c->expected = apr_table_make(p, 8);
    c->known = apr_array_make(p, 4, sizeof(qdn_case_known_t));
    c->dials = apr_array_make(p, 8, sizeof(qdn_case_dial_t *));
    c->events = apr_array_make(p, 16, sizeof(const char *));
    c->facts = apr_array_make(p, 8, sizeof(qdn_case_fact_t *));
    return c;
}

apr_status_t qdn_case_read(qdn_case_t **pcase, const char *path,
                           const char **perror, apr_pool_t *p)
{
    reader_t r = { .pool = p };
    const char *error = NULL;
    char *text, *next;
    apr_status_t rv = slurp(&text, path, p);

    if (rv != APR_SUCCESS) {
        char buf[128];

        *perror =
            apr_psprintf(p, "%s: %s", path, qdn_strerror(rv, buf, sizeof(buf)));
        return rv;
    }
    r.c = empty_case(apr_pstrdup(p, path), p);
    for (; text && !error; text = next) {
        next = strchr(text, '\n');
        if (next) {
            *next++ = '\0';
        }
        r.line++;
        error = take_line(&r, text);
    }
    error = error ? error : complete(&r);
    if (error) {
        *perror = apr_psprintf(p, "%s:%d: %s", path, r.line, error);
        return QDN_EMALFORMED;
    }
    *pcase = r.c;
    return APR_SUCCESS;
}
