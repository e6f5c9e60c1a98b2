/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_TRAYS_H
#define QDN_TRAYS_H

/*
 * Answers on their way from threads that know them to the one thread that
 * serves ctl.sock: one tray for each client's place. Texts are malloc'd, for
 * a pool is of one thread.
 */

#include <apr_pools.h>

typedef struct qdn_trays_t qdn_trays_t;

/* n trays that expect nothing. APR_SUCCESS or what the system said. */
apr_status_t qdn_trays_open(qdn_trays_t **ptrays, int n, apr_pool_t *p);

/* Readable from when something was put until qdn_trays_calm. */
int qdn_trays_fd(const qdn_trays_t *trays);
void qdn_trays_calm(qdn_trays_t *trays);

/* A new question, whose number is returned; what came before is nobody's. */
apr_uint64_t qdn_trays_expect(qdn_trays_t *trays, int place);
void qdn_trays_forget(qdn_trays_t *trays, int place);

/* Any thread. It is copied, or goes nowhere if that is not the question. */
void qdn_trays_put(qdn_trays_t *trays, int place, apr_uint64_t number,
                   const char *text);

/* What was put, for who frees it; NULL: nothing yet. */
char *qdn_trays_take(qdn_trays_t *trays, int place);

/* Nothing is put any more; threads may still try. */
void qdn_trays_close(qdn_trays_t *trays);

#endif
