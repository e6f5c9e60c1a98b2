/* SPDX-License-Identifier: Apache-2.0 */
#include "supersede.h"

#include <string.h>
#include <apr_strings.h>
#include "detail.h"

typedef struct decision_t {
    const char *id;
    const char *after; /* id; NULL: it was the first of the call */
    const qdn_event_t *event;
    const qdn_event_t *named; /* the first event that names it; NULL: none */
} decision_t;

static int same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* A fallback follows an error of Twilio's, so it rivals nobody. */
static int decides(const qdn_event_t *e)
{
    switch (e->kind) {
    case QDN_KIND_HOP_SKIPPED:
    case QDN_KIND_HOP_DIALLED:
    case QDN_KIND_CALL_CHALLENGED:
    case QDN_KIND_VOICEMAIL_OFFERED:
    case QDN_KIND_CALL_GOODBYE:
    case QDN_KIND_CALL_REJECTED:
        return e->reason != QDN_REASON_FAILED;
    default:
        return 0;
    }
}

/* Nearly all calls: their events need no second look. */
static int is_of_one_host(const qdn_event_t *events, int n)
{
    for (int i = 1; i < n; i++) {
        if (!same(events[i].host, events[0].host)) {
            return 0;
        }
    }
    return 1;
}

static decision_t *find(const apr_array_header_t *decisions, const char *id)
{
    for (int i = 0; id && i < decisions->nelts; i++) {
        decision_t *d = &APR_ARRAY_IDX(decisions, i, decision_t);

        if (!strcmp(d->id, id)) {
            return d;
        }
    }
    return NULL;
}

static apr_array_header_t *collect(const qdn_event_t *events, int n,
                                   apr_pool_t *p)
{
    apr_array_header_t *decisions = apr_array_make(p, 8, sizeof(decision_t));

    for (int i = 0; i < n; i++) {
        const qdn_event_t *e = &events[i];
        const char *id =
            decides(e) ? qdn_detail_text(e->detail, "decision", p) : NULL;

        if (id && !find(decisions, id)) {
            APR_ARRAY_PUSH(decisions, decision_t) = (decision_t){
                .id = id,
                .after = qdn_detail_text(e->detail, "after", p),
                .event = e,
            };
        }
    }
    return decisions;
}

/* A decision's event names the one before, any other its own. */
static void find_names(apr_array_header_t *decisions, const qdn_event_t *events,
                       int n, apr_pool_t *p)
{
    for (int i = 0; i < n; i++) {
        const qdn_event_t *e = &events[i];
        decision_t *d;

        if (e->kind == QDN_KIND_DECISION_SUPERSEDED) {
            continue;
        }
        d = find(
            decisions,
            qdn_detail_text(e->detail, decides(e) ? "after" : "decision", p));
        if (d && !d->named) {
            d->named = e;
        }
    }
}

/* All decisions of the call, NULL if one host alone made them. */
static apr_array_header_t *decisions_of(const qdn_event_t *events, int n,
                                        apr_pool_t *p)
{
    apr_array_header_t *decisions;

    if (is_of_one_host(events, n)) {
        return NULL;
    }
    decisions = collect(events, n, p);
    find_names(decisions, events, n, p);
    return decisions;
}

static const decision_t *in_force(const apr_array_header_t *decisions,
                                  const char *after)
{
    for (int i = 0; i < decisions->nelts; i++) {
        const decision_t *d = &APR_ARRAY_IDX(decisions, i, decision_t);

        if (d->named && same(d->after, after)) {
            return d;
        }
    }
    return NULL;
}

/* The one that is in force instead of this one; NULL: it may be itself. */
static const decision_t *superior(const apr_array_header_t *decisions,
                                  const decision_t *d)
{
    return d->named ? NULL : in_force(decisions, d->after);
}

apr_array_header_t *qdn_supersede_find(const qdn_event_t *events, int n,
                                       apr_pool_t *p)
{
    apr_array_header_t *decisions = decisions_of(events, n, p), *list = NULL;

    for (int i = 0; decisions && i < decisions->nelts; i++) {
        const decision_t *d = &APR_ARRAY_IDX(decisions, i, decision_t);
        const decision_t *by = superior(decisions, d);

        if (by) {
            list = list ? list : apr_array_make(p, 2, sizeof(qdn_superseded_t));
            APR_ARRAY_PUSH(list, qdn_superseded_t) = (qdn_superseded_t){
                .decision = d->id,
                .by = by->id,
                .event = d->event,
                .at =
                    by->named->at > d->event->at ? by->named->at : d->event->at,
            };
        }
    }
    return list;
}

void qdn_supersede_event(qdn_event_t *pe, const qdn_superseded_t *s,
                         apr_pool_t *p)
{
    *pe = (qdn_event_t){
        .at = s->at,
        .host = s->event->host,
        .kind = QDN_KIND_DECISION_SUPERSEDED,
        .line = s->event->line,
        .call_sid = s->event->call_sid,
        .detail = apr_psprintf(p, "{\"decision\":\"%s\",\"by\":\"%s\"}",
                               s->decision, s->by),
        .config = s->event->config,
    };
    qdn_event_identify(pe, s->decision);
}

/* Did the host of the decision in force judge this hop's end as well? */
static int is_judged_better(const apr_array_header_t *decisions,
                            const qdn_event_t *e, const qdn_event_t *events,
                            int n, apr_pool_t *p)
{
    const char *id = qdn_detail_text(e->detail, "decision", p);
    const decision_t *next = id ? in_force(decisions, id) : NULL;

    if (!next || same(next->event->host, e->host)) {
        return 0;
    }
    for (int i = 0; i < n; i++) {
        if (events[i].kind == QDN_KIND_HOP_ENDED &&
            same(events[i].host, next->event->host) &&
            same(qdn_detail_text(events[i].detail, "decision", p), id)) {
            return 1;
        }
    }
    return 0;
}

const qdn_event_t *qdn_supersede_filter(const qdn_event_t *events, int *pn,
                                        apr_pool_t *p)
{
    apr_array_header_t *decisions = decisions_of(events, *pn, p);
    qdn_event_t *kept;
    int n = 0;

    if (!decisions) {
        return events;
    }
    kept = apr_palloc(p, (apr_size_t)*pn * sizeof(*kept));
    for (int i = 0; i < *pn; i++) {
        const qdn_event_t *e = &events[i];
        const decision_t *d =
            decides(e)
                ? find(decisions, qdn_detail_text(e->detail, "decision", p))
                : NULL;

        if (e->kind == QDN_KIND_DECISION_SUPERSEDED ||
            (d && superior(decisions, d)) ||
            (e->kind == QDN_KIND_HOP_ENDED &&
             is_judged_better(decisions, e, events, *pn, p))) {
            continue;
        }
        kept[n++] = *e;
    }
    *pn = n;
    return kept;
}
