/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call_path FORM CALLS DIR: the call path without httpd, for callgrind. FORM
 * is a file with a voice webhook's body: an account, "CallSid=@SID@", the
 * rest; a journal is written in DIR, without syncing. What one call costs is
 * counted inside one_call() alone.
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

int main(int argc, char **argv)
{
    qdn_journal_config_t config = { .dir = argc == 4 ? argv[3] : NULL,
                                    .host = "bench",
                                    .wait = apr_time_from_sec(2),
                                    .max = INT64_MAX };
    qdn_journal_t *journal;
    qdn_request_t *requests;
    const char *form;
    office_t *o;
    int calls;

    apr_initialize();
    if (argc != 4 || (calls = atoi(argv[2])) < 1) {
        fprintf(stderr, "usage: call_path FORM CALLS DIR\n");
        return 2;
    }
    o = office_open("QDNHop sergio/primary\nQDNHop sergio/backup");
    form = read_form(argv[1], o->pool);
    config.counters = &o->counters;
    if (qdn_journal_open(&journal, &config) != APR_SUCCESS) {
        fprintf(stderr, "call_path: no journal in %s\n", config.dir);
        return 2;
    }
    o->service.record = record;
    o->service.record_baton = journal;
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
