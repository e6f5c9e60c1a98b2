/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery.h"

#include <unistd.h>
#include <apr_strings.h>
#include "clock.h"
#include "ledger.h"
#include "log.h"
#include "parked.h"
#include "status.h"

#define COLLISIONS 6
#define PAUSE      apr_time_from_msec(2) /* at most; doubled each time */

static qdn_backlog_row_t *row_at(const apr_array_header_t *rows, int i)
{
    return &APR_ARRAY_IDX(rows, i, qdn_backlog_row_t);
}

/************** one transaction **************/

/* Rows of a segment stand together and in order: its last one counts. */
static int positions_of(const qdn_delivery_t *d, const apr_array_header_t *rows,
                        int first, int end, qdn_position_t *positions)
{
    int n = 0;

    for (int i = first; i < end; i++) {
        const qdn_backlog_row_t *row = row_at(rows, i);

        if (i == first || row->segment != row_at(rows, i - 1)->segment) {
            n++;
        }
        positions[n - 1].segment = qdn_backlog_name(d->backlog, row->segment);
        positions[n - 1].drained_to = row->end;
    }
    return n;
}

static void settle(qdn_delivery_t *d, const qdn_backlog_row_t *row)
{
    qdn_backlog_settle(d->backlog, row->segment, row->end);
    if (row->status == APR_EOF) {
        qdn_counter_add(d->counters, QDN_COUNT_DRAIN_TORN, 1);
        qdn_log(QDN_LOG_NOTICE, APR_SUCCESS,
                QDNLOGNO(0314) "%s ends with %" APR_INT64_T_FMT
                               " bytes of a line: its writer was killed",
                qdn_backlog_name(d->backlog, row->segment),
                (apr_int64_t)row->len);
    }
}

static apr_status_t try_rows(qdn_delivery_t *d, const apr_array_header_t *rows,
                             int first, int end, apr_pool_t *ptemp)
{
    apr_size_t n = (apr_size_t)(end - first);
    qdn_event_t *events = apr_palloc(ptemp, n * sizeof(*events));
    qdn_position_t *positions = apr_palloc(ptemp, n * sizeof(*positions));
    qdn_ledger_batch_t batch = { .events = events,
                                 .positions = positions,
                                 .host = d->host,
                                 .plan = d->plan,
                                 .now = qdn_clock_now(),
                                 .ended = d->ended,
                                 .ended_baton = d->ended_baton };
    apr_status_t rv;

    for (int i = first; i < end; i++) {
        if (row_at(rows, i)->status == APR_SUCCESS) {
            events[batch.nevents++] = row_at(rows, i)->event;
        }
    }
    batch.npositions = positions_of(d, rows, first, end, positions);
    rv = qdn_ledger_write(d->store, &batch, ptemp);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    for (int i = first; i < end; i++) {
        settle(d, row_at(rows, i));
    }
    d->commits++;
    qdn_counter_add(d->counters, QDN_COUNT_DRAINED,
                    (apr_uint64_t)batch.nevents);
    return APR_SUCCESS;
}

/*
 * Two hosts met at a call, which is nobody's fault and soon over: then the
 * same rows again. The waits differ, so that they do not meet for ever.
 */
static apr_status_t write_rows(qdn_delivery_t *d,
                               const apr_array_header_t *rows, int first,
                               int end, apr_pool_t *ptemp)
{
    apr_status_t rv = try_rows(d, rows, first, end, ptemp);

    for (int i = 0; rv == APR_EAGAIN && i < COLLISIONS; i++) {
        apr_sleep((qdn_clock_now() ^ getpid()) % (PAUSE << i));
        rv = try_rows(d, rows, first, end, ptemp);
    }
    return rv == APR_EAGAIN ? APR_EGENERAL : rv;
}

/************** rows that SQL cannot have **************/

static apr_status_t park(qdn_delivery_t *d, const qdn_backlog_row_t *row,
                         const char *why)
{
    const char *segment = qdn_backlog_name(d->backlog, row->segment);
    int fresh;
    apr_status_t rv = qdn_parked_put(d->parked, segment, row->begin, row->line,
                                     row->len, &fresh);

    if (rv != APR_SUCCESS || !fresh) {
        return rv;
    }
    d->put_aside++;
    qdn_counter_add(d->counters, QDN_COUNT_DRAIN_PARKED, 1);
    qdn_log(QDN_LOG_WARNING, APR_SUCCESS,
            QDNLOGNO(0313) "a line of %s at %" APR_INT64_T_FMT
                           " was put aside in %s: %s",
            segment, row->begin, d->parked, why);
    return APR_SUCCESS;
}

