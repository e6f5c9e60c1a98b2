/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include "detail.h"
#include "supersede.h"
#include "text.h"

static const char *const outcome_texts[QDN_OUTCOME_MAX] = {
#define X(id, text) [QDN_OUTCOME_##id] = text,
    QDN_OUTCOMES(X)
#undef X
};

const char *qdn_outcome_text(qdn_outcome_e outcome)
{
    return outcome_texts[outcome];
}

qdn_outcome_e qdn_outcome_find(const char *text)
{
    int outcome = 0;

    while (outcome < QDN_OUTCOME_MAX && strcmp(outcome_texts[outcome], text)) {
        outcome++;
    }
    return (qdn_outcome_e)outcome;
}

/************** the events of a call **************/

typedef struct events_t {
    const qdn_event_t *first;
    const qdn_event_t *end;
    apr_pool_t *pool;
} events_t;

static const qdn_event_t *first_of(const events_t *all, qdn_kind_e kind)
{
    for (const qdn_event_t *e = all->first; e < all->end; e++) {
        if (e->kind == kind) {
            return e;
        }
    }
    return NULL;
}

static const qdn_event_t *hop_ended(const events_t *all, qdn_reason_e reason)
{
    for (const qdn_event_t *e = all->first; e < all->end; e++) {
        if (e->kind == QDN_KIND_HOP_ENDED && e->reason == reason) {
            return e;
        }
    }
    return NULL;
}

/* "operator/label" of an event, NULL if it names no phone. */
static const char *person_of(const qdn_event_t *e, apr_pool_t *p)
{
    const char *name = e->operator;

    return name && e->phone ? apr_pstrcat(p, name, "/", e->phone, NULL) : NULL;
}

/* The last of that kind in that hop, by that phone if it is known. */
static const qdn_event_t *last_in_hop(const events_t *all, qdn_kind_e kind,
                                      const qdn_event_t *like)
{
    const char *wanted = person_of(like, all->pool);
    const qdn_event_t *found = NULL;

    for (const qdn_event_t *e = all->first; e < all->end; e++) {
        if (e->kind == kind && e->hop == like->hop) {
            const char *person = person_of(e, all->pool);

            if (!wanted || (person && !strcmp(person, wanted))) {
                found = e;
            }
        }
    }
    return found;
}

/* Key 1 in a hop of which no end was told since: they are talking. */
static const qdn_event_t *accepted_and_open(const events_t *all)
{
    const qdn_event_t *accepted = NULL;

    for (const qdn_event_t *e = all->first; e < all->end; e++) {
        if (e->kind == QDN_KIND_SCREEN_ACCEPTED) {
            accepted = e;
        }
        else if (e->kind == QDN_KIND_HOP_ENDED && accepted &&
                 e->hop == accepted->hop) {
            accepted = NULL;
        }
    }
    return accepted;
}

/************** who answered, and when **************/

static void set_person(qdn_chain_t *c, const qdn_event_t *e, apr_pool_t *p)
{
    if (e && !c->answered_by) {
        c->answered_by = person_of(e, p);
    }
}

/*
 * A hop that ended connected says that there was a talk, not when it began:
 * that is the key press, else the pick-up, else the length of the leg.
 */
static void answered(qdn_chain_t *c, const events_t *all,
                     const qdn_event_t *ended)
{
    const qdn_event_t *key = last_in_hop(all, QDN_KIND_SCREEN_ACCEPTED, ended);
    const qdn_event_t *pickup = last_in_hop(all, QDN_KIND_LEG_ANSWERED, ended);
    const qdn_event_t *leg = last_in_hop(all, QDN_KIND_LEG_ENDED, ended);
    const qdn_event_t *dialled = last_in_hop(all, QDN_KIND_HOP_DIALLED, ended);

    set_person(c, ended, all->pool);
    set_person(c, key, all->pool);
    set_person(c, pickup, all->pool);
    set_person(c, dialled, all->pool);
    if (key || pickup) {
        c->answered_at = (key ? key : pickup)->at;
    }
    else {
        apr_int64_t seconds =
            leg ? qdn_detail_number(leg->detail, "seconds", 0, all->pool) : 0;

        c->answered_at = ended->at - apr_time_from_sec(seconds);
    }
    /* Two hosts' clocks may disagree by more than a short talk is long. */
    if (c->answered_at > ended->at) {
        c->answered_at = ended->at;
    }
}

