/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded before everything else into an httpd under test (LD_PRELOAD): while
 * there is a file $QDN_TEST_SCARCE, the system has no pipe for the daemon and
 * no large shared memory to give.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE (1024 * 1024)

static int is_scarce(void)
{
    const char *path = getenv("QDN_TEST_SCARCE");
    int before = errno;
    int scarce = path && access(path, F_OK) == 0;

    errno = before;
    return scarce;
}

/* httpd and APR make theirs with pipe(). */
int pipe2(int fds[2], int flags)
{
    static __typeof__(&pipe2) next;

    if (is_scarce()) {
        errno = EMFILE;
        return -1;
    }
    next = next ? next : (__typeof__(&pipe2))dlsym(RTLD_NEXT, "pipe2");
    return next(fds, flags);
}

void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    static __typeof__(&mmap) next;

    if ((flags & MAP_SHARED) && size > LARGE && is_scarce()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    next = next ? next : (__typeof__(&mmap))dlsym(RTLD_NEXT, "mmap");
    return next(at, size, prot, flags, fd, offset);
}
