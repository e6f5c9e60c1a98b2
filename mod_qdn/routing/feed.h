/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FEED_H
#define QDN_FEED_H

/*
 * A feed is one source of what is known about people besides the
 * configuration: a calendar, a duty roster, a list of holidays, a presence
 * endpoint, a list of numbers. Feeds that are asked alike are one feed,
 * however many operators name it.
 */

#include "operator.h"

typedef enum {
    QDN_FEED_CALENDAR, /* spans of time: busy */
    QDN_FEED_DUTY,     /* spans of time: on call */
    QDN_FEED_HOLIDAYS, /* days */
    QDN_FEED_PRESENCE, /* available or not, right now */
    QDN_FEED_NUMBERS   /* a list of phone numbers */
} qdn_feed_kind_e;

typedef enum {
    QDN_FEED_FILE,   /* ICS or numbers below `address`, a path */
    QDN_FEED_ICS,    /* ICS at an https URL */
    QDN_FEED_GOOGLE, /* address: the calendar's id */
    QDN_FEED_CALDAV, /* address: URL of a calendar collection */
    QDN_FEED_JSON    /* presence: URL of a JSON document */
} qdn_feed_how_e;

#define QDN_FEED_STALE apr_time_from_sec(3600) /* unless stale= says else */

struct qdn_feed_t {
    qdn_feed_kind_e kind;
    qdn_feed_how_e how;
    int index;            /* in plan->feeds */
    char key[17];         /* 16 hex digits of everything below: its name in
                           * the snapshot, which outlives configurations */
    const char *spec;     /* as written, for messages: "ics:https://..."; may
                           * be secret itself (a private address): show
                           * qdn_feed_name() */
    const char *address;  /* URL, path or id */
    const char *secret;   /* secret=NAME, or NULL */
    const char *user;     /* user=NAME: Basic with the secret; NULL: Bearer */
    const char *header;   /* header=NAME: the secret goes there; or NULL */
    const char *match;    /* duty: only events whose title holds this */
    const char *timezone; /* of floating times; NULL: UTC */
    const char *pointer;  /* presence: JSON pointer, RFC 6901 */
    apr_array_header_t *values;  /* presence: const char *: mean available */
    int school;                  /* holidays: SH instead of PH */
    const char *name;            /* numbers: name of the list */
    apr_interval_time_t refresh; /* between two questions */
    apr_interval_time_t stale;   /* how long a good answer holds */
    const char *secrets; /* spec of the source that `secret` is looked up in:
                           * the server's QDNSecrets; NULL: there is none */
    qdn_origin_t origin;
};

/*
 * How a feed is shown: kind and host of its URL ("ics:calendar.google.com"),
 * a file's or calendar's name; never a path or query of a URL. In p.
 */
const char *qdn_feed_name(const qdn_feed_t *feed, apr_pool_t *p);

/* "calendar", "duty", "holidays", "presence", "numbers" */
const char *qdn_feed_kind_text(qdn_feed_kind_e kind);

/*
 * Give each feed of the plan what it takes from others (zone, source of the
 * secret) and its key, and make one of those that are asked alike: fills
 * plan->feeds and puts the server's holidays before those of operators and
 * lines. For qdn_plan_freeze; a second time changes nothing.
 */
struct qdn_plan_t;
void qdn_feed_gather(struct qdn_plan_t *plan);

#endif
