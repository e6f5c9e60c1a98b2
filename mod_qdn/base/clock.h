/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CLOCK_H
#define QDN_CLOCK_H

/*
 * Two clocks, never mixed: the wall clock for what is recorded and for what
 * people configured, the monotonic clock for waits and ages inside one
 * process. What decides or computes takes time as a parameter: only service/
 * and the drain ask the wall clock.
 */

#include <apr_time.h>

/* Microseconds since 1970 UTC; the frozen value while one is set. */
apr_time_t qdn_clock_now(void);

/* Microseconds since some fixed point; never jumps, not affected by freeze. */
apr_interval_time_t qdn_clock_mono(void);

/* For tests: make qdn_clock_now return `at` until called with 0. */
void qdn_clock_freeze(apr_time_t at);

#endif
