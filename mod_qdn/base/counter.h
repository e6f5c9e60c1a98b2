/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_COUNTER_H
#define QDN_COUNTER_H

/*
 * Counters of one host, in memory that all httpd children and the daemon
 * share. Only added to, without a lock; shown by `qdnctl doctor`. A new
 * counter is one row in the list below.
 */

#include <apr.h>

/* clang-format off */
#define QDN_COUNTERS(X)                                                        \
    X(WEBHOOKS, "webhook.accepted")         /* signed requests answered */     \
    X(REPEATS, "webhook.repeated")          /* answered from memory */         \
    X(BAD_METHOD, "refused.method")         /* 405 */                          \
    X(TOO_LARGE, "refused.size")            /* 413 */                          \
    X(BAD_TYPE, "refused.content-type")     /* 415 */                          \
    X(TIMEOUT, "refused.timeout")           /* 408 */                          \
    X(BAD_SIGNATURE, "refused.signature")   /* 403 */                          \
    X(BAD_ACCOUNT, "refused.account")       /* 403 */                          \
    X(BAD_TARGET, "refused.target")         /* 403: not under the prefix */    \
    X(BAD_STEP, "refused.step")             /* 404 */                          \
    X(MALFORMED, "refused.malformed")       /* 400 */                          \
    X(LINE_UNKNOWN, "line.unknown")         /* calls to no line of ours */     \
    X(LOOPS, "call.loop")                   /* rejected as forwarding loops */ \
    X(ANOMALIES, "call.anomaly")            /* bridged without key 1 ... */    \
    X(JOURNAL_EVENTS, "journal.events")     /* events handed to a journal */   \
    X(JOURNAL_BYTES, "journal.bytes")       /* written to segments */          \
    X(JOURNAL_LATE, "journal.late")         /* answered before durable */      \
    X(JOURNAL_LOST, "journal.lost")         /* events that nothing kept */     \
    X(JOURNAL_ERRORS, "journal.errors")     /* write or sync failed */         \
    X(DRAINED, "drain.events")              /* rows handed to SQL */           \
    X(DRAIN_ERRORS, "drain.errors")         /* batches SQL did not take */     \
    X(DRAIN_PARKED, "drain.parked")         /* damaged or refused rows */      \
    X(DRAIN_TORN, "drain.torn")             /* half-written ends */            \
    X(DAEMON_STARTS, "daemon.starts")
/* clang-format on */

typedef enum {
#define X(id, name) QDN_COUNT_##id,
    QDN_COUNTERS(X)
#undef X
    QDN_COUNTER_MAX
} qdn_counter_e;

typedef struct qdn_counters_t {
    apr_uint64_t value[QDN_COUNTER_MAX];
} qdn_counters_t;

/* Atomic; c may be NULL (then nothing is counted, as in unit tests). */
void qdn_counter_add(qdn_counters_t *c, qdn_counter_e which, apr_uint64_t n);
apr_uint64_t qdn_counter_get(const qdn_counters_t *c, qdn_counter_e which);

/* The name as health, metrics and qdnctl print it. */
const char *qdn_counter_name(qdn_counter_e which);

#endif
