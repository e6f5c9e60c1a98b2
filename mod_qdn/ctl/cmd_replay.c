/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_hash.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

#include "command.h"
#include "database.h"
#include "detail.h"
#include "inquire.h"
#include "member.h"
#include "output.h"
#include "past.h"
#include "story.h"

#define PATIENCE apr_time_from_sec(10)

static const qdn_option_t options[] = {
    QDN_DATABASE_OPTIONS,
    { 0 },
};

/* What became of somebody, then and today; either may be NULL: nothing. */
typedef struct pair_t {
    const char *who;
    const qdn_story_line_t *then, *today;
} pair_t;

static int same_line(const qdn_story_line_t *a, const qdn_story_line_t *b)
{
    return a && b && a->hop == b->hop && !strcmp(a->kind, b->kind) &&
           !strcmp(a->reason, b->reason);
}

/* "sergio/primary", its second time "sergio/primary 2", or the caller. */
static const char *name_line(const qdn_story_line_t *line, apr_hash_t *seen,
                             apr_pool_t *p)
{
    const char *who = line->who ? line->who : "the caller";
    const char *times = apr_hash_get(seen, who, APR_HASH_KEY_STRING);
    int n = times ? *times : 0;

    apr_hash_set(seen, who, APR_HASH_KEY_STRING, apr_psprintf(p, "%c", n + 1));
    return n ? apr_psprintf(p, "%s %d", who, n + 1) : who;
}

static pair_t *pair_of(apr_array_header_t *pairs, const char *who)
{
    pair_t *pair;

    for (int i = 0; i < pairs->nelts; i++) {
        pair = &APR_ARRAY_IDX(pairs, i, pair_t);
        if (!strcmp(pair->who, who)) {
            return pair;
        }
    }
    pair = apr_array_push(pairs);
    *pair = (pair_t){ .who = who };
    return pair;
}

/* In the order of that day, then who is new; the call's end is the last. */
static apr_array_header_t *compare(const apr_array_header_t *then,
                                   const apr_array_header_t *today,
                                   apr_pool_t *p)
{
    apr_array_header_t *pairs = apr_array_make(p, 8, sizeof(pair_t));
    apr_hash_t *seen[] = { apr_hash_make(p), apr_hash_make(p) };
    const apr_array_header_t *const sides[] = { then, today };

    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < sides[side]->nelts; i++) {
            const qdn_story_line_t *line =
                &APR_ARRAY_IDX(sides[side], i, qdn_story_line_t);
            pair_t *pair = pair_of(pairs, name_line(line, seen[side], p));

            *(side ? &pair->today : &pair->then) = line;
        }
    }
    return pairs;
}

static const char *tell(const qdn_story_line_t *line, apr_pool_t *p)
{
    if (!line) {
        return NULL;
    }
    return line->hop ? apr_psprintf(p, "hop %d: %s", line->hop, line->what)
                     : line->what;
}

static json_object *line_json(const qdn_story_line_t *line)
{
    json_object *object;

    if (!line) {
        return NULL;
    }
    object = json_object_new_object();
    json_object_object_add(object, "hop", json_object_new_int(line->hop));
    json_object_object_add(object, "kind", json_object_new_string(line->kind));
    json_object_object_add(object, "reason",
                           json_object_new_string(line->reason));
    return object;
}

/* Both columns, as text and as JSON; 1: nothing differs. */
static int show(const qdn_ctl_t *ctl, const apr_array_header_t *pairs,
                json_object *list)
{
    static const char *const head[] = { "WHO", "THEN", "TODAY", NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);
    int same = 1;

    for (int i = 0; i < pairs->nelts; i++) {
        const pair_t *pair = &APR_ARRAY_IDX(pairs, i, pair_t);
        json_object *object = json_object_new_object();
        int equal = same_line(pair->then, pair->today);

        same = same && equal;
        qdn_table_row(table, pair->who, tell(pair->then, ctl->pool),
                      equal ? "the same" : tell(pair->today, ctl->pool));
        json_object_object_add(object, "who",
                               json_object_new_string(pair->who));
        json_object_object_add(object, "same", json_object_new_boolean(equal));
        json_object_object_add(object, "then", line_json(pair->then));
        json_object_object_add(object, "today", line_json(pair->today));
        json_object_array_add(list, object);
    }
    qdn_table_print(ctl, table);
    return same;
}

/* The end that the request made up for a hop without one is no news. */
static apr_array_header_t *read_today(const qdn_past_t *past,
                                      json_object *today, apr_pool_t *p)
{
    apr_array_header_t *lines = qdn_story_read(today, p);
    const qdn_story_line_t *last =
        lines->nelts ? &APR_ARRAY_IDX(lines, lines->nelts - 1, qdn_story_line_t)
                     : NULL;

    if (past->open && last && !strcmp(last->reason, "caller-gone")) {
        apr_array_pop(lines);
    }
    return lines;
}

static qdn_exit_e judge(qdn_ctl_t *ctl, const qdn_past_t *past,
                        json_object *today)
{
    json_object *document = json_object_new_object();
    json_object *list = json_object_new_array();
    const char *revision = qdn_inquire_text(today, "revision");
    int same;

    qdn_ctl_say(ctl, "%s, decided by plan %s, today by %s\n\n", past->call_sid,
                past->config, revision);
    same = show(
        ctl,
        compare(past->lines, read_today(past, today, ctl->pool), ctl->pool),
        list);
    json_object_object_add(document, "call_sid",
                           json_object_new_string(past->call_sid));
    json_object_object_add(document, "config",
                           json_object_new_string(past->config));
    json_object_object_add(document, "revision",
                           json_object_new_string(revision));
    json_object_object_add(document, "same", json_object_new_boolean(same));
    json_object_object_add(document, "steps", list);
    qdn_ctl_json(ctl, document);
    return same ? QDN_EXIT_OK : QDN_EXIT_FOUND;
}

static const char *read_past(qdn_ctl_t *ctl, qdn_past_t *past)
{
    qdn_store_t *store = NULL;
    qdn_database_t db;
    const char *error = qdn_database_find(&db, ctl);

    if (!error) {
        error = qdn_database_open(&store, &db, ctl->pool);
    }
    if (!error) {
        error = qdn_database_readable(store, ctl->pool);
    }
    if (!error) {
        error = qdn_past_read(
            past, store, APR_ARRAY_IDX(ctl->args, 0, const char *), ctl->pool);
    }
    if (store) {
        qdn_store_close(store);
    }
    return error;
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    json_object *today = NULL;
    qdn_past_t past;
    qdn_exit_e found;
    const char *error = read_past(ctl, &past);

    if (!error) {
        error = qdn_inquire(&today, ctl, past.request, PATIENCE);
    }
    if (error) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    found = judge(ctl, &past, today);
    json_object_put(today);
    return found;
}

const qdn_command_t qdn_cmd_replay = {
    .name = "replay",
    .synopsis = "[--state DIR] [--dbd DRIVER:PARAMS] CA...",
    .summary = "decide a stored call again, by the plan in force",
    .detail = "Reads from the database what was known of everybody and how "
              "each phone's ringing\nended, and asks the running daemon what "
              "it would decide with that today. Who was\nnot asked then counts "
              "as available, and as not picking up. Exit status 1: today\n"
              "it would be different.",
    .options = options,
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
