/* SPDX-License-Identifier: Apache-2.0 */
/* The plans that were in force, on every database of QDN_TEST_DBDS. */
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

int main(void)
{
    const struct CMUnitTest tests[] = { EVERY(each_plan_is_kept_once) };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
