/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_WAITWORD_H
#define QDN_WAITWORD_H

/*
 * A number that threads can wait for to change. No lock is behind it, so it
 * can be bumped and waited for in a signal handler that runs over a thread
 * that is in here: neither mutexes nor condition variables allow that.
 *
 *     apr_uint32_t seen = qdn_waitword_read(&w);
 *     if (!the_thing_is_done()) {
 *         qdn_waitword_wait(&w, seen, left);
 *     }
 */

#include <apr.h>
#include <apr_time.h>

typedef struct qdn_waitword_t {
    apr_uint32_t value;
    apr_uint32_t waiting; /* threads in wait: spares bump a system call */
} qdn_waitword_t;

apr_uint32_t qdn_waitword_read(const qdn_waitword_t *w);

/* Change the number and wake everybody who waits. */
void qdn_waitword_bump(qdn_waitword_t *w);

/*
 * Return when the number is not `seen`, after `timeout` microseconds, or for
 * no reason at all: the caller looks again and measures time itself.
 */
void qdn_waitword_wait(qdn_waitword_t *w, apr_uint32_t seen,
                       apr_interval_time_t timeout);

/*
 * The same for a word in memory that processes share. Whoever rings does not
 * know who listens, so each costs a system call.
 */
void qdn_waitword_ring(apr_uint32_t *bell);
void qdn_waitword_listen(const apr_uint32_t *bell, apr_uint32_t seen,
                         apr_interval_time_t timeout);

#endif
