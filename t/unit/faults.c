/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static const struct {
    const char *name;
    int error;
} kinds[] = {
#define X(id, name, error) { name, error },
    FAULTS(X)
#undef X
};

/* Set before threads start, but for the counts and `armed`. */
static long counts[FAULT_KINDS];
static fault_e kind_now;
static long nth_now;
static int lasting_now;
static int armed;
static __thread int resolving; /* dlsym's own calls are nobody's */

const char *faults_name(fault_e kind)
{
    return kinds[kind].name;
}

void faults_arm(fault_e kind, long nth, int lasting)
{
    for (int i = 0; i < FAULT_KINDS; i++) {
        counts[i] = 0;
    }
    kind_now = kind;
    nth_now = nth;
    lasting_now = lasting;
    faults_resume();
}

void faults_disarm(void)
{
    faults_pause();
    nth_now = 0;
}

void faults_pause(void)
{
    __atomic_store_n(&armed, 0, __ATOMIC_SEQ_CST);
}

void faults_resume(void)
{
    __atomic_store_n(&armed, 1, __ATOMIC_SEQ_CST);
}

long faults_count(fault_e kind)
{
    return __atomic_load_n(&counts[kind], __ATOMIC_RELAXED);
}

/* Is it this call's turn? If so errno is set. */
static int fails(fault_e kind)
{
    long n;

    if (!__atomic_load_n(&armed, __ATOMIC_RELAXED) || resolving) {
        return 0;
    }
    n = __atomic_add_fetch(&counts[kind], 1, __ATOMIC_RELAXED);
    if (kind != kind_now || !nth_now ||
        !(n == nth_now || (lasting_now && n > nth_now))) {
        return 0;
    }
    errno = kinds[kind].error;
    return 1;
}

/*
 * Each definition has a C name of its own and libc's only for the linker, so
 * that it need not agree with what libc's headers say on this platform.
 */
#define NAMED(name) __asm__(#name)

/************** memory **************/

/*
 * The real ones by names that libc, and the sanitizers that stand in front of
 * it, give them besides: dlsym needs memory itself.
 */
#define ALLOCATOR(name, parameters, arguments)                                 \
    void *__libc_##name parameters;                                            \
    void *__interceptor_##name parameters __attribute__((weak));               \
    void *fault_##name parameters NAMED(name);                                 \
    void *fault_##name parameters                                              \
    {                                                                          \
        if (fails(FAULT_MALLOC)) {                                             \
            return NULL;                                                       \
        }                                                                      \
        return __interceptor_##name ? __interceptor_##name arguments           \
                                    : __libc_##name arguments;                 \
    }

ALLOCATOR(malloc, (size_t size), (size))
ALLOCATOR(calloc, (size_t n, size_t size), (n, size))
ALLOCATOR(realloc, (void *old, size_t size), (old, size))

/************** everything else **************/

static void *next(void **pcached, const char *name)
{
    if (!*pcached) {
        resolving = 1;
        *pcached = dlsym(RTLD_NEXT, name);
        resolving = 0;
    }
    return *pcached;
}

#define REAL(type, name, parameters) ((type(*) parameters)next(&real, #name))