static int seconds_between(apr_time_t from, apr_time_t to)
{
    return to > from
               ? (int)((to - from + APR_USEC_PER_SEC / 2) / APR_USEC_PER_SEC)
               : 0;
}

static void find_talk(qdn_chain_t *c, const events_t *all)
{
    const qdn_event_t *ended = hop_ended(all, QDN_REASON_CONNECTED);
    const qdn_event_t *open = accepted_and_open(all);
    apr_time_t until = c->ended_at;

    c->talk_seconds = -1;
    if (ended) {
        answered(c, all, ended);
        until = ended->at;
    }
    else if (open) {
        set_person(c, open, all->pool);
        c->answered_at = open->at;
    }
    if (c->answered_at && until) {
        c->talk_seconds = seconds_between(c->answered_at, until);
    }
}

/************** ringing **************/

/*
 * Was the event's hop dialled by one before it? Events stand in the order of
 * their times, which is not that of hops if the clock was set back.
 */
static int was_dialled(const events_t *all, const qdn_event_t *event)
{
    for (const qdn_event_t *e = all->first; e < event; e++) {
        if (e->kind == QDN_KIND_HOP_DIALLED && e->hop == event->hop) {
            return 1;
        }
    }
    return 0;
}

/*
 * The caller hears ringing from the first dial on, also between hops and
 * while somebody is asked for a key (answerOnBridge), until the first of
 * these things happens.
 */
static void find_ringing(qdn_chain_t *c, const events_t *all)
{
    static const qdn_kind_e silent[] = { QDN_KIND_VOICEMAIL_OFFERED,
                                         QDN_KIND_CALL_GOODBYE,
                                         QDN_KIND_CALL_ENDED };
    const qdn_event_t *begin = first_of(all, QDN_KIND_HOP_DIALLED);
    apr_time_t until = c->answered_at;

    for (apr_size_t i = 0; !until && i < sizeof(silent) / sizeof(*silent);
         i++) {
        const qdn_event_t *e = first_of(all, silent[i]);

        until = e ? e->at : 0;
    }
    if (begin) {
        c->ring_seconds =
            seconds_between(begin->at, until ? until : all->end[-1].at);
    }
    for (const qdn_event_t *e = all->first; e < all->end; e++) {
        c->hops += e->kind == QDN_KIND_HOP_DIALLED && !was_dialled(all, e);
    }
}

/************** who was rung **************/

/* By hop, not by time alone: a clock may have been set back between two. */
static int by_ringing(const void *a, const void *b)
{
    const qdn_event_t *x = *(const qdn_event_t *const *)a;
    const qdn_event_t *y = *(const qdn_event_t *const *)b;

    if (x->hop != y->hop) {
        return x->hop - y->hop;
    }
    return x->at != y->at ? (x->at < y->at ? -1 : 1)
                          : strcmp(x->operator, y->operator);
}

/* ",ana,bo,": each once, and whole names only, as many as the column takes. */
static const char *list_operators(const qdn_event_t *const *dialled, int n,
                                  apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 64, p);
    for (int i = 0; i < n; i++) {
        const char *word = apr_pstrcat(p, ",", dialled[i]->operator, ",", NULL);

        if (!strstr(t.buf, word) &&
            t.len + strlen(word) <= QDN_CHAIN_RUNG_WIDTH) {
            qdn_text_add(&t, t.len ? word + 1 : word);
        }
    }
    return t.len ? t.buf : NULL;
}

static const char *find_rung(const events_t *all)
{
    const qdn_event_t **dialled = apr_palloc(
        all->pool, (apr_size_t)(all->end - all->first) * sizeof(*dialled));
    int n = 0;

    for (const qdn_event_t *e = all->first; e < all->end; e++) {
        if (e->kind == QDN_KIND_HOP_DIALLED && e->operator&& * e->operator) {
            dialled[n++] = e;
        }
    }
    qsort(dialled, (size_t)n, sizeof(*dialled), by_ringing);
    return list_operators(dialled, n, all->pool);
}

