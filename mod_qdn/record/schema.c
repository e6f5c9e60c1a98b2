/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include "status.h"
#include "text.h"

/*
 * $LONGTEXT, $BYTES and $END are replaced by the dialect's words. All times
 * are microseconds since 1970 UTC. Each index is paid for with every row:
 * what happened outside of calls is found by its time in qdn_event_call.
 */
static const char *const statements[] = {
    "CREATE TABLE IF NOT EXISTS qdn_schema (\n"
    "    version INTEGER NOT NULL PRIMARY KEY,\n"
    "    applied_at BIGINT NOT NULL\n"
    ")$END",

    "CREATE TABLE IF NOT EXISTS qdn_event (\n"
    "    id CHAR(32)$BYTES NOT NULL PRIMARY KEY,\n"
    "    at BIGINT NOT NULL,\n"
    "    host VARCHAR(255),\n"
    "    kind VARCHAR(64) NOT NULL,\n"
    "    line VARCHAR(255),\n"
    "    call_sid VARCHAR(34)$BYTES,\n"
    "    hop INTEGER,\n"
    "    operator VARCHAR(64),\n"
    "    phone VARCHAR(64),\n"
    "    reason VARCHAR(64),\n"
    "    detail $LONGTEXT,\n"
    "    config VARCHAR(64)\n"
    ")$END",

    "CREATE INDEX IF NOT EXISTS qdn_event_call ON qdn_event (call_sid, at)",

    "CREATE TABLE IF NOT EXISTS qdn_call (\n"
    "    call_sid VARCHAR(34)$BYTES NOT NULL PRIMARY KEY,\n"
    "    line VARCHAR(255)$BYTES,\n"
    "    caller VARCHAR(255),\n"
    "    started_at BIGINT,\n"
    "    answered_at BIGINT,\n"
    "    ended_at BIGINT,\n"
    "    outcome VARCHAR(64),\n"
    "    answered_by VARCHAR(255),\n"
    "    hops INTEGER,\n"
    "    ring_seconds INTEGER,\n"
    "    talk_seconds INTEGER,\n"
    "    config VARCHAR(64),\n"
    "    rung VARCHAR(255),\n"
    "    day INTEGER,\n"
    "    hour INTEGER\n"
    ")$END",

    "CREATE INDEX IF NOT EXISTS qdn_call_started"
    " ON qdn_call (started_at, call_sid)",

    "CREATE INDEX IF NOT EXISTS qdn_call_line"
    " ON qdn_call (line, started_at, call_sid)",

    "CREATE TABLE IF NOT EXISTS qdn_journal (\n"
    "    segment VARCHAR(191) NOT NULL PRIMARY KEY,\n"
    "    host VARCHAR(255) NOT NULL,\n"
    "    drained_to BIGINT NOT NULL,\n"
    "    drained_at BIGINT NOT NULL\n"
    ")$END",

    /* See rollup.h. */
    "CREATE TABLE IF NOT EXISTS qdn_hourly (\n"
    "    line VARCHAR(64) NOT NULL,\n"
    "    day INTEGER NOT NULL,\n"
    "    weekday INTEGER NOT NULL,\n"
    "    hour INTEGER NOT NULL,\n"
    "    host VARCHAR(191) NOT NULL,\n"
    "    calls BIGINT NOT NULL,\n"
    "    answered BIGINT NOT NULL,\n"
    "    voicemail BIGINT NOT NULL,\n"
    "    unanswered BIGINT NOT NULL,\n"
    "    abandoned BIGINT NOT NULL,\n"
    "    impatient BIGINT NOT NULL,\n"
    "    rejected BIGINT NOT NULL,\n"
    "    failed BIGINT NOT NULL,\n"
    "    failover BIGINT NOT NULL,\n"
    "    PRIMARY KEY (line, day, weekday, hour, host)\n"
    ")$END",

    "CREATE TABLE IF NOT EXISTS qdn_wait (\n"
    "    line VARCHAR(64) NOT NULL,\n"
    "    day INTEGER NOT NULL,\n"
    "    seconds INTEGER NOT NULL,\n"
    "    host VARCHAR(191) NOT NULL,\n"
    "    calls BIGINT NOT NULL,\n"
    "    PRIMARY KEY (line, day, seconds, host)\n"
    ")$END",

    "CREATE TABLE IF NOT EXISTS qdn_load (\n"
    "    operator VARCHAR(64) NOT NULL,\n"
    "    line VARCHAR(64) NOT NULL,\n"
    "    day INTEGER NOT NULL,\n"
    "    night INTEGER NOT NULL,\n"
    "    host VARCHAR(191) NOT NULL,\n"
    "    rung BIGINT NOT NULL,\n"
    "    answered BIGINT NOT NULL,\n"
    "    talk_seconds BIGINT NOT NULL,\n"
    "    PRIMARY KEY (line, day, operator, night, host)\n"
    ")$END",

    /* See audit.h and revisions.h. */
    "CREATE TABLE IF NOT EXISTS qdn_audit (\n"
    "    host VARCHAR(191) NOT NULL,\n"
    "    seq BIGINT NOT NULL,\n"
    "    event_id CHAR(32)$BYTES NOT NULL,\n"
    "    at BIGINT NOT NULL,\n"
    "    fields $LONGTEXT,\n"
    "    salts $LONGTEXT,\n"
    "    hash CHAR(64) NOT NULL,\n"
    "    PRIMARY KEY (host, seq)\n"
    ")$END",

    "CREATE UNIQUE INDEX IF NOT EXISTS qdn_audit_event"
    " ON qdn_audit (event_id)",

    "CREATE INDEX IF NOT EXISTS qdn_audit_at ON qdn_audit (at, event_id)",

    "CREATE TABLE IF NOT EXISTS qdn_plan (\n"
    "    revision VARCHAR(64) NOT NULL PRIMARY KEY,\n"
    "    host VARCHAR(255) NOT NULL,\n"
    "    first_at BIGINT NOT NULL,\n"
    "    plan $LONGTEXT NOT NULL\n"
    ")$END",
};

