/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <apr_strings.h>
#include <string.h>
#include "feed.h"
#include "zone.h"

#define KNOWN "known" /* the list that KnownCaller looks at */

typedef const char *fact_fn(const qdn_subject_t *s, apr_pool_t *p);

const char *qdn_facts_caller(const qdn_webhook_t *webhook)
{
    return webhook->caller_kind == QDN_CALLER_NUMBER ? webhook->from : NULL;
}

static qdn_local_t local(const qdn_line_t *line, apr_time_t now)
{
    qdn_local_t clock;

    qdn_zone_local(line->zone, now, &clock);
    return clock;
}

int qdn_facts_day(const qdn_line_t *line, apr_time_t now)
{
    qdn_local_t clock = local(line, now);

    return (clock.year * 100 + clock.month) * 100 + clock.day;
}

static int is_listed(const qdn_subject_t *s, const char *list)
{
    const char *caller = qdn_facts_caller(s->webhook);
    const qdn_feed_t *feed =
        apr_hash_get(s->plan->numbers_by_name, list, APR_HASH_KEY_STRING);
    qdn_finding_t finding;

    return caller && feed && s->snapshot &&
           qdn_snapshot_finding(s->snapshot, feed, &finding) &&
           qdn_finding_holds(&finding, feed, s->as_of) &&
           qdn_finding_lists(&finding, caller);
}

static const char *yes_no(int yes)
{
    return yes ? "yes" : "no";
}

static const char *known_caller(const qdn_subject_t *s, apr_pool_t *p)
{
    const char *caller = qdn_facts_caller(s->webhook);

    (void)p;
    return yes_no(caller && (qdn_plan_phone_by_number(s->plan, caller) ||
                             is_listed(s, KNOWN)));
}

static const char *caller_kind(const qdn_subject_t *s, apr_pool_t *p)
{
    (void)p;
    return qdn_webhook_caller_kind(s->webhook->caller_kind);
}

static const char *line_number(const qdn_subject_t *s, apr_pool_t *p)
{
    (void)p;
    return s->line->number;
}

static const char *line_name(const qdn_subject_t *s, apr_pool_t *p)
{
    (void)p;
    return s->line->name;
}

static const char *calls_today(const qdn_subject_t *s, apr_pool_t *p)
{
    return apr_itoa(p, s->calls_today);
}

/* "TN-Validation-Passed-A-Diverted": what follows the letter adds nothing. */
static const char *stir_level(const qdn_subject_t *s, apr_pool_t *p)
{
    static const char passed[] = "TN-Validation-Passed-";
    static const char failed[] = "TN-Validation-Failed";
    const char *word = s->webhook->stir_verstat;
    const char *level = word + sizeof(passed) - 1;

    if (!strncmp(word, passed, sizeof(passed) - 1) && *level >= 'A' &&
        *level <= 'C' && (!level[1] || level[1] == '-')) {
        return apr_pstrndup(p, level, 1);
    }
    return strncmp(word, failed, sizeof(failed) - 1) ? "none" : "failed";
}

static const char *local_hour(const qdn_subject_t *s, apr_pool_t *p)
{
    return apr_itoa(p, local(s->line, s->now).hour);
}

static const char *local_minute(const qdn_subject_t *s, apr_pool_t *p)
{
    return apr_itoa(p, local(s->line, s->now).minute);
}

static const char *local_weekday(const qdn_subject_t *s, apr_pool_t *p)
{
    static const char *const days[] = {
        "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"
    };

    (void)p;
    return days[local(s->line, s->now).weekday];
}

static const char *local_date(const qdn_subject_t *s, apr_pool_t *p)
{
    qdn_local_t clock = local(s->line, s->now);

    return apr_psprintf(p, "%04d-%02d-%02d", clock.year, clock.month,
                        clock.day);
}

static const struct {
    const char *name;
    fact_fn *value;
} facts[] = {
    { "CallerKind", caller_kind },     { "KnownCaller", known_caller },
    { "CallsToday", calls_today },     { "StirLevel", stir_level },
    { "LocalHour", local_hour },       { "LocalMinute", local_minute },
    { "LocalWeekday", local_weekday }, { "LocalDate", local_date },
    { "Line", line_number },           { "LineName", line_name },
};

const char *qdn_facts_value(const qdn_subject_t *subject, const char *name,
                            apr_pool_t *p)
{
    const char *value;
    apr_size_t i;

    for (i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
        if (!strcmp(name, facts[i].name)) {
            return facts[i].value(subject, p);
        }
    }
    if (!strncmp(name, "List:", 5)) {
        return yes_no(is_listed(subject, name + 5));
    }
    value = qdn_form_get(subject->fields, name);
    return value ? value : "";
}
