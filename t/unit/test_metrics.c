/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "metrics.h"

#define NOW  apr_time_from_sec(1795000000)
#define MONO apr_time_from_sec(5000)

static apr_pool_t *pool;
static qdn_counters_t counters;
static qdn_meter_t meter;
static qdn_gauges_t gauges;

static const char *text(void)
{
    const qdn_metrics_t metrics = { .counters = &counters,
                                    .meter = &meter,
                                    .gauges = &gauges,
                                    .version = "1.2.3",
                                    .now = NOW,
                                    .mono = MONO };

    return qdn_metrics_text(&metrics, pool);
}

/* The samples, each a whole line, are all there. */
static void holds(const char *page, const char *const *samples, int n)
{
    for (int i = 0; i < n; i++) {
        if (!strstr(page, apr_pstrcat(pool, "\n", samples[i], "\n", NULL))) {
            fail_msg("no %s in\n%s", samples[i], page);
        }
    }
}
#define HOLDS(page, samples)                                                   \
    holds(page, samples, (int)(sizeof(samples) / sizeof(samples[0])))

static void buckets_add_up(void **state)
{
    static const char *const samples[] = {
        "# TYPE qdn_webhook_duration_seconds histogram",
        "qdn_webhook_duration_seconds_bucket{le=\"0.00025\"} 1",
        "qdn_webhook_duration_seconds_bucket{le=\"0.0005\"} 1",
        "qdn_webhook_duration_seconds_bucket{le=\"0.001\"} 2",
        "qdn_webhook_duration_seconds_bucket{le=\"1\"} 2",
        "qdn_webhook_duration_seconds_bucket{le=\"2.5\"} 2",
        "qdn_webhook_duration_seconds_bucket{le=\"+Inf\"} 3",
        "qdn_webhook_duration_seconds_sum 3.0009",
        "qdn_webhook_duration_seconds_count 3",
        "qdn_webhooks_total{step=\"voice\",result=\"answered\"} 2",
        "qdn_webhooks_total{step=\"voice\",result=\"repeated\"} 1",
        "qdn_last_webhook_timestamp_seconds 1795000000",
    };

    (void)state;
    memset(&meter, 0, sizeof(meter));
    qdn_meter_answered(&meter, 0, 0, 100, NOW);
    qdn_meter_answered(&meter, 0, 0, 800, NOW);
    qdn_meter_answered(&meter, 0, 1, 3000000, NOW);
    HOLDS(text(), samples);
}

static void what_the_daemon_told_is_told(void **state)
{
    static const char *const samples[] = {
        "qdn_build_info{version=\"1.2.3\"} 1",
        "qdn_daemon_up 1",
        "qdn_health 1",
        "qdn_health_check{check=\"database\"} 1",
        "qdn_health_check{check=\"disk\"} 0",
        "qdn_journal_pending_bytes 77",
        "qdn_journal_lag_seconds 9",
        "qdn_feed_up{feed=\"1\"} 1",
        "qdn_feed_up{feed=\"2\"} 0",
        "qdn_feed_age_seconds{feed=\"1\"} 42",
        "qdn_feed_errors_total{feed=\"2\"} 5",
        "qdn_calls_ended_total{line=\"2\",outcome=\"answered\"} 8",
        "qdn_calls_ended_total{line=\"1\",outcome=\"answered\"} 0",
        "qdn_webhooks_refused_total{cause=\"signature\"} 3",
        "qdn_journal_lost_events_total 0",
    };

    (void)state;
    qdn_counter_add(&counters, QDN_COUNT_BAD_SIGNATURE, 3);
    gauges = (qdn_gauges_t){
        .told_at = MONO,
        .colour = QDN_AMBER,
        .checks = { [QDN_CHECK_DATABASE] = QDN_AMBER },
        .pending_bytes = 77,
        .oldest = NOW - apr_time_from_sec(9),
        .nfeeds = 2,
        .nlines = 2,
        .feeds = { { .state = 1, .good_at = NOW - apr_time_from_sec(42) },
                   { .state = 3, .errors = 5 } },
        .ended = { [1] = { [QDN_OUTCOME_ANSWERED] = 8 } }
    };
    HOLDS(text(), samples);
    assert_null(strstr(text(), "qdn_feed_age_seconds{feed=\"2\"}"));
}

/* Counters go on; verdicts that nobody gives any more are not told. */
static void a_silent_daemon_is_told_of(void **state)
{
    static const char *const samples[] = {
        "qdn_daemon_up 0",
        "qdn_health 2",
        "qdn_journal_pending_bytes 77",
        "qdn_webhooks_refused_total{cause=\"signature\"} 3",
    };

    (void)state;
    gauges.told_at = MONO - QDN_GAUGES_SILENT - 1;
    HOLDS(text(), samples);
    assert_null(strstr(text(), "qdn_health_check{"));
}

/* Before post_config, or without shared memory. */
static void nothing_is_told_of_nothing(void **state)
{
    const qdn_metrics_t metrics = { .version = "1.2.3", .now = NOW };
    const char *page = qdn_metrics_text(&metrics, pool);

    (void)state;
    assert_non_null(strstr(page, "\nqdn_health 2\n"));
    assert_non_null(strstr(page, "\nqdn_journal_events_total 0\n"));
    assert_null(strstr(page, "qdn_webhooks_total{"));
    assert_null(strstr(page, "qdn_journal_pending_bytes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_add_up),
        cmocka_unit_test(what_the_daemon_told_is_told),
        cmocka_unit_test(a_silent_daemon_is_told_of),
        cmocka_unit_test(nothing_is_told_of_nothing),
    };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