#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

/*
 * What a version changed in tables that were there; before the statements
 * above, which make what is missing. Any of it may be found done, by a run
 * that was cut or by another host.
 */
static const struct {
    int version;
    const char *driver;
    const char *text;
} changes[] = {
    { 2, "sqlite3", "DROP INDEX IF EXISTS qdn_event_at" },
    { 2, "pgsql", "DROP INDEX IF EXISTS qdn_event_at" },
    { 2, "mysql", "DROP INDEX IF EXISTS qdn_event_at ON qdn_event" },
    { 2, "pgsql",
      "ALTER TABLE qdn_event"
      " ALTER COLUMN id TYPE CHAR(32) COLLATE \"C\","
      " ALTER COLUMN call_sid TYPE VARCHAR(34) COLLATE \"C\"" },
    { 2, "pgsql",
      "ALTER TABLE qdn_call"
      " ALTER COLUMN call_sid TYPE VARCHAR(34) COLLATE \"C\","
      " ALTER COLUMN line TYPE VARCHAR(255) COLLATE \"C\"" },
    { 3, "sqlite3", "ALTER TABLE qdn_call ADD COLUMN rung VARCHAR(255)" },
    { 3, "sqlite3", "ALTER TABLE qdn_call ADD COLUMN day INTEGER" },
    { 3, "sqlite3", "ALTER TABLE qdn_call ADD COLUMN hour INTEGER" },
    { 3, "pgsql",
      "ALTER TABLE qdn_call ADD COLUMN IF NOT EXISTS rung VARCHAR(255),"
      " ADD COLUMN IF NOT EXISTS day INTEGER,"
      " ADD COLUMN IF NOT EXISTS hour INTEGER" },
    { 3, "mysql",
      "ALTER TABLE qdn_call ADD COLUMN IF NOT EXISTS rung VARCHAR(255),"
      " ADD COLUMN IF NOT EXISTS day INTEGER,"
      " ADD COLUMN IF NOT EXISTS hour INTEGER" },
};

#define CHANGES (sizeof(changes) / sizeof(changes[0]))

const char *qdn_schema_fit(const char *text, apr_size_t width, apr_pool_t *p)
{
    if (!text || strlen(text) <= width) {
        return text;
    }
    while (width > 0 && ((unsigned char)text[width] & 0xC0) == 0x80) {
        width--;
    }
    return apr_pstrmemdup(p, text, width);
}

static const char *replace(const char *text, const char *token,
                           const char *word, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, strlen(text) + 128, p);
    for (const char *at; (at = strstr(text, token)) != NULL;
         text = at + strlen(token)) {
        qdn_text_addn(&t, text, (apr_size_t)(at - text));
        qdn_text_add(&t, word);
    }
    qdn_text_add(&t, text);
    return t.buf;
}

apr_array_header_t *qdn_schema_statements(const qdn_dialect_t *dialect,
                                          apr_pool_t *p)
{
    apr_array_header_t *list =
        apr_array_make(p, (int)STATEMENTS, sizeof(const char *));

    for (apr_size_t i = 0; i < STATEMENTS; i++) {
        const char *text =
            replace(statements[i], "$LONGTEXT", dialect->long_text, p);

        text = replace(text, "$BYTES", dialect->by_bytes, p);
        APR_ARRAY_PUSH(list, const char *) =
            replace(text, "$END", dialect->table_end, p);
    }
    return list;
}

