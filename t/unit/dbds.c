/* SPDX-License-Identifier: Apache-2.0 */
#include "dbds.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <apr_strings.h>
#include <apr_tables.h>

const char *qdn_dbds_dir(apr_pool_t *p)
{
    const char *base = getenv("TMPDIR");
    char *dir = apr_pstrcat(p, base ? base : "/tmp", "/qdn-unit.XXXXXX", NULL);

    assert_non_null(mkdtemp(dir));
    return dir;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void qdn_dbds_sweep(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *list(void)
{
    const char *dbds = getenv("QDN_TEST_DBDS");

    return dbds && *dbds ? dbds : "sqlite3";
}

int qdn_dbds_count(void)
{
    int n = 1;

    for (const char *c = list(); *c; c++) {
        n += *c == '|';
    }
    return n;
}

static qdn_dbd_t parse(int k, const char *dir, apr_pool_t *p)
{
    char *rest = apr_pstrdup(p, list()), *word = NULL, *colon;
    qdn_dbd_t dbd;

    for (int i = 0; i <= k; i++) {
        word = apr_strtok(rest, "|", &rest);
        assert_non_null(word);
    }
    colon = strchr(word, ':');
    if (colon) {
        *colon = '\0';
    }
    dbd.driver = word;
    dbd.params =
        colon ? colon + 1
              : apr_psprintf(p, "%s/unit-%ld.sqlite", dir, (long)getpid());
    return dbd;
}

qdn_store_t *qdn_dbds_store(const qdn_dbd_t *dbd, apr_pool_t *p)
{
    const char *error = NULL;
    qdn_store_t *store;

    if (qdn_store_open(&store, dbd->driver, dbd->params, &error, p)) {
        fail_msg("%s", error);
    }
    return store;
}

qdn_dbd_t qdn_dbds_fresh(int k, const char *dir, apr_pool_t *p)
{
    static const char *const tables[] = {
        "qdn_event", "qdn_call", "qdn_journal", "qdn_schema", "qdn_hourly",
        "qdn_wait",  "qdn_load", "qdn_audit",   "qdn_plan",
    };
    qdn_dbd_t dbd = parse(k, dir, p);
    qdn_store_t *store = qdn_dbds_store(&dbd, p);

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        assert_int_equal(
            qdn_store_run(store, apr_pstrcat(p, "DROP TABLE IF EXISTS ",
                                             tables[i], NULL)),
            APR_SUCCESS);
    }
    qdn_store_close(store);
    return dbd;
}

typedef struct first_t {
    apr_pool_t *pool;
    const char *text;
    int rows;
} first_t;

static void keep_first(void *baton, const char *const *row)
{
    first_t *first = baton;

    if (first->rows++ == 0 && row[0]) {
        first->text = apr_pstrdup(first->pool, row[0]);
    }
}

const char *qdn_dbds_text(const qdn_dbd_t *dbd, const char *sql, apr_pool_t *p)
{
    qdn_store_t *store = qdn_dbds_store(dbd, p);
    first_t first = { p, NULL, 0 };

    if (qdn_store_select(store, sql, keep_first, &first, p)) {
        fail_msg("%s: %s", sql, qdn_store_error(store));
    }
    qdn_store_close(store);
    return first.text;
}

apr_int64_t qdn_dbds_number(const qdn_dbd_t *dbd, const char *sql,
                            apr_pool_t *p)
{
    const char *text = qdn_dbds_text(dbd, sql, p);

    return text ? apr_atoi64(text) : 0;
}

static void keep_id(void *baton, const char *const *row)
{
    apr_array_header_t *ids = baton;

    APR_ARRAY_PUSH(ids, const char *) = row[0];
}

void qdn_dbds_disconnect(const qdn_dbd_t *dbd, apr_pool_t *p)
{
    int pgsql = !strcmp(dbd->driver, "pgsql");
    apr_array_header_t *ids = apr_array_make(p, 4, sizeof(const char *));
    qdn_store_t *store;

    if (!strcmp(dbd->driver, "sqlite3")) {
        return;
    }
    store = qdn_dbds_store(dbd, p);
    assert_int_equal(
        qdn_store_select(
            store,
            pgsql ? "SELECT pid FROM pg_stat_activity WHERE datname = "
                    "current_database() AND pid <> pg_backend_pid()"
                  : "SELECT id FROM information_schema.processlist WHERE "
                    "db = database() AND id <> connection_id()",
            keep_id, ids, p),
        APR_SUCCESS);
    for (int i = 0; i < ids->nelts; i++) {
        /* It may have gone by itself. */
        qdn_store_run(
            store,
            apr_pstrcat(p, pgsql ? "SELECT pg_terminate_backend(" : "KILL (",
                        APR_ARRAY_IDX(ids, i, const char *), ")", NULL));
    }
    qdn_store_close(store);
}

/* A call that goes to the second person. */
static const struct {
    qdn_kind_e kind;
    int hop;
    const char *phone;
    qdn_reason_e reason;
} chain[] = {
    { QDN_KIND_CALL_RECEIVED, 0, NULL, QDN_REASON_NONE },
    { QDN_KIND_HOP_DIALLED, 1, "primary", QDN_REASON_AVAILABLE },
    { QDN_KIND_HOP_ENDED, 1, "primary", QDN_REASON_NO_ANSWER },
    { QDN_KIND_HOP_DIALLED, 2, "backup", QDN_REASON_ALWAYS },
    { QDN_KIND_LEG_RINGING, 2, "backup", QDN_REASON_NONE },
    { QDN_KIND_LEG_ANSWERED, 2, "backup", QDN_REASON_NONE },
    { QDN_KIND_SCREEN_ACCEPTED, 2, "backup", QDN_REASON_NONE },
    { QDN_KIND_LEG_ENDED, 2, "backup", QDN_REASON_NONE },
    { QDN_KIND_HOP_ENDED, 2, "backup", QDN_REASON_CONNECTED },
    { QDN_KIND_CALL_ENDED, 2, NULL, QDN_REASON_CONNECTED },
};

qdn_event_t qdn_dbds_event(int call, int n, apr_pool_t *p)
{
    apr_size_t i = (apr_size_t)n % (sizeof(chain) / sizeof(chain[0]));
    qdn_event_t e = { .at = APR_INT64_C(1768400000000000) +
                            apr_time_from_sec(call * 60 + n * 5),
                      .host = "unit",
                      .kind = chain[i].kind,
                      .line = "+16195550100",
                      .hop = chain[i].hop,
                      .phone = chain[i].phone,
                      .reason = chain[i].reason,
                      .config = "0123456789ab" };

    e.call_sid = apr_psprintf(p, "CA%032x", (unsigned)call);
    e.operator= chain[i].phone ? "sergio" : NULL;
    e.detail = i == 0 ? "{\"from\":\"+16195550199\",\"caller_kind\":"
                        "\"number\"}"
                      : "{\"decision\":\"00112233445566778899aabbccddeeff\","
                        "\"ring\":20,\"screen\":12,\"left\":110}";
    qdn_event_identify(&e, apr_itoa(p, n));
    return e;
}
