/* SPDX-License-Identifier: Apache-2.0 */
#include "health.h"

#include <apr_strings.h>

#include "status.h"

#define ADMIN "The administrator: "

/* Counters whose growth is news for an administrator. */
static const struct {
    qdn_counter_e counter;
    qdn_check_e check;
    qdn_colour_e colour;
    const char *what;
    const char *remedy;
} troubles[] = {
    { QDN_COUNT_JOURNAL_LOST, QDN_CHECK_JOURNAL, QDN_RED, "events were lost",
      ADMIN "make room on the disk of QDNStateDir, see httpd's error log, and "
            "raise QDNJournalMax if it is full" },
    { QDN_COUNT_JOURNAL_LATE, QDN_CHECK_JOURNAL, QDN_RED,
      "calls were answered before their events were on disk",
      ADMIN "find out why the disk of QDNStateDir is slow" },
    { QDN_COUNT_JOURNAL_ERRORS, QDN_CHECK_JOURNAL, QDN_RED,
      "the journal could not be written",
      ADMIN "look in httpd's error log for what the disk of QDNStateDir "
            "said" },
    { QDN_COUNT_DRAIN_PARKED, QDN_CHECK_DRAIN, QDN_AMBER,
      "the database refused rows, which are put aside",
      ADMIN "see httpd's error log; mend the database, then move the files "
            "from parked/ to journal/" },
    { QDN_COUNT_DRAIN_TORN, QDN_CHECK_DRAIN, QDN_AMBER,
      "the journal had torn lines",
      ADMIN "look for a crash of the machine; nothing that was acknowledged "
            "is missing" },
    { QDN_COUNT_BAD_SIGNATURE, QDN_CHECK_WEBHOOKS, QDN_AMBER,
      "requests with a missing or bad signature were refused",
      ADMIN "if calls are missing, compare QDNPublicURL and the auth token "
            "with those at Twilio; else it was somebody else" },
    { QDN_COUNT_BAD_ACCOUNT, QDN_CHECK_WEBHOOKS, QDN_AMBER,
      "requests of an account that is not configured were refused",
      ADMIN "give QDNSecrets the account's names, or point its numbers "
            "elsewhere" },
    { QDN_COUNT_BAD_TARGET, QDN_CHECK_WEBHOOKS, QDN_AMBER,
      "requests outside the path of QDNPublicURL were refused",
      ADMIN "make the <Location> and QDNPublicURL fit each other" },
    { QDN_COUNT_LINE_UNKNOWN, QDN_CHECK_WEBHOOKS, QDN_AMBER,
      "calls to a number that is no line were turned away",
      ADMIN "add a <QDNLine> for that number, or point it elsewhere at "
            "Twilio" },
    { QDN_COUNT_LOOPS, QDN_CHECK_WEBHOOKS, QDN_AMBER,
      "calls that forward to us were cut",
      "The owner of the phone that the log names: end its call forwarding to "
      "our number" },
    { QDN_COUNT_ANOMALIES, QDN_CHECK_WEBHOOKS, QDN_AMBER,
      "Twilio's reports contradict each other",
      ADMIN "look at the calls that httpd's error log names" },
};

#define TROUBLES (sizeof(troubles) / sizeof(troubles[0]))

/* One judgement on its way. */
typedef struct bench_t {
    const qdn_health_t *health;
    const qdn_health_facts_t *facts;
    apr_array_header_t *symptoms;
    apr_pool_t *p;
} bench_t;

const char *qdn_health_colour(qdn_colour_e colour)
{
    static const char *const names[] = { "green", "amber", "red" };

    return names[colour];
}

const char *qdn_health_check(qdn_check_e check)
{
    static const char *const names[] = {
#define X(id, name) name,
        QDN_CHECKS(X)
#undef X
    };

    return names[check];
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

static void find(bench_t *b, qdn_symptom_t symptom)
{
    APR_ARRAY_PUSH(b->symptoms, qdn_symptom_t) = symptom;
}

static void judge_secrets(bench_t *b)
{
    if (b->facts->secrets_missing) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_SECRETS, QDN_RED,
                    "secrets of a line could not be read",
                    ADMIN "make the source that QDNSecrets names readable as "
                          "httpd's error log says, then restart httpd",
                    0 });
    }
    if (b->facts->secrets_kept) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_SECRETS, QDN_RED,
                    "secrets could not be read again; earlier ones are in "
                    "force",
                    ADMIN "make the source that QDNSecrets names readable as "
                          "httpd's error log says, then restart httpd",
                    0 });
    }
}

