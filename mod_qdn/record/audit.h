/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_AUDIT_H
#define QDN_AUDIT_H

/*
 * Who changed what, when and why, chained so that nothing can be altered or
 * removed unseen. Events of the kinds that qdn_audit_concerns names get an
 * entry in qdn_audit, written in the transaction that writes the event. One
 * chain per host, of what its drain has written, seq from 1.
 *
 *   hash = SHA-256 of: the hash before (64 zeros for seq 1), the chain's host,
 *   seq, and of the event id, at, host, kind, line, call_sid, hop, operator,
 *   phone, reason, config, and then `fields`
 *
 * as they stand in qdn_event, each as "LENGTH:BYTES" and a newline, or "-" and
 * a newline for NULL. `fields` is the JSON object of the commitments to each
 * member of `detail`, in its order: {"why":"<SHA-256 of salt, name, newline
 * and the member's JSON text>",...}; `salts` holds the salts, 16 random bytes
 * as hex. To erase a member, its value and its salt become null (all salts:
 * `salts` becomes NULL): the chain still holds, and nobody can try out which
 * of a few numbers it was. An erased member must be named by an entry
 * privacy.forgotten of a chain (erase.h), else it was altered.
 *
 * Who may write to the database could make a whole chain anew. Therefore the
 * head of the chain goes to httpd's error log when the drain has begun, daily
 * and after changes, where he would have to change it, too (herald.h).
 */

#include <apr_tables.h>
#include "calls.h"
#include "event.h"
#include "store.h"

#define QDN_AUDIT_HASH  64  /* hex digits */
#define QDN_AUDIT_FLAWS 100 /* that are told; more say no more */

/* Is it something that somebody, or the configuration, changed? */
int qdn_audit_concerns(qdn_kind_e kind);

/*
 * Chain those of these events which qdn_audit_concerns, which SQL holds, and
 * which have no entry yet, in the order of `at` and id; also those that came
 * before and an older version wrote. In the transaction that is open, after
 * the events are written. host: whose drain it is. APR_SUCCESS; APR_EGENERAL;
 * QDN_ECONFLICT if another transaction has extended this chain meanwhile:
 * then this one can only be rolled back, and tried again.
 */
apr_status_t qdn_audit_extend(qdn_store_t *store, const char *host,
                              const qdn_event_t *events, int n,
                              apr_pool_t *ptemp);

typedef struct qdn_audit_head_t {
    const char *host;
    apr_int64_t seq; /* 0: there is no entry */
    char hash[QDN_AUDIT_HASH + 1];
} qdn_audit_head_t;

/* The last entry of that host, or of each host (NULL, by name). In p. */
apr_status_t qdn_audit_heads(qdn_store_t *store, const char *host,
                             apr_array_header_t **pheads, apr_pool_t *p);

/* An entry with its event; strings in p. */
typedef struct qdn_audit_entry_t {
    const char *host;
    apr_int64_t seq;
    const char *hash;
    const char *id; /* of the event, as are the next ones */
    apr_time_t at;
    const char *kind;
    const char *line;
    const char *operator;
    const char *reason;
    const char *detail; /* JSON; erased members are null */
    const char *config;
    int erased; /* members of detail that are gone */
} qdn_audit_entry_t;

/* The event of it, for who tells events to people; strings are the entry's. */
qdn_calls_event_t qdn_audit_event(const qdn_audit_entry_t *entry);

typedef struct qdn_audit_query_t {
    const char *before;   /* id of an entry's event: only older ones */
    const char *operator; /* or NULL: of all */
    int limit;            /* 1 to QDN_CALLS_LIMIT */
} qdn_audit_query_t;

/*
 * The newest first, of all hosts: array of qdn_audit_entry_t. APR_SUCCESS;
 * APR_NOTFOUND if `before` is no entry; APR_EGENERAL.
 */
apr_status_t qdn_audit_list(qdn_store_t *store, const qdn_audit_query_t *query,
                            apr_array_header_t **pentries, apr_pool_t *p);

typedef enum {
    QDN_AUDIT_OK,
    QDN_AUDIT_ERASED,   /* a member was erased on request */
    QDN_AUDIT_ALTERED,  /* hash or commitment does not fit */
    QDN_AUDIT_MISSING,  /* a gap in seq, or the event is gone */
    QDN_AUDIT_CUT,      /* a head that was told is not in the chain */
    QDN_AUDIT_UNCHAINED /* an event of that kind without an entry; where an
                         * older version wrote: younger by an hour than the
                         * schema that has entries, or by a month than the
                         * first entry */
} qdn_audit_flaw_e;

typedef struct qdn_audit_flaw_t {
    qdn_audit_flaw_e flaw;
    const char *host;
    apr_int64_t seq;
    const char *what; /* a sentence */
} qdn_audit_flaw_t;

typedef struct qdn_audit_verdict_t {
    apr_int64_t entries;
    apr_int64_t erased;        /* members, on request */
    apr_array_header_t *flaws; /* of qdn_audit_flaw_t, ERASED not among them;
                                * the first QDN_AUDIT_FLAWS */
} qdn_audit_verdict_t;

const char *qdn_audit_flaw_text(qdn_audit_flaw_e flaw); /* "altered" ... */

/*
 * Go through all chains, in pages, with memory bounded whatever their length.
 * `heads` (of qdn_audit_head_t, or NULL): what a log told; each must be in its
 * chain. `progress` may be NULL. APR_SUCCESS also with flaws; APR_EGENERAL.
 */
typedef void qdn_audit_progress_cb(void *baton, apr_int64_t done,
                                   apr_int64_t all);
apr_status_t qdn_audit_verify(qdn_store_t *store,
                              const apr_array_header_t *heads,
                              qdn_audit_progress_cb *progress, void *baton,
                              qdn_audit_verdict_t *pverdict, apr_pool_t *p);

#endif
