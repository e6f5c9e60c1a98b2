/* SPDX-License-Identifier: Apache-2.0 */
#include "checks.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "member.h"
#include "sources.h"

#define DAY apr_time_from_sec(86400)

static apr_int64_t seconds_since(const qdn_health_facts_t *facts, apr_time_t at)
{
    return at && facts->now > at ? apr_time_sec(facts->now - at) : 0;
}

/************** when all is well **************/

static const char *calm_secrets(const qdn_checks_t *c, apr_time_t *pof,
                                apr_pool_t *p)
{
    *pof = c->loaded_at;
    return apr_psprintf(p, "%d credentials are loaded, read on %s",
                        c->credentials,
                        qdn_zone_text(c->zone, c->loaded_at, p));
}

static const char *calm_journal(const qdn_checks_t *c, apr_time_t *pof,
                                apr_pool_t *p)
{
    const qdn_probe_report_t *probe = c->facts->probe;

    if (!probe || !probe->tried_at) {
        return "The journal is being tried";
    }
    *pof = probe->tried_at;
    return apr_psprintf(
        p, "The journal can be written, tried %" APR_INT64_T_FMT " s ago",
        seconds_since(c->facts, probe->tried_at));
}

static const char *calm_drain(const qdn_checks_t *c, apr_time_t *pof,
                              apr_pool_t *p)
{
    const qdn_drain_report_t *drain = c->facts->drain;

    if (!drain->oldest) {
        return "Everything that was recorded is in the database";
    }
    *pof = drain->oldest;
    return apr_psprintf(
        p,
        "%" APR_INT64_T_FMT " bytes are on their way into the database, the "
        "oldest for %" APR_INT64_T_FMT " s",
        drain->pending_bytes, seconds_since(c->facts, drain->oldest));
}

static const char *calm_database(const qdn_checks_t *c, apr_time_t *pof,
                                 apr_pool_t *p)
{
    apr_time_t last = c->facts->drain->last_commit;

    if (!last) {
        return "The database answers; nothing was written to it since the "
               "daemon started";
    }
    *pof = last;
    return apr_psprintf(p, "The database answers, last written to on %s",
                        qdn_zone_text(c->zone, last, p));
}

static const char *calm_availability(const qdn_checks_t *c, apr_time_t *pof,
                                     apr_pool_t *p)
{
    int n = c->feeds ? c->feeds->nelts : 0, unasked = 0;

    for (int i = 0; i < n; i++) {
        apr_time_t good =
            APR_ARRAY_IDX(c->feeds, i, qdn_sources_feed_t).good_at;

        unasked += !good;
        *pof = good && (!*pof || good < *pof) ? good : *pof;
    }
    if (unasked) {
        return "Calendars and other sources are being asked";
    }
    return !n       ? "No calendar or other source is configured"
           : n == 1 ? "The one calendar or other source answers"
                    : apr_psprintf(
                          p, "All %d calendars and other sources answer", n);
}

static const char *calm_webhooks(const qdn_checks_t *c, apr_time_t *pof,
                                 apr_pool_t *p)
{
    apr_time_t last = c->facts->last_webhook;

    if (!last) {
        return "No call has come since httpd was started";
    }
    *pof = last;
    return apr_psprintf(p, "The last webhook with a good signature came on %s",
                        qdn_zone_text(c->zone, last, p));
}

static const char *calm_rotation(const qdn_checks_t *c, apr_time_t *pof,
                                 apr_pool_t *p)
{
    const qdn_health_facts_t *facts = c->facts;
    int known = 0;

    for (int i = 0; facts->ages && i < facts->ages->nelts; i++) {
        apr_time_t made =
            APR_ARRAY_IDX(facts->ages, i, qdn_credential_age_t).created_at;

        known += made != 0;
        *pof = made && (!*pof || made < *pof) ? made : *pof;
    }
    if (!facts->rotate_every) {
        return "Credentials may have any age: QDNRotateEvery is off";
    }
    if (!known) {
        return "It is not known how old the credentials are; "
               "TWILIO_API_KEY_CREATED tells it";
    }
    return apr_psprintf(p,
                        "No credential of known age is older than "
                        "%" APR_INT64_T_FMT " days",
                        (apr_int64_t)(facts->rotate_every / DAY));
}

static const char *calm_disk(const qdn_checks_t *c, apr_time_t *pof,
                             apr_pool_t *p)
{
    const qdn_probe_report_t *probe = c->facts->probe;

    if (!probe || !probe->total) {
        return "It is not known how much room the disk has";
    }
    *pof = probe->tried_at;
    return apr_psprintf(p,
                        "%" APR_INT64_T_FMT " MiB of %" APR_INT64_T_FMT
                        " MiB are free on the disk of %s",
                        probe->free >> 20, probe->total >> 20,
                        c->facts->state_dir);
}

