/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <apr_strings.h>
#include <http_protocol.h>
#include <util_filter.h>

#include "api_form.h"
#include "ask.h"
#include "clock.h"
#include "csv.h"
#include "detail.h"
#include "log.h"
#include "private.h"
#include "text.h"
#include "zone.h"

#ifdef __clang__
/* APR's ring macros compute offsets from a null pointer. */
#pragma clang diagnostic ignored "-Wnull-pointer-subtraction"
#endif

#define ROWS_MAX 100000 /* of one export */
#define PAGE     "500"  /* calls that the daemon is asked for at a time */
#define PATIENCE apr_time_from_sec(8) /* with the daemon, for a page */
#define PAUSE    apr_time_from_msec(250)

/* An export that is under way. */
typedef struct export_t {
    const qdn_api_t *api;
    apr_pool_t *page; /* cleared before each page */
    int rows;
    const char *as_of;
} export_t;

typedef struct format_t {
    const char *type, *ending;
    const char *before; /* all rows */
    void (*row)(export_t *x, qdn_text_t *t, const char *call);
    void (*after)(export_t *x, qdn_text_t *t);
} format_t;

/************** CSV **************/

/* A call is told in the zone of its line, if that is still there. */
static const qdn_zone_t *zone_of(const export_t *x, const char *call)
{
    const qdn_plan_t *plan = x->api->conf->plan;
    const qdn_line_t *line =
        qdn_plan_line(plan, qdn_detail_text(call, "line", x->page));

    return line ? line->zone : plan->zone;
}

static const char *text_of(const export_t *x, const char *call,
                           const char *name)
{
    return qdn_detail_text(call, name, x->page);
}

static const char *time_of(const export_t *x, const char *call,
                           const char *name)
{
    apr_time_t at = qdn_detail_number(call, name, 0, x->page);

    return at ? qdn_zone_text(zone_of(x, call), at, x->page) : NULL;
}

/* For programs, which sort by it: "2026-11-22T22:30:05Z". */
static const char *utc_of(const export_t *x, const char *call, const char *name)
{
    apr_time_t at = qdn_detail_number(call, name, 0, x->page);
    apr_time_exp_t e;

    if (!at || apr_time_exp_gmt(&e, at)) {
        return NULL;
    }
    return apr_psprintf(x->page, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                        e.tm_year + 1900, e.tm_mon + 1, e.tm_mday, e.tm_hour,
                        e.tm_min, e.tm_sec);
}

static const char *truth_of(const export_t *x, const char *call,
                            const char *name)
{
    const char *text = qdn_detail_text(call, name, x->page);

    return text && !strcmp(text, "true") ? "yes" : "no";
}

static const struct {
    const char *title;
    const char *(*cell)(const export_t *x, const char *call, const char *name);
    const char *name;
} columns[] = {
    { "Number", text_of, "line" },
    { "Name of the number", text_of, "line_name" },
    { "Caller", text_of, "caller" },
    { "Began", time_of, "started_at" },
    { "Answered", time_of, "answered_at" },
    { "Ended", time_of, "ended_at" },
    { "Outcome", text_of, "outcome_text" },
    { "Answered by", text_of, "operator_name" },
    { "Missed", truth_of, "missed" },
    { "Steps", text_of, "hops" },
    { "More than one step", truth_of, "failover" },
    { "Ringing (seconds)", text_of, "ring_seconds" },
    { "Talk (seconds)", text_of, "talk_seconds" },
    { "Began (UTC)", utc_of, "started_at" },
    { "Call", text_of, "call_sid" },
    { "Configuration", text_of, "config" },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void add_csv_row(export_t *x, qdn_text_t *t, const char *call)
{
    size_t i;

    for (i = 0; !x->rows && i < COLUMNS; i++) {
        qdn_csv_cell(t, columns[i].title, x->page);
    }
    qdn_text_add(t, x->rows ? "" : "\r\n");
    for (i = 0; call && i < COLUMNS; i++) {
        qdn_csv_cell(t, columns[i].cell(x, call, columns[i].name), x->page);
    }
    qdn_text_add(t, call ? "\r\n" : "");
}

/* Nothing was found: the titles alone. */
static void end_csv(export_t *x, qdn_text_t *t)
{
    if (!x->rows) {
        add_csv_row(x, t, NULL);
    }
}

/************** JSON **************/

static void add_json_row(export_t *x, qdn_text_t *t, const char *call)
{
    qdn_text_add(t, x->rows ? ",\n" : "\n");
    qdn_text_add(t, call);
}

static void end_json(export_t *x, qdn_text_t *t)
{
    qdn_text_addf(t, "\n],\"as_of\":%s}\n", x->as_of ? x->as_of : "null");
}

static const format_t csv = {
    .type = "text/csv; charset=utf-8; header=present",
    .ending = "csv",
    .before = "\xef\xbb\xbf", /* without it Excel takes UTF-8 for something
                               * else */
    .row = add_csv_row,
    .after = end_csv,
};
static const format_t json = {
    .type = "application/json",
    .ending = "json",
    .before = "{\"calls\":[",
    .row = add_json_row,
    .after = end_json,
};

/************** page by page **************/

/* Whoever looks at a page goes first: an export can wait. */
static int ask_page(export_t *x, const char *before, const char **panswer,
                    qdn_refusal_t *prefusal)
{
    const qdn_api_t *api = x->api;
    apr_interval_time_t until = qdn_clock_mono() + PATIENCE;
    apr_table_t *more;
    int ok;

    do {
        apr_pool_clear(x->page);
        more = apr_table_make(x->page, 2);
        apr_table_setn(more, "limit", PAGE);
        if (before) {
            apr_table_setn(more, "before", before);
        }
        ok = qdn_ask(api->r,
                     qdn_api_request(api, api->route->word, more, x->page),
                     panswer, prefusal, x->page);
    } while (!ok && before && prefusal->status == HTTP_SERVICE_UNAVAILABLE &&
             qdn_clock_mono() < until && !api->r->connection->aborted &&
             (apr_sleep(PAUSE), 1));
    return ok;
}

static void begin(const export_t *x, const format_t *format)
{
    request_rec *r = x->api->r;
    apr_time_exp_t e;

    apr_time_exp_gmt(&e, qdn_clock_now());
    ap_set_content_type(r, format->type);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "Content-Disposition",
                   apr_psprintf(r->pool,
                                "attachment; "
                                "filename=\"calls-%04d-%02d-%02d.%s\"",
                                e.tm_year + 1900, e.tm_mon + 1, e.tm_mday,
                                format->ending));
    ap_rputs(format->before, r);
}

