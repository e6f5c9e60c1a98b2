/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a URL, a signature, then a body, a line each (the body to the end).
 * Our own signature of the same request always fits, that of another token
 * never does, and the given one fits under the token of the seeds only. It
 * does not depend on the order of the fields, nor on saying them twice.
 */
#include "fuzz.h"
#include "signature.h"
#include "status.h"

#define TOKEN "12345" /* of the published example, which is a seed */

static void check_verify(const qdn_signed_t *what, const char *given,
                         apr_pool_t *pool)
{
    static const char *const right[] = { "other", TOKEN, NULL };
    static const char *const wrong[] = { "", "other", NULL };
    const char *made = qdn_signature_make(what, TOKEN, pool);

    FUZZ_CHECK(strlen(made) == 28);
    FUZZ_CHECK(qdn_signature_verify(what, right, made, pool) == 1);
    FUZZ_CHECK(qdn_signature_verify(what, wrong, made, pool) == 0);
    FUZZ_CHECK(qdn_signature_verify(what, wrong, given, pool) == 0);
    (void)qdn_signature_verify(what, right, given, pool);
}

static void check_order(const qdn_signed_t *what, apr_pool_t *pool)
{
    qdn_signed_t turned = *what;
    apr_array_header_t *form =
        apr_array_make(pool, 2 * what->form->nelts, sizeof(qdn_field_t));
    int i;

    for (i = 2 * what->form->nelts; i-- > 0;) {
        APR_ARRAY_PUSH(form, qdn_field_t) =
            APR_ARRAY_IDX(what->form, i / 2, qdn_field_t);
    }
    turned.form = form;
    FUZZ_CHECK(strcmp(qdn_signature_make(what, TOKEN, pool),
                      qdn_signature_make(&turned, TOKEN, pool)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_pool();
    const char *rest = fuzz_text(data, size, pool);
    qdn_signed_t what = { .url = fuzz_line(&rest, pool) };
    const char *given = fuzz_line(&rest, pool);
    apr_array_header_t *form;
    apr_status_t rv;

    check_verify(&what, given, pool);
    if (qdn_form_parse(&form, rest, strlen(rest), pool) == APR_SUCCESS) {
        what.form = form;
        check_verify(&what, given, pool);
        check_order(&what, pool);
    }
    rv = qdn_signature_body(what.url, rest, strlen(rest), pool);
    FUZZ_CHECK(rv == APR_SUCCESS || rv == APR_NOTFOUND || rv == QDN_EFORBIDDEN);
    apr_pool_destroy(pool);
    return 0;
}
