/* SPDX-License-Identifier: Apache-2.0 */
#include "agenda.h"

struct qdn_appointment_t {
    apr_time_t at;
    qdn_agenda_cb *cb;
    void *baton;
    int dropped;
    qdn_appointment_t *next;
};

struct qdn_agenda_t {
    apr_pool_t *pool;
    apr_time_t now;
    qdn_appointment_t *first; /* by time, then by order of adding */
};

qdn_agenda_t *qdn_agenda_create(apr_time_t start, apr_pool_t *p)
{
    qdn_agenda_t *agenda = apr_pcalloc(p, sizeof(*agenda));

    agenda->pool = p;
    agenda->now = start;
    return agenda;
}

apr_time_t qdn_agenda_now(const qdn_agenda_t *agenda)
{
    return agenda->now;
}

qdn_appointment_t *qdn_agenda_add(qdn_agenda_t *agenda,
                                  apr_interval_time_t delay, qdn_agenda_cb *cb,
                                  void *baton)
{
    qdn_appointment_t *a = apr_pcalloc(agenda->pool, sizeof(*a));
    qdn_appointment_t **slot = &agenda->first;

    a->at = agenda->now + (delay > 0 ? delay : 0);
    a->cb = cb;
    a->baton = baton;
    while (*slot && (*slot)->at <= a->at) {
        slot = &(*slot)->next;
    }
    a->next = *slot;
    *slot = a;
    return a;
}

void qdn_agenda_cancel(qdn_appointment_t *appointment)
{
    if (appointment) {
        appointment->dropped = 1;
    }
}

void qdn_agenda_run(qdn_agenda_t *agenda, int pace)
{
    while (agenda->first) {
        qdn_appointment_t *a = agenda->first;

        agenda->first = a->next;
        if (a->dropped) {
            continue;
        }
        if (pace && a->at > agenda->now) {
            apr_sleep(a->at - agenda->now);
        }
        agenda->now = a->at;
        a->cb(a->baton);
    }
}
