/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

#include "audit.h"
#include "audit_log.h"
#include "calls.h"
#include "command.h"
#include "database.h"
#include "output.h"
#include "parse.h"
#include "plan_diff.h"
#include "revisions.h"
#include "sentence.h"
#include "words.h"

#define LIMIT_DEFAULT 20

static const qdn_option_t options[] = {
    QDN_DATABASE_OPTIONS,
    { .name = "limit",
      .value = "N",
      .help = "how many entries, 20 unless given" },
    { .name = "operator",
      .value = "ID",
      .help = "only changes of this person" },
    { .name = "before",
      .value = "ID",
      .help = "only entries older than this event's: the next page" },
    { .name = "verify", .help = "prove that nothing was altered or removed" },
    { .name = "log",
      .value = "FILE",
      .help = "with --verify: an error log of httpd, also .gz; repeatable" },
    { .name = "revision",
      .value = "REV",
      .help = "what this configuration changed" },
    { .name = "against",
      .value = "REV",
      .help = "with --revision: compared with this one, not the one before" },
    { 0 },
};

static void add_text(json_object *object, const char *name, const char *value)
{
    json_object_object_add(object, name,
                           value ? json_object_new_string(value) : NULL);
}

static void add_number(json_object *object, const char *name, apr_int64_t n)
{
    json_object_object_add(object, name, json_object_new_int64(n));
}

/************** the list **************/

static json_object *entry_json(const qdn_audit_entry_t *e, apr_pool_t *p)
{
    json_object *object = json_object_new_object();
    json_object *detail = e->detail ? json_tokener_parse(e->detail) : NULL;
    qdn_calls_event_t event = qdn_audit_event(e);

    add_text(object, "host", e->host);
    add_number(object, "seq", e->seq);
    add_text(object, "hash", e->hash);
    add_text(object, "id", e->id);
    add_number(object, "at", e->at);
    add_text(object, "kind", e->kind);
    add_text(object, "line", e->line);
    add_text(object, "operator", e->operator);
    add_text(object, "reason", e->reason);
    add_text(object, "config", e->config);
    add_text(object, "sentence", qdn_sentence_event(&event, NULL, p));
    json_object_object_add(object, "detail", detail);
    add_number(object, "erased", e->erased);
    return object;
}

static void show_entries(const qdn_ctl_t *ctl, const apr_array_header_t *list)
{
    static const char *const head[] = { "TIME", "ENTRY", "WHAT", NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);
    apr_pool_t *p = ctl->pool;

    if (list->nelts == 0) {
        qdn_ctl_say(ctl, "no changes\n");
        return;
    }
    for (int i = 0; i < list->nelts; i++) {
        const qdn_audit_entry_t *e = &APR_ARRAY_IDX(list, i, qdn_audit_entry_t);
        qdn_calls_event_t event = qdn_audit_event(e);

        qdn_table_row(table, qdn_words_time(e->at, p),
                      apr_psprintf(p, "%s/%" APR_INT64_T_FMT, e->host, e->seq),
                      apr_pstrcat(p, qdn_sentence_event(&event, NULL, p),
                                  e->erased ? " (erased on request)" : "",
                                  NULL));
    }
    qdn_table_print(ctl, table);
}

static qdn_exit_e list_entries(qdn_ctl_t *ctl, qdn_store_t *store)
{
    qdn_audit_query_t query = { .operator= qdn_ctl_option(ctl, "operator"),
                                .before = qdn_ctl_option(ctl, "before"),
                                .limit = LIMIT_DEFAULT };
    const char *limit = qdn_ctl_option(ctl, "limit"), *error = NULL;
    json_object *document, *list;
    apr_array_header_t *entries;
    apr_int64_t n = LIMIT_DEFAULT;
    apr_status_t rv;

    if (limit) {
        error = qdn_parse_int(limit, 1, QDN_CALLS_LIMIT, &n, ctl->pool);
    }
    if (error) {
        return qdn_ctl_fail(ctl, "--limit: %s", error);
    }
    query.limit = (int)n;
    rv = qdn_audit_list(store, &query, &entries, ctl->pool);
    if (rv == APR_NOTFOUND) {
        return qdn_ctl_fail(ctl, "--before: there is no entry of event %s",
                            query.before);
    }
    if (rv != APR_SUCCESS) {
        return qdn_ctl_fail(ctl, "%s", qdn_store_error(store));
    }
    show_entries(ctl, entries);
    document = json_object_new_object();
    list = json_object_new_array();
    for (int i = 0; i < entries->nelts; i++) {
        json_object_array_add(
            list, entry_json(&APR_ARRAY_IDX(entries, i, qdn_audit_entry_t),
                             ctl->pool));
    }
    json_object_object_add(document, "entries", list);
    qdn_ctl_json(ctl, document);
    return QDN_EXIT_OK;
}

/************** the proof **************/

static void show_progress(void *baton, apr_int64_t done, apr_int64_t all)
{
    qdn_ctl_progress(baton, "verifying", done, all);
}

