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

static int look(const qdn_pace_t *pace, apr_uint64_t *pworked,
                apr_uint64_t *pqueued)
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
    *pworked = worked;
    *pqueued = queued;
    return 1;
}

void qdn_pace_start(qdn_pace_t *pace)
{
    pace->fd = open(ACCOUNT, O_RDONLY | O_CLOEXEC);
    pace->worked = pace->queued = 0;
    if (pace->fd >= 0) {
        look(pace, &pace->worked, &pace->queued);
    }
}

apr_interval_time_t qdn_pace_rest(qdn_pace_t *pace, apr_interval_time_t lag)
{
    apr_uint64_t worked, queued;
    int crowded;

    if (pace->fd < 0 || !look(pace, &worked, &queued)) {
        return 0;
    }
    crowded = queued - pace->queued > (worked - pace->worked) / 4;
    pace->worked = worked;
    pace->queued = queued;
    return crowded && lag >= 0 && lag < QDN_PACE_LAG ? QDN_PACE_REST : 0;
}
