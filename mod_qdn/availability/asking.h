/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ASKING_H
#define QDN_ASKING_H

/* The ways to ask a feed, one for each qdn_feed_how_e. */

#include "inquiry.h"

/*
 * Is the request of a feed at a URL (ICS, CalDAV, JSON) on its way? 0: too
 * many are, it stays due.
 */
int qdn_asking_web(qdn_inquiry_t *inquiry);

/* A file: done when it returns. */
void qdn_asking_file(qdn_inquiry_t *inquiry);

/*
 * Feeds of Google's are asked together. One for the desk; ends with its pool.
 * GOOGLE_TOKEN_URL and GOOGLE_API_BASE of the environment take the place of
 * Google's own, for tests.
 */
typedef struct qdn_google_desk_t qdn_google_desk_t;

qdn_google_desk_t *qdn_google_desk_open(qdn_desk_t *desk);

/* Ask for all that are due at that monotonic time. */
void qdn_google_desk_ask(qdn_google_desk_t *google, apr_interval_time_t now);

#endif
