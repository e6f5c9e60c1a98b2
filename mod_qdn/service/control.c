/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <apr_errno.h>
#include <apr_strings.h>

#include "clock.h"
#include "detail.h"
#include "status.h"

typedef struct client_t {
    int fd;                    /* -1: this place is free */
    apr_interval_time_t until; /* monotonic: hung up on after this */
    char in[QDN_CONTROL_REQUEST];
    apr_size_t in_len;
    apr_pool_t *pool; /* of one reply */
    const char *out;  /* NULL: a request is being read */
    apr_size_t out_len;
} client_t;

struct qdn_control_t {
    int listener;
    const char *path;
    qdn_control_cb *answer;
    void *baton;
    apr_pool_t *pool;
    client_t clients[QDN_CONTROL_CLIENTS];
};

/*
 * Bound to a private name, restricted, and only then put in place: nobody
 * can connect before the mode is right, and a client never finds a gap
 * between the dead daemon's socket and ours.
 */
static apr_status_t bind_at(int fd, const char *path, apr_pool_t *p)
{
    const char *fresh = apr_pstrcat(p, path, "+", NULL);
    struct sockaddr_un to;
    apr_status_t rv = qdn_control_address(&to, fresh);

    if (rv) {
        return rv;
    }
    if (unlink(fresh) && errno != ENOENT) {
        return errno;
    }
    if (bind(fd, (struct sockaddr *)&to, sizeof(to)) || chmod(fresh, 0600) ||
        listen(fd, QDN_CONTROL_CLIENTS) || rename(fresh, path)) {
        rv = errno;
    }
    if (rv) {
        unlink(fresh);
    }
    return rv;
}

apr_status_t qdn_control_listen(qdn_control_t **pcontrol, const char *path,
                                qdn_control_cb *answer, void *baton,
                                const char **perror, apr_pool_t *p)
{
    qdn_control_t *c = apr_pcalloc(p, sizeof(*c));
    apr_status_t rv;
    char why[128];
    int i;

    c->path = apr_pstrdup(p, path);
    c->answer = answer;
    c->baton = baton;
    c->pool = p;
    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        c->clients[i].fd = -1;
    }
    c->listener =
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    rv = c->listener < 0 ? errno : bind_at(c->listener, path, p);
    if (rv) {
        *perror = apr_psprintf(p, "cannot listen at %s: %s", path,
                               qdn_strerror(rv, why, sizeof(why)));
        if (c->listener >= 0) {
            close(c->listener);
        }
        return rv;
    }
    *pcontrol = c;
    return APR_SUCCESS;
}

static void hang_up(client_t *client)
{
    close(client->fd);
    client->fd = -1;
    if (client->pool) {
        apr_pool_destroy(client->pool);
    }
    client->pool = NULL;
    client->out = NULL;
}

static void refresh(client_t *client)
{
    client->until = qdn_clock_mono() + QDN_CONTROL_WAIT;
}

static void accept_client(qdn_control_t *c)
{
    client_t *client = NULL;
    int i;

    for (i = 0; i < QDN_CONTROL_CLIENTS && !client; i++) {
        if (c->clients[i].fd < 0) {
            client = &c->clients[i];
        }
    }
    if (!client) {
        return;
    }
    client->fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    client->in_len = 0;
    if (client->fd >= 0) {
        refresh(client);
    }
}

/* A line is complete: put its reply in the client's hands. */
static void reply(qdn_control_t *c, client_t *client, char *end)
{
    apr_size_t used = (apr_size_t)(end - client->in) + 1;
    const char *ask;
    const char *text;

    *end = '\0';
    if (apr_pool_create(&client->pool, c->pool)) {
        hang_up(client);
        return;
    }
    apr_pool_tag(client->pool, "qdn_control_reply");
    ask = qdn_detail_text(client->in, "ask", client->pool);
    if (!ask) {
        text = "{\"error\":\"a request is a line like {\\\"ask\\\":"
               "\\\"health\\\"}\"}";
    }
    else {
        text = c->answer(c->baton, ask, client->in, client->pool);
        if (!text) {
            text = "{\"error\":\"unknown request\"}";
        }
    }
    client->out = apr_pstrcat(client->pool, text, "\n", NULL);
    client->out_len = strlen(client->out);
    client->in_len -= used;
    memmove(client->in, client->in + used, client->in_len);
    refresh(client);
}

static void read_client(qdn_control_t *c, client_t *client)
{
    ssize_t n = recv(client->fd, client->in + client->in_len,
                     sizeof(client->in) - client->in_len, 0);
    char *end;

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        hang_up(client);
        return;
    }
    client->in_len += (apr_size_t)n;
    end = memchr(client->in, '\n', client->in_len);
    if (end) {
        reply(c, client, end);
    }
    else if (client->in_len == sizeof(client->in)) {
        hang_up(client);
    }
}

static void write_client(qdn_control_t *c, client_t *client)
{
    ssize_t n = send(client->fd, client->out, client->out_len, MSG_NOSIGNAL);
    char *end;

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n < 0) {
        hang_up(client);
        return;
    }
    client->out += n;
    client->out_len -= (apr_size_t)n;
    refresh(client);
    if (client->out_len) {
        return;
    }
    apr_pool_destroy(client->pool);
    client->pool = NULL;
    client->out = NULL;
    /* The next request may have come together with this one. */
    end = memchr(client->in, '\n', client->in_len);
    if (end) {
        reply(c, client, end);
    }
}

/* What to wait for, in the order parent, listener, clients. */
static int watch(const qdn_control_t *c, int parent, struct pollfd *fds)
{
    int free_places = 0;
    int i;

    fds[0] = (struct pollfd){ .fd = parent, .events = POLLIN };
    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        const client_t *client = &c->clients[i];

        fds[2 + i] =
            (struct pollfd){ .fd = client->fd,
                             .events = client->out ? POLLOUT : POLLIN };
        free_places += client->fd < 0;
    }
    fds[1] = (struct pollfd){ .fd = free_places ? c->listener : -1,
                              .events = POLLIN };
    return 2 + QDN_CONTROL_CLIENTS;
}

/* Does the other end of the pipe still exist? What it says is ignored. */
static int orphaned(int parent)
{
    char byte;
    ssize_t n = read(parent, &byte, 1);

    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

apr_status_t qdn_control_serve(qdn_control_t *c, int parent,
                               apr_interval_time_t wait)
{
    struct pollfd fds[2 + QDN_CONTROL_CLIENTS];
    int n = watch(c, parent, fds);
    apr_interval_time_t now;
    int i;

    if (poll(fds, (nfds_t)n, (int)apr_time_as_msec(wait)) < 0) {
        return APR_SUCCESS; /* EINTR: the caller comes back */
    }
    if (fds[0].revents && orphaned(parent)) {
        return APR_EOF;
    }
    now = qdn_clock_mono();
    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        client_t *client = &c->clients[i];

        if (client->fd < 0) {
            continue;
        }
        if (!fds[2 + i].revents) {
            if (client->until <= now) {
                hang_up(client);
            }
        }
        else if (client->out) {
            write_client(c, client);
        }
        else {
            read_client(c, client);
        }
    }
    if (fds[1].revents) {
        accept_client(c);
    }
    return APR_SUCCESS;
}

void qdn_control_close(qdn_control_t *c)
{
    int i;

    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        if (c->clients[i].fd >= 0) {
            hang_up(&c->clients[i]);
        }
    }
    close(c->listener);
    unlink(c->path);
}
