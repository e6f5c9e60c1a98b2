/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_RING_H
#define QDN_RING_H

/*
 * A bounded queue of byte strings: any number of threads put, one thread
 * takes. Without locks, because on prefork the journal is closed in a signal
 * handler over a thread that may be in qdn_ring_put. A thread that is stopped
 * there holds up only what was put after it.
 *
 * Positions count all bytes ever put and never wrap (64 bits). What was taken
 * stays in place until it is released, so that a write can be repeated.
 */

#include <apr.h>
#include <apr_errno.h>
#include <sys/uio.h>

typedef struct qdn_ring_t {
    char *bytes;        /* all zero where nothing was put */
    apr_uint64_t size;  /* a power of two */
    apr_uint64_t chunk; /* bytes that are given back at a time */
    apr_uint64_t head;  /* released up to here; moved by the taker */
    apr_uint64_t freed; /* given back up to here, a multiple of chunk */
    apr_uint64_t tail;  /* promised to putters up to here */
} qdn_ring_t;

/* Lay a ring out in `size` zeroed bytes: a power of two, page-aligned. */
void qdn_ring_init(qdn_ring_t *ring, void *bytes, apr_size_t size);

/*
 * Copy len bytes in as one unit. APR_SUCCESS, *pend is the position after
 * it; QDN_EFULL if it does not fit now.
 */
apr_status_t qdn_ring_put(qdn_ring_t *ring, const void *data, apr_size_t len,
                          apr_uint64_t *pend);

/*
 * The units from position *pat on that are complete, at most max: their
 * bytes into iov. *pat moves behind the last. Returns how many. Begin with
 * *pat = ring->head. Only the taker calls release; others may take where they
 * know that it stands still.
 */
int qdn_ring_take(const qdn_ring_t *ring, apr_uint64_t *pat, struct iovec *iov,
                  int max);

/*
 * Everything before position `end` was dealt with. Its room is given back to
 * putters, and its pages to the system, in whole chunks of a quarter of the
 * ring or 256 KiB.
 */
void qdn_ring_release(qdn_ring_t *ring, apr_uint64_t end);

/* Position up to which everything was dealt with; from any thread. */
apr_uint64_t qdn_ring_released(const qdn_ring_t *ring);

#endif
