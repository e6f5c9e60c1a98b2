/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded before everything else into an httpd under test (LD_PRELOAD): makes
 * the disk below the journal fail or hang, moves the wall clock, and gives
 * the host another name, as t/lib/QDN/Mishap.pm says through a shared file.
 * It shows what a broken disk does without needing one, or root.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The words of the shared file, in the order that Mishap.pm knows. */
enum {
    FAIL_WRITE, /* an errno; 0: works */
    FAIL_SYNC,
    FAIL_CREATE,
    HANG,  /* writing and syncing does not return while this is set */
    CLOCK, /* microseconds that the wall clock is ahead */
    ROOM,  /* bytes that are free on a disk of 100 GiB; 0: as it is */
    HIT_WRITE,
    HIT_SYNC,
    HIT_CREATE,
    HIT_HANG,
    WORDS
};

static int64_t none[WORDS];
static int64_t *words = none;

/* The function that we stand before; looked for once. */
#define NEXT(name)                                                             \
    ({                                                                         \
        static __typeof__(&name) next;                                         \
                                                                               \
        next ? next : (next = (__typeof__(&name))dlsym(RTLD_NEXT, #name));     \
    })

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("QDN_TEST_MISHAP");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *map = MAP_FAILED;

    if (fd >= 0) {
        map =
            mmap(NULL, sizeof(none), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
    }
    if (map != MAP_FAILED) {
        words = map;
    }
}

static int64_t word(int which)
{
    return __atomic_load_n(&words[which], __ATOMIC_SEQ_CST);
}

static void hit(int which)
{
    __atomic_add_fetch(&words[which], 1, __ATOMIC_SEQ_CST);
}

/* Is it the journal's directory, or a file in it? */
static int is_journal(int fd)
{
    char link[64], path[4096];
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof(path) - 1);
    path[n > 0 ? n : 0] = '\0';
    return strstr(path, "/journal") != NULL;
}

static void hang(void)
{
    if (word(HANG)) {
        hit(HIT_HANG);
    }
    while (word(HANG)) {
        usleep(2000);
    }
}

/* Does this call fail? Then errno says how. */
static int fails(int fd, int which, int counted)
{
    int error;

    if ((!word(which) && !word(HANG)) || !is_journal(fd)) {
        return 0;
    }
    if (which != FAIL_CREATE) {
        hang();
    }
    error = (int)word(which);
    if (!error) {
        return 0;
    }
    hit(counted);
    errno = error;
    return 1;
}

ssize_t write(int fd, const void *data, size_t len)
{
    return fails(fd, FAIL_WRITE, HIT_WRITE) ? -1 : NEXT(write)(fd, data, len);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
    return fails(fd, FAIL_WRITE, HIT_WRITE) ? -1 : NEXT(writev)(fd, iov, n);
}

/*
 * Tell whoever will kill this process, as if by a power cut, how much of its
 * segment the disk has: a text of inode and bytes in a file of this process.
 */
static void tell_synced(int fd)
{
    static int tell = -1;
    const char *path = getenv("QDN_TEST_MISHAP");
    char text[4096];
    struct stat st;

    if (tell < 0 && path) {
        snprintf(text, sizeof(text), "%s.%ld", path, (long)getpid());
        tell = open(text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    }
    if (tell >= 0 && fstat(fd, &st) == 0) {
        /* The file is larger: behind where it is written there is room. */
        snprintf(text, sizeof(text), "%20lld %20lld\n", (long long)st.st_ino,
                 (long long)lseek(fd, 0, SEEK_CUR));
        if (pwrite(tell, text, strlen(text), 0) < 0) {
            abort();
        }
    }
}

int fdatasync(int fd)
{
    int rv;

    if (fails(fd, FAIL_SYNC, HIT_SYNC)) {
        return -1;
    }
    rv = NEXT(fdatasync)(fd);
    if (rv == 0 && is_journal(fd)) {
        tell_synced(fd);
    }
    return rv;
}

int fsync(int fd)
{
    return fails(fd, FAIL_SYNC, HIT_SYNC) ? -1 : NEXT(fsync)(fd);
}

int openat(int dirfd, const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list args;

    if (flags & O_CREAT) {
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
        if (fails(dirfd, FAIL_CREATE, HIT_CREATE)) {
            return -1;
        }
    }
    return NEXT(openat)(dirfd, path, flags, mode);
}

int statvfs(const char *path, struct statvfs *disk)
{
    int rv = NEXT(statvfs)(path, disk);

    if (rv == 0 && word(ROOM)) {
        disk->f_frsize = 4096;
        disk->f_blocks = (fsblkcnt_t)100 << 18;
        disk->f_bavail = (fsblkcnt_t)(word(ROOM) / 4096);
    }
    return rv;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
    int rv = NEXT(clock_gettime)(clock, ts);
    int64_t ahead = word(CLOCK);

    if (rv == 0 && ahead && clock == CLOCK_REALTIME) {
        int64_t us = ts->tv_nsec / 1000 + ahead;

        ts->tv_sec += us / 1000000 - (us % 1000000 < 0);
        ts->tv_nsec = (us % 1000000 + (us % 1000000 < 0) * 1000000) * 1000;
    }
    return rv;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec ts;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *pt)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    if (pt) {
        *pt = ts.tv_sec;
    }
    return ts.tv_sec;
}

int gethostname(char *name, size_t size)
{
    const char *wanted = getenv("QDN_TEST_HOSTNAME");

    if (!wanted) {
        return NEXT(gethostname)(name, size);
    }
    snprintf(name, size, "%s", wanted);
    return 0;
}
