/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FICTION_H
#define QDN_FICTION_H

/*
 * A call that is only thought of, walked down its cascade by the functions
 * that calls take: nothing is rung, nothing is kept. Explain, sweep and replay
 * stand on it. Pure but for the callback of qdn_knowledge_t.
 */

#include <apr_hash.h>
#include "judge.h"

/* How the ringing of one phone ends. */
typedef struct qdn_fate_t {
    qdn_reason_e reason; /* of a hop's end */
    int seconds;         /* until then; -1: for as long as it may ring */
} qdn_fate_t;

typedef struct qdn_fiction_t {
    const qdn_plan_t *plan;
    const qdn_line_t *line;
    const char *caller; /* see qdn_cascade_input_t, likewise */
    const char *forwarded_from;
    int rule;      /* number of the first that matches; 0 none */
    apr_time_t at; /* when it comes in */
    const qdn_knowledge_t *knowledge;
    /*
     * Of qdn_verdict_t: taken for what the knowledge would say, at every
     * step; NULL: asked at each step's own time.
     */
    apr_array_header_t *verdicts;
    /* "operator/label" -> qdn_fate_t; who is not in it, or NULL: no-answer. */
    apr_hash_t *fates;
    int stopped; /* 1: whom a rule asks for a key does not press it */
} qdn_fiction_t;

/* One decision, and how it went on. */
typedef struct qdn_scene_t {
    apr_time_t at;
    qdn_decision_t decision;
    qdn_reason_e ended; /* of a dial; NONE: of what is no dial */
} qdn_scene_t;

/* The first decision alone, after the key if a rule asks for one. */
void qdn_fiction_open(const qdn_fiction_t *fiction, qdn_decision_t *pdecision,
                      apr_pool_t *p);

/*
 * All decisions from the first to voicemail, goodbye, a refusal, a talk or a
 * key that is not pressed: array of qdn_scene_t in p.
 */
apr_array_header_t *qdn_fiction_play(const qdn_fiction_t *fiction,
                                     apr_pool_t *p);

/*
 * Everybody whom the call could ring: array of const qdn_operator_t *, each
 * once, in the order of the hops.
 */
apr_array_header_t *qdn_fiction_cast(const qdn_fiction_t *fiction,
                                     apr_pool_t *p);

/* "dial", "voicemail", "goodbye", "reject", "busy" ... */
const char *qdn_fiction_act(qdn_act_e act);

#endif
