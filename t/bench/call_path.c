/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call_path FORM CALLS DIR [known]: the call path without httpd, for
 * callgrind. FORM is a file with a voice webhook's body: an account,
 * "CallSid=@SID@", the rest; a journal is written in DIR, without syncing.
 * What one call costs is counted inside one_call() alone. With `known` the
 * line's people have hours, holidays, three calendars, presence and a status,
 * among a hundred such people in the snapshot, whose size is printed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "conf_reader.h"
#include "feed.h"
#include "journal.h"
#include "office.h"

#define SID  "@SID@"
#define MANY 1024 /* answers remembered, as in httpd */

static apr_status_t record(void *baton, const qdn_event_t *events, int n,
                           apr_pool_t *p)
{
    return qdn_journal_append(baton, events, n, p);
}

static const char *read_form(const char *path, apr_pool_t *p)
{
    apr_file_t *file;
    char *text = apr_pcalloc(p, 8192);
    apr_size_t len = 8191;

    if (apr_file_open(&file, path, APR_READ, 0, p) != APR_SUCCESS ||
        apr_file_read_full(file, text, len, &len) != APR_EOF ||
        !strstr(text, SID)) {
        fprintf(stderr, "call_path: %s is no webhook's body\n", path);
        exit(2);
    }
    return text;
}

static qdn_request_t make_request(office_t *o, const char *form, int call)
{
    const char *rest = strstr(form, SID) + sizeof(SID) - 1;
    qdn_request_t request = office_request(
        o, "voice", apr_psprintf(o->pool, "CallSid=CA%032x%s", call, rest));

    office_sign(o, &request);
    return request;
}

/* callgrind counts in here and nowhere else. */
__attribute__((noinline, used)) static void
one_call(const qdn_service_t *service, const qdn_request_t *request,
         qdn_reply_t *preply)
{
    qdn_service_answer(service, request, NULL, preply);
}

static void call(office_t *o, qdn_request_t *request)
{
    qdn_reply_t reply;

    apr_pool_create(&request->pool, o->pool);
    one_call(&o->service, request, &reply);
    if (reply.status != 200 || !strstr(reply.body, "<Dial")) {
        fprintf(stderr, "call_path: answered with %d: %s\n", reply.status,
                reply.body);
        exit(1);
    }
    apr_pool_destroy(request->pool);
}

/* As office.c has them, and all that can be known of a person. */
#define KNOWN(id)                                                              \
    "QDNTimezone Europe/Berlin\n"                                              \
    "QDNHours \"Mo-Fr 08:00-18:00; Sa 10:00-14:00; PH off\"\n"                 \
    "QDNHolidays https://days.example.com/de.ics\n"                            \
    "QDNCalendar google:" id "@example.com\n"                                  \
    "QDNCalendar google:" id "-2@example.com\n"                                \
    "QDNCalendar ics:https://ics.example.com/" id ".ics\n"                     \
    "QDNPresence https://presence.example.com/" id                             \
    " pointer=/s available=active\n"

static const char people[] =
    "QDNSecrets dotenv:/etc/qdn/repos.env\n"
    "QDNPublicURL " OFFICE_URL "\n"
    "<QDNOperator sergio>\n" KNOWN(
        "sergio") "QDNPhone primary +16195550101\n"
                  "QDNPhone backup +18585550102\n"
                  "</QDNOperator>\n"
                  "<QDNOperator ana>\n" KNOWN(
                      "ana") "QDNPhone mobile +16195550103\n"
                             "</QDNOperator>\n"
                             "<QDNLine " OFFICE_LINE ">\n"
                             "QDNTimezone Europe/Berlin\n"
                             "QDNHours \"Mo-Su 06:00-22:00\"\n"
                             "QDNHop sergio/primary\nQDNHop ana/mobile\n"
                             "</QDNLine>\n";

#define EVENTS 60  /* of each calendar, in five weeks */
#define OTHERS 300 /* calendars of people who are not rung here */

/* None of them now. */
static const qdn_span_t *meetings(office_t *o)
{
    qdn_span_t *spans = apr_palloc(o->pool, EVENTS * sizeof(*spans));

    for (int i = 0; i < EVENTS; i++) {
        spans[i].from = o->now + apr_time_from_sec(1000 + i * 50000);
        spans[i].to = spans[i].from + apr_time_from_sec(3600);
        spans[i].title = "";
    }
    return spans;
}

