/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_AGENDA_H
#define QDN_AGENDA_H

/*
 * Virtual time: what is to happen when. The simulated telephone network runs
 * on it, so that a call of two minutes takes as long as its webhooks do.
 */

#include <apr_pools.h>
#include <apr_time.h>

typedef struct qdn_agenda_t qdn_agenda_t;
typedef struct qdn_appointment_t qdn_appointment_t;

/* Something is due. qdn_agenda_now is its time. */
typedef void qdn_agenda_cb(void *baton);

/* An empty agenda whose clock stands at `start` (microseconds since 1970). */
qdn_agenda_t *qdn_agenda_create(apr_time_t start, apr_pool_t *p);

apr_time_t qdn_agenda_now(const qdn_agenda_t *agenda);

/*
 * Call cb(baton) after `delay` microseconds (negative: now). What is due at
 * the same time happens in the order in which it was added.
 */
qdn_appointment_t *qdn_agenda_add(qdn_agenda_t *agenda,
                                  apr_interval_time_t delay, qdn_agenda_cb *cb,
                                  void *baton);

/* It will not happen. NULL, or what happened already: nothing to do. */
void qdn_agenda_cancel(qdn_appointment_t *appointment);

/*
 * Let everything happen until nothing is left. pace 0: at once; 1: sleep
 * until each appointment is due, so that virtual seconds last a second.
 */
void qdn_agenda_run(qdn_agenda_t *agenda, int pace);

#endif
