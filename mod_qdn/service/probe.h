/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PROBE_H
#define QDN_PROBE_H

/*
 * Can the journal be written, and how much room has its disk? Tried in
 * earnest, each QDN_PROBE_GAP: a small file beside the segments is written,
 * synced and removed. By a thread of the daemon that may hang for as long as
 * the disk does. Like the drainer's it is never ended.
 */

#include <apr_pools.h>
#include <apr_time.h>

#define QDN_PROBE_GAP  apr_time_from_sec(10)
#define QDN_PROBE_FAST apr_time_from_sec(1) /* while it fails */
#define QDN_PROBE_FILE ".probe"             /* in the journal's directory */
/* An attempt that takes longer hangs. */
#define QDN_PROBE_HANG apr_time_from_sec(5)

typedef struct qdn_probe_t qdn_probe_t;

/* What is known at this moment. */
typedef struct qdn_probe_report_t {
    apr_time_t tried_at; /* end of the last attempt, wall clock; 0: none yet */
    apr_status_t rv;     /* of it */
    apr_time_t since;    /* when rv was first another than before; 0: never */
    apr_interval_time_t busy; /* how long one takes already; 0: none is on */
    apr_int64_t free, total;  /* bytes of the disk; total 0: not known */
} qdn_probe_report_t;

/*
 * Begin. APR_SUCCESS or what starting a thread said. p must outlive the
 * process's work; state_dir is not copied.
 */
apr_status_t qdn_probe_start(qdn_probe_t **pprobe, const char *state_dir,
                             apr_pool_t *p);

/* probe NULL: nothing is known. Any thread. */
void qdn_probe_report(qdn_probe_t *probe, qdn_probe_report_t *preport);

/* One attempt, by whoever may wait: what the thread does. */
apr_status_t qdn_probe_try(const char *state_dir, apr_int64_t *pfree,
                           apr_int64_t *ptotal);

#endif
