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

/* Private to this process, or FUTEX_WAIT and FUTEX_WAKE for all. */
static void sleep_while(const apr_uint32_t *word, apr_uint32_t seen,
                        apr_interval_time_t timeout, int op)
{
    struct timespec left = timespec_of(timeout);

    syscall(SYS_futex, word, op, seen, &left, NULL, 0);
}

static void wake(apr_uint32_t *word, int op)
{
    syscall(SYS_futex, word, op, INT_MAX, NULL, NULL, 0);
}

#else /* a system without futexes looks every millisecond */

enum { FUTEX_WAIT, FUTEX_WAIT_PRIVATE, FUTEX_WAKE, FUTEX_WAKE_PRIVATE };

static void sleep_while(const apr_uint32_t *word, apr_uint32_t seen,
                        apr_interval_time_t timeout, int op)
{
    struct timespec step = timespec_of(timeout < 1000 ? timeout : 1000);

    (void)op;
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == seen) {
        nanosleep(&step, NULL);
    }
}

static void wake(apr_uint32_t *word, int op)
{
    (void)word;
    (void)op;
}

#endif

void qdn_waitword_bump(qdn_waitword_t *w)
{
    __atomic_add_fetch(&w->value, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&w->waiting, __ATOMIC_SEQ_CST)) {
        wake(&w->value, FUTEX_WAKE_PRIVATE);
    }
}

void qdn_waitword_wait(qdn_waitword_t *w, apr_uint32_t seen,
                       apr_interval_time_t timeout)
{
    if (timeout <= 0) {
        return;
    }
    __atomic_add_fetch(&w->waiting, 1, __ATOMIC_SEQ_CST);
    sleep_while(&w->value, seen, timeout, FUTEX_WAIT_PRIVATE);
    __atomic_sub_fetch(&w->waiting, 1, __ATOMIC_SEQ_CST);
}

void qdn_waitword_ring(apr_uint32_t *bell)
{
    __atomic_add_fetch(bell, 1, __ATOMIC_SEQ_CST);
    wake(bell, FUTEX_WAKE);
}

void qdn_waitword_listen(const apr_uint32_t *bell, apr_uint32_t seen,
                         apr_interval_time_t timeout)
{
    if (timeout > 0) {
        sleep_while(bell, seen, timeout, FUTEX_WAIT);
    }
}
