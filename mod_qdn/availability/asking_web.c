/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>

#include "asking.h"
#include "caldav.h"
#include "clock.h"
#include "ics.h"
#include "presence.h"

/* What each `how` asks with. */
static const struct {
    const char *method;
    const char *const *headers;
    apr_size_t max;
} ways[] = {
    [QDN_FEED_ICS] = { "GET",
                       (const char *const[]){
                           "Accept: text/calendar, */*;q=0.1", NULL },
                       QDN_ICS_MAX },
    [QDN_FEED_CALDAV] = { "REPORT",
                          (const char *const[]){
                              "Depth: 1", "Content-Type: application/xml",
                              NULL },
                          QDN_ICS_MAX },
    [QDN_FEED_JSON] = { "GET",
                        (const char *const[]){
                            "Accept: application/json, */*;q=0.1", NULL },
                        QDN_PRESENCE_MAX },
};

/* NULL: there is a secret (or none is asked for), and *pline is its header. */
static const char *add_secret(const qdn_inquiry_t *inquiry, const char **pline,
                              apr_pool_t *p)
{
    const qdn_refresh_config_t *config = inquiry->desk->config;
    const qdn_feed_t *feed = inquiry->feed;
    const char *value;

    *pline = NULL;
    if (!feed->secret) {
        return NULL;
    }
    value = config->secret
                ? config->secret(config->secret_baton, feed, feed->secret)
                : NULL;
    if (!value || !*value) {
        return apr_psprintf(p, "QDNSecrets has no %s", feed->secret);
    }
    if (strpbrk(value, "\r\n")) {
        return apr_psprintf(p, "%s of QDNSecrets has more than one line",
                            feed->secret);
    }
    *pline = feed->header ? apr_pstrcat(p, feed->header, ": ", value, NULL)
             : feed->user
                 ? qdn_fetch_basic(feed->user, value, p)
                 : apr_pstrcat(p, "Authorization: Bearer ", value, NULL);
    return NULL;
}

static const char *status_text(int status, char buf[40])
{
    apr_snprintf(buf, 40, "it answered with status %d", status);
    return buf;
}

/* A multistatus: the events that it holds. */
static void read_events(qdn_inquiry_t *inquiry, const qdn_fetched_t *got)
{
    apr_pool_t *p = qdn_desk_pool(inquiry->desk);
    const char *text, *error = NULL;
    apr_status_t rv;

    qdn_desk_reading(inquiry->desk, inquiry->feed);
    rv = qdn_caldav_unwrap(got->body, got->len, &text, &error, p);
    qdn_desk_done(inquiry->desk);
    if (rv) {
        qdn_inquiry_failed(inquiry, error, 0);
    }
    else {
        qdn_inquiry_read(inquiry, text, strlen(text), NULL, NULL);
    }
    apr_pool_destroy(p);
}

/* Is there another way to ask this server? Then it is asked so from now on. */
static int ask_for_events(qdn_inquiry_t *inquiry, int status)
{
    if (inquiry->feed->how != QDN_FEED_CALDAV || inquiry->events ||
        !qdn_caldav_unknown(status)) {
        return 0;
    }
    inquiry->events = 1;
    inquiry->asked = 0;
    inquiry->due = qdn_clock_mono();
    return 1;
}

static void answered(void *baton, const qdn_fetched_t *got)
{
    qdn_inquiry_t *inquiry = baton;
    char text[40];

    if (got->error) {
        qdn_inquiry_failed(inquiry, got->error, 0);
    }
    else if (got->status == 304 && (inquiry->etag || inquiry->modified)) {
        qdn_inquiry_unchanged(inquiry);
    }
    else if (got->status == 200) {
        qdn_inquiry_read(inquiry, got->body, got->len, got->etag,
                         got->modified);
    }
    else if (got->status == 207 && inquiry->events) {
        read_events(inquiry, got);
    }
    else if (!ask_for_events(inquiry, got->status)) {
        qdn_inquiry_failed(inquiry, status_text(got->status, text),
                           got->retry_after);
    }
}

static const char *body_of(const qdn_inquiry_t *inquiry, apr_pool_t *p)
{
    apr_time_t from = qdn_clock_now() - QDN_FINDING_BEHIND;
    apr_time_t to = from + QDN_FINDING_BEHIND + QDN_FINDING_AHEAD;

    if (inquiry->feed->how != QDN_FEED_CALDAV) {
        return NULL;
    }
    return inquiry->events ? qdn_caldav_events_body(from, to, p)
                           : qdn_caldav_busy_body(from, to, p);
}

static int may_be_unchanged(const qdn_inquiry_t *inquiry)
{
    return inquiry->read_at &&
           qdn_clock_mono() - inquiry->read_at < QDN_INQUIRY_REREAD;
}

int qdn_asking_web(qdn_inquiry_t *inquiry)
{
    const qdn_feed_t *feed = inquiry->feed;
    qdn_question_t question = { .method = ways[feed->how].method,
                                .url = feed->address,
                                .headers = ways[feed->how].headers,
                                .max = ways[feed->how].max,
                                .done = answered,
                                .baton = inquiry };
    apr_pool_t *p;
    const char *fault;

    if (!qdn_fetch_room(inquiry->desk->fetch, feed->address)) {
        return 0;
    }
    p = qdn_desk_pool(inquiry->desk);
    question.body = body_of(inquiry, p);
    if (!question.body && may_be_unchanged(inquiry)) {
        question.etag = inquiry->etag;
        question.modified = inquiry->modified;
    }
    fault = add_secret(inquiry, &question.secret, p);
    if (fault) {
        qdn_inquiry_failed(inquiry, fault, 0);
    }
    else {
        inquiry->asked = 1;
        qdn_fetch_begin(inquiry->desk->fetch, &question);
    }
    apr_pool_destroy(p);
    return 1;
}
