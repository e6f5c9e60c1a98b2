/* SPDX-License-Identifier: Apache-2.0 */
#include "standings.h"

#include <string.h>

#include <apr_strings.h>

#include "clock.h"
#include "event.h"
#include "outlook.h"
#include "status.h"
#include "text.h"
#include "until.h"

#define WHY_MAX 400 /* bytes */
#define WHO_MAX 200

/*
 * Moments that are looked at for one line, and for all of them, which share
 * them: a second of work, for which the daemon does nothing else.
 */
#define STEPS_MAX 800
#define STEPS_ALL 20000

#define SETTLE_WAIT apr_time_from_msec(500)

/************** what it would change **************/

/*
 * All lines means all: what was said for one of them gives way. The wish
 * first.
 */
static apr_array_header_t *changes_of(const qdn_standing_t *wish,
                                      const apr_array_header_t *set,
                                      apr_pool_t *p)
{
    apr_array_header_t *changes = apr_array_make(p, 2, sizeof(*wish));

    APR_ARRAY_PUSH(changes, qdn_standing_t) = *wish;
    for (int i = 0; !wish->line && i < set->nelts; i++) {
        const qdn_standing_t *s = &APR_ARRAY_IDX(set, i, qdn_standing_t);

        if (s->line && !strcmp(s->operator, wish->operator) &&
            qdn_standing_of(set, s->operator, s->line, wish->at) == s) {
            qdn_standing_t *gone = apr_array_push(changes);

            *gone = *wish;
            gone->line = s->line;
            gone->state = QDN_STANDING_AUTO;
            gone->until = 0;
        }
    }
    /* A clock that was put back must not make what is newer look older. */
    for (int i = 0; i < changes->nelts; i++) {
        qdn_standing_t *one = &APR_ARRAY_IDX(changes, i, qdn_standing_t);

        for (int k = 0; k < set->nelts; k++) {
            const qdn_standing_t *s = &APR_ARRAY_IDX(set, k, qdn_standing_t);

            if (!strcmp(s->operator, one->operator) && s->at >= one->at &&
                (s->line ? one->line && !strcmp(s->line, one->line)
                         : !one->line)) {
                one->at = s->at + 1;
            }
        }
    }
    return changes;
}

static apr_array_header_t *standings_of(const qdn_snapshot_t *snapshot,
                                        apr_pool_t *p)
{
    return snapshot ? qdn_snapshot_standings(snapshot, p)
                    : apr_array_make(p, 1, sizeof(qdn_standing_t));
}

int qdn_standings_concern(const qdn_line_t *line, const qdn_operator_t *op)
{
    for (int h = 0; h < line->hops->nelts; h++) {
        const qdn_hop_t *hop = APR_ARRAY_IDX(line->hops, h, const qdn_hop_t *);

        for (int i = 0; i < hop->phones->nelts; i++) {
            if (APR_ARRAY_IDX(hop->phones, i, const qdn_phone_t *)
                    ->
                    operator== op) {
                return 1;
            }
        }
    }
    return 0;
}

/* The lines that a wish is about. */
static apr_array_header_t *concerned(const qdn_plan_t *plan,
                                     const qdn_standing_t *wish, apr_pool_t *p)
{
    const qdn_operator_t *op = qdn_plan_operator(plan, wish->operator);
    apr_array_header_t *lines = apr_array_make(p, 4, sizeof(qdn_line_t *));

    for (int i = 0; i < plan->lines->nelts; i++) {
        const qdn_line_t *line =
            APR_ARRAY_IDX(plan->lines, i, const qdn_line_t *);

        if (qdn_standings_concern(line, op) &&
            (!wish->line || !strcmp(wish->line, line->number))) {
            APR_ARRAY_PUSH(lines, const qdn_line_t *) = line;
        }
    }
    return lines;
}

static apr_array_header_t *find_empties(const qdn_plan_t *plan,
                                        const qdn_knowledge_t *known,
                                        const qdn_standing_t *wish,
                                        apr_pool_t *p)
{
    apr_array_header_t *empties = apr_array_make(p, 2, sizeof(qdn_empty_t));
    apr_array_header_t *changes = changes_of(wish, known->standings, p);
    apr_array_header_t *lines = concerned(plan, wish, p);
    apr_array_header_t *set = apr_array_copy(p, known->standings);
    qdn_knowledge_t with = *known;
    int left = STEPS_ALL;

    for (int i = 0; i < changes->nelts; i++) {
        qdn_standing_fold(set, &APR_ARRAY_IDX(changes, i, qdn_standing_t));
    }
    with.standings = set;
    for (int i = 0; i < lines->nelts; i++) {
        int share = left / (lines->nelts - i);
        int steps = share < STEPS_MAX ? share : STEPS_MAX;
        qdn_empty_t empty = { .line =
                                  APR_ARRAY_IDX(lines, i, const qdn_line_t *) };

        left -= steps;
        if (qdn_outlook_misses(plan, empty.line, &with, known, &steps,
                               &empty.from, &empty.until, p)) {
            APR_ARRAY_PUSH(empties, qdn_empty_t) = empty;
        }
        left += steps;
    }
    return empties;
}

