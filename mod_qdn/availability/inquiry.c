/* SPDX-License-Identifier: Apache-2.0 */
#include "inquiry.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ics.h"
#include "log.h"
#include "numbers.h"
#include "presence.h"

#define START_SPREAD       apr_time_from_sec(1)
#define START_SPREAD_KNOWN apr_time_from_sec(5)

apr_pool_t *qdn_desk_pool(qdn_desk_t *desk)
{
    apr_pool_t *p;

    apr_pool_create(&p, desk->pool);
    apr_pool_tag(p, "qdn_answer");
    return p;
}

void qdn_desk_reading(qdn_desk_t *desk, const qdn_feed_t *feed)
{
    if (desk->config->asking) {
        qdn_quarantine_reading(desk->config->asking, feed);
    }
}

void qdn_desk_done(qdn_desk_t *desk)
{
    qdn_desk_reading(desk, NULL);
}

static double fraction(qdn_desk_t *desk)
{
    return rand_r(&desk->seed) / ((double)RAND_MAX + 1);
}

static apr_interval_time_t from_now(apr_interval_time_t wait)
{
    return qdn_clock_mono() + wait;
}

apr_interval_time_t qdn_inquiry_again(qdn_desk_t *desk,
                                      apr_interval_time_t refresh, int failures,
                                      apr_interval_time_t retry_after)
{
    apr_interval_time_t wait = refresh;
    apr_interval_time_t most = refresh;

    if (wait > QDN_INQUIRY_RETRY) {
        wait = QDN_INQUIRY_RETRY;
    }
    if (most < QDN_INQUIRY_RETRY_MAX) {
        most = QDN_INQUIRY_RETRY_MAX;
    }
    for (; failures > 1 && wait < most; failures--) {
        wait *= 2;
    }
    wait = wait < most ? wait : most;
    wait -= (apr_interval_time_t)((double)wait * fraction(desk) / 4);
    return from_now(wait > retry_after ? wait : retry_after);
}

/* A tenth earlier at most, so that who began together does not stay so. */
static apr_interval_time_t next_time(const qdn_inquiry_t *inquiry)
{
    apr_interval_time_t refresh = inquiry->feed->refresh;

    if (inquiry->feed->how == QDN_FEED_FILE) {
        return from_now(QDN_INQUIRY_FILE_GAP);
    }
    return from_now(
        refresh -
        (apr_interval_time_t)((double)refresh * fraction(inquiry->desk) / 10));
}

/*
 * All are asked anew: who restarts httpd has changed something. First those
 * of whom nothing is known, and none at the same moment as all others.
 */
static apr_interval_time_t first_time(const qdn_inquiry_t *inquiry)
{
    const qdn_finding_t *finding = &inquiry->finding;
    apr_interval_time_t spread =
        finding->good_at && !finding->error ? START_SPREAD_KNOWN : START_SPREAD;

    if (inquiry->feed->how == QDN_FEED_FILE) {
        return from_now(0);
    }
    return from_now(
        (apr_interval_time_t)((double)spread * fraction(inquiry->desk)));
}

static const char *describe(const qdn_inquiry_t *inquiry, apr_pool_t *p)
{
    const qdn_feed_t *feed = inquiry->feed;

    return apr_psprintf(p, "%s: %s %s", qdn_origin_text(feed->origin, p),
                        qdn_feed_kind_text(feed->kind), qdn_feed_name(feed, p));
}

static void set_error(qdn_inquiry_t *inquiry, const char *error)
{
    if (error != inquiry->error) {
        apr_cpystrn(inquiry->error, error, sizeof(inquiry->error));
    }
    inquiry->finding.error = inquiry->error;
}

