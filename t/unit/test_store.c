/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: what every database must do alike. */
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

static const char *const columns[] = { "id", "at", "word", NULL };
#define INSERT(how)                                                            \
    {                                                                          \
        .table = "qdn_schema_test", .columns = columns, .types = "tnt",        \
        .conflict = QDN_STORE_##how                                            \
    }
static const qdn_store_insert_t keep = INSERT(KEEP);
static const qdn_store_insert_t fresh = INSERT(NEW);
static const qdn_store_insert_t blind = INSERT(BLIND);
static const qdn_store_insert_t replace = INSERT(REPLACE);

static void make_table(scene_t *s)
{
    const qdn_dialect_t *d = qdn_store_dialect(s->store);

    must(s, qdn_store_run(s->store, "DROP TABLE IF EXISTS qdn_schema_test"));
    must(s, qdn_store_run(
                s->store,
                apr_pstrcat(s->pool,
                            "CREATE TABLE qdn_schema_test (id VARCHAR(40) NOT "
                            "NULL PRIMARY KEY, at BIGINT, word ",
                            d->long_text, ")", d->table_end, NULL)));
}

static void drop_table(scene_t *s)
{
    must(s, qdn_store_run(s->store, "DROP TABLE qdn_schema_test"));
}

typedef struct rows_t {
    const char *text[8][3];
    int n;
} rows_t;

static void collect(void *baton, const char *const *row)
{
    rows_t *rows = baton;

    assert_true(rows->n < 8);
    memcpy(rows->text[rows->n++], row, 3 * sizeof(*row));
}

static void values_come_back(scene_t *s)
{
    const char *in[] = {
        "a",
        "9223372036854775807",
        "it's \"quoted\" \\ {NULL,} % %s ; --",
        "b",
        "-9223372036854775807",
        NULL,
        "c",
        NULL,
        "",
        "cc",
        NULL,
        "NULL",
        "d",
        "0",
        "Ren\xC3\xA9 \xF0\x9F\x8E\xBA",
        "e",
        "1",
        "\x1F",
        "f",
        "2",
        "\x1E",
        "g",
        "3",
        "",
    };
    rows_t rows = { .n = 0 };

    make_table(s);
    must(s, qdn_store_insert(s->store, &keep, in, 5, s->pool));
    must(s, qdn_store_insert(s->store, &keep, in + 15, 2, s->pool));
    must(s, qdn_store_insert(s->store, &keep, in + 21, 1, s->pool));
    must(s, qdn_store_select(s->store,
                             "SELECT id, at, word FROM qdn_schema_test "
                             "ORDER BY id",
                             collect, &rows, s->pool));
    assert_int_equal(rows.n, 8);
    for (int i = 0; i < 24; i++) {
        const char *out = rows.text[i / 3][i % 3];

        if (in[i]) {
            assert_non_null(out);
            assert_string_equal(out, in[i]);
        }
        else {
            assert_null(out);
        }
    }
    drop_table(s);
}

static void what_exists_is_kept_or_replaced(scene_t *s)
{
    const char *old[] = { "a", "1", "old", "b", "2", "old" };
    const char *new[] = { "b", "3", "new", "c", "4", "new" };
    rows_t rows = { .n = 0 };

    make_table(s);
    must(s, qdn_store_insert(s->store, &keep, old, 2, s->pool));
    must(s, qdn_store_insert(s->store, &keep, new, 1, s->pool));
    assert_int_equal(qdn_store_insert(s->store, &fresh, new, 1, s->pool),
                     QDN_ECONFLICT);
    assert_non_null(strstr(qdn_store_error(s->store), "qdn_schema_test"));
    must(s, qdn_store_select(s->store,
                             "SELECT id, at, word FROM qdn_schema_test "
                             "WHERE word = 'old'",
                             collect, &rows, s->pool));
    assert_int_equal(rows.n, 2);
    must(s, qdn_store_insert(s->store, &fresh, new + 3, 1, s->pool));
    must(s, qdn_store_insert(s->store, &replace, new, 2, s->pool));
    rows.n = 0;
    must(s, qdn_store_select(s->store,
                             "SELECT id, at, word FROM qdn_schema_test "
                             "ORDER BY id",
                             collect, &rows, s->pool));
    assert_int_equal(rows.n, 3);
    assert_string_equal(rows.text[0][2], "old");
    assert_string_equal(rows.text[1][1], "3");
    assert_string_equal(rows.text[1][2], "new");
    assert_string_equal(rows.text[2][2], "new");
    drop_table(s);
}