static void judge_journal(bench_t *b)
{
    const qdn_probe_report_t *probe = b->facts->probe;
    char buf[120];

    if (!probe) {
        return;
    }
    if (probe->busy > QDN_PROBE_HANG) {
        find(b, (qdn_symptom_t){ QDN_CHECK_JOURNAL, QDN_RED,
                                 "the disk of the journal does not answer",
                                 apr_psprintf(b->p,
                                              ADMIN "look after the disk of %s",
                                              b->facts->state_dir),
                                 b->facts->now - probe->busy });
    }
    else if (probe->rv) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_JOURNAL, QDN_RED,
                    apr_psprintf(b->p, "the journal cannot be written: %s",
                                 qdn_strerror(probe->rv, buf, sizeof(buf))),
                    apr_psprintf(b->p,
                                 ADMIN "make %s/journal writable for httpd's "
                                       "user, with free space",
                                 b->facts->state_dir),
                    probe->since });
    }
}

static void judge_drain(bench_t *b)
{
    const qdn_health_facts_t *facts = b->facts;
    const qdn_drain_report_t *drain = facts->drain;

    if (!facts->drain_closed && !drain->error_since &&
        facts->drain_silent <= QDN_HEALTH_HANG && drain->oldest &&
        facts->now - drain->oldest > QDN_HEALTH_LAG) {
        find(b,
             (qdn_symptom_t){
                 QDN_CHECK_DRAIN, QDN_AMBER, "rows wait for more than a minute",
                 ADMIN "find out why the database is slow; nothing is lost "
                       "meanwhile",
                 drain->oldest + QDN_HEALTH_LAG });
    }
    if (drain->state == QDN_DRAIN_EXCLUDED) {
        find(b, (qdn_symptom_t){ QDN_CHECK_DRAIN, QDN_AMBER,
                                 "another process drains this state directory",
                                 ADMIN "give each httpd a QDNStateDir of its "
                                       "own, or end the other process",
                                 0 });
    }
}

static void judge_database(bench_t *b)
{
    const qdn_health_facts_t *facts = b->facts;
    const qdn_drain_report_t *drain = facts->drain;

    if (facts->drain_closed && drain->error_since) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_DATABASE, QDN_RED,
                    "the drain cannot begin; rows wait in the journal",
                    apr_psprintf(b->p, ADMIN "mend what it says: %s",
                                 drain->error),
                    drain->error_since });
    }
    else if (facts->drain_silent > QDN_HEALTH_HANG) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_DATABASE, QDN_AMBER,
                    "the database does not answer; rows wait in the journal",
                    ADMIN "look after the database, or the network to it; "
                          "calls go on meanwhile",
                    facts->now - facts->drain_silent });
    }
    else if (drain->error_since) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_DATABASE, QDN_AMBER,
                    "the database does not take rows; they wait in the journal",
                    apr_psprintf(
                        b->p, ADMIN "look after the database, which says: %s",
                        drain->error),
                    drain->error_since });
    }
    if (drain->lax[0]) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_DATABASE, QDN_AMBER,
                    apr_psprintf(b->p,
                                 "a power failure at the database may lose "
                                 "calls: %s",
                                 drain->lax),
                    ADMIN "let the database write durably", 0 });
    }
}

static void judge_availability(bench_t *b)
{
    const apr_array_header_t *all = b->facts->troubles;

    for (int i = 0; all && i < all->nelts; i++) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_AVAILABILITY, QDN_AMBER,
                    APR_ARRAY_IDX(all, i, const char *),
                    ADMIN "look at that source's address, rights and secret; "
                          "qdnctl explain tells whom it concerns",
                    0 });
    }
}

/* After a good one they were somebody else's; without one they may be ours. */
static void judge_webhooks(bench_t *b)
{
    const qdn_health_facts_t *facts = b->facts;

    if (facts->last_refusal > facts->last_webhook &&
        facts->now - facts->last_refusal < QDN_HEALTH_KEEP) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_WEBHOOKS, QDN_AMBER,
                    "no webhook with a good signature came since one with a "
                    "bad signature was refused",
                    ADMIN "after a change of the auth token or of "
                          "QDNPublicURL, put the new one in force and call "
                          "the number once",
                    facts->last_refusal });
    }
}

