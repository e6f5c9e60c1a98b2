/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SETTINGS_H
#define QDN_SETTINGS_H

/*
 * The directives: one row each, the only list of them. The httpd shell makes
 * its command table from the rows, the unit tests read configuration with
 * them, a guard holds conf/qdn.conf against them. A setter checks one value
 * by itself; what depends on another directive is checked in plan_check.c.
 */

#include "plan.h"

/* Where a directive may stand. */
#define QDN_IN_SERVER   0x1 /* main server, outside of every block */
#define QDN_IN_LOCATION 0x2
#define QDN_IN_OPERATOR 0x4
#define QDN_IN_LINE     0x8
#define QDN_IN_CASCADE  0x10

/*
 * Compile a rule's expression: the shell passes ap_expr, tests pass NULL.
 * NULL, or a sentence with the position of the fault.
 */
typedef const char *qdn_compile_cb(void *baton, const char *expr,
                                   void **pcompiled);

struct qdn_given_t; /* which directives were given where; settings.c */

/*
 * A plan under construction. Zero it, set pool and plan, then apply. The
 * origin's file is not copied and must live as long as the plan.
 */
typedef struct qdn_builder_t {
    apr_pool_t *pool; /* that of the plan */
    qdn_plan_t *plan;
    qdn_operator_t *op;     /* the open <QDNOperator>, or NULL */
    qdn_line_t *line;       /* the open <QDNLine>, or NULL */
    qdn_cascade_t *cascade; /* the open <QDNCascade>, or NULL */
    const char *location;   /* path of the open <Location>, or NULL */
    qdn_origin_t origin;    /* of the directive being applied */
    qdn_compile_cb *compile;
    void *compile_baton;
    /* For settings.c alone, made when first needed. */
    struct qdn_given_t *server_given;
    struct qdn_given_t *block_given;
    apr_hash_t *timezones; /* name -> qdn_zone_t, once it was read */
} qdn_builder_t;

typedef struct qdn_setting_t {
    const char *name;   /* "QDNHop", or "<QDNLine" for a block */
    int scopes;         /* QDN_IN_* */
    const char *syntax; /* "OPERATOR/LABEL... [ring=SECONDS] ..." */
    const char *help;   /* a full sentence */
    int min;            /* words at least */
    int max;            /* words at most, 0: any number */
    int repeat;         /* 1: may be given more than once in one place */
    /* words: const char *; NULL, or a sentence that says what is accepted */
    const char *(*set)(qdn_builder_t *b, const apr_array_header_t *words);
} qdn_setting_t;

/* All rows, ended by one whose name is NULL. */
extern const qdn_setting_t qdn_settings[];

/*
 * Apply one directive. raw: its arguments as written (for a block: what
 * stands between the name and `>`). A block stays open until
 * qdn_settings_close. NULL, or a sentence (unknown directive, wrong scope,
 * bad value) without file and line, which the caller adds from b->origin.
 */
const char *qdn_settings_apply(qdn_builder_t *b, const char *name,
                               const char *raw);
void qdn_settings_close(qdn_builder_t *b);

#endif
