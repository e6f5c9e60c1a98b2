/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_RECALL_RING_H
#define QDN_RECALL_RING_H

/*
 * Where recall.c keeps its values: a ring in shared memory, the oldest value
 * overwritten first, so that short values take little room and pages nobody
 * needed yet are not touched. Nothing is locked or guarded; each record
 * begins with a checksum over key, place and value, so a value that was
 * overwritten or torn, by whatever happened, is simply not there any more.
 */

#include <apr.h>

#define QDN_RECALL_RING_MAX 8184 /* longest value, bytes */

typedef struct qdn_recall_ring_t qdn_recall_ring_t;

/* Bytes for a ring that holds `count` values of `mean` bytes. */
apr_size_t qdn_recall_ring_size(apr_uint64_t count, apr_size_t mean);

/* Lay it out in zeroed, 8-aligned memory of that size. */
qdn_recall_ring_t *qdn_recall_ring_init(void *memory, apr_uint64_t count,
                                        apr_size_t mean);

/* Keep a value of at most QDN_RECALL_RING_MAX bytes; where it lies. */
apr_uint64_t qdn_recall_ring_write(qdn_recall_ring_t *ring,
                                   const apr_uint64_t key[2],
                                   const void *value, apr_size_t len);

/* Bytes of the value at `where`: at most 4095, whatever `where` is. */
apr_size_t qdn_recall_ring_len(apr_uint64_t where);

/* Copy it. 1, or 0 if this key's value is not (or no longer) there. */
int qdn_recall_ring_read(const qdn_recall_ring_t *ring,
                         const apr_uint64_t key[2], apr_uint64_t where,
                         void *value);

#endif
