/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CASE_FILE_H
#define QDN_CASE_FILE_H

/*
 * A case: one call, its people, and what must come of it, as a text file.
 * The format is described in t/cases/README.md; unit runner, simulate and
 * Apache::Test play the same files.
 */

#include <apr_tables.h>
#include "player.h"

/* One expected <Dial>. */
typedef struct qdn_case_dial_t {
    int ring;                    /* seconds that the caller waits */
    apr_array_header_t *numbers; /* of const char * */
} qdn_case_dial_t;

/* One expected fact of TwiML. */
typedef struct qdn_case_fact_t {
    const char *text; /* the whole line */
    const char *step; /* "voice/next", or "*" */
    int turn;         /* of several documents of the step; 0: any */
    int absent;       /* it must not be there */
    const char *element;
    apr_table_t *attributes;
    const char *words; /* its text contains this, or NULL */
} qdn_case_fact_t;

/* One thing that is known of availability before the call. */
typedef struct qdn_case_known_t {
    const char *name; /* a feed's as it is shown, an operator, or both with
                       * a line: "gus +12125550100" */
    const char *what; /* "busy -30m +1h Dentist" */
} qdn_case_known_t;

typedef struct qdn_case_t {
    const char *path;
    const char *name; /* of the file, without its extension */
    const char *about;
    const char *config;         /* directives, includes resolved */
    const char *config_later;   /* the plan from a hop's end on, or NULL */
    int later;                  /* which hop's, from 1 */
    qdn_play_t play;            /* people, caller, numbers, moment, switches */
    int rule;                   /* the rule that matches, 0: none */
    apr_table_t *skip;          /* names of ways to play that are left out */
    apr_array_header_t *known;  /* of qdn_case_known_t */
    apr_array_header_t *dials;  /* of qdn_case_dial_t *; empty: nobody */
    apr_table_t *expected;      /* other keys of [expect] */
    apr_array_header_t *events; /* of const char *, in order */
    apr_array_header_t *facts;  /* of qdn_case_fact_t * */
} qdn_case_t;

/*
 * Read a case. APR_SUCCESS, APR_ENOENT or what else the file system says, or
 * QDN_EMALFORMED; with a sentence in *perror that begins "FILE:LINE: ".
 * Everything is in p.
 */
apr_status_t qdn_case_read(qdn_case_t **pcase, const char *path,
                           const char **perror, apr_pool_t *p);

#endif
