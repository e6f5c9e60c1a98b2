/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google's calendars, asked of a stand-in that is as strict as Google
 * (t/lib/QDN/Google.pm): assertions, tokens and their ends, fifty calendars a
 * question, errors of one calendar and of all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <apr_strings.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "refresh_scene.h"
#include "rfc3339.h"

#define TOKEN "/token"
#define BUSY  "/calendar/v3/freeBusy"

static EVP_PKEY *make_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    EVP_PKEY *key = NULL;

    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048), 1);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* The text of a key file, as Google hands it out. */
static const char *key_file(EVP_PKEY *key, apr_pool_t *p)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    const char *text = "", *line;
    long len;

    assert_int_equal(
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    len = BIO_get_mem_data(bio, &pem);
    pem = apr_pstrmemdup(p, pem, (apr_size_t)len);
    while ((line = strchr(pem, '\n'))) {
        text = apr_psprintf(p, "%s%.*s\\n", text, (int)(line - pem), pem);
        pem += line - pem + 1;
    }
    BIO_free(bio);
    return apr_pstrcat(p,
                       "{\"type\":\"service_account\",\"private_key_id\":"
                       "\"k1\",\"private_key\":\"",
                       text, "\",\"client_email\":\"qdn@house.example.com\"}",
                       NULL);
}

/* What Google has to know of us. */
static void introduce(scene_t *scene, const char *more)
{
    apr_pool_t *p = scene->pool;
    const char *path = apr_pstrcat(p, scene->dir, "/public.pem", NULL);
    const char *url = apr_pstrcat(p, scene->outside->base, TOKEN, NULL);
    EVP_PKEY *key = make_key();
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(PEM_write_PUBKEY(file, key), 1);
    fclose(file);
    scene->key = key_file(key, p);
    EVP_PKEY_free(key);
    outside_tell(scene->outside, "google",
                 apr_psprintf(p,
                              "{\"public_key\":\"%s\",\"kid\":\"k1\","
                              "\"email\":\"qdn@house.example.com\","
                              "\"audience\":\"%s\"%s%s}",
                              path, url, *more ? "," : "", more),
                 p);
    setenv("GOOGLE_TOKEN_URL", url, 1);
    setenv("GOOGLE_API_BASE", scene->outside->base, 1);
}

static int open_google(void **state)
{
    return scene_open(state);
}

static int close_google(void **state)
{
    scene_t *scene = *state;

    unlink(apr_pstrcat(scene->pool, scene->dir, "/public.pem", NULL));
    return scene_close(state);
}

static qdn_feed_t *calendar(scene_t *scene, const char *id)
{
    return scene_feed(scene, QDN_FEED_CALENDAR, QDN_FEED_GOOGLE, id);
}

static const char *moment(apr_interval_time_t from_now, apr_pool_t *p)
{
    return qdn_rfc3339_text(apr_time_now() + from_now, p);
}

/* "id":[[...]]: busy for ten minutes around now, in two spans that meet. */
static const char *busy(const char *id, apr_pool_t *p)
{
    apr_interval_time_t m = apr_time_from_sec(60);

    return apr_psprintf(p,
                        "\"%s\":[[\"%s\",\"%s\"],[\"%s\",\"%s\"],"
                        "[\"%s\",\"%s\"]]",
                        id, moment(20 * m, p), moment(30 * m, p), moment(0, p),
                        moment(5 * m, p), moment(-5 * m, p), moment(m, p));
}

static void test_service_account(void **state)
{
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    qdn_feed_t *one = calendar(scene, "one@example.com");
    qdn_feed_t *two = calendar(scene, "two@example.com");
    qdn_feed_t *none = calendar(scene, "none@example.com");

    introduce(scene,
              apr_pstrcat(p, "\"calendars\":{", busy("one@example.com", p),
                          ",\"two@example.com\":[],"
                          "\"odd@example.com\":\"internalError\"}",
                          NULL));
    calendar(scene, "odd@example.com");
    scene_begin(scene);
    scene_await(scene, one, scene_good);
    scene_await(scene, two, scene_good);
    scene_await(scene, none, scene_failed);
    scene_await(scene, scene_at(scene, 3), scene_failed);
    assert_int_equal(scene->findings[0].nspans, 2);
    assert_true(scene->findings[0].spans[0].from < apr_time_now());
    assert_true(scene->findings[0].spans[0].to >
                apr_time_now() + apr_time_from_sec(240));
    assert_int_equal(scene->findings[1].nspans, 0);
    /* An error of one calendar, inside of 200: unknown, never free. */
    assert_int_equal(scene->findings[2].good_at, 0);
    assert_non_null(strstr(scene->findings[2].error, "notFound"));
    assert_non_null(strstr(scene->findings[3].error, "internalError"));
    assert_int_equal(outside_count(scene->outside, TOKEN, p), 1);
}

