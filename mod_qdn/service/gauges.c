/* SPDX-License-Identifier: Apache-2.0 */
#include "gauges.h"

#include <string.h>

#include "checks.h"
#include "sources.h"

static void set(apr_int64_t *gauge, apr_int64_t value)
{
    __atomic_store_n(gauge, value, __ATOMIC_RELEASE);
}

apr_int64_t qdn_gauges_get(const apr_int64_t *gauge)
{
    return __atomic_load_n(gauge, __ATOMIC_ACQUIRE);
}

static int least(int n, int max)
{
    return n < max ? n : max;
}

void qdn_gauges_begin(qdn_gauges_t *g, const qdn_plan_t *plan)
{
    if (!g) {
        return;
    }
    set(&g->told_at, 0);
    if (strncmp(g->revision, plan->revision, sizeof(g->revision))) {
        memset(g->feeds, 0, sizeof(g->feeds));
        memset(g->ended, 0, sizeof(g->ended));
        memcpy(g->revision, plan->revision, sizeof(g->revision));
    }
    set(&g->nlines, least(plan->lines->nelts, QDN_GAUGES_LINES));
    set(&g->nfeeds,
        plan->feeds ? least(plan->feeds->nelts, QDN_GAUGES_FEEDS) : 0);
}

static void tell_feed(qdn_gauges_feed_t *gauge, const qdn_sources_feed_t *feed)
{
    if (feed->asked_at != gauge->asked_at && feed->error) {
        set(&gauge->errors, gauge->errors + 1);
    }
    set(&gauge->asked_at, feed->asked_at);
    set(&gauge->good_at, feed->good_at);
    set(&gauge->state, feed->state);
}

static void tell_drain(qdn_gauges_t *g, const qdn_drain_report_t *drain)
{
    set(&g->drain_state, drain->state);
    set(&g->pending_bytes, drain->pending_bytes);
    set(&g->pending_segments, drain->pending_segments);
    set(&g->parked_files, drain->parked_files);
    set(&g->oldest, drain->oldest);
    set(&g->last_commit, drain->last_commit);
}

static apr_time_t oldest_of(const apr_array_header_t *ages)
{
    apr_time_t oldest = 0;

    for (int i = 0; ages && i < ages->nelts; i++) {
        apr_time_t made =
            APR_ARRAY_IDX(ages, i, qdn_credential_age_t).created_at;

        oldest = made && (!oldest || made < oldest) ? made : oldest;
    }
    return oldest;
}

void qdn_gauges_tell(qdn_gauges_t *g, const qdn_health_facts_t *facts,
                     const apr_array_header_t *symptoms,
                     const apr_array_header_t *feeds)
{
    qdn_colour_e worst = QDN_GREEN;

    if (!g) {
        return;
    }
    for (int i = 0; i < QDN_CHECK_MAX; i++) {
        qdn_colour_e colour = qdn_checks_colour(symptoms, (qdn_check_e)i);

        set(&g->checks[i], colour);
        worst = colour > worst ? colour : worst;
    }
    set(&g->colour, worst);
    tell_drain(g, facts->drain);
    if (facts->probe) {
        set(&g->disk_free, facts->probe->free);
        set(&g->disk_total, facts->probe->total);
    }
    set(&g->oldest_credential, oldest_of(facts->ages));
    for (int i = 0; i < qdn_gauges_get(&g->nfeeds); i++) {
        tell_feed(&g->feeds[i], &APR_ARRAY_IDX(feeds, i, qdn_sources_feed_t));
    }
    set(&g->told_at, facts->mono);
}

void qdn_gauges_ended(qdn_gauges_t *g, int line, qdn_outcome_e outcome)
{
    if (g && line >= 0 && line < QDN_GAUGES_LINES &&
        outcome < QDN_OUTCOME_MAX) {
        __atomic_fetch_add(&g->ended[line][outcome], 1, __ATOMIC_RELAXED);
    }
}

int qdn_gauges_verdict(const qdn_gauges_t *g, apr_interval_time_t mono,
                       qdn_colour_e *pcolour)
{
    apr_int64_t told_at = g ? qdn_gauges_get(&g->told_at) : 0;

    *pcolour = QDN_RED;
    if (!told_at || mono - told_at > QDN_GAUGES_SILENT) {
        return 0;
    }
    *pcolour = (qdn_colour_e)qdn_gauges_get(&g->colour);
    return 1;
}