/* Lines that are no events, before any position passes them. */
static apr_status_t park_damaged(qdn_delivery_t *d,
                                 const apr_array_header_t *rows)
{
    apr_status_t rv = APR_SUCCESS;

    for (int i = 0; rv == APR_SUCCESS && i < rows->nelts; i++) {
        const qdn_backlog_row_t *row = row_at(rows, i);

        if (row->status == QDN_EMALFORMED) {
            rv = park(d, row, "it is damaged, its CRC does not fit");
        }
        else if (row->status == QDN_EREFUSED) {
            rv = park(d, row, "a newer version of mod_qdn wrote it");
        }
    }
    return rv;
}

/* Has it been so for long? Then one row must not stop all others for ever. */
static int lost_patience(qdn_delivery_t *d)
{
    apr_time_t now = qdn_clock_mono();

    if (!*d->pdoubt) {
        *d->pdoubt = now;
    }
    return now - *d->pdoubt >= QDN_DELIVERY_PATIENCE;
}

/* This row alone is refused: clean it, or put it aside. */
static apr_status_t write_refused(qdn_delivery_t *d,
                                  const apr_array_header_t *rows, int i,
                                  apr_pool_t *ptemp)
{
    qdn_backlog_row_t *row = row_at(rows, i);
    const char *why;
    apr_status_t rv;

    qdn_ledger_clean(&row->event, ptemp);
    rv = write_rows(d, rows, i, i + 1, ptemp);
    if (rv != QDN_EREFUSED) {
        return rv;
    }
    /*
     * A database that is full or half gone refuses innocent rows too. If it
     * does not, that trouble may be just over: the row has a last chance.
     */
    rv = qdn_ledger_probe(d->store, &row->event, ptemp);
    if (rv != APR_SUCCESS && !lost_patience(d)) {
        return rv;
    }
    rv = write_rows(d, rows, i, i + 1, ptemp);
    if (rv != QDN_EREFUSED) {
        return rv;
    }
    why = apr_pstrdup(ptemp, qdn_store_error(d->store));
    rv = park(d, row, why);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    row->status = QDN_EREFUSED;
    return write_rows(d, rows, i, i + 1, ptemp);
}

/*
 * Write rows; if they are not taken, find out which by halves: in order, so
 * that positions only ever pass what has been dealt with.
 */
static apr_status_t write_or_halve(qdn_delivery_t *d,
                                   const apr_array_header_t *rows, int first,
                                   int end, apr_pool_t *ptemp)
{
    int middle = first + (end - first) / 2;
    apr_status_t rv = write_rows(d, rows, first, end, ptemp);

    if (rv != QDN_EREFUSED) {
        return rv;
    }
    qdn_counter_add(d->counters, QDN_COUNT_DRAIN_ERRORS, 1);
    if (end - first == 1) {
        return write_refused(d, rows, first, ptemp);
    }
    rv = write_or_halve(d, rows, first, middle, ptemp);
    return rv == APR_SUCCESS ? write_or_halve(d, rows, middle, end, ptemp) : rv;
}

apr_status_t qdn_delivery_run(qdn_delivery_t *d, apr_array_header_t *rows,
                              apr_pool_t *ptemp)
{
    qdn_event_t small = { .detail = NULL };
    const char *why;
    apr_status_t rv = park_damaged(d, rows);

    if (rv == APR_SUCCESS) {
        rv = write_rows(d, rows, 0, rows->nelts, ptemp);
    }
    if (rv != QDN_EREFUSED) {
        return rv;
    }
    /*
     * One row's fault, or far more often the connection's, a deadlock's, a
     * full disk's: an innocent row and a second try tell.
     */
    qdn_counter_add(d->counters, QDN_COUNT_DRAIN_ERRORS, 1);
    why = apr_pstrdup(ptemp, qdn_store_error(d->store));
    rv = qdn_ledger_probe(d->store, &small, ptemp);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    qdn_log(QDN_LOG_NOTICE, APR_SUCCESS,
            QDNLOGNO(0315) "a batch of %d rows is tried again, because: %s",
            rows->nelts, why);
    return write_or_halve(d, rows, 0, rows->nelts, ptemp);
}
