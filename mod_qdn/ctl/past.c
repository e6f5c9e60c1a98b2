/* SPDX-License-Identifier: Apache-2.0 */
#include "past.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include "calls.h"
#include "control.h"
#include "detail.h"
#include "judge.h"
#include "member.h"
#include "sentence.h"
#include "story.h"

typedef struct reader_t {
    const apr_array_header_t *events; /* of qdn_calls_event_t */
    apr_hash_t *superseded;           /* ids of decisions */
    apr_hash_t *ended;                /* likewise, of hops whose end is told */
    apr_pool_t *pool;
} reader_t;

static int is_kind(const qdn_calls_event_t *e, const char *kind)
{
    return !strcmp(e->kind, kind);
}

static const char *decision_of(const reader_t *r, const qdn_calls_event_t *e)
{
    const char *id = qdn_detail_text(e->detail, "decision", r->pool);

    return id ? id : "";
}

/* Two hosts decided the same step: what was not in force does not count. */
static void find_superseded(reader_t *r)
{
    for (int i = 0; i < r->events->nelts; i++) {
        const qdn_calls_event_t *e =
            &APR_ARRAY_IDX(r->events, i, qdn_calls_event_t);

        if (is_kind(e, "decision.superseded")) {
            apr_hash_set(r->superseded, decision_of(r, e), APR_HASH_KEY_STRING,
                         "");
        }
    }
}

static const char *name_of(const reader_t *r, const qdn_calls_event_t *e)
{
    return e->operator&& e->phone
               ? apr_pstrcat(r->pool, e->operator, "/", e->phone, NULL)
               : NULL;
}

/* Does the event say who was rung or not, or how the call went on? */
static int tells(const qdn_calls_event_t *e)
{
    static const char *const kinds[] = {
        "hop.skipped",  "hop.dialled",   "voicemail.offered",
        "call.goodbye", "call.rejected", "call.challenged"
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (is_kind(e, kinds[i])) {
            return 1;
        }
    }
    return is_kind(e, "hop.ended") && (!strcmp(e->reason, "connected") ||
                                       !strcmp(e->reason, "caller-gone"));
}

/* Asked for another key: the decision was to ask, and it stands. */
static int asks_again(const reader_t *r, const qdn_calls_event_t *e)
{
    return is_kind(e, "call.challenged") &&
           qdn_detail_number(e->detail, "try", 1, r->pool) > 1;
}

static void add_line(const reader_t *r, apr_array_header_t *lines,
                     const qdn_calls_event_t *e, apr_time_t began)
{
    int phone = is_kind(e, "hop.skipped") || is_kind(e, "hop.dialled");
    const qdn_calls_event_t bare = { .kind = e->kind,
                                     .operator= phone
                                     ? e->operator: NULL,
                                     .reason = e->reason };

    APR_ARRAY_PUSH(lines, qdn_story_line_t) = (qdn_story_line_t){
        .after = (int)apr_time_sec(e->at - began),
        .hop = e->hop,
        .who = phone ? name_of(r, e) : NULL,
        .kind = e->kind,
        .reason = e->reason ? e->reason : "",
        .what = qdn_sentence_event(&bare, NULL, r->pool),
    };
}

/* What the event says was known of its operator; NULL: nothing. */
static const char *verdict_of(const reader_t *r, const qdn_calls_event_t *e)
{
    const char *word;

    if ((!is_kind(e, "hop.skipped") && !is_kind(e, "hop.dialled")) ||
        !e->operator) {
        return NULL;
    }
    word = qdn_detail_text(e->detail, "verdict", r->pool);
    word = word ? word : e->reason;
    return word && qdn_judge_gives(qdn_reason_find(word)) ? word : NULL;
}

/* The first word on each operator: "sergio=calendar-busy ana=available" */
static const char *verdicts_of(const reader_t *r)
{
    apr_hash_t *seen = apr_hash_make(r->pool);
    qdn_text_t t;

    qdn_text_init(&t, 128, r->pool);
    for (int i = 0; i < r->events->nelts; i++) {
        const qdn_calls_event_t *e =
            &APR_ARRAY_IDX(r->events, i, qdn_calls_event_t);
        const char *verdict = verdict_of(r, e);

        if (!verdict || apr_hash_get(seen, e->operator, APR_HASH_KEY_STRING)) {
            continue;
        }
        apr_hash_set(seen, e->operator, APR_HASH_KEY_STRING, "");
        qdn_text_addf(&t, "%s%s=%s", t.len ? " " : "", e->operator, verdict);
    }
    return t.buf;
}

/* How the phones of the decision that has ended here fared. */
static void add_fates(const reader_t *r, apr_hash_t *fates,
                      const qdn_calls_event_t *ended)
{
    const char *decision = decision_of(r, ended);
    const char *one = name_of(r, ended);

    for (int i = 0; i < r->events->nelts; i++) {
        const qdn_calls_event_t *e =
            &APR_ARRAY_IDX(r->events, i, qdn_calls_event_t);
        const char *name = name_of(r, e);

        if (is_kind(e, "hop.dialled") && name &&
            !strcmp(decision_of(r, e), decision) &&
            (!one || !strcmp(name, one))) {
            apr_hash_set(fates, name, APR_HASH_KEY_STRING,
                         apr_psprintf(r->pool, "%s:%" APR_INT64_T_FMT,
                                      ended->reason,
                                      apr_time_sec(ended->at - e->at)));
        }
    }
}

