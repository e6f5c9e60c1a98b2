/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

#include "command.h"
#include "database.h"
#include "inquire.h"
#include "login.h"
#include "output.h"
#include "snapshot.h"
#include "status.h"
#include "text.h"
#include "zone.h"

/* The journal may take a while, and so may the look at the next month. */
#define SET_WAIT apr_time_from_sec(15)

static const qdn_option_t options[] = {
    { .name = "why", .value = "TEXT", .help = "the reason, kept with it" },
    { .name = "until",
      .value = "TIME",
      .help = "14:30, 2026-11-22T14:30, 90m, 2h, 3d or changed" },
    { .name = "line", .value = "NUMBER", .help = "for this line only" },
    { .name = "anyway", .help = "also if a line is left with nobody to ring" },
    QDN_DATABASE_OPTIONS,
    { 0 },
};

/************** reading **************/

/* What decided, in few words. */
static const char *explain(json_object *detail, apr_pool_t *p)
{
    const char *by = qdn_inquire_text(detail, "by");
    const char *name = qdn_inquire_text(detail, "who");
    const char *why = qdn_inquire_text(detail, "why");
    const char *hours = qdn_inquire_text(detail, "hours");
    const char *feed = qdn_inquire_text(detail, "feed");
    const char *error = qdn_inquire_text(detail, "error");
    const char *title = qdn_inquire_text(detail, "title");

    if (name) {
        return apr_pstrcat(p, name, why ? ": " : "", why ? why : "", NULL);
    }
    if (hours) {
        return hours;
    }
    if (feed) {
        return apr_pstrcat(p, feed, error || title ? ": " : "",
                           error   ? error
                           : title ? title
                                   : "",
                           NULL);
    }
    return by;
}

static json_object *member(json_object *object, const char *name)
{
    json_object *value = NULL;

    json_object_object_get_ex(object, name, &value);
    return value;
}

static void show_operator(qdn_table_t *table, json_object *op, apr_pool_t *p)
{
    json_object *lines = qdn_inquire_list(op, "lines");

    for (size_t i = 0; i < qdn_inquire_length(lines); i++) {
        json_object *line = json_object_array_get_idx(lines, i);

        qdn_table_row(table, qdn_inquire_text(op, "id"),
                      qdn_inquire_text(line, "line"),
                      qdn_inquire_number(line, "available") ? "yes" : "no",
                      qdn_inquire_text(line, "reason"),
                      qdn_inquire_text(line, "until_text"),
                      explain(member(line, "detail"), p));
    }
}

static const char *age(apr_int64_t seconds, apr_pool_t *p)
{
    return seconds < 0 ? NULL
                       : apr_psprintf(p, "%" APR_INT64_T_FMT " s", seconds);
}

static void show_feeds(const qdn_ctl_t *ctl, json_object *answer)
{
    static const char *const head[] = { "FEED", "KIND",  "STATE",
                                        "AGE",  "ERROR", NULL };
    json_object *feeds = qdn_inquire_list(answer, "feeds");
    qdn_table_t *table = qdn_table_create(head, ctl->pool);

    if (!qdn_inquire_length(feeds)) {
        return;
    }
    for (size_t i = 0; i < qdn_inquire_length(feeds); i++) {
        json_object *feed = json_object_array_get_idx(feeds, i);

        qdn_table_row(table, qdn_inquire_text(feed, "name"),
                      qdn_inquire_text(feed, "kind"),
                      qdn_inquire_text(feed, "state"),
                      age(qdn_inquire_number(feed, "age"), ctl->pool),
                      qdn_inquire_text(feed, "error"));
    }
    qdn_ctl_say(ctl, "\n");
    qdn_table_print(ctl, table);
}

/* Only the operator that was named; 0: there is none of that name. */
static int pick_operator(json_object *answer, const char *wanted)
{
    json_object *operators = qdn_inquire_list(answer, "operators");
    json_object *picked = json_object_new_array();
    size_t n = qdn_inquire_length(operators);

    for (size_t i = 0; i < n; i++) {
        json_object *op = json_object_array_get_idx(operators, i);
        const char *id = qdn_inquire_text(op, "id");

        if (id && !strcmp(id, wanted)) {
            json_object_array_add(picked, json_object_get(op));
        }
    }
    n = qdn_inquire_length(picked);
    json_object_object_add(answer, "operators", picked);
    return n > 0;
}

