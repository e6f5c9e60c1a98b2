/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect.h"

#include <string.h>
#include <apr_strings.h>

/*
 * WAL, so that readers never block the drain. The driver holds its mutex of
 * the whole process while it waits for a lock, so that time is short. Ids
 * are spread over all pages, so a page that is checkpointed less often (the
 * WAL grows to 32 MiB) and found in the cache (4 MB) is written less often.
 */
static const char *const sqlite3_session[] = {
    "PRAGMA busy_timeout = 500",        "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",        "PRAGMA cache_size = -4000",
    "PRAGMA wal_autocheckpoint = 8000", NULL,
};

/*
 * A segment is removed after its commit, so a server that acknowledges
 * commits before they are durable must not do so for us. All that we look
 * for has an index, but until a table has been analyzed the planner takes the
 * calls of a batch for most of the table: it would read all of it each time,
 * or start a parallel worker, which takes longer than the query.
 */
static const char *const pgsql_session[] = {
    "SET client_encoding TO 'UTF8'",
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
    "SET enable_seqscan TO off",
    "SET max_parallel_workers_per_gather TO 0",
    NULL,
};

static const char *const mysql_session[] = {
    "SET NAMES utf8mb4",
    "SET SESSION lc_messages = 'en_US'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES'",
    NULL,
};

static const char pgsql_lax[] =
    "SELECT 'fsync is off' WHERE current_setting('fsync') = 'off'";

/* A commit that is only in an unsynced binary log is undone after a crash. */
static const char mysql_lax[] =
    "SELECT CONCAT('innodb_flush_log_at_trx_commit is ',"
    " @@GLOBAL.innodb_flush_log_at_trx_commit) FROM DUAL"
    " WHERE @@GLOBAL.innodb_flush_log_at_trx_commit IN (0, 2)"
    " UNION ALL SELECT CONCAT('sync_binlog is ', @@GLOBAL.sync_binlog)"
    " FROM DUAL WHERE @@GLOBAL.log_bin AND @@GLOBAL.sync_binlog <> 1";

static const char *const sqlite3_collisions[] = { "database is locked", NULL };

/*
 * apr_dbd hands no SQLSTATE on. In another language it is taken for one
 * row's fault, and found out not to be by trying the rows again.
 */
static const char *const pgsql_collisions[] = {
    "deadlock detected", "could not serialize access",
    "canceling statement due to lock timeout", NULL
};

static const char *const mysql_collisions[] = { "try restarting transaction",
                                                NULL };

static const qdn_dialect_t dialects[] = {
    {
        .driver = "sqlite3",
        .params_end = "",
        .long_text = "TEXT",
        .table_end = "",
        .by_bytes = "",
        .session = sqlite3_session,
        .begin = "BEGIN IMMEDIATE",
        .collisions = sqlite3_collisions,
        .keep = " ON CONFLICT DO NOTHING",
        .lock = "",
        .replace = " ON CONFLICT (%s) DO UPDATE SET ",
        .incoming = "excluded.%s",
    },
    {
        .driver = "pgsql",
        .params_end = "",
        .long_text = "TEXT",
        .table_end = "",
        /* A database's own collation compares ids several times slower. */
        .by_bytes = " COLLATE \"C\"",
        .session = pgsql_session,
        .lax = pgsql_lax,
        .begin = "BEGIN ISOLATION LEVEL READ COMMITTED",
        .collisions = pgsql_collisions,
        .keep = " ON CONFLICT DO NOTHING",
        .lock = " FOR UPDATE",
        .replace = " ON CONFLICT (%s) DO UPDATE SET ",
        .incoming = "excluded.%s",
        .shared = 1,
        .arrays = 1,
        .seek = 1,
    },
    {
        .driver = "mysql",
        /*
         * A new connection in mid-transaction would write the rest of it,
         * and CLIENT_FOUND_ROWS counts rows that were there as inserted.
         */
        .params_end = " reconnect=0 flags=0",
        .long_text = "LONGTEXT",
        .table_end = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
                     " COLLATE=utf8mb4_bin",
        .by_bytes = "",
        .session = mysql_session,
        .lax = mysql_lax,
        .begin = "START TRANSACTION",
        .collisions = mysql_collisions,
        .keep = " ON DUPLICATE KEY UPDATE %1$s = %1$s",
        .lock = " FOR UPDATE",
        .replace = " ON DUPLICATE KEY UPDATE ",
        .incoming = "VALUES(%s)",
        .shared = 1,
        .streams = 1,
    },
};

#define DIALECTS (sizeof(dialects) / sizeof(dialects[0]))

const qdn_dialect_t *qdn_dialect_find(const char *driver)
{
    for (apr_size_t i = 0; i < DIALECTS; i++) {
        if (!strcmp(dialects[i].driver, driver)) {
            return &dialects[i];
        }
    }
    return NULL;
}

const char *qdn_dialect_names(apr_pool_t *p)
{
    const char *names = dialects[0].driver;

    for (apr_size_t i = 1; i < DIALECTS; i++) {
        names = apr_pstrcat(p, names, ", ", dialects[i].driver, NULL);
    }
    return names;
}
