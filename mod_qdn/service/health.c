/* SPDX-License-Identifier: Apache-2.0 */
#include "health.h"

#include <apr_strings.h>

/* Counters whose growth is news for an administrator. */
static const struct {
    qdn_counter_e counter;
    qdn_colour_e colour;
    const char *what;
} troubles[] = {
    { QDN_COUNT_JOURNAL_LOST, QDN_RED, "events were lost" },
    { QDN_COUNT_JOURNAL_LATE, QDN_RED,
      "calls were answered before their events were on disk" },
    { QDN_COUNT_JOURNAL_ERRORS, QDN_RED, "the journal could not be written" },
    { QDN_COUNT_DRAIN_PARKED, QDN_AMBER,
      "the database refused rows, which are put aside" },
    { QDN_COUNT_DRAIN_TORN, QDN_AMBER, "the journal had torn lines" },
    { QDN_COUNT_BAD_SIGNATURE, QDN_AMBER,
      "requests with a missing or bad signature were refused" },
    { QDN_COUNT_BAD_ACCOUNT, QDN_AMBER,
      "requests of an account that is not configured were refused" },
    { QDN_COUNT_BAD_TARGET, QDN_AMBER,
      "requests outside the path of QDNPublicURL were refused" },
    { QDN_COUNT_LINE_UNKNOWN, QDN_AMBER,
      "calls to a number that is no line were turned away" },
    { QDN_COUNT_LOOPS, QDN_AMBER, "calls that forward to us were cut" },
    { QDN_COUNT_ANOMALIES, QDN_AMBER,
      "Twilio's reports contradict each other" },
};

#define TROUBLES (sizeof(troubles) / sizeof(troubles[0]))

const char *qdn_health_colour(qdn_colour_e colour)
{
    static const char *const names[] = { "green", "amber", "red" };

    return names[colour];
}

void qdn_health_watch(qdn_health_t *health, const qdn_counters_t *counters,
                      apr_interval_time_t now)
{
    int i;

    for (i = 0; i < QDN_COUNTER_MAX; i++) {
        apr_uint64_t n = qdn_counter_get(counters, (qdn_counter_e)i);

        if (n == health->seen[i]) {
            continue;
        }
        /* In this order: whoever is killed in between lets the next see it. */
        __atomic_store_n(&health->grew[i], now, __ATOMIC_RELEASE);
        __atomic_store_n(&health->seen[i], n, __ATOMIC_RELEASE);
    }
}

static qdn_colour_e add(qdn_text_t *reasons, qdn_colour_e worst,
                        qdn_colour_e colour, const char *what)
{
    if (reasons->len) {
        qdn_text_addc(reasons, ',');
    }
    qdn_text_addf(reasons,
                  "{\"colour\":\"%s\",\"what\":", qdn_health_colour(colour));
    qdn_text_add_json(reasons, what);
    qdn_text_addc(reasons, '}');
    return colour > worst ? colour : worst;
}

static qdn_colour_e judge_drain(const qdn_health_facts_t *facts,
                                qdn_colour_e worst, qdn_text_t *reasons)
{
    const qdn_drain_report_t *drain = facts->drain;

    if (facts->drain_closed && drain->error_since) {
        worst = add(reasons, worst, QDN_RED,
                    "the drain cannot begin; rows wait in the journal");
    }
    else if (facts->drain_silent > QDN_HEALTH_HANG) {
        worst = add(reasons, worst, QDN_AMBER,
                    "the database does not answer; rows wait in the journal");
    }
    else if (drain->error_since) {
        worst = add(reasons, worst, QDN_AMBER,
                    "the database does not take rows; they wait in the "
                    "journal");
    }
    else if (drain->oldest && facts->now - drain->oldest > QDN_HEALTH_LAG) {
        worst =
            add(reasons, worst, QDN_AMBER, "rows wait for more than a minute");
    }
    if (drain->lax[0]) {
        char what[256];

        apr_snprintf(what, sizeof(what),
                     "a power failure at the database may lose calls: %s",
                     drain->lax);
        worst = add(reasons, worst, QDN_AMBER, what);
    }
    if (drain->state == QDN_DRAIN_EXCLUDED) {
        worst = add(reasons, worst, QDN_AMBER,
                    "another process drains this state directory");
    }
    return worst;
}

qdn_colour_e qdn_health_judge(const qdn_health_t *health,
                              const qdn_health_facts_t *facts,
                              qdn_text_t *reasons)
{
    qdn_colour_e worst = judge_drain(facts, QDN_GREEN, reasons);
    apr_size_t i;

    if (facts->secrets_missing) {
        worst =
            add(reasons, worst, QDN_RED, "secrets of a line could not be read");
    }
    if (facts->secrets_kept) {
        worst = add(reasons, worst, QDN_RED,
                    "secrets could not be read again; earlier ones are in "
                    "force");
    }
    for (i = 0; facts->troubles && i < (apr_size_t)facts->troubles->nelts;
         i++) {
        worst = add(reasons, worst, QDN_AMBER,
                    APR_ARRAY_IDX(facts->troubles, i, const char *));
    }
    for (i = 0; i < TROUBLES; i++) {
        apr_interval_time_t grew = health->grew[troubles[i].counter];

        if (grew && facts->mono - grew < QDN_HEALTH_KEEP) {
            worst = add(reasons, worst, troubles[i].colour, troubles[i].what);
        }
    }
    return worst;
}