/* 1: somebody was rung of whom no end is told. */
static int leave_open(const reader_t *r, apr_hash_t *fates)
{
    int open = 0;

    for (int i = 0; i < r->events->nelts; i++) {
        const qdn_calls_event_t *e =
            &APR_ARRAY_IDX(r->events, i, qdn_calls_event_t);

        if (is_kind(e, "hop.dialled") && name_of(r, e) &&
            !apr_hash_get(r->superseded, decision_of(r, e),
                          APR_HASH_KEY_STRING) &&
            !apr_hash_get(r->ended, decision_of(r, e), APR_HASH_KEY_STRING)) {
            apr_hash_set(fates, name_of(r, e), APR_HASH_KEY_STRING,
                         "caller-gone");
            open = 1;
        }
    }
    return open;
}

static const char *fates_of(const reader_t *r, int *popen)
{
    apr_hash_t *fates = apr_hash_make(r->pool);
    apr_hash_index_t *hi;
    qdn_text_t t;

    for (int i = 0; i < r->events->nelts; i++) {
        const qdn_calls_event_t *e =
            &APR_ARRAY_IDX(r->events, i, qdn_calls_event_t);

        if (is_kind(e, "hop.ended") &&
            !apr_hash_get(r->superseded, decision_of(r, e),
                          APR_HASH_KEY_STRING)) {
            add_fates(r, fates, e);
            apr_hash_set(r->ended, decision_of(r, e), APR_HASH_KEY_STRING, "");
        }
    }
    *popen = leave_open(r, fates);
    qdn_text_init(&t, 128, r->pool);
    for (hi = apr_hash_first(r->pool, fates); hi; hi = apr_hash_next(hi)) {
        qdn_text_addf(&t, "%s%s=%s", t.len ? " " : "",
                      (const char *)apr_hash_this_key(hi),
                      (const char *)apr_hash_this_val(hi));
    }
    return t.buf;
}

static void add_text(const reader_t *r, qdn_text_t *t, const char *name,
                     const qdn_calls_event_t *received, const char *member)
{
    const char *value = qdn_detail_text(received->detail, member, r->pool);

    if (value) {
        qdn_member_text(t, name, value);
    }
}

/* The first event of a kind, or NULL. */
static const qdn_calls_event_t *first(const reader_t *r, const char *kind)
{
    for (int i = 0; i < r->events->nelts; i++) {
        const qdn_calls_event_t *e =
            &APR_ARRAY_IDX(r->events, i, qdn_calls_event_t);

        if (is_kind(e, kind)) {
            return e;
        }
    }
    return NULL;
}

static const char *request_of(const reader_t *r,
                              const qdn_calls_event_t *received, int *popen)
{
    const char *from = qdn_detail_text(received->detail, "from", r->pool);
    qdn_text_t t;

    qdn_text_init(&t, 512, r->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "ask", "replay");
    qdn_member_text(&t, "line", received->line);
    qdn_member_number(&t, "at", received->at);
    qdn_member_text(&t, "from", from ? from : "anonymous");
    add_text(r, &t, "forwarded_from", received, "forwarded_from");
    add_text(r, &t, "stir", received, "stir_verstat");
    qdn_member_text(&t, "verdicts", verdicts_of(r));
    qdn_member_text(&t, "fates", fates_of(r, popen));
    if (first(r, "call.challenged")) {
        qdn_member_truth(&t, "passed", first(r, "challenge.passed") != NULL);
    }
    qdn_member_close(&t, '{');
    return t.buf;
}

static const char *look(qdn_store_t *store, const char *call_sid,
                        apr_array_header_t **pevents, apr_pool_t *p)
{
    qdn_chain_t chain;
    apr_status_t rv = qdn_calls_get(store, call_sid, &chain, pevents, p);

    if (rv == APR_NOTFOUND) {
        return apr_pstrcat(p, call_sid, " is not in the database", NULL);
    }
    return rv ? qdn_store_error(store) : NULL;
}

const char *qdn_past_read(qdn_past_t *ppast, qdn_store_t *store,
                          const char *call_sid, apr_pool_t *p)
{
    reader_t r = { .superseded = apr_hash_make(p),
                   .ended = apr_hash_make(p),
                   .pool = p };
    const qdn_calls_event_t *received;
    apr_array_header_t *events;
    const char *error = look(store, call_sid, &events, p);

    if (error) {
        return error;
    }
    r.events = events;
    received = first(&r, "call.received");
    if (!received || !received->line) {
        return apr_pstrcat(p, "the database does not say how ", call_sid,
                           " came in", NULL);
    }
    find_superseded(&r);
    ppast->call_sid = call_sid;
    ppast->config = received->config;
    ppast->lines = apr_array_make(p, 8, sizeof(qdn_story_line_t));
    for (int i = 0; i < events->nelts; i++) {
        const qdn_calls_event_t *e =
            &APR_ARRAY_IDX(events, i, qdn_calls_event_t);

        if (tells(e) && !asks_again(&r, e) &&
            !apr_hash_get(r.superseded, decision_of(&r, e),
                          APR_HASH_KEY_STRING)) {
            add_line(&r, ppast->lines, e, received->at);
        }
    }
    ppast->request = request_of(&r, received, &ppast->open);
    return strlen(ppast->request) < QDN_CONTROL_REQUEST
               ? NULL
               : "the call rang more phones than one question can name";
}
