/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_RECALL_H
#define QDN_RECALL_H

/*
 * What this host remembers of the last quarter of an hour, in memory shared
 * by all httpd children: the answer to each webhook, so that a second copy
 * gets the same bytes and makes no second decision, and the fate of each
 * callee's leg. A convenience, never the truth: when it forgets (restart,
 * full table) webhooks are decided afresh and their derived ids still leave
 * one row. No lock: a child that dies in the middle of anything blocks
 * nobody for longer than QDN_RECALL_WAIT.
 */

#include <apr_pools.h>
#include <apr_time.h>
#include "digest.h"
#include "recall_ring.h"

#define QDN_RECALL_KEEP  apr_time_from_sec(15 * 60)
#define QDN_RECALL_WAIT  apr_time_from_sec(2) /* for a copy in flight */
#define QDN_RECALL_VALUE QDN_RECALL_RING_MAX  /* longest value kept, bytes */

typedef struct qdn_recall_t qdn_recall_t; /* lies in shared memory */

/*
 * Bytes of shared memory for a table of `slots` entries (rounded up to a
 * multiple of 8) whose values have `mean` bytes on average. Longer ones only
 * make it forget sooner. Pages are touched as values come in.
 */
apr_size_t qdn_recall_size(int slots, apr_size_t mean);

/* Lay an empty table out in zeroed, 8-aligned memory of that size, before
 * fork. */
qdn_recall_t *qdn_recall_init(void *memory, int slots, apr_size_t mean);

/*
 * Claim `key` (32 hex digits). All times are monotonic (qdn_clock_mono).
 * APR_SUCCESS: it is ours, nobody answered it yet, or who wanted to is dead
 * or has not finished for QDN_RECALL_WAIT: decide, then call qdn_recall_put
 * or qdn_recall_drop from the same thread. APR_EEXIST: answered before, the
 * value is copied to p and *pvalue (with a NUL behind it), *plen. APR_TIMEUP:
 * others have claimed it and did not finish while we waited QDN_RECALL_WAIT:
 * decide afresh, do not put. QDN_EFULL: no slot is free, or the key is none:
 * likewise. recall may be NULL: always QDN_EFULL.
 */
apr_status_t qdn_recall_claim(qdn_recall_t *recall, const char *key,
                              const char **pvalue, apr_size_t *plen,
                              apr_pool_t *p);

/* Finish a claim. A value that is too long is dropped. */
void qdn_recall_put(qdn_recall_t *recall, const char *key, const void *value,
                    apr_size_t len);
void qdn_recall_drop(qdn_recall_t *recall, const char *key);

/*
 * Without a claim: set the value of a key, whatever it was (the fate of a
 * leg). APR_SUCCESS; QDN_ETOOBIG; QDN_EFULL: not kept. Waits as claim does
 * where another is setting the key for the first time.
 */
apr_status_t qdn_recall_set(qdn_recall_t *recall, const char *key,
                            const void *value, apr_size_t len);

/*
 * Read a value, never waits. APR_SUCCESS: *plen bytes are in value;
 * APR_NOTFOUND; QDN_ETOOBIG: it is longer than `size`.
 */
apr_status_t qdn_recall_get(qdn_recall_t *recall, const char *key,
                            void *value, apr_size_t size, apr_size_t *plen);

#endif
