/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_LOOKOUT_H
#define QDN_LOOKOUT_H

/*
 * A child's view of the snapshot: a thread of its own maps each new file
 * within half a second of its rename (it may wait for a slow disk; nobody
 * waits for it), and hands the newest mapping to request threads without a
 * lock. A mapping that was replaced stays for a minute, longer than any
 * request looks at it.
 */

#include "snapshot.h"

typedef struct qdn_lookout_t qdn_lookout_t;

/*
 * Map what is there, begin to watch. It lies in no pool. bell is a word in
 * shared memory that the daemon bumps and wakes after each rename
 * (waitword.h), so that a status is in force at once; NULL: only looked for
 * every half second. APR_SUCCESS or what starting a thread said; without a
 * file there is just no snapshot yet.
 */
apr_status_t qdn_lookout_open(qdn_lookout_t **plookout, const char *state_dir,
                              apr_uint32_t *bell);

/* The newest; NULL: none. Good for a minute. Never blocks. lookout may be
 * NULL. */
const qdn_snapshot_t *qdn_lookout_now(const qdn_lookout_t *lookout);

/*
 * End the thread. APR_SUCCESS, or APR_TIMEUP after a second (a disk that
 * hangs). May run in a signal handler: takes no lock and frees nothing, the
 * newest snapshot stays mapped until the process ends.
 */
apr_status_t qdn_lookout_close(qdn_lookout_t *lookout);

#endif
