/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "detail.h"
#include "event.h"

/* Twilio's longest call, for lines that the plan does not know. */
#define TALK_MAX apr_time_from_sec(24 * 3600)

/* The end of a call that began here is looked for so long, each second. */
#define OVER_BEHIND apr_time_from_sec(5 * 60)

/* So many calls' events are asked for at once: no statement is too long. */
#define CALLS_AT_ONCE 1000

typedef struct rows_t {
    apr_array_header_t *list;
    apr_pool_t *pool;
} rows_t;

/************** statuses **************/

#define STANDING_COLUMNS "e.id, e.at, e.operator, e.line, e.detail"

static void take_standing(void *baton, const char *const *row)
{
    rows_t *rows = baton;
    const char *word = qdn_detail_text(row[4], "state", rows->pool);
    int state = word ? qdn_standing_find(word) : -1;
    qdn_standing_t *s;

    /* Of a later version, or not ours: no status that we could put in force */
    if (state < 0 || !row[0] || strlen(row[0]) != QDN_ID_HEX || !row[1] ||
        !row[2]) {
        return;
    }
    s = apr_array_push(rows->list);
    s->operator= row[2];
    s->line = row[3];
    s->state = (qdn_standing_e)state;
    s->at = apr_atoi64(row[1]);
    s->until =
        apr_time_from_sec(qdn_detail_number(row[4], "until", 0, rows->pool));
    s->who = qdn_detail_text(row[4], "who", rows->pool);
    s->why = qdn_detail_text(row[4], "why", rows->pool);
    memcpy(s->event, row[0], QDN_ID_HEX + 1);
}

/*
 * Events of no call are few, and (call_sid, at) is an index: without that
 * first condition every event of the time would be looked at.
 */
#define STATUS_SINCE                                                           \
    "call_sid IS NULL AND kind = 'status.changed' AND at > %" APR_TIME_T_FMT

apr_status_t qdn_reader_standings(qdn_store_t *store, apr_time_t since,
                                  int newest, apr_array_header_t **pstandings,
                                  apr_pool_t *ptemp)
{
    rows_t rows = { apr_array_make(ptemp, 8, sizeof(qdn_standing_t)), ptemp };
    const char *sql =
        newest ? apr_psprintf(
                     ptemp,
                     "SELECT " STANDING_COLUMNS " FROM qdn_event e JOIN"
                     " (SELECT operator AS who, line AS which, MAX(at) AS last"
                     " FROM qdn_event WHERE " STATUS_SINCE
                     " GROUP BY operator, line) n"
                     " ON e.call_sid IS NULL AND e.at = n.last"
                     " AND e.operator = n.who AND e.kind = 'status.changed'"
                     " AND (e.line = n.which OR"
                     " (e.line IS NULL AND n.which IS NULL))",
                     since)
               : apr_psprintf(ptemp,
                              "SELECT " STANDING_COLUMNS
                              " FROM qdn_event e WHERE " STATUS_SINCE,
                              since);

    *pstandings = rows.list;
    return qdn_store_select(store, sql, take_standing, &rows, ptemp);
}

/************** talks **************/

/* A call in which somebody may be talking, or was a moment ago. */
typedef struct call_t {
    const char *sid, *line;
    apr_time_t ended_at;       /* 0: it goes on */
    apr_array_header_t *words; /* word_t, in order; NULL: none */
} call_t;

/* Both in one order, and in the same at each question. */
typedef struct calls_t {
    apr_hash_t *by_sid;
    apr_array_header_t *all;  /* call_t * */
    apr_array_header_t *sids; /* const char * */
} calls_t;

static void take_call(void *baton, const char *const *row)
{
    calls_t *calls = baton;
    apr_pool_t *p = calls->sids->pool;
    call_t *call = apr_pcalloc(p, sizeof(*call));

    call->sid = row[0];
    call->line = row[1];
    call->ended_at = row[2] ? apr_atoi64(row[2]) : 0;
    apr_hash_set(calls->by_sid, row[0], APR_HASH_KEY_STRING, call);
    APR_ARRAY_PUSH(calls->all, call_t *) = call;
    APR_ARRAY_PUSH(calls->sids, const char *) = row[0];
}

/* What was told of it. */
typedef struct word_t {
    const char *operator, * phone, *host, *leg;
    apr_time_t at;
    qdn_kind_e kind;
    qdn_reason_e reason;
    int hop;
} word_t;

#define WORD_COLUMNS                                                           \
    "call_sid, kind, operator, phone, hop, host, at, reason, detail"

