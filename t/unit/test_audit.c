/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chains of the audit, on every database of QDN_TEST_DBDS: no way of
 * tampering is passed over, no honest history is blamed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "audit.h"
#include "ledger.h"
#include "status.h"
#include "dbds.h"
#include "store_scene.h"

#define T0   (APR_INT64_C(1768400000) * APR_USEC_PER_SEC)
#define HOUR apr_time_from_sec(3600)

#define DETAIL "{\"state\":\"away\",\"until\":17,\"who\":\"ana\",\"why\":\"x\"}"

/************** a house **************/

static qdn_event_t event_at(const char *host, qdn_kind_e kind, int n,
                            apr_pool_t *p)
{
    qdn_event_t e = { .at = T0 + n * APR_USEC_PER_SEC,
                      .host = host,
                      .kind = kind,
                      .line = n % 2 ? "+16195550100" : NULL,
                      .operator= "sergio",
                      .detail = DETAIL,
                      .config = "0123456789ab" };

    qdn_event_identify(&e, apr_itoa(p, n));
    return e;
}

static apr_status_t write_batch(scene_t *s, const char *host,
                                const qdn_event_t *events, int n)
{
    qdn_ledger_batch_t batch = {
        .events = events, .nevents = n, .host = host, .now = T0
    };

    return qdn_ledger_write(s->store, &batch, s->pool);
}

static void write_one(scene_t *s, const char *host, const qdn_event_t *e)
{
    must(s, write_batch(s, host, e, 1));
}

static void change(scene_t *s, const char *host, int n)
{
    qdn_event_t e = event_at(host, QDN_KIND_STATUS_CHANGED, n, s->pool);

    write_one(s, host, &e);
}

static void begin_house(scene_t *s)
{
    must(s, qdn_schema_apply(s->store, T0 - 2 * HOUR, s->pool));
    must(s, qdn_store_run(s->store, "DELETE FROM qdn_audit"));
    must(s, qdn_store_run(s->store, "DELETE FROM qdn_event"));
    must(s, qdn_store_run(s->store, "DELETE FROM qdn_schema"));
    must(s, qdn_schema_apply(s->store, T0 - 2 * HOUR, s->pool));
}

/* Two hosts, by turns: host-a has 6 entries, host-b 3. */
static void fill(scene_t *s)
{
    begin_house(s);
    for (int n = 1; n <= 6; n++) {
        change(s, "host-a", n);
        if (n % 2) {
            change(s, "host-b", 100 + n);
        }
    }
}

static qdn_audit_verdict_t verify(scene_t *s, const apr_array_header_t *heads)
{
    qdn_audit_verdict_t verdict;

    must(s, qdn_audit_verify(s->store, heads, NULL, NULL, &verdict, s->pool));
    return verdict;
}

static void sound(scene_t *s, int entries, const char *what)
{
    qdn_audit_verdict_t v = verify(s, NULL);

    if (v.flaws->nelts) {
        fail_msg("%s: %s", what,
                 APR_ARRAY_IDX(v.flaws, 0, qdn_audit_flaw_t).what);
    }
    assert_int_equal(v.entries, entries);
}

static apr_array_header_t *heads_of(scene_t *s, const char *host)
{
    apr_array_header_t *heads;

    must(s, qdn_audit_heads(s->store, host, &heads, s->pool));
    return heads;
}

/************** tampering **************/

#define EVENT_OF(n)                                                            \
    "(SELECT event_id FROM qdn_audit WHERE host = 'host-a'"                    \
    " AND seq = " #n ")"
#define ON_EVENT(set) "UPDATE qdn_event SET " set " WHERE id = " EVENT_OF(3)
#define ON_ENTRY(set)                                                          \
    "UPDATE qdn_audit SET " set " WHERE host = 'host-a' AND seq = 3"

#define EFFS "ffffffffffffffffffffffffffffffff"
#define FORGED(kind, at)                                                       \
    "INSERT INTO qdn_event (id, at, host, kind) VALUES"                        \
    " ('00000000000000000000000000000000', " #at ", 'host-a', '" kind "')"

