/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: made once, brought up to date, and the files of conf/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "dbds.h"
#include "status.h"
#include "store_scene.h"

static void the_schema_is_made_once(scene_t *s)
{
    int version = -1;

    must(s, qdn_schema_version(s->store, &version, s->pool));
    assert_int_equal(version, 0);
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    must(s, qdn_schema_apply(s->store, 2, s->pool));
    must(s, qdn_schema_version(s->store, &version, s->pool));
    assert_int_equal(version, QDN_SCHEMA_VERSION);
    assert_int_equal(qdn_dbds_number(&s->dbd,
                                     "SELECT SUM(applied_at) FROM qdn_schema",
                                     s->pool),
                     1);
}

/* Tables as an older version made them, with a row each. */
static void make_version(scene_t *s, int version)
{
    const qdn_dialect_t *d = qdn_store_dialect(s->store);
    const char *bytes = version > 1 ? d->by_bytes : "";
    const char *const texts[] = {
        "CREATE TABLE qdn_schema (version INTEGER NOT NULL PRIMARY KEY,"
        " applied_at BIGINT NOT NULL)",
        apr_psprintf(
            s->pool,
            "CREATE TABLE qdn_event (id CHAR(32)%s NOT NULL PRIMARY KEY,"
            " at BIGINT NOT NULL, host VARCHAR(255), kind VARCHAR(64) NOT NULL,"
            " line VARCHAR(255), call_sid VARCHAR(34)%s, hop INTEGER,"
            " operator VARCHAR(64), phone VARCHAR(64), reason VARCHAR(64),"
            " detail %s, config VARCHAR(64))",
            bytes, bytes, d->long_text),
        apr_psprintf(
            s->pool,
            "CREATE TABLE qdn_call (call_sid VARCHAR(34)%s NOT NULL PRIMARY"
            " KEY, line VARCHAR(255)%s, caller VARCHAR(255),"
            " started_at BIGINT, answered_at BIGINT, ended_at BIGINT,"
            " outcome VARCHAR(64), answered_by VARCHAR(255), hops INTEGER,"
            " ring_seconds INTEGER, talk_seconds INTEGER,"
            " config VARCHAR(64))",
            bytes, bytes),
    };
    const char *const rows[] = {
        version == 1 ? "CREATE INDEX qdn_event_at ON qdn_event (at)"
                     : "CREATE INDEX qdn_call_started ON qdn_call"
                       " (started_at, call_sid)",
        apr_psprintf(s->pool, "INSERT INTO qdn_schema VALUES (%d, 0)", version),
        ("INSERT INTO qdn_event (id, at, kind, call_sid) VALUES"
         " ('0123456789abcdef0123456789abcdef', 1, 'call.received', 'CA1')"),
        "INSERT INTO qdn_call (call_sid, started_at) VALUES ('CA1', 1)",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        must(s, qdn_store_run(s->store, apr_pstrcat(s->pool, texts[i],
                                                    d->table_end, NULL)));
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        must(s, qdn_store_run(s->store, rows[i]));
    }
}

static int number(scene_t *s, const char *sql)
{
    return (int)qdn_dbds_number(&s->dbd, sql, s->pool);
}

