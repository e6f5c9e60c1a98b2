/* SPDX-License-Identifier: Apache-2.0 */
#include <json-c/json.h>
#include <string.h>

#include "command.h"
#include "control.h"
#include "database.h"
#include "inquire.h"
#include "output.h"

static const qdn_option_t options[] = {
    QDN_DATABASE_OPTIONS,
    { 0 },
};

static const char *text_of(json_object *object, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(object, name, &value)
               ? json_object_get_string(value)
               : "?";
}

static apr_int64_t number_of(json_object *object, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(object, name, &value)
               ? json_object_get_int64(value)
               : 0;
}

static void show_reasons(const qdn_ctl_t *ctl, json_object *health)
{
    json_object *reasons;

    if (!json_object_object_get_ex(health, "reasons", &reasons)) {
        return;
    }
    for (size_t i = 0; i < json_object_array_length(reasons); i++) {
        json_object *reason = json_object_array_get_idx(reasons, i);

        qdn_ctl_say(ctl, "  %s: %s\n    %s\n", text_of(reason, "colour"),
                    text_of(reason, "what"), text_of(reason, "do"));
    }
}

static void show_drain(const qdn_ctl_t *ctl, json_object *health)
{
    json_object *drain;

    if (!json_object_object_get_ex(health, "drain", &drain)) {
        return;
    }
    qdn_ctl_say(ctl, "drain    %s, %" APR_INT64_T_FMT " bytes wait\n",
                text_of(drain, "state"), number_of(drain, "pending_bytes"));
    if (number_of(drain, "error_since")) {
        qdn_ctl_say(ctl, "         %s\n", text_of(drain, "error"));
    }
}

/* What was never counted is no news. */
static void show_counters(const qdn_ctl_t *ctl, json_object *health)
{
    static const char *const head[] = { "COUNTER", "SINCE START", NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);
    json_object *counters;

    if (!json_object_object_get_ex(health, "counters", &counters)) {
        return;
    }
    json_object_object_foreach(counters, name, value)
    {
        if (json_object_get_int64(value)) {
            qdn_table_row(table, name, json_object_get_string(value));
        }
    }
    qdn_table_print(ctl, table);
}

static void show_text(const qdn_ctl_t *ctl, json_object *health)
{
    qdn_ctl_say(ctl, "health   %s\n", text_of(health, "health"));
    show_reasons(ctl, health);
    qdn_ctl_say(ctl,
                "plan     %s, in force\n"
                "secrets  %s\n"
                "daemon   %s, up for %" APR_INT64_T_FMT " s\n",
                text_of(health, "revision"), text_of(health, "secrets"),
                text_of(health, "version"),
                number_of(health, "uptime_seconds"));
    show_drain(ctl, health);
    show_counters(ctl, health);
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    json_object *health = NULL;
    qdn_exit_e found;
    const char *error =
        qdn_inquire(&health, ctl, "{\"ask\":\"health\"}", QDN_CONTROL_WAIT);

    if (error) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    found =
        strcmp(text_of(health, "health"), "red") ? QDN_EXIT_OK : QDN_EXIT_FOUND;
    show_text(ctl, health);
    qdn_ctl_json(ctl, health);
    return found;
}

const qdn_command_t qdn_cmd_doctor = {
    .name = "doctor",
    .synopsis = "[--state DIR]",
    .summary = "ask the running daemon how it is; exit 1 if health is red",
    .options = options,
    .run = run,
};