static const struct tamper_t {
    const char *sql[4];
    qdn_audit_flaw_e flaw;
    apr_int64_t seq;
    int told; /* seen only by who has the log */
} tampers[] = {
    { { ON_EVENT("at = at + 1") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("host = 'host-b'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("kind = 'status.ended'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("kind = 'feed.failed'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("line = '+16195550102'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("line = NULL") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("call_sid = 'CA1'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("hop = 1") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("operator = 'ana'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("operator = 'sergio '") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("phone = ''") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("reason = 'always'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("config = 'ba9876543210'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("detail = NULL") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("detail = ''") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("detail = '{}'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_EVENT("detail = REPLACE(detail, '\"x\"', '\"y\"')") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { ON_EVENT("detail = REPLACE(detail, 'why', 'wry')") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { ON_EVENT("detail = REPLACE(detail, ',\"why\":\"x\"', '')") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { ON_EVENT("detail = REPLACE(detail, '}', ',\"by\":1}')") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { ON_EVENT("detail = REPLACE(detail, '\"x\"', 'null')") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { ON_EVENT("id = 'ffffffffffffffffffffffffffffffff'") },
      QDN_AUDIT_MISSING,
      3,
      0 },
    { { "DELETE FROM qdn_event WHERE id = " EVENT_OF(3) },
      QDN_AUDIT_MISSING,
      3,
      0 },
    { { ON_ENTRY("host = 'host-c'") }, QDN_AUDIT_MISSING, 3, 0 },
    { { ON_ENTRY("seq = 17") }, QDN_AUDIT_MISSING, 3, 0 },
    { { ON_ENTRY("seq = -3") }, QDN_AUDIT_MISSING, 3, 0 },
    { { ON_ENTRY("seq = 0") }, QDN_AUDIT_MISSING, 3, 0 },
    /* one that nobody counts, and would permit anything */
    { { FORGED("privacy.forgotten", 1768400009000000),
        "INSERT INTO qdn_audit (host, seq, event_id, at, hash) VALUES"
        " ('host-a', -9223372036854775807 - 1,"
        " '00000000000000000000000000000000', 1768400009000000, 'f')" },
      QDN_AUDIT_ALTERED,
      APR_INT64_MIN,
      0 },
    { { ON_ENTRY("event_id = 'ffffffffffffffffffffffffffffffff'") },
      QDN_AUDIT_MISSING,
      3,
      0 },
    { { ON_ENTRY("at = at - 1") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_ENTRY("fields = NULL") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_ENTRY("fields = '{}'") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_ENTRY("fields = REPLACE(fields, 'why', 'wry')") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { ON_ENTRY("salts = NULL") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_ENTRY("salts = ''") }, QDN_AUDIT_ALTERED, 3, 0 },
    { { ON_ENTRY("salts = '{\"state\":\"0\",\"until\":\"0\",\"who\":\"0\","
                 "\"why\":\"0\"}'") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { ON_ENTRY("salts = '{\"state\":null,\"until\":null,\"who\":null,"
                 "\"why\":null}'") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { ON_ENTRY("hash = '" EFFS EFFS "'") }, QDN_AUDIT_ALTERED, 3, 0 },
    /* all of a detail is erased, and nobody asked for it */
    { { ON_EVENT("detail = '{\"state\":null,\"until\":null,\"who\":null,"
                 "\"why\":null}'"),
        ON_ENTRY("salts = NULL") },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    /* an entry goes; with its event; the first; the last */
    { { "DELETE FROM qdn_audit WHERE host = 'host-a' AND seq = 3" },
      QDN_AUDIT_MISSING,
      3,
      0 },
    { { "DELETE FROM qdn_event WHERE id = " EVENT_OF(3),
        "DELETE FROM qdn_audit WHERE host = 'host-a' AND seq = 3" },
      QDN_AUDIT_MISSING,
      3,
      0 },
    { { "DELETE FROM qdn_event WHERE id = " EVENT_OF(1),
        "DELETE FROM qdn_audit WHERE host = 'host-a' AND seq = 1" },
      QDN_AUDIT_MISSING,
      1,
      0 },
    { { "DELETE FROM qdn_audit WHERE host = 'host-a' AND seq = 6" },
      QDN_AUDIT_UNCHAINED,
      0,
      0 },
    { { "DELETE FROM qdn_event WHERE id = " EVENT_OF(6),
        "DELETE FROM qdn_audit WHERE host = 'host-a' AND seq = 6" },
      QDN_AUDIT_CUT,
      6,
      1 },
    { { "DELETE FROM qdn_audit WHERE host = 'host-a'" },
      QDN_AUDIT_UNCHAINED,
      0,
      0 },
    { { "DELETE FROM qdn_event WHERE host = 'host-a'",
        "DELETE FROM qdn_audit WHERE host = 'host-a'" },
      QDN_AUDIT_CUT,
      6,
      1 },
    /* two swapped; one put in between */
    { { ON_ENTRY("seq = 99"),
        "UPDATE qdn_audit SET seq = 3 WHERE host = 'host-a' AND seq = 4",
        "UPDATE qdn_audit SET seq = 4 WHERE host = 'host-a' AND seq = 99" },
      QDN_AUDIT_ALTERED,
      3,
      0 },
    { { "UPDATE qdn_audit SET seq = 7 WHERE host = 'host-a' AND seq = 6",
        FORGED("status.changed", 1768400009000000),
        "INSERT INTO qdn_audit (host, seq, event_id, at, hash) VALUES"
        " ('host-a', 6, '00000000000000000000000000000000', 1768400009000000,"
        " '" EFFS EFFS "')" },
      QDN_AUDIT_ALTERED,
      6,
      0 },
    /* likewise, from before the first, or where the schema seems younger */
    { { FORGED("status.changed", 1700000000000000) },
      QDN_AUDIT_UNCHAINED,
      0,
      0 },
    { { FORGED("status.changed", 1778400009000000),
        "UPDATE qdn_schema SET applied_at = 1798400000000000",
        "INSERT INTO qdn_schema (version, applied_at) VALUES (2, 0)" },
      QDN_AUDIT_UNCHAINED,
      0,
      0 },
    /* an event that no drain has written, at the end */
    { { FORGED("status.changed", 1768400009000000) },
      QDN_AUDIT_UNCHAINED,
      0,
      0 },
};

static int has_flaw(const qdn_audit_verdict_t *v, qdn_audit_flaw_e flaw,
                    apr_int64_t seq)
{
    for (int i = 0; i < v->flaws->nelts; i++) {
        const qdn_audit_flaw_t *f =
            &APR_ARRAY_IDX(v->flaws, i, qdn_audit_flaw_t);

        if (f->flaw == flaw && f->seq == seq && !strcmp(f->host, "host-a") &&
            f->what && *f->what) {
            return 1;
        }
    }
    return 0;
}

static void all_tampering_is_named(scene_t *s)
{
    for (size_t i = 0; i < sizeof(tampers) / sizeof(tampers[0]); i++) {
        const struct tamper_t *t = &tampers[i];
        apr_array_header_t *heads;
        qdn_audit_verdict_t v;

        fill(s);
        sound(s, 9, "untouched");
        heads = heads_of(s, NULL);
        assert_int_equal(heads->nelts, 2);
        for (int k = 0; k < 4 && t->sql[k]; k++) {
            must(s, qdn_store_run(s->store, t->sql[k]));
        }
        v = verify(s, NULL);
        if (v.flaws->nelts && t->told) {
            fail_msg("%s: seen without the log", t->sql[0]);
        }
        v = verify(s, heads);
        if (!has_flaw(&v, t->flaw, t->seq)) {
            fail_msg("%s on %s: %d flaws, none of them is %s at %ld; %s",
                     t->sql[0], s->dbd.driver, v.flaws->nelts,
                     qdn_audit_flaw_text(t->flaw), (long)t->seq,
                     v.flaws->nelts
                         ? APR_ARRAY_IDX(v.flaws, 0, qdn_audit_flaw_t).what
                         : "");
        }
    }
}

/* One thing was done, so one thing is told, at the place where it was done. */
static void one_change_is_one_flaw(scene_t *s)
{
    static const char *const singles[] = {
        ON_EVENT("operator = 'ana'"),
        ON_EVENT("detail = REPLACE(detail, '\"x\"', '\"y\"')"),
        ON_ENTRY("at = at + 1"),
        ON_ENTRY("hash = 'f'"),
        "DELETE FROM qdn_event WHERE id = " EVENT_OF(3),
    };

    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
        fill(s);
        must(s, qdn_store_run(s->store, singles[i]));
        assert_int_equal(verify(s, NULL).flaws->nelts, 1);
    }
}

/************** honest histories **************/

static void repeats_leave_one_entry(scene_t *s)
{
    qdn_event_t e[4];

    begin_house(s);
    for (int i = 0; i < 4; i++) {
        e[i] = event_at("host-a", QDN_KIND_STATUS_CHANGED, 4 - i % 2, s->pool);
    }
    must(s, write_batch(s, "host-a", e, 4));
    must(s, write_batch(s, "host-a", e, 4));
    /* Another host's drain finds the journal once more. */
    must(s, write_batch(s, "host-b", e, 2));
    sound(s, 2, "repeats");
    assert_int_equal(heads_of(s, "host-b")->nelts, 0);
    /* In the order of their times. */
    assert_int_equal(qdn_dbds_number(&s->dbd,
                                     "SELECT at FROM qdn_audit WHERE seq = 1",
                                     s->pool),
                     T0 + 3 * APR_USEC_PER_SEC);
}

static void a_moved_journal_goes_into_the_chain_of_who_drains_it(scene_t *s)
{
    qdn_event_t e;

    fill(s);
    e = event_at("host-old", QDN_KIND_STATUS_CHANGED, 50, s->pool);
    write_one(s, "host-a", &e);
    sound(s, 10, "moved");
    assert_int_equal(heads_of(s, "host-old")->nelts, 0);
}

static void a_rolled_back_write_leaves_no_gap(scene_t *s)
{
    qdn_event_t e = event_at("host-a", QDN_KIND_CONFIG_LOADED, 60, s->pool);

    fill(s);
    must(s, qdn_ledger_probe(s->store, &e, s->pool));
    sound(s, 9, "probed");
    write_one(s, "host-a", &e);
    sound(s, 10, "after it");
}

/* Blanks at the end, texts that are cut, odd details. */
static void odd_texts_stay_provable(scene_t *s)
{
    static const char *const details[] = {
        NULL,
        "",
        "{}",
        "[1,2]",
        "no JSON",
        "{\"a\":null}",
        "{\"a\":1,\"a\":2}",
        " { \"a\" : [ 1 , { \"b\" : 2 } ] } ",
        "{\"\":\"\"}",
        "{\"why\":\"Ren\xC3\xA9 \xF0\x9F\x8E\xBA  \"}",
        "{\"why\":\"a\\nb\"}",
    };
    int n = 0;

    begin_house(s);
    for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
        qdn_event_t e =
            event_at("host-a", QDN_KIND_CREDENTIAL_LOADED, ++n, s->pool);

        e.detail = details[i];
        e.operator= n % 2 ? "ana  "
                          : "a name that is much longer than the "
                            "sixty-four characters of its column";
        write_one(s, "host-a", &e);
    }
    sound(s, n, "odd texts");
}

static void what_is_no_change_has_no_entry(scene_t *s)
{
    qdn_event_t e = qdn_dbds_event(1, 0, s->pool);

    begin_house(s);
    write_one(s, "host-a", &e);
    e = event_at("host-a", QDN_KIND_FEED_FAILED, 1, s->pool);
    write_one(s, "host-a", &e);
    sound(s, 0, "no changes");
    assert_int_equal(heads_of(s, NULL)->nelts, 0);
}

/* Version 2 had no entries; what it wrote is not blamed, what follows is. */
static void an_upgrade_is_honest(scene_t *s)
{
    fill(s);
    must(s, qdn_store_run(s->store, "DELETE FROM qdn_audit"));
    must(s, qdn_store_run(s->store, "INSERT INTO qdn_schema (version,"
                                    " applied_at) VALUES (2, 1)"));
    must(s, qdn_store_run(s->store,
                          apr_psprintf(s->pool,
                                       "UPDATE qdn_schema SET applied_at ="
                                       " %" APR_TIME_T_FMT,
                                       T0 + HOUR / 2)));
    sound(s, 0, "before the upgrade");
    change(s, "host-a", 8000);
    sound(s, 1, "after it");
    /* Such an event comes again, from a journal that was moved. */
    change(s, "host-a", 1);
    sound(s, 2, "late");
    must(s, qdn_store_run(s->store, "DELETE FROM qdn_audit"));
    assert_int_equal(verify(s, NULL).flaws->nelts, 1);
}

static void take_progress(void *baton, apr_int64_t done, apr_int64_t all)
{
    apr_int64_t *last = baton;

    assert_true(done >= *last && done <= all);
    *last = done;
}

static void long_chains_are_walked_in_pages(scene_t *s)
{
    enum { MANY = 600 };
    qdn_event_t *e = apr_palloc(s->pool, MANY * sizeof(*e));
    qdn_audit_verdict_t v;
    apr_int64_t last = 0;

    begin_house(s);
    for (int i = 0; i < MANY; i++) {
        e[i] = event_at("host-a", QDN_KIND_STATUS_CHANGED, i, s->pool);
    }
    must(s, write_batch(s, "host-a", e, MANY / 2));
    must(s, write_batch(s, "host-a", e, MANY));
    must(s,
         qdn_audit_verify(s->store, NULL, take_progress, &last, &v, s->pool));
    assert_int_equal(v.flaws->nelts, 0);
    assert_int_equal(v.entries, MANY);
    assert_int_equal(last, MANY);
    must(s, qdn_store_run(s->store, "UPDATE qdn_event SET operator = 'ana'"));
    v = verify(s, NULL);
    assert_int_equal(v.flaws->nelts, QDN_AUDIT_FLAWS);
}

/* Two drains of one name: a slip of whoever runs them, and nothing breaks. */
static void two_drains_of_one_name_share_the_chain(scene_t *s)
{
    enum { EACH = 25 };
    int failed = 0, status;
    pid_t pid;

    begin_house(s);
    pid = fork();
    if (pid == 0) {
        s->store = qdn_dbds_store(&s->dbd, s->pool);
    }
    for (int n = 0; n < EACH; n++) {
        qdn_event_t e = event_at("host-a", QDN_KIND_STATUS_CHANGED,
                                 n * 2 + (pid == 0), s->pool);
        apr_status_t rv;

        do {
            rv = write_batch(s, "host-a", &e, 1);
        } while (rv == APR_EAGAIN);
        failed |= rv != APR_SUCCESS;
    }
    if (pid == 0) {
        _exit(failed);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(failed, 0);
    sound(s, 2 * EACH, "two drains");
}

/************** the list **************/

static void pages_hold_every_entry_once(scene_t *s)
{
    qdn_audit_query_t query = { .limit = 4 };
    const qdn_audit_entry_t *e = NULL;
    apr_array_header_t *page;
    apr_time_t last = APR_INT64_MAX;
    int seen = 0;

    fill(s);
    do {
        must(s, qdn_audit_list(s->store, &query, &page, s->pool));
        for (int i = 0; i < page->nelts; i++, seen++) {
            e = &APR_ARRAY_IDX(page, i, qdn_audit_entry_t);
            assert_true(e->at <= last);
            last = e->at;
            assert_string_equal(e->kind, "status.changed");
            assert_string_equal(e->operator, "sergio");
            assert_string_equal(e->detail, DETAIL);
            assert_int_equal(e->erased, 0);
            assert_int_equal(strlen(e->hash), QDN_AUDIT_HASH);
        }
        query.before = e->id;
    } while (page->nelts);
    assert_int_equal(seen, 9);
    query = (qdn_audit_query_t){ .operator= "ana", .limit = 4 };
    must(s, qdn_audit_list(s->store, &query, &page, s->pool));
    assert_int_equal(page->nelts, 0);
    query = (qdn_audit_query_t){ .before = "none", .limit = 4 };
    assert_int_equal(qdn_audit_list(s->store, &query, &page, s->pool),
                     APR_NOTFOUND);
}

static void heads_are_the_last_of_each(scene_t *s)
{
    apr_array_header_t *heads, *one;

    fill(s);
    heads = heads_of(s, NULL);
    one = heads_of(s, "host-b");
    assert_int_equal(heads->nelts, 2);
    assert_string_equal(APR_ARRAY_IDX(heads, 0, qdn_audit_head_t).host,
                        "host-a");
    assert_int_equal(APR_ARRAY_IDX(heads, 0, qdn_audit_head_t).seq, 6);
    assert_int_equal(APR_ARRAY_IDX(one, 0, qdn_audit_head_t).seq, 3);
    assert_string_equal(APR_ARRAY_IDX(one, 0, qdn_audit_head_t).hash,
                        APR_ARRAY_IDX(heads, 1, qdn_audit_head_t).hash);
    /* An old one, still told by the log, is in a chain that has grown. */
    change(s, "host-a", 30);
    assert_int_equal(verify(s, heads).flaws->nelts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(all_tampering_is_named),
        EVERY(one_change_is_one_flaw),
        EVERY(repeats_leave_one_entry),
        EVERY(a_moved_journal_goes_into_the_chain_of_who_drains_it),
        EVERY(a_rolled_back_write_leaves_no_gap),
        EVERY(odd_texts_stay_provable),
        EVERY(what_is_no_change_has_no_entry),
        EVERY(an_upgrade_is_honest),
        EVERY(long_chains_are_walked_in_pages),
        EVERY(two_drains_of_one_name_share_the_chain),
        EVERY(pages_hold_every_entry_once),
        EVERY(heads_are_the_last_of_each),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
