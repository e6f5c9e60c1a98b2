/* SPDX-License-Identifier: Apache-2.0 */
#include "many_calls.h"

#include <string.h>
#include <apr_strings.h>
#include "ledger.h"

#define BATCH  4000 /* calls of a transaction: the disk is waited for once */
#define EVENTS 5    /* of a call, at most */

typedef struct call_t {
    apr_uint64_t dice; /* shaken from its number: different bits, different
                        * things */
    const char *sid;
    const char *line;
    const char *operators[2];
    apr_time_t at;
    qdn_event_t *next; /* where its next event goes */
    apr_pool_t *pool;
} call_t;

/* Each bit of the number changes half of the bits (splitmix64). */
static apr_uint64_t shake(apr_uint64_t n)
{
    n += APR_UINT64_C(0x9E3779B97F4A7C15);
    n = (n ^ (n >> 30)) * APR_UINT64_C(0xBF58476D1CE4E5B9);
    n = (n ^ (n >> 27)) * APR_UINT64_C(0x94D049BB133111EB);
    return n ^ (n >> 31);
}

static int dice(const call_t *c, int shift, int sides)
{
    return (int)((c->dice >> shift) % (apr_uint64_t)sides);
}

static void add(call_t *c, int seconds, qdn_kind_e kind, int hop,
                qdn_reason_e reason, const char *detail)
{
    qdn_event_t *e = c->next++;

    *e = (qdn_event_t){ .at = c->at + apr_time_from_sec(seconds),
                        .host = "house",
                        .kind = kind,
                        .line = c->line,
                        .call_sid = c->sid,
                        .hop = hop,
                        .operator= hop ? c->operators[hop - 1] : NULL,
                        .phone = hop ? "primary" : NULL,
                        .reason = reason,
                        .detail = detail,
                        .config = "0123456789ab" };
    qdn_event_identify(e, NULL);
}

static void ring(call_t *c, int seconds, int hop)
{
    add(c, seconds, QDN_KIND_HOP_DIALLED, hop, QDN_REASON_AVAILABLE,
        "{\"decision\":\"00112233445566778899aabbccddeeff\",\"ring\":20,"
        "\"screen\":12,\"left\":110}");
}

/* In the shares of a house that does its best, in percent. */
static void happen(call_t *c)
{
    int share = dice(c, 8, 100), wait = 3 + dice(c, 16, 40);
    int talk = 20 + dice(c, 24, 400);

    add(c, 0, QDN_KIND_CALL_RECEIVED, 0, QDN_REASON_NONE,
        apr_psprintf(c->pool, "{\"from\":\"+1619555%04d\"}",
                     100 + dice(c, 32, 100)));
    if (share < 4) {
        add(c, 0, QDN_KIND_CALL_REJECTED, 0, QDN_REASON_NONE, NULL);
        return;
    }
    ring(c, 0, 1);
    if (share < 66) {
        add(c, wait + talk, QDN_KIND_HOP_ENDED, 1, QDN_REASON_CONNECTED, NULL);
        c->next[-1].at = c->at + apr_time_from_sec(wait);
    }
    else if (share < 78) {
        ring(c, 20, 2);
        add(c, 20 + wait, QDN_KIND_SCREEN_ACCEPTED, 2, QDN_REASON_NONE, NULL);
        add(c, 20 + wait + talk, QDN_KIND_HOP_ENDED, 2, QDN_REASON_CONNECTED,
            NULL);
    }
    else if (share < 90) {
        add(c, wait, QDN_KIND_VOICEMAIL_RECORDED, 0, QDN_REASON_NONE,
            "{\"seconds\":12}");
    }
    else if (share < 94) {
        add(c, wait, QDN_KIND_CALL_GOODBYE, 0, QDN_REASON_NONE, NULL);
    }
    else {
        add(c, wait, QDN_KIND_CALL_ENDED, 0, QDN_REASON_CALLER_GONE, NULL);
    }
}

/* Of six calls one comes at any hour, the others from 8 to 18. */
static apr_time_t moment(const call_t *c, int n, int calls, int days)
{
    apr_int64_t day = (apr_int64_t)n * days / calls;
    int second =
        dice(c, 40, 6) ? 8 * 3600 + dice(c, 43, 36000) : dice(c, 43, 86400);

    return apr_time_from_sec(QDN_MANY_CALLS_END - (days - day) * 86400 +
                             second);
}

static int make_call(qdn_event_t *events, int n, int calls, int days,
                     apr_pool_t *p)
{
    static const char *const lines[] = { "+16195550100", "+16195550101",
                                         "+16195550102" };
    static const char *const operators[] = { "sergio", "ana", "bo",
                                             "carla",  "dan", "eva" };
    call_t c = { .dice = shake((apr_uint64_t)n), .next = events, .pool = p };

    c.sid = apr_psprintf(
        p, "CA%016" APR_UINT64_T_HEX_FMT "%016" APR_UINT64_T_HEX_FMT, c.dice,
        shake(c.dice));
    c.line = lines[dice(&c, 0, 10) < 6 ? 0 : 1 + dice(&c, 4, 2)];
    c.operators[0] = operators[dice(&c, 12, 5)];
    c.operators[1] = operators[1 + dice(&c, 20, 5)];
    c.at = moment(&c, n, calls, days);
    happen(&c);
    return (int)(c.next - events);
}

/* Nothing is lost if the machine fails: then the test does, too. */
static void hurry(qdn_store_t *store)
{
    static const char *const words[][2] = {
        { "sqlite3", "PRAGMA synchronous = OFF" },
        { "sqlite3", "PRAGMA journal_mode = OFF" },
        { "sqlite3", "PRAGMA cache_size = -200000" },
        { "pgsql", "SET synchronous_commit TO off" },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!strcmp(qdn_store_dialect(store)->driver, words[i][0])) {
            (void)qdn_store_run(store, words[i][1]);
        }
    }
}

apr_status_t qdn_many_calls_write(qdn_store_t *store, int calls, int days,
                                  apr_pool_t *p)
{
    qdn_event_t *events = apr_palloc(p, BATCH * EVENTS * sizeof(*events));
    apr_status_t rv = APR_SUCCESS;
    apr_pool_t *ptemp;

    apr_pool_create(&ptemp, p);
    hurry(store);
    for (int first = 0; rv == APR_SUCCESS && first < calls; first += BATCH) {
        qdn_ledger_batch_t batch = { .events = events,
                                     .host = "house",
                                     .now = 1 };

        apr_pool_clear(ptemp);
        for (int n = first; n < calls && n < first + BATCH; n++) {
            batch.nevents +=
                make_call(events + batch.nevents, n, calls, days, ptemp);
        }
        rv = qdn_ledger_write(store, &batch, ptemp);
    }
    apr_pool_destroy(ptemp);
    return rv;
}