/************** a wish **************/

static const char *check_words(const qdn_wish_t *wish, apr_pool_t *p)
{
    const char *why = wish->why ? wish->why : "";

    if (!wish->who || !*wish->who || strlen(wish->who) > WHO_MAX) {
        return "a status needs who sets it";
    }
    if (wish->state != QDN_STANDING_AUTO &&
        why[strspn(why, " \t\r\n")] == '\0') {
        return "a status needs a reason (why), for those who wonder later";
    }
    if (strlen(why) > WHY_MAX) {
        return apr_psprintf(p, "the reason is longer than %d bytes", WHY_MAX);
    }
    if (wish->state == QDN_STANDING_AUTO && wish->until) {
        return "auto undoes a status and has no end";
    }
    return NULL;
}

static const char *known_operators(const qdn_plan_t *plan, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 64, p);
    for (int i = 0; i < plan->operators->nelts; i++) {
        qdn_text_add(&t, i ? ", " : "");
        qdn_text_add(
            &t, APR_ARRAY_IDX(plan->operators, i, const qdn_operator_t *)->id);
    }
    return t.buf;
}

static const char *check_until(const qdn_wish_t *wish, const qdn_operator_t *op,
                               const qdn_snapshot_t *snapshot, apr_time_t now,
                               apr_time_t *puntil, apr_pool_t *p)
{
    *puntil = 0;
    if (wish->state == QDN_STANDING_AUTO) {
        return NULL;
    }
    if (wish->until) {
        return qdn_until_parse(wish->until, op->zone, now, puntil, p);
    }
    *puntil = qdn_standings_next_day(op, snapshot, now);
    return NULL;
}

/* known->standings are given, known->as_of is now. */
static apr_status_t check(const qdn_plan_t *plan, const qdn_knowledge_t *known,
                          const qdn_wish_t *wish, qdn_standing_t *pstanding,
                          apr_array_header_t **pempty, const char **perror,
                          apr_pool_t *p)
{
    const qdn_operator_t *op = qdn_plan_operator(plan, wish->operator);
    apr_time_t until, now = known->as_of;

    *pempty = apr_array_make(p, 1, sizeof(qdn_empty_t));
    if (!op) {
        *perror = apr_psprintf(p, "there is no operator '%s', only %s",
                               wish->operator? wish->operator: "",
                               known_operators(plan, p));
        return APR_ENOENT;
    }
    if (wish->line && !qdn_plan_line(plan, wish->line)) {
        *perror = apr_psprintf(p, "'%s' is no line of ours", wish->line);
        return APR_ENOENT;
    }
    *perror = check_words(wish, p);
    if (!*perror) {
        *perror = check_until(wish, op, known->snapshot, now, &until, p);
    }
    if (*perror) {
        return QDN_EMALFORMED;
    }
    *pstanding = (qdn_standing_t){ .operator= op->id,
                                   .line = apr_pstrdup(p, wish->line),
                                   .state = wish->state,
                                   .at = now,
                                   .until = until,
                                   .who = apr_pstrdup(p, wish->who),
                                   .why = apr_pstrdup(p, wish->why) };
    *pempty = find_empties(plan, known, pstanding, p);
    return APR_SUCCESS;
}

apr_status_t qdn_standings_check(const qdn_plan_t *plan,
                                 const qdn_snapshot_t *snapshot,
                                 const qdn_wish_t *wish, apr_time_t now,
                                 qdn_standing_t *pstanding,
                                 apr_array_header_t **pempty,
                                 const char **perror, apr_pool_t *p)
{
    const qdn_knowledge_t known = { .snapshot = snapshot,
                                    .standings = standings_of(snapshot, p),
                                    .as_of = now };

    return check(plan, &known, wish, pstanding, pempty, perror, p);
}

/************** setting it **************/

/* With what it takes the place of, for who reads the audit alone. */
static const char *detail_of(const qdn_standing_t *s,
                             const apr_array_header_t *set, apr_pool_t *p)
{
    const qdn_standing_t *was =
        qdn_standing_of(set, s->operator, s->line, s->at);
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_addf(&t, "{\"state\":\"%s\",\"was\":\"%s\"",
                  qdn_standing_text(s->state),
                  qdn_standing_text(was ? was->state : QDN_STANDING_AUTO));
    if (s->until) {
        qdn_text_addf(&t, ",\"until\":%" APR_INT64_T_FMT,
                      apr_time_sec(s->until));
    }
    qdn_text_add(&t, ",\"who\":");
    qdn_text_add_json(&t, s->who);
    if (s->why) {
        qdn_text_add(&t, ",\"why\":");
        qdn_text_add_json(&t, s->why);
    }
    qdn_text_addc(&t, '}');
    return t.buf;
}

