/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "credential.h"

#define HEX "0123456789abcdef0123456789abcdef"

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

static void put(qdn_secrets_t *s, const char *name, const char *value)
{
    APR_ARRAY_PUSH(s->names, const char *) = name;
    apr_table_addn(s->values, name, value);
}

static qdn_secrets_t *nothing(void)
{
    qdn_secrets_t *s = apr_pcalloc(pool, sizeof(*s));

    s->spec = "dotenv:/etc/qdn/secrets.env";
    s->names = apr_array_make(pool, 3, sizeof(const char *));
    s->values = apr_table_make(pool, 3);
    return s;
}

static const struct {
    const char *name, *value, *kind;
    const char *fault; /* a part of it, NULL: none */
} rows[] = {
    { "TWILIO_ACCOUNT_SID", "AC" HEX, "account", NULL },
    { "TWILIO_ACCOUNT_SID", "AC0123456789ABCDEF0123456789ABCDEF", "account",
      NULL },
    { "TWILIO_ACCOUNT_SID", "SK" HEX, "account", "AC and 32" },
    { "TWILIO_ACCOUNT_SID", "AC" HEX "0", "account", "AC and 32" },
    { "TWILIO_ACCOUNT_SID", "ac" HEX, "account", "AC and 32" },
    { "TWILIO_ACCOUNT_SID", "", "account", "is empty" },
    { "TWILIO_AUTH_TOKEN", HEX, "auth-token", NULL },
    { "TWILIO_AUTH_TOKEN", "AC" HEX, "auth-token", "32 lower-case" },
    { "TWILIO_AUTH_TOKEN", "0123456789ABCDEF0123456789ABCDEF", "auth-token",
      "32 lower-case" },
    { "TWILIO_AUTH_TOKEN", " " HEX, "auth-token", "32 lower-case" },
    { "TWILIO_AUTH_TOKEN_SECONDARY", HEX, "auth-token", NULL },
    { "TWILIO_AUTH_TOKEN_SECONDARY", "t0ken", "auth-token", "32 lower-case" },
    { "TWILIO_API_KEY", "SK" HEX, "api-key", NULL },
    { "TWILIO_API_KEY", "AC" HEX, "api-key", "SK and 32" },
    { "TWILIO_API_SECRET", "abcdefghijklmnopqrstuvwxyzABCDEF", "api-secret",
      NULL },
    { "TWILIO_API_SECRET", "abcdefghijklmnopqrstuvwxyzABCDE", "api-secret",
      "32 letters" },
    { "TWILIO_API_SECRET", "abcdefghijklmnopqrstuvwxyzABCDE-", "api-secret",
      "32 letters" },
    { "TWILIO_API_KEY_CREATED", "2026-01-31", "date", NULL },
    { "TWILIO_API_KEY_CREATED", "2026-13-01", "date", "a date" },
    { "TWILIO_API_KEY_CREATED", "2026-00-01", "date", "a date" },
    { "TWILIO_API_KEY_CREATED", "2026-01-32", "date", "a date" },
    { "TWILIO_API_KEY_CREATED", "2026/01/31", "date", "a date" },
    { "TWILIO_API_KEY_CREATED", "2026-1-31", "date", "a date" },
    { "TWILIO_API_KEY_CREATED", "2026-01-31x", "date", "a date" },
    { "GOOGLE_SERVICE_ACCOUNT_FILE", "/etc/qdn/google.json", "file", NULL },
    { "GOOGLE_SERVICE_ACCOUNT_FILE", "google.json", "file", "absolute" },
    { "GOOGLE_CLIENT_ID", "1-a.apps.example.com", "oauth-client", NULL },
    { "GOOGLE_CLIENT_SECRET", "two words", "oauth-secret", "one word" },
    { "GOOGLE_REFRESH_TOKEN", "1//0a-B_c", "oauth-refresh-token", NULL },
    { "GOOGLE_REFRESH_TOKEN", "gr\xC3\xBC", "oauth-refresh-token", "one word" },
    { "ICAL_PASSWORD", "any thing", "other", NULL },
    { "ICAL_PASSWORD", "", "other", "is empty" },
    { "twilio_auth_token", "x", "other", NULL },
};

static void test_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        qdn_secrets_t *s = nothing();
        const qdn_credential_t *c;

        put(s, rows[i].name, rows[i].value);
        c = &APR_ARRAY_IDX(qdn_credential_list(s, pool), 0, qdn_credential_t);
        assert_string_equal(c->name, rows[i].name);
        assert_string_equal(c->kind, rows[i].kind);
        assert_int_equal(strlen(c->fingerprint), *rows[i].value ? 8 : 0);
        if (!rows[i].fault != !c->fault ||
            (c->fault && !strstr(c->fault, rows[i].fault))) {
            fail_msg("%s=%s: %s", rows[i].name, rows[i].value,
                     c->fault ? c->fault : "accepted");
        }
        assert_true(!c->fault || !*rows[i].value ||
                    !strstr(c->fault, rows[i].value));
    }
}

static void test_order_and_fingerprint(void **state)
{
    qdn_secrets_t *s = nothing();
    apr_array_header_t *list;

    (void)state;
    put(s, "Z", "abc");
    put(s, "A", "abd");
    list = qdn_credential_list(s, pool);
    assert_int_equal(list->nelts, 2);
    assert_string_equal(APR_ARRAY_IDX(list, 0, qdn_credential_t).name, "Z");
    assert_string_equal(APR_ARRAY_IDX(list, 0, qdn_credential_t).fingerprint,
                        "ba7816bf");
    assert_string_equal(APR_ARRAY_IDX(list, 1, qdn_credential_t).name, "A");
}

#define TWILIO                                                                 \
    "TWILIO_ACCOUNT_SID,TWILIO_AUTH_TOKEN,TWILIO_API_KEY,"                     \
    "TWILIO_API_SECRET"

static void test_missing(void **state)
{
    static const struct {
        const char *there[5];
        const char *missing;
    } cases[] = {
        { { NULL }, TWILIO },
        { { "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", NULL },
          "TWILIO_API_KEY,TWILIO_API_SECRET" },
        { { "TWILIO_AUTH_TOKEN_SECONDARY", "GOOGLE_SERVICE_ACCOUNT_FILE",
            NULL },
          TWILIO },
        { { "GOOGLE_CLIENT_ID", NULL },
          TWILIO ",GOOGLE_CLIENT_SECRET,GOOGLE_REFRESH_TOKEN" },
        { { "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_REFRESH_TOKEN",
            NULL },
          TWILIO },
        { { "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY",
            "TWILIO_API_SECRET", NULL },
          "" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        qdn_secrets_t *s = nothing();

        for (const char *const *name = cases[i].there; *name; name++) {
            put(s, *name, "x");
        }
        assert_string_equal(
            apr_array_pstrcat(pool, qdn_credential_missing(s, pool), ','),
            cases[i].missing);
    }
}

/* A name without a value is as good as none. */
static void test_empty_is_missing(void **state)
{
    qdn_secrets_t *s = nothing();

    (void)state;
    put(s, "TWILIO_AUTH_TOKEN", "");
    put(s, "GOOGLE_CLIENT_ID", "");
    assert_string_equal(
        apr_array_pstrcat(pool, qdn_credential_missing(s, pool), ','), TWILIO);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_order_and_fingerprint),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_empty_is_missing),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