static void take_word(void *baton, const char *const *row)
{
    calls_t *calls = baton;
    apr_pool_t *p = calls->sids->pool;
    call_t *call = apr_hash_get(calls->by_sid, row[0], APR_HASH_KEY_STRING);

    if (!call) { /* a collation that knows no case */
        return;
    }
    if (!call->words) {
        call->words = apr_array_make(p, 8, sizeof(word_t));
    }
    APR_ARRAY_PUSH(call->words, word_t) = (word_t){
        .kind = qdn_event_kind_find(row[1] ? row[1] : ""),
        .operator= row[2],
        .phone = row[3],
        .hop = row[4] ? (int)apr_atoi64(row[4]) : 0,
        .host = row[5] ? row[5] : "",
        .at = row[6] ? apr_atoi64(row[6]) : 0,
        .reason = qdn_reason_find(row[7] ? row[7] : ""),
        .leg = qdn_detail_text(row[8], "leg", p),
    };
}

/* Does a talk begin with it? Key 1, or the pick-up where no key is asked. */
static int begins(const word_t *w, const qdn_plan_t *plan)
{
    const qdn_phone_t *phone;

    if (!w->operator|| !w->phone) {
        return 0;
    }
    if (w->kind == QDN_KIND_SCREEN_ACCEPTED) {
        return 1;
    }
    phone = qdn_plan_phone(plan, w->operator, w->phone);
    return w->kind == QDN_KIND_LEG_ANSWERED && phone &&
           phone->confirm == QDN_CONFIRM_NONE;
}

/*
 * Is it the end of the talk? Two hosts' clocks may disagree, so times are
 * looked at only where the same hop may have ended before, and was dialled
 * once more.
 */
static int ends(const word_t *w, const word_t *begun)
{
    if (w->kind == QDN_KIND_LEG_ENDED) {
        return w->leg && begun->leg && !strcmp(w->leg, begun->leg);
    }
    return w->kind == QDN_KIND_HOP_ENDED && w->hop == begun->hop &&
           (w->reason == QDN_REASON_CONNECTED || w->at >= begun->at);
}

static apr_interval_time_t time_limit(const qdn_plan_t *plan, const char *line)
{
    const qdn_line_t *known = qdn_plan_line(plan, line);

    return (known ? apr_time_from_sec(known->time_limit) : TALK_MAX) +
           QDN_ENGAGED_GRACE;
}

static int is_over(const call_t *call, const word_t *begun,
                   const qdn_plan_t *plan, apr_time_t now)
{
    if (call->ended_at || begun->at + time_limit(plan, call->line) <= now) {
        return 1;
    }
    for (int i = 0; i < call->words->nelts; i++) {
        if (ends(&APR_ARRAY_IDX(call->words, i, word_t), begun)) {
            return 1;
        }
    }
    return 0;
}

/*
 * Is the operator in another talk of this call, here as well? A talk is known
 * by operator and call: who ended the first would end the second.
 */
static int talks_on(const call_t *call, const word_t *begun,
                    const qdn_plan_t *plan, apr_time_t now)
{
    for (int i = 0; i < call->words->nelts; i++) {
        const word_t *w = &APR_ARRAY_IDX(call->words, i, word_t);

        if (begins(w, plan) && !strcmp(w->operator, begun->operator) &&
            !strcmp(w->host, begun->host) && !is_over(call, w, plan, now)) {
            return 1;
        }
    }
    return 0;
}

/* Confirmed anew once a minute, or each question would be a new snapshot. */
static apr_time_t believe_until(apr_time_t now)
{
    apr_interval_time_t minute = apr_time_from_sec(60);

    return now - now % minute + minute + QDN_READER_BELIEVE;
}

/* The oldest call in which somebody may still be talking. */
static apr_time_t horizon(const qdn_plan_t *plan, apr_time_t now)
{
    apr_interval_time_t longest = 0;

    for (int i = 0; i < plan->lines->nelts; i++) {
        const qdn_line_t *line =
            APR_ARRAY_IDX(plan->lines, i, const qdn_line_t *);
        apr_interval_time_t limit =
            time_limit(plan, line->number) + apr_time_from_sec(line->budget);

        longest = limit > longest ? limit : longest;
    }
    return now - longest;
}