/* The moment tells two changes of one operator apart. */
static qdn_event_t event_of(const qdn_plan_t *plan, const char *host,
                            qdn_standing_t *s, const apr_array_header_t *set,
                            apr_pool_t *p)
{
    qdn_event_t e = { .at = s->at,
                      .host = host,
                      .kind = QDN_KIND_STATUS_CHANGED,
                      .line = s->line,
                      .operator= s->operator,
                      .reason = QDN_REASON_NONE,
                      .detail = detail_of(s, set, p),
                      .config = plan->revision };

    qdn_event_identify(&e, apr_psprintf(p, "%" APR_TIME_T_FMT " %s", s->at,
                                        s->line ? s->line : ""));
    memcpy(s->event, e.id, sizeof(s->event));
    return e;
}

static const char *why_not_yet(qdn_roster_t *roster, apr_pool_t *p)
{
    apr_status_t trouble = qdn_roster_trouble(roster);
    char buf[120];

    return trouble ? apr_pstrdup(p, qdn_strerror(trouble, buf, sizeof(buf)))
                   : "the disk is slow";
}

static apr_status_t keep(qdn_roster_t *roster, qdn_outbox_t *outbox,
                         const qdn_plan_t *plan, const char *host,
                         apr_array_header_t *changes, const char **perror,
                         apr_pool_t *p)
{
    qdn_standing_t *standings = (qdn_standing_t *)(void *)changes->elts;
    qdn_event_t *events =
        apr_palloc(p, sizeof(*events) * (apr_size_t)changes->nelts);
    const apr_array_header_t *set = qdn_roster_standings(roster, p);
    apr_status_t rv;

    for (int i = 0; i < changes->nelts; i++) {
        events[i] = event_of(plan, host, &standings[i], set, p);
    }
    rv = qdn_outbox_record(outbox, events, changes->nelts, p);
    /* A slow disk still gets it from memory, as it gets a call's events. */
    if (rv && !APR_STATUS_IS_TIMEUP(rv)) {
        *perror = "the journal takes no events, so nothing was changed; "
                  "httpd's error log says why";
        return rv;
    }
    qdn_roster_take_standings(roster, standings, changes->nelts);
    rv = qdn_roster_settle(roster, SETTLE_WAIT);
    if (rv) {
        *perror = why_not_yet(roster, p);
    }
    return rv;
}

apr_status_t qdn_standings_set(qdn_roster_t *roster, qdn_outbox_t *outbox,
                               const qdn_plan_t *plan, const char *host,
                               const qdn_wish_t *wish, apr_time_t now,
                               qdn_standing_t *pstanding,
                               apr_array_header_t **pempty, const char **perror,
                               apr_pool_t *p)
{
    qdn_knowledge_t known = { .as_of = now };
    apr_array_header_t *changes;
    apr_status_t rv;

    if (qdn_roster_look(roster, &known.snapshot, p)) {
        known.snapshot = NULL;
    }
    /* The file may lag behind, on a disk that is full for days. */
    known.standings = qdn_roster_standings(roster, p);
    rv = check(plan, &known, wish, pstanding, pempty, perror, p);
    if (rv) {
        return rv;
    }
    if ((*pempty)->nelts && !wish->anyway) {
        *perror = "that would leave nobody to ring";
        return QDN_EREFUSED;
    }
    changes = changes_of(pstanding, known.standings, p);
    rv = keep(roster, outbox, plan, host, changes, perror, p);
    *pstanding = APR_ARRAY_IDX(changes, 0, qdn_standing_t);
    return rv;
}

static qdn_event_t end_of(const qdn_plan_t *plan, const char *host,
                          const qdn_standing_t *s, apr_pool_t *p)
{
    qdn_event_t e = { .at = s->until,
                      .host = host,
                      .kind = QDN_KIND_STATUS_ENDED,
                      .line = s->line,
                      .operator= s->operator,
                      .reason = QDN_REASON_NONE,
                      .config = plan->revision };
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_addf(&t,
                  "{\"state\":\"%s\",\"who\":", qdn_standing_text(s->state));
    qdn_text_add_json(&t, s->who);
    qdn_text_add(&t, ",\"why\":");
    qdn_text_add_json(&t, s->why);
    qdn_text_addf(&t, ",\"change\":\"%s\"}", s->event);
    e.detail = t.buf;
    qdn_event_identify(&e, s->event);
    return e;
}

void qdn_standings_end(qdn_roster_t *roster, qdn_outbox_t *outbox,
                       const qdn_plan_t *plan, const char *host, apr_time_t now,
                       apr_pool_t *p)
{
    const apr_array_header_t *ended = qdn_roster_ended(roster, now, p);

    for (int i = 0; i < ended->nelts; i++) {
        qdn_event_t e =
            end_of(plan, host, &APR_ARRAY_IDX(ended, i, qdn_standing_t), p);

        qdn_outbox_record(outbox, &e, 1, p);
    }
}
