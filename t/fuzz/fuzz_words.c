/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: arguments of a directive, as written. They are words or a complaint;
 * words in quotes are read as the same words. Each word is then read as every
 * kind of value there is, and what was accepted keeps its promise.
 */
#include "fuzz.h"
#include "e164.h"
#include "parse.h"
#include "text.h"

static const char *in_quotes(const apr_array_header_t *words, apr_pool_t *pool)
{
    qdn_text_t text;
    int i;

    qdn_text_init(&text, 0, pool);
    for (i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);

        qdn_text_addc(&text, '"');
        for (; *word; word++) {
            if (*word == '"' || *word == '\\') {
                qdn_text_addc(&text, '\\');
            }
            qdn_text_addc(&text, *word);
        }
        qdn_text_add(&text, "\" ");
    }
    return text.buf;
}

static void check_round_trip(const apr_array_header_t *words, apr_pool_t *pool)
{
    apr_array_header_t *again;
    int i;

    FUZZ_CHECK(!qdn_parse_words(in_quotes(words, pool), &again, pool));
    FUZZ_CHECK(again->nelts == words->nelts);
    for (i = 0; i < words->nelts; i++) {
        FUZZ_CHECK(strcmp(APR_ARRAY_IDX(words, i, const char *),
                          APR_ARRAY_IDX(again, i, const char *)) == 0);
    }
}

static void check_numbers(const char *word, apr_pool_t *pool)
{
    const apr_int64_t far = APR_INT64_C(1) << 60;
    apr_int64_t n, same;
    int flag;

    if (!qdn_parse_int(word, -5, 5, &n, pool)) {
        FUZZ_CHECK(n >= -5 && n <= 5);
    }
    if (!qdn_parse_int(word, -far, far, &n, pool)) {
        FUZZ_CHECK(!qdn_parse_int(apr_ltoa(pool, (long)n), n, n, &same, pool));
    }
    if (!qdn_parse_duration(word, "s", 1000, far, &n, pool)) {
        FUZZ_CHECK(n >= 1000 && n <= far && n % 1000 == 0);
    }
    if (!qdn_parse_bytes(word, 0, far, &n, pool)) {
        FUZZ_CHECK(
            !qdn_parse_bytes(apr_ltoa(pool, (long)n), n, n, &same, pool));
    }
    if (!qdn_parse_flag(word, &flag, pool)) {
        FUZZ_CHECK(flag == 0 || flag == 1);
    }
}

static void check_phone(const char *word, apr_pool_t *pool)
{
    size_t len = strlen(word);

    if (!qdn_e164_refuse(word, pool)) {
        FUZZ_CHECK(qdn_e164_valid(word) && len <= QDN_E164_MAX);
        FUZZ_CHECK(strlen(qdn_e164_spoken(word, pool)) >= 2 * (len - 1) - 1);
    }
    FUZZ_CHECK(strlen(qdn_e164_mask(word, pool)) <= 12);
    FUZZ_CHECK(strspn(qdn_e164_spoken(word, pool), "0123456789, ") ==
               strlen(qdn_e164_spoken(word, pool)));
    FUZZ_CHECK(strlen(qdn_e164_ringtone(word)) >= 2);
}

static void check_word(const char *word, apr_pool_t *pool)
{
    const char *url, *same;

    check_numbers(word, pool);
    check_phone(word, pool);
    if (!qdn_parse_public_url(word, &url, pool)) {
        FUZZ_CHECK(strncmp(url, "http", 4) == 0 && !strpbrk(url, "?#@ \"<&"));
        /* What is returned is the begin of URLs: "/" may go behind it. */
        FUZZ_CHECK(!qdn_parse_public_url(apr_pstrcat(pool, url, "/", NULL),
                                         &same, pool));
        FUZZ_CHECK(strcmp(url, same) == 0);
    }
    if (!qdn_parse_id(word, pool)) {
        FUZZ_CHECK(*word && strlen(word) <= 64 && !strpbrk(word, ".&= %\"'"));
    }
    FUZZ_CHECK(!qdn_parse_option(word, "ring") || strchr(word, '='));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    const char *text = fuzz_text(data, size, pool);
    apr_array_header_t *words = NULL;
    const char *complaint = qdn_parse_words(text, &words, pool);
    int i;

    FUZZ_CHECK(!complaint == (words != NULL));
    if (words) {
        check_round_trip(words, pool);
        for (i = 0; i < words->nelts; i++) {
            check_word(APR_ARRAY_IDX(words, i, const char *), pool);
        }
    }
    apr_pool_destroy(pool);
    return 0;
}
