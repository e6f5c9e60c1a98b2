/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CHECKS_H
#define QDN_CHECKS_H

/* Every check of health.h as people read it, also those that are green. */

#include "health.h"
#include "zone.h"

/* What is told besides what is judged. */
typedef struct qdn_checks_t {
    const qdn_health_facts_t *facts;
    const apr_array_header_t *symptoms; /* of qdn_health_judge */
    const qdn_zone_t *zone;             /* for times in sentences */
    const apr_array_header_t *feeds;    /* of qdn_sources_feed_t */
    int credentials;                    /* how many are loaded */
    apr_time_t loaded_at;               /* configuration and secrets */
    apr_time_t started_at;              /* the daemon */
} qdn_checks_t;

/* The colour of that check alone. */
qdn_colour_e qdn_checks_colour(const apr_array_header_t *symptoms,
                               qdn_check_e check);

/*
 * "checks":[{"name","colour","since","age","what","do"}], all of them in
 * their order. since: since when it has that colour, microseconds since 1970,
 * or null; age: seconds since what it tells of, or null; do: who must do what,
 * null where it is green.
 */
void qdn_checks_add(qdn_text_t *t, const qdn_checks_t *checks, apr_pool_t *p);

/* "credentials":[{"name","fingerprint","age_days","rotate_in_days"}] */
void qdn_checks_add_credentials(qdn_text_t *t, const qdn_health_facts_t *facts);

#endif