static void show_verdict(const qdn_ctl_t *ctl, const qdn_audit_verdict_t *v)
{
    static const char *const head[] = { "FLAW", "CHAIN", "WHAT", NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);

    qdn_ctl_say(ctl, "%" APR_INT64_T_FMT " entries, %s\n", v->entries,
                v->flaws->nelts ? "with flaws:"
                                : "nothing altered, nothing removed");
    if (v->erased) {
        qdn_ctl_say(ctl, "%" APR_INT64_T_FMT " erased on request\n", v->erased);
    }
    for (int i = 0; i < v->flaws->nelts; i++) {
        const qdn_audit_flaw_t *f =
            &APR_ARRAY_IDX(v->flaws, i, qdn_audit_flaw_t);

        qdn_table_row(table, qdn_audit_flaw_text(f->flaw), f->host, f->what);
    }
    if (v->flaws->nelts) {
        qdn_table_print(ctl, table);
    }
}

static json_object *verdict_json(const qdn_audit_verdict_t *v, int told)
{
    json_object *document = json_object_new_object();
    json_object *list = json_object_new_array();

    for (int i = 0; i < v->flaws->nelts; i++) {
        const qdn_audit_flaw_t *f =
            &APR_ARRAY_IDX(v->flaws, i, qdn_audit_flaw_t);
        json_object *flaw = json_object_new_object();

        add_text(flaw, "flaw", qdn_audit_flaw_text(f->flaw));
        add_text(flaw, "host", f->host);
        add_number(flaw, "seq", f->seq);
        add_text(flaw, "what", f->what);
        json_object_array_add(list, flaw);
    }
    add_number(document, "entries", v->entries);
    add_number(document, "erased", v->erased);
    json_object_object_add(document, "ok",
                           json_object_new_boolean(v->flaws->nelts == 0));
    add_number(document, "told", told);
    json_object_object_add(document, "flaws", list);
    return document;
}

static qdn_exit_e verify(qdn_ctl_t *ctl, qdn_store_t *store,
                         const apr_array_header_t *heads)
{
    qdn_audit_verdict_t verdict;
    apr_status_t rv =
        qdn_audit_verify(store, heads, show_progress, ctl, &verdict, ctl->pool);

    qdn_ctl_progress(ctl, "verifying", 1, 1);
    if (rv != APR_SUCCESS) {
        return qdn_ctl_fail(ctl, "%s", qdn_store_error(store));
    }
    show_verdict(ctl, &verdict);
    qdn_ctl_json(ctl, verdict_json(&verdict, heads->nelts));
    return verdict.flaws->nelts ? QDN_EXIT_FOUND : QDN_EXIT_OK;
}

/************** two configurations **************/

/* The one that came before; NULL: it is the first. */
static const char *find_previous(qdn_store_t *store, const qdn_revision_t *of,
                                 apr_pool_t *p)
{
    apr_array_header_t *list;

    if (qdn_revisions_list(store, QDN_CALLS_LIMIT, &list, p) != APR_SUCCESS) {
        return NULL;
    }
    for (int i = 0; i < list->nelts; i++) {
        const qdn_revision_t *r = &APR_ARRAY_IDX(list, i, qdn_revision_t);

        if (r->first_at < of->first_at) {
            return r->revision;
        }
    }
    return NULL;
}

static void show_changes(const qdn_ctl_t *ctl, const char *against,
                         const qdn_revision_t *r,
                         const apr_array_header_t *changes)
{
    qdn_ctl_say(ctl, "%s, first in force %s on %s, against %s\n", r->revision,
                qdn_words_time(r->first_at, ctl->pool), r->host,
                against ? against : "nothing: it is the first");
    for (int i = 0; i < changes->nelts; i++) {
        const qdn_plan_change_t *c =
            &APR_ARRAY_IDX(changes, i, qdn_plan_change_t);

        if (c->old) {
            qdn_ctl_say(ctl, "- %s: %s\n", c->path, c->old);
        }
        if (c->new) {
            qdn_ctl_say(ctl, "+ %s: %s\n", c->path, c->new);
        }
    }
}

static json_object *changes_json(const char *against, const qdn_revision_t *r,
                                 const apr_array_header_t *changes)
{
    json_object *document = json_object_new_object();
    json_object *list = json_object_new_array();

    for (int i = 0; i < changes->nelts; i++) {
        const qdn_plan_change_t *c =
            &APR_ARRAY_IDX(changes, i, qdn_plan_change_t);
        json_object *change = json_object_new_object();

        add_text(change, "path", c->path);
        json_object_object_add(change, "old",
                               c->old ? json_tokener_parse(c->old) : NULL);
        json_object_object_add(change, "new",
                               c->new ? json_tokener_parse(c->new) : NULL);
        json_object_array_add(list, change);
    }
    add_text(document, "revision", r->revision);
    add_text(document, "host", r->host);
    add_number(document, "first_at", r->first_at);
    add_text(document, "against", against);
    json_object_object_add(document, "changes", list);
    return document;
}

