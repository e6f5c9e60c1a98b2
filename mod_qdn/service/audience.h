/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_AUDIENCE_H
#define QDN_AUDIENCE_H

/*
 * What the daemon answers at ctl.sock, one row a question: the plan in force,
 * its health, who is available. In the daemon's main thread alone; nothing
 * here waits for longer than the journal may.
 */

#include "archive.h"
#include "daemon.h"
#include "drainer.h"
#include "probe.h"
#include "reader.h"
#include "refresher.h"
#include "sources.h"

/* Who is asked for what. */
typedef struct qdn_audience_t {
    const qdn_daemon_config_t *config;
    qdn_drainer_t *drainer;
    qdn_archive_t *archive; /* NULL: SQL cannot be asked */
    qdn_reader_t *reader;
    qdn_roster_t *roster;
    qdn_refresher_t *refresher; /* NULL: there are no feeds */
    qdn_sources_t *sources;
    qdn_outbox_t *outbox; /* the daemon's own */
    qdn_probe_t *probe;
    apr_interval_time_t started; /* monotonic */
} qdn_audience_t;

/* A qdn_control_cb; the baton is a qdn_audience_t. */
qdn_control_cb qdn_audience_answer;

/* Questions that have a file of their own; as qdn_audience_answer. */
const char *qdn_audience_status(qdn_audience_t *audience, const char *request,
                                apr_pool_t *p);
/*
 * {"set":true,"delayed":null,"standings":[what is in force now],"empty":[...]};
 * "delayed" says why it is kept, but not in force yet; "set":false if that
 * would leave the lines of "empty" with nobody; {"error":sentence}. With a
 * member "form":"api" as the dashboard's API tells it: "standing" in place of
 * "standings", times in microseconds, "undo": what to ask for to put back what
 * was (null unless set); an error has a "status" of HTTP.
 */
const char *qdn_audience_set_status(qdn_audience_t *audience,
                                    const char *request, apr_pool_t *p);

/*
 * Of this minute (now.h), and the parts of it: "lines", "operators", and with
 * a member "operator" that one alone ({"error","status":404}: there is none).
 */
const char *qdn_audience_now(qdn_audience_t *audience, const char *request,
                             apr_pool_t *p);
const char *qdn_audience_lines(qdn_audience_t *audience, const char *request,
                               apr_pool_t *p);
const char *qdn_audience_operators(qdn_audience_t *audience,
                                   const char *request, apr_pool_t *p);
const char *qdn_audience_operator(qdn_audience_t *audience, const char *request,
                                  apr_pool_t *p);

/* For doctor, with all counters; and every check, as the API tells it. */
const char *qdn_audience_health(qdn_audience_t *audience, const char *request,
                                apr_pool_t *p);
const char *qdn_audience_health_report(qdn_audience_t *audience,
                                       const char *request, apr_pool_t *p);

/* Let everybody know (gauges.h): about once a second. */
void qdn_audience_tell_gauges(qdn_audience_t *audience, apr_pool_t *p);

/* The members "feeds" and what else health tells of availability. */
void qdn_audience_add_feeds(qdn_audience_t *audience, qdn_text_t *t,
                            apr_time_t now, apr_pool_t *p);

#endif
