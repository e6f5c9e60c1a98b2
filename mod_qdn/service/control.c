/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
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
#include "trays.h"

/* In the order of what is polled. */
enum {
    PARENT,
    WAKE,
    LISTENER,
    CLIENTS,
    WATCHED = CLIENTS + QDN_CONTROL_CLIENTS
};

const char qdn_control_later[] = "later";

typedef struct client_t {
    int fd;                    /* -1: this place is free */
    apr_interval_time_t until; /* monotonic: hung up on after this */
    char in[QDN_CONTROL_REQUEST];
    apr_size_t in_len;
    apr_pool_t *pool; /* of one reply */
    const char *out;  /* NULL: a request is being read, or waits */
    apr_size_t out_len;
    int waits; /* for an answer that was put off */
} client_t;

struct qdn_control_t {
    int listener;
    const char *path;
    qdn_control_cb *answer;
    void *baton;
    apr_pool_t *pool;
    client_t clients[QDN_CONTROL_CLIENTS];
    qdn_trays_t *trays; /* of answers that were put off */
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

static apr_status_t listen_at(qdn_control_t *c, const char *path, apr_pool_t *p)
{
    apr_status_t rv;

    c->listener =
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->listener < 0) {
        return errno;
    }
    rv = bind_at(c->listener, path, p);
    if (rv) {
        close(c->listener);
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
    rv = qdn_trays_open(&c->trays, QDN_CONTROL_CLIENTS, p);
    if (!rv) {
        rv = listen_at(c, path, p);
        if (rv) {
            qdn_trays_close(c->trays);
        }
    }
    if (rv) {
        *perror = apr_psprintf(p, "cannot listen at %s: %s", path,
                               qdn_strerror(rv, why, sizeof(why)));
        return rv;
    }
    *pcontrol = c;
    return APR_SUCCESS;
}

void qdn_control_answer(qdn_control_t *c, const qdn_control_ticket_t *ticket,
                        const char *text)
{
    qdn_trays_put(c->trays, ticket->place, ticket->number, text);
}

static int place_of(const qdn_control_t *c, const client_t *client)
{
    return (int)(client - c->clients);
}

static void hang_up(qdn_control_t *c, client_t *client)
{
    close(client->fd);
    client->fd = -1;
    if (client->pool) {
        apr_pool_destroy(client->pool);
    }
    client->pool = NULL;
    client->out = NULL;
    if (client->waits) {
        client->waits = 0;
        qdn_trays_forget(c->trays, place_of(c, client));
    }
}

static void give(client_t *client, apr_interval_time_t time)
{
    client->until = qdn_clock_mono() + time;
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
        give(client, QDN_CONTROL_WAIT);
    }
}

static void send_text(client_t *client, const char *text)
{
    client->out = apr_pstrcat(client->pool, text, "\n", NULL);
    client->out_len = strlen(client->out);
    give(client, QDN_CONTROL_WAIT);
}

/*
 * The tray is there before the question is put: a thread may be quicker than
 * we are.
 */
static const char *put(qdn_control_t *c, const client_t *client,
                       const char *ask)
{
    qdn_control_ticket_t ticket = { .place = place_of(c, client) };
    const char *text;

    ticket.number = qdn_trays_expect(c->trays, ticket.place);
    text = c->answer(c->baton, ask, client->in, &ticket, client->pool);
    if (text != qdn_control_later) {
        qdn_trays_forget(c->trays, ticket.place);
    }
    return text ? text : "{\"error\":\"unknown request\"}";
}

/* A line is complete: answer it, or wait for who will. */
static void reply(qdn_control_t *c, client_t *client, char *end)
{
    apr_size_t used = (apr_size_t)(end - client->in) + 1;
    const char *ask;
    const char *text = "{\"error\":\"a request is a line like {\\\"ask\\\":"
                       "\\\"health\\\"}\"}";

    *end = '\0';
    if (apr_pool_create(&client->pool, c->pool)) {
        hang_up(c, client);
        return;
    }
    apr_pool_tag(client->pool, "qdn_control_reply");
    ask = qdn_detail_text(client->in, "ask", client->pool);
    if (ask) {
        text = put(c, client, ask);
    }
    client->in_len -= used;
    memmove(client->in, client->in + used, client->in_len);
    if (text == qdn_control_later) {
        client->waits = 1;
        give(client, QDN_CONTROL_LATER);
        return;
    }
    send_text(client, text);
}

