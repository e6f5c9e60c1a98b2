/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number leaves SQL and the files, and the audit says that it was asked to.
 * On every database of QDN_TEST_DBDS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "audit.h"
#include "detail.h"
#include "forget.h"
#include "ledger.h"
#include "retention.h"
#include "status.h"
#include "dbds.h"
#include "store_scene.h"

#define NUMBER "+16195550199" /* of qdn_dbds_event */
#define DAY    apr_time_from_sec(86400)
#define NOW    apr_time_from_sec(1768500000)

static const qdn_forget_order_t order = { .number = NUMBER,
                                          .host = "host-a",
                                          .who = "ana",
                                          .why = "asked for it",
                                          .now = NOW };

static void write_one(scene_t *s, const char *host, const qdn_event_t *e, int n)
{
    qdn_ledger_batch_t batch = {
        .events = e, .nevents = n, .host = host, .now = NOW
    };

    must(s, qdn_ledger_write(s->store, &batch, s->pool));
}

static void change(scene_t *s, int n, apr_time_t at, const char *why)
{
    qdn_event_t e = { .at = at,
                      .host = "host-a",
                      .kind = QDN_KIND_STATUS_CHANGED,
                      .operator= "sergio",
                      .detail = apr_psprintf(s->pool,
                                             "{\"state\":\"away\",\"who\":"
                                             "\"ana\",\"why\":\"%s\"}",
                                             why) };

    qdn_event_identify(&e, apr_itoa(s->pool, n));
    write_one(s, "host-a", &e, 1);
}

/* Calls of that number, and of another; three changes, one names it. */
static void fill(scene_t *s, int calls)
{
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    for (int call = 0; call < calls; call++) {
        qdn_event_t e[10];

        for (int n = 0; n < 10; n++) {
            e[n] = qdn_dbds_event(call, n, s->pool);
        }
        if (call % 2) {
            e[0].detail = "{\"from\":\"+16195550198\"}";
        }
        write_one(s, "host-a", e, 10);
    }
    change(s, 1, NOW - 3, "dentist");
    change(s, 2, NOW - 2, "on the phone with +1 619 555-0199");
    change(s, 3, NOW - 1, "back");
}

static int count(scene_t *s, const char *from)
{
    return (int)qdn_dbds_number(
        &s->dbd, apr_pstrcat(s->pool, "SELECT COUNT(*) FROM ", from, NULL),
        s->pool);
}

static qdn_audit_verdict_t sound(scene_t *s)
{
    qdn_audit_verdict_t v;

    must(s, qdn_audit_verify(s->store, NULL, NULL, NULL, &v, s->pool));
    if (v.flaws->nelts) {
        fail_msg("%s", APR_ARRAY_IDX(v.flaws, 0, qdn_audit_flaw_t).what);
    }
    return v;
}

