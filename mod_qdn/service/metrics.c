/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

#include <string.h>

#include <apr_strings.h>

#include "service.h"
#include "sources.h"
#include "text.h"

typedef struct page_t {
    const qdn_metrics_t *m;
    qdn_text_t text;
} page_t;

static void head(page_t *page, const char *name, const char *type,
                 const char *help)
{
    qdn_text_addf(&page->text, "# HELP qdn_%s %s\n# TYPE qdn_%s %s\n", name,
                  help, name, type);
}

static void sample(page_t *page, const char *name, apr_int64_t value)
{
    qdn_text_addf(&page->text, "qdn_%s %" APR_INT64_T_FMT "\n", name, value);
}

static void labelled(page_t *page, const char *name, const char *label,
                     const char *of, apr_int64_t value)
{
    qdn_text_addf(&page->text, "qdn_%s{%s=\"%s\"} %" APR_INT64_T_FMT "\n", name,
                  label, of, value);
}

static void placed(page_t *page, const char *name, const char *label, int place,
                   apr_int64_t value)
{
    qdn_text_addf(&page->text, "qdn_%s{%s=\"%d\"} %" APR_INT64_T_FMT "\n", name,
                  label, place + 1, value);
}

static apr_int64_t count_of(const apr_uint64_t *count)
{
    return (apr_int64_t)qdn_meter_get(count);
}

/* 250 is "0.00025", whatever decimal point the locale has. */
static void add_seconds(qdn_text_t *t, apr_int64_t us)
{
    char part[8];
    int n = 6;

    apr_snprintf(part, sizeof(part), "%06d", (int)(us % APR_USEC_PER_SEC));
    while (n && part[n - 1] == '0') {
        n--;
    }
    qdn_text_add_int(t, us / APR_USEC_PER_SEC);
    if (n) {
        qdn_text_addf(t, ".%.*s", n, part);
    }
}

/************** counters **************/

static const struct {
    qdn_counter_e counter;
    const char *name, *help;
} plain[] = {
    { QDN_COUNT_LINE_UNKNOWN, "unknown_line_calls_total",
      "Calls to a number that is no line." },
    { QDN_COUNT_LOOPS, "loops_total", "Calls cut because they forward to us." },
    { QDN_COUNT_ANOMALIES, "anomalies_total",
      "Reports of Twilio that contradict each other." },
    { QDN_COUNT_JOURNAL_EVENTS, "journal_events_total",
      "Events handed to the journal." },
    { QDN_COUNT_JOURNAL_BYTES, "journal_written_bytes_total",
      "Bytes written to the journal." },
    { QDN_COUNT_JOURNAL_LATE, "journal_late_total",
      "Answers given before their events were on disk." },
    { QDN_COUNT_JOURNAL_LOST, "journal_lost_events_total",
      "Events that nothing kept." },
    { QDN_COUNT_JOURNAL_ERRORS, "journal_errors_total",
      "Writes or syncs of the journal that failed." },
    { QDN_COUNT_DRAINED, "drained_events_total",
      "Events that the drain has handed to SQL." },
    { QDN_COUNT_DRAIN_ERRORS, "drain_errors_total",
      "Batches that SQL did not take." },
    { QDN_COUNT_DRAIN_PARKED, "drain_parked_events_total",
      "Rows put aside, damaged or refused by SQL." },
    { QDN_COUNT_DRAIN_TORN, "drain_torn_total",
      "Ends of segments that were written by half." },
    { QDN_COUNT_DAEMON_STARTS, "daemon_starts_total", "Starts of the daemon." },
};

/* Counters whose name begins so are causes of a refusal. */
#define REFUSED "refused."

static void add_counters(page_t *page)
{
    const qdn_counters_t *counters = page->m->counters;

    for (apr_size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        head(page, plain[i].name, "counter", plain[i].help);
        sample(page, plain[i].name,
               (apr_int64_t)qdn_counter_get(counters, plain[i].counter));
    }
    head(page, "webhooks_refused_total", "counter",
         "Requests refused, by cause.");
    for (int i = 0; i < QDN_COUNTER_MAX; i++) {
        const char *name = qdn_counter_name((qdn_counter_e)i);

        if (!strncmp(name, REFUSED, strlen(REFUSED))) {
            labelled(page, "webhooks_refused_total", "cause",
                     name + strlen(REFUSED),
                     (apr_int64_t)qdn_counter_get(counters, (qdn_counter_e)i));
        }
    }
}

