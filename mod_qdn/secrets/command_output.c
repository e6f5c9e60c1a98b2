/* SPDX-License-Identifier: Apache-2.0 */
#include "command_output.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "status.h"

/* Where system commands are, whatever the caller's environment says. */
#define SAFE_PATH                                                              \
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"                  \
    "/sbin:/bin"
#define NAP_USEC 5000 /* between looks at a command that closed its output */

typedef struct child_t {
    pid_t pid;
    int fd; /* its output */
    apr_interval_time_t deadline;
} child_t;

static char *const environment[] = { (char *)SAFE_PATH, NULL };

static char **split_blanks(const char *line, apr_pool_t *p)
{
    apr_array_header_t *argv = apr_array_make(p, 8, sizeof(char *));
    char *last;
    char *word = apr_strtok(apr_pstrdup(p, line), " \t", &last);

    for (; word; word = apr_strtok(NULL, " \t", &last)) {
        APR_ARRAY_PUSH(argv, char *) = word;
    }
    APR_ARRAY_PUSH(argv, char *) = NULL;
    return (char **)argv->elts;
}

/* Our own descriptors are close-on-exec; those of other modules may not be. */
static int close_the_rest(posix_spawn_file_actions_t *actions)
{
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
    return posix_spawn_file_actions_addclosefrom_np(actions, 3);
#endif
#endif
    (void)actions;
    return 0;
}

static int plumb(posix_spawn_file_actions_t *actions, int out)
{
    int rv =
        posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (!rv) {
        rv = posix_spawn_file_actions_adddup2(actions, out, 1);
    }
    if (!rv) {
        rv = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY,
                                              0);
    }
    return rv ? rv : close_the_rest(actions);
}

/* httpd blocks and ignores signals that a command expects as they were. */
static int reset_signals(posix_spawnattr_t *attr)
{
    sigset_t none, all;
    int rv;

    sigemptyset(&none);
    sigfillset(&all);
    rv = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP |
                                            POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF);
    if (!rv) {
        rv = posix_spawnattr_setsigmask(attr, &none);
    }
    return rv ? rv : posix_spawnattr_setsigdefault(attr, &all);
}

static int spawn(child_t *child, char *const *argv, int out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int rv;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    rv = plumb(&actions, out);
    if (!rv) {
        rv = reset_signals(&attr);
    }
    if (!rv) {
        rv = posix_spawn(&child->pid, argv[0], &actions, &attr, argv,
                         environment);
    }
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return rv;
}

static apr_status_t start(child_t *child, char *const *argv)
{
    int ends[2];
    int rv;

    if (pipe2(ends, O_CLOEXEC) < 0) {
        return errno;
    }
    rv = spawn(child, argv, ends[1]);
    close(ends[1]);
    if (rv) {
        close(ends[0]);
        return rv;
    }
    child->fd = ends[0];
    return APR_SUCCESS;
}

/* Milliseconds to the deadline, rounded up so that a poll does not spin. */
static int patience(const child_t *child)
{
    apr_interval_time_t left = child->deadline - qdn_clock_mono();

    return left > 0 ? (int)((left + 999) / 1000) : 0;
}

static apr_status_t read_output(const child_t *child, char *buf,
                                apr_size_t *plen)
{
    struct pollfd ready = { .fd = child->fd, .events = POLLIN };
    apr_size_t size = *plen;

    for (*plen = 0; *plen < size;) {
        int wait = patience(child);
        ssize_t n;

        if (!wait) {
            return APR_TIMEUP;
        }
        if (poll(&ready, 1, wait) <= 0) {
            continue;
        }
        n = read(child->fd, buf + *plen, size - *plen);
        if (n == 0) {
            break;
        }
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        *plen += n > 0 ? (apr_size_t)n : 0;
    }
    return APR_SUCCESS;
}

/* Until it has ended; it is not reaped, so that its number stays its own. */
static apr_status_t await_end(const child_t *child, siginfo_t *pinfo)
{
    for (;;) {
        int rv;

        pinfo->si_pid = 0;
        rv =
            waitid(P_PID, (id_t)child->pid, pinfo, WEXITED | WNOHANG | WNOWAIT);
        if (rv == 0 && pinfo->si_pid == child->pid) {
            return APR_SUCCESS;
        }
        if (rv < 0 && errno != EINTR) {
            return errno;
        }
        if (!patience(child)) {
            return APR_TIMEUP;
        }
        apr_sleep(NAP_USEC);
    }
}

static apr_status_t judge(const char *command, const siginfo_t *info,
                          const char **perror, apr_pool_t *p)
{
    int exited = info->si_code == CLD_EXITED;

    if (exited && info->si_status == 0) {
        return APR_SUCCESS;
    }
    *perror =
        apr_psprintf(p, "%s ended with %s %d; run it by hand to see why",
                     command, exited ? "status" : "signal", info->si_status);
    return APR_EGENERAL;
}

static void reap(const child_t *child, int with_group)
{
    if (with_group) {
        kill(-child->pid, SIGKILL);
    }
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

static const char *explain(apr_status_t rv, const char *command,
                           apr_interval_time_t wait, apr_pool_t *p)
{
    char cause[128];

    if (APR_STATUS_IS_TIMEUP(rv)) {
        return apr_psprintf(p,
                            "%s did not end within %d ms and was killed; "
                            "run it by hand to see why",
                            command, (int)(wait / 1000));
    }
    return apr_psprintf(p, "%s cannot be run: %s", command,
                        qdn_strerror(rv, cause, sizeof(cause)));
}

apr_status_t qdn_command_output(const char *line, apr_interval_time_t wait,
                                char *buf, apr_size_t *plen,
                                const char **perror, apr_pool_t *p)
{
    child_t child = { .deadline = qdn_clock_mono() + wait };
    char **argv = split_blanks(line, p);
    apr_size_t size = *plen;
    apr_status_t rv;
    siginfo_t info;

    rv = start(&child, argv);
    if (rv != APR_SUCCESS) {
        *perror = explain(rv, argv[0], wait, p);
        return APR_STATUS_IS_ENOENT(rv) ? APR_ENOENT : rv;
    }
    rv = read_output(&child, buf, plen);
    close(child.fd);
    if (rv == APR_SUCCESS && *plen == size) {
        reap(&child, 1);
        return APR_SUCCESS;
    }
    if (rv == APR_SUCCESS) {
        rv = await_end(&child, &info);
    }
    if (rv == APR_SUCCESS) {
        rv = judge(argv[0], &info, perror, p);
    }
    else {
        *perror = explain(rv, argv[0], wait, p);
    }
    reap(&child, rv != APR_SUCCESS);
    return rv;
}