static void a_number_is_forgotten(scene_t *s)
{
    qdn_audit_query_t query = { .limit = 10 };
    apr_array_header_t *entries;
    const qdn_audit_entry_t *last;
    qdn_audit_verdict_t v;
    qdn_event_t late;
    qdn_forget_t done;

    fill(s, 600);
    must(s, qdn_forget_number(s->store, &order, &done, s->pool));
    assert_int_equal(done.calls, 300);
    assert_int_equal(done.events, 301);
    assert_int_equal(done.entries, 1);
    assert_string_equal(APR_ARRAY_IDX(done.erased, 0, const char *),
                        "host-a/2/why");
    assert_int_equal(count(s, "qdn_event WHERE detail LIKE '%0199%'"), 0);
    assert_int_equal(count(s, "qdn_call WHERE caller IS NULL"), 300);
    assert_int_equal(count(s, "qdn_call WHERE caller = '+16195550198'"), 300);
    assert_int_equal(count(s, "qdn_event WHERE kind = 'call.received'"), 600);
    v = sound(s);
    assert_int_equal(v.entries, 4);
    assert_int_equal(v.erased, 1);

    must(s, qdn_audit_list(s->store, &query, &entries, s->pool));
    last = &APR_ARRAY_IDX(entries, 0, qdn_audit_entry_t);
    assert_string_equal(last->kind, "privacy.forgotten");
    assert_string_equal(qdn_detail_text(last->detail, "who", s->pool), "ana");
    assert_string_equal(qdn_detail_text(last->detail, "why", s->pool),
                        "asked for it");
    assert_int_equal(qdn_detail_number(last->detail, "calls", 0, s->pool), 300);
    assert_int_equal(APR_ARRAY_IDX(entries, 2, qdn_audit_entry_t).erased, 1);

    /* Again: nothing is left, and nothing more is told. */
    must(s, qdn_forget_number(s->store, &order, &done, s->pool));
    assert_int_equal(done.calls + done.events + done.entries, 0);
    assert_int_equal(sound(s).entries, 4);

    /* A late word of such a call, or the same word again, brings nothing back*/
    late = qdn_dbds_event(0, 0, s->pool);
    write_one(s, "host-a", &late, 1);
    late = qdn_dbds_event(0, 9, s->pool);
    late.at++;
    qdn_event_identify(&late, "late");
    write_one(s, "host-a", &late, 1);
    assert_int_equal(count(s, "qdn_call WHERE caller IS NULL"), 300);
}

static void who_erases_by_himself_is_found_out(scene_t *s)
{
    qdn_audit_verdict_t v;
    qdn_forget_t done;

    fill(s, 2);
    must(s, qdn_forget_number(s->store, &order, &done, s->pool));
    sound(s);
    must(s,
         qdn_store_run(s->store, "UPDATE qdn_event SET detail = REPLACE(detail,"
                                 " '\"dentist\"', 'null')"));
    must(s, qdn_store_run(s->store,
                          "UPDATE qdn_audit SET salts = NULL WHERE seq = 1"));
    must(s, qdn_audit_verify(s->store, NULL, NULL, NULL, &v, s->pool));
    assert_true(v.flaws->nelts > 0);
    assert_int_equal(APR_ARRAY_IDX(v.flaws, 0, qdn_audit_flaw_t).seq, 1);
    /* Nor does it help to name it where no drain has written it. */
    must(s,
         qdn_store_run(s->store, "UPDATE qdn_event SET detail = REPLACE(detail,"
                                 " 'host-a/2/why', 'host-a/1/*')"
                                 " WHERE kind = 'privacy.forgotten'"));
    must(s, qdn_audit_verify(s->store, NULL, NULL, NULL, &v, s->pool));
    assert_true(v.flaws->nelts > 0);
}

/* The number of somebody whom the configuration rings, or rejects. */
static void a_number_of_the_plan_stays(scene_t *s)
{
    qdn_event_t e = { .at = NOW - 10,
                      .host = "host-a",
                      .kind = QDN_KIND_CONFIG_LOADED,
                      .config = "0123456789ab" };
    qdn_forget_t done;

    fill(s, 2);
    qdn_event_identify(&e, "x");
    write_one(s, "host-a", &e, 1);
    must(s,
         qdn_store_run(s->store,
                       "INSERT INTO qdn_plan (revision, host, first_at, plan)"
                       " VALUES ('0123456789ab', 'host-a', 1,"
                       " '{\"number\":\"+16195550199\",\"x\":1}')"));
    assert_int_equal(qdn_forget_number(s->store, &order, &done, s->pool),
                     QDN_EREFUSED);
    assert_int_equal(count(s, "qdn_call WHERE caller IS NULL"), 0);
    /* In a plan that is not in force any more it goes. */
    e.at = NOW - 5;
    e.config = "ffffffffffff";
    qdn_event_identify(&e, "y");
    write_one(s, "host-a", &e, 1);
    must(s, qdn_forget_number(s->store, &order, &done, s->pool));
    assert_int_equal(done.revisions, 1);
    assert_string_equal(
        qdn_dbds_text(&s->dbd, "SELECT plan FROM qdn_plan", s->pool),
        "{\"number\":null,\"x\":1}");
    sound(s);
}

