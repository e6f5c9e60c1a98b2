/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "database.h"
#include "inquire.h"
#include "member.h"
#include "output.h"
#include "story.h"
#include "when.h"

#define PATIENCE apr_time_from_sec(10)

static const qdn_option_t options[] = {
    QDN_DATABASE_OPTIONS,
    { .name = "line",
      .value = "NUMBER",
      .help = "which line is called; may be left out if there is one" },
    { .name = "from",
      .value = "NUMBER",
      .help = "who calls, or anonymous; an unknown number unless given" },
    { .name = "forwarded-from",
      .value = "NUMBER",
      .help = "whose phone forwarded the call" },
    { .name = "at",
      .value = "TIME",
      .help = "when: 2026-11-22T14:30 by the line's clock, or with an offset" },
    { 0 },
};

/* Without an offset a time is the line's, which the daemon knows. */
static const char *add_time(qdn_text_t *t, const char *text, apr_pool_t *p)
{
    const char *error = NULL;
    apr_time_t at;
    int part, end = 0;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d%n", &part, &part, &part, &part, &part,
               &end) == 5 &&
        !text[end]) {
        qdn_member_text(t, "local", text);
    }
    else {
        error = qdn_when_parse(text, &at, p);
        if (!error) {
            qdn_member_number(t, "at", at);
        }
    }
    return error;
}

static const char *request_of(const qdn_ctl_t *ctl, const char **perror)
{
    static const char *const texts[][2] = { { "line", "line" },
                                            { "from", "from" },
                                            { "forwarded-from",
                                              "forwarded_from" } };
    const char *at = qdn_ctl_option(ctl, "at");
    qdn_text_t t;

    qdn_text_init(&t, 256, ctl->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "ask", "explain");
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        const char *value = qdn_ctl_option(ctl, texts[i][0]);

        if (value) {
            qdn_member_text(&t, texts[i][1], value);
        }
    }
    *perror = at ? add_time(&t, at, ctl->pool) : NULL;
    qdn_member_close(&t, '{');
    return t.buf;
}

/* Of a person or a line: "google:..., 42 s old; ics:..., never read" */
static const char *feeds_of(json_object *input, apr_pool_t *p)
{
    json_object *feeds = qdn_inquire_list(input, "feeds");
    const char *text = NULL;

    for (size_t i = 0; i < qdn_inquire_length(feeds); i++) {
        json_object *feed = json_object_array_get_idx(feeds, i);
        const char *age = qdn_inquire_text(feed, "age");
        const char *error = qdn_inquire_text(feed, "error");

        text = apr_pstrcat(p, text ? text : "", text ? "; " : "",
                           qdn_inquire_text(feed, "feed"), ", ",
                           age ? age : "never", age ? " s old" : " read",
                           error ? ": " : "", error ? error : "", NULL);
    }
    return text;
}

static void show_head(const qdn_ctl_t *ctl, json_object *said)
{
    const char *caller = qdn_inquire_text(said, "caller");
    json_object *rule;

    qdn_ctl_say(ctl, "%s (%s)\n%s, by plan %s\ncaller: %s\n",
                qdn_inquire_text(said, "name"), qdn_inquire_text(said, "line"),
                qdn_inquire_text(said, "local"),
                qdn_inquire_text(said, "revision"),
                !qdn_ctl_option(ctl, "from") ? "a number that nobody knows"
                : caller                     ? caller
                                             : "without a number");
    if (json_object_object_get_ex(said, "rule", &rule) && rule) {
        qdn_ctl_say(ctl, "rule %s (%s): %s\n", qdn_inquire_text(rule, "number"),
                    qdn_inquire_text(rule, "origin"),
                    qdn_inquire_text(rule, "expr"));
    }
    if (feeds_of(said, ctl->pool)) {
        qdn_ctl_say(ctl, "feeds: %s\n", feeds_of(said, ctl->pool));
    }
}

static void show_story(const qdn_ctl_t *ctl, json_object *said)
{
    static const char *const head[] = { "AFTER", "HOP", "WHO", "WHAT", NULL };
    apr_array_header_t *lines = qdn_story_read(said, ctl->pool);
    qdn_table_t *table = qdn_table_create(head, ctl->pool);

    for (int i = 0; i < lines->nelts; i++) {
        const qdn_story_line_t *line =
            &APR_ARRAY_IDX(lines, i, qdn_story_line_t);

        qdn_table_row(table, apr_psprintf(ctl->pool, "%d s", line->after),
                      line->hop ? apr_itoa(ctl->pool, line->hop) : NULL,
                      line->who, line->what);
    }
    qdn_ctl_say(ctl, "\n");
    qdn_table_print(ctl, table);
}

static void show_inputs(const qdn_ctl_t *ctl, json_object *said)
{
    static const char *const head[] = { "OPERATOR", "IS",    "UNTIL",
                                        "BECAUSE",  "FEEDS", NULL };
    json_object *inputs = qdn_inquire_list(said, "inputs");
    qdn_table_t *table = qdn_table_create(head, ctl->pool);

    for (size_t i = 0; i < qdn_inquire_length(inputs); i++) {
        json_object *input = json_object_array_get_idx(inputs, i);

        qdn_table_row(table, qdn_inquire_text(input, "operator"),
                      qdn_inquire_text(input, "reason"),
                      qdn_inquire_text(input, "until_local"),
                      qdn_story_source(input, ctl->pool),
                      feeds_of(input, ctl->pool));
    }
    qdn_ctl_say(ctl, "\n");
    qdn_table_print(ctl, table);
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    json_object *said = NULL;
    const char *error;
    const char *request = request_of(ctl, &error);

    if (error) {
        return qdn_ctl_fail(ctl, "--at: %s", error);
    }
    error = qdn_inquire(&said, ctl, request, PATIENCE);
    if (error) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    show_head(ctl, said);
    show_story(ctl, said);
    show_inputs(ctl, said);
    qdn_ctl_json(ctl, said);
    return QDN_EXIT_OK;
}

const qdn_command_t qdn_cmd_explain = {
    .name = "explain",
    .synopsis = "[--line NUMBER] [--from NUMBER] [--forwarded-from NUMBER] "
                "[--at TIME] [--state DIR]",
    .summary = "what would happen to a call, and why; nothing is recorded",
    .detail =
        "Asks the running daemon, which decides as it would for a call: "
        "with the rules and\nthe plan in force, and with what is known of "
        "everybody now. Nobody picks up in\nthis call. A time in the "
        "future is judged by hours, holidays, calendars and the\nend of "
        "what was set by hand; presence and talks are those of now.",
    .options = options,
    .run = run,
};
