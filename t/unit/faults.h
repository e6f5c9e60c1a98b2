/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FAULTS_H
#define QDN_FAULTS_H

/*
 * Calls of the system that fail when they are told to, in the whole process:
 * in our code and in the libraries below it (APR, SQLite, libcrypto). A
 * program that links faults.o has these definitions in front of libc's.
 */

/* What can fail, and what it then says; the calls are listed in faults.c. */
#define FAULTS(X)                                                              \
    X(MALLOC, "malloc", ENOMEM)                                                \
    X(WRITE, "write", ENOSPC)                                                  \
    X(SHORT, "half a write", 0)                                                \
    X(SYNC, "fdatasync", EIO)                                                  \
    X(READ, "read", EIO)                                                       \
    X(OPEN, "open", EMFILE)                                                    \
    X(RENAME, "rename", EIO)                                                   \
    X(UNLINK, "unlink", EIO)                                                   \
    X(MKDIR, "mkdir", ENOSPC)                                                  \
    X(STAT, "stat", EIO)                                                       \
    X(LOCK, "flock", EIO)                                                      \
    X(TRUNCATE, "ftruncate", EIO)                                              \
    X(MMAP, "mmap", ENOMEM)                                                    \
    X(THREAD, "pthread_create", EAGAIN)                                        \
    X(INTERRUPT, "a slow call, by a signal", EINTR)                            \
    X(SOCKET, "socket", EMFILE)                                                \
    X(MESSAGE, "send and recv", ECONNRESET)                                    \
    X(POLL, "poll", ENOMEM)                                                    \
    X(PIPE, "pipe", EMFILE)                                                    \
    X(SPAWN, "posix_spawn", EAGAIN)

typedef enum {
#define X(id, name, error) FAULT_##id,
    FAULTS(X)
#undef X
        FAULT_KINDS
} fault_e;

const char *faults_name(fault_e kind);

/*
 * From now on count the calls of all kinds, and let the nth of this kind fail
 * (0: none); lasting: and every later one.
 */
void faults_arm(fault_e kind, long nth, int lasting);
void faults_disarm(void);

/* Neither count nor fail, and go on; for what the test itself does. */
void faults_pause(void);
void faults_resume(void);

/* Calls of this kind since faults_arm. */
long faults_count(fault_e kind);

#endif
