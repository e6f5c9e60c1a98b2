/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FORETELL_H
#define QDN_FORETELL_H

/*
 * What the daemon says of calls that did not happen, or happened before:
 * explain (what would happen to a call), sweep (when would nobody be rung),
 * replay (what would become of a stored call today). Each takes the JSON line
 * that was asked at ctl.sock and answers with one JSON object in p, or with
 * {"error":"sentence"}. Nothing is recorded.
 */

#include "judge.h"
#include "service.h"

typedef struct qdn_foretell_t {
    const qdn_plan_t *plan;
    const qdn_knowledge_t *knowledge; /* its as_of is set to now */
    qdn_rule_cb *rule;                /* NULL: rules never match */
    void *rules_baton;
    apr_time_t now;
} qdn_foretell_t;

typedef const char *qdn_foretell_fn(const qdn_foretell_t *f,
                                    const char *request, apr_pool_t *p);

#define QDN_SWEEP_DAYS     14
#define QDN_SWEEP_DAYS_MAX 34 /* calendars are known about as far */

/*
 * {"ask":"explain","line":"+1...","from":"+1..."|"anonymous"...,
 *  "forwarded_from":...,"stir":...,"at":MICROSECONDS,
 *  "local":"2026-11-22T14:30"}: all may be left out, the line if there is no
 * other; a caller who is not given is an ordinary one. Without `at`, or
 * `local` by the line's clock, it is now.
 * {"line","name","at","local","revision","caller","rule":{"number","expr",
 *  "origin"}|null,"scenes":[{"at","act","reason","hop","ring","screen",
 *  "left","rung":[{"hop","operator","phone","reason","availability"}],
 *  "skipped":[...],"ended"}],"feeds":[FEED of the line's hours and rules],
 *  "inputs":[{"operator","name","available","reason","until","until_local",
 *  "availability","feeds":[FEED]}]}, where FEED is {"feed","kind","holds",
 *  "age","error"}
 */
qdn_foretell_fn qdn_foretell_explain;

/*
 * {"ask":"sweep","days":N,"line":"+1..."}: both may be left out.
 * {"from","to","complete":true|false,"spans":[{"line","name","from","to",
 *  "zone","from_local","to_local","rule":as above,"causes":[{"hop","operator",
 *  "phone","reason","availability"}]}]}. complete: false if there
 * was more to look at than the daemon has time for; then "to" says how far
 * every line was looked at.
 */
qdn_foretell_fn qdn_foretell_sweep;

/*
 * As explain, with what was known and what happened then instead of what is
 * known: "verdicts":"sergio=calendar-busy ana=available", "fates":
 * "sergio/primary=busy:3 ana/mobile=connected" (after 3 seconds). Who is not
 * named was available, and did not answer; so was whose word is no verdict
 * (qdn_judge_gives). "passed":false: asked for a key, the caller did not press
 * it. No "inputs".
 */
qdn_foretell_fn qdn_foretell_replay;

#endif
