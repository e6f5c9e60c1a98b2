/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PLAN_H
#define QDN_PLAN_H

/*
 * The plan: everything the configuration says, with names resolved to
 * pointers. Built once at configuration time (settings.h), checked and frozen
 * (qdn_plan_freeze), then read-only: children, daemon and tests share it
 * without a lock. All of it lives in the pool of the builder.
 */

#include <apr_hash.h>
#include "line.h"

#define QDN_REVISION_HEX 12 /* digits of a plan revision */

/* One place where webhooks arrive: a path here, a URL as Twilio knows it. */
typedef struct qdn_endpoint_t {
    const char *prefix; /* path, no trailing slash: "/qdn/twilio" */
    const char *url;    /* "https://calls.example.com/qdn/twilio" */
    qdn_origin_t origin;
} qdn_endpoint_t;

typedef struct qdn_plan_t {
    apr_pool_t *pool;
    const char *secrets; /* source spec or NULL */
    qdn_origin_t secrets_origin;
    apr_array_header_t *endpoints; /* of qdn_endpoint_t * */
    const char *state_dir;
    qdn_origin_t state_dir_origin;
    int journal_sync;
    apr_interval_time_t journal_wait;
    apr_int64_t journal_max;          /* bytes */
    apr_interval_time_t retention;    /* 0: keep for ever */
    apr_interval_time_t rotate_every; /* age of a credential; 0: any */
    apr_array_header_t *admins;       /* const char *: httpd's names of people;
                                       * "*": whoever has logged in */
    apr_array_header_t *viewers;      /* likewise */
    qdn_origin_t admins_origin;       /* of the last QDNAdmin */
    qdn_origin_t viewers_origin;
    int mask_numbers;                 /* viewers see no caller's number */
    const char *timezone;             /* of who names none; NULL: UTC */
    const qdn_zone_t *zone;           /* of it, or UTC; after freeze */
    int calendar_detail;              /* titles are kept and shown */
    qdn_talk_e on_a_call;
    apr_array_header_t *holidays; /* of const qdn_feed_t *: of all */
    apr_array_header_t *feeds;    /* of qdn_feed_t *, by index */
    apr_hash_t *feeds_by_key;
    apr_array_header_t *numbers; /* of const qdn_feed_t *: lists */
    apr_hash_t *numbers_by_name;
    apr_array_header_t *cascades; /* of qdn_cascade_t * */
    apr_hash_t *cascades_by_name;
    apr_array_header_t *operators; /* of qdn_operator_t *, by index */
    apr_hash_t *operators_by_id;
    apr_array_header_t *lines; /* of qdn_line_t *, in file order */
    apr_hash_t *lines_by_number;
    apr_hash_t *phones_by_name;   /* "operator/label" -> qdn_phone_t */
    apr_hash_t *phones_by_number; /* number -> first qdn_phone_t with it */
    apr_hash_t *phones_by_hash;   /* apr_uint32_t -> first qdn_phone_t */
    char revision[QDN_REVISION_HEX + 1]; /* "" before freeze */
} qdn_plan_t;

/* An empty plan with every default in place. */
qdn_plan_t *qdn_plan_create(apr_pool_t *p);

/*
 * Put one into the plan and its indexes. APR_SUCCESS, or QDN_ECONFLICT if the
 * plan has one of that id, label or number, which then stays in force.
 */
apr_status_t qdn_plan_add_operator(qdn_plan_t *plan, qdn_operator_t *op);
apr_status_t qdn_plan_add_phone(qdn_plan_t *plan, qdn_operator_t *op,
                                qdn_phone_t *phone);
apr_status_t qdn_plan_add_line(qdn_plan_t *plan, qdn_line_t *line);
/* Likewise conflicts with one whose name has the same hash, or none. */
apr_status_t qdn_plan_add_cascade(qdn_plan_t *plan, qdn_cascade_t *cascade);

/* Look-ups in constant time; NULL where there is none (also for NULL). */
const qdn_line_t *qdn_plan_line(const qdn_plan_t *plan, const char *number);
const qdn_operator_t *qdn_plan_operator(const qdn_plan_t *plan, const char *id);
const qdn_phone_t *qdn_plan_phone(const qdn_plan_t *plan,
                                  const char *operator_id, const char *label);
const qdn_phone_t *qdn_plan_phone_by_number(const qdn_plan_t *plan,
                                            const char *number);
const qdn_cascade_t *qdn_plan_cascade(const qdn_plan_t *plan, const char *name);
const qdn_cascade_t *qdn_plan_cascade_by_hash(const qdn_plan_t *plan,
                                              apr_uint32_t hash);
const qdn_phone_t *qdn_plan_phone_by_hash(const qdn_plan_t *plan,
                                          apr_uint32_t hash);

typedef enum {
    QDN_PROBLEM_ERROR,
    QDN_PROBLEM_WARNING,
    QDN_PROBLEM_NOTE
} qdn_problem_e;

typedef struct qdn_problem_t {
    qdn_problem_e severity;
    const char *relation; /* its name in relations.c, for scripts and tests */
    qdn_origin_t origin;
    const char *text; /* a sentence: what is wrong, what to do */
} qdn_problem_t;

/*
 * Resolve names, check every relation between settings (what
 * `apachectl configtest` refuses, warns and notes) and compute the revision:
 * the first 12 hex digits of SHA-256 of qdn_plan_json without it, so that
 * equal configurations have equal revisions on all hosts.
 * *pproblems (of qdn_problem_t, in p) may hold warnings on success.
 * APR_SUCCESS, or QDN_EMALFORMED if there is at least one ERROR; the plan
 * must then not be used. No I/O: files are looked at by httpd/check.c.
 */
apr_status_t qdn_plan_freeze(qdn_plan_t *plan, apr_array_header_t **pproblems,
                             apr_pool_t *p);

/*
 * The plan as JSON, the same bytes for the same configuration: what
 * `apachectl -t -D DUMP_QDN` prints. Secrets appear as their source spec
 * only. Shape: {"revision", "public_url", "state_dir", ...,
 * "operators":[{"id","name","phones":[{"label","number",...}]}],
 * "lines":[{"number","name","hops":[{"phones":["op/label"],"ring",...}],...}]}
 */
const char *qdn_plan_json(const qdn_plan_t *plan, apr_pool_t *p);

#endif
