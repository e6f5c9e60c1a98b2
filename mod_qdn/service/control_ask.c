/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <apr_errno.h>
#include <apr_strings.h>

#include "clock.h"
#include "status.h"
#include "text.h"

apr_status_t qdn_control_address(struct sockaddr_un *to, const char *path)
{
    memset(to, 0, sizeof(*to));
    to->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof(to->sun_path)) {
        return APR_ENAMETOOLONG;
    }
    memcpy(to->sun_path, path, strlen(path) + 1);
    return APR_SUCCESS;
}

/* Wait until fd is ready; how much of `until` is left decides how long. */
static apr_status_t await(int fd, short events, apr_interval_time_t until)
{
    struct pollfd one = { .fd = fd, .events = events };
    apr_interval_time_t left = until - qdn_clock_mono();
    int n;

    if (left <= 0) {
        return APR_TIMEUP;
    }
    n = poll(&one, 1, (int)apr_time_as_msec(left) + 1);
    if (n < 0 && errno != EINTR) {
        return errno;
    }
    return n == 0 ? APR_TIMEUP : APR_SUCCESS;
}

/* A full queue makes connect say EAGAIN on a Unix socket: try again. */
static apr_status_t reach(int fd, const char *path, apr_interval_time_t until)
{
    struct sockaddr_un to;
    apr_status_t rv = qdn_control_address(&to, path);

    if (rv) {
        return rv;
    }
    while (connect(fd, (struct sockaddr *)&to, sizeof(to))) {
        if (errno != EAGAIN && errno != EINTR) {
            return errno;
        }
        if (qdn_clock_mono() >= until) {
            return APR_TIMEUP;
        }
        apr_sleep(apr_time_from_msec(20));
    }
    return APR_SUCCESS;
}

static apr_status_t send_line(int fd, const char *line,
                              apr_interval_time_t until)
{
    apr_size_t left = strlen(line);
    apr_status_t rv;

    while (left) {
        ssize_t n = send(fd, line, left, MSG_NOSIGNAL);

        if (n >= 0) {
            line += n;
            left -= (apr_size_t)n;
        }
        else if (errno != EAGAIN && errno != EINTR) {
            return errno;
        }
        else if ((rv = await(fd, POLLOUT, until)) != APR_SUCCESS) {
            return rv;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t receive_line(int fd, qdn_text_t *text,
                                 apr_interval_time_t until)
{
    char piece[8192];
    apr_status_t rv;

    for (;;) {
        ssize_t n = recv(fd, piece, sizeof(piece), 0);

        if (n > 0) {
            qdn_text_addn(text, piece, (apr_size_t)n);
            if (piece[n - 1] == '\n') {
                return APR_SUCCESS;
            }
            if (text->len > QDN_CONTROL_REPLY) {
                return QDN_ETOOBIG;
            }
        }
        else if (n == 0) {
            return APR_EOF;
        }
        else if (errno != EAGAIN && errno != EINTR) {
            return errno;
        }
        else if ((rv = await(fd, POLLIN, until)) != APR_SUCCESS) {
            return rv;
        }
    }
}

apr_status_t qdn_control_ask(const char *path, const char *request,
                             const char **preply, apr_interval_time_t timeout,
                             apr_pool_t *p)
{
    apr_interval_time_t until = qdn_clock_mono() + timeout;
    qdn_text_t text;
    apr_status_t rv;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return errno;
    }
    qdn_text_init(&text, 4096, p);
    rv = reach(fd, path, until);
    if (!rv) {
        rv = send_line(fd, apr_pstrcat(p, request, "\n", NULL), until);
    }
    if (!rv) {
        rv = receive_line(fd, &text, until);
    }
    if (!rv) {
        text.buf[text.len - 1] = '\0';
        *preply = text.buf;
    }
    close(fd);
    return rv;
}
