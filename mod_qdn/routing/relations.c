/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <string.h>
#include "feed.h"
#include "e164.h"
#include "relation.h"
#include "whisper.h"

/* Networks cut calls that nobody answers after two minutes, some before. */
#define BUDGET_SAFE 110

#define TALK_SAFE (4 * 60 * 60) /* Twilio; 24 h where it allowed that */

static void nothing_configured(qdn_check_t *c)
{
    static const qdn_origin_t nowhere = { NULL, 0 };

    if (!c->plan->lines->nelts && !c->plan->operators->nelts &&
        !c->plan->endpoints->nelts && !c->plan->secrets) {
        qdn_check_tell(c, nowhere,
                       "nothing is configured, no call is answered; begin "
                       "with conf/qdn-minimal.conf");
    }
}

/* Any place of the configuration, to send its reader to the right file. */
static int somewhere(const qdn_plan_t *plan, qdn_origin_t *porigin)
{
    if (plan->operators->nelts) {
        *porigin = APR_ARRAY_IDX(plan->operators, 0, qdn_operator_t *)->origin;
    }
    else if (plan->endpoints->nelts) {
        *porigin = APR_ARRAY_IDX(plan->endpoints, 0, qdn_endpoint_t *)->origin;
    }
    else if (plan->secrets) {
        *porigin = plan->secrets_origin;
    }
    else {
        return 0;
    }
    return 1;
}

static void no_line(qdn_check_t *c)
{
    qdn_origin_t origin;

    if (!c->plan->lines->nelts && somewhere(c->plan, &origin)) {
        qdn_check_tell(c, origin,
                       "there is no line, so no call is answered; add a "
                       "<QDNLine NUMBER> block");
    }
}

static void no_public_url(qdn_check_t *c)
{
    if (c->plan->lines->nelts && !c->plan->endpoints->nelts) {
        qdn_check_tell(c,
                       APR_ARRAY_IDX(c->plan->lines, 0, qdn_line_t *)->origin,
                       "there is a line but no QDNPublicURL, without which "
                       "no signature can be checked; add it, with the address "
                       "that Twilio uses");
    }
}

static void line_without_hop(qdn_check_t *c, const qdn_line_t *line)
{
    if (!line->hops->nelts) {
        qdn_check_tell(c, line->origin,
                       "line %s rings nobody; add a QDNHop OPERATOR/LABEL",
                       qdn_check_line(c, line));
    }
}

static void line_without_secrets(qdn_check_t *c, const qdn_line_t *line)
{
    if (!line->secrets && !c->plan->secrets) {
        qdn_check_tell(c, line->origin,
                       "line %s has no auth token; add QDNSecrets to the "
                       "server or to this block",
                       qdn_check_line(c, line));
    }
}

static void feed_without_secrets(qdn_check_t *c)
{
    int i;

    for (i = 0; !c->plan->secrets && i < c->plan->feeds->nelts; i++) {
        const qdn_feed_t *feed =
            APR_ARRAY_IDX(c->plan->feeds, i, const qdn_feed_t *);

        if (feed->secret || feed->how == QDN_FEED_GOOGLE) {
            qdn_check_tell(c, feed->origin,
                           "%s is asked with %s, and the server has no "
                           "QDNSecrets to take that from; add it",
                           qdn_feed_name(feed, c->pool),
                           feed->secret ? feed->secret : "GOOGLE_ names");
        }
    }
}

static void notified(qdn_check_t *c, const qdn_line_t *line,
                     const apr_array_header_t *notify, qdn_origin_t origin)
{
    int i;

    for (i = 0; notify && i < notify->nelts; i++) {
        const char *id = APR_ARRAY_IDX(notify, i, const char *);

        if (!qdn_plan_operator(c->plan, id)) {
            qdn_check_tell(c, origin,
                           "%s: notify=%s names no operator; add "
                           "<QDNOperator %s> or correct the name",
                           qdn_check_where(c, line), id, id);
        }
    }
}

static void notify_unknown(qdn_check_t *c, const qdn_line_t *line)
{
    notified(c, line, line->notify, line->voicemail_origin);
}

static void cascade_notify(qdn_check_t *c, const qdn_cascade_t *cascade)
{
    notified(c, NULL, cascade->notify, cascade->voicemail_origin);
}

static void budget(qdn_check_t *c, const qdn_line_t *line, int seconds,
                   qdn_origin_t origin)
{
    if (seconds > BUDGET_SAFE) {
        qdn_check_tell(c, origin,
                       "%s: with QDNBudget %d networks may cut a call that "
                       "nobody answers before voicemail; %d is safer",
                       qdn_check_where(c, line), seconds, BUDGET_SAFE);
    }
}

static void budget_long(qdn_check_t *c, const qdn_line_t *line)
{
    budget(c, line, line->budget, line->budget_origin);
}

