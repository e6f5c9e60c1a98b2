/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <apr_strings.h>

#include "api_form.h"
#include "ask.h"
#include "clock.h"
#include "digest.h"
#include "member.h"
#include "veil.h"

#define ETAG_HEX 32
#define AS_OF    "as_of\":"
#define LATE     apr_time_from_sec(60) /* a second is promised */

static int add_one(void *baton, const char *name, const char *value)
{
    qdn_member_text(baton, name, value);
    return 1;
}

const char *qdn_api_request(const qdn_api_t *api, const char *word,
                            const apr_table_t *more, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 512, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "ask", word);
    apr_table_do(add_one, &t, api->given, NULL);
    if (more) {
        apr_table_do(add_one, &t, more, NULL);
    }
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_api_veil(const qdn_api_t *api, const char *json, apr_pool_t *p)
{
    return api->rights->masked ? qdn_veil_numbers(api->conf->plan, json, p)
                               : json;
}

/*
 * The value of the next member that tells how late it is; NULL: none. Data
 * that are older than `late` are another answer: people are told of that.
 */
static const char *next_clock(const char *json, apr_time_t late)
{
    static const char *const clocks[] = { AS_OF, "now\":", "age\":" };
    size_t i;

    while ((json = strchr(json, '"')) != NULL) {
        json++;
        for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
            size_t n = strlen(clocks[i]);

            if (!strncmp(json, clocks[i], n) &&
                (i || apr_atoi64(json + n) >= late)) {
                return json + n;
            }
        }
    }
    return NULL;
}

const char *qdn_api_etag(const char *json, apr_pool_t *p)
{
    char hex[QDN_SHA256_HEX + 1];
    apr_time_t late = qdn_clock_now() - LATE;
    const char *clock;
    qdn_text_t t;

    qdn_text_init(&t, strlen(json) + 1, p);
    while ((clock = next_clock(json, late)) != NULL) {
        qdn_text_addn(&t, json, (apr_size_t)(clock - json));
        json = clock + strspn(clock, "-0123456789");
    }
    qdn_text_add(&t, json);
    qdn_digest_sha256(t.buf, t.len, hex);
    return apr_psprintf(p, "\"%.*s\"", ETAG_HEX, hex);
}

int qdn_api_refuse(const qdn_api_t *api, const qdn_refusal_t *refusal)
{
    if (refusal->status == HTTP_SERVICE_UNAVAILABLE) {
        apr_table_setn(api->r->headers_out, "Retry-After", QDN_ASK_AGAIN);
    }
    return qdn_page_refuse(api->r, refusal);
}

int qdn_api_send(const qdn_api_t *api, const char *json)
{
    const char *seen = qdn_api_veil(api, json, api->r->pool);
    qdn_page_t page = { .type = "application/json",
                        .etag = api->r->method_number == M_GET
                                    ? qdn_api_etag(seen, api->r->pool)
                                    : NULL,
                        .cache = "no-store",
                        .bytes = seen,
                        .len = strlen(seen) };

    return qdn_page_send(api->r, &page);
}

int qdn_api_relay(const qdn_api_t *api)
{
    apr_pool_t *p = api->r->pool;
    const char *answer;
    qdn_refusal_t refusal;

    if (!qdn_ask(api->r, qdn_api_request(api, api->route->word, NULL, p),
                 &answer, &refusal, p)) {
        return qdn_api_refuse(api, &refusal);
    }
    return qdn_api_send(api, answer);
}