/* Nobody has answered in time: an answer that comes yet finds no tray. */
static void give_up(qdn_control_t *c, client_t *client)
{
    client->waits = 0;
    qdn_trays_forget(c->trays, place_of(c, client));
    send_text(client, "{\"error\":\"the database does not answer\","
                      "\"status\":503}");
}

static void deliver(qdn_control_t *c)
{
    int i;

    qdn_trays_calm(c->trays);
    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        client_t *client = &c->clients[i];
        char *text = client->waits ? qdn_trays_take(c->trays, i) : NULL;

        if (text) {
            client->waits = 0;
            qdn_trays_forget(c->trays, i);
            send_text(client, text);
            free(text);
        }
    }
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
        hang_up(c, client);
        return;
    }
    client->in_len += (apr_size_t)n;
    end = memchr(client->in, '\n', client->in_len);
    if (end) {
        reply(c, client, end);
    }
    else if (client->in_len == sizeof(client->in)) {
        hang_up(c, client);
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
        hang_up(c, client);
        return;
    }
    client->out += n;
    client->out_len -= (apr_size_t)n;
    give(client, QDN_CONTROL_WAIT);
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

/* Who waits for an answer is looked at for having gone, and for no more. */
static short events_of(const client_t *client)
{
    return client->waits ? 0 : client->out ? POLLOUT : POLLIN;
}

static void watch(const qdn_control_t *c, int parent, struct pollfd *fds)
{
    int free_places = 0;
    int i;

    fds[PARENT] = (struct pollfd){ .fd = parent, .events = POLLIN };
    fds[WAKE] =
        (struct pollfd){ .fd = qdn_trays_fd(c->trays), .events = POLLIN };
    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        const client_t *client = &c->clients[i];

        fds[CLIENTS + i] =
            (struct pollfd){ .fd = client->fd, .events = events_of(client) };
        free_places += client->fd < 0;
    }
    fds[LISTENER] = (struct pollfd){ .fd = free_places ? c->listener : -1,
                                     .events = POLLIN };
}

/* Who waits is answered in time, even if it is that nobody answers. */
static int patience(const qdn_control_t *c, apr_interval_time_t wait)
{
    apr_interval_time_t now = qdn_clock_mono();
    int i;

    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        const client_t *client = &c->clients[i];

        if (client->waits && client->until - now < wait) {
            wait = client->until > now ? client->until - now : 0;
        }
    }
    return (int)((wait + 999) / 1000);
}

/* Does the other end of the pipe still exist? What it says is ignored. */
static int orphaned(int parent)
{
    char byte;
    ssize_t n = read(parent, &byte, 1);

    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void serve_client(qdn_control_t *c, client_t *client, int ready)
{
    if (!ready && client->until > qdn_clock_mono()) {
        return;
    }
    if (client->waits && !ready) {
        give_up(c, client);
    }
    else if (client->waits || !ready) {
        hang_up(c, client);
    }
    else if (client->out) {
        write_client(c, client);
    }
    else {
        read_client(c, client);
    }
}

apr_status_t qdn_control_serve(qdn_control_t *c, int parent,
                               apr_interval_time_t wait)
{
    struct pollfd fds[WATCHED];
    int i;

    watch(c, parent, fds);
    if (poll(fds, WATCHED, patience(c, wait)) < 0) {
        return APR_SUCCESS; /* EINTR: the caller comes back */
    }
    if (fds[PARENT].revents && orphaned(parent)) {
        return APR_EOF;
    }
    if (fds[WAKE].revents) {
        deliver(c);
    }
    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        if (c->clients[i].fd >= 0) {
            serve_client(c, &c->clients[i], fds[CLIENTS + i].revents != 0);
        }
    }
    if (fds[LISTENER].revents) {
        accept_client(c);
    }
    return APR_SUCCESS;
}

void qdn_control_close(qdn_control_t *c)
{
    int i;

    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        if (c->clients[i].fd >= 0) {
            hang_up(c, &c->clients[i]);
        }
    }
    close(c->listener);
    unlink(c->path);
    qdn_trays_close(c->trays);
}
