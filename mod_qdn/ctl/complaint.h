/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_COMPLAINT_H
#define QDN_COMPLAINT_H

/*
 * What Twilio would refuse, warn about or not understand, under the number
 * that its error dictionary gives it (twilio.com/docs/api/errors), or 0 for
 * what no real Twilio would notice and we do (answers that differ when a
 * webhook is delivered twice).
 */

#include <apr_tables.h>

typedef struct qdn_complaint_t {
    int code;
    const char *text; /* one sentence */
} qdn_complaint_t;

typedef struct qdn_complaints_t {
    apr_pool_t *pool;
    apr_array_header_t *list; /* of qdn_complaint_t, in order */
} qdn_complaints_t;

qdn_complaints_t *qdn_complaints_create(apr_pool_t *p);

void qdn_complain(qdn_complaints_t *c, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

int qdn_complaints_count(const qdn_complaints_t *c);

#endif