const char *qdn_schema_text(const qdn_dialect_t *dialect, apr_pool_t *p)
{
    apr_array_header_t *list = qdn_schema_statements(dialect, p);
    qdn_text_t t;

    qdn_text_init(&t, 4096, p);
    qdn_text_addf(&t,
                  "-- SPDX-License-Identifier: Apache-2.0\n"
                  "-- mod_qdn, schema version %d, for DBDriver %s.\n"
                  "-- The module creates this itself on first use. All times "
                  "are\n-- microseconds since 1970 UTC.\n",
                  QDN_SCHEMA_VERSION, dialect->driver);
    for (int i = 0; i < list->nelts; i++) {
        qdn_text_addf(&t, "\n%s;\n", APR_ARRAY_IDX(list, i, const char *));
    }
    qdn_text_addf(&t,
                  "\nINSERT INTO qdn_schema (version, applied_at)"
                  " VALUES (%d, 0);\n",
                  QDN_SCHEMA_VERSION);
    return t.buf;
}

static void take_number(void *baton, const char *const *values)
{
    *(int *)baton = values[0] ? atoi(values[0]) : 0;
}

apr_status_t qdn_schema_version(qdn_store_t *store, int *pversion,
                                apr_pool_t *ptemp)
{
    int alive = 0;

    *pversion = 0;
    if (qdn_store_select(store, "SELECT MAX(version) FROM qdn_schema",
                         take_number, pversion, ptemp) == APR_SUCCESS) {
        return APR_SUCCESS;
    }
    *pversion = 0;
    return qdn_store_select(store, "SELECT 1", take_number, &alive, ptemp);
}

static const char *const version_columns[] = { "version", "applied_at", NULL };
static const qdn_store_insert_t version_insert = {
    .table = "qdn_schema",
    .columns = version_columns,
    .types = "nn",
    .conflict = QDN_STORE_KEEP,
};

/* There are tables of that version. */
static apr_status_t change_all(qdn_store_t *store, int version)
{
    const char *driver = qdn_store_dialect(store)->driver;
    apr_status_t rv = APR_SUCCESS;

    for (apr_size_t i = 0; rv == APR_SUCCESS && i < CHANGES; i++) {
        if (version < changes[i].version &&
            !strcmp(driver, changes[i].driver)) {
            rv = qdn_store_run(store, changes[i].text);
        }
    }
    return rv;
}

static void take_nothing(void *baton, const char *const *values)
{
    (void)baton;
    (void)values;
}

/*
 * PostgreSQL looks whether a table exists before it makes it, and not again:
 * of two hosts that are new at once the second would fail.
 */
static apr_status_t wait_for_others(qdn_store_t *store, apr_pool_t *ptemp)
{
    return strcmp(qdn_store_dialect(store)->driver, "pgsql")
               ? APR_SUCCESS
               : qdn_store_select(store,
                                  "SELECT pg_advisory_xact_lock(7431278)",
                                  take_nothing, NULL, ptemp);
}

/* version: what is there, 0: nothing. */
static apr_status_t create_all(qdn_store_t *store, int version, apr_time_t now,
                               apr_pool_t *ptemp)
{
    apr_array_header_t *list =
        qdn_schema_statements(qdn_store_dialect(store), ptemp);
    const char *row[] = {
        apr_itoa(ptemp, QDN_SCHEMA_VERSION),
        apr_psprintf(ptemp, "%" APR_TIME_T_FMT, now),
    };
    apr_status_t rv = qdn_store_begin(store);

    if (rv == APR_SUCCESS) {
        rv = wait_for_others(store, ptemp);
    }
    if (rv == APR_SUCCESS && version > 0) {
        rv = change_all(store, version);
    }
    for (int i = 0; rv == APR_SUCCESS && i < list->nelts; i++) {
        rv = qdn_store_run(store, APR_ARRAY_IDX(list, i, const char *));
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_store_insert(store, &version_insert, row, 1, ptemp);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_store_commit(store);
    }
    if (rv != APR_SUCCESS) {
        qdn_store_rollback(store);
    }
    return rv;
}

apr_status_t qdn_schema_apply(qdn_store_t *store, apr_time_t now,
                              apr_pool_t *ptemp)
{
    int version;
    apr_status_t rv = qdn_schema_version(store, &version, ptemp);

    if (rv != APR_SUCCESS || version == QDN_SCHEMA_VERSION) {
        return rv;
    }
    return version > QDN_SCHEMA_VERSION
               ? QDN_ECONFLICT
               : create_all(store, version, now, ptemp);
}
