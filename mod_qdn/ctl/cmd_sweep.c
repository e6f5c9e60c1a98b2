/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <json-c/json.h>

#include "command.h"
#include "database.h"
#include "foretell.h"
#include "inquire.h"
#include "member.h"
#include "output.h"
#include "parse.h"
#include "story.h"

#define PATIENCE apr_time_from_sec(30)

static const qdn_option_t options[] = {
    QDN_DATABASE_OPTIONS,
    { .name = "days",
      .value = "N",
      .help = "how far to look, 1 to 34 days; 14 unless given" },
    { .name = "line", .value = "NUMBER", .help = "only this line" },
    { 0 },
};

static const char *request_of(const qdn_ctl_t *ctl, const char **perror)
{
    const char *days = qdn_ctl_option(ctl, "days");
    const char *line = qdn_ctl_option(ctl, "line");
    apr_int64_t n = QDN_SWEEP_DAYS;
    qdn_text_t t;

    *perror =
        days ? qdn_parse_int(days, 1, QDN_SWEEP_DAYS_MAX, &n, ctl->pool) : NULL;
    qdn_text_init(&t, 128, ctl->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "ask", "sweep");
    qdn_member_number(&t, "days", n);
    if (line) {
        qdn_member_text(&t, "line", line);
    }
    qdn_member_close(&t, '{');
    return t.buf;
}

static void show_span(const qdn_ctl_t *ctl, json_object *span)
{
    json_object *causes = qdn_inquire_list(span, "causes");
    json_object *rule;

    qdn_ctl_say(ctl, "%s (%s)\n  from %s\n  to   %s\n",
                qdn_inquire_text(span, "name"), qdn_inquire_text(span, "line"),
                qdn_inquire_text(span, "from_local"),
                qdn_inquire_text(span, "to_local"));
    if (json_object_object_get_ex(span, "rule", &rule) && rule) {
        qdn_ctl_say(
            ctl, "  rule %s (%s): %s\n", qdn_inquire_text(rule, "number"),
            qdn_inquire_text(rule, "origin"), qdn_inquire_text(rule, "expr"));
    }
    for (size_t i = 0; i < qdn_inquire_length(causes); i++) {
        qdn_ctl_say(ctl, "  %s\n",
                    qdn_story_choice(json_object_array_get_idx(causes, i), span,
                                     ctl->pool));
    }
}

/* The lines of an answer may be in many zones: the end of all is in none. */
static const char *in_utc(apr_time_t at, apr_pool_t *p)
{
    apr_time_exp_t t;

    apr_time_exp_gmt(&t, at);
    return apr_psprintf(p, "%04d-%02d-%02d %02d:%02d UTC", t.tm_year + 1900,
                        t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min);
}

static void show(const qdn_ctl_t *ctl, json_object *said)
{
    json_object *spans = qdn_inquire_list(said, "spans");
    const char *to = in_utc(qdn_inquire_number(said, "to"), ctl->pool);

    for (size_t i = 0; i < qdn_inquire_length(spans); i++) {
        show_span(ctl, json_object_array_get_idx(spans, i));
    }
    if (!qdn_inquire_length(spans)) {
        qdn_ctl_say(ctl, "there is somebody to ring at any time until %s\n",
                    to);
    }
    if (!json_object_get_boolean(json_object_object_get(said, "complete"))) {
        qdn_ctl_say(ctl,
                    "that was too much for one answer: looked at until %s; "
                    "ask with --line\n",
                    to);
    }
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    json_object *said = NULL;
    const char *error;
    const char *request = request_of(ctl, &error);
    qdn_exit_e found;

    if (error) {
        return qdn_ctl_fail(ctl, "--days: %s", error);
    }
    error = qdn_inquire(&said, ctl, request, PATIENCE);
    if (error) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    found = qdn_inquire_length(qdn_inquire_list(said, "spans")) ? QDN_EXIT_FOUND
                                                                : QDN_EXIT_OK;
    show(ctl, said);
    qdn_ctl_json(ctl, said);
    return found;
}

const qdn_command_t qdn_cmd_sweep = {
    .name = "sweep",
    .synopsis = "[--days N] [--line NUMBER] [--state DIR]",
    .summary = "list the times at which nobody would be rung, and why",
    .detail = "Asks the running daemon, which looks at each change of hours, "
              "holidays, calendars\nand what was set by hand. Exit status 1: "
              "there is such a time.",
    .options = options,
    .run = run,
};
