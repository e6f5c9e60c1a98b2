/* SPDX-License-Identifier: Apache-2.0 */
#include "waitword.h"

#include <time.h>
#if defined(__linux__)
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

apr_uint32_t qdn_waitword_read(const qdn_waitword_t *w)
{
    return __atomic_load_n(&w->value, __ATOMIC_SEQ_CST);
}

static struct timespec timespec_of(apr_interval_time_t t)
{
    return (struct timespec){ .tv_sec = (time_t)apr_time_sec(t),
                              .tv_nsec = (long)apr_time_usec(t) * 1000 };
}

#if defined(__linux__)

static void sleep_while(qdn_waitword_t *w, apr_uint32_t seen,
                        apr_interval_time_t timeout)
{
    struct timespec left = timespec_of(timeout);

    syscall(SYS_futex, &w->value, FUTEX_WAIT_PRIVATE, seen, &left, NULL, 0);
}

static void wake(qdn_waitword_t *w)
{
    syscall(SYS_futex, &w->value, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#else /* a system without futexes looks every millisecond */

static void sleep_while(qdn_waitword_t *w, apr_uint32_t seen,
                        apr_interval_time_t timeout)
{
    struct timespec step = timespec_of(timeout < 1000 ? timeout : 1000);

    if (qdn_waitword_read(w) == seen) {
        nanosleep(&step, NULL);
    }
}

static void wake(qdn_waitword_t *w)
{
    (void)w;
}

#endif

void qdn_waitword_bump(qdn_waitword_t *w)
{
    __atomic_add_fetch(&w->value, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&w->waiting, __ATOMIC_SEQ_CST)) {
        wake(w);
    }
}

void qdn_waitword_wait(qdn_waitword_t *w, apr_uint32_t seen,
                       apr_interval_time_t timeout)
{
    if (timeout <= 0) {
        return;
    }
    __atomic_add_fetch(&w->waiting, 1, __ATOMIC_SEQ_CST);
    sleep_while(w, seen, timeout);
    __atomic_sub_fetch(&w->waiting, 1, __ATOMIC_SEQ_CST);
}
