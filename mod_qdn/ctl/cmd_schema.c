/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "database.h"
#include "output.h"
#include "schema.h"
#include "status.h"

static const qdn_option_t options[] = {
    QDN_DATABASE_OPTIONS,
    { 0 },
};

/* One open database, for those that need one. */
typedef struct task_t {
    qdn_ctl_t *ctl;
    qdn_database_t db;
    qdn_store_t *store;
} task_t;

static qdn_exit_e print(task_t *t)
{
    const qdn_dialect_t *dialect = qdn_dialect_find(t->db.driver);
    json_object *document = json_object_new_object();
    const char *text;

    if (!dialect) {
        json_object_put(document);
        return qdn_ctl_fail(t->ctl,
                            "driver '%s' is not supported; use one of %s",
                            t->db.driver, qdn_dialect_names(t->ctl->pool));
    }
    text = qdn_schema_text(dialect, t->ctl->pool);
    qdn_ctl_say(t->ctl, "%s", text);
    json_object_object_add(document, "driver",
                           json_object_new_string(t->db.driver));
    json_object_object_add(document, "version",
                           json_object_new_int(QDN_SCHEMA_VERSION));
    json_object_object_add(document, "sql", json_object_new_string(text));
    qdn_ctl_json(t->ctl, document);
    return QDN_EXIT_OK;
}

static const char *open_it(task_t *t)
{
    return qdn_database_open(&t->store, &t->db, t->ctl->pool);
}

static qdn_exit_e report(task_t *t)
{
    json_object *document;
    const char *error = open_it(t);
    int version;

    if (error) {
        return qdn_ctl_fail(t->ctl, "%s", error);
    }
    if (qdn_schema_version(t->store, &version, t->ctl->pool)) {
        return qdn_ctl_fail(t->ctl, "%s", qdn_store_error(t->store));
    }
    qdn_ctl_say(t->ctl, "%s: schema version %d, this qdnctl knows %d\n",
                t->db.driver, version, QDN_SCHEMA_VERSION);
    document = json_object_new_object();
    json_object_object_add(document, "driver",
                           json_object_new_string(t->db.driver));
    json_object_object_add(document, "version", json_object_new_int(version));
    json_object_object_add(document, "known",
                           json_object_new_int(QDN_SCHEMA_VERSION));
    qdn_ctl_json(t->ctl, document);
    return version == QDN_SCHEMA_VERSION ? QDN_EXIT_OK : QDN_EXIT_FOUND;
}

static qdn_exit_e apply(task_t *t)
{
    const char *error = open_it(t);
    apr_status_t rv;

    if (error) {
        return qdn_ctl_fail(t->ctl, "%s", error);
    }
    rv = qdn_schema_apply(t->store, apr_time_now(), t->ctl->pool);
    if (rv == QDN_ECONFLICT) {
        return qdn_ctl_fail(t->ctl, "the tables are of a newer version of "
                                    "mod_qdn; nothing was changed");
    }
    if (rv != APR_SUCCESS) {
        return qdn_ctl_fail(t->ctl, "%s", qdn_store_error(t->store));
    }
    return report(t);
}

static const struct {
    const char *word;
    qdn_exit_e (*run)(task_t *t);
} words[] = {
    { "print", print },
    { "apply", apply },
    { "report", report },
};

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    const char *word =
        ctl->args->nelts ? APR_ARRAY_IDX(ctl->args, 0, const char *) : "report";
    task_t t = { .ctl = ctl };
    const char *error = qdn_database_find(&t.db, ctl);
    qdn_exit_e status = QDN_EXIT_USAGE;
    apr_size_t i = 0;

    if (error) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    while (i < sizeof(words) / sizeof(words[0]) &&
           strcmp(words[i].word, word)) {
        i++;
    }
    if (i == sizeof(words) / sizeof(words[0])) {
        return qdn_ctl_fail(ctl, "'%s' is none of print, apply, report", word);
    }
    status = words[i].run(&t);
    if (t.store) {
        qdn_store_close(t.store);
    }
    return status;
}

const qdn_command_t qdn_cmd_schema = {
    .name = "schema",
    .synopsis = "[--state DIR | --dbd DRIVER:PARAMS] [print | apply | report]",
    .summary = "show, create or check the tables of the database",
    .detail = "print: the SQL for the driver; with --dbd DRIVER: no database "
              "is needed.\napply: create what is missing, as the module does "
              "by itself on first use.\nreport (the default): the version that "
              "is there; exit status 1 if it is\nanother than this qdnctl "
              "knows.",
    .options = options,
    .args_max = 1,
    .run = run,
};