/************** the call path **************/

static void add_steps(page_t *page)
{
    static const char *const results[] = { "answered", "repeated" };
    const qdn_meter_t *meter = page->m->meter;
    const char *step;

    head(page, "webhooks_total", "counter",
         "Webhooks with a good signature, by step; repeated: from memory.");
    for (int i = 0; i < QDN_METER_STEPS && (step = qdn_service_step(i)); i++) {
        for (int k = 0; k < 2; k++) {
            qdn_text_addf(&page->text,
                          "qdn_webhooks_total{step=\"%s\",result=\"%s\"} "
                          "%" APR_INT64_T_FMT "\n",
                          step, results[k], count_of(&meter->steps[i][k]));
        }
    }
}

static void add_reasons(page_t *page, const char *name, const char *help,
                        const apr_uint64_t *counts, qdn_reason_e from,
                        qdn_reason_e to)
{
    head(page, name, "counter", help);
    for (int i = from; i <= (int)to; i++) {
        labelled(page, name, "reason", qdn_reason_text((qdn_reason_e)i),
                 count_of(&counts[i]));
    }
}

static void add_bucket(page_t *page, int bucket, apr_int64_t sum)
{
    qdn_text_add(&page->text, "qdn_webhook_duration_seconds_bucket{le=\"");
    if (bucket < QDN_METER_BUCKET_MAX) {
        add_seconds(&page->text, qdn_meter_end(bucket));
    }
    else {
        qdn_text_add(&page->text, "+Inf");
    }
    qdn_text_addf(&page->text, "\"} %" APR_INT64_T_FMT "\n", sum);
}

static void add_histogram(page_t *page)
{
    const qdn_meter_t *meter = page->m->meter;
    apr_int64_t sum = 0;

    head(page, "webhook_duration_seconds", "histogram",
         "Time to answer a webhook with a good signature, from its last byte "
         "on.");
    for (int i = 0; i <= QDN_METER_BUCKET_MAX; i++) {
        sum += count_of(&meter->took[i]);
        add_bucket(page, i, sum);
    }
    qdn_text_add(&page->text, "qdn_webhook_duration_seconds_sum ");
    add_seconds(&page->text, count_of(&meter->took_us));
    qdn_text_addf(&page->text,
                  "\nqdn_webhook_duration_seconds_count %" APR_INT64_T_FMT "\n",
                  sum);
}

static void add_meter(page_t *page)
{
    const qdn_meter_t *meter = page->m->meter;

    add_steps(page);
    add_histogram(page);
    add_reasons(page, "decisions_total",
                "Phones rung or left out, by reason of the choice.",
                meter->chosen, QDN_REASON_AVAILABLE,
                QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE);
    add_reasons(page, "hops_ended_total", "Steps that ended, by reason.",
                meter->ended, QDN_REASON_CONNECTED, QDN_REASON_CALLER_GONE);
    head(page, "last_webhook_timestamp_seconds", "gauge",
         "When the last webhook with a good signature came; 0: none yet.");
    sample(page, "last_webhook_timestamp_seconds",
           apr_time_sec(qdn_gauges_get(&meter->last_webhook)));
}

/************** what the daemon tells **************/

static void add_verdict(page_t *page)
{
    const qdn_gauges_t *g = page->m->gauges;
    qdn_colour_e colour;
    int up = qdn_gauges_verdict(g, page->m->mono, &colour);

    head(page, "daemon_up", "gauge", "1: the daemon has shown itself lately.");
    sample(page, "daemon_up", up);
    head(page, "health", "gauge", "0 green, 1 amber, 2 red or unknown.");
    sample(page, "health", colour);
    if (!up) {
        return;
    }
    head(page, "health_check", "gauge", "0 green, 1 amber, 2 red.");
    for (int i = 0; i < QDN_CHECK_MAX; i++) {
        labelled(page, "health_check", "check",
                 qdn_health_check((qdn_check_e)i),
                 qdn_gauges_get(&g->checks[i]));
    }
}