/************** the outcome **************/

static int is_answered(const events_t *all)
{
    return hop_ended(all, QDN_REASON_CONNECTED) || accepted_and_open(all);
}

static int is_voicemail(const events_t *all)
{
    for (const qdn_event_t *e = all->first; e < all->end; e++) {
        if (e->kind == QDN_KIND_VOICEMAIL_RECORDED &&
            qdn_detail_number(e->detail, "seconds", 0, all->pool) > 0) {
            return 1;
        }
    }
    return 0;
}

static int is_rejected(const events_t *all)
{
    return first_of(all, QDN_KIND_CALL_REJECTED) ||
           (first_of(all, QDN_KIND_CHALLENGE_FAILED) &&
            !first_of(all, QDN_KIND_CHALLENGE_PASSED));
}

static int is_abandoned(const events_t *all)
{
    const qdn_event_t *ended = first_of(all, QDN_KIND_CALL_ENDED);

    return hop_ended(all, QDN_REASON_CALLER_GONE) ||
           (ended && ended->reason == QDN_REASON_CALLER_GONE);
}

static int is_unanswered(const events_t *all)
{
    return first_of(all, QDN_KIND_CALL_GOODBYE) != NULL;
}

static int is_failed(const events_t *all)
{
    const qdn_event_t *ended = first_of(all, QDN_KIND_CALL_ENDED);
    const char *status =
        ended ? qdn_detail_text(ended->detail, "status", all->pool) : NULL;

    return first_of(all, QDN_KIND_LINE_UNKNOWN) ||
           first_of(all, QDN_KIND_VOICEMAIL_FAILED) ||
           (status && !strcmp(status, "failed"));
}

/* It is over, nothing of ours ended it, so the caller did. */
static int is_over(const events_t *all)
{
    return first_of(all, QDN_KIND_CALL_ENDED) != NULL;
}

/* The first that holds, whatever came when: voice/status often overtakes. */
static const struct {
    qdn_outcome_e outcome;
    int (*holds)(const events_t *all);
} outcomes[] = {
    { QDN_OUTCOME_ANSWERED, is_answered },
    { QDN_OUTCOME_VOICEMAIL, is_voicemail },
    { QDN_OUTCOME_REJECTED, is_rejected },
    { QDN_OUTCOME_ABANDONED, is_abandoned },
    { QDN_OUTCOME_UNANSWERED, is_unanswered },
    { QDN_OUTCOME_FAILED, is_failed },
    { QDN_OUTCOME_ABANDONED, is_over },
};

static qdn_outcome_e outcome_of(const events_t *all)
{
    for (apr_size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (outcomes[i].holds(all)) {
            return outcomes[i].outcome;
        }
    }
    return QDN_OUTCOME_UNKNOWN;
}

void qdn_chain_project(qdn_chain_t *pchain, const qdn_event_t *events, int n,
                       apr_pool_t *p)
{
    const qdn_event_t *counting = qdn_supersede_filter(events, &n, p);
    const events_t all = { counting, counting + n, p };
    const qdn_event_t *begin = first_of(&all, QDN_KIND_CALL_RECEIVED);
    const qdn_event_t *unknown = first_of(&all, QDN_KIND_LINE_UNKNOWN);
    const qdn_event_t *end = first_of(&all, QDN_KIND_CALL_ENDED);

    memset(pchain, 0, sizeof(*pchain));
    begin = begin ? begin : unknown ? unknown : events;
    /* Nothing follows the apology of an unknown line. */
    end = end ? end : unknown;
    pchain->call_sid = events->call_sid;
    pchain->line = begin->line;
    pchain->config = begin->config;
    pchain->caller = qdn_detail_text(begin->detail, "from", p);
    pchain->started_at = begin->at < events->at ? begin->at : events->at;
    pchain->ended_at = end ? end->at : 0;
    pchain->outcome = outcome_of(&all);
    find_talk(pchain, &all);
    find_ringing(pchain, &all);
    pchain->rung = find_rung(&all);
}