static void leave_alone(qdn_inquiry_t *inquiry, apr_interval_time_t until,
                        int new)
{
    apr_pool_t *ptemp;

    set_error(inquiry, "reading its last answer ended the daemon; it is left "
                       "alone for an hour");
    inquiry->due = until;
    inquiry->failures = 1;
    inquiry->left_alone = 1;
    inquiry->desk->changed = 1;
    if (!new) {
        return;
    }
    ptemp = qdn_desk_pool(inquiry->desk);
    qdn_log(QDN_LOG_ERR, 0, QDNLOGNO(0900) "%s: %s", describe(inquiry, ptemp),
            inquiry->error);
    apr_pool_destroy(ptemp);
}

void qdn_inquiry_open(qdn_inquiry_t *inquiry, apr_uint64_t culprit)
{
    const qdn_refresh_config_t *config = inquiry->desk->config;
    apr_interval_time_t until =
        config->asking ? qdn_quarantine_until(config->asking, inquiry->feed,
                                              qdn_clock_mono())
                       : 0;

    inquiry->pool = qdn_desk_pool(inquiry->desk);
    if (!config->before || !config->before(config->before_baton, inquiry->feed,
                                           &inquiry->finding, inquiry->pool)) {
        memset(&inquiry->finding, 0, sizeof(inquiry->finding));
    }
    if (inquiry->finding.error) {
        set_error(inquiry, inquiry->finding.error);
        inquiry->failures = 1;
    }
    inquiry->due = first_time(inquiry);
    if (until) {
        leave_alone(inquiry, until,
                    culprit == qdn_quarantine_name(inquiry->feed));
    }
}

/* What good and unchanged answers have in common. */
static void succeeded(qdn_inquiry_t *inquiry)
{
    apr_pool_t *ptemp;

    inquiry->asked = inquiry->alone = 0;
    inquiry->finding.asked_at = inquiry->finding.good_at = qdn_clock_now();
    inquiry->finding.error = NULL;
    inquiry->due = next_time(inquiry);
    if (!inquiry->failures) {
        return;
    }
    inquiry->failures = 0;
    inquiry->desk->changed = 1;
    ptemp = qdn_desk_pool(inquiry->desk);
    qdn_log(QDN_LOG_NOTICE, 0, QDNLOGNO(0902) "%s: it answers again",
            describe(inquiry, ptemp));
    apr_pool_destroy(ptemp);
}

void qdn_inquiry_unchanged(qdn_inquiry_t *inquiry)
{
    inquiry->desk->touched = 1;
    succeeded(inquiry);
}

void qdn_inquiry_failed(qdn_inquiry_t *inquiry, const char *error,
                        apr_interval_time_t retry_after)
{
    int new = !inquiry->failures || strcmp(inquiry->error, error) != 0;
    apr_pool_t *ptemp;

    inquiry->asked = 0;
    inquiry->finding.asked_at = qdn_clock_now();
    set_error(inquiry, error);
    inquiry->due =
        inquiry->feed->how == QDN_FEED_FILE
            ? next_time(inquiry)
            : qdn_inquiry_again(inquiry->desk, inquiry->feed->refresh,
                                inquiry->failures + 1, retry_after);
    inquiry->desk->changed |= new;
    inquiry->desk->touched = 1;
    if (inquiry->failures++) {
        return;
    }
    ptemp = qdn_desk_pool(inquiry->desk);
    qdn_log(QDN_LOG_WARNING, 0,
            QDNLOGNO(0901) "%s: %s; what it said before holds for a while",
            describe(inquiry, ptemp), inquiry->error);
    apr_pool_destroy(ptemp);
}

static int same_spans(const qdn_finding_t *a, const qdn_finding_t *b)
{
    int i;

    if (a->nspans != b->nspans) {
        return 0;
    }
    for (i = 0; i < a->nspans; i++) {
        if (a->spans[i].from != b->spans[i].from ||
            a->spans[i].to != b->spans[i].to ||
            strcmp(a->spans[i].title, b->spans[i].title) != 0) {
            return 0;
        }
    }
    return 1;
}

static int same_bytes(const void *a, int na, const void *b, int nb,
                      apr_size_t size)
{
    return na == nb && (!na || !memcmp(a, b, (apr_size_t)na * size));
}

