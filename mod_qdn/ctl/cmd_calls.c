/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

#include "calls.h"
#include "command.h"
#include "database.h"
#include "output.h"
#include "parse.h"
#include "sentence.h"
#include "words.h"

#define LIMIT_DEFAULT 20

static const qdn_option_t options[] = {
    QDN_DATABASE_OPTIONS,
    { .name = "limit",
      .value = "N",
      .help = "how many calls, 20 unless given" },
    { .name = "line", .value = "NUMBER", .help = "only calls to this line" },
    { .name = "before",
      .value = "CA...",
      .help = "only calls older than this one: the next page" },
    { 0 },
};

/************** as JSON: every column, NULL as null **************/

static void add_text(json_object *object, const char *name, const char *value)
{
    json_object_object_add(object, name,
                           value ? json_object_new_string(value) : NULL);
}

static void add_number(json_object *object, const char *name, apr_int64_t n,
                       int known)
{
    json_object_object_add(object, name,
                           known ? json_object_new_int64(n) : NULL);
}

static json_object *call_json(const qdn_chain_t *c)
{
    json_object *object = json_object_new_object();

    add_text(object, "call_sid", c->call_sid);
    add_text(object, "line", c->line);
    add_text(object, "caller", c->caller);
    add_number(object, "started_at", c->started_at, c->started_at != 0);
    add_number(object, "answered_at", c->answered_at, c->answered_at != 0);
    add_number(object, "ended_at", c->ended_at, c->ended_at != 0);
    add_text(object, "outcome", qdn_outcome_text(c->outcome));
    add_text(object, "answered_by", c->answered_by);
    add_number(object, "hops", c->hops, 1);
    add_number(object, "ring_seconds", c->ring_seconds, 1);
    add_number(object, "talk_seconds", c->talk_seconds, c->talk_seconds >= 0);
    add_text(object, "config", c->config);
    return object;
}

static json_object *event_json(const qdn_calls_event_t *e)
{
    json_object *object = json_object_new_object();
    json_object *detail = e->detail ? json_tokener_parse(e->detail) : NULL;

    add_text(object, "id", e->id);
    add_number(object, "at", e->at, 1);
    add_text(object, "host", e->host);
    add_text(object, "kind", e->kind);
    add_text(object, "line", e->line);
    add_text(object, "call_sid", e->call_sid);
    add_number(object, "hop", e->hop, e->hop != 0);
    add_text(object, "operator", e->operator);
    add_text(object, "phone", e->phone);
    add_text(object, "reason", e->reason);
    if (detail) {
        json_object_object_add(object, "detail", detail);
    }
    else {
        add_text(object, "detail", e->detail);
    }
    add_text(object, "config", e->config);
    return object;
}

/************** as text **************/

static const char *seconds(int n, apr_pool_t *p)
{
    return n < 0 ? NULL : apr_psprintf(p, "%d s", n);
}

static void show_list(const qdn_ctl_t *ctl, const apr_array_header_t *chains)
{
    static const char *const head[] = { "STARTED", "CALL",    "LINE",
                                        "CALLER",  "OUTCOME", "ANSWERED BY",
                                        "RANG",    "TALK",    NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);

    if (chains->nelts == 0) {
        qdn_ctl_say(ctl, "no calls\n");
        return;
    }
    for (int i = 0; i < chains->nelts; i++) {
        const qdn_chain_t *c = &APR_ARRAY_IDX(chains, i, qdn_chain_t);

        qdn_table_row(table, qdn_words_time(c->started_at, ctl->pool),
                      c->call_sid, c->line, c->caller,
                      qdn_outcome_text(c->outcome), c->answered_by,
                      seconds(c->ring_seconds, ctl->pool),
                      seconds(c->talk_seconds, ctl->pool));
    }
    qdn_table_print(ctl, table);
}

static const char *who(const qdn_calls_event_t *e, apr_pool_t *p)
{
    const char *name = e->operator;

    return name ? apr_pstrcat(p, name, "/", e->phone ? e->phone : "?", NULL)
                : NULL;
}

static void show_call(const qdn_ctl_t *ctl, const qdn_chain_t *c,
                      const apr_array_header_t *events)
{
    static const char *const head[] = { "TIME", "HOP", "WHO", "WHAT", NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);
    apr_pool_t *p = ctl->pool;

    qdn_ctl_say(ctl, "%s  %s -> %s  %s%s%s, rang %d s%s%s\n", c->call_sid,
                c->caller ? c->caller : "withheld", c->line ? c->line : "?",
                qdn_outcome_text(c->outcome), c->answered_by ? " by " : "",
                c->answered_by ? c->answered_by : "", c->ring_seconds,
                c->talk_seconds < 0 ? "" : ", talked ",
                c->talk_seconds < 0 ? "" : seconds(c->talk_seconds, p));
    for (int i = 0; i < events->nelts; i++) {
        const qdn_calls_event_t *e =
            &APR_ARRAY_IDX(events, i, qdn_calls_event_t);

        qdn_table_row(table, qdn_words_clock(e->at, p),
                      e->hop ? apr_itoa(p, e->hop) : NULL, who(e, p),
                      qdn_sentence_event(e, NULL, p));
    }
    qdn_table_print(ctl, table);
}

