/* SPDX-License-Identifier: Apache-2.0 */
#include "archive_form.h"
#include "audit.h"
#include "calls.h"
#include "detail.h"
#include "sentence.h"

#define LIMIT_DEFAULT 50

/************** who changed what **************/

static const char *sentence_of(const qdn_audit_entry_t *e,
                               const qdn_plan_t *plan, apr_pool_t *p)
{
    const qdn_calls_event_t event = qdn_audit_event(e);

    return qdn_sentence_event(&event, plan, p);
}

static void add_entry(qdn_text_t *t, const qdn_plan_t *plan,
                      const qdn_audit_entry_t *e)
{
    apr_pool_t *p = t->pool;

    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "host", e->host);
    qdn_member_number(t, "seq", e->seq);
    qdn_member_text(t, "hash", e->hash);
    qdn_member_text(t, "id", e->id);
    qdn_member_time(t, "at", e->at);
    qdn_member_text(t, "kind", e->kind);
    qdn_archive_add_line(t, plan, e->line);
    qdn_archive_add_person(t, plan, "operator", e->operator);
    qdn_member_text(t, "reason", e->reason);
    qdn_member_text(t, "config", e->config);
    qdn_member_text(t, "who", qdn_detail_text(e->detail, "who", p));
    qdn_member_text(t, "why", qdn_detail_text(e->detail, "why", p));
    qdn_member_text(t, "sentence", sentence_of(e, plan, p));
    qdn_archive_add_detail(t, e->detail, p);
    qdn_member_number(t, "erased", e->erased);
    qdn_member_close(t, '{');
}

static const char *tell_entries(const qdn_question_t *q,
                                const apr_array_header_t *entries,
                                const apr_array_header_t *heads, int limit)
{
    const qdn_audit_entry_t *e = NULL;
    qdn_text_t t;

    qdn_text_init(&t, 16384, q->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_open(&t, "entries", '[');
    for (int i = 0; i < entries->nelts; i++) {
        e = &APR_ARRAY_IDX(entries, i, qdn_audit_entry_t);
        add_entry(&t, q->plan, e);
    }
    qdn_member_close(&t, '[');
    qdn_member_text(&t, "next", e && entries->nelts == limit ? e->id : NULL);
    qdn_member_open(&t, "heads", '[');
    for (int i = 0; i < heads->nelts; i++) {
        const qdn_audit_head_t *head =
            &APR_ARRAY_IDX(heads, i, qdn_audit_head_t);

        qdn_member_open(&t, NULL, '{');
        qdn_member_text(&t, "host", head->host);
        qdn_member_number(&t, "seq", head->seq);
        qdn_member_text(&t, "hash", head->hash);
        qdn_member_close(&t, '{');
    }
    qdn_member_close(&t, '[');
    qdn_member_time(&t, "as_of", q->as_of);
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_archive_audit(qdn_question_t *q)
{
    qdn_audit_query_t query = { 0 };
    apr_array_header_t *entries, *heads;
    apr_int64_t limit = LIMIT_DEFAULT;
    apr_status_t rv;
    const char *error =
        qdn_archive_read(q, "before", QDN_PARAMETER_HEX, &query.before);

    if (!error) {
        error =
            qdn_archive_read(q, "operator", QDN_PARAMETER_ID, &query.operator);
    }
    if (!error) {
        error = qdn_archive_read_int(q, "limit", 1, QDN_CALLS_LIMIT, &limit);
    }
    if (error) {
        return qdn_archive_fault(q, 400, error);
    }
    query.limit = (int)limit;
    rv = qdn_audit_list(q->store, &query, &entries, q->pool);
    if (rv == APR_NOTFOUND) {
        return qdn_archive_fault(q, 404,
                                 "before should be an entry that is here: "
                                 "there is none with that id");
    }
    if (!rv) {
        rv = qdn_audit_heads(q->store, NULL, &heads, q->pool);
    }
    return rv ? qdn_archive_broken(q)
              : tell_entries(q, entries, heads, query.limit);
}

/************** is it what it was **************/

static const char *const flaws[] = {
    [QDN_AUDIT_OK] = "ok",           [QDN_AUDIT_ERASED] = "erased",
    [QDN_AUDIT_ALTERED] = "altered", [QDN_AUDIT_MISSING] = "missing",
    [QDN_AUDIT_CUT] = "cut",         [QDN_AUDIT_UNCHAINED] = "unchained",
};

const char *qdn_archive_verify(qdn_question_t *q)
{
    qdn_audit_verdict_t verdict;
    qdn_text_t t;

    if (qdn_audit_verify(q->store, NULL, NULL, NULL, &verdict, q->pool)) {
        return qdn_archive_broken(q);
    }
    qdn_text_init(&t, 1024, q->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_number(&t, "entries", verdict.entries);
    qdn_member_number(&t, "erased", verdict.erased);
    qdn_member_truth(&t, "ok", !verdict.flaws->nelts);
    qdn_member_open(&t, "flaws", '[');
    for (int i = 0; i < verdict.flaws->nelts; i++) {
        const qdn_audit_flaw_t *flaw =
            &APR_ARRAY_IDX(verdict.flaws, i, qdn_audit_flaw_t);

        qdn_member_open(&t, NULL, '{');
        qdn_member_text(&t, "flaw", flaws[flaw->flaw]);
        qdn_member_text(&t, "host", flaw->host);
        qdn_member_number(&t, "seq", flaw->seq);
        qdn_member_text(&t, "what", flaw->what);
        qdn_member_close(&t, '{');
    }
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}