/* What QDNRetention takes is erased on request; nothing else may go. */
static void retention_keeps_the_proof(scene_t *s)
{
    qdn_event_t call = qdn_dbds_event(1, 1, s->pool);
    qdn_audit_verdict_t v;
    qdn_forget_t done;
    int more, rounds = 0;

    must(s, qdn_schema_apply(s->store, 1, s->pool));
    call.at = NOW; /* by which ages are told */
    write_one(s, "host-a", &call, 1);
    for (int i = 0; i < 600; i++) {
        qdn_event_t e = { .at = NOW - 900 * DAY + i,
                          .host = "host-a",
                          .kind = QDN_KIND_CREDENTIAL_LOADED,
                          .detail = i % 5   ? "{\"name\":\"X\",\"kind\":1}"
                                    : i % 2 ? NULL
                                            : "{}" };

        qdn_event_identify(&e, apr_itoa(s->pool, i));
        write_one(s, "host-a", &e, 1);
    }
    change(s, 1, NOW - 600 * DAY, "in force until it is changed");
    change(s, 2, NOW, NUMBER);
    for (more = 1; more; rounds++) {
        must(s, qdn_retention_purge(s->store, "host-a", NOW, 400 * DAY, &more,
                                    s->pool));
        assert_true(rounds < 10);
    }
    v = sound(s);
    assert_int_equal(v.entries, 602 + 2); /* 480 in batches of 256 */
    assert_int_equal(v.erased, 2 * 480);
    assert_int_equal(count(s, "qdn_event WHERE detail LIKE '%until it is%'"),
                     1);
    must(s, qdn_forget_number(s->store, &order, &done, s->pool));
    assert_int_equal(done.entries, 1);
    must(s, qdn_retention_purge(s->store, "host-a", NOW, 400 * DAY, &more,
                                s->pool));
    assert_int_equal(sound(s).erased, 2 * 480 + 1);
    /* Its own entries stay as they are, for ever. */
    must(s, qdn_retention_purge(s->store, "host-a", NOW + 3000 * DAY, DAY,
                                &more, s->pool));
    sound(s);
}

/************** files **************/

static const char *segment = "unit-1-0000000000000000.00000001.jsonl";