static void who_does_not_look_must_be_right(scene_t *s)
{
    const char *in[] = { "a", "1", "old", "b", "2", "old", "c", "3", "old" };

    make_table(s);
    must(s, qdn_store_insert(s->store, &blind, in, 2, s->pool));
    must(s, qdn_store_begin(s->store));
    assert_int_not_equal(qdn_store_insert(s->store, &blind, in + 3, 2, s->pool),
                         APR_SUCCESS);
    assert_false(qdn_store_collided(s->store));
    qdn_store_rollback(s->store);
    assert_int_equal(qdn_dbds_number(&s->dbd,
                                     "SELECT COUNT(*) FROM qdn_schema_test",
                                     s->pool),
                     2);
    drop_table(s);
}

static void count_rows(void *baton, const char *const *row)
{
    (void)row;
    ++*(int *)baton;
}

/* Statements are made in pieces of 256, 64, 16 ...: every length must do. */
static void any_number_of_rows(scene_t *s)
{
    static const int lengths[] = { 1, 2, 3, 4, 5, 15, 63, 255, 256, 257, 1000 };
    const char **values = apr_palloc(s->pool, 3000 * sizeof(*values));
    int n;

    for (int i = 0; i < 1000; i++) {
        values[i * 3] = apr_psprintf(s->pool, "row-%04d", i);
        values[i * 3 + 1] = apr_itoa(s->pool, i);
        values[i * 3 + 2] = "word";
    }
    make_table(s);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        const char *texts[1000];

        must(s, qdn_store_run(s->store, "DELETE FROM qdn_schema_test"));
        must(s,
             qdn_store_insert(s->store, &replace, values, lengths[i], s->pool));
        for (int k = 0; k < lengths[i]; k++) {
            texts[k] = values[k * 3];
        }
        n = 0;
        must(s, qdn_store_select_in(
                    s->store, "SELECT id FROM qdn_schema_test WHERE id", texts,
                    lengths[i], "ORDER BY id", count_rows, &n, s->pool));
        assert_int_equal(n, lengths[i]);
    }
    drop_table(s);
}

static void errors_are_told_and_survived(scene_t *s)
{
    const char *one[] = { "a", "1", "x" };
    int n = 0;

    make_table(s);
    assert_int_equal(qdn_store_run(s->store, "SELEKT"), APR_EGENERAL);
    assert_true(strlen(qdn_store_error(s->store)) > 5);
    assert_null(strchr(qdn_store_error(s->store), '\n'));
    assert_int_equal(qdn_store_select(s->store, "SELECT * FROM qdn_nowhere",
                                      count_rows, &n, s->pool),
                     APR_EGENERAL);
    must(s, qdn_store_begin(s->store));
    must(s, qdn_store_insert(s->store, &keep, one, 1, s->pool));
    assert_int_equal(qdn_store_run(s->store, "SELECT nothing FROM nowhere"),
                     APR_EGENERAL);
    qdn_store_rollback(s->store);
    must(s, qdn_store_select(s->store, "SELECT * FROM qdn_schema_test",
                             count_rows, &n, s->pool));
    assert_int_equal(n, 0);
    must(s, qdn_store_begin(s->store));
    must(s, qdn_store_insert(s->store, &keep, one, 1, s->pool));
    must(s, qdn_store_commit(s->store));
    must(s, qdn_store_select(s->store, "SELECT * FROM qdn_schema_test",
                             count_rows, &n, s->pool));
    assert_int_equal(n, 1);
    drop_table(s);
}

