/* SPDX-License-Identifier: Apache-2.0 */
#include "standings.h"

#include <stdlib.h>

#include "hours.h"

/* A working day's start where no QDNHours say another. */
#define DAY_BEGINS 8
#define SATURDAY   5

static void add_days(apr_array_header_t *all, const qdn_days_t *days)
{
    for (int i = 0; i < days->n; i++) {
        APR_ARRAY_PUSH(all, int) = days->days[i];
    }
}

static int by_day(const void *a, const void *b)
{
    const int *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Of all his feeds of holidays; school or public. Doubles do no harm. */
static qdn_days_t holidays_of(const qdn_operator_t *op,
                              const qdn_snapshot_t *snapshot, int school,
                              apr_pool_t *p)
{
    apr_array_header_t *all = apr_array_make(p, 32, sizeof(int));
    int n = op->holidays && snapshot ? op->holidays->nelts : 0;

    for (int i = 0; i < n; i++) {
        const qdn_feed_t *feed =
            APR_ARRAY_IDX(op->holidays, i, const qdn_feed_t *);
        qdn_finding_t finding;

        if (feed->school == school &&
            qdn_snapshot_finding(snapshot, feed, &finding)) {
            add_days(all, &finding.days);
        }
    }
    qsort(all->elts, (size_t)all->nelts, sizeof(int), by_day);
    return (qdn_days_t){ (const int *)(void *)all->elts, all->nelts };
}

/* The moment at which his hours begin again, 0 if they never do. */
static apr_time_t next_opening(const qdn_operator_t *op,
                               const qdn_holidays_t *holidays, apr_time_t from)
{
    qdn_hours_state_t state;
    apr_time_t before = from - apr_time_from_sec(1);

    qdn_hours_at(op->hours, op->zone, holidays, before, &state);
    if (state.open && state.until) {
        qdn_hours_at(op->hours, op->zone, holidays, state.until, &state);
    }
    return state.open ? 0 : state.until;
}

static int is_holiday(const qdn_days_t *days, const qdn_local_t *local)
{
    int day = local->year * 10000 + local->month * 100 + local->day;

    return bsearch(&day, days->days, (size_t)days->n, sizeof(int), by_day) !=
           NULL;
}

/* Holidays for a month on end are a mistake of the calendar's. */
static apr_time_t next_weekday(const qdn_operator_t *op, const qdn_days_t *off,
                               qdn_local_t local)
{
    apr_time_t at;

    local.hour = DAY_BEGINS;
    for (int i = 0; i < 31; i++) {
        at = qdn_zone_at(op->zone, &local);
        qdn_zone_local(op->zone, at, &local);
        if (local.weekday < SATURDAY && !is_holiday(off, &local)) {
            break;
        }
        local.day++;
    }
    return at;
}

apr_time_t qdn_standings_next_day(const qdn_operator_t *op,
                                  const qdn_snapshot_t *snapshot,
                                  apr_time_t now)
{
    apr_time_t at = 0;
    qdn_days_t public, school;
    qdn_local_t local;
    apr_pool_t *ptemp;

    apr_pool_create(&ptemp, NULL);
    public = holidays_of(op, snapshot, 0, ptemp);
    school = holidays_of(op, snapshot, 1, ptemp);
    qdn_zone_local(op->zone, now, &local);
    local.day++;
    local.hour = local.minute = local.second = 0;
    if (op->hours) {
        at = next_opening(op, &(qdn_holidays_t){ &public, &school },
                          qdn_zone_at(op->zone, &local));
    }
    if (!at) {
        at = next_weekday(op, &public, local);
    }
    apr_pool_destroy(ptemp);
    return at;
}
