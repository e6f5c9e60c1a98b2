/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_NOW_H
#define QDN_NOW_H

/*
 * What the daemon says of this minute, for the dashboard: each line's cascade
 * as it would run now, for an ordinary caller whom nobody answers, and each
 * operator with what is known of him. Made by the functions that calls take
 * (fiction.h, judge.h). Nothing is recorded; pure but for the callbacks.
 */

#include "foretell.h"
#include "sources.h"
#include "text.h"

typedef struct qdn_now_t {
    qdn_foretell_t f; /* as_of of its knowledge is f.now */
    const char *host;
    const apr_array_header_t *standings; /* of qdn_standing_t */
    const apr_array_header_t *feeds;     /* of qdn_sources_feed_t, in the plan's
                                      * order; NULL: nothing is told of them */
} qdn_now_t;

/*
 * {"now","host","revision","lines":[{"number","name","zone","rule":{"number",
 *  "expr","origin"}|null,"steps":[STEP],"end":{"act","sentence"}}],
 *  "operators":[OPERATOR]}, in p. Times are microseconds since 1970.
 * STEP: {"hop","operator","operator_name","phone","rung","reason","sentence",
 *  "ring","since","until","who","why"}, in the order in which the cascade
 *  comes to them.
 */
const char *qdn_now_tell(const qdn_now_t *now, apr_pool_t *p);

/*
 * One element of an array, or the whole of a text, OPERATOR: {"id","name",
 * "zone","available","reason","sentence","since","until","standing":STANDING|
 * null,"standings":[STANDING],"suggested_until","talking","feeds":[{"name",
 * "kind","state","age","error"}]}
 */
void qdn_now_operator(qdn_text_t *t, const qdn_now_t *now,
                      const qdn_operator_t *op, apr_pool_t *p);

/* {"state","line","until","at","who","why"} */
void qdn_now_standing(qdn_text_t *t, const char *name,
                      const qdn_standing_t *standing);

/* {"name","kind","state","age","error"}, an element of "feeds". */
void qdn_now_feed(qdn_text_t *t, const qdn_sources_feed_t *feed, apr_time_t now,
                  apr_pool_t *p);

#endif
