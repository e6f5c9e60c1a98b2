/* SPDX-License-Identifier: Apache-2.0 */
/*
 * t/data/signature-vectors.json was made with Twilio's own libraries; each
 * vector goes through ours. The number of vectors is part of the test, so
 * that an empty file is no success.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "digest.h"
#include "signature.h"
#include "status.h"

#define VECTORS 52
#define TOKEN   "12345"

static apr_pool_t *pool;
static json_object *file;
static json_object *vectors;

static int setup(void **state)
{
    const char *srcdir = getenv("QDN_SRCDIR");

    (void)state;
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return 1;
    }
    file = json_object_from_file(apr_pstrcat(
        pool, srcdir ? srcdir : ".", "/t/data/signature-vectors.json", NULL));
    return !file || !json_object_object_get_ex(file, "vectors", &vectors);
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    json_object_put(file);
    return 0;
}

static const char *text_of(json_object *vector, const char *name)
{
    return json_object_get_string(json_object_object_get(vector, name));
}

/* A form, or a POST without body and type, which is signed like one. */
static int is_form(json_object *vector)
{
    const char *type = text_of(vector, "content_type");

    return type ? strstr(type, "x-www-form-urlencoded") != NULL
                : strcmp(text_of(vector, "method"), "POST") == 0;
}

/* The body decoded, NULL where it is not a form. */
static const apr_array_header_t *form_of(json_object *vector)
{
    const char *body = text_of(vector, "body");
    apr_array_header_t *fields;

    if (!is_form(vector)) {
        return NULL;
    }
    assert_int_equal(qdn_form_parse(&fields, body, strlen(body), pool),
                     APR_SUCCESS);
    return fields;
}

/* As the gate does it: the body's digest where it is no form, the signature. */
static int accepts(json_object *vector)
{
    qdn_signed_t what = { text_of(vector, "request_url"), form_of(vector) };
    const char *tokens[] = { text_of(vector, "auth_token"), NULL };
    const char *body = text_of(vector, "body");

    if (strcmp(text_of(vector, "method"), "POST") == 0 && !what.form &&
        qdn_signature_body(what.url, body, strlen(body), pool) != APR_SUCCESS) {
        return 0;
    }
    return qdn_signature_verify(&what, tokens, text_of(vector, "signature"),
                                pool);
}

