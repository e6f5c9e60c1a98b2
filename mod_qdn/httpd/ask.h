/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ASK_H
#define QDN_ASK_H

/*
 * Questions of a child to the daemon, for the dashboard. A worker waits
 * QDN_CONTROL_WAIT at most, and no more than QDN_ASK_WAITING of a child, or of
 * all children where each is one worker (prefork): the others are there for
 * callers.
 */

#include "page.h"
#include "shm.h"

#define QDN_ASK_WAITING QDN_SHM_PLACES
#define QDN_ASK_AGAIN   "2" /* seconds after which it may be tried again */

/* The detail of a refusal that says nothing of the daemon: too many wait. */
extern const char qdn_ask_crowd[];

/*
 * Put a request line; *panswer is a JSON object, in p. 1, or 0 and *prefusal
 * says why there is no answer: the daemon is away or slow, too many wait, or
 * what it had against the question, with the status that it gave.
 */
int qdn_ask(const request_rec *r, const char *request, const char **panswer,
            qdn_refusal_t *prefusal, apr_pool_t *p);

/* Likewise for who waits no longer than that; room is shared with qdn_ask. */
int qdn_ask_within(const request_rec *r, const char *request,
                   apr_interval_time_t wait, const char **panswer,
                   qdn_refusal_t *prefusal, apr_pool_t *p);

/* "there is none" as a page says it: "There is none." In p. */
const char *qdn_ask_sentence(const char *text, apr_pool_t *p);

#endif
