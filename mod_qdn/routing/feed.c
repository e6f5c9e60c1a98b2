/* SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"

#include <apr_strings.h>
#include <string.h>

#include "digest.h"
#include "plan.h"

static const char *const kinds[] = {
    [QDN_FEED_CALENDAR] = "calendar", [QDN_FEED_DUTY] = "duty",
    [QDN_FEED_HOLIDAYS] = "holidays", [QDN_FEED_PRESENCE] = "presence",
    [QDN_FEED_NUMBERS] = "numbers",
};

static const char *const hows[] = {
    [QDN_FEED_FILE] = "file",     [QDN_FEED_ICS] = "ics",
    [QDN_FEED_GOOGLE] = "google", [QDN_FEED_CALDAV] = "caldav",
    [QDN_FEED_JSON] = "json",
};

const char *qdn_feed_kind_text(qdn_feed_kind_e kind)
{
    return kinds[kind];
}

const char *qdn_feed_name(const qdn_feed_t *feed, apr_pool_t *p)
{
    const char *host = strstr(feed->address, "://");
    const char *shown = feed->address;

    if (feed->how != QDN_FEED_FILE && feed->how != QDN_FEED_GOOGLE && host) {
        host += 3;
        shown = apr_pstrmemdup(p, host, strcspn(host, "/?#"));
    }
    return apr_pstrcat(p, hows[feed->how], ":", shown, NULL);
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

/* Of all that changes what is asked, or what is kept of the answer. */
static void set_key(qdn_feed_t *feed, const qdn_plan_t *plan)
{
    apr_pool_t *p = plan->pool;
    int titles = feed->kind == QDN_FEED_CALENDAR && plan->calendar_detail;
    const char *const parts[] = {
        kinds[feed->kind],
        hows[feed->how],
        feed->address,
        or_empty(feed->secret),
        or_empty(feed->user),
        or_empty(feed->header),
        or_empty(feed->match),
        or_empty(feed->timezone),
        or_empty(feed->pointer),
        feed->values ? apr_array_pstrcat(p, feed->values, ',') : "",
        feed->school ? "SH" : "PH",
        or_empty(feed->name),
        apr_psprintf(p, "%" APR_TIME_T_FMT, feed->refresh),
        apr_psprintf(p, "%" APR_TIME_T_FMT, feed->stale),
        or_empty(feed->secrets),
        titles ? "titles" : "",
        NULL,
    };
    char id[QDN_ID_HEX + 1];

    qdn_digest_id(parts, id);
    apr_cpystrn(feed->key, id, sizeof(feed->key));
}

/* Google answers in UTC, and neither JSON nor numbers tell a time. */
static int has_local_times(const qdn_feed_t *feed)
{
    return feed->how != QDN_FEED_GOOGLE && feed->how != QDN_FEED_JSON &&
           feed->kind != QDN_FEED_NUMBERS;
}

/* The feed that is asked alike: the first one, or this one from now on. */
static const qdn_feed_t *settle(qdn_plan_t *plan, qdn_feed_t *feed,
                                const char *timezone)
{
    const qdn_feed_t *first;

    if (has_local_times(feed) && !feed->timezone) {
        feed->timezone = timezone ? timezone : plan->timezone;
    }
    if (feed->secret || feed->how == QDN_FEED_GOOGLE) {
        feed->secrets = plan->secrets;
    }
    set_key(feed, plan);
    first = apr_hash_get(plan->feeds_by_key, feed->key, APR_HASH_KEY_STRING);
    if (first) {
        return first;
    }
    feed->index = plan->feeds->nelts;
    APR_ARRAY_PUSH(plan->feeds, qdn_feed_t *) = feed;
    apr_hash_set(plan->feeds_by_key, feed->key, APR_HASH_KEY_STRING, feed);
    return feed;
}

static int holds(const apr_array_header_t *feeds, const qdn_feed_t *feed)
{
    int i;

    for (i = 0; i < feeds->nelts; i++) {
        if (APR_ARRAY_IDX(feeds, i, const qdn_feed_t *) == feed) {
            return 1;
        }
    }
    return 0;
}

/* `more` (NULL: none), then the settled ones of `given`; each once. */
static apr_array_header_t *settle_all(qdn_plan_t *plan,
                                      const apr_array_header_t *more,
                                      const apr_array_header_t *given,
                                      const char *timezone)
{
    apr_array_header_t *all = apr_array_make(plan->pool, given->nelts + 1,
                                             sizeof(const qdn_feed_t *));
    int i;

    if (more) {
        apr_array_cat(all, more);
    }
    for (i = 0; i < given->nelts; i++) {
        const qdn_feed_t *feed =
            settle(plan, APR_ARRAY_IDX(given, i, qdn_feed_t *), timezone);

        if (!holds(all, feed)) {
            APR_ARRAY_PUSH(all, const qdn_feed_t *) = feed;
        }
    }
    return all;
}

static void gather_operator(qdn_plan_t *plan, qdn_operator_t *op)
{
    op->holidays = settle_all(plan, plan->holidays, op->holidays, op->timezone);
    op->calendars = settle_all(plan, NULL, op->calendars, op->timezone);
    op->duties = settle_all(plan, NULL, op->duties, op->timezone);
    if (op->presence) {
        op->presence = settle(plan, (qdn_feed_t *)op->presence, NULL);
    }
}

void qdn_feed_gather(qdn_plan_t *plan)
{
    int i;

    apr_array_clear(plan->feeds);
    apr_hash_clear(plan->feeds_by_key);
    plan->holidays = settle_all(plan, NULL, plan->holidays, NULL);
    for (i = 0; i < plan->numbers->nelts; i++) {
        settle(plan, APR_ARRAY_IDX(plan->numbers, i, qdn_feed_t *), NULL);
    }
    for (i = 0; i < plan->operators->nelts; i++) {
        gather_operator(plan,
                        APR_ARRAY_IDX(plan->operators, i, qdn_operator_t *));
    }
    for (i = 0; i < plan->lines->nelts; i++) {
        qdn_line_t *line = APR_ARRAY_IDX(plan->lines, i, qdn_line_t *);

        line->holidays =
            settle_all(plan, plan->holidays, line->holidays, line->timezone);
    }
}
