/* SPDX-License-Identifier: Apache-2.0 */
#include "audience.h"

#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#include "clock.h"
#include "foretell.h"
#include "health.h"
#include "text.h"

static void add_counters(qdn_text_t *t, const qdn_counters_t *counters)
{
    int i;

    qdn_text_add(t, "\"counters\":{");
    for (i = 0; i < QDN_COUNTER_MAX; i++) {
        qdn_counter_e which = (qdn_counter_e)i;

        if (i) {
            qdn_text_addc(t, ',');
        }
        qdn_text_add_json(t, qdn_counter_name(which));
        qdn_text_addc(t, ':');
        qdn_text_add_int(t, (apr_int64_t)qdn_counter_get(counters, which));
    }
    qdn_text_addc(t, '}');
}

static void add_drain(qdn_text_t *t, const qdn_drain_report_t *report)
{
    qdn_text_addf(
        t,
        "\"drain\":{\"state\":\"%s\",\"pending_bytes\":%" APR_INT64_T_FMT
        ",\"pending_segments\":%d,\"parked_files\":%" APR_INT64_T_FMT
        ",\"oldest\":%" APR_TIME_T_FMT ",\"last_commit\":%" APR_TIME_T_FMT
        ",\"error_since\":%" APR_TIME_T_FMT ",\"error\":",
        qdn_drain_state_text(report->state), report->pending_bytes,
        report->pending_segments, report->parked_files, report->oldest,
        report->last_commit, report->error_since);
    qdn_text_add_json(t, report->error);
    qdn_text_addc(t, '}');
}

static const char *secrets_state(const qdn_daemon_config_t *config)
{
    if (config->secrets_missing) {
        return "missing";
    }
    return config->secrets_kept ? "kept" : "ok";
}

static const char *feed_trouble(const qdn_sources_feed_t *feed, apr_time_t now,
                                apr_pool_t *p)
{
    const char *what = apr_psprintf(
        p, "the feed %s (%s) cannot be read: %s; ",
        qdn_feed_name(feed->feed, p), qdn_feed_kind_text(feed->feed->kind),
        feed->error ? feed->error : "its last answer is too old");

    return feed->state == QDN_SOURCES_STALE
               ? apr_pstrcat(p, what, "it counts as unknown", NULL)
               : apr_psprintf(
                     p, "%swhat it said %" APR_INT64_T_FMT " s ago counts",
                     what, apr_time_sec(now - feed->good_at));
}

/* What is amber of availability: each feed once. */
static apr_array_header_t *troubles(qdn_audience_t *a, apr_time_t now,
                                    apr_pool_t *p)
{
    const apr_array_header_t *feeds = qdn_sources_report(a->sources, now, p);
    apr_array_header_t *all = apr_array_make(p, 4, sizeof(const char *));
    const char *fault = qdn_refresher_fault(a->refresher);

    if (fault) {
        APR_ARRAY_PUSH(all, const char *) = apr_pstrcat(
            p, "calendars and other feeds are not asked: ", fault, NULL);
    }
    if (qdn_roster_trouble(a->roster)) {
        APR_ARRAY_PUSH(all, const char *) =
            "what is known of availability cannot be written";
    }
    for (int i = 0; i < feeds->nelts; i++) {
        const qdn_sources_feed_t *feed =
            &APR_ARRAY_IDX(feeds, i, qdn_sources_feed_t);

        if (feed->state == QDN_SOURCES_FAILING ||
            feed->state == QDN_SOURCES_STALE) {
            APR_ARRAY_PUSH(all, const char *) = feed_trouble(feed, now, p);
        }
    }
    return all;
}

static void add_reader(qdn_text_t *t, qdn_reader_t *reader)
{
    qdn_reader_report_t report;

    qdn_reader_report(reader, &report);
    qdn_text_addf(t, "\"reader\":{\"read_at\":%" APR_TIME_T_FMT ",\"error\":",
                  report.read_at);
    qdn_text_add_json(t, report.error);
    qdn_text_addc(t, '}');
}

