/* SPDX-License-Identifier: Apache-2.0 */
#include "rollup.h"

#include <stdlib.h>
#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include "line.h"
#include "schema.h"
#include "zone.h"

#define KEYS   5 /* columns of a key, at most */
#define FIGS   9 /* figures of a row, at most */
#define HOURLY 0
#define WAIT   1
#define LOAD   2
#define TABLES 3

#define FINE_UNTIL   60 /* seconds of waiting, kept in steps of 2 */
#define COARSE_UNTIL 3600

/* No clock is right that shows a later time than 9999. */
#define LAST_TIME APR_INT64_C(253402300799)

/* Figures of qdn_hourly, in the order of its columns. */
enum {
    CALLS,
    ANSWERED,
    VOICEMAIL,
    UNANSWERED,
    ABANDONED,
    IMPATIENT,
    REJECTED,
    FAILED,
    FAILOVER
};

/* Figures of qdn_load. */
enum { RUNG, TAKEN, TALK };

static const char *const hourly_columns[] = {
    "line",      "day",      "weekday",   "hour",       "host",
    "calls",     "answered", "voicemail", "unanswered", "abandoned",
    "impatient", "rejected", "failed",    "failover",   NULL,
};
static const char *const wait_columns[] = { "line", "day",   "seconds",
                                            "host", "calls", NULL };
static const char *const load_columns[] = {
    "line", "day",      "operator",     "night", "host",
    "rung", "answered", "talk_seconds", NULL,
};

static const struct {
    qdn_store_insert_t insert;
    int worded; /* the key has a word after the day, before the number */
    int figures;
} tables[TABLES] = {
    [HOURLY] = { .insert = { .table = "qdn_hourly",
                             .columns = hourly_columns,
                             .types = "tnnntnnnnnnnnn",
                             .keys = 5,
                             .conflict = QDN_STORE_ADD },
                 .worded = 1,
                 .figures = 9 },
    [WAIT] = { .insert = { .table = "qdn_wait",
                           .columns = wait_columns,
                           .types = "tnntn",
                           .keys = 4,
                           .conflict = QDN_STORE_ADD },
               .figures = 1 },
    [LOAD] = { .insert = { .table = "qdn_load",
                           .columns = load_columns,
                           .types = "tntntnnn",
                           .keys = 5,
                           .conflict = QDN_STORE_ADD },
               .worded = 1,
               .figures = 3 },
};

typedef struct cell_t { /* what is added to one row */
    int day;
    const char *line;
    const char *word; /* day of the week, operator; else "" */
    int number;       /* hour, seconds, night */
    apr_int64_t figures[FIGS];
} cell_t;

struct qdn_rollup_t {
    apr_hash_t *cells[TABLES];
    apr_pool_t *pool;
};

/************** where a call belongs **************/

void qdn_rollup_when(const qdn_plan_t *plan, const char *line, apr_time_t at,
                     int *pday, int *phour)
{
    const qdn_line_t *known = plan && line ? qdn_plan_line(plan, line) : NULL;
    qdn_local_t local;

    if (at < 0) {
        at = 0;
    }
    else if (at > apr_time_from_sec(LAST_TIME)) {
        at = apr_time_from_sec(LAST_TIME);
    }
    qdn_zone_local(known && known->zone ? known->zone : qdn_zone_utc(), at,
                   &local);
    *pday = local.year * 10000 + local.month * 100 + local.day;
    *phour = local.hour;
}

int qdn_rollup_wait(int seconds)
{
    if (seconds < 0) {
        return 0;
    }
    if (seconds < FINE_UNTIL) {
        return seconds - seconds % 2;
    }
    return seconds < COARSE_UNTIL ? seconds - seconds % 10 : COARSE_UNTIL;
}

/************** what a call adds **************/

qdn_rollup_t *qdn_rollup_create(apr_pool_t *p)
{
    qdn_rollup_t *r = apr_palloc(p, sizeof(*r));

    for (int i = 0; i < TABLES; i++) {
        r->cells[i] = apr_hash_make(p);
    }
    r->pool = p;
    return r;
}

/*
 * A call has some ten cells, before and after: looking one up must be cheap.
 * Texts are not longer than QDN_WIDTH_WORD.
 */
static apr_int64_t *cell(qdn_rollup_t *r, int table, const char *line, int day,
                         const char *word, int number)
{
    const int numbers[] = { day, number };
    char key[sizeof(numbers) + 2 * (QDN_WIDTH_WORD + 1)];
    apr_size_t len = sizeof(numbers);
    cell_t *found;

    memcpy(key, numbers, sizeof(numbers));
    len += (apr_size_t)(stpcpy(key + len, word) - (key + len)) + 1;
    len += (apr_size_t)(stpcpy(key + len, line) - (key + len));
    found = apr_hash_get(r->cells[table], key, (apr_ssize_t)len);
    if (!found) {
        found = apr_pcalloc(r->pool, sizeof(*found));
        found->day = day;
        found->line = line;
        found->word = apr_pstrdup(r->pool, word);
        found->number = number;
        apr_hash_set(r->cells[table], apr_pmemdup(r->pool, key, len),
                     (apr_ssize_t)len, found);
    }
    return found->figures;
}

static const char *weekday(int day)
{
    static const char *const names[] = { "0", "1", "2", "3", "4", "5", "6" };
    qdn_local_t local = { .year = day / 10000,
                          .month = day / 100 % 100,
                          .day = day % 100,
                          .hour = 12 };

    qdn_zone_local(qdn_zone_utc(), qdn_zone_at(qdn_zone_utc(), &local), &local);
    return names[local.weekday];
}

