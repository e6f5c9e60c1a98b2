/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include "feed.h"
#include "hours.h"
#include "relation.h"

/* What is said of an operator and of a line alike. */
typedef struct keeper_t {
    const char *who;
    const char *timezone;
    const qdn_hours_t *hours;
    const apr_array_header_t *holidays; /* of const qdn_feed_t * */
    qdn_origin_t origin;                /* of the hours */
} keeper_t;

static keeper_t of_line(qdn_check_t *c, const qdn_line_t *line)
{
    return (keeper_t){ .who = apr_pstrcat(c->pool, "line ",
                                          qdn_check_line(c, line), NULL),
                       .timezone = line->timezone,
                       .hours = line->hours,
                       .holidays = line->holidays,
                       .origin = line->hours_origin };
}

static keeper_t of_operator(qdn_check_t *c, const qdn_operator_t *op)
{
    return (keeper_t){ .who = apr_psprintf(c->pool, "operator '%s'", op->id),
                       .timezone = op->timezone,
                       .hours = op->hours,
                       .holidays = op->holidays,
                       .origin = op->hours_origin };
}

static void zone(qdn_check_t *c, const keeper_t *k)
{
    if (k->hours && !k->timezone && !c->plan->timezone) {
        qdn_check_tell(c, k->origin,
                       "%s: QDNHours mean the clock of a time zone, and "
                       "neither this block nor the server has QDNTimezone; "
                       "add it, such as QDNTimezone America/Los_Angeles",
                       k->who);
    }
}

static int has(const apr_array_header_t *feeds, int school)
{
    int i;

    for (i = 0; i < feeds->nelts; i++) {
        if (APR_ARRAY_IDX(feeds, i, const qdn_feed_t *)->school == school) {
            return 1;
        }
    }
    return 0;
}

static int needs(const qdn_hours_t *hours, int school)
{
    return hours && (school ? qdn_hours_need_school(hours)
                            : qdn_hours_need_public(hours));
}

static void holidays(qdn_check_t *c, const keeper_t *k)
{
    int school;

    for (school = 0; school <= 1; school++) {
        if (needs(k->hours, school) && !has(k->holidays, school)) {
            qdn_check_tell(c, k->origin,
                           "%s: %s in QDNHours means no day at all without "
                           "QDNHolidays kind=%s; add it, or remove %s",
                           k->who, school ? "SH" : "PH",
                           school ? "school" : "public", school ? "SH" : "PH");
        }
    }
}

static int is_of_all(const qdn_plan_t *plan, const qdn_feed_t *feed)
{
    int i;

    for (i = 0; i < plan->holidays->nelts; i++) {
        if (APR_ARRAY_IDX(plan->holidays, i, const qdn_feed_t *) == feed) {
            return 1;
        }
    }
    return 0;
}

/* Holidays alone close nothing: hours say what PH and SH mean. */
static void idle(qdn_check_t *c, const keeper_t *k)
{
    int i;

    for (i = 0; i < k->holidays->nelts; i++) {
        const qdn_feed_t *feed =
            APR_ARRAY_IDX(k->holidays, i, const qdn_feed_t *);

        if (!is_of_all(c->plan, feed) && !needs(k->hours, feed->school)) {
            qdn_check_tell(c, feed->origin,
                           "%s: QDNHolidays have no effect, since no QDNHours "
                           "there say what happens on them; add %s, such as "
                           "\"Mo-Fr 08:00-18:00; %s off\"",
                           k->who, feed->school ? "SH" : "PH",
                           feed->school ? "SH" : "PH");
        }
    }
}

void qdn_check_hours_zone_line(qdn_check_t *c, const qdn_line_t *line)
{
    keeper_t k = of_line(c, line);

    zone(c, &k);
}

void qdn_check_hours_zone_operator(qdn_check_t *c, const qdn_operator_t *op)
{
    keeper_t k = of_operator(c, op);

    zone(c, &k);
}

void qdn_check_holidays_line(qdn_check_t *c, const qdn_line_t *line)
{
    keeper_t k = of_line(c, line);

    holidays(c, &k);
}

void qdn_check_holidays_operator(qdn_check_t *c, const qdn_operator_t *op)
{
    keeper_t k = of_operator(c, op);

    holidays(c, &k);
}

void qdn_check_idle_line(qdn_check_t *c, const qdn_line_t *line)
{
    keeper_t k = of_line(c, line);

    idle(c, &k);
}

void qdn_check_idle_operator(qdn_check_t *c, const qdn_operator_t *op)
{
    keeper_t k = of_operator(c, op);

    idle(c, &k);
}