static const char *tell_health(qdn_audience_t *a, const char *request,
                               apr_pool_t *p)
{
    const qdn_daemon_config_t *config = a->config;
    qdn_drain_report_t report;
    qdn_health_facts_t facts = { .drain = &report,
                                 .secrets_kept = config->secrets_kept,
                                 .secrets_missing = config->secrets_missing,
                                 .now = qdn_clock_now(),
                                 .mono = qdn_clock_mono() };
    qdn_text_t reasons, t;
    qdn_colour_e colour;

    (void)request;
    facts.drain_silent = facts.mono - qdn_drainer_beat(a->drainer);
    facts.drain_closed = !qdn_drainer_report(a->drainer, &report);
    facts.troubles = troubles(a, facts.now, p);
    qdn_text_init(&reasons, 512, p);
    colour = qdn_health_judge(config->health, &facts, &reasons);
    qdn_text_init(&t, 4096, p);
    qdn_text_addf(&t, "{\"health\":\"%s\",\"reasons\":[%s],\"revision\":",
                  qdn_health_colour(colour), reasons.buf);
    qdn_text_add_json(&t, config->plan->revision);
    qdn_text_add(&t, ",\"version\":");
    qdn_text_add_json(&t, config->version);
    qdn_text_add(&t, ",\"host\":");
    qdn_text_add_json(&t, config->host);
    qdn_text_addf(&t,
                  ",\"pid\":%ld,\"uptime_seconds\":%" APR_INT64_T_FMT
                  ",\"loaded_at\":%" APR_TIME_T_FMT ",\"secrets\":\"%s\",",
                  (long)getpid(), apr_time_sec(facts.mono - a->started),
                  config->loaded_at, secrets_state(config));
    add_drain(&t, &report);
    qdn_text_addc(&t, ',');
    add_reader(&t, a->reader);
    qdn_text_addc(&t, ',');
    qdn_audience_add_feeds(a, &t, facts.now, p);
    qdn_text_addc(&t, ',');
    add_counters(&t, config->counters);
    qdn_text_addc(&t, '}');
    return t.buf;
}

static const char *tell_plan(qdn_audience_t *a, const char *request,
                             apr_pool_t *p)
{
    (void)request;
    return qdn_plan_json(a->config->plan, p);
}

static const char *tell_ping(qdn_audience_t *a, const char *request,
                             apr_pool_t *p)
{
    (void)request;
    return apr_psprintf(p, "{\"pong\":%ld,\"revision\":\"%s\"}", (long)getpid(),
                        a->config->plan->revision);
}

/*
 * What is known now, for calls that nobody has made. Without a snapshot
 * nothing is known yet, as in a call.
 */
static const char *foretell(qdn_audience_t *a, const char *request,
                            qdn_foretell_fn *tell, apr_pool_t *p)
{
    qdn_knowledge_t knowledge = { .engaged = qdn_engaged_look,
                                  .engaged_baton = a->config->talks,
                                  .as_of = qdn_clock_now() };
    const qdn_foretell_t f = { .plan = a->config->plan,
                               .knowledge = &knowledge,
                               .rule = a->config->rule,
                               .rules_baton = a->config->rules_baton,
                               .now = knowledge.as_of };

    if (a->roster && qdn_roster_look(a->roster, &knowledge.snapshot, p)) {
        knowledge.snapshot = NULL;
    }
    return tell(&f, request, p);
}

static const char *tell_explain(qdn_audience_t *a, const char *request,
                                apr_pool_t *p)
{
    return foretell(a, request, qdn_foretell_explain, p);
}

static const char *tell_sweep(qdn_audience_t *a, const char *request,
                              apr_pool_t *p)
{
    return foretell(a, request, qdn_foretell_sweep, p);
}

static const char *tell_replay(qdn_audience_t *a, const char *request,
                               apr_pool_t *p)
{
    return foretell(a, request, qdn_foretell_replay, p);
}

static const struct {
    const char *ask;
    const char *(*tell)(qdn_audience_t *a, const char *request, apr_pool_t *p);
} questions[] = {
    { "ping", tell_ping },
    { "health", tell_health },
    { "plan", tell_plan },
    { "explain", tell_explain },
    { "sweep", tell_sweep },
    { "replay", tell_replay },
    { "now", qdn_audience_now },
    { "lines", qdn_audience_lines },
    { "operators", qdn_audience_operators },
    { "operator", qdn_audience_operator },
    { "status", qdn_audience_status },
    { "set-status", qdn_audience_set_status },
};

const char *qdn_audience_answer(void *baton, const char *ask,
                                const char *request,
                                const qdn_control_ticket_t *ticket,
                                apr_pool_t *p)
{
    apr_size_t i;

    (void)ticket;
    for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        if (!strcmp(ask, questions[i].ask)) {
            return questions[i].tell(baton, request, p);
        }
    }
    return NULL;
}
