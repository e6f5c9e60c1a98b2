/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: an answer's document. It is read as simulate reads it, for a caller
 * and for a callee: what it holds is in the tables, or there is a complaint.
 * Then the input is text that we write ourselves, and libxml2 reads it back.
 */
#include "fuzz.h"
#include "status.h"
#include "twiml.h"
#include "twiml_doc.h"
#include "twiml_rule.h"

#define DEPTH_MAX 2 /* Response holds Gather, Gather holds Say */

static void check_verb(const qdn_verb_t *verb, qdn_leg_side_e side, int depth)
{
    const qdn_verb_rule_t *rule = qdn_twiml_rule_find(verb->name);
    int i;

    FUZZ_CHECK(depth <= DEPTH_MAX && verb->text && verb->attributes);
    if (depth > 0) {
        FUZZ_CHECK(rule);
        FUZZ_CHECK(side == QDN_LEG_CALLER || rule->where & QDN_FOR_CALLEE);
    }
    FUZZ_CHECK(qdn_verb_int(verb, "timeout", 5) >= 0);
    for (i = 0; i < verb->children->nelts; i++) {
        check_verb(APR_ARRAY_IDX(verb->children, i, qdn_verb_t *), side,
                   depth + 1);
    }
}

static void check_document(const char *body, size_t size, qdn_leg_side_e side,
                           apr_pool_t *pool)
{
    qdn_complaints_t *c = qdn_complaints_create(pool);
    qdn_verb_t *root;
    apr_status_t rv =
        qdn_twiml_doc_read(&root, body, size, "text/xml", side, c, pool);
    int i;

    FUZZ_CHECK(rv == APR_SUCCESS || rv == QDN_EMALFORMED);
    FUZZ_CHECK((rv == APR_SUCCESS) == (root != NULL));
    FUZZ_CHECK(root || qdn_complaints_count(c) > 0);
    for (i = 0; i < qdn_complaints_count(c); i++) {
        qdn_complaint_t one = APR_ARRAY_IDX(c->list, i, qdn_complaint_t);

        FUZZ_CHECK(one.code >= 10000 && one.code < 20000 && *one.text);
    }
    if (root) {
        FUZZ_CHECK(strcmp(root->name, "Response") == 0);
        check_verb(root, side, 0);
    }
}

static const char *write_document(const char *text, apr_pool_t *pool)
{
    qdn_twiml_t x;

    qdn_twiml_begin(&x, pool);
    qdn_twiml_open(&x, "Say");
    qdn_twiml_attr(&x, "voice", text);
    qdn_twiml_text(&x, text);
    qdn_twiml_close(&x);
    return qdn_twiml_end(&x);
}

/* Nothing that XML cannot carry? */
static int is_clean(const char *text)
{
    size_t n;

    for (; *text; text += n) {
        n = qdn_text_char(text);
        if (n == 0 || (*text & 0xE0) == 0 ||
            strncmp(text, "\xEF\xBF", 2) == 0) {
            return 0;
        }
    }
    return 1;
}

/* What cannot be carried is replaced once; after that nothing may change. */
static void check_round_trip(const char *text, apr_pool_t *pool)
{
    qdn_complaints_t *c = qdn_complaints_create(pool);
    const char *document = write_document(text, pool);
    const char *voice;
    qdn_verb_t *root, *say;

    if (strlen(document) > QDN_DOCUMENT_MAX) {
        return;
    }
    FUZZ_CHECK(qdn_twiml_doc_read(&root, document, strlen(document), "text/xml",
                                  QDN_LEG_CALLER, c, pool) == APR_SUCCESS);
    FUZZ_CHECK(root->children->nelts == 1);
    say = APR_ARRAY_IDX(root->children, 0, qdn_verb_t *);
    voice = qdn_verb_get(say, "voice", "");
    FUZZ_CHECK(strcmp(write_document(voice, pool), document) == 0);
    FUZZ_CHECK(strstr(voice, say->text));
    FUZZ_CHECK(!is_clean(text) || strcmp(voice, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();

    check_document((const char *)data, size, QDN_LEG_CALLER, pool);
    check_document((const char *)data, size, QDN_LEG_CALLEE, pool);
    check_round_trip(fuzz_text(data, size, pool), pool);
    apr_pool_destroy(pool);
    return 0;
}