static qdn_exit_e show(const qdn_ctl_t *ctl, json_object *answer,
                       const char *wanted)
{
    static const char *const head[] = { "OPERATOR", "LINE",  "AVAILABLE",
                                        "REASON",   "UNTIL", "BECAUSE",
                                        NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);
    json_object *operators;

    if (wanted && !pick_operator(answer, wanted)) {
        return qdn_ctl_fail(ctl,
                            "there is no operator '%s'; 'qdnctl status' "
                            "lists all",
                            wanted);
    }
    operators = qdn_inquire_list(answer, "operators");
    for (size_t i = 0; i < qdn_inquire_length(operators); i++) {
        show_operator(table, json_object_array_get_idx(operators, i),
                      ctl->pool);
    }
    qdn_table_print(ctl, table);
    if (!wanted) {
        show_feeds(ctl, answer);
    }
    qdn_ctl_json(ctl, answer);
    return QDN_EXIT_OK;
}

/************** reading without the daemon **************/

static json_object *standing_json(const qdn_standing_t *s)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, "operator",
                           json_object_new_string(s->operator));
    json_object_object_add(object, "line",
                           s->line ? json_object_new_string(s->line) : NULL);
    json_object_object_add(object, "state",
                           json_object_new_string(qdn_standing_text(s->state)));
    json_object_object_add(object, "until",
                           json_object_new_int64(apr_time_sec(s->until)));
    json_object_object_add(object, "who",
                           json_object_new_string(s->who ? s->who : ""));
    json_object_object_add(object, "why",
                           json_object_new_string(s->why ? s->why : ""));
    return object;
}

static int is_in_force(const qdn_standing_t *s, const char *wanted,
                       apr_time_t now)
{
    return s->state != QDN_STANDING_AUTO && (!s->until || s->until > now) &&
           (!wanted || !strcmp(wanted, s->operator));
}

static void list_standings(const qdn_ctl_t *ctl, const qdn_snapshot_t *snapshot,
                           const char *wanted)
{
    static const char *const head[] = { "OPERATOR", "LINE", "STATUS",
                                        "UNTIL",    "BY",   NULL };
    const apr_array_header_t *set = qdn_snapshot_standings(snapshot, ctl->pool);
    qdn_table_t *table = qdn_table_create(head, ctl->pool);
    json_object *document = json_object_new_object();
    json_object *list = json_object_new_array();
    apr_time_t as_of = qdn_snapshot_written_at(snapshot);

    for (int i = 0; i < set->nelts; i++) {
        const qdn_standing_t *s = &APR_ARRAY_IDX(set, i, qdn_standing_t);

        if (!is_in_force(s, wanted, apr_time_now())) {
            continue;
        }
        qdn_table_row(table, s->operator, s->line ? s->line : "all",
                      qdn_standing_text(s->state),
                      s->until
                          ? qdn_zone_text(qdn_zone_utc(), s->until, ctl->pool)
                          : "changed",
                      apr_pstrcat(ctl->pool, s->who ? s->who : "", ": ",
                                  s->why ? s->why : "", NULL));
        json_object_array_add(list, standing_json(s));
    }
    qdn_ctl_say(ctl, "as of %s, set by hand:\n",
                qdn_zone_text(qdn_zone_utc(), as_of, ctl->pool));
    qdn_table_print(ctl, table);
    json_object_object_add(document, "as_of",
                           json_object_new_int64(apr_time_sec(as_of)));
    json_object_object_add(document, "standings", list);
    qdn_ctl_json(ctl, document);
}

/* What calls go by while the daemon is away; error says that it is. */
static qdn_exit_e fall_back(const qdn_ctl_t *ctl, const char *wanted,
                            const char *error)
{
    const qdn_snapshot_t *snapshot;
    qdn_database_t db;

    if (qdn_database_find(&db, ctl) ||
        qdn_snapshot_map(&snapshot, db.state_dir, ctl->pool)) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    qdn_ctl_say(ctl, "%s\n", error);
    list_standings(ctl, snapshot, wanted);
    return QDN_EXIT_FOUND;
}

static qdn_exit_e read_status(qdn_ctl_t *ctl, const char *wanted)
{
    json_object *answer;
    const char *error =
        qdn_inquire(&answer, ctl, "{\"ask\":\"status\"}", QDN_CONTROL_WAIT);

    return error ? fall_back(ctl, wanted, error) : show(ctl, answer, wanted);
}

/************** setting **************/

static void add(qdn_text_t *t, const char *name, const char *value)
{
    if (value) {
        qdn_text_addc(t, ',');
        qdn_text_add_json(t, name);
        qdn_text_addc(t, ':');
        qdn_text_add_json(t, value);
    }
}

