/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_NOW_WORDS_H
#define QDN_NOW_WORDS_H

/*
 * Sentences of now.h, in the words of an office: somebody is rung or skipped
 * this minute, and why. All in p, times with the name of their zone.
 */

#include "cascade.h"

/* What decided, as far as it is known; see the details of judge.h. */
typedef struct qdn_now_cause_t {
    qdn_reason_e reason;
    apr_time_t at;           /* when that was asked */
    apr_time_t since, until; /* 0: not known */
    const char *who, *why;   /* set by hand: by whom, and why; or NULL */
    const char *known;       /* JSON of what judge.h says; or NULL */
} qdn_now_cause_t;

/* ring: seconds; 0: he is skipped. */
const char *qdn_now_say_step(const char *name, int ring,
                             const qdn_now_cause_t *cause,
                             const qdn_zone_t *zone, apr_pool_t *p);

const char *qdn_now_say_operator(const char *name, int available,
                                 const qdn_now_cause_t *cause,
                                 const qdn_zone_t *zone, apr_pool_t *p);

/* What the caller gets in the end; asked: after a key that a rule wants. */
const char *qdn_now_say_end(qdn_act_e act, int asked, apr_pool_t *p);

#endif