static int same(const qdn_finding_t *a, const qdn_finding_t *b)
{
    return a->good_at && same_spans(a, b) && a->available == b->available &&
           !strcmp(a->word ? a->word : "", b->word ? b->word : "") &&
           same_bytes(a->days.days, a->days.n, b->days.days, b->days.n,
                      sizeof(int)) &&
           same_bytes(a->numbers, a->nnumbers, b->numbers, b->nnumbers,
                      sizeof(apr_uint64_t));
}

void qdn_inquiry_take(qdn_inquiry_t *inquiry, const qdn_finding_t *finding,
                      apr_pool_t *p)
{
    if (same(&inquiry->finding, finding)) {
        inquiry->desk->touched = 1;
    }
    else {
        inquiry->desk->changed = 1;
    }
    apr_pool_destroy(inquiry->pool);
    inquiry->pool = p;
    inquiry->finding = *finding;
    inquiry->etag = inquiry->modified = NULL;
    inquiry->read_at = qdn_clock_mono();
    succeeded(inquiry);
}

static apr_status_t read_ics(const qdn_inquiry_t *inquiry, const char *text,
                             apr_size_t len, qdn_finding_t *pfinding,
                             const char **perror, apr_pool_t *p)
{
    const qdn_feed_t *feed = inquiry->feed;
    qdn_ics_want_t want = { .timezone = feed->timezone, .match = feed->match };

    if (feed->kind == QDN_FEED_HOLIDAYS) {
        pfinding->to = pfinding->from + QDN_INQUIRY_DAYS_AHEAD;
    }
    want.busy_only = feed->kind == QDN_FEED_CALENDAR;
    want.titles = feed->kind == QDN_FEED_DUTY ||
                  inquiry->desk->config->plan->calendar_detail;
    want.from = pfinding->from;
    want.to = pfinding->to;
    return feed->kind == QDN_FEED_HOLIDAYS
               ? qdn_ics_days(text, len, &want, &pfinding->days, perror, p)
               : qdn_ics_spans(text, len, &want, &pfinding->spans,
                               &pfinding->nspans, perror, p);
}

static apr_status_t read_by_kind(const qdn_inquiry_t *inquiry, const char *text,
                                 apr_size_t len, qdn_finding_t *pfinding,
                                 const char **perror, apr_pool_t *p)
{
    const qdn_feed_t *feed = inquiry->feed;

    switch (feed->kind) {
    case QDN_FEED_PRESENCE:
        return qdn_presence_read(text, len, feed->pointer, feed->values,
                                 &pfinding->available, &pfinding->word, perror,
                                 p);
    case QDN_FEED_NUMBERS:
        return qdn_numbers_read(text, len, &pfinding->numbers,
                                &pfinding->nnumbers, perror, p);
    default:
        return read_ics(inquiry, text, len, pfinding, perror, p);
    }
}

void qdn_inquiry_read(qdn_inquiry_t *inquiry, const char *text, apr_size_t len,
                      const char *etag, const char *modified)
{
    apr_pool_t *p = qdn_desk_pool(inquiry->desk);
    apr_time_t now = qdn_clock_now();
    qdn_finding_t finding = { .from = now - QDN_FINDING_BEHIND,
                              .to = now + QDN_FINDING_AHEAD };
    const char *error = NULL;
    apr_status_t rv;

    qdn_desk_reading(inquiry->desk, inquiry->feed);
    rv = read_by_kind(inquiry, text, len, &finding, &error, p);
    qdn_desk_done(inquiry->desk);
    if (rv) {
        qdn_inquiry_failed(inquiry, error ? error : "it is not understood", 0);
        apr_pool_destroy(p);
        return;
    }
    qdn_inquiry_take(inquiry, &finding, p);
    inquiry->etag = apr_pstrdup(p, etag);
    inquiry->modified = apr_pstrdup(p, modified);
}
