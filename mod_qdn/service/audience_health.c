/* SPDX-License-Identifier: Apache-2.0 */
#include "audience.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#include "checks.h"
#include "civil.h"
#include "clock.h"
#include "feed.h"
#include "gauges.h"
#include "member.h"
#include "now.h"
#include "zone.h"

/* Everything that health is judged by, at one moment. */
typedef struct look_t {
    qdn_drain_report_t drain;
    qdn_probe_report_t probe;
    const apr_array_header_t *feeds; /* of qdn_sources_feed_t */
    qdn_health_facts_t facts;
    apr_array_header_t *symptoms;
    qdn_colour_e colour;
} look_t;

/************** availability **************/

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
static apr_array_header_t *troubles(qdn_audience_t *a,
                                    const apr_array_header_t *feeds,
                                    apr_time_t now, apr_pool_t *p)
{
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

/************** credentials **************/

/* "2026-01-31", as the name says it of the key beside it; 0: it does not. */
static apr_time_t key_created(const qdn_daemon_config_t *config,
                              const char *source, apr_pool_t *p)
{
    const apr_array_header_t *all = config->secrets;
    int year, month, day;

    for (int i = 0; all && i < all->nelts; i++) {
        const qdn_secrets_t *secrets =
            APR_ARRAY_IDX(all, i, const qdn_secrets_t *);
        const char *date = qdn_secrets_get(secrets, "TWILIO_API_KEY_CREATED");

        if (date && !strcmp(qdn_source_name(secrets->spec, p), source) &&
            sscanf(date, "%4d-%2d-%2d", &year, &month, &day) == 3) {
            return apr_time_from_sec(qdn_civil_days(year, month, day) * 86400);
        }
    }
    return 0;
}

/* Those that can be changed for new ones; a key stands for its secret. */
static apr_array_header_t *ages_of(const qdn_daemon_config_t *config,
                                   apr_pool_t *p)
{
    static const char *const kinds[] = { "auth-token", "api-key",
                                         "oauth-secret", "oauth-refresh-token",
                                         "file" };
    const apr_array_header_t *all = config->credentials;
    apr_array_header_t *ages =
        apr_array_make(p, 4, sizeof(qdn_credential_age_t));

    for (int i = 0; all && i < all->nelts; i++) {
        const qdn_loaded_t *c = &APR_ARRAY_IDX(all, i, qdn_loaded_t);
        const char *kind = c->credential.kind;
        apr_size_t k = 0;

        while (k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[k], kind)) {
            k++;
        }
        if (k < sizeof(kinds) / sizeof(kinds[0]) &&
            *c->credential.fingerprint) {
            APR_ARRAY_PUSH(ages, qdn_credential_age_t) = (qdn_credential_age_t){
                .name = c->credential.name,
                .fingerprint = c->credential.fingerprint,
                .created_at = !strcmp(kind, "api-key")
                                  ? key_created(config, c->source, p)
                                  : 0,
            };
        }
    }
    return ages;
}

/************** the judgement **************/

static void look(qdn_audience_t *a, look_t *l, apr_pool_t *p)
{
    const qdn_daemon_config_t *config = a->config;
    const qdn_meter_t *meter = config->meter;
    qdn_health_facts_t *facts = &l->facts;

    *facts = (qdn_health_facts_t){
        .drain = &l->drain,
        .secrets_kept = config->secrets_kept,
        .secrets_missing = config->secrets_missing,
        .probe = &l->probe,
        .state_dir = config->plan->state_dir,
        .last_webhook = meter ? qdn_gauges_get(&meter->last_webhook) : 0,
        .last_refusal = meter ? qdn_gauges_get(&meter->last_refusal) : 0,
        .ages = ages_of(config, p),
        .rotate_every = config->plan->rotate_every,
        .daemon_vain = config->delay != 0,
        .now = qdn_clock_now(),
        .mono = qdn_clock_mono(),
    };
    facts->drain_silent = facts->mono - qdn_drainer_beat(a->drainer);
    facts->drain_closed = !qdn_drainer_report(a->drainer, &l->drain);
    qdn_probe_report(a->probe, &l->probe);
    l->feeds = qdn_sources_report(a->sources, facts->now, p);
    facts->troubles = troubles(a, l->feeds, facts->now, p);
    l->colour = qdn_health_judge(config->health, facts, &l->symptoms, p);
}

void qdn_audience_tell_gauges(qdn_audience_t *a, apr_pool_t *p)
{
    look_t l;

    if (a->config->gauges) {
        look(a, &l, p);
        qdn_gauges_tell(a->config->gauges, &l.facts, l.symptoms, l.feeds);
    }
}

/************** health **************/

static void add_counters(qdn_text_t *t, const qdn_counters_t *counters)
{
    qdn_member_open(t, "counters", '{');
    for (int i = 0; i < QDN_COUNTER_MAX; i++) {
        qdn_counter_e which = (qdn_counter_e)i;

        qdn_member_number(t, qdn_counter_name(which),
                          (apr_int64_t)qdn_counter_get(counters, which));
    }
    qdn_member_close(t, '{');
}

