/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <time.h>

/* Atomic, because a test may move the clock while threads read it. */
static apr_time_t frozen;

apr_time_t qdn_clock_now(void)
{
    apr_time_t at = __atomic_load_n(&frozen, __ATOMIC_ACQUIRE);

    return at ? at : apr_time_now();
}

apr_interval_time_t qdn_clock_mono(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return apr_time_from_sec((apr_interval_time_t)ts.tv_sec) +
           ts.tv_nsec / 1000;
}

void qdn_clock_freeze(apr_time_t at)
{
    __atomic_store_n(&frozen, at, __ATOMIC_RELEASE);
}