static apr_int64_t seconds_since(const page_t *page, const apr_int64_t *gauge)
{
    apr_time_t at = qdn_gauges_get(gauge);

    return at && page->m->now > at ? apr_time_sec(page->m->now - at) : 0;
}

/* As of when the daemon last said something. */
static void add_drain(page_t *page)
{
    const qdn_gauges_t *g = page->m->gauges;

    head(page, "journal_pending_bytes", "gauge",
         "Bytes of the journal that are not in SQL.");
    sample(page, "journal_pending_bytes", qdn_gauges_get(&g->pending_bytes));
    head(page, "journal_pending_segments", "gauge",
         "Files of the journal that hold such bytes.");
    sample(page, "journal_pending_segments",
           qdn_gauges_get(&g->pending_segments));
    head(page, "journal_lag_seconds", "gauge",
         "Age of the oldest event that is not in SQL.");
    sample(page, "journal_lag_seconds", seconds_since(page, &g->oldest));
    head(page, "drain_last_commit_timestamp_seconds", "gauge",
         "When SQL last took something; 0: not since the daemon's start.");
    sample(page, "drain_last_commit_timestamp_seconds",
           apr_time_sec(qdn_gauges_get(&g->last_commit)));
    head(page, "disk_free_bytes", "gauge",
         "Room on the disk of the state directory.");
    sample(page, "disk_free_bytes", qdn_gauges_get(&g->disk_free));
    head(page, "disk_size_bytes", "gauge",
         "Size of the disk of the state directory.");
    sample(page, "disk_size_bytes", qdn_gauges_get(&g->disk_total));
}

static void add_feeds(page_t *page)
{
    const qdn_gauges_t *g = page->m->gauges;
    int n = (int)qdn_gauges_get(&g->nfeeds);

    if (!n) {
        return;
    }
    head(page, "feed_up", "gauge",
         "1: what this calendar or other source last said counts.");
    for (int i = 0; i < n; i++) {
        placed(page, "feed_up", "feed", i,
               qdn_gauges_get(&g->feeds[i].state) == QDN_SOURCES_GOOD);
    }
    head(page, "feed_age_seconds", "gauge",
         "Age of its last good answer; none: there is no sample.");
    for (int i = 0; i < n; i++) {
        if (qdn_gauges_get(&g->feeds[i].good_at)) {
            placed(page, "feed_age_seconds", "feed", i,
                   seconds_since(page, &g->feeds[i].good_at));
        }
    }
    head(page, "feed_errors_total", "counter", "Times that it did not answer.");
    for (int i = 0; i < n; i++) {
        placed(page, "feed_errors_total", "feed", i,
               qdn_gauges_get(&g->feeds[i].errors));
    }
}

static void add_lines(page_t *page)
{
    const qdn_gauges_t *g = page->m->gauges;
    int n = (int)qdn_gauges_get(&g->nlines);

    head(page, "calls_ended_total", "counter",
         "Calls that have ended, by line and outcome, as the drain saw them.");
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < QDN_OUTCOME_MAX; k++) {
            qdn_text_addf(&page->text,
                          "qdn_calls_ended_total{line=\"%d\",outcome=\"%s\"} "
                          "%" APR_INT64_T_FMT "\n",
                          i + 1, qdn_outcome_text((qdn_outcome_e)k),
                          qdn_gauges_get(&g->ended[i][k]));
        }
    }
}

const char *qdn_metrics_text(const qdn_metrics_t *m, apr_pool_t *p)
{
    page_t page = { .m = m };

    qdn_text_init(&page.text, 16384, p);
    head(&page, "build_info", "gauge", "1, with the version of mod_qdn.");
    labelled(&page, "build_info", "version", m->version, 1);
    add_verdict(&page);
    add_counters(&page);
    if (m->meter) {
        add_meter(&page);
    }
    if (m->gauges) {
        add_lines(&page);
    }
    if (m->gauges && qdn_gauges_get(&m->gauges->told_at)) {
        add_drain(&page);
        add_feeds(&page);
    }
    return page.text.buf;
}