static void add_drain(qdn_text_t *t, const qdn_drain_report_t *report)
{
    qdn_member_open(t, "drain", '{');
    qdn_member_text(t, "state", qdn_drain_state_text(report->state));
    qdn_member_number(t, "pending_bytes", report->pending_bytes);
    qdn_member_number(t, "pending_segments", report->pending_segments);
    qdn_member_number(t, "parked_files", report->parked_files);
    qdn_member_number(t, "oldest", report->oldest);
    qdn_member_number(t, "last_commit", report->last_commit);
    qdn_member_number(t, "error_since", report->error_since);
    qdn_member_text(t, "error", report->error);
    qdn_member_close(t, '{');
}

static const char *secrets_state(const qdn_daemon_config_t *config)
{
    if (config->secrets_missing) {
        return "missing";
    }
    return config->secrets_kept ? "kept" : "ok";
}

static void add_reader(qdn_text_t *t, qdn_reader_t *reader)
{
    qdn_reader_report_t report;

    qdn_reader_report(reader, &report);
    qdn_member_open(t, "reader", '{');
    qdn_member_number(t, "read_at", report.read_at);
    qdn_member_text(t, "error", report.error);
    qdn_member_close(t, '{');
}

static void add_reasons(qdn_text_t *t, const apr_array_header_t *symptoms)
{
    qdn_member_open(t, "reasons", '[');
    for (int i = 0; i < symptoms->nelts; i++) {
        const qdn_symptom_t *s = &APR_ARRAY_IDX(symptoms, i, qdn_symptom_t);

        qdn_member_open(t, NULL, '{');
        qdn_member_text(t, "colour", qdn_health_colour(s->colour));
        qdn_member_text(t, "what", s->what);
        qdn_member_text(t, "check", qdn_health_check(s->check));
        qdn_member_text(t, "do", s->remedy);
        qdn_member_close(t, '{');
    }
    qdn_member_close(t, '[');
}

const char *qdn_audience_health(qdn_audience_t *a, const char *request,
                                apr_pool_t *p)
{
    const qdn_daemon_config_t *config = a->config;
    look_t l;
    qdn_text_t t;

    (void)request;
    look(a, &l, p);
    qdn_text_init(&t, 4096, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "health", qdn_health_colour(l.colour));
    add_reasons(&t, l.symptoms);
    qdn_member_text(&t, "revision", config->plan->revision);
    qdn_member_text(&t, "version", config->version);
    qdn_member_text(&t, "host", config->host);
    qdn_member_number(&t, "pid", (apr_int64_t)getpid());
    qdn_member_number(&t, "uptime_seconds",
                      apr_time_sec(l.facts.mono - a->started));
    qdn_member_number(&t, "loaded_at", config->loaded_at);
    qdn_member_text(&t, "secrets", secrets_state(config));
    add_drain(&t, &l.drain);
    add_reader(&t, a->reader);
    qdn_text_addc(&t, ',');
    qdn_audience_add_feeds(a, &t, l.facts.now, p);
    add_counters(&t, config->counters);
    qdn_member_close(&t, '{');
    return t.buf;
}

static void add_journal(qdn_text_t *t, const look_t *l)
{
    apr_time_t oldest = l->drain.oldest;

    qdn_member_open(t, "journal", '{');
    qdn_member_number(t, "pending_bytes", l->drain.pending_bytes);
    qdn_member_number(t, "lag_seconds",
                      oldest && oldest < l->facts.now
                          ? apr_time_sec(l->facts.now - oldest)
                          : 0);
    qdn_member_close(t, '{');
}

const char *qdn_audience_health_report(qdn_audience_t *a, const char *request,
                                       apr_pool_t *p)
{
    const qdn_daemon_config_t *config = a->config;
    look_t l;
    qdn_checks_t checks;
    qdn_text_t t;

    (void)request;
    look(a, &l, p);
    checks = (qdn_checks_t){
        .facts = &l.facts,
        .symptoms = l.symptoms,
        .zone = config->plan->zone ? config->plan->zone : qdn_zone_utc(),
        .feeds = l.feeds,
        .credentials = config->credentials ? config->credentials->nelts : 0,
        .loaded_at = config->loaded_at,
        .started_at = l.facts.now - (l.facts.mono - a->started),
    };
    qdn_text_init(&t, 4096, p);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "health", qdn_health_colour(l.colour));
    qdn_member_time(&t, "now", l.facts.now);
    qdn_member_text(&t, "host", config->host);
    qdn_checks_add(&t, &checks, p);
    add_journal(&t, &l);
    qdn_member_open(&t, "feeds", '[');
    for (int i = 0; i < l.feeds->nelts; i++) {
        qdn_now_feed(&t, &APR_ARRAY_IDX(l.feeds, i, qdn_sources_feed_t),
                     l.facts.now, p);
    }
    qdn_member_close(&t, '[');
    qdn_checks_add_credentials(&t, &l.facts);
    qdn_member_close(&t, '{');
    return t.buf;
}
