/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>
#include "option.h"
#include "parse.h"
#include "setter.h"

#define SECONDS(n) apr_time_from_sec(n)
#define DAYS(n)    SECONDS(APR_INT64_C(86400) * (n))

/*
 * Twilio gives a webhook 15 s. What is waited for the journal is taken from
 * that, so the bound leaves room for the answer's way.
 */
#define WAIT_MIN (SECONDS(1) / 10)
#define WAIT_MAX SECONDS(10)

#define JOURNAL_MIN (APR_INT64_C(1) << 20)
#define JOURNAL_MAX (APR_INT64_C(1) << 40)

#define RETENTION_MAX DAYS(36500)
#define ROTATE_MAX    DAYS(3650)

static const char *joined(const apr_array_header_t *words, apr_pool_t *p)
{
    return apr_array_pstrcat(p, words, ' ');
}

/*
 * Only the form: the source itself is looked at by the shell, at the moment
 * when it may be read.
 */
const char *qdn_set_secrets(qdn_builder_t *b, const apr_array_header_t *words)
{
    const char *spec = joined(words, b->pool);

    if (strncmp(spec, "dotenv:/", 8) && strncmp(spec, "exec:/", 6)) {
        return apr_psprintf(b->pool,
                            "'%s' is no source of secrets; accepted are "
                            "dotenv:/absolute/path and exec:/absolute/path",
                            spec);
    }
    if (*spec == 'd' && words->nelts > 1) {
        return "dotenv: takes one path; a path with blanks stands in quotes";
    }
    if (b->line) {
        b->line->secrets = spec;
        b->line->secrets_origin = b->origin;
    }
    else {
        b->plan->secrets = spec;
        b->plan->secrets_origin = b->origin;
    }
    return NULL;
}

static const char *without_last_slash(const char *path, apr_pool_t *p)
{
    apr_size_t n = strlen(path);

    return n && path[n - 1] == '/' ? apr_pstrmemdup(p, path, n - 1) : path;
}

/* The path of an absolute URL that qdn_parse_public_url has accepted. */
static const char *path_of(const char *url)
{
    const char *path = strchr(strstr(url, "://") + 3, '/');

    return path ? path : "";
}

/*
 * A webhook's raw target is compared with the prefix byte for byte, so a
 * prefix has no character that could be written in two ways, or that would
 * make it a pattern.
 */
static const char *prefix_refuse(const char *prefix, apr_pool_t *p)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-._~/";

    if (*prefix == '/' && !prefix[strspn(prefix, plain)]) {
        return NULL;
    }
    return apr_psprintf(p,
                        "the webhooks need a path of their own, as "
                        "/qdn/twilio, of letters, digits, - . _ and ~; "
                        "'%s' is none (no pattern, not the whole server)",
                        prefix);
}

static const qdn_endpoint_t *endpoint_find(const qdn_plan_t *plan,
                                           const char *prefix)
{
    int i;

    for (i = 0; i < plan->endpoints->nelts; i++) {
        const qdn_endpoint_t *e =
            APR_ARRAY_IDX(plan->endpoints, i, const qdn_endpoint_t *);

        if (!strcmp(e->prefix, prefix)) {
            return e;
        }
    }
    return NULL;
}

const char *qdn_set_public_url(qdn_builder_t *b,
                               const apr_array_header_t *words)
{
    qdn_endpoint_t *e = apr_pcalloc(b->pool, sizeof(*e));
    const qdn_endpoint_t *first;
    const char *error;

    error = qdn_parse_public_url(QDN_WORD(words, 0), &e->url, b->pool);
    if (error) {
        return error;
    }
    e->prefix = b->location ? without_last_slash(b->location, b->pool)
                            : path_of(e->url);
    e->origin = b->origin;
    error = prefix_refuse(e->prefix, b->pool);
    if (error) {
        return error;
    }
    first = endpoint_find(b->plan, e->prefix);
    if (first) {
        return apr_psprintf(b->pool,
                            "the path %s has its public URL already from %s; "
                            "remove one of the two",
                            e->prefix, qdn_origin_text(first->origin, b->pool));
    }
    APR_ARRAY_PUSH(b->plan->endpoints, qdn_endpoint_t *) = e;
    return NULL;
}

const char *qdn_set_state_dir(qdn_builder_t *b, const apr_array_header_t *words)
{
    const char *dir = without_last_slash(QDN_WORD(words, 0), b->pool);

    if (*dir != '/') {
        return apr_psprintf(b->pool,
                            "'%s' is not the absolute path of a directory "
                            "such as /var/lib/qdn",
                            QDN_WORD(words, 0));
    }
    b->plan->state_dir = dir;
    b->plan->state_dir_origin = b->origin;
    return NULL;
}

const char *qdn_set_journal_sync(qdn_builder_t *b,
                                 const apr_array_header_t *words)
{
    return qdn_parse_flag(QDN_WORD(words, 0), &b->plan->journal_sync, b->pool);
}

const char *qdn_set_journal_wait(qdn_builder_t *b,
                                 const apr_array_header_t *words)
{
    return qdn_parse_duration(QDN_WORD(words, 0), "s", WAIT_MIN, WAIT_MAX,
                              &b->plan->journal_wait, b->pool);
}

const char *qdn_set_journal_max(qdn_builder_t *b,
                                const apr_array_header_t *words)
{
    return qdn_parse_bytes(QDN_WORD(words, 0), JOURNAL_MIN, JOURNAL_MAX,
                           &b->plan->journal_max, b->pool);
}

static const char *set_days(qdn_builder_t *b, const char *word,
                            apr_interval_time_t max,
                            apr_interval_time_t *plength)
{
    if (!strcasecmp(word, "off")) {
        *plength = 0;
        return NULL;
    }
    return qdn_parse_duration(word, "d", DAYS(1), max, plength, b->pool);
}

const char *qdn_set_retention(qdn_builder_t *b, const apr_array_header_t *words)
{
    return set_days(b, QDN_WORD(words, 0), RETENTION_MAX, &b->plan->retention);
}

const char *qdn_set_rotate_every(qdn_builder_t *b,
                                 const apr_array_header_t *words)
{
    return set_days(b, QDN_WORD(words, 0), ROTATE_MAX, &b->plan->rotate_every);
}

const char *qdn_set_calendar_detail(qdn_builder_t *b,
                                    const apr_array_header_t *words)
{
    return qdn_parse_flag(QDN_WORD(words, 0), &b->plan->calendar_detail,
                          b->pool);
}

const char *qdn_set_on_a_call(qdn_builder_t *b, const apr_array_header_t *words)
{
    static const qdn_option_t talk = { .words = qdn_words_talk };

    return qdn_option_choice(&talk, QDN_WORD(words, 0),
                             b->op ? &b->op->on_a_call : &b->plan->on_a_call,
                             b);
}
