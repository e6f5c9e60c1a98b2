/* SPDX-License-Identifier: Apache-2.0 */
#include "trays.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct tray_t {
    apr_uint64_t number; /* of the question; 0: nothing is expected */
    char *text;          /* NULL: not yet */
} tray_t;

struct qdn_trays_t {
    int fd; /* an eventfd */
    int n;
    apr_uint64_t asked;    /* number of the last question */
    pthread_mutex_t mutex; /* guards what is in trays, and fd at the end */
    tray_t *trays;
};

apr_status_t qdn_trays_open(qdn_trays_t **ptrays, int n, apr_pool_t *p)
{
    qdn_trays_t *t = apr_pcalloc(p, sizeof(*t));

    t->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (t->fd < 0) {
        return errno;
    }
    t->n = n;
    t->trays = apr_pcalloc(p, sizeof(*t->trays) * (apr_size_t)n);
    pthread_mutex_init(&t->mutex, NULL);
    *ptrays = t;
    return APR_SUCCESS;
}

int qdn_trays_fd(const qdn_trays_t *t)
{
    return t->fd;
}

void qdn_trays_calm(qdn_trays_t *t)
{
    apr_uint64_t count;

    (void)!read(t->fd, &count, sizeof(count));
}

static void empty(qdn_trays_t *t, int place, apr_uint64_t number)
{
    tray_t *tray = &t->trays[place];

    pthread_mutex_lock(&t->mutex);
    free(tray->text);
    *tray = (tray_t){ .number = number };
    pthread_mutex_unlock(&t->mutex);
}

apr_uint64_t qdn_trays_expect(qdn_trays_t *t, int place)
{
    empty(t, place, ++t->asked);
    return t->asked;
}

void qdn_trays_forget(qdn_trays_t *t, int place)
{
    empty(t, place, 0);
}

void qdn_trays_put(qdn_trays_t *t, int place, apr_uint64_t number,
                   const char *text)
{
    static const apr_uint64_t one = 1;
    tray_t *tray = &t->trays[place];

    pthread_mutex_lock(&t->mutex);
    if (tray->number == number && !tray->text) {
        tray->text = strdup(text);
        /* What cannot be added to it has been woken by it already. */
        (void)!write(t->fd, &one, sizeof(one));
    }
    pthread_mutex_unlock(&t->mutex);
}

char *qdn_trays_take(qdn_trays_t *t, int place)
{
    tray_t *tray = &t->trays[place];
    char *text;

    pthread_mutex_lock(&t->mutex);
    text = tray->text;
    tray->text = NULL;
    pthread_mutex_unlock(&t->mutex);
    return text;
}

void qdn_trays_close(qdn_trays_t *t)
{
    int i;

    for (i = 0; i < t->n; i++) {
        empty(t, i, 0);
    }
    close(t->fd);
}
