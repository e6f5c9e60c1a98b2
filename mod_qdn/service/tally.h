/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TALLY_H
#define QDN_TALLY_H

/*
 * How many calls a number has made today, as this host saw them: in shared
 * memory of all children, without a lock. It keeps no number, only a digest of
 * number and day. A full table forgets whoever called least; then they are
 * counted from one again.
 */

#include <apr_pools.h>

typedef struct qdn_tally_t qdn_tally_t; /* lies in shared memory */

/* Bytes of shared memory for so many numbers (at least 8). */
apr_size_t qdn_tally_size(int numbers);

/* Lay an empty table out in zeroed, 8-aligned memory, before fork. */
qdn_tally_t *qdn_tally_init(void *memory, int numbers);

/*
 * One more call of that number on that day (20261224, of the line's zone).
 * How many it has made with this one; tally NULL: 1.
 */
int qdn_tally_add(qdn_tally_t *tally, const char *number, int day);

#endif
