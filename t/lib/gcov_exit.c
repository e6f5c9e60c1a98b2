/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For build/test coverage: what a forked child of a test has executed counts,
 * although it ends by _exit. Linked with -Wl,--wrap=_exit.
 */
#include <unistd.h>

void __gcov_dump(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}
