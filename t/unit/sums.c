/* SPDX-License-Identifier: Apache-2.0 */
#include "sums.h"

#include <stdlib.h>
#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include "ledger.h"

/* Names of figures -> apr_int64_t *: of calls, less those of the sums. */
typedef struct tally_t {
    apr_hash_t *figures;
    const char *table; /* whose rows come, with their figures' names: */
    const char *const *names;
    int keys; /* columns before the figures */
    int uncounted;
    apr_pool_t *pool;
} tally_t;

static void count(tally_t *t, apr_int64_t by, const char *name)
{
    apr_int64_t *figure = apr_hash_get(t->figures, name, APR_HASH_KEY_STRING);

    if (!figure) {
        figure = apr_pcalloc(t->pool, sizeof(*figure));
        apr_hash_set(t->figures, apr_pstrdup(t->pool, name),
                     APR_HASH_KEY_STRING, figure);
    }
    *figure += by;
}

/************** what calls come to **************/

static void count_hour(tally_t *t, const qdn_chain_t *c, const char *line)
{
    const char *key =
        apr_psprintf(t->pool, "qdn_hourly %s %d %d ", line, c->day, c->hour);
    const char *outcome = qdn_outcome_text(c->outcome);

    count(t, 1, apr_pstrcat(t->pool, key, "calls", NULL));
    if (c->outcome != QDN_OUTCOME_UNKNOWN) {
        count(t, 1, apr_pstrcat(t->pool, key, outcome, NULL));
    }
    if (!strcmp(outcome, "abandoned") && c->ring_seconds < 6) {
        count(t, 1, apr_pstrcat(t->pool, key, "impatient", NULL));
    }
    if (c->hops >= 2) {
        count(t, 1, apr_pstrcat(t->pool, key, "failover", NULL));
    }
}

static void count_wait(tally_t *t, const qdn_chain_t *c, const char *line)
{
    int seconds = (int)((c->answered_at - c->started_at) / 1000000);
    int step = seconds < 60 ? 2 : 10;

    if (c->outcome == QDN_OUTCOME_ANSWERED) {
        seconds = seconds < 0 ? 0 : seconds > 3600 ? 3600 : seconds;
        count(t, 1,
              apr_psprintf(t->pool, "qdn_wait %s %d %d calls", line, c->day,
                           seconds / step * step));
    }
}

static void count_load(tally_t *t, const qdn_chain_t *c, const char *line)
{
    int night = c->hour > 21 || c->hour < 7;
    const char *key =
        apr_psprintf(t->pool, "qdn_load %s %d %d ", line, c->day, night);
    char *rest = apr_pstrdup(t->pool, c->rung ? c->rung : ""), *name;
    char *by = apr_pstrdup(t->pool, c->answered_by ? c->answered_by : "");

    while ((name = apr_strtok(rest, ",", &rest)) != NULL) {
        count(t, 1, apr_pstrcat(t->pool, key, name, " rung", NULL));
        if (!*rest) {
            break;
        }
    }
    if (*by) {
        *strchr(by, '/') = '\0';
        count(t, 1, apr_pstrcat(t->pool, key, by, " answered", NULL));
        count(t, c->talk_seconds > 0 ? c->talk_seconds : 0,
              apr_pstrcat(t->pool, key, by, " talk_seconds", NULL));
    }
}

static void count_call(void *baton, const char *const *row)
{
    tally_t *t = baton;
    qdn_chain_t c;

    qdn_ledger_call(&c, row);
    if (!c.day) {
        t->uncounted++;
        return;
    }
    for (int all = 0; all < 2; all++) {
        const char *line = all ? "*" : c.line ? c.line : "";

        count_hour(t, &c, line);
        count_wait(t, &c, line);
        count_load(t, &c, line);
    }
}

/************** what the sums say **************/

static void take_sum(void *baton, const char *const *row)
{
    tally_t *t = baton;
    const char *key = t->table;

    for (int i = 0; i < t->keys; i++) {
        key = apr_pstrcat(t->pool, key, " ", row[i], NULL);
    }
    for (int i = 0; t->names[i]; i++) {
        count(t, -apr_atoi64(row[t->keys + i]),
              apr_pstrcat(t->pool, key, " ", t->names[i], NULL));
    }
}

static const struct {
    const char *table;
    const char *columns;
    int keys;
    const char *names[10];
} tables[] = {
    { "qdn_hourly",
      "line, day, hour, calls, answered, voicemail, unanswered, abandoned,"
      " impatient, rejected, failed, failover",
      3,
      { "calls", "answered", "voicemail", "unanswered", "abandoned",
        "impatient", "rejected", "failed", "failover", NULL } },
    { "qdn_wait", "line, day, seconds, calls", 3, { "calls", NULL } },
    { "qdn_load",
      "line, day, night, operator, rung, answered, talk_seconds",
      4,
      { "rung", "answered", "talk_seconds", NULL } },
};

static const char *first_flaw(const tally_t *t)
{
    for (apr_hash_index_t *i = apr_hash_first(t->pool, t->figures); i;
         i = apr_hash_next(i)) {
        apr_int64_t over = *(apr_int64_t *)apr_hash_this_val(i);

        if (over) {
            return apr_psprintf(t->pool,
                                "%s: calls come to %" APR_INT64_T_FMT
                                " more than the sum says",
                                (const char *)apr_hash_this_key(i), over);
        }
    }
    return NULL;
}

const char *qdn_sums_flaw(qdn_store_t *store, apr_pool_t *p)
{
    tally_t t = { .figures = apr_hash_make(p), .pool = p };

    if (qdn_store_select(store,
                         "SELECT " QDN_LEDGER_CALL_COLUMNS " FROM qdn_call",
                         count_call, &t, p)) {
        return qdn_store_error(store);
    }
    if (t.uncounted) {
        return apr_psprintf(p, "%d calls are in no sum", t.uncounted);
    }
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        t.table = tables[i].table;
        t.keys = tables[i].keys;
        t.names = tables[i].names;
        if (qdn_store_select(store,
                             apr_pstrcat(p, "SELECT ", tables[i].columns,
                                         " FROM ", tables[i].table, NULL),
                             take_sum, &t, p)) {
            return qdn_store_error(store);
        }
    }
    return first_flaw(&t);
}