static void test_refresh_token(void **state)
{
    scene_t *scene = *state;
    qdn_feed_t *feed = calendar(scene, "two@example.com");

    introduce(scene, "\"client\":{\"id\":\"GOOGLE_CLIENT_ID\",\"secret\":"
                     "\"c&=+ %\",\"refresh_token\":\"GOOGLE_REFRESH_TOKEN\"},"
                     "\"calendars\":{\"two@example.com\":[]}");
    scene->key = NULL;
    scene->client_secret = "c&=+ %";
    scene_begin(scene);
    scene_await(scene, feed, scene_good);
}

static void test_no_credentials(void **state)
{
    scene_t *scene = *state;
    qdn_feed_t *feed = calendar(scene, "two@example.com");

    introduce(scene, "");
    scene->key = NULL;
    scene_begin(scene);
    scene_await(scene, feed, scene_failed);
    assert_non_null(strstr(scene->findings[0].error, "QDNSecrets has neither"));
    assert_int_equal(outside_count(scene->outside, TOKEN, scene->pool), 0);
}

/* Two hundred calendars are four questions, one token. */
static void test_batches(void **state)
{
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    const char *all = "";
    int i;

    for (i = 0; i < 200; i++) {
        const char *id = apr_psprintf(p, "c%d@example.com", i);

        calendar(scene, id)->refresh = apr_time_from_sec(600);
        all = apr_psprintf(p, "%s%s\"%s\":[]", all, i ? "," : "", id);
    }
    introduce(scene, apr_pstrcat(p, "\"calendars\":{", all, "}", NULL));
    scene_begin(scene);
    for (i = 0; i < 200; i++) {
        scene_await(scene, scene_at(scene, i), scene_good);
    }
    assert_int_equal(outside_count(scene->outside, TOKEN, p), 1);
    /* Fifty at most; those that are due in the first instant go together. */
    assert_in_range(outside_count(scene->outside, BUSY, p), 4, 6);
}

/* One address that is none spoils the question: then each is asked alone. */
static void test_bad_address(void **state)
{
    scene_t *scene = *state;
    qdn_feed_t *good = calendar(scene, "two@example.com");
    qdn_feed_t *bad = calendar(scene, "no address");

    introduce(scene, "\"calendars\":{\"two@example.com\":[]}");
    scene_begin(scene);
    scene_await(scene, good, scene_good);
    scene_await(scene, bad, scene_failed);
    assert_string_equal(scene->findings[1].error, "Google answers 400 invalid");
}

/* Who knows which of a question's calendars it was: each is asked alone. */
static void test_quarantine(void **state)
{
    scene_t *scene = *state;
    int i;

    for (i = 0; i < 3; i++) {
        const char *id = apr_psprintf(scene->pool, "c%d@example.com", i);

        calendar(scene, id)->refresh = apr_time_from_sec(600);
    }
    introduce(scene, "\"calendars\":{\"c0@example.com\":[],"
                     "\"c1@example.com\":[],\"c2@example.com\":[]}");
    scene->asking.reading = 1;
    scene_begin(scene);
    scene_await(scene, scene_at(scene, 0), scene_failed);
    scene_await(scene, scene_at(scene, 1), scene_good);
    scene_await(scene, scene_at(scene, 2), scene_good);
    assert_int_equal(outside_count(scene->outside, BUSY, scene->pool), 2);
}

/* Tokens are renewed before they end, and at once when Google forgets one. */
static void test_token_life(void **state)
{
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    qdn_feed_t *feed = calendar(scene, "two@example.com");
    int asked;

    introduce(scene, "\"life\":2,\"calendars\":{\"two@example.com\":[]}");
    scene_begin(scene);
    scene_await(scene, feed, scene_good);
    scene_sleep_until_asked(scene, BUSY, 10);
    assert_in_range(outside_count(scene->outside, TOKEN, p), 1, 3);
    scene_sleep_until_asked(scene, TOKEN, 3);
    assert_int_equal(scene_logged(scene, "QDN0901"), 0);
    outside_tell(scene->outside, "google", "{\"life\":3599,\"revoke\":true}",
                 p);
    asked = outside_count(scene->outside, BUSY, p);
    scene_sleep_until_asked(scene, BUSY, asked + 10);
    outside_tell(scene->outside, "google", "{\"revoke\":true}", p);
    asked = outside_count(scene->outside, BUSY, p);
    scene_sleep_until_asked(scene, BUSY, asked + 10);
    assert_int_equal(scene_logged(scene, "QDN0901"), 0);
}