/* NULL, or a sentence; *pplan is the caller's to put. */
static const char *get_plan(qdn_store_t *store, const char *revision,
                            qdn_revision_t *r, json_object **pplan,
                            apr_pool_t *p)
{
    apr_status_t rv = qdn_revisions_get(store, revision, r, p);

    if (rv == APR_NOTFOUND) {
        return apr_psprintf(p,
                            "there is no configuration %s in the database; "
                            "'qdnctl audit' tells of those that were loaded",
                            revision);
    }
    if (rv != APR_SUCCESS) {
        return apr_pstrdup(p, qdn_store_error(store));
    }
    *pplan = json_tokener_parse(r->plan);
    return NULL;
}

static qdn_exit_e compare(qdn_ctl_t *ctl, qdn_store_t *store)
{
    const char *against = qdn_ctl_option(ctl, "against");
    json_object *plan = NULL, *other = NULL;
    qdn_revision_t r, before;
    apr_array_header_t *changes;
    const char *error =
        get_plan(store, qdn_ctl_option(ctl, "revision"), &r, &plan, ctl->pool);

    if (!error && !against) {
        against = find_previous(store, &r, ctl->pool);
    }
    if (!error && against) {
        error = get_plan(store, against, &before, &other, ctl->pool);
    }
    if (error) {
        json_object_put(plan);
        return qdn_ctl_fail(ctl, "%s", error);
    }
    changes = qdn_plan_diff(other, plan, ctl->pool);
    show_changes(ctl, against, &r, changes);
    qdn_ctl_json(ctl, changes_json(against, &r, changes));
    json_object_put(plan);
    json_object_put(other);
    return QDN_EXIT_OK;
}

/************** which of them **************/

/* Before the database is opened: root may read logs, its owner may not. */
static const char *read_logs(qdn_ctl_t *ctl, apr_array_header_t **pheads)
{
    apr_array_header_t *logs = qdn_ctl_options(ctl, "log");
    const char *error = NULL;

    *pheads = apr_array_make(ctl->pool, 16, sizeof(qdn_audit_head_t));
    for (int i = 0; !error && i < logs->nelts; i++) {
        error = qdn_audit_log_read(
            *pheads, APR_ARRAY_IDX(logs, i, const char *), ctl->pool);
    }
    if (!error && logs->nelts && (*pheads)->nelts == 0) {
        error = "there is no audit head in these logs; is LogLevel below "
                "notice?";
    }
    return error;
}

static const char *check_options(const qdn_ctl_t *ctl)
{
    int verifies = qdn_ctl_option(ctl, "verify") != NULL;

    if (qdn_ctl_option(ctl, "log") && !verifies) {
        return "--log is for --verify";
    }
    if (qdn_ctl_option(ctl, "against") && !qdn_ctl_option(ctl, "revision")) {
        return "--against is for --revision";
    }
    return verifies && qdn_ctl_option(ctl, "revision")
               ? "--verify or --revision, not both"
               : NULL;
}

static qdn_exit_e answer(qdn_ctl_t *ctl, qdn_store_t *store,
                         const apr_array_header_t *heads)
{
    if (qdn_ctl_option(ctl, "verify")) {
        return verify(ctl, store, heads);
    }
    return qdn_ctl_option(ctl, "revision") ? compare(ctl, store)
                                           : list_entries(ctl, store);
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    apr_array_header_t *heads;
    qdn_store_t *store = NULL;
    qdn_database_t db;
    qdn_exit_e status;
    const char *error = check_options(ctl);

    if (!error) {
        error = read_logs(ctl, &heads);
    }
    if (!error) {
        error = qdn_database_find(&db, ctl);
    }
    if (!error) {
        error = qdn_database_open(&store, &db, ctl->pool);
    }
    if (!error) {
        error = qdn_database_current(store, ctl->pool);
    }
    status = error ? qdn_ctl_fail(ctl, "%s", error) : answer(ctl, store, heads);
    if (store) {
        qdn_store_close(store);
    }
    return status;
}

const qdn_command_t qdn_cmd_audit = {
    .name = "audit",
    .synopsis = "[--state DIR | --dbd DRIVER:PARAMS] [--operator ID] "
                "[--limit N] [--before ID] [--verify [--log FILE]...] "
                "[--revision REV [--against REV]]",
    .summary = "show who changed what, prove it, or compare configurations",
    .detail =
        "Reads the database that httpd's configuration names, unless --state "
        "or --dbd names\nanother; httpd need not run.\n\nEach change is "
        "chained to the one before by its hash. --verify says what was "
        "altered,\nis missing or was cut off, and what was erased on request "
        "(qdnctl forget,\nQDNRetention), which is no flaw. Who can write to "
        "the database could make a whole\nchain anew: the error log tells how "
        "it ended, at the start, after changes and\ndaily; give old logs "
        "with --log.\n\nExit status 1: --verify found a flaw.",
    .options = options,
    .run = run,
};
