/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_LINE_H
#define QDN_LINE_H

/*
 * Lines, the published numbers, with their rules and their cascades: a part of
 * the plan (plan.h), with which they live and are shared.
 */

#include "operator.h"

#define QDN_HOP_PHONES_MAX 10 /* Twilio dials at most ten together */
#define QDN_BUDGET_MIN     30 /* seconds from the first ring */
#define QDN_BUDGET_MAX     150
#define QDN_BUDGET_DEFAULT 110

typedef enum {
    QDN_WHEN_AVAILABLE,
    QDN_WHEN_ALWAYS,
    QDN_WHEN_EVEN_AWAY
} qdn_when_e;

typedef enum {
    QDN_RULE_REJECT,
    QDN_RULE_BUSY,
    QDN_RULE_VOICEMAIL,
    QDN_RULE_CHALLENGE, /* a key must be pressed before anyone is rung */
    QDN_RULE_CASCADE
} qdn_rule_e;

typedef struct qdn_hop_t {
    apr_array_header_t *names;  /* of const char *: operator/label as written */
    apr_array_header_t *phones; /* of const qdn_phone_t *, after freeze */
    int ring;                   /* seconds, 0 unless given */
    qdn_when_e when;
    qdn_callerid_e callerid;
    qdn_origin_t origin;
} qdn_hop_t;

/*
 * <QDNCascade NAME>: hops and an end that a rule may choose instead of the
 * line's own. What is not given there is the line's.
 */
typedef struct qdn_cascade_t {
    const char *name;
    apr_uint32_t hash;          /* qdn_digest_fnv1a(name), as URLs carry it */
    apr_array_header_t *hops;   /* of qdn_hop_t * */
    int voicemail;              /* 1 on, 0 off, -1 not given */
    const char *greeting;       /* NULL: not given */
    int voicemail_max;          /* 0: not given */
    apr_array_header_t *notify; /* of const char *; NULL: not given */
    int budget;                 /* 0: not given */
    qdn_origin_t voicemail_origin, budget_origin;
    qdn_origin_t origin;
} qdn_cascade_t;

typedef struct qdn_rule_t {
    qdn_rule_e action;
    const char *cascade_name;     /* of QDN_RULE_CASCADE, as written */
    const qdn_cascade_t *cascade; /* after freeze */
    const char *expr;             /* as written */
    void *compiled; /* owned by the shell: ap_expr_info_t *; else NULL */
    qdn_origin_t origin;
} qdn_rule_t;

typedef struct qdn_line_t {
    int index;          /* from 0, in file order */
    const char *number; /* E.164 */
    const char *name;   /* number unless given */
    const char *timezone;
    const qdn_zone_t *zone;       /* of it, else the server's, else UTC */
    const qdn_hours_t *hours;     /* NULL: always open */
    apr_array_header_t *holidays; /* of const qdn_feed_t * */
    const char *ringtone;         /* qdn_e164_ringtone(number) */
    apr_array_header_t *hops;     /* of qdn_hop_t * */
    apr_array_header_t *rules;    /* of qdn_rule_t *; rule numbers from 1 */
    int voicemail;                /* 1 unless QDNVoicemail off */
    const char *greeting;
    int voicemail_max;                  /* seconds recorded at most */
    apr_array_header_t *notify;         /* of const char *: operator ids */
    int budget;                         /* seconds */
    int time_limit;                     /* seconds of a talk */
    int screen;                         /* seconds, 0 unless given */
    qdn_callerid_e callerid;            /* LINE unless given */
    const char *welcome;                /* NULL unless given */
    apr_array_header_t *forwarded_from; /* of const char *: never a loop */
    const char *secrets;                /* source spec, NULL: the server's */
    /* Of those directives; of nothing where they are not given. */
    qdn_origin_t secrets_origin, voicemail_origin, welcome_origin;
    qdn_origin_t budget_origin, time_limit_origin, hours_origin;
    qdn_origin_t origin;
} qdn_line_t;

/* One that is in no plan yet; the name is not copied. */
qdn_cascade_t *qdn_cascade_create(const char *name, apr_pool_t *p);

/*
 * The cascade in force, complete: `named` with what it lacks from the line;
 * NULL: the line's own, without a name and with hash 0.
 */
void qdn_line_cascade(const qdn_line_t *line, const qdn_cascade_t *named,
                      qdn_cascade_t *pcascade);

/* One that is in no plan yet; the number is not copied. */
qdn_line_t *qdn_line_create(const char *number, apr_pool_t *p);

#endif
