/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_JUDGE_SCENE_H
#define QDN_JUDGE_SCENE_H

/*
 * What may be the case with the sources of availability: feeds that say this
 * and that in a snapshot of one moment, and operators who have them.
 */

#include "feed.h"
#include "judge.h"

#define SEC(n) apr_time_from_sec(n)
#define NOW    SEC(1795000000) /* a Wednesday, 2026-11-18 11:06:40 UTC */
#define LINE   "+12125550100"
#define OTHER  "+12125550101"

/* What is the case with each source; the table goes through all of them. */
typedef enum {
    SET_NONE,
    SET_AWAY,
    SET_HERE,
    SET_LINE_AWAY,
    SET_LINE_HERE,
    SET_OTHER_AWAY,
    SET_MAX
} set_e;
typedef enum {
    TALK_NONE,
    TALK_HERE,
    TALK_ELSEWHERE,
    TALK_RING,
    TALK_MAX
} talk_e;
typedef enum {
    HOURS_NONE,
    HOURS_OPEN,
    HOURS_CLOSED,
    HOURS_HOLIDAY,
    HOURS_MAX
} hours_e;
typedef enum { FEED_NONE, FEED_YES, FEED_NO, FEED_UNKNOWN, FEED_MAX } feed_e;

typedef struct facts_t {
    set_e set;
    talk_e talk;
    hours_e hours, line_hours;
    feed_e duty, calendar, presence;
} facts_t;

extern apr_pool_t *scene_pool;
extern qdn_plan_t scene_plan;
extern qdn_line_t *scene_line;
extern const qdn_hours_t *scene_hours[HOURS_MAX];
extern apr_array_header_t *scene_holidays, *scene_calendars[FEED_MAX];

/* Of cmocka: everything anew. */
int scene_set_up(void **state);
int scene_tear_down(void **state);

/* A finding that is good, and says nothing yet. */
qdn_finding_t scene_good(void);

/*
 * Another feed; finding NULL: the snapshot does not know it. It is in the
 * snapshot once that is written again.
 */
const qdn_feed_t *scene_add_feed(qdn_feed_kind_e kind, const char *address,
                                 const qdn_finding_t *finding);
int scene_write_snapshot(void);

const qdn_knowledge_t *scene_known(void);
qdn_operator_t *scene_operator_with(const facts_t *f);

#endif