static void vectors_are_judged_as_their_libraries_do(void **state)
{
    size_t i, n = json_object_array_length(vectors);
    int wrong = 0;

    (void)state;
    assert_int_equal(n, VECTORS);
    for (i = 0; i < n; i++) {
        json_object *vector = json_object_array_get_idx(vectors, i);
        const char *expect = text_of(vector, "expect");
        int accepted = accepts(vector);

        if (strcmp(expect, "optional") == 0) {
            print_message("# optional, %s: %s\n",
                          accepted ? "accepted" : "refused",
                          text_of(vector, "id"));
        }
        else if (accepted != (strcmp(expect, "accept") == 0)) {
            print_message("# %s must be %sed\n", text_of(vector, "id"), expect);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static int holds(const apr_array_header_t *form, json_object *pair)
{
    json_object *name = json_object_array_get_idx(pair, 0);
    json_object *value = json_object_array_get_idx(pair, 1);
    int i;

    for (i = 0; i < form->nelts; i++) {
        qdn_field_t f = APR_ARRAY_IDX(form, i, qdn_field_t);

        if (strcmp(f.name, json_object_get_string(name)) == 0 &&
            strcmp(f.value, json_object_get_string(value)) == 0) {
            return 1;
        }
    }
    return 0;
}

static void vectors_decode_to_their_params(void **state)
{
    size_t i, k, checked = 0;

    (void)state;
    for (i = 0; i < json_object_array_length(vectors); i++) {
        json_object *vector = json_object_array_get_idx(vectors, i);
        json_object *params = json_object_object_get(vector, "params");
        const apr_array_header_t *form = form_of(vector);

        if (!form) {
            continue;
        }
        assert_int_equal(form->nelts, json_object_array_length(params));
        for (k = 0; k < json_object_array_length(params); k++) {
            assert_true(holds(form, json_object_array_get_idx(params, k)));
            checked++;
        }
    }
    assert_true(checked > 50);
}

/*
 * Of the vectors that are in order, make() gives the signature, and the
 * signing string is the documented one: its HMAC is the signature too.
 */
static void make_gives_the_signature(void **state)
{
    size_t i;
    int made = 0;

    (void)state;
    for (i = 0; i < json_object_array_length(vectors); i++) {
        json_object *vector = json_object_array_get_idx(vectors, i);
        qdn_signed_t what = { text_of(vector, "signed_url"), form_of(vector) };
        const char *token = text_of(vector, "auth_token");
        const char *string = text_of(vector, "signing_string");
        char b64[QDN_HMAC_SHA1_B64 + 1];

        qdn_digest_hmac_sha1(token, string, strlen(string), b64);
        if (strcmp(text_of(vector, "expect"), "accept") == 0) {
            assert_string_equal(b64, text_of(vector, "signature"));
            made++;
        }
        /* U+1F600 before U+FF21 is Node's order, not that of bytes. */
        if (strcmp(text_of(vector, "id"), "repeated-utf16-order") != 0) {
            assert_string_equal(qdn_signature_make(&what, token, pool), b64);
        }
    }
    assert_true(made >= 36);
}

/* Which URL may stand for which: signed, requested, accepted. */
static const struct {
    const char *is_signed;
    const char *requested;
    int fits;
} ports[] = {
    { "https://a.example/x", "https://a.example/x", 1 },
    { "https://a.example:443/x", "https://a.example/x", 1 },
    { "https://a.example/x", "https://a.example:443/x", 1 },
    { "https://a.example/x", "https://a.example:8443/x", 1 },
    { "https://a.example:8443/x", "https://a.example:8443/x", 1 },
    { "https://a.example:443/x", "https://a.example:8443/x", 0 },
    { "https://a.example:80/x", "https://a.example/x", 0 },
    { "http://a.example:80/x", "http://a.example/x", 1 },
    { "http://a.example:443/x", "http://a.example/x", 0 },
    { "http://a.example:8080/x", "http://a.example:8080/x", 1 },
    { "http://a.example/x", "http://a.example:8080/x", 1 },
    { "https://[2001:db8::1]/x", "https://[2001:db8::1]/x", 1 },
    { "https://[2001:db8::1]:443/x", "https://[2001:db8::1]/x", 1 },
    { "https://[2001:db8::1]/x", "https://[2001:db8::1]:8443/x", 1 },
    { "https://192.0.2.17/x", "https://192.0.2.17/x", 1 },
    { "https://192.0.2.17:443/x", "https://192.0.2.17/x", 1 },
    { "https://192.0.2./x", "https://192.0.2.17/x", 0 },
    { "https://a.example/x:1", "https://a.example/x:1", 1 },
    { "https://a.example/x", "https://a.example/x:1", 0 },
    { "https://a.example?q=b:1", "https://a.example:443?q=b:1", 1 },
    { "https://a.example/x?u=http://b:1/", "https://a.example/x?u=http://b:1/",
      1 },
    { "https://a.example/x?u=http://b/", "https://a.example/x?u=http://b:1/",
      0 },
    { "https://a.example", "https://a.example:443", 1 },
    { "https://a.example/", "https://a.example", 0 },
    { "https://a.example/x", "http://a.example/x", 0 },
    { "https://A.example/x", "https://a.example/x", 0 },
    { "no-scheme/x:1", "no-scheme/x:1", 1 },
    { "", "", 1 },
};

static void verify_tries_without_and_with_a_port(void **state)
{
    static const char *const tokens[] = { TOKEN, NULL };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        qdn_signed_t made = { ports[i].is_signed, NULL };
        qdn_signed_t got = { ports[i].requested, NULL };
        const char *signature = qdn_signature_make(&made, TOKEN, pool);
        int fits = qdn_signature_verify(&got, tokens, signature, pool);

        if (fits != ports[i].fits) {
            print_message("# signed %s requested %s\n", ports[i].is_signed,
                          ports[i].requested);
        }
        assert_int_equal(fits, ports[i].fits);
    }
}

static void verify_accepts_either_of_two_tokens(void **state)
{
    static const char *const both[] = { "primary", "secondary", NULL };
    static const char *const none[] = { NULL };
    static const char *const empty[] = { "", NULL };
    qdn_signed_t what = { "https://a.example/x", NULL };

    (void)state;
    assert_int_equal(
        qdn_signature_verify(&what, both,
                             qdn_signature_make(&what, "primary", pool), pool),
        1);
    assert_int_equal(
        qdn_signature_verify(
            &what, both, qdn_signature_make(&what, "secondary", pool), pool),
        1);
    assert_int_equal(
        qdn_signature_verify(&what, both,
                             qdn_signature_make(&what, "third", pool), pool),
        0);
    assert_int_equal(
        qdn_signature_verify(&what, none,
                             qdn_signature_make(&what, "primary", pool), pool),
        0);
    assert_int_equal(qdn_signature_verify(&what, empty,
                                          qdn_signature_make(&what, "", pool),
                                          pool),
                     0);
}

static void verify_refuses_what_only_looks_like_it(void **state)
{
    static const char *const tokens[] = { TOKEN, NULL };
    qdn_signed_t what = { "https://a.example/x", NULL };
    const char *good = qdn_signature_make(&what, TOKEN, pool);
    apr_size_t i;

    (void)state;
    assert_int_equal(strlen(good), QDN_HMAC_SHA1_B64);
    assert_int_equal(qdn_signature_verify(&what, tokens, good, pool), 1);
    assert_int_equal(qdn_signature_verify(&what, tokens, NULL, pool), 0);
    assert_int_equal(qdn_signature_verify(&what, tokens, "", pool), 0);
    assert_int_equal(qdn_signature_verify(&what, tokens,
                                          apr_pstrcat(pool, good, "=", NULL),
                                          pool),
                     0);
    for (i = 0; i < strlen(good); i++) {
        char *bad = apr_pstrdup(pool, good);

        bad[i] ^= 1;
        assert_int_equal(qdn_signature_verify(&what, tokens, bad, pool), 0);
        bad[i] = '\0';
        assert_int_equal(qdn_signature_verify(&what, tokens, bad, pool), 0);
    }
}

static void form_of_any_order_signs_alike(void **state)
{
    static const char *const same[] = {
        "b=2&a=1&b=10&b=2&a=", "a=&a=1&b=10&b=2", "b=10&b=10&b=2&a=1&a="
    };
    const char *first = NULL;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        apr_array_header_t *form;
        qdn_signed_t what = { .url = "https://a.example/x" };
        const char *signature;

        assert_int_equal(qdn_form_parse(&form, same[i], strlen(same[i]), pool),
                         APR_SUCCESS);
        what.form = form;
        signature = qdn_signature_make(&what, TOKEN, pool);
        first = first ? first : signature;
        assert_string_equal(signature, first);
    }
}

#define EMPTY_SHA                                                              \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HELLO_SHA                                                              \
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const struct {
    const char *url;
    const char *body;
    apr_status_t status;
} bodies[] = {
    { "https://a.example/x", "hello", APR_NOTFOUND },
    { "https://a.example/x?", "hello", APR_NOTFOUND },
    { "https://a.example/x?a=1", "hello", APR_NOTFOUND },
    { "https://a.example/x?bodysha256=" HELLO_SHA, "hello", APR_NOTFOUND },
    { "https://a.example/x?xbodySHA256=" HELLO_SHA, "hello", APR_NOTFOUND },
    { "https://a.example/bodySHA256=" HELLO_SHA, "hello", APR_NOTFOUND },
    { "https://a.example/x?bodySHA256=" HELLO_SHA, "hello", APR_SUCCESS },
    { "https://a.example/x?a=1&bodySHA256=" HELLO_SHA "&b=2", "hello",
      APR_SUCCESS },
    { "https://a.example/x?bodySHA256=" EMPTY_SHA, "", APR_SUCCESS },
    { "https://a.example/x?bodySHA256=" HELLO_SHA, "hullo", QDN_EFORBIDDEN },
    { "https://a.example/x?bodySHA256=" HELLO_SHA, "", QDN_EFORBIDDEN },
    { "https://a.example/x?bodySHA256=", "", QDN_EFORBIDDEN },
    { "https://a.example/x?bodySHA256", "", QDN_EFORBIDDEN },
    { "https://a.example/x?bodySHA256=" HELLO_SHA "0", "hello",
      QDN_EFORBIDDEN },
    { "https://a.example/x?bodySHA256=" HELLO_SHA "&bodySHA256=" HELLO_SHA,
      "hello", QDN_EFORBIDDEN },
    { "https://a.example/x?bodySHA256=" HELLO_SHA "&bodySHA256=0", "hello",
      QDN_EFORBIDDEN },
    { "https://a.example/x?bodySHA256=" HELLO_SHA "&a=%zz", "hello",
      QDN_EFORBIDDEN },
};

static void body_digest_is_checked_as_the_table_says(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        apr_status_t rv = qdn_signature_body(bodies[i].url, bodies[i].body,
                                             strlen(bodies[i].body), pool);

        if (rv != bodies[i].status) {
            print_message("# %s\n", bodies[i].url);
        }
        assert_int_equal(rv, bodies[i].status);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_judged_as_their_libraries_do),
        cmocka_unit_test(vectors_decode_to_their_params),
        cmocka_unit_test(make_gives_the_signature),
        cmocka_unit_test(verify_tries_without_and_with_a_port),
        cmocka_unit_test(verify_accepts_either_of_two_tokens),
        cmocka_unit_test(verify_refuses_what_only_looks_like_it),
        cmocka_unit_test(form_of_any_order_signs_alike),
        cmocka_unit_test(body_digest_is_checked_as_the_table_says),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    atexit(apr_terminate);
    return cmocka_run_group_tests(tests, setup, teardown);
}