static void bring_up(scene_t *s, int from)
{
    int version = -1;

    make_version(s, from);
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    must(s, qdn_schema_apply(s->store, 2, s->pool));
    must(s, qdn_schema_version(s->store, &version, s->pool));
    assert_int_equal(version, QDN_SCHEMA_VERSION);
    assert_int_equal(number(s,
                            "SELECT COUNT(*) FROM qdn_event e JOIN qdn_call c"
                            " ON e.call_sid = c.call_sid WHERE e.id ="
                            " '0123456789abcdef0123456789abcdef'"),
                     1);
    /* Nothing says yet where the old call was counted: nowhere. */
    assert_int_equal(number(s, "SELECT COUNT(*) FROM qdn_call WHERE rung IS"
                               " NULL AND day IS NULL AND hour IS NULL"),
                     1);
    assert_int_equal(number(s, "SELECT (SELECT COUNT(*) FROM qdn_hourly) +"
                               " (SELECT COUNT(*) FROM qdn_wait) +"
                               " (SELECT COUNT(*) FROM qdn_load) +"
                               " (SELECT COUNT(*) FROM qdn_audit) +"
                               " (SELECT COUNT(*) FROM qdn_plan)"),
                     0);
    /* The index that was dropped can be made; one that is there cannot. */
    must(s, qdn_store_run(s->store,
                          "CREATE INDEX qdn_event_at ON qdn_event (at)"));
    assert_int_not_equal(qdn_store_run(s->store,
                                       "CREATE INDEX qdn_event_call ON"
                                       " qdn_event (at)"),
                         APR_SUCCESS);
}

static void version_1_is_brought_up(scene_t *s)
{
    bring_up(s, 1);
}

static void version_2_is_brought_up(scene_t *s)
{
    bring_up(s, 2);
}

static void a_newer_schema_is_left_alone(scene_t *s)
{
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    must(s, qdn_store_run(s->store, "INSERT INTO qdn_schema VALUES (99, 0)"));
    assert_int_equal(qdn_schema_apply(s->store, 2, s->pool), QDN_ECONFLICT);
}

/* 0: it went well; only SQLite sends away who comes while another writes. */
static int begin_host(scene_t *s, int go)
{
    int tries = strcmp(s->dbd.driver, "sqlite3") ? 1 : 50;
    apr_status_t rv = APR_EGENERAL;
    qdn_store_t *store;
    char byte;

    apr_pool_create(&s->pool, NULL);
    store = qdn_dbds_store(&s->dbd, s->pool);
    (void)!read(go, &byte, 1);
    for (int i = 0; rv && i < tries; i++) {
        rv = qdn_schema_apply(store, 1, s->pool);
    }
    if (rv) {
        fprintf(stderr, "# %s\n", qdn_store_error(store));
    }
    return rv != APR_SUCCESS;
}

/* Nobody reads of an error in the log because two hosts were new at once. */
static void hosts_may_begin_at_once(scene_t *s)
{
    pid_t pids[6];
    int go[2], status, failed = 0;

    assert_int_equal(pipe(go), 0);
    for (int i = 0; i < 6; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            close(go[1]);
            _exit(begin_host(s, go[0]));
        }
    }
    close(go[0]);
    usleep(200000);
    close(go[1]);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        failed += status != 0;
    }
    assert_int_equal(failed, 0);
    assert_int_equal(number(s, "SELECT COUNT(*) FROM qdn_schema"), 1);
}

/* conf/schema is what administrators read and load by hand. */
static void schema_files_are_the_schema(void **state)
{
    static const char *const drivers[] = { "sqlite3", "pgsql", "mysql" };
    const char *srcdir = getenv("QDN_SRCDIR");
    apr_pool_t *p;

    (void)state;
    apr_pool_create(&p, NULL);
    for (size_t i = 0; i < 3; i++) {
        const char *path = apr_psprintf(p, "%s/conf/schema/%s.sql",
                                        srcdir ? srcdir : ".", drivers[i]);
        char text[16384];
        apr_size_t len = sizeof(text) - 1;
        apr_file_t *file;

        assert_int_equal(apr_file_open(&file, path, APR_READ, 0, p),
                         APR_SUCCESS);
        assert_int_equal(apr_file_read(file, text, &len), APR_SUCCESS);
        text[len] = '\0';
        assert_string_equal(text,
                            qdn_schema_text(qdn_dialect_find(drivers[i]), p));
        apr_file_close(file);
    }
    apr_pool_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(the_schema_is_made_once),
        EVERY(version_1_is_brought_up),
        EVERY(version_2_is_brought_up),
        EVERY(a_newer_schema_is_left_alone),
        EVERY(hosts_may_begin_at_once),
        cmocka_unit_test(schema_files_are_the_schema),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
