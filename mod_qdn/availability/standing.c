/* SPDX-License-Identifier: Apache-2.0 */
#include "standing.h"

#include <string.h>

static const char *const words[] = {
    [QDN_STANDING_AUTO] = "auto",
    [QDN_STANDING_AVAILABLE] = "available",
    [QDN_STANDING_AWAY] = "away",
};

#define NWORDS ((int)(sizeof(words) / sizeof(words[0])))

const char *qdn_standing_text(qdn_standing_e state)
{
    return words[state];
}

int qdn_standing_find(const char *text)
{
    int i;

    for (i = 0; i < NWORDS; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    return -1;
}

static int same_line(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static qdn_standing_t *find(const apr_array_header_t *set, const char *operator,
                            const char * line)
{
    int i;

    for (i = 0; i < set->nelts; i++) {
        qdn_standing_t *one = &APR_ARRAY_IDX(set, i, qdn_standing_t);

        if (strcmp(one->operator, operator) == 0 &&
            same_line(one->line, line)) {
            return one;
        }
    }
    return NULL;
}

static int newer(const qdn_standing_t *a, const qdn_standing_t *b)
{
    return a->at != b->at ? a->at > b->at : strcmp(a->event, b->event) > 0;
}

/* The same change, of which SQL has forgotten a text since (forget.h). */
static int lost_text(const qdn_standing_t *one, const qdn_standing_t *old)
{
    return !strcmp(one->event, old->event) && one->at == old->at &&
           ((old->why && !one->why) || (old->who && !one->who));
}

int qdn_standing_fold(apr_array_header_t *set, const qdn_standing_t *one)
{
    qdn_standing_t *old = find(set, one->operator, one->line);

    if (!old) {
        APR_ARRAY_PUSH(set, qdn_standing_t) = *one;
        return 1;
    }
    if (!newer(one, old) && !lost_text(one, old)) {
        return 0;
    }
    *old = *one;
    return 1;
}

int qdn_standing_holds(const qdn_standing_t *standing, apr_time_t now)
{
    return standing->state != QDN_STANDING_AUTO &&
           (!standing->until || now < standing->until);
}

const qdn_standing_t *qdn_standing_of(const apr_array_header_t *set,
                                      const char *operator, const char * line,
                                      apr_time_t now)
{
    const qdn_standing_t *one = line ? find(set, operator, line) : NULL;

    if (!one || !qdn_standing_holds(one, now)) {
        one = find(set, operator, NULL);
    }
    return one && qdn_standing_holds(one, now) ? one : NULL;
}