static const char *calm_daemon(const qdn_checks_t *c, apr_time_t *pof,
                               apr_pool_t *p)
{
    *pof = c->started_at;
    return apr_psprintf(p, "The daemon has been running since %s",
                        qdn_zone_text(c->zone, c->started_at, p));
}

/* A sentence; *pof: the moment that it tells of, 0 where it is of none. */
static const char *(*const calm[QDN_CHECK_MAX])(const qdn_checks_t *c,
                                                apr_time_t *pof,
                                                apr_pool_t *p) = {
    [QDN_CHECK_SECRETS] = calm_secrets,
    [QDN_CHECK_JOURNAL] = calm_journal,
    [QDN_CHECK_DRAIN] = calm_drain,
    [QDN_CHECK_DATABASE] = calm_database,
    [QDN_CHECK_AVAILABILITY] = calm_availability,
    [QDN_CHECK_WEBHOOKS] = calm_webhooks,
    [QDN_CHECK_ROTATION] = calm_rotation,
    [QDN_CHECK_DISK] = calm_disk,
    [QDN_CHECK_DAEMON] = calm_daemon,
};

/************** and when not **************/

qdn_colour_e qdn_checks_colour(const apr_array_header_t *symptoms,
                               qdn_check_e check)
{
    qdn_colour_e worst = QDN_GREEN;

    for (int i = 0; i < symptoms->nelts; i++) {
        const qdn_symptom_t *s = &APR_ARRAY_IDX(symptoms, i, qdn_symptom_t);

        if (s->check == check && s->colour > worst) {
            worst = s->colour;
        }
    }
    return worst;
}

/* All that is wrong there in one sentence; what to do is told of the worst. */
static const char *trouble(const qdn_checks_t *c, qdn_check_e check,
                           qdn_colour_e colour, const qdn_symptom_t **pworst,
                           apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 128, p);
    *pworst = NULL;
    for (int i = 0; i < c->symptoms->nelts; i++) {
        const qdn_symptom_t *s = &APR_ARRAY_IDX(c->symptoms, i, qdn_symptom_t);

        if (s->check == check) {
            qdn_text_add(&t, t.len ? "; " : "");
            qdn_text_add(&t, s->what);
            *pworst = !*pworst && s->colour == colour ? s : *pworst;
        }
    }
    t.buf[0] = (char)apr_toupper(t.buf[0]);
    return t.buf;
}

static void add_age(qdn_text_t *t, const qdn_checks_t *c, apr_time_t of)
{
    if (of) {
        qdn_member_number(t, "age", seconds_since(c->facts, of));
    }
    else {
        qdn_member_raw(t, "age", NULL);
    }
}

static void add_check(qdn_text_t *t, const qdn_checks_t *c, qdn_check_e check,
                      apr_pool_t *p)
{
    qdn_colour_e colour = qdn_checks_colour(c->symptoms, check);
    const qdn_symptom_t *worst = NULL;
    apr_time_t of = 0;
    const char *what = calm[check](c, &of, p);

    if (colour != QDN_GREEN) {
        what = trouble(c, check, colour, &worst, p);
    }
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "name", qdn_health_check(check));
    qdn_member_text(t, "colour", qdn_health_colour(colour));
    qdn_member_time(t, "since", worst ? worst->since : 0);
    add_age(t, c, of);
    qdn_member_text(t, "what", what);
    qdn_member_text(t, "do", worst ? worst->remedy : NULL);
    qdn_member_close(t, '{');
}

void qdn_checks_add(qdn_text_t *t, const qdn_checks_t *checks, apr_pool_t *p)
{
    qdn_member_open(t, "checks", '[');
    for (int i = 0; i < QDN_CHECK_MAX; i++) {
        add_check(t, checks, (qdn_check_e)i, p);
    }
    qdn_member_close(t, '[');
}

static void add_days(qdn_text_t *t, const char *name, int known,
                     apr_interval_time_t length)
{
    if (known) {
        qdn_member_number(t, name, length / DAY);
    }
    else {
        qdn_member_raw(t, name, NULL);
    }
}

void qdn_checks_add_credentials(qdn_text_t *t, const qdn_health_facts_t *facts)
{
    qdn_member_open(t, "credentials", '[');
    for (int i = 0; facts->ages && i < facts->ages->nelts; i++) {
        const qdn_credential_age_t *c =
            &APR_ARRAY_IDX(facts->ages, i, qdn_credential_age_t);
        apr_time_t due = c->created_at + facts->rotate_every;

        qdn_member_open(t, NULL, '{');
        qdn_member_text(t, "name", c->name);
        qdn_member_text(t, "fingerprint", c->fingerprint);
        add_days(t, "age_days", c->created_at != 0,
                 facts->now > c->created_at ? facts->now - c->created_at : 0);
        add_days(t, "rotate_in_days", c->created_at && facts->rotate_every,
                 due - facts->now);
        qdn_member_close(t, '{');
    }
    qdn_member_close(t, '[');
}