static void keep_text(void *baton, const char *const *row)
{
    *(const char **)baton = row[0];
}

/* mysql's driver cuts what prepared statements find to 64 KiB. */
static void long_texts_come_back_whole(scene_t *s)
{
    const char *in[] = { "long", "1", NULL }, *out = NULL;
    char *text = apr_palloc(s->pool, 300001);

    memset(text, 'x', 300000);
    text[300000] = '\0';
    in[2] = text;
    make_table(s);
    must(s, qdn_store_insert(s->store, &keep, in, 1, s->pool));
    must(s, qdn_store_select_in(s->store,
                                "SELECT word FROM qdn_schema_test WHERE id", in,
                                1, "", keep_text, &out, s->pool));
    assert_non_null(out);
    assert_int_equal(strlen(out), 300000);
    drop_table(s);
}

/* A statement that fails when it has given some rows has failed. */
static void an_error_after_rows_is_one(scene_t *s)
{
    const char *driver = qdn_store_dialect(s->store)->driver;
    const char *wrong =
        !strcmp(driver, "sqlite3") ? "abs(-9223372036854775807 - 1)"
        : !strcmp(driver, "pgsql") ? "1 / (at - 400)"
                                   : "(SELECT id FROM qdn_schema_test t"
                                     " WHERE t.at > q.at)";
    const char **values = apr_palloc(s->pool, 1500 * sizeof(*values));
    int n = 0;

    for (int i = 0; i < 500; i++) {
        values[i * 3] = apr_psprintf(s->pool, "row-%04d", i);
        values[i * 3 + 1] = apr_itoa(s->pool, i);
        values[i * 3 + 2] = NULL;
    }
    make_table(s);
    must(s, qdn_store_insert(s->store, &keep, values, 500, s->pool));
    assert_int_equal(
        qdn_store_select(
            s->store,
            apr_pstrcat(s->pool, "SELECT CASE WHEN at = 400 THEN ", wrong,
                        " END FROM qdn_schema_test q ORDER BY id", NULL),
            count_rows, &n, s->pool),
        APR_EGENERAL);
    assert_true(strlen(qdn_store_error(s->store)) > 5);
    n = 0;
    must(s, qdn_store_select(s->store, "SELECT id FROM qdn_schema_test",
                             count_rows, &n, s->pool));
    assert_int_equal(n, 500);
    drop_table(s);
}

/* mysql's driver would connect anew and write the second half by itself. */
static void a_lost_connection_takes_all_with_it(scene_t *s)
{
    const char *one[] = { "a", "1", "x" }, *two[] = { "b", "2", "x" };

    make_table(s);
    must(s, qdn_store_begin(s->store));
    must(s, qdn_store_insert(s->store, &keep, one, 1, s->pool));
    if (strcmp(s->dbd.driver, "sqlite3")) {
        qdn_dbds_disconnect(&s->dbd, s->pool);
        assert_int_equal(qdn_store_insert(s->store, &keep, two, 1, s->pool),
                         APR_EGENERAL);
        assert_int_equal(qdn_store_commit(s->store), APR_EGENERAL);
    }
    qdn_store_close(s->store);
    s->store = qdn_dbds_store(&s->dbd, s->pool);
    assert_int_equal(qdn_dbds_number(&s->dbd,
                                     "SELECT COUNT(*) FROM qdn_schema_test",
                                     s->pool),
                     0);
    drop_table(s);
}

