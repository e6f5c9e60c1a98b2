/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_REASON_H
#define QDN_REASON_H

/*
 * The closed vocabulary of reasons: why a phone was or was not rung, and how
 * a hop ended. The text is what events, SQL, pages and qdnctl show; it is
 * never reused with another meaning. A new reason is one row here.
 */

/* clang-format off */
#define QDN_REASONS(X)                                                         \
    /* of a choice */                                                          \
    X(NONE, "")                                                                \
    X(AVAILABLE, "available")                                                  \
    X(ALWAYS, "always")                     /* the hop says when=always */     \
    X(STATUS_AWAY, "status-away")           /* set by hand */                  \
    X(CALENDAR_BUSY, "calendar-busy")                                          \
    X(OUTSIDE_HOURS, "outside-hours")                                          \
    X(HOLIDAY, "holiday")                                                      \
    X(PRESENCE_AWAY, "presence-away")                                          \
    X(OFF_DUTY, "off-duty")                 /* QDNDuty: not now */             \
    X(ON_A_CALL, "on-a-call")                                                  \
    X(ALREADY_TRIED, "already-tried")       /* rung before in this call */     \
    X(BUDGET, "budget")                     /* no time left for the hop */     \
    X(RULE, "rule")                         /* a QDNRule decided */            \
    X(CALLER_OWN_PHONE, "caller-own-phone") /* would ring the caller */        \
    X(REDIAL_WITHOUT, "redial-without")     /* once more without a phone */    \
    X(LOOP, "loop")                         /* our own forwarding came back */ \
    X(UNKNOWN_ASSUMED_AVAILABLE, "unknown-assumed-available")                  \
    /* of a hop's end */                                                       \
    X(CONNECTED, "connected")                                                  \
    X(DECLINED, "declined")                 /* key 2 */                        \
    X(NO_KEY, "no-key")                     /* picked up, pressed nothing */   \
    X(NO_ANSWER, "no-answer")                                                  \
    X(BUSY, "busy")                                                            \
    X(FAILED, "failed")                                                        \
    X(CANCELED, "canceled")                                                    \
    X(CALLER_GONE, "caller-gone")
/* clang-format on */

typedef enum {
#define X(id, text) QDN_REASON_##id,
    QDN_REASONS(X)
#undef X
    QDN_REASON_MAX
} qdn_reason_e;

/* The text of a reason; "" for QDN_REASON_NONE. */
const char *qdn_reason_text(qdn_reason_e reason);

/* The reason with this text, QDN_REASON_MAX if there is none. */
qdn_reason_e qdn_reason_find(const char *text);

#endif
