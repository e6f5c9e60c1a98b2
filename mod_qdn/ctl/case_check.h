/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CASE_CHECK_H
#define QDN_CASE_CHECK_H

/* Did the call go as its case says? */

#include "case_file.h"

/*
 * Hold the transcript against what the case says of the network's side:
 * numbers dialled, outcome, TwiML, complaints, and what holds for every
 * case (nobody is rung twice, but in a hop that is dialled once more without
 * one of its phones). The differences, one sentence each, are added to
 * `differences` (of const char *, in p); their number is returned.
 */
int qdn_case_check(const qdn_case_t *c, const qdn_transcript_t *t,
                   apr_array_header_t *differences, apr_pool_t *p);

/*
 * Likewise for events kept of the call, written like those of the case
 * ("hop.dialled 1 sergio/primary available"), in order. `loose`: call.ended
 * may stand anywhere and give any reason, since voice/status came first.
 */
int qdn_case_check_events(const qdn_case_t *c, const apr_array_header_t *events,
                          int loose, apr_array_header_t *differences,
                          apr_pool_t *p);

#endif