static void judge_rotation(bench_t *b)
{
    const qdn_health_facts_t *facts = b->facts;

    for (int i = 0; facts->ages && i < facts->ages->nelts; i++) {
        const qdn_credential_age_t *c =
            &APR_ARRAY_IDX(facts->ages, i, qdn_credential_age_t);

        if (facts->rotate_every && c->created_at &&
            facts->now - c->created_at > facts->rotate_every) {
            find(b,
                 (qdn_symptom_t){
                     QDN_CHECK_ROTATION, QDN_AMBER,
                     apr_psprintf(b->p, "%s is older than QDNRotateEvery wants",
                                  c->name),
                     apr_psprintf(b->p,
                                  ADMIN "make a new %s at Twilio, put it "
                                        "where QDNSecrets reads it, and "
                                        "restart httpd",
                                  c->name),
                     c->created_at + facts->rotate_every });
        }
    }
}

static int is_below(const qdn_probe_report_t *probe, apr_int64_t room,
                    int share)
{
    apr_int64_t part = probe->total / 100 * share;

    return probe->total && probe->free < (part < room ? part : room);
}

static void judge_disk(bench_t *b)
{
    const qdn_probe_report_t *probe = b->facts->probe;
    qdn_colour_e colour = QDN_GREEN;

    if (probe &&
        is_below(probe, QDN_HEALTH_ROOM_AMBER, QDN_HEALTH_SHARE_AMBER)) {
        colour = QDN_AMBER;
    }
    if (probe && is_below(probe, QDN_HEALTH_ROOM_RED, QDN_HEALTH_SHARE_RED)) {
        colour = QDN_RED;
    }
    if (colour != QDN_GREEN) {
        find(b, (qdn_symptom_t){
                    QDN_CHECK_DISK, colour,
                    apr_psprintf(b->p,
                                 "only %" APR_INT64_T_FMT
                                 " MiB are free on the disk of %s",
                                 probe->free >> 20, b->facts->state_dir),
                    apr_psprintf(b->p, ADMIN "free space on the disk of %s",
                                 b->facts->state_dir),
                    0 });
    }
}

static void judge_daemon(bench_t *b)
{
    if (b->facts->daemon_vain) {
        find(b, (qdn_symptom_t){ QDN_CHECK_DAEMON, QDN_AMBER,
                                 "the daemon ended soon after its start, "
                                 "again and again",
                                 ADMIN "see httpd's error log for why, and "
                                       "report it",
                                 0 });
    }
}

/* Of that check, what its counters tell. */
static void judge_counters(bench_t *b, qdn_check_e check)
{
    for (apr_size_t i = 0; i < TROUBLES; i++) {
        apr_interval_time_t grew = b->health->grew[troubles[i].counter];
        apr_interval_time_t ago = b->facts->mono - grew;

        if (troubles[i].check == check && grew && ago < QDN_HEALTH_KEEP) {
            find(b,
                 (qdn_symptom_t){ check, troubles[i].colour, troubles[i].what,
                                  troubles[i].remedy, b->facts->now - ago });
        }
    }
}

static void (*const judges[QDN_CHECK_MAX])(bench_t *b) = {
    [QDN_CHECK_SECRETS] = judge_secrets,
    [QDN_CHECK_JOURNAL] = judge_journal,
    [QDN_CHECK_DRAIN] = judge_drain,
    [QDN_CHECK_DATABASE] = judge_database,
    [QDN_CHECK_AVAILABILITY] = judge_availability,
    [QDN_CHECK_WEBHOOKS] = judge_webhooks,
    [QDN_CHECK_ROTATION] = judge_rotation,
    [QDN_CHECK_DISK] = judge_disk,
    [QDN_CHECK_DAEMON] = judge_daemon,
};

qdn_colour_e qdn_health_judge(const qdn_health_t *health,
                              const qdn_health_facts_t *facts,
                              apr_array_header_t **psymptoms, apr_pool_t *p)
{
    bench_t b = { .health = health,
                  .facts = facts,
                  .symptoms = apr_array_make(p, 4, sizeof(qdn_symptom_t)),
                  .p = p };
    qdn_colour_e worst = QDN_GREEN;

    for (int i = 0; i < QDN_CHECK_MAX; i++) {
        judges[i](&b);
        judge_counters(&b, (qdn_check_e)i);
    }
    for (int i = 0; i < b.symptoms->nelts; i++) {
        qdn_colour_e one = APR_ARRAY_IDX(b.symptoms, i, qdn_symptom_t).colour;

        worst = one > worst ? one : worst;
    }
    *psymptoms = b.symptoms;
    return worst;
}
