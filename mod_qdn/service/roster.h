/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ROSTER_H
#define QDN_ROSTER_H

/*
 * The daemon's knowledge of availability, from all sides: what the feeds say
 * (refresh.h), what people set by hand, here or on other hosts, who talks
 * elsewhere. Whatever changes is written as the next snapshot at once. Any
 * thread; each function holds the roster's mutex for moments only, never
 * while it waits for SQL or the network (the disk: while a snapshot is
 * written).
 */

#include "plan.h"
#include "snapshot.h"

typedef struct qdn_roster_t qdn_roster_t;

typedef struct qdn_roster_config_t {
    const qdn_plan_t *plan;
    const char *host;
    apr_uint32_t *bell; /* see lookout.h; or NULL */
} qdn_roster_config_t;

/*
 * Begins with what the last snapshot says, and writes it anew as its own: by
 * a thread, as all that follow, at most one every 50 ms. p must outlive the
 * process's work. APR_SUCCESS or what starting a thread said.
 */
apr_status_t qdn_roster_open(qdn_roster_t **proster,
                             const qdn_roster_config_t *config, apr_pool_t *p);

/*
 * Wait until everything taken so far is in the snapshot. APR_SUCCESS;
 * APR_TIMEUP.
 */
apr_status_t qdn_roster_settle(qdn_roster_t *roster,
                               apr_interval_time_t timeout);

/* APR_SUCCESS, or why the last attempt to write the snapshot failed. */
apr_status_t qdn_roster_trouble(qdn_roster_t *roster);

/* One finding per feed of the plan, in its order; copied. */
void qdn_roster_take_findings(qdn_roster_t *roster,
                              const qdn_finding_t *findings);

/* Standings as events told them, own or other hosts'; copied. */
void qdn_roster_take_standings(qdn_roster_t *roster,
                               const qdn_standing_t *standings, int n);

/* All talks of other hosts that SQL knows of; replaces those before. */
void qdn_roster_take_talks(qdn_roster_t *roster, const qdn_talk_t *talks,
                           int n);

/*
 * A snapshot of this moment, for whoever has time: explain, sweep, status.
 * Mapped into p. As qdn_snapshot_map: APR_ENOENT if none could be written yet.
 */
apr_status_t qdn_roster_look(qdn_roster_t *roster,
                             const qdn_snapshot_t **psnapshot, apr_pool_t *p);

/*
 * All standings taken so far, in the snapshot or not yet. Array of
 * qdn_standing_t, copied into p.
 */
apr_array_header_t *qdn_roster_standings(qdn_roster_t *roster, apr_pool_t *p);

/*
 * Standings that have ended by themselves since the last question, each
 * once: the daemon records status.ended for them. Array of qdn_standing_t in
 * p. After a restart those of a day may be told again.
 */
apr_array_header_t *qdn_roster_ended(qdn_roster_t *roster, apr_time_t now,
                                     apr_pool_t *p);

#endif