static void cascade_budget(qdn_check_t *c, const qdn_cascade_t *cascade)
{
    budget(c, NULL, cascade->budget, cascade->budget_origin);
}

/* What the caller waits if nobody picks up. */
static int ring_of(const qdn_hop_t *hop)
{
    int longest = 0;
    int i;

    if (hop->ring) {
        return hop->ring;
    }
    for (i = 0; i < hop->phones->nelts; i++) {
        int ring = APR_ARRAY_IDX(hop->phones, i, const qdn_phone_t *)->ring;

        ring = ring ? ring : QDN_RING_DEFAULT;
        longest = ring > longest ? ring : longest;
    }
    return longest;
}

static void beyond(qdn_check_t *c, const qdn_line_t *line,
                   const apr_array_header_t *hops, int seconds)
{
    int waited = 0;
    int i;

    for (i = 0; i < hops->nelts; i++) {
        const qdn_hop_t *hop = APR_ARRAY_IDX(hops, i, qdn_hop_t *);

        if (seconds - waited < QDN_RING_MIN) {
            qdn_check_tell(c, hop->origin,
                           "%s: hop %d is left out after hops that ring to "
                           "their end (%d s), since QDNBudget is %d; shorten "
                           "ring= before it",
                           qdn_check_where(c, line), i + 1, waited, seconds);
            return;
        }
        waited += ring_of(hop);
    }
}

static void hop_beyond_budget(qdn_check_t *c, const qdn_line_t *line)
{
    beyond(c, line, line->hops, line->budget);
}

/* What is left to the line is taken for what lines usually have. */
static void cascade_beyond_budget(qdn_check_t *c, const qdn_cascade_t *cascade)
{
    beyond(c, NULL, cascade->hops,
           cascade->budget ? cascade->budget : QDN_BUDGET_DEFAULT);
}

static void talk_long(qdn_check_t *c, const qdn_line_t *line)
{
    if (line->time_limit > TALK_SAFE) {
        qdn_check_tell(c, line->time_limit_origin,
                       "line %s: Twilio ends a talk after 4 h unless it has "
                       "allowed the account more; check QDNTimeLimit",
                       qdn_check_line(c, line));
    }
}

static void welcome_bills(qdn_check_t *c, const qdn_line_t *line)
{
    if (line->welcome) {
        qdn_check_tell(c, line->welcome_origin,
                       "line %s: QDNWelcome answers every call, so that it is "
                       "billed and the caller pays before anybody is rung; "
                       "leave it out to ring first",
                       qdn_check_line(c, line));
    }
}

/* The phone of the line that gives the whisper the least time, or NULL. */
static const qdn_phone_t *most_hasty(const qdn_line_t *line)
{
    const qdn_phone_t *hasty = NULL;
    int i, k;

    for (i = 0; i < line->hops->nelts; i++) {
        const qdn_hop_t *hop = APR_ARRAY_IDX(line->hops, i, qdn_hop_t *);

        for (k = 0; k < hop->phones->nelts; k++) {
            const qdn_phone_t *phone =
                APR_ARRAY_IDX(hop->phones, k, const qdn_phone_t *);

            if (phone->confirm != QDN_CONFIRM_NONE &&
                (!hasty || qdn_whisper_room(line, phone) <
                               qdn_whisper_room(line, hasty))) {
                hasty = phone;
            }
        }
    }
    return hasty;
}

static void whisper_long(qdn_check_t *c, const qdn_line_t *line)
{
    const qdn_phone_t *phone = most_hasty(line);
    /* Most callers have a number as long as the line's. */
    const char *caller = qdn_e164_spoken(line->number, c->pool);
    int room = qdn_whisper_room(line, phone);
    int needed =
        qdn_whisper_seconds(qdn_whisper_words(line->name, caller, c->pool));

    if (phone && needed > room) {
        qdn_check_tell(c, line->origin,
                       "line %s: the voice takes about %d s to name it and "
                       "to ask for a key, longer than screen=%d of %s; give "
                       "it a shorter QDNName or more time",
                       qdn_check_line(c, line), needed, room,
                       qdn_check_phone(c, phone));
    }
}

static const char *labels_of(const qdn_operator_t *op, apr_pool_t *p)
{
    const char *all = "no phone";
    int i;

    for (i = 0; i < op->phones->nelts; i++) {
        const char *label = APR_ARRAY_IDX(op->phones, i, qdn_phone_t *)->label;

        all = i ? apr_pstrcat(p, all, ", ", label, NULL) : label;
    }
    return all;
}