static apr_array_header_t *feeds_and_others(office_t *o)
{
    apr_array_header_t *feeds = apr_array_copy(o->pool, o->service.plan->feeds);

    for (int i = 0; i < OTHERS; i++) {
        qdn_feed_t *feed = apr_pcalloc(o->pool, sizeof(*feed));

        apr_snprintf(feed->key, sizeof(feed->key), "%016x", i * 7919);
        APR_ARRAY_PUSH(feeds, qdn_feed_t *) = feed;
    }
    return feeds;
}

static void write_snapshot(office_t *o, const char *dir)
{
    static const int days[] = { 20260101, 20261225 };
    apr_array_header_t *standings =
        apr_array_make(o->pool, 1, sizeof(qdn_standing_t));
    qdn_picture_t picture = { .host = "bench",
                              .feeds = feeds_and_others(o),
                              .standings = standings };
    qdn_finding_t *findings = apr_pcalloc(
        o->pool, (apr_size_t)picture.feeds->nelts * sizeof(*findings));

    for (int i = 0; i < picture.feeds->nelts; i++) {
        findings[i] = (qdn_finding_t){ .good_at = o->now,
                                       .from = o->now,
                                       .to = o->now + apr_time_from_sec(99),
                                       .spans = meetings(o),
                                       .nspans = EVENTS,
                                       .days = { days, 2 },
                                       .available = 1 };
    }
    APR_ARRAY_PUSH(standings, qdn_standing_t) = (qdn_standing_t){
        .operator= "ana", .line = OFFICE_LINE, .state = QDN_STANDING_AUTO
    };
    picture.findings = findings;
    if (qdn_snapshot_write(dir, &picture, o->pool) != APR_SUCCESS) {
        fprintf(stderr, "call_path: no snapshot in %s\n", dir);
        exit(2);
    }
}

static void know_people(office_t *o, const char *dir)
{
    qdn_plan_t *plan;
    const char *error = qdn_test_read_conf(&plan, people, NULL, o->pool);

    if (error) {
        fprintf(stderr, "call_path: %s\n", error);
        exit(2);
    }
    o->service.plan = plan;
    write_snapshot(o, dir);
    if (qdn_lookout_open(&o->service.lookout, dir, NULL) != APR_SUCCESS) {
        exit(2);
    }
    o->service.talks =
        qdn_engaged_init(apr_pcalloc(o->pool, qdn_engaged_size(MANY)), MANY);
    printf("snapshot %d\n",
           (int)qdn_snapshot_bytes(qdn_lookout_now(o->service.lookout)));
}

int main(int argc, char **argv)
{
    qdn_journal_config_t config = { .dir = argc >= 4 ? argv[3] : NULL,
                                    .host = "bench",
                                    .wait = apr_time_from_sec(2),
                                    .max = INT64_MAX };
    qdn_journal_t *journal;
    qdn_request_t *requests;
    const char *form;
    office_t *o;
    int calls;

    apr_initialize();
    if (argc < 4 || argc > 5 || (calls = atoi(argv[2])) < 1) {
        fprintf(stderr, "usage: call_path FORM CALLS DIR [known]\n");
        return 2;
    }
    o = office_open("QDNHop sergio/primary\nQDNHop ana/mobile");
    form = read_form(argv[1], o->pool);
    config.counters = &o->counters;
    if (qdn_journal_open(&journal, &config) != APR_SUCCESS) {
        fprintf(stderr, "call_path: no journal in %s\n", config.dir);
        return 2;
    }
    if (argc == 5) {
        know_people(o, config.dir);
    }
    o->service.record = record;
    o->service.record_baton = journal;
    o->service.meter = apr_pcalloc(o->pool, sizeof(qdn_meter_t));
    o->service.replies = qdn_recall_init(
        apr_pcalloc(o->pool, qdn_recall_size(MANY, 1024)), MANY, 1024);
    requests = apr_palloc(o->pool, (apr_size_t)calls * sizeof(*requests));
    for (int i = 0; i < calls; i++) {
        requests[i] = make_request(o, form, i);
    }
    for (int i = 0; i < calls; i++) {
        call(o, &requests[i]);
    }
    return qdn_journal_close(journal) != APR_SUCCESS;
}