/************** the two questions **************/

static qdn_exit_e list_calls(qdn_ctl_t *ctl, qdn_store_t *store)
{
    qdn_calls_query_t query = { .line = qdn_ctl_option(ctl, "line"),
                                .before = qdn_ctl_option(ctl, "before"),
                                .limit = LIMIT_DEFAULT };
    const char *limit = qdn_ctl_option(ctl, "limit"), *error = NULL;
    json_object *document, *list;
    apr_array_header_t *chains;
    apr_int64_t n = LIMIT_DEFAULT;
    apr_status_t rv;

    if (limit) {
        error = qdn_parse_int(limit, 1, QDN_CALLS_LIMIT, &n, ctl->pool);
    }
    if (error) {
        return qdn_ctl_fail(ctl, "--limit: %s", error);
    }
    query.limit = (int)n;
    rv = qdn_calls_recent(store, &query, &chains, ctl->pool);
    if (rv == APR_NOTFOUND) {
        return qdn_ctl_fail(ctl, "--before: there is no call %s", query.before);
    }
    if (rv != APR_SUCCESS) {
        return qdn_ctl_fail(ctl, "%s", qdn_store_error(store));
    }
    show_list(ctl, chains);
    document = json_object_new_object();
    list = json_object_new_array();
    for (int i = 0; i < chains->nelts; i++) {
        json_object_array_add(
            list, call_json(&APR_ARRAY_IDX(chains, i, qdn_chain_t)));
    }
    json_object_object_add(document, "calls", list);
    qdn_ctl_json(ctl, document);
    return QDN_EXIT_OK;
}

static json_object *whole_call_json(const qdn_chain_t *chain,
                                    const apr_array_header_t *events)
{
    json_object *object = call_json(chain);
    json_object *list = json_object_new_array();

    for (int i = 0; i < events->nelts; i++) {
        json_object_array_add(
            list, event_json(&APR_ARRAY_IDX(events, i, qdn_calls_event_t)));
    }
    json_object_object_add(object, "events", list);
    return object;
}

static qdn_exit_e tell_calls(qdn_ctl_t *ctl, qdn_store_t *store)
{
    json_object *document = json_object_new_object();
    json_object *list = json_object_new_array();
    qdn_exit_e status = QDN_EXIT_OK;

    json_object_object_add(document, "calls", list);
    for (int i = 0; i < ctl->args->nelts; i++) {
        const char *sid = APR_ARRAY_IDX(ctl->args, i, const char *);
        apr_array_header_t *events;
        qdn_chain_t chain;
        apr_status_t rv = qdn_calls_get(store, sid, &chain, &events, ctl->pool);

        if (rv == APR_NOTFOUND) {
            qdn_ctl_say(ctl, "%s  is not in the database\n", sid);
            status = QDN_EXIT_FOUND;
            continue;
        }
        if (rv != APR_SUCCESS) {
            json_object_put(document);
            return qdn_ctl_fail(ctl, "%s", qdn_store_error(store));
        }
        qdn_ctl_say(ctl, "%s", i ? "\n" : "");
        show_call(ctl, &chain, events);
        json_object_array_add(list, whole_call_json(&chain, events));
    }
    qdn_ctl_json(ctl, document);
    return status;
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    qdn_store_t *store = NULL;
    qdn_database_t db;
    qdn_exit_e status;
    const char *error = qdn_database_find(&db, ctl);

    if (!error) {
        error = qdn_database_open(&store, &db, ctl->pool);
    }
    if (!error) {
        error = qdn_database_readable(store, ctl->pool);
    }
    if (error) {
        status = qdn_ctl_fail(ctl, "%s", error);
    }
    else {
        status =
            ctl->args->nelts ? tell_calls(ctl, store) : list_calls(ctl, store);
    }
    if (store) {
        qdn_store_close(store);
    }
    return status;
}

const qdn_command_t qdn_cmd_calls = {
    .name = "calls",
    .synopsis = "[--state DIR | --dbd DRIVER:PARAMS] [--line NUMBER] "
                "[--limit N] [--before CA...] [CA...]",
    .summary = "show recent calls, or every step of one and its reason",
    .detail = "Reads the database that httpd's configuration names, unless "
              "--state or --dbd names\nanother; httpd need not run. Times are "
              "those of this machine's zone, in JSON\nmicroseconds since 1970. "
              "Exit status 1: a call that was asked for is not there.",
    .options = options,
    .args_max = -1,
    .run = run,
};
