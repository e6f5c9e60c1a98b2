/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_EVENT_H
#define QDN_EVENT_H

/*
 * One thing that happened, with its reason: a line of the journal and a row
 * of qdn_event. Append-only, and the truth; all other tables are projections.
 */

#include <apr_pools.h>
#include <apr_time.h>
#include "digest.h"
#include "reason.h"

/*
 * The kinds. SHARED: the id does not depend on the host, because Twilio tells
 * it to whichever host it reaches and it must be kept once. HOST: a decision
 * or observation of one host; the id names that host.
 */
/* clang-format off */
#define QDN_KINDS(X)                                                           \
    X(CALL_RECEIVED, "call.received", SHARED)                                  \
    X(CALL_FALLBACK, "call.fallback", HOST)  /* Twilio could not go on */      \
    X(CALL_REJECTED, "call.rejected", HOST)  /* by a rule, or as a loop */     \
    X(HOP_SKIPPED, "hop.skipped", HOST)                                        \
    X(HOP_DIALLED, "hop.dialled", HOST)      /* one per phone */               \
    X(HOP_ENDED, "hop.ended", HOST)          /* one per hop and redial */      \
    X(HOP_ANOMALY, "hop.anomaly", HOST)      /* bridged without key 1 ... */   \
    X(LEG_RINGING, "leg.ringing", HOST)                                        \
    X(LEG_ANSWERED, "leg.answered", HOST)                                      \
    X(LEG_ENDED, "leg.ended", HOST)                                            \
    X(SCREEN_ACCEPTED, "screen.accepted", HOST)                                \
    X(SCREEN_DECLINED, "screen.declined", HOST) /* key 2 only */               \
    X(VOICEMAIL_OFFERED, "voicemail.offered", HOST)                            \
    X(VOICEMAIL_RECORDED, "voicemail.recorded", SHARED) /* per recording */    \
    X(CALL_ENDED, "call.ended", SHARED)                                        \
    X(LINE_UNKNOWN, "line.unknown", SHARED)                                    \
    X(CALL_GOODBYE, "call.goodbye", HOST)    /* said, instead of a message */  \
    X(VOICEMAIL_FAILED, "voicemail.failed", SHARED)                            \
    X(RULE_FAILED, "rule.failed", HOST)      /* an expression had an error */  \
    X(DECISION_SUPERSEDED, "decision.superseded", SHARED) /* supersede.h */    \
    X(CONFIG_LOADED, "config.loaded", HOST)                                    \
    X(CREDENTIAL_LOADED, "credential.loaded", HOST)                            \
    X(CALL_CHALLENGED, "call.challenged", HOST) /* asked for a key */          \
    X(CHALLENGE_PASSED, "challenge.passed", HOST)                              \
    X(CHALLENGE_FAILED, "challenge.failed", HOST) /* for good */               \
    X(STATUS_CHANGED, "status.changed", HOST) /* by hand: standings.h */       \
    X(STATUS_ENDED, "status.ended", SHARED)  /* by itself; of that change */   \
    X(FEED_FAILED, "feed.failed", HOST)      /* a calendar ...: sources.h */   \
    X(FEED_RECOVERED, "feed.recovered", HOST)                                  \
    X(PRIVACY_FORGOTTEN, "privacy.forgotten", HOST) /* erase.h */
/* clang-format on */

typedef enum {
#define X(id, text, scope) QDN_KIND_##id,
    QDN_KINDS(X)
#undef X
        QDN_KIND_MAX
} qdn_kind_e;

/* Strings may be NULL where the column is empty; none is copied. */
typedef struct qdn_event_t {
    char id[QDN_ID_HEX + 1];
    apr_time_t at; /* microseconds since 1970 UTC */
    const char *host;
    qdn_kind_e kind;
    const char *line;     /* E.164 */
    const char *call_sid; /* the caller's leg */
    int hop;              /* from 1; 0: none */
    const char *operator; /* id */
    const char *phone;    /* label */
    qdn_reason_e reason;
    const char *detail; /* a JSON object as text, or NULL */
    const char *config; /* plan revision */
} qdn_event_t;

const char *qdn_event_kind_text(qdn_kind_e kind);
qdn_kind_e qdn_event_kind_find(const char *text); /* QDN_KIND_MAX: none */

/*
 * Set e->id from kind, call, hop, operator, phone, `turn` (what tells two
 * events of the same kind, hop and phone apart: redial, try, a recording's
 * SID, a time; NULL: nothing) and, for a HOST kind, the host. The same
 * webhook delivered twice therefore gives the same ids. The first 8 digits
 * are the call's.
 */
void qdn_event_identify(qdn_event_t *e, const char *turn);

/*
 * The journal line, in p: a JSON object of all columns whose last member is
 * "crc", the CRC32C (8 hex digits) of every byte before `,"crc"`, then a
 * newline. *plen with the newline. Text that is not UTF-8 is repaired here,
 * so that no database can refuse it for that.
 */
const char *qdn_event_encode(const qdn_event_t *e, apr_size_t *plen,
                             apr_pool_t *p);

/*
 * Read one line (without or with its newline) back; strings are in p.
 * APR_SUCCESS; QDN_EMALFORMED if the CRC does not fit, it is no such JSON
 * object or a value is out of its range. A kind or reason that this version
 * does not know is QDN_EREFUSED: the line is whole, a newer version wrote it.
 */
apr_status_t qdn_event_decode(qdn_event_t *pe, const char *line, apr_size_t len,
                              apr_pool_t *p);

/* Is it a line as encode makes them, with a CRC that fits? */
int qdn_event_whole(const char *line, apr_size_t len);

/* Make the CRC of such a line fit again after bytes of it were changed. */
void qdn_event_seal(char *line, apr_size_t len);

#endif
