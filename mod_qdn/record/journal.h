/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_JOURNAL_H
#define QDN_JOURNAL_H

/*
 * The outbox of one httpd child: request threads hand events over, one
 * flusher thread writes them to this child's segment files (writer.h) and
 * syncs, many requests per sync. Nobody waits longer than `wait`, whatever
 * the disk does, since write(2) itself may not return on a frozen file system.
 */

#include "counter.h"
#include "event.h"

#define QDN_JOURNAL_RING (4 * 1024 * 1024) /* bytes of lines not yet written */

typedef struct qdn_journal_t qdn_journal_t;

typedef struct qdn_journal_config_t {
    const char *dir; /* QDNStateDir/journal, ours */
    const char *host;
    int sync;                 /* 1: durable before append returns */
    apr_interval_time_t wait; /* longest wait of one append, microseconds */
    apr_int64_t max;          /* bytes of all segments in dir */
    qdn_counters_t *counters; /* shared, or NULL */
} qdn_journal_config_t;

/*
 * Start the flusher thread. Call after fork; qdn_journal_close ends it. The
 * disk is not touched before the first event arrives, so this waits for none,
 * an idle child leaves no file, and a directory that is missing, or was
 * removed and made again, is a failing disk until it is there. ENOMEM or
 * EAGAIN: no memory or no thread to be had.
 */
apr_status_t qdn_journal_open(qdn_journal_t **pjournal,
                              const qdn_journal_config_t *config);

/*
 * Hand over n events of one step as one unit, from any thread.
 * APR_SUCCESS: written, and with sync durable. APR_TIMEUP: kept in memory,
 * not yet written after `wait` (journal.late). QDN_EFULL: lost, because the
 * ring or QDNJournalMax is full (journal.lost). In each case the caller goes
 * on and answers. Scratch is taken from p.
 */
apr_status_t qdn_journal_append(qdn_journal_t *journal,
                                const qdn_event_t *events, int n,
                                apr_pool_t *p);

/*
 * Write what is queued and end the flusher, within a second. Takes no lock
 * that a request can hold: on prefork it runs in a signal handler over a
 * request. APR_TIMEUP if the flusher did not end (it is then left alone, and
 * what it has not written counts as journal.lost).
 */
apr_status_t qdn_journal_close(qdn_journal_t *journal);

#endif
