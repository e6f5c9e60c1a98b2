/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PACE_H
#define QDN_PACE_H

/*
 * Callers come first: where every processor is busy, rows wait in the
 * journal, for a caller cannot. A low priority alone does not see to that,
 * since most of the work of a batch is the database's. So the drain watches
 * how long it had to queue for a processor, and rests while that is long.
 * On a host with an idle processor nothing changes.
 */

#include <apr_time.h>

/* No row waits for longer on this account. */
#define QDN_PACE_LAG apr_time_from_sec(5)

/* Bytes of rows that cost little, and people look at: no rest for them. */
#define QDN_PACE_FEW (256 * 1024)

/* It rests so many times as long as it worked, then it looks again. */
#define QDN_PACE_SHARE 50
#define QDN_PACE_REST  apr_time_from_sec(1) /* at most */

/* Of one thread, which alone may use it. */
typedef struct qdn_pace_t {
    int fd;              /* the thread's account, or -1: none to be had */
    apr_uint64_t worked; /* ns on a processor when last looked at */
    apr_uint64_t queued; /* ns ready to run, and not running */
} qdn_pace_t;

/* Begin, in the thread itself. */
void qdn_pace_start(qdn_pace_t *pace);

/* A piece of work that has been done, and what is left to do. */
typedef struct qdn_pace_work_t {
    apr_interval_time_t took;
    apr_interval_time_t lag; /* how long its oldest row had waited */
    apr_int64_t waiting;     /* bytes of rows */
} qdn_pace_work_t;

/*
 * How long to rest now; 0: go on. Without Linux's /proc it is always 0.
 */
apr_interval_time_t qdn_pace_rest(qdn_pace_t *pace,
                                  const qdn_pace_work_t *work);

/* The rule alone: it worked and queued for so many ns meanwhile. */
apr_interval_time_t qdn_pace_judge(apr_uint64_t worked, apr_uint64_t queued,
                                   const qdn_pace_work_t *work);

#endif