/* May a talk begin without a key? Then the call's row does not tell of it. */
static int any_without_key(const qdn_plan_t *plan)
{
    for (int i = 0; i < plan->operators->nelts; i++) {
        const qdn_operator_t *op =
            APR_ARRAY_IDX(plan->operators, i, const qdn_operator_t *);

        for (int k = 0; k < op->phones->nelts; k++) {
            if (APR_ARRAY_IDX(op->phones, k, const qdn_phone_t *)->confirm ==
                QDN_CONFIRM_NONE) {
                return 1;
            }
        }
    }
    return 0;
}

/*
 * First the calls, then their events: for one question that joins them
 * MariaDB would read every event there is. Of most calls it is known from
 * their row that nobody has answered.
 */
static apr_status_t read_calls(qdn_store_t *store, const qdn_plan_t *plan,
                               apr_time_t started, apr_time_t ended,
                               calls_t *calls)
{
    apr_pool_t *p = calls->sids->pool;
    const char *sql = apr_psprintf(
        p,
        "SELECT call_sid, line, ended_at FROM qdn_call"
        " WHERE started_at > %" APR_TIME_T_FMT
        " AND (ended_at IS NULL OR ended_at > %" APR_TIME_T_FMT
        ")%s ORDER BY started_at, call_sid",
        started, ended,
        any_without_key(plan) ? "" : " AND answered_at IS NOT NULL");

    return qdn_store_select(store, sql, take_call, calls, p);
}

static apr_status_t read_words(qdn_store_t *store, calls_t *calls)
{
    const char *const *sids = (const char *const *)(void *)calls->sids->elts;
    apr_status_t rv = APR_SUCCESS;
    int n;

    for (int i = 0; !rv && i < calls->sids->nelts; i += n) {
        n = calls->sids->nelts - i;
        n = n > CALLS_AT_ONCE ? CALLS_AT_ONCE : n;
        rv = qdn_store_select_in(
            store, "SELECT " WORD_COLUMNS " FROM qdn_event WHERE call_sid",
            sids + i, n,
            " AND kind IN ('screen.accepted', 'leg.answered', 'leg.ended',"
            " 'hop.ended') ORDER BY call_sid, at, id",
            take_word, calls, calls->sids->pool);
    }
    return rv;
}

/* What of the words is asked for: others' open talks, ours that are over. */
typedef struct sorting_t {
    const qdn_plan_t *plan;
    const char *host;
    apr_time_t now;
    apr_array_header_t *open, *over;
} sorting_t;

static void sort_word(const sorting_t *s, const call_t *call, const word_t *w)
{
    apr_time_t limit = w->at + time_limit(s->plan, call->line);
    apr_time_t believed = believe_until(s->now);
    int mine = !strcmp(w->host, s->host);
    int over = is_over(call, w, s->plan, s->now);

    if (over != mine || (over && talks_on(call, w, s->plan, s->now))) {
        return;
    }
    APR_ARRAY_PUSH(mine ? s->over : s->open, qdn_talk_t) = (qdn_talk_t){
        .operator= w->operator,
        .call_sid = call->sid,
        .host = w->host,
        .since = w->at,
        .until = limit < believed ? limit : believed,
    };
}

apr_status_t qdn_reader_talks(qdn_store_t *store, const qdn_plan_t *plan,
                              const char *host, apr_time_t now, int wide,
                              apr_array_header_t **popen,
                              apr_array_header_t **pover, apr_pool_t *ptemp)
{
    const sorting_t sorting = {
        .plan = plan,
        .host = host,
        .now = now,
        .open = *popen = apr_array_make(ptemp, 4, sizeof(qdn_talk_t)),
        .over = *pover = apr_array_make(ptemp, 4, sizeof(qdn_talk_t)),
    };
    calls_t calls = { .by_sid = apr_hash_make(ptemp),
                      .all = apr_array_make(ptemp, 16, sizeof(call_t *)),
                      .sids = apr_array_make(ptemp, 16, sizeof(const char *)) };
    apr_time_t oldest = horizon(plan, now);
    apr_status_t rv = read_calls(store, plan, oldest,
                                 wide ? oldest : now - OVER_BEHIND, &calls);

    if (!rv) {
        rv = read_words(store, &calls);
    }
    for (int i = 0; !rv && i < calls.all->nelts; i++) {
        const call_t *call = APR_ARRAY_IDX(calls.all, i, const call_t *);

        for (int k = 0; call->words && k < call->words->nelts; k++) {
            const word_t *w = &APR_ARRAY_IDX(call->words, k, word_t);

            if (begins(w, plan)) {
                sort_word(&sorting, call, w);
            }
        }
    }
    return rv;
}
