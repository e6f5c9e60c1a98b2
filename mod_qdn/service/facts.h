/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FACTS_H
#define QDN_FACTS_H

/*
 * What a rule's expression can ask of a call: the parameters of Twilio's
 * request, and what follows from them. Pure: the time is the request's, so
 * that explain asks of any moment what a call would ask.
 */

#include "plan.h"
#include "snapshot.h"
#include "webhook.h"

typedef struct qdn_subject_t {
    const qdn_plan_t *plan;
    const qdn_line_t *line;
    const qdn_webhook_t *webhook;
    const apr_array_header_t *fields; /* of it */
    const qdn_snapshot_t *snapshot;   /* for lists; NULL: nothing is known */
    apr_time_t now;                   /* of the call */
    apr_time_t as_of; /* when a list must still hold: now, but for calls of
                       * another day, which today's lists decide as well */
    int calls_today;  /* of this number, this one counted; 0: it has none */
} qdn_subject_t;

/*
 * The value of a name, in p or of the subject; "" where there is none.
 * CallerKind, KnownCaller, List:NAME, CallsToday, StirLevel, LocalHour,
 * LocalMinute, LocalWeekday, LocalDate, Line, LineName; else a parameter.
 */
const char *qdn_facts_value(const qdn_subject_t *subject, const char *name,
                            apr_pool_t *p);

/* The caller's number, E.164; NULL: withheld or odd. */
const char *qdn_facts_caller(const qdn_webhook_t *webhook);

/* The day of the line's zone as 20261224. */
int qdn_facts_day(const qdn_line_t *line, apr_time_t now);

#endif
