/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SUPERSEDE_H
#define QDN_SUPERSEDE_H

/*
 * One step of a call decided by two hosts: Twilio gave up on the first and
 * asked another, where other people were available. Both decisions are kept.
 * Decisions that follow the same one ("after" in their detail; none: the
 * first of the call) are rivals. In force is the one that a later step names,
 * because its URL was the one that Twilio went on with; rivals that no step
 * names are superseded. While no step names any, nobody knows.
 *
 * Pure functions of all the events of a call that are known, in the order of
 * `at`; they may come to the same answer again and again.
 */

#include <apr_tables.h>
#include "event.h"

typedef struct qdn_superseded_t {
    const char *decision;     /* id */
    const char *by;           /* id of the one in force */
    const qdn_event_t *event; /* the decision's first */
    apr_time_t at;            /* since when both were known */
} qdn_superseded_t;

/* Array of qdn_superseded_t in p, NULL if there is none. */
apr_array_header_t *qdn_supersede_find(const qdn_event_t *events, int n,
                                       apr_pool_t *p);

/* The event decision.superseded that marks it, the same on every host. */
void qdn_supersede_event(qdn_event_t *pe, const qdn_superseded_t *superseded,
                         apr_pool_t *p);

/*
 * The events that say what became of the call: without superseded decisions,
 * and of a hop's end that two hosts judged only how the host saw it whose
 * decision is in force. *pn: how many. `events` itself if all count, else a
 * copy in p.
 */
const qdn_event_t *qdn_supersede_filter(const qdn_event_t *events, int *pn,
                                        apr_pool_t *p);

#endif
