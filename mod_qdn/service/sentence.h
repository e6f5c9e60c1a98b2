/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SENTENCE_H
#define QDN_SENTENCE_H

/*
 * Events in the words of an office: a whole sentence, without the full stop,
 * for every kind and every reason. Plain text: what callers and calendars
 * wrote stands in it as it is, so who puts it into JSON or HTML escapes it
 * there. Times name their zone.
 */

#include "calls.h"
#include "plan.h"

/*
 * What happened, in p: "Ana was skipped: in a meeting until 15:30 PST
 * (calendar, 40 s old)". The plan (may be NULL) knows people's and numbers'
 * names and zones: without it people are called by their ids, in UTC. Kinds
 * and reasons that this version does not know are shown as they are.
 */
const char *qdn_sentence_event(const qdn_calls_event_t *event,
                               const qdn_plan_t *plan, apr_pool_t *p);

/* Likewise without a plan, with times of that zone. */
const char *qdn_sentence_in_zone(const qdn_calls_event_t *event,
                                 const qdn_zone_t *zone, apr_pool_t *p);

/*
 * Why a phone is rung or skipped, or how that ended, as the part of a sentence
 * behind a colon: "outside the hours until 09:00 PST". known: JSON of what
 * judge.h says of it, or NULL. Times are of that zone, with their day unless
 * it is that of `at`.
 */
const char *qdn_sentence_reason(const char *reason, const char *known,
                                const qdn_zone_t *zone, apr_time_t at,
                                apr_pool_t *p);

/* What became of a call: "Answered by Sergio"; plan as above. */
const char *qdn_sentence_outcome(const qdn_chain_t *chain,
                                 const qdn_plan_t *plan, apr_pool_t *p);

/* The person's name, or the id where the plan (or NULL) does not know it. */
const char *qdn_sentence_name(const qdn_plan_t *plan, const char *operator);

/* "15:30 PST", or "2026-11-24 15:30 PST" if `at` is not on that day. */
const char *qdn_sentence_time(const qdn_zone_t *zone, apr_time_t time,
                              apr_time_t at, apr_pool_t *p);

#endif
