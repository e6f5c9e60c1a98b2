/* SPDX-License-Identifier: Apache-2.0 */
#include <json-c/json.h>

#include "command.h"
#include "credential.h"
#include "output.h"

static const qdn_option_t options[] = {
    { .name = "secrets",
      .value = "SPEC",
      .required = 1,
      .help = "dotenv:/path or exec:/command with its arguments" },
    { 0 },
};

/* What was found, of a source. */
typedef struct inventory_t {
    const char *source;
    apr_array_header_t *credentials; /* of qdn_credential_t */
    apr_array_header_t *missing;     /* of const char * */
    int ok;
} inventory_t;

static void take_stock(inventory_t *stock, const qdn_secrets_t *secrets,
                       apr_pool_t *p)
{
    stock->source = qdn_source_name(secrets->spec, p);
    stock->credentials = qdn_credential_list(secrets, p);
    stock->missing = qdn_credential_missing(secrets, p);
    stock->ok = stock->missing->nelts == 0;
    for (int i = 0; i < stock->credentials->nelts; i++) {
        stock->ok =
            stock->ok &&
            !APR_ARRAY_IDX(stock->credentials, i, qdn_credential_t).fault;
    }
}

static void show_text(const qdn_ctl_t *ctl, const inventory_t *stock)
{
    static const char *const head[] = { "NAME", "KIND", "FINGERPRINT", "FORM",
                                        NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);

    for (int i = 0; i < stock->credentials->nelts; i++) {
        const qdn_credential_t *c =
            &APR_ARRAY_IDX(stock->credentials, i, qdn_credential_t);

        qdn_table_row(table, c->name, c->kind,
                      *c->fingerprint ? c->fingerprint : NULL,
                      c->fault ? c->fault : "ok");
    }
    qdn_table_print(ctl, table);
    for (int i = 0; i < stock->missing->nelts; i++) {
        qdn_ctl_say(ctl, "%s is missing\n",
                    APR_ARRAY_IDX(stock->missing, i, const char *));
    }
}

static void add_string(json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, json_object_new_string(value));
}

static json_object *describe(const qdn_credential_t *c)
{
    json_object *object = json_object_new_object();

    add_string(object, "name", c->name);
    add_string(object, "kind", c->kind);
    add_string(object, "fingerprint", c->fingerprint);
    json_object_object_add(object, "ok", json_object_new_boolean(!c->fault));
    if (c->fault) {
        add_string(object, "fault", c->fault);
    }
    return object;
}

static json_object *to_json(const inventory_t *stock)
{
    json_object *document = json_object_new_object();
    json_object *credentials = json_object_new_array();
    json_object *missing = json_object_new_array();

    for (int i = 0; i < stock->credentials->nelts; i++) {
        json_object_array_add(
            credentials,
            describe(&APR_ARRAY_IDX(stock->credentials, i, qdn_credential_t)));
    }
    for (int i = 0; i < stock->missing->nelts; i++) {
        json_object_array_add(missing, json_object_new_string(APR_ARRAY_IDX(
                                           stock->missing, i, const char *)));
    }
    add_string(document, "source", stock->source);
    json_object_object_add(document, "ok", json_object_new_boolean(stock->ok));
    json_object_object_add(document, "credentials", credentials);
    json_object_object_add(document, "missing", missing);
    return document;
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    qdn_exit_e status = QDN_EXIT_USAGE;
    qdn_secrets_t *secrets;
    apr_pool_t *pool;
    const char *error;
    inventory_t stock;

    apr_pool_create(&pool, ctl->pool);
    if (qdn_source_load(&secrets, qdn_ctl_option(ctl, "secrets"), &error,
                        pool) != APR_SUCCESS) {
        qdn_ctl_fail(ctl, "%s", error);
        goto leave;
    }
    take_stock(&stock, secrets, pool);
    show_text(ctl, &stock);
    qdn_ctl_json(ctl, to_json(&stock));
    status = stock.ok ? QDN_EXIT_OK : QDN_EXIT_FOUND;
leave:
    apr_pool_destroy(pool);
    return status;
}

const qdn_command_t qdn_cmd_credentials = {
    .name = "credentials",
    .synopsis = "--secrets SPEC",
    .summary = "list the secrets of a source by fingerprint",
    .detail = "Shows every name with its kind, the first 8 hex digits of the "
              "SHA-256 of its\nvalue, and whether the value has the form that "
              "its name asks for; then what is\nmissing. Values are never "
              "shown. Exit status 1: something is missing or odd.",
    .options = options,
    .run = run,
};