static void hop_unknown(qdn_check_t *c, const qdn_line_t *line,
                        const qdn_hop_t *hop)
{
    int i;

    for (i = 0; i < hop->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(hop->names, i, const char *);
        const char *slash = strchr(name, '/');
        const char *id = apr_pstrmemdup(c->pool, name, slash - name);
        const qdn_operator_t *op = qdn_plan_operator(c->plan, id);

        if (!op) {
            qdn_check_tell(c, hop->origin,
                           "%s: there is no operator '%s'; add "
                           "<QDNOperator %s> or correct the name",
                           qdn_check_where(c, line), id, id);
        }
        else if (!qdn_plan_phone(c->plan, id, slash + 1)) {
            qdn_check_tell(c, hop->origin,
                           "%s: operator '%s' has no phone '%s'; it has "
                           "%s",
                           qdn_check_where(c, line), id, slash + 1,
                           labels_of(op, c->pool));
        }
    }
}

static void hop_too_many(qdn_check_t *c, const qdn_line_t *line,
                         const qdn_hop_t *hop)
{
    if (hop->names->nelts > QDN_HOP_PHONES_MAX) {
        qdn_check_tell(c, hop->origin,
                       "%s: the hop has %d phones and Twilio rings at "
                       "most %d together; make two hops of it",
                       qdn_check_where(c, line), hop->names->nelts,
                       QDN_HOP_PHONES_MAX);
    }
}

static int named_before(const qdn_hop_t *hop, int n)
{
    const char *name = APR_ARRAY_IDX(hop->names, n, const char *);
    int i;

    for (i = 0; i < n; i++) {
        if (!strcmp(APR_ARRAY_IDX(hop->names, i, const char *), name)) {
            return 1;
        }
    }
    return 0;
}

static void hop_twice(qdn_check_t *c, const qdn_line_t *line,
                      const qdn_hop_t *hop)
{
    int i;

    /* A longer one is refused anyway, and comparing it would take long. */
    for (i = 1; i < hop->names->nelts && i < QDN_HOP_PHONES_MAX; i++) {
        if (named_before(hop, i)) {
            qdn_check_tell(c, hop->origin,
                           "%s: the hop names %s twice; remove one",
                           qdn_check_where(c, line),
                           APR_ARRAY_IDX(hop->names, i, const char *));
        }
    }
}

static void hop_several_unconfirmed(qdn_check_t *c, const qdn_line_t *line,
                                    const qdn_hop_t *hop)
{
    int i;

    for (i = 0; hop->phones->nelts > 1 && i < hop->phones->nelts; i++) {
        const qdn_phone_t *phone =
            APR_ARRAY_IDX(hop->phones, i, const qdn_phone_t *);

        if (phone->confirm == QDN_CONFIRM_NONE) {
            qdn_check_tell(c, hop->origin,
                           "%s: %s has confirm=none and would take the "
                           "call from the others with its mailbox; remove "
                           "confirm=none or give it a hop of its own",
                           qdn_check_where(c, line), qdn_check_phone(c, phone));
        }
    }
}

static void hop_several(qdn_check_t *c, const qdn_line_t *line,
                        const qdn_hop_t *hop)
{
    if (hop->names->nelts > 1) {
        qdn_check_tell(c, hop->origin,
                       "%s: the hop rings %d phones together, and the "
                       "first that picks up, even a mailbox, silences the "
                       "others; one phone in each hop is surer",
                       qdn_check_where(c, line), hop->names->nelts);
    }
}

static void operator_without_phone(qdn_check_t *c, const qdn_operator_t *op)
{
    if (!op->phones->nelts) {
        qdn_check_tell(c, op->origin,
                       "operator '%s' cannot be rung; add a QDNPhone", op->id);
    }
}

static void phone_shared(qdn_check_t *c, const qdn_phone_t *phone)
{
    const qdn_phone_t *first = qdn_plan_phone_by_number(c->plan, phone->number);

    if (first != phone) {
        qdn_check_tell(c, phone->origin,
                       "%s has the same number as %s (%s), which is rung once "
                       "in a call; correct one of them if that is not meant",
                       qdn_check_phone(c, phone), qdn_check_phone(c, first),
                       qdn_origin_text(first->origin, c->pool));
    }
}

static void phone_is_line(qdn_check_t *c, const qdn_phone_t *phone)
{
    const qdn_line_t *line = qdn_plan_line(c->plan, phone->number);

    if (line) {
        qdn_check_tell(c, phone->origin,
                       "%s is the number of our line %s, which takes a call "
                       "from one of our lines for a loop and is busy; name "
                       "the phones behind that line instead",
                       qdn_check_phone(c, phone), qdn_check_line(c, line));
    }
}

static void phone_screen_unused(qdn_check_t *c, const qdn_phone_t *phone)
{
    if (phone->confirm == QDN_CONFIRM_NONE && phone->screen) {
        qdn_check_tell(c, phone->origin,
                       "%s: screen= has no effect with confirm=none; remove "
                       "one of the two",
                       qdn_check_phone(c, phone));
    }
}