static void test_faults(void **state)
{
    static const struct {
        const char *path, *rule, *error;
    } table[] = {
        { BUSY,
          "\"status\":403,\"body\":\"{\\\"error\\\":{\\\"errors\\\":"
          "[{\\\"reason\\\":\\\"insufficientPermissions\\\"}]}}\"",
          "Google answers 403 insufficientPermissions" },
        { BUSY, "\"status\":401", "Google answers 401" },
        { BUSY, "\"body\":\"{\\\"calendars\\\":\"", "its JSON is cut off" },
        { BUSY, "\"body\":\"{\\\"kind\\\":1}\"",
          "Google's answer names no calendars" },
        { BUSY, "\"body\":\"{\\\"calendars\\\":{}}\"",
          "Google's answer lacks this calendar" },
        { BUSY, "\"body\":\"{\\\"calendars\\\":{\\\"two@example.com\\\":{}}}\"",
          "Google's answer does not say when this calendar is busy" },
        { BUSY,
          "\"body\":\"{\\\"calendars\\\":{\\\"two@example.com\\\":{"
          "\\\"busy\\\":[{\\\"start\\\":\\\"x\\\",\\\"end\\\":\\\"y\\\"}]"
          "}}}\"",
          "Google's answer holds a time that is none" },
        { BUSY, "\"close\":1", "it closed the connection without an answer" },
    };
    scene_t *scene = *state;
    apr_pool_t *p = scene->pool;
    qdn_feed_t *feed = calendar(scene, "two@example.com");
    apr_size_t i;

    introduce(scene, "\"calendars\":{\"two@example.com\":[]}");
    scene_begin(scene);
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        scene_await(scene, feed, scene_good);
        outside_set(scene->outside, table[i].path, table[i].rule, p);
        scene_await(scene, feed, scene_failed);
        assert_string_equal(scene->findings[0].error, table[i].error);
        assert_true(scene->findings[0].good_at > 0);
        outside_tell(scene->outside, "unset",
                     apr_psprintf(p, "{\"path\":\"%s\"}", table[i].path), p);
    }
    scene_await(scene, feed, scene_good);
}

/* Asked too much: we wait, as long as Google says. */
static void test_slower(void **state)
{
    static const struct {
        const char *rule, *error;
    } table[] = {
        { "\"status\":429,\"headers\":{\"Retry-After\":\"3\"}",
          "Google answers 429" },
        { "\"status\":503,\"headers\":{\"Retry-After\":\"3\"}",
          "Google answers 503" },
        { "\"status\":403,\"headers\":{\"Retry-After\":\"3\"},"
          "\"body\":\"{\\\"error\\\":{\\\"errors\\\":"
          "[{\\\"reason\\\":\\\"rateLimitExceeded\\\"}]}}\"",
          "Google answers 403 rateLimitExceeded" },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        void *again;
        scene_t *scene;

        assert_int_equal(open_google(&again), 0);
        scene = again;
        calendar(scene, "two@example.com");
        introduce(scene, "");
        outside_set(scene->outside, BUSY, table[i].rule, scene->pool);
        scene_begin(scene);
        scene_await(scene, scene_at(scene, 0), scene_failed);
        assert_string_equal(scene->findings[0].error, table[i].error);
        apr_sleep(apr_time_from_msec(1500));
        assert_int_equal(outside_count(scene->outside, BUSY, scene->pool), 1);
        close_google(&again);
    }
    (void)state;
}

/* What Google refuses of an assertion, we are told; nothing is asked then. */
static void test_bad_assertion(void **state)
{
    scene_t *scene = *state;
    qdn_feed_t *feed = calendar(scene, "two@example.com");

    introduce(scene, "\"skew\":7200,\"calendars\":{\"two@example.com\":[]}");
    scene_begin(scene);
    scene_await(scene, feed, scene_failed);
    assert_string_equal(scene->findings[0].error,
                        "Google gives no token: 400 invalid_grant");
    assert_int_equal(outside_count(scene->outside, BUSY, scene->pool), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_google, close_google)
    const struct CMUnitTest tests[] = {
        TEST(test_service_account),    TEST(test_refresh_token),
        TEST(test_no_credentials),     TEST(test_batches),
        TEST(test_bad_address),        TEST(test_quarantine),
        TEST(test_token_life),         TEST(test_faults),
        cmocka_unit_test(test_slower), TEST(test_bad_assertion),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
