/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_WORDS_H
#define QDN_WORDS_H

/* Events as people read them. */

#include <apr_pools.h>
#include <apr_time.h>
#include "calls.h"

/*
 * What happened, with its reason, as half a sentence in p: "not rung, because
 * outside hours". Kinds and reasons that this version does not know are
 * shown as they are.
 */
const char *qdn_words_event(const qdn_calls_event_t *event, apr_pool_t *p);

/* "2026-01-14 14:32:05" in the zone of this machine; NULL for 0. */
const char *qdn_words_time(apr_time_t at, apr_pool_t *p);

/* "14:32:05.123", likewise. */
const char *qdn_words_clock(apr_time_t at, apr_pool_t *p);

#endif
