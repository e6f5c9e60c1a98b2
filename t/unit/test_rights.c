/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"
#include "rights.h"

#define PEOPLE                                                                 \
    HOUSE "<QDNOperator ana>\nQDNLogin ana.b ana\n</QDNOperator>\n"            \
          "<QDNOperator deputy>\nQDNLogin deputy sergio\n</QDNOperator>\n"     \
          "QDNAdmin boss ana.b\nQDNViewer desk boss\n"
#define MASKED 1

static const struct {
    const char *conf, *user;
    qdn_role_e role;
    int masked;
    const char *operators; /* who it is */
    const char *may;       /* whose status it changes, of "sergio ana " */
} cases[] = {
    { PEOPLE, NULL, QDN_ROLE_NONE, MASKED, "", "" },
    { PEOPLE, "", QDN_ROLE_NONE, MASKED, "", "" },
    { PEOPLE, "stranger", QDN_ROLE_NONE, MASKED, "", "" },
    { PEOPLE, "Boss", QDN_ROLE_NONE, MASKED, "", "" },
    { PEOPLE, "desk", QDN_ROLE_VIEWER, MASKED, "", "" },
    { PEOPLE "QDNMaskNumbers off\n", "desk", QDN_ROLE_VIEWER, 0, "", "" },
    { PEOPLE, "sergio", QDN_ROLE_OPERATOR, 0, "sergio deputy ", "sergio " },
    { PEOPLE, "ana", QDN_ROLE_OPERATOR, 0, "ana ", "ana " },
    { PEOPLE, "ana.b", QDN_ROLE_ADMIN, 0, "ana ", "sergio ana " },
    { PEOPLE, "boss", QDN_ROLE_ADMIN, 0, "", "sergio ana " },
    { PEOPLE "QDNViewer *\n", "stranger", QDN_ROLE_VIEWER, MASKED, "", "" },
    { PEOPLE "QDNViewer *\n", "ana", QDN_ROLE_OPERATOR, 0, "ana ", "ana " },
    { PEOPLE "QDNViewer *\n", NULL, QDN_ROLE_NONE, MASKED, "", "" },
    { PEOPLE "QDNAdmin *\n", "stranger", QDN_ROLE_ADMIN, 0, "", "sergio ana " },
    { PEOPLE "QDNAdmin *\n", "", QDN_ROLE_NONE, MASKED, "", "" },
};

static void test_cases(void **state)
{
    static const char *const ids[] = { "sergio", "ana" };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *is = "", *may = "";
        qdn_rights_t rights;

        qdn_rights_find(&rights, plan_of(cases[i].conf), cases[i].user, pool);
        assert_int_equal(rights.role, cases[i].role);
        assert_int_equal(rights.masked, cases[i].masked);
        for (int j = 0; j < rights.operators->nelts; j++) {
            is = apr_pstrcat(
                pool, is,
                APR_ARRAY_IDX(rights.operators, j, const qdn_operator_t *)->id,
                " ", NULL);
        }
        for (size_t j = 0; j < sizeof(ids) / sizeof(*ids); j++) {
            if (qdn_rights_may_set(&rights, ids[j])) {
                may = apr_pstrcat(pool, may, ids[j], " ", NULL);
            }
        }
        assert_string_equal(is, cases[i].operators);
        assert_string_equal(may, cases[i].may);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(qdn_role_text(QDN_ROLE_NONE), "none");
    assert_string_equal(qdn_role_text(QDN_ROLE_VIEWER), "viewer");
    assert_string_equal(qdn_role_text(QDN_ROLE_OPERATOR), "operator");
    assert_string_equal(qdn_role_text(QDN_ROLE_ADMIN), "admin");
}

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(test_cases), TEST(test_names) };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