static void put_file(const char *dir, const char *name, const char *text,
                     apr_pool_t *p)
{
    int fd;

    (void)mkdir(dir, 0700);
    fd = open(apr_pstrcat(p, dir, "/", name, NULL),
              O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static const char *slurp(const char *path, apr_pool_t *p)
{
    char *text = apr_pcalloc(p, 65536);
    int fd = open(path, O_RDONLY);

    assert_true(read(fd, text, 65535) >= 0);
    close(fd);
    return text;
}

/* A state directory; *pfirst: bytes of the line that names the number. */
static const char *make_state(apr_int64_t *pfirst, apr_pool_t *p)
{
    const char *dir = qdn_dbds_dir(p), *text = "";

    for (int n = 0; n < 3; n++) {
        qdn_event_t e = qdn_dbds_event(7, n, p);
        apr_size_t len;

        text = apr_pstrcat(p, text, qdn_event_encode(&e, &len, p), NULL);
        *pfirst = n == 0 ? (apr_int64_t)len : *pfirst;
    }
    /* A torn end, too. */
    put_file(apr_pstrcat(p, dir, "/journal", NULL), segment,
             apr_pstrcat(p, text, "{\"from\":\"" NUMBER, NULL), p);
    put_file(apr_pstrcat(p, dir, "/parked", NULL), segment,
             "damaged " NUMBER "\n", p);
    return dir;
}

/* What is left is what encode writes, for whoever reads it again. */
static void check_lines(const char *text, apr_pool_t *p)
{
    for (int n = 0; n < 3; n++) {
        const char *end = strchr(text, '\n') + 1;
        qdn_event_t e;

        assert_int_equal(
            qdn_event_decode(&e, text, (apr_size_t)(end - text), p),
            APR_SUCCESS);
        assert_null(qdn_detail_text(e.detail, "from", p));
        if (n == 0) {
            assert_string_equal(qdn_detail_text(e.detail, "caller_kind", p),
                                "number");
        }
        text = end;
    }
}

static qdn_forget_files_t look(const char *dir, apr_hash_t *positions,
                               int overwrite, apr_pool_t *p)
{
    qdn_forget_files_t found;

    assert_int_equal(
        qdn_forget_files(dir, NUMBER, positions, overwrite, &found, p),
        APR_SUCCESS);
    return found;
}

static void files_lose_it_once_sql_has_the_lines(void **state)
{
    apr_hash_t *positions;
    apr_int64_t position;
    const char *dir, *path, *parked;
    apr_pool_t *p;

    (void)state;
    apr_pool_create(&p, NULL);
    dir = make_state(&position, p);
    path = apr_pstrcat(p, dir, "/journal/", segment, NULL);
    parked = apr_pstrcat(p, dir, "/parked/", segment, NULL);
    positions = apr_hash_make(p);

    assert_int_equal(look(dir, positions, 0, p).waiting, 1);
    assert_int_equal(look(dir, positions, 0, p).lines, 3);
    assert_int_equal(look(dir, positions, 1, p).waiting, 1);
    assert_non_null(strstr(slurp(path, p), NUMBER));

    apr_hash_set(positions, segment, APR_HASH_KEY_STRING, &position);
    assert_int_equal(look(dir, positions, 0, p).waiting, 0);
    assert_non_null(strstr(slurp(path, p), NUMBER));
    assert_int_equal(look(dir, positions, 1, p).lines, 1);
    assert_null(strstr(slurp(path, p), "0199"));
    assert_null(strstr(slurp(parked, p), "0199"));
    check_lines(slurp(path, p), p);
    assert_int_equal(look(dir, NULL, 1, p).lines, 0);
    qdn_dbds_sweep(dir);
    apr_pool_destroy(p);
}

/* Somebody's number was a line once: SQL keeps that, too, and the event. */
static void an_event_stays_readable_whatever_names_the_number(void **state)
{
    const char *dir, *text;
    qdn_event_t e, was;
    apr_size_t len;
    apr_pool_t *p;

    (void)state;
    apr_pool_create(&p, NULL);
    dir = qdn_dbds_dir(p);
    e = qdn_dbds_event(7, 0, p);
    e.line = NUMBER;
    text = qdn_event_encode(&e, &len, p);
    put_file(apr_pstrcat(p, dir, "/journal", NULL), segment, text, p);
    assert_int_equal(look(dir, NULL, 1, p).lines, 1);
    text = slurp(apr_pstrcat(p, dir, "/journal/", segment, NULL), p);
    assert_int_equal(qdn_event_decode(&was, text, strlen(text), p),
                     APR_SUCCESS);
    assert_string_equal(was.line, NUMBER);
    assert_string_equal(was.call_sid, e.call_sid);
    assert_null(qdn_detail_text(was.detail, "from", p));
    assert_string_equal(qdn_detail_text(was.detail, "caller_kind", p),
                        "number");
    assert_int_equal(look(dir, NULL, 1, p).lines, 0);
    qdn_dbds_sweep(dir);
    apr_pool_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(a_number_is_forgotten),
        EVERY(who_erases_by_himself_is_found_out),
        EVERY(a_number_of_the_plan_stays),
        EVERY(retention_keeps_the_proof),
        cmocka_unit_test(files_lose_it_once_sql_has_the_lines),
        cmocka_unit_test(an_event_stays_readable_whatever_names_the_number),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
