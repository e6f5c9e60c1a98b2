/* SPDX-License-Identifier: Apache-2.0 */
#include "finding.h"

#include <stdlib.h>
#include <string.h>

int qdn_finding_holds(const qdn_finding_t *finding, const qdn_feed_t *feed,
                      apr_time_t now)
{
    apr_interval_time_t age = now - finding->good_at;

    return finding->good_at && age <= feed->stale && age >= -feed->stale;
}

const qdn_span_t *qdn_finding_span(const qdn_finding_t *finding, apr_time_t at,
                                   apr_time_t *puntil)
{
    const qdn_span_t *end = finding->spans + finding->nspans;
    const qdn_span_t *span, *found = NULL;

    for (span = finding->spans; span < end && span->from <= at; span++) {
        if (span->to > at && (!found || span->to > found->to)) {
            found = span;
        }
    }
    if (!found) {
        return NULL;
    }
    *puntil = found->to;
    for (; span < end && span->from <= *puntil; span++) {
        if (span->to > *puntil) {
            *puntil = span->to;
        }
    }
    return found;
}

static int compare_numbers(const void *a, const void *b)
{
    apr_uint64_t left = *(const apr_uint64_t *)a;
    apr_uint64_t right = *(const apr_uint64_t *)b;

    return left < right ? -1 : left > right;
}

int qdn_finding_lists(const qdn_finding_t *finding, const char *number)
{
    apr_uint64_t digits;

    if (!number || *number != '+' || !finding->nnumbers) {
        return 0;
    }
    digits = strtoull(number + 1, NULL, 10);
    return bsearch(&digits, finding->numbers, (size_t)finding->nnumbers,
                   sizeof(digits), compare_numbers) != NULL;
}