static void add_outcome(qdn_rollup_t *r, const char *line,
                        const qdn_chain_t *call, int sign)
{
    static const int column_of[QDN_OUTCOME_MAX] = {
        [QDN_OUTCOME_UNKNOWN] = CALLS,
        [QDN_OUTCOME_ANSWERED] = ANSWERED,
        [QDN_OUTCOME_VOICEMAIL] = VOICEMAIL,
        [QDN_OUTCOME_REJECTED] = REJECTED,
        [QDN_OUTCOME_ABANDONED] = ABANDONED,
        [QDN_OUTCOME_UNANSWERED] = UNANSWERED,
        [QDN_OUTCOME_FAILED] = FAILED,
    };
    apr_int64_t *figures =
        cell(r, HOURLY, line, call->day, weekday(call->day), call->hour);
    int column = column_of[call->outcome];

    figures[CALLS] += sign;
    if (column != CALLS) {
        figures[column] += sign;
    }
    if (column == ABANDONED && call->ring_seconds <= QDN_ROLLUP_IMPATIENT) {
        figures[IMPATIENT] += sign;
    }
    if (call->hops > 1) {
        figures[FAILOVER] += sign;
    }
}

static void add_wait(qdn_rollup_t *r, const char *line, const qdn_chain_t *call,
                     int sign)
{
    apr_time_t waited = apr_time_sec(call->answered_at - call->started_at);

    if (call->outcome == QDN_OUTCOME_ANSWERED) {
        waited = waited > COARSE_UNTIL ? COARSE_UNTIL : waited;
        cell(r, WAIT, line, call->day, "", qdn_rollup_wait((int)waited))[0] +=
            sign;
    }
}

/* The operator's name ends at `end`. */
static apr_int64_t *load(qdn_rollup_t *r, const char *line,
                         const qdn_chain_t *call, const char *name,
                         const char *end)
{
    int night = call->hour >= QDN_ROLLUP_NIGHT || call->hour < QDN_ROLLUP_DAY;

    name = apr_pstrmemdup(r->pool, name, (apr_size_t)(end - name));
    return cell(r, LOAD, line, call->day,
                qdn_schema_fit(name, QDN_WIDTH_WORD, r->pool), night);
}

static void add_load(qdn_rollup_t *r, const char *line, const qdn_chain_t *call,
                     int sign)
{
    const char *at = call->rung, *end;

    while (at && (end = strchr(at + 1, ',')) != NULL) {
        load(r, line, call, at + 1, end)[RUNG] += sign;
        at = end;
    }
    end = call->answered_by ? strchr(call->answered_by, '/') : NULL;
    if (end) {
        apr_int64_t *figures = load(r, line, call, call->answered_by, end);

        figures[TAKEN] += sign;
        figures[TALK] += call->talk_seconds > 0 ? sign * call->talk_seconds : 0;
    }
}

void qdn_rollup_add(qdn_rollup_t *r, const qdn_chain_t *call, int sign)
{
    const char *line =
        qdn_schema_fit(call->line ? call->line : "", QDN_WIDTH_WORD, r->pool);
    const char *const lines[] = { line, QDN_ROLLUP_ALL };

    for (int i = 0; call->day && i < 2; i++) {
        add_outcome(r, lines[i], call, sign);
        add_wait(r, lines[i], call, sign);
        add_load(r, lines[i], call, sign);
    }
}

/************** rows **************/

static int by_key(const void *a, const void *b)
{
    const cell_t *x = *(const cell_t *const *)a;
    const cell_t *y = *(const cell_t *const *)b;
    int difference = strcmp(x->line, y->line);

    if (!difference) {
        difference = x->day - y->day;
    }
    if (!difference) {
        difference = strcmp(x->word, y->word);
    }
    return difference ? difference : x->number - y->number;
}

/* Those that change anything, in order. */
static const cell_t **changes(const qdn_rollup_t *r, int table, int *pn,
                              apr_pool_t *p)
{
    static const apr_int64_t nothing[FIGS];
    apr_hash_t *cells = r->cells[table];
    const cell_t **list =
        apr_palloc(p, (apr_hash_count(cells) + 1) * sizeof(*list));

    *pn = 0;
    for (apr_hash_index_t *i = apr_hash_first(p, cells); i;
         i = apr_hash_next(i)) {
        const cell_t *c = apr_hash_this_val(i);

        if (memcmp(c->figures, nothing, sizeof(nothing))) {
            list[(*pn)++] = c;
        }
    }
    qsort(list, (size_t)*pn, sizeof(*list), by_key);
    return list;
}

static const char **add_values(const char **v, int table, const cell_t *c,
                               const char *host, apr_pool_t *p)
{
    *v++ = c->line;
    *v++ = apr_itoa(p, c->day);
    if (tables[table].worded) {
        *v++ = c->word;
    }
    *v++ = apr_itoa(p, c->number);
    *v++ = host;
    for (int i = 0; i < tables[table].figures; i++) {
        *v++ = apr_off_t_toa(p, c->figures[i]);
    }
    return v;
}

apr_status_t qdn_rollup_write(qdn_store_t *store, const qdn_rollup_t *rollup,
                              const char *host, apr_pool_t *ptemp)
{
    apr_status_t rv = APR_SUCCESS;

    host = qdn_schema_fit(host, QDN_WIDTH_KEY, ptemp);
    for (int table = 0; rv == APR_SUCCESS && table < TABLES; table++) {
        int n;
        const cell_t **list = changes(rollup, table, &n, ptemp);
        const char **values = apr_palloc(
            ptemp, ((apr_size_t)n + 1) * (KEYS + FIGS) * sizeof(*values));
        const char **v = values;

        for (int i = 0; i < n; i++) {
            v = add_values(v, table, list[i], host, ptemp);
        }
        rv = qdn_store_insert(store, &tables[table].insert, values, n, ptemp);
    }
    return rv;
}