/* In a process of its own: lock `mine`, say so, and want `other`. */
static int embrace(scene_t *s, const char *mine, const char *other, int say,
                   int hear)
{
    const char *first[] = { mine, "1", "x" }, *second[] = { other, "2", "x" };
    qdn_store_t *store = qdn_dbds_store(&s->dbd, s->pool);
    char go = 'x';
    int collided;

    must(s, qdn_store_begin(store));
    must(s, qdn_store_insert(store, &replace, first, 1, s->pool));
    assert_int_equal(write(say, &go, 1), 1);
    assert_int_equal(read(hear, &go, 1), 1);
    collided = qdn_store_insert(store, &replace, second, 1, s->pool) &&
               qdn_store_collided(store);
    qdn_store_rollback(store);
    qdn_store_close(store);
    return collided;
}

static void a_deadlock_is_known(scene_t *s)
{
    const char *in[] = { "a", "1", "x", "b", "2", "x" };
    int to[2], from[2], mine, status;
    pid_t pid;

    if (!qdn_store_dialect(s->store)->shared) {
        return; /* one writer at a time: there is none */
    }
    make_table(s);
    must(s, qdn_store_insert(s->store, &keep, in, 2, s->pool));
    assert_int_equal(pipe(to) + pipe(from), 0);
    pid = fork();
    if (pid == 0) {
        apr_pool_create(&s->pool, NULL);
        _exit(embrace(s, "b", "a", from[1], to[0]));
    }
    mine = embrace(s, "a", "b", to[1], from[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(mine + WEXITSTATUS(status), 1);
    for (int i = 0; i < 2; i++) {
        close(to[i]);
        close(from[i]);
    }
    assert_int_equal(qdn_store_run(s->store, "SELEKT"), APR_EGENERAL);
    assert_false(qdn_store_collided(s->store));
    drop_table(s);
}

/*
 * On a server that does not wait for its disk. PostgreSQL takes note of a
 * change of its files a moment later.
 */
static void a_lax_server_is_known(scene_t *s)
{
    static const struct {
        const char *driver;
        const char *loosen[2];
        const char *tighten[2];
        const char *says;
    } servers[] = {
        { "pgsql",
          { "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()" },
          { "ALTER SYSTEM RESET fsync", "SELECT pg_reload_conf()" },
          "fsync is off" },
        { "mysql",
          { "SET GLOBAL innodb_flush_log_at_trx_commit = 2", "DO 0" },
          { "SET GLOBAL innodb_flush_log_at_trx_commit = 1", "DO 0" },
          "innodb_flush_log_at_trx_commit is 2" },
    };
    const char *lax = NULL;

    assert_null(qdn_store_lax(s->store));
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        if (strcmp(servers[i].driver, s->dbd.driver)) {
            continue;
        }
        must(s, qdn_store_run(s->store, servers[i].loosen[0]));
        must(s, qdn_store_run(s->store, servers[i].loosen[1]));
        for (int tries = 0; !lax && tries < 100; tries++) {
            qdn_store_t *other = qdn_dbds_store(&s->dbd, s->pool);

            lax = qdn_store_lax(other);
            lax = lax ? apr_pstrdup(s->pool, lax) : NULL;
            qdn_store_close(other);
            usleep(20000);
        }
        must(s, qdn_store_run(s->store, servers[i].tighten[0]));
        must(s, qdn_store_run(s->store, servers[i].tighten[1]));
        assert_non_null(lax);
        assert_string_equal(lax, servers[i].says);
    }
}

static void keep_first(void *baton, const char *const *row)
{
    apr_cpystrn(baton, row[0], 16);
}

/* What the server's administrator said of all its commits is not for ours. */
static void commits_are_waited_for(scene_t *s)
{
    char was[16] = "";
    qdn_store_t *other;

    if (strcmp(s->dbd.driver, "pgsql")) {
        return;
    }
    must(s, qdn_store_run(s->store, "ALTER ROLE CURRENT_USER SET"
                                    " synchronous_commit = off"));
    other = qdn_dbds_store(&s->dbd, s->pool);
    must(s, qdn_store_run(s->store,
                          "ALTER ROLE CURRENT_USER RESET synchronous_commit"));
    must(s, qdn_store_select(other, "SHOW synchronous_commit", keep_first, was,
                             s->pool));
    assert_string_equal(was, "on");
    assert_null(qdn_store_lax(other));
    qdn_store_close(other);
}

static void quoting_cannot_be_left(scene_t *s)
{
    static const char *const texts[] = { "",    "'",
                                         "\\'", "a'; DROP TABLE x; --",
                                         "%s",  "Ren\xC3\xA9" };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *sql = apr_pstrcat(
            s->pool, "SELECT ", qdn_store_quote(s->store, texts[i], s->pool),
            " AS a", NULL);
        const char *back = qdn_dbds_text(&s->dbd, sql, s->pool);

        assert_string_equal(back ? back : "", texts[i]);
    }
}