/* A call that fails with `failed` when it is told to. */
#define CALL(kind, type, name, failed, parameters, arguments)                  \
    type fault_##name parameters NAMED(name);                                  \
    type fault_##name parameters                                               \
    {                                                                          \
        static void *real;                                                     \
                                                                               \
        return fails(FAULT_##kind) ? (failed)                                  \
                                   : REAL(type, name, parameters) arguments;   \
    }

/* A call that a signal may interrupt, too. */
#define SLOW(kind, type, name, parameters, arguments)                          \
    type fault_##name parameters NAMED(name);                                  \
    type fault_##name parameters                                               \
    {                                                                          \
        static void *real;                                                     \
                                                                               \
        return fails(FAULT_##kind) || fails(FAULT_INTERRUPT)                   \
                   ? -1                                                        \
                   : REAL(type, name, parameters) arguments;                   \
    }

/* And its twin in programs for large files, where off_t is no wider here. */
#define CALL64(kind, type, name, failed, parameters, arguments)                \
    CALL(kind, type, name, failed, parameters, arguments)                      \
    CALL(kind, type, name##64, failed, parameters, arguments)

CALL(SYNC, int, fdatasync, -1, (int fd), (fd))
CALL(SYNC, int, fsync, -1, (int fd), (fd))
CALL(RENAME, int, rename, -1, (const char *a, const char *b), (a, b))
CALL(RENAME, int, renameat, -1, (int fd, const char *a, int to, const char *b),
     (fd, a, to, b))
CALL(UNLINK, int, unlink, -1, (const char *path), (path))
CALL(UNLINK, int, unlinkat, -1, (int fd, const char *path, int flags),
     (fd, path, flags))
CALL(MKDIR, int, mkdir, -1, (const char *path, mode_t mode), (path, mode))
CALL(OPEN, void *, opendir, NULL, (const char *path), (path))
CALL(LOCK, int, flock, -1, (int fd, int operation), (fd, operation))
SLOW(READ, ssize_t, read, (int fd, void *buf, size_t n), (fd, buf, n))
SLOW(READ, ssize_t, pread, (int fd, void *buf, size_t n, off_t at),
     (fd, buf, n, at))
SLOW(READ, ssize_t, pread64, (int fd, void *buf, size_t n, off_t at),
     (fd, buf, n, at))
CALL64(TRUNCATE, int, ftruncate, -1, (int fd, off_t length), (fd, length))
CALL64(STAT, int, fstat, -1, (int fd, void *st), (fd, st))
CALL64(STAT, int, stat, -1, (const char *path, void *st), (path, st))
CALL64(STAT, int, fstatat, -1, (int fd, const char *path, void *st, int flags),
       (fd, path, st, flags))
CALL64(MMAP, void *, mmap, MAP_FAILED,
       (void *at, size_t n, int prot, int flags, int fd, off_t offset),
       (at, n, prot, flags, fd, offset))
CALL(THREAD, int, pthread_create, EAGAIN,
     (void *thread, const void *attr, void *(*start)(void *), void *baton),
     (thread, attr, start, baton))

CALL(SOCKET, int, socket, -1, (int domain, int type, int protocol),
     (domain, type, protocol))
CALL(SOCKET, int, bind, -1, (int fd, const void *to, unsigned n), (fd, to, n))
CALL(SOCKET, int, listen, -1, (int fd, int n), (fd, n))
CALL(SOCKET, int, accept4, -1, (int fd, void *from, void *n, int flags),
     (fd, from, n, flags))
SLOW(SOCKET, int, connect, (int fd, const void *to, unsigned n), (fd, to, n))
SLOW(MESSAGE, ssize_t, send, (int fd, const void *buf, size_t n, int flags),
     (fd, buf, n, flags))
SLOW(MESSAGE, ssize_t, recv, (int fd, void *buf, size_t n, int flags),
     (fd, buf, n, flags))
SLOW(POLL, int, poll, (void *fds, unsigned long n, int wait), (fds, n, wait))
CALL(PIPE, int, pipe2, -1, (int *ends, int flags), (ends, flags))
CALL(SPAWN, int, posix_spawn, EAGAIN,
     (pid_t * pid, const char *path, const void *actions, const void *attr,
      char *const argv[], char *const envp[]),
     (pid, path, actions, attr, argv, envp))

/*
 * The last argument of open is not always there; where it is not, whatever
 * lies in its place is passed on and not looked at.
 */
#define OPEN64(name, parameters, arguments, last)                              \
    OPEN_ONE(name, parameters, arguments, last)                                \
    OPEN_ONE(name##64, parameters, arguments, last)

#define OPEN_ONE(name, parameters, arguments, last)                            \
    int fault_##name parameters NAMED(name);                                   \
    int fault_##name parameters                                                \
    {                                                                          \
        static void *real;                                                     \
        va_list more;                                                          \
        mode_t mode;                                                           \
                                                                               \
        va_start(more, last);                                                  \
        mode = va_arg(more, mode_t);                                           \
        va_end(more);                                                          \
        return fails(FAULT_OPEN) ? -1 : REAL(int, name, parameters) arguments; \
    }

OPEN64(open, (const char *path, int flags, ...), (path, flags, mode), flags)
OPEN64(openat, (int fd, const char *path, int flags, ...),
       (fd, path, flags, mode), flags)

/* SQLite's locks; other commands of fcntl do not fail. */
#define FCNTL(name)                                                            \
    int fault_##name(int fd, int command, ...) NAMED(name);                    \
    int fault_##name(int fd, int command, ...)                                 \
    {                                                                          \
        static void *real;                                                     \
        va_list more;                                                          \
        void *argument;                                                        \
                                                                               \
        va_start(more, command);                                               \
        argument = va_arg(more, void *);                                       \
        va_end(more);                                                          \
        if (command == F_SETLK && fails(FAULT_LOCK)) {                         \
            return -1;                                                         \
        }                                                                      \
        return REAL(int, name, (int, int, ...))(fd, command, argument);        \
    }

FCNTL(fcntl)
FCNTL(fcntl64)

/* Writes fail, or take half of what they are given. */
#define WRITE(name, parameters, arguments, half)                               \
    ssize_t fault_##name parameters NAMED(name);                               \
    ssize_t fault_##name parameters                                            \
    {                                                                          \
        static void *real;                                                     \
                                                                               \
        if (fails(FAULT_WRITE) || fails(FAULT_INTERRUPT)) {                    \
            return -1;                                                         \
        }                                                                      \
        if (fails(FAULT_SHORT)) {                                              \
            half;                                                              \
        }                                                                      \
        return REAL(ssize_t, name, parameters) arguments;                      \
    }

WRITE(write, (int fd, const void *buf, size_t n), (fd, buf, n), n -= n / 2)
WRITE(pwrite, (int fd, const void *buf, size_t n, off_t at), (fd, buf, n, at),
      n -= n / 2)
WRITE(pwrite64, (int fd, const void *buf, size_t n, off_t at), (fd, buf, n, at),
      n -= n / 2)
WRITE(writev, (int fd, const struct iovec *iov, int n), (fd, iov, n),
      return write(fd, iov->iov_base, iov->iov_len / 2))
