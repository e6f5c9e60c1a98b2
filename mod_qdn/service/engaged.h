/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ENGAGED_H
#define QDN_ENGAGED_H

/*
 * Who is in a talk, as far as this host was told: in shared memory of all
 * children, without a lock. A talk begins with key 1 (or, without a key to
 * press, with the leg's `answered`) and ends with whatever is told first of
 * its end: the leg's own, the hop's, the call's. If no end is ever told it
 * counts until the line's time limit and five minutes after the beginning:
 * Twilio ends it by then.
 */

#include "plan.h"

#define QDN_ENGAGED_GRACE apr_time_from_sec(300)

typedef struct qdn_engaged_t qdn_engaged_t; /* lies in shared memory */

/* Bytes of shared memory for so many talks at once (rounded up to 8). */
apr_size_t qdn_engaged_size(int talks);

/* Lay an empty table out in zeroed, 8-aligned memory, before fork. */
qdn_engaged_t *qdn_engaged_init(void *memory, int talks);

/* talks may be NULL in all of these: nothing is noted. */
void qdn_engaged_begin(qdn_engaged_t *talks, const char *operator,
                       const char *call_sid, apr_time_t now,
                       apr_time_t until);

/* The operator's talk in that call is over; operator NULL: anybody's. */
void qdn_engaged_end(qdn_engaged_t *talks, const char *operator,
                     const char *call_sid);

/*
 * The same, heard of late: a talk of theirs that began after `since` is
 * another one, and goes on.
 */
void qdn_engaged_end_old(qdn_engaged_t *talks, const char *operator,
                         const char *call_sid, apr_time_t since);

/* 1 and since when (the longest of several), or 0. */
int qdn_engaged_ask(const qdn_engaged_t *talks, const char *operator,
                    apr_time_t now, apr_time_t *psince);

/* The same as a qdn_engaged_cb (judge.h); baton: the talks, or NULL. */
int qdn_engaged_look(void *baton, const qdn_operator_t *op, apr_time_t now,
                     apr_time_t *psince);

#endif
