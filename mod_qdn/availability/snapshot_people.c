/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a snapshot says of operators: standings and talks.
 */
#include <apr_strings.h>
#include <string.h>
#include "snapshot.h"
#include "snapshot_form.h"

/*
 * The first row of the operator's, in rows of that size whose first member
 * is the operator; n: there is none.
 */
static apr_uint32_t first_of(const qdn_snapshot_t *s, const void *rows,
                             apr_size_t size, apr_uint32_t n,
                             const char *operator)
{
    apr_uint32_t low = 0, high = n;

    while (low < high) {
        apr_uint32_t middle = low + (high - low) / 2;
        const apr_uint32_t *row =
            (const void *)((const char *)rows + middle * size);

        if (strcmp(s->strings + *row, operator) < 0) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

static qdn_standing_t standing_at(const qdn_snapshot_t *s, apr_uint32_t i)
{
    const standing_row_t *row = &s->standings[i];
    const char *event = qdn_snapshot_string(s, row->event);
    qdn_standing_t standing = {
        .operator= qdn_snapshot_string(s, row->operator),
        .line = qdn_snapshot_string(s, row->line),
        .state = (qdn_standing_e)row->state,
        .at = row->at,
        .until = row->until,
        .who = qdn_snapshot_string(s, row->who),
        .why = qdn_snapshot_string(s, row->why),
    };

    apr_cpystrn(standing.event, event ? event : "", sizeof(standing.event));
    return standing;
}

int qdn_snapshot_standing(const qdn_snapshot_t *snapshot, const char *operator,
                          const char * line, apr_time_t now,
                          qdn_standing_t *pstanding)
{
    apr_uint32_t n = snapshot->head->standings.n;
    apr_uint32_t i = first_of(snapshot, snapshot->standings,
                              sizeof(standing_row_t), n, operator);
    int found = 0;

    for (; i < n; i++) {
        qdn_standing_t one = standing_at(snapshot, i);

        if (strcmp(one.operator, operator) != 0) {
            break;
        }
        if (qdn_standing_holds(&one, now) &&
            (!one.line || (line && strcmp(one.line, line) == 0))) {
            *pstanding = one; /* the line's comes after that of all lines */
            found = 1;
        }
    }
    return found;
}

int qdn_snapshot_talk(const qdn_snapshot_t *snapshot, const char *operator,
                      apr_time_t now, qdn_talk_t *ptalk)
{
    apr_uint32_t n = snapshot->head->talks.n;
    apr_uint32_t i =
        first_of(snapshot, snapshot->talks, sizeof(talk_row_t), n, operator);

    for (; i < n; i++) {
        const talk_row_t *row = &snapshot->talks[i];
        const char *who = qdn_snapshot_string(snapshot, row->operator);

        if (strcmp(who, operator) != 0) {
            break;
        }
        if (now < row->until) {
            *ptalk = (qdn_talk_t){
                .operator= who,
                .call_sid = qdn_snapshot_string(snapshot, row->call_sid),
                .host = qdn_snapshot_string(snapshot, row->host),
                .since = row->since,
                .until = row->until,
            };
            return 1;
        }
    }
    return 0;
}

apr_array_header_t *qdn_snapshot_standings(const qdn_snapshot_t *snapshot,
                                           apr_pool_t *p)
{
    apr_uint32_t i, n = snapshot->head->standings.n;
    apr_array_header_t *set =
        apr_array_make(p, (int)n + 1, sizeof(qdn_standing_t));

    for (i = 0; i < n; i++) {
        qdn_standing_t one = standing_at(snapshot, i);

        one.operator= apr_pstrdup(p, one.operator);
        one.line = one.line ? apr_pstrdup(p, one.line) : NULL;
        one.who = one.who ? apr_pstrdup(p, one.who) : NULL;
        one.why = one.why ? apr_pstrdup(p, one.why) : NULL;
        APR_ARRAY_PUSH(set, qdn_standing_t) = one;
    }
    return set;
}
