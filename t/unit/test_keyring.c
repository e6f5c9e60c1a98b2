/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "keyring.h"
#include "status.h"

#define SID_A "AC0123456789abcdef0123456789abcdef"
#define SID_B "AC0123456789ABCDEF0123456789ABCDEF"

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    apr_initialize();
    return apr_pool_create(&pool, NULL);
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

/* Secrets as a source would load them; NULL leaves a name out. */
static qdn_secrets_t *secrets(const char *spec, const char *sid,
                              const char *token, const char *secondary)
{
    const char *const pairs[][2] = {
        { "TWILIO_ACCOUNT_SID", sid },
        { "TWILIO_AUTH_TOKEN", token },
        { "TWILIO_AUTH_TOKEN_SECONDARY", secondary },
    };
    qdn_secrets_t *s = apr_pcalloc(pool, sizeof(*s));

    s->spec = spec;
    s->names = apr_array_make(pool, 3, sizeof(const char *));
    s->values = apr_table_make(pool, 3);
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        if (pairs[i][1]) {
            APR_ARRAY_PUSH(s->names, const char *) = pairs[i][0];
            apr_table_addn(s->values, pairs[i][0], pairs[i][1]);
        }
    }
    return s;
}

static apr_status_t add(qdn_keyring_t *ring, qdn_secrets_t *s,
                        const char **perror)
{
    *perror = NULL;
    return qdn_keyring_add(ring, s, perror, pool);
}

static void test_refused(void **state)
{
    static const struct {
        const char *sid, *token;
        apr_status_t status;
        const char *says;
    } rows[] = {
        { NULL, "t0ken", QDN_EMISSING, "has no TWILIO_ACCOUNT_SID" },
        { "", "t0ken", QDN_EMISSING, "has no TWILIO_ACCOUNT_SID" },
        { SID_A, NULL, QDN_EMISSING, "has no TWILIO_AUTH_TOKEN" },
        { SID_A, "", QDN_EMISSING, "has no TWILIO_AUTH_TOKEN" },
        { "AC01", "t0ken", QDN_EMALFORMED, "is not AC and 32 hex" },
        { SID_A "0", "t0ken", QDN_EMALFORMED, "is not AC and 32 hex" },
        { "SK0123456789abcdef0123456789abcdef", "t0ken", QDN_EMALFORMED,
          "is not AC and 32 hex" },
        { "AC0123456789abcdef0123456789abcdeg", "t0ken", QDN_EMALFORMED,
          "is not AC and 32 hex" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        qdn_keyring_t *ring = qdn_keyring_create(pool);
        const char *error;

        assert_int_equal(
            add(ring,
                secrets("exec:/bin/x -k k3y", rows[i].sid, rows[i].token, NULL),
                &error),
            rows[i].status);
        assert_non_null(strstr(error, rows[i].says));
        assert_non_null(strstr(error, "exec:/bin/x"));
        assert_null(strstr(error, "k3y"));
        assert_null(strstr(error, "t0ken"));
        assert_int_equal(ring->accounts->nelts, 0);
    }
}

static void test_tokens(void **state)
{
    static const struct {
        const char *secondary;
        const char *kept;
    } rows[] = {
        { NULL, NULL },
        { "", NULL },
        { "t0ken", NULL },
        { "n3w", "n3w" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        qdn_keyring_t *ring = qdn_keyring_create(pool);
        const qdn_account_t *account;
        const char *error;

        assert_int_equal(
            add(ring, secrets("a", SID_A, "t0ken", rows[i].secondary), &error),
            APR_SUCCESS);
        account = qdn_keyring_find(ring, SID_A);
        assert_string_equal(account->tokens[0], "t0ken");
        assert_null(account->tokens[2]);
        if (rows[i].kept) {
            assert_string_equal(account->tokens[1], rows[i].kept);
        }
        else {
            assert_null(account->tokens[1]);
        }
    }
}

static void test_find(void **state)
{
    qdn_keyring_t *ring = qdn_keyring_create(pool);
    const char *error;

    (void)state;
    assert_null(qdn_keyring_find(ring, SID_A));
    assert_int_equal(add(ring, secrets("a", SID_A, "t1", NULL), &error),
                     APR_SUCCESS);
    assert_int_equal(add(ring, secrets("b", SID_B, "t2", NULL), &error),
                     APR_SUCCESS);
    assert_string_equal(qdn_keyring_find(ring, SID_A)->tokens[0], "t1");
    assert_string_equal(qdn_keyring_find(ring, SID_B)->tokens[0], "t2");
    assert_null(qdn_keyring_find(ring, "AC"));
    assert_null(qdn_keyring_find(ring, ""));
    assert_null(qdn_keyring_find(ring, NULL));
}

/* One account under two sources: a line may name either, and no other. */
static void test_covers(void **state)
{
    qdn_keyring_t *ring = qdn_keyring_create(pool);
    const qdn_account_t *a, *b;
    const char *error;

    (void)state;
    add(ring, secrets("main", SID_A, "t1", NULL), &error);
    add(ring, secrets("line", SID_B, "t2", NULL), &error);
    assert_int_equal(add(ring, secrets("again", SID_A, "t1", NULL), &error),
                     APR_SUCCESS);
    assert_int_equal(add(ring, secrets("main", SID_A, "t1", NULL), &error),
                     APR_SUCCESS);
    assert_int_equal(ring->accounts->nelts, 3);
    a = qdn_keyring_find(ring, SID_A);
    b = qdn_keyring_find(ring, SID_B);
    assert_true(qdn_keyring_covers(ring, a, "main"));
    assert_true(qdn_keyring_covers(ring, a, "again"));
    assert_false(qdn_keyring_covers(ring, a, "line"));
    assert_true(qdn_keyring_covers(ring, b, "line"));
    assert_false(qdn_keyring_covers(ring, b, "main"));
    assert_false(qdn_keyring_covers(ring, b, "MAIN"));
    assert_false(qdn_keyring_covers(ring, a, NULL));
    assert_false(qdn_keyring_covers(ring, NULL, "main"));
}

static void test_conflict(void **state)
{
    qdn_keyring_t *ring = qdn_keyring_create(pool);
    const char *error;

    (void)state;
    add(ring, secrets("one", SID_A, "t0ken1", NULL), &error);
    assert_int_equal(add(ring, secrets("two", SID_A, "t0ken2", NULL), &error),
                     QDN_ECONFLICT);
    assert_non_null(strstr(error, "one"));
    assert_non_null(strstr(error, "two"));
    assert_null(strstr(error, "t0ken"));
    assert_int_equal(ring->accounts->nelts, 1);
}

/* While a token is rotated not every source has the second one yet. */
static void test_rotation(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        qdn_keyring_t *ring = qdn_keyring_create(pool);
        const char *error;

        add(ring, secrets("one", SID_A, "t1", first ? "t2" : NULL), &error);
        assert_int_equal(
            add(ring, secrets("two", SID_A, "t1", first ? NULL : "t2"), &error),
            APR_SUCCESS);
        for (int i = 0; i < ring->accounts->nelts; i++) {
            assert_string_equal(
                APR_ARRAY_IDX(ring->accounts, i, qdn_account_t *)->tokens[1],
                "t2");
        }
        assert_int_equal(add(ring, secrets("three", SID_A, "t1", "t3"), &error),
                         QDN_ECONFLICT);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_find),     cmocka_unit_test(test_covers),
        cmocka_unit_test(test_conflict), cmocka_unit_test(test_rotation),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