/* Send a page; *pnext: where the next one begins, copied, or "". */
static int write_page(export_t *x, const format_t *format, const char *answer,
                      char pnext[64])
{
    request_rec *r = x->api->r;
    const char *seen = qdn_api_veil(x->api, answer, x->page);
    const apr_array_header_t *members = qdn_detail_members(seen, x->page);
    const char *next = qdn_detail_text(seen, "next", x->page);
    const apr_array_header_t *calls = NULL;
    qdn_text_t t;
    int i;

    apr_cpystrn(pnext, next ? next : "", 64);
    if (!x->as_of) {
        x->as_of =
            apr_pstrdup(r->pool, qdn_detail_text(seen, "as_of", x->page));
    }
    for (i = 0; members && i < members->nelts; i++) {
        const qdn_detail_member_t *member =
            &APR_ARRAY_IDX(members, i, qdn_detail_member_t);

        if (!strcmp(member->name, "calls")) {
            calls = qdn_detail_elements(member->value, x->page);
        }
    }
    qdn_text_init(&t, 65536, x->page);
    for (i = 0; calls && i < calls->nelts && x->rows < ROWS_MAX; i++) {
        format->row(x, &t, APR_ARRAY_IDX(calls, i, const char *));
        x->rows++;
    }
    return calls && ap_rwrite(t.buf, (int)t.len, r) >= 0 && ap_rflush(r) >= 0 &&
           !r->connection->aborted;
}

/*
 * Half a file must not look like a whole one: without the last chunk the
 * client knows.
 */
static int cut_off(request_rec *r)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, alloc);

    APR_BRIGADE_INSERT_TAIL(
        bb, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(alloc));
    ap_pass_brigade(r->output_filters, bb);
    r->connection->keepalive = AP_CONN_CLOSE;
    ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, r,
                  QDNLOGNO(0743) "an export was cut off, since the daemon "
                                 "gave no more answer or the client has gone");
    return OK;
}

static int export_calls(const qdn_api_t *api, const format_t *format)
{
    export_t x = { .api = api };
    qdn_refusal_t refusal;
    const char *answer;
    char next[64];
    qdn_text_t t;

    apr_pool_create(&x.page, api->r->pool);
    apr_pool_tag(x.page, "qdn_api_export");
    if (!ask_page(&x, NULL, &answer, &refusal)) {
        return qdn_api_refuse(api, &refusal);
    }
    begin(&x, format);
    while (!api->r->header_only) {
        if (!write_page(&x, format, answer, next)) {
            return cut_off(api->r);
        }
        if (!*next || x.rows >= ROWS_MAX) {
            break;
        }
        if (!ask_page(&x, next, &answer, &refusal)) {
            return cut_off(api->r);
        }
    }
    qdn_text_init(&t, 256, api->r->pool);
    format->after(&x, &t);
    ap_rputs(t.buf, api->r);
    return OK;
}

int qdn_api_export_csv(const qdn_api_t *api)
{
    return export_calls(api, &csv);
}

int qdn_api_export_json(const qdn_api_t *api)
{
    return export_calls(api, &json);
}
