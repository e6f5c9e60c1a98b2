/* SPDX-License-Identifier: Apache-2.0 */
#include "now_words.h"

#include <apr_strings.h>

#include "text.h"
#include "zone.h"

/* What stands behind "Ana is skipped: " or "Ana is rung for 20 seconds: ". */
static const char *const causes[QDN_REASON_MAX] = {
    [QDN_REASON_NONE] = "available",
    [QDN_REASON_AVAILABLE] = "available",
    [QDN_REASON_ALWAYS] = "this step rings whatever hours and calendars say",
    [QDN_REASON_STATUS_AWAY] = "away",
    [QDN_REASON_CALENDAR_BUSY] = "busy by the calendar",
    [QDN_REASON_OUTSIDE_HOURS] = "outside of the hours",
    [QDN_REASON_HOLIDAY] = "a holiday",
    [QDN_REASON_PRESENCE_AWAY] = "the presence service says away",
    [QDN_REASON_OFF_DUTY] = "not on duty",
    [QDN_REASON_ON_A_CALL] = "on a call",
    [QDN_REASON_ALREADY_TRIED] = "this phone was rung in an earlier step",
    [QDN_REASON_BUDGET] = "no time is left to ring",
    [QDN_REASON_RULE] = "a rule decides",
    [QDN_REASON_CALLER_OWN_PHONE] = "it is the caller's own phone",
    [QDN_REASON_REDIAL_WITHOUT] = "rung again without a phone that answered "
                                  "and did not accept",
    [QDN_REASON_LOOP] = "the call was forwarded by this phone",
    [QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE] =
        "counted as available, because a calendar or another source does not "
        "answer",
};

static void add_cause(qdn_text_t *t, const qdn_now_cause_t *cause,
                      const qdn_zone_t *zone, apr_pool_t *p)
{
    const char *what =
        cause->reason < QDN_REASON_MAX ? causes[cause->reason] : NULL;

    qdn_text_add(t, what ? what : qdn_reason_text(cause->reason));
    if (cause->since && !cause->who) {
        qdn_text_addf(t, " since %s", qdn_zone_text(zone, cause->since, p));
    }
    if (cause->until) {
        qdn_text_addf(t, " until %s", qdn_zone_text(zone, cause->until, p));
    }
    if (cause->who) {
        qdn_text_addf(t, ", set by %s%s%s", cause->who, cause->why ? ": " : "",
                      cause->why ? cause->why : "");
    }
}

const char *qdn_now_say_step(const char *name, int ring,
                             const qdn_now_cause_t *cause,
                             const qdn_zone_t *zone, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 128, p);
    qdn_text_add(&t, name);
    if (ring) {
        qdn_text_addf(&t, " is rung for %d seconds: ", ring);
    }
    else {
        qdn_text_add(&t, " is skipped: ");
    }
    add_cause(&t, cause, zone, p);
    return t.buf;
}

const char *qdn_now_say_operator(const char *name, int available,
                                 const qdn_now_cause_t *cause,
                                 const qdn_zone_t *zone, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 128, p);
    qdn_text_addf(&t, "%s is %s: ", name,
                  available ? "available" : "not available");
    if (cause->reason == QDN_REASON_AVAILABLE && !cause->who) {
        qdn_text_add(&t, "nothing speaks against it");
        if (cause->until) {
            qdn_text_addf(&t, " until %s",
                          qdn_zone_text(zone, cause->until, p));
        }
        return t.buf;
    }
    add_cause(&t, cause, zone, p);
    return t.buf;
}

static const char *const ends[] = {
    [QDN_ACT_DIAL] = "The last person is rung",
    [QDN_ACT_VOICEMAIL] = "If nobody answers, the caller can leave a message",
    [QDN_ACT_GOODBYE] = "If nobody answers, the caller hears a goodbye",
    [QDN_ACT_REJECT] = "The call is refused without being answered",
    [QDN_ACT_BUSY] = "The caller hears the busy signal",
    [QDN_ACT_CHALLENGE] = "The caller is asked to press a key",
    [QDN_ACT_END] = "The call is over",
};

const char *qdn_now_say_end(qdn_act_e act, int asked, apr_pool_t *p)
{
    return asked ? apr_pstrcat(p,
                               "The caller is asked to press a key before "
                               "anybody is rung. ",
                               ends[act], NULL)
                 : ends[act];
}
