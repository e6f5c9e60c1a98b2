/* SPDX-License-Identifier: Apache-2.0 */
#include "database.h"

#include <apr_strings.h>
#include <grp.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apachectl.h"
#include "schema.h"
#include "status.h"

static const char *const sqlite3 = "sqlite3";

static void set_state_dir(qdn_database_t *db, const char *dir, apr_pool_t *p)
{
    db->state_dir = dir;
    db->driver = sqlite3;
    db->params = apr_pstrcat(p, dir, "/qdn.sqlite", NULL);
}

static const char *set_dbd(qdn_database_t *db, const char *dbd, apr_pool_t *p)
{
    const char *colon = strchr(dbd, ':');

    if (!colon) {
        return apr_psprintf(p,
                            "--dbd '%s' is not DRIVER:PARAMS, such as "
                            "pgsql:dbname=qdn",
                            dbd);
    }
    db->driver = apr_pstrmemdup(p, dbd, (apr_size_t)(colon - dbd));
    db->params = colon + 1;
    return NULL;
}

static const char *member(json_object *object, const char *name, apr_pool_t *p)
{
    json_object *value;

    return json_object_object_get_ex(object, name, &value) && value
               ? apr_pstrdup(p, json_object_get_string(value))
               : NULL;
}

/* Of the configuration on disk; 0 if nobody says anything of QDN. */
static int set_configured(qdn_database_t *db, apr_pool_t *p)
{
    const char *text = qdn_apachectl_dump("DUMP_QDN_DBD", p);
    json_object *object = text ? json_tokener_parse(text) : NULL;
    int found = json_object_is_type(object, json_type_object);

    if (found) {
        db->state_dir = member(object, "state_dir", p);
        db->driver = member(object, "driver", p);
        db->params = member(object, "params", p);
        found = db->state_dir && db->driver && db->params;
    }
    json_object_put(object);
    return found;
}

const char *qdn_database_find(qdn_database_t *pdb, const qdn_ctl_t *ctl)
{
    const char *state = qdn_ctl_option(ctl, "state");
    const char *dbd = qdn_ctl_option(ctl, "dbd");

    if (state || dbd || !set_configured(pdb, ctl->pool)) {
        set_state_dir(pdb, state ? state : QDN_STATE_DIR_DEFAULT, ctl->pool);
    }
    return dbd ? set_dbd(pdb, dbd, ctl->pool) : NULL;
}

const char *qdn_database_become_owner(const char *dir, apr_pool_t *p)
{
    struct stat st;

    if (geteuid() != 0 || stat(dir, &st) || st.st_uid == 0) {
        return NULL;
    }
    if (setgroups(0, NULL) || setgid(st.st_gid) || setuid(st.st_uid)) {
        return apr_psprintf(p, "cannot become user %ld, who owns %s",
                            (long)st.st_uid, dir);
    }
    return NULL;
}

static const char *open_file(const char *path, apr_pool_t *p)
{
    const char *slash = strrchr(path, '/');
    const char *dir =
        slash ? apr_pstrmemdup(p, path, (apr_size_t)(slash - path)) : ".";
    const char *error = qdn_database_become_owner(slash == path ? "/" : dir, p);

    if (!error && access(path, R_OK | W_OK)) {
        char cause[128];

        error = apr_psprintf(
            p, "%s: %s; --state or --dbd names another database", path,
            qdn_strerror(APR_FROM_OS_ERROR(apr_get_os_error()), cause,
                         sizeof(cause)));
    }
    return error;
}

const char *qdn_database_open(qdn_store_t **pstore, const qdn_database_t *db,
                              apr_pool_t *p)
{
    const char *error = NULL;

    if (!strcmp(db->driver, sqlite3)) {
        error = open_file(db->params, p);
    }
    if (!error) {
        qdn_store_open(pstore, db->driver, db->params, &error, p);
    }
    return error;
}

const char *qdn_database_readable(qdn_store_t *store, apr_pool_t *p)
{
    int version;

    if (qdn_schema_version(store, &version, p) != APR_SUCCESS) {
        return apr_pstrdup(p, qdn_store_error(store));
    }
    if (version == 0) {
        return "the database has no tables of mod_qdn yet; the module makes "
               "them when it runs, or 'qdnctl schema apply'";
    }
    return version <= QDN_SCHEMA_VERSION
               ? NULL
               : "the tables are of a newer version of mod_qdn than this "
                 "qdnctl";
}

const char *qdn_database_current(qdn_store_t *store, apr_pool_t *p)
{
    const char *error = qdn_database_readable(store, p);
    int version = QDN_SCHEMA_VERSION;

    if (!error && qdn_schema_version(store, &version, p) != APR_SUCCESS) {
        error = apr_pstrdup(p, qdn_store_error(store));
    }
    return error || version == QDN_SCHEMA_VERSION
               ? error
               : "the tables are of an older version of mod_qdn; httpd brings "
                 "them up to date when it runs, or 'qdnctl schema apply'";
}