static const char *compose(const qdn_ctl_t *ctl, const char *operator,
                           const char * state)
{
    qdn_text_t t;

    qdn_text_init(&t, 512, ctl->pool);
    qdn_text_add(&t, "{\"ask\":\"set-status\"");
    add(&t, "operator", operator);
    add(&t, "state", state);
    add(&t, "line", qdn_ctl_option(ctl, "line"));
    add(&t, "until", qdn_ctl_option(ctl, "until"));
    add(&t, "why", qdn_ctl_option(ctl, "why"));
    add(&t, "who", qdn_login_who(ctl->pool));
    if (qdn_ctl_option(ctl, "anyway")) {
        add(&t, "anyway", "true");
    }
    qdn_text_addc(&t, '}');
    return t.buf;
}

static void say_empty(const qdn_ctl_t *ctl, json_object *answer)
{
    json_object *empty = qdn_inquire_list(answer, "empty");

    for (size_t i = 0; i < qdn_inquire_length(empty); i++) {
        json_object *line = json_object_array_get_idx(empty, i);
        const char *until = qdn_inquire_text(line, "until_text");

        qdn_ctl_say(
            ctl, "nobody to ring on %s (%s) from %s %s%s\n",
            qdn_inquire_text(line, "line_name"), qdn_inquire_text(line, "line"),
            qdn_inquire_text(line, "from_text"),
            until ? "until " : "with no end in sight", until ? until : "");
    }
}

static void say_standing(const qdn_ctl_t *ctl, json_object *answer,
                         const char *operator)
{
    json_object *s =
        json_object_array_get_idx(qdn_inquire_list(answer, "standings"), 0);
    const char *line = qdn_inquire_text(s, "line");
    const char *until = qdn_inquire_text(s, "until_text");
    const char *state = qdn_inquire_text(s, "state");

    if (!strcmp(state, "auto")) {
        qdn_ctl_say(ctl, "%s has no status set by hand%s%s\n", operator,
                    line ? " for " : "", line ? line : "");
        return;
    }
    qdn_ctl_say(ctl, "%s is %s for %s until %s\n", operator, state,
                line ? line : "all lines", until ? until : "that is changed");
}

static qdn_exit_e set_status(qdn_ctl_t *ctl, const char *operator,
                             const char * state)
{
    json_object *answer;
    const char *error =
        qdn_inquire(&answer, ctl, compose(ctl, operator, state), SET_WAIT);
    const char *delayed;
    int done;

    if (error) {
        return qdn_ctl_fail(ctl, "nothing was changed: %s", error);
    }
    done = json_object_get_boolean(member(answer, "set"));
    if (done) {
        say_standing(ctl, answer, operator);
    }
    say_empty(ctl, answer);
    delayed = qdn_inquire_text(answer, "delayed");
    if (delayed) {
        qdn_ctl_say(ctl, "kept, not in force on this host yet: %s\n", delayed);
    }
    if (!done) {
        qdn_ctl_say(ctl, "nothing was changed; --anyway sets it all the "
                         "same\n");
    }
    qdn_ctl_json(ctl, answer);
    return done && !delayed ? QDN_EXIT_OK : QDN_EXIT_FOUND;
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    int n = ctl->args->nelts;
    const char *operator= n> 0 ? APR_ARRAY_IDX(ctl->args, 0, const char *)
                               : NULL;

    if (n == 2) {
        return set_status(ctl, operator,
                          APR_ARRAY_IDX(ctl->args, 1, const char *));
    }
    if (qdn_ctl_option(ctl, "why") || qdn_ctl_option(ctl, "until") ||
        qdn_ctl_option(ctl, "line") || qdn_ctl_option(ctl, "anyway")) {
        return qdn_ctl_fail(ctl, "--why, --until, --line and --anyway set a "
                                 "status: say whose, and available, away or "
                                 "auto");
    }
    return read_status(ctl, operator);
}

const qdn_command_t qdn_cmd_status = {
    .name = "status",
    .synopsis = "[OPERATOR [available|away|auto]] [--why TEXT]\n"
                "    [--until TIME] [--line NUMBER] [--anyway] [--state DIR]",
    .summary = "show who is available, or set it by hand",
    .detail = "Without a state: everybody, or that operator, with what "
              "decides and until when.\nWith the daemon away: what was set by "
              "hand, from the snapshot that calls go by;\nexit status 1.\n\n"
              "available and away hold until the start of the operator's next "
              "working day if no\n--until is given; available counts more "
              "than hours, calendars and presence; away\nmore than all. auto "
              "undoes both. Times are in the operator's zone. A status\nthat "
              "leaves a line with nobody to ring is not set without --anyway "
              "(exit status 1).\nOne that is kept, while calls do not go by "
              "it yet (a full disk), says so (exit\nstatus 1).",
    .options = options,
    .args_max = 2,
    .run = run,
};
