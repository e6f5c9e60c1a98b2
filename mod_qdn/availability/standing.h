/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_STANDING_H
#define QDN_STANDING_H

/*
 * An operator's status set by hand: available or away, for all lines or one,
 * until a time or until changed; with who and why. It follows from the
 * events status.changed alone, the newest of operator and line in force, so
 * that every host comes to the same.
 */

#include <apr_tables.h>
#include <apr_time.h>
#include "digest.h"

typedef enum {
    QDN_STANDING_AUTO,      /* none: hours, calendars and so on decide */
    QDN_STANDING_AVAILABLE, /* whatever hours, calendar and presence say */
    QDN_STANDING_AWAY
} qdn_standing_e;

typedef struct qdn_standing_t {
    const char *operator;      /* id */
    const char *line;          /* E.164; NULL: all lines */
    qdn_standing_e state;
    apr_time_t at;             /* when it was set */
    apr_time_t until;          /* 0: until it is changed */
    const char *who;           /* "ana" (login), "+16195550101", "root@host" */
    const char *why;
    char event[QDN_ID_HEX + 1]; /* of status.changed: breaks ties of `at` */
} qdn_standing_t;

const char *qdn_standing_text(qdn_standing_e state); /* "away" ... */
int qdn_standing_find(const char *text);             /* -1: no such word */

/*
 * Take one into a set (array of qdn_standing_t) if none newer of the same
 * operator and line is there; an older one gives way, and so does the same
 * one whose texts have been erased since. AUTO is kept too, so
 * that an older event that arrives late does not come into force again.
 * 1: the set has changed.
 */
int qdn_standing_fold(apr_array_header_t *set, const qdn_standing_t *one);

/* Is it in force at that moment: neither AUTO nor ended? */
int qdn_standing_holds(const qdn_standing_t *standing, apr_time_t now);

/*
 * The one in force for operator and line at that moment: that of the line
 * before that of all lines, one that has ended or is AUTO not at all (a line's
 * AUTO uncovers what is said for all lines). NULL: none.
 */
const qdn_standing_t *qdn_standing_of(const apr_array_header_t *set,
                                      const char *operator, const char *line,
                                      apr_time_t now);

#endif
