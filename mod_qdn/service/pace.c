/* SPDX-License-Identifier: Apache-2.0 */
#include "pace.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <apr.h>

/*
 * "<ns worked> <ns queued> <turns>": Linux, Documentation/scheduler/
 * sched-stats.rst.
 */
#define ACCOUNT "/proc/thread-self/schedstat"

static int look(qdn_pace_t *pace)
{
    char text[80];
    ssize_t n = pread(pace->fd, text, sizeof(text) - 1, 0);
    unsigned long long worked, queued;

    if (n <= 0) {
        return 0;
    }
    text[n] = '\0';
    if (sscanf(text, "%llu %llu", &worked, &queued) != 2) {
        return 0;
    }
    pace->worked = worked;
    pace->queued = queued;
    return 1;
}

void qdn_pace_start(qdn_pace_t *pace)
{
    pace->fd = open(ACCOUNT, O_RDONLY | O_CLOEXEC);
    pace->worked = pace->queued = 0;
    if (pace->fd >= 0) {
        look(pace);
    }
}

apr_interval_time_t qdn_pace_judge(apr_uint64_t worked, apr_uint64_t queued,
                                   const qdn_pace_work_t *work)
{
    apr_interval_time_t rest = work->took * QDN_PACE_SHARE;

    if (queued <= worked / 4 || work->waiting < QDN_PACE_FEW) {
        return 0;
    }
    /* Before its time: the clock was set, and lag means nothing. */
    if (work->lag < 0 || work->lag >= QDN_PACE_LAG) {
        return 0;
    }
    return rest < QDN_PACE_REST ? rest : QDN_PACE_REST;
}

apr_interval_time_t qdn_pace_rest(qdn_pace_t *pace, const qdn_pace_work_t *work)
{
    apr_uint64_t worked_before = pace->worked, queued_before = pace->queued;

    if (pace->fd < 0 || !look(pace)) {
        return 0;
    }
    return qdn_pace_judge(pace->worked - worked_before,
                          pace->queued - queued_before, work);
}
