/* SPDX-License-Identifier: Apache-2.0 */
/* What the URLs carry comes back as it was, and nothing else comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "progress.h"
#include "status.h"

#define CALL     "CA0123456789abcdef0123456789abcdef"
#define DECISION "00112233445566778899aabbccddeeff"

static int setup(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int teardown(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static qdn_progress_t some_progress(apr_pool_t *p)
{
    qdn_progress_t g = { .line = "+16195550100",
                         .decision = DECISION,
                         .revision = "0123456789ab",
                         .hop = 2,
                         .redial = 1,
                         .asks_key = 1,
                         .first_ring = 1768400000 };

    g.rung = apr_array_make(p, 2, sizeof(apr_uint32_t));
    APR_ARRAY_PUSH(g.rung, apr_uint32_t) = 0x0000000f;
    APR_ARRAY_PUSH(g.rung, apr_uint32_t) = 0xdeadbeef;
    g.ringing = apr_array_make(p, 2, sizeof(apr_uint32_t));
    return g;
}

static qdn_leg_t some_leg(void)
{
    return (qdn_leg_t){ .line = "+16195550100",
                        .call = CALL,
                        .caller = "+442079460155",
                        .decision = DECISION,
                        .hop = 3,
                        .operator= "ana-maria_2",
                        .label = "mobile",
                        .tries = 2,
                        .began = 1768400012 };
}

static void progress_comes_back(void **state)
{
    apr_pool_t *p = *state;
    qdn_progress_t in = some_progress(p), out;
    const char *token = qdn_progress_encode(&in, p);

    assert_int_equal(strspn(token, "0123456789abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~"),
                     strlen(token));
    assert_int_equal(qdn_progress_decode(&out, token, p), APR_SUCCESS);
    assert_string_equal(out.line, in.line);
    assert_string_equal(out.decision, in.decision);
    assert_string_equal(out.revision, in.revision);
    assert_int_equal(out.hop, 2);
    assert_int_equal(out.redial, 1);
    assert_int_equal(out.asks_key, 1);
    assert_int_equal(out.first_ring, in.first_ring);
    assert_int_equal(out.rung->nelts, 2);
    assert_true(qdn_progress_has(out.rung, 0xdeadbeef));
    assert_true(qdn_progress_has(out.rung, 0xf));
    assert_false(qdn_progress_has(out.rung, 0));
    assert_int_equal(out.ringing->nelts, 0);
}

/* A host that is not updated yet goes on with what no rule has touched. */
static void the_format_is_as_old_as_can_be(void **state)
{
    apr_pool_t *p = *state;
    qdn_progress_t in = some_progress(p), out;

    assert_int_equal(strncmp(qdn_progress_encode(&in, p), "1.", 2), 0);
    in.cascade = 0x0badcafe;
    assert_int_equal(strncmp(qdn_progress_encode(&in, p), "2.", 2), 0);
    assert_int_equal(qdn_progress_decode(&out, qdn_progress_encode(&in, p), p),
                     APR_SUCCESS);
    assert_int_equal(out.cascade, 0x0badcafe);
    assert_int_equal(out.tries, 0);
    assert_int_equal(out.hop, 2);
    in.cascade = 0;
    in.tries = 1;
    assert_int_equal(qdn_progress_decode(&out, qdn_progress_encode(&in, p), p),
                     APR_SUCCESS);
    assert_int_equal(out.cascade, 0);
    assert_int_equal(out.tries, 1);
    in.tries = 0;
    assert_int_equal(
        qdn_progress_decode(
            &out,
            apr_psprintf(p, "2%s.00000000.0", qdn_progress_encode(&in, p) + 1),
            p),
        QDN_EMALFORMED);
}

static void leg_comes_back(void **state)
{
    qdn_leg_t in = some_leg(), out;

    assert_int_equal(qdn_leg_decode(&out, qdn_leg_encode(&in, *state)),
                     APR_SUCCESS);
    assert_string_equal(out.line, in.line);
    assert_string_equal(out.call, in.call);
    assert_string_equal(out.caller, in.caller);
    assert_string_equal(out.operator, in.operator);
    assert_string_equal(out.label, in.label);
    assert_int_equal(out.hop, 3);
    assert_int_equal(out.tries, 2);
    assert_int_equal(out.began, in.began);
}

static void a_withheld_caller_stays_withheld(void **state)
{
    qdn_leg_t in = some_leg(), out;

    in.caller[0] = '\0';
    assert_int_equal(qdn_leg_decode(&out, qdn_leg_encode(&in, *state)),
                     APR_SUCCESS);
    assert_string_equal(out.caller, "");
}

/* A text that is accepted must be the one that encode writes. */
static void only_what_encode_writes_is_accepted(void **state)
{
    static const char alphabet[] = "0123456789abcfgzACZ.-_+%& \x80";
    apr_pool_t *p = *state;
    qdn_progress_t progress = some_progress(p), out;
    qdn_leg_t leg = some_leg(), leg_out;
    const char *tokens[] = { qdn_progress_encode(&progress, p),
                             qdn_leg_encode(&leg, p), NULL };
    int accepted = 0, refused = 0, t;
    apr_size_t i, c;

    progress.cascade = 0x0badcafe;
    progress.tries = 1;
    tokens[2] = qdn_progress_encode(&progress, p);
    for (t = 0; t < 3; t++) {
        for (i = 0; i < strlen(tokens[t]); i++) {
            for (c = 0; c < sizeof(alphabet); c++) {
                char *mutant = apr_pstrdup(p, tokens[t]);
                const char *again = NULL;

                mutant[i] = alphabet[c]; /* the last one cuts it short */
                if (t != 1 &&
                    qdn_progress_decode(&out, mutant, p) == APR_SUCCESS) {
                    again = qdn_progress_encode(&out, p);
                }
                if (t == 1 && qdn_leg_decode(&leg_out, mutant) == APR_SUCCESS) {
                    again = qdn_leg_encode(&leg_out, p);
                }
                if (again) {
                    assert_string_equal(again, mutant);
                }
                accepted += again != NULL;
                refused += again == NULL;
            }
        }
    }
    assert_true(accepted > 100);
    assert_true(refused > 1000);
}

static void nonsense_is_malformed(void **state)
{
    static const char *const tokens[] = { NULL, "",           ".",
                                          "1",  "1.........", "2.16195550100" };
    qdn_progress_t progress;
    qdn_leg_t leg;
    size_t i;

    for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        assert_int_equal(qdn_progress_decode(&progress, tokens[i], *state),
                         QDN_EMALFORMED);
        assert_int_equal(qdn_leg_decode(&leg, tokens[i]), QDN_EMALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(progress_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(the_format_is_as_old_as_can_be, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(leg_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_withheld_caller_stays_withheld, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(only_what_encode_writes_is_accepted,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_malformed, setup, teardown),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