static void phone_unused(qdn_check_t *c, const qdn_phone_t *phone)
{
    if (!phone->hops) {
        qdn_check_tell(c, phone->origin,
                       "%s is in no hop and is never rung; add it to a QDNHop "
                       "if it should be",
                       qdn_check_phone(c, phone));
    }
}

/* clang-format off */
const qdn_relation_t qdn_relations[] = {
    { .name = "nothing-configured", .severity = QDN_PROBLEM_NOTE,
      .plan = nothing_configured },
    { .name = "no-line", .severity = QDN_PROBLEM_WARNING,
      .plan = no_line },
    { .name = "no-public-url", .severity = QDN_PROBLEM_ERROR,
      .plan = no_public_url },
    { .name = "line-without-hop", .severity = QDN_PROBLEM_ERROR,
      .line = line_without_hop },
    { .name = "line-without-secrets", .severity = QDN_PROBLEM_ERROR,
      .line = line_without_secrets },
    { .name = "feed-without-secrets", .severity = QDN_PROBLEM_ERROR,
      .plan = feed_without_secrets },
    { .name = "hours-without-timezone", .severity = QDN_PROBLEM_ERROR,
      .line = qdn_check_hours_zone_line,
      .operator = qdn_check_hours_zone_operator },
    { .name = "loop", .severity = QDN_PROBLEM_ERROR,
      .plan = qdn_check_loops },
    { .name = "hop-unknown", .severity = QDN_PROBLEM_ERROR,
      .hop = hop_unknown },
    { .name = "hop-too-many", .severity = QDN_PROBLEM_ERROR,
      .hop = hop_too_many },
    { .name = "hop-twice", .severity = QDN_PROBLEM_ERROR,
      .hop = hop_twice },
    { .name = "hop-several-unconfirmed", .severity = QDN_PROBLEM_ERROR,
      .hop = hop_several_unconfirmed },
    { .name = "notify-unknown", .severity = QDN_PROBLEM_ERROR,
      .line = notify_unknown, .cascade = cascade_notify },
    { .name = "cascade-unknown", .severity = QDN_PROBLEM_ERROR,
      .line = qdn_check_cascade_unknown },
    { .name = "cascade-without-hop", .severity = QDN_PROBLEM_ERROR,
      .cascade = qdn_check_cascade_without_hop },
    { .name = "list-unknown", .severity = QDN_PROBLEM_ERROR,
      .line = qdn_check_list_unknown },
    { .name = "hop-several", .severity = QDN_PROBLEM_WARNING,
      .hop = hop_several },
    { .name = "hop-beyond-budget", .severity = QDN_PROBLEM_WARNING,
      .line = hop_beyond_budget, .cascade = cascade_beyond_budget },
    { .name = "budget-long", .severity = QDN_PROBLEM_WARNING,
      .line = budget_long, .cascade = cascade_budget },
    { .name = "local-without-timezone", .severity = QDN_PROBLEM_WARNING,
      .line = qdn_check_local_without_timezone },
    { .name = "hours-without-holidays", .severity = QDN_PROBLEM_WARNING,
      .line = qdn_check_holidays_line,
      .operator = qdn_check_holidays_operator },
    { .name = "holidays-unused", .severity = QDN_PROBLEM_WARNING,
      .line = qdn_check_idle_line, .operator = qdn_check_idle_operator },
    { .name = "phone-shared", .severity = QDN_PROBLEM_WARNING,
      .phone = phone_shared },
    { .name = "phone-is-line", .severity = QDN_PROBLEM_WARNING,
      .phone = phone_is_line },
    { .name = "phone-screen-unused", .severity = QDN_PROBLEM_WARNING,
      .phone = phone_screen_unused },
    { .name = "login-twice", .severity = QDN_PROBLEM_WARNING,
      .plan = qdn_check_login_twice,
      .operator = qdn_check_login_twice_operator },
    { .name = "login-shared", .severity = QDN_PROBLEM_NOTE,
      .plan = qdn_check_login_shared },
    { .name = "talk-long", .severity = QDN_PROBLEM_NOTE,
      .line = talk_long },
    { .name = "welcome-bills", .severity = QDN_PROBLEM_NOTE,
      .line = welcome_bills },
    { .name = "challenge-bills", .severity = QDN_PROBLEM_NOTE,
      .line = qdn_check_challenge_bills },
    { .name = "cascade-unused", .severity = QDN_PROBLEM_NOTE,
      .cascade = qdn_check_cascade_unused },
    { .name = "whisper-long", .severity = QDN_PROBLEM_NOTE,
      .line = whisper_long },
    { .name = "operator-without-phone", .severity = QDN_PROBLEM_NOTE,
      .operator = operator_without_phone },
    { .name = "phone-unused", .severity = QDN_PROBLEM_NOTE,
      .phone = phone_unused },
    { .name = NULL },
};
/* clang-format on */
