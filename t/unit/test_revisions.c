/* SPDX-License-Identifier: Apache-2.0 */
/* The plans that were in force, on every database of QDN_TEST_DBDS. */
#include <sys/stat.h>
#include "drain.h"
#include "house.h"
#include "revisions.h"
#include "dbds.h"
#include "store_scene.h"

static void each_plan_is_kept_once(scene_t *s)
{
    apr_array_header_t *list;
    qdn_revision_t r;
    qdn_plan_t *plan;

    (void)setup(NULL);
    plan = plan_of(HOUSE LINE(HOPS));
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    assert_int_equal(qdn_revisions_get(s->store, plan->revision, &r, s->pool),
                     APR_NOTFOUND);
    must(s, qdn_revisions_keep(s->store, plan, "host-a", 7, s->pool));
    must(s, qdn_revisions_keep(s->store, plan, "host-b", 8, s->pool));
    must(s, qdn_revisions_get(s->store, plan->revision, &r, s->pool));
    assert_string_equal(r.host, "host-a");
    assert_int_equal(r.first_at, 7);
    assert_string_equal(r.plan, qdn_plan_json(plan, s->pool));
    memset(plan->revision, 'f', QDN_REVISION_HEX);
    must(s, qdn_revisions_keep(s->store, plan, "host-b", 9, s->pool));
    must(s, qdn_revisions_list(s->store, 10, &list, s->pool));
    assert_int_equal(list->nelts, 2);
    assert_string_equal(APR_ARRAY_IDX(list, 0, qdn_revision_t).revision,
                        "ffffffffffff");
    assert_null(APR_ARRAY_IDX(list, 0, qdn_revision_t).plan);
    must(s, qdn_revisions_list(s->store, 1, &list, s->pool));
    assert_int_equal(list->nelts, 1);
    assert_int_equal(qdn_revisions_get(s->store, "' OR '1'='1", &r, s->pool),
                     APR_NOTFOUND);
    (void)teardown(NULL);
}

/* As a database of another character set than ours does. */
static void refuse_all_but_ascii(scene_t *s)
{
    const char *driver = s->dbd.driver;

    must(s, qdn_store_run(
                s->store,
                !strcmp(driver, "sqlite3")
                    ? "CREATE TRIGGER no BEFORE INSERT ON qdn_plan WHEN"
                      " NEW.plan GLOB '*[^ -~]*'"
                      " BEGIN SELECT RAISE(ABORT, 'no'); END"
                : !strcmp(driver, "pgsql")
                    ? "ALTER TABLE qdn_plan ADD CHECK (plan ~ '^[ -~]*$')"
                    : "ALTER TABLE qdn_plan ADD CHECK"
                      " (plan NOT RLIKE '[^ -~]')"));
}

static void what_is_not_ascii_is_escaped_where_it_must(scene_t *s)
{
    qdn_revision_t r;
    qdn_plan_t *plan;

    (void)setup(NULL);
    plan =
        plan_of(HOUSE LINE("QDNName \"Zo\xC3\xAB \xF0\x9F\x93\x9E\"\n" HOPS));
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    refuse_all_but_ascii(s);
    must(s, qdn_revisions_keep(s->store, plan, "host-a", 7, s->pool));
    must(s, qdn_revisions_get(s->store, plan->revision, &r, s->pool));
    assert_non_null(strstr(r.plan, "\"Zo\\u00eb \\ud83d\\udcde\""));
    (void)teardown(NULL);
}

/* No call waits for the text of a configuration. */
static void a_drain_works_without_its_plan(scene_t *s)
{
    qdn_drain_config_t config = { .state_dir = s->dir,
                                  .host = "host-a",
                                  .driver = s->dbd.driver,
                                  .params = s->dbd.params };
    qdn_drain_report_t report;
    const char *error = "";
    qdn_drain_t *drain;
    int more;

    (void)setup(NULL);
    config.plan = plan_of(HOUSE LINE(HOPS));
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    must(s, qdn_store_run(s->store, "DROP TABLE qdn_plan"));
    (void)mkdir(apr_pstrcat(s->pool, s->dir, "/journal", NULL), 0700);
    (void)mkdir(apr_pstrcat(s->pool, s->dir, "/parked", NULL), 0700);
    if (qdn_drain_open(&drain, &config, &error, s->pool)) {
        fail_msg("%s", error);
    }
    assert_int_equal(qdn_drain_step(drain, &more), APR_SUCCESS);
    qdn_drain_report(drain, &report);
    assert_int_equal(report.state, QDN_DRAIN_IDLE);
    qdn_drain_close(drain);
    (void)teardown(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(each_plan_is_kept_once),
        EVERY(what_is_not_ascii_is_escaped_where_it_must),
        EVERY(a_drain_works_without_its_plan),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
