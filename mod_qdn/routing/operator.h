/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OPERATOR_H
#define QDN_OPERATOR_H

/*
 * Operators, the people who can be rung, and their phones: a part of the plan
 * (plan.h), with which they live and are shared.
 */

#include <apr_tables.h>
#include "origin.h"

#define QDN_RING_MIN       10 /* seconds the caller waits, all of these */
#define QDN_RING_MAX       120
#define QDN_RING_DEFAULT   20
#define QDN_SCREEN_MIN     10
#define QDN_SCREEN_MAX     45
#define QDN_SCREEN_DEFAULT 12

typedef enum {
    QDN_CALLERID_UNSET,
    QDN_CALLERID_LINE,
    QDN_CALLERID_CALLER
} qdn_callerid_e;

typedef enum { QDN_CONFIRM_KEY, QDN_CONFIRM_NONE } qdn_confirm_e;

/* What an operator's talk means for the next call: QDNOnACall. */
typedef enum { QDN_TALK_UNSET, QDN_TALK_SKIP, QDN_TALK_RING } qdn_talk_e;

typedef struct qdn_operator_t qdn_operator_t;
typedef struct qdn_feed_t qdn_feed_t;   /* feed.h */
typedef struct qdn_zone_t qdn_zone_t;   /* zone.h */
typedef struct qdn_hours_t qdn_hours_t; /* hours.h */

typedef struct qdn_phone_t {
    const qdn_operator_t *operator;
    const char *label;  /* unique within the operator */
    const char *number; /* E.164 */
    apr_uint32_t hash;  /* qdn_digest_fnv1a(number), as URLs carry it */
    int ring;           /* seconds, 0 unless given */
    int screen;         /* seconds, 0 unless given */
    qdn_confirm_e confirm;
    qdn_callerid_e callerid; /* UNSET: the hop's or the line's */
    int hops;                /* of all lines, that name it; after freeze */
    qdn_origin_t origin;
} qdn_phone_t;

struct qdn_operator_t {
    const char *id;
    const char *name;              /* id unless given */
    const char *timezone;          /* IANA name or NULL */
    const qdn_zone_t *zone;        /* of it, else the server's, else UTC */
    const qdn_hours_t *hours;      /* NULL: none */
    apr_array_header_t *holidays;  /* of const qdn_feed_t *; the server's
                                    * too; likewise in lines */
    apr_array_header_t *calendars; /* of const qdn_feed_t * */
    apr_array_header_t *duties;    /* of const qdn_feed_t * */
    const qdn_feed_t *presence;    /* NULL: none */
    qdn_talk_e on_a_call;          /* after freeze: SKIP or RING */
    apr_array_header_t *logins;    /* const char *: httpd's names of this
                                    * person; after freeze at least one */
    apr_array_header_t *phones;    /* of qdn_phone_t *, in file order */
    int index;                     /* from 0, in file order */
    qdn_origin_t hours_origin;     /* of QDNHours; of nothing without it */
    qdn_origin_t origin;
};

/* One that is in no plan yet; the id is not copied. */
qdn_operator_t *qdn_operator_create(const char *id, apr_pool_t *p);

#endif