/* Two columns are the key; also in one statement of several rows. */
static void figures_are_added(scene_t *s)
{
    static const char *const counts[] = { "day", "line", "calls", "failed",
                                          NULL };
    static const qdn_store_insert_t add = { .table = "qdn_schema_test",
                                            .columns = counts,
                                            .types = "ntnn",
                                            .keys = 2,
                                            .conflict = QDN_STORE_ADD };
    const char *first[] = { "1", "a", "5", "0", "1", "b", "1", "1" };
    const char *second[] = { "1", "b", "-1", "4", "2", "a", "7", "-2" };

    must(s, qdn_store_run(s->store, "DROP TABLE IF EXISTS qdn_schema_test"));
    must(s, qdn_store_run(
                s->store,
                apr_pstrcat(s->pool,
                            "CREATE TABLE qdn_schema_test (day INTEGER NOT"
                            " NULL, line VARCHAR(64) NOT NULL, calls BIGINT NOT"
                            " NULL, failed BIGINT NOT NULL, PRIMARY KEY"
                            " (day, line))",
                            qdn_store_dialect(s->store)->table_end, NULL)));
    must(s, qdn_store_insert(s->store, &add, first, 2, s->pool));
    must(s, qdn_store_insert(s->store, &add, second, 2, s->pool));
    assert_int_equal(qdn_dbds_number(&s->dbd,
                                     "SELECT SUM(day * 10000 + calls * 100 +"
                                     " failed) FROM qdn_schema_test WHERE line"
                                     " = 'a'",
                                     s->pool),
                     10500 + 20700 - 2);
    assert_int_equal(qdn_dbds_number(&s->dbd,
                                     "SELECT SUM(day * 10000 + calls * 100 +"
                                     " failed) FROM qdn_schema_test WHERE line"
                                     " = 'b'",
                                     s->pool),
                     10005);
    must(s, qdn_store_run(s->store, "DROP TABLE qdn_schema_test"));
}

static void unknown_drivers_are_named(void **state)
{
    const char *error = NULL;
    qdn_store_t *store;
    apr_pool_t *p;

    (void)state;
    apr_pool_create(&p, NULL);
    assert_int_equal(qdn_store_open(&store, "oracle", "", &error, p),
                     QDN_EREFUSED);
    assert_non_null(strstr(error, "oracle"));
    assert_non_null(strstr(error, "sqlite3, pgsql, mysql"));
    apr_pool_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(values_come_back),
        EVERY(what_exists_is_kept_or_replaced),
        EVERY(figures_are_added),
        EVERY(who_does_not_look_must_be_right),
        EVERY(any_number_of_rows),
        EVERY(errors_are_told_and_survived),
        EVERY(long_texts_come_back_whole),
        EVERY(an_error_after_rows_is_one),
        EVERY(a_lost_connection_takes_all_with_it),
        EVERY(a_deadlock_is_known),
        EVERY(a_lax_server_is_known),
        EVERY(commits_are_waited_for),
        EVERY(quoting_cannot_be_left),
        cmocka_unit_test(unknown_drivers_are_named),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
