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
#include <apr_tables.h>
#include <apr_time.h>

#define QDN_REVISION_HEX    12  /* digits of a plan revision */
#define QDN_HOP_PHONES_MAX  10  /* Twilio dials at most ten together */
#define QDN_RING_MIN        10  /* seconds the caller waits, all of these */
#define QDN_RING_MAX        120
#define QDN_RING_DEFAULT    20
#define QDN_SCREEN_MIN      10
#define QDN_SCREEN_MAX      45
#define QDN_SCREEN_DEFAULT  12
#define QDN_BUDGET_MIN      30
#define QDN_BUDGET_MAX      150
#define QDN_BUDGET_DEFAULT  110

/* Where a thing was written, for messages: "qdn.conf:12". */
typedef struct qdn_origin_t {
    const char *file;
    int line;
} qdn_origin_t;

typedef enum { QDN_CALLERID_UNSET, QDN_CALLERID_LINE, QDN_CALLERID_CALLER }
    qdn_callerid_e;
typedef enum { QDN_CONFIRM_KEY, QDN_CONFIRM_NONE } qdn_confirm_e;
typedef enum { QDN_WHEN_AVAILABLE, QDN_WHEN_ALWAYS, QDN_WHEN_EVEN_AWAY }
    qdn_when_e;
typedef enum { QDN_RULE_REJECT, QDN_RULE_BUSY, QDN_RULE_VOICEMAIL }
    qdn_rule_e;
typedef enum { QDN_TALK_UNSET, QDN_TALK_SKIP, QDN_TALK_RING } qdn_talk_e;

typedef struct qdn_operator_t qdn_operator_t;
typedef struct qdn_feed_t qdn_feed_t;   /* feed.h */
typedef struct qdn_zone_t qdn_zone_t;   /* zone.h */
typedef struct qdn_hours_t qdn_hours_t; /* hours.h */

/* "qdn.conf:12", in p. */
const char *qdn_origin_text(qdn_origin_t origin, apr_pool_t *p);

typedef struct qdn_phone_t {
    const qdn_operator_t *operator;
    const char *label;       /* unique within the operator */
    const char *number;      /* E.164 */
    apr_uint32_t hash;       /* qdn_digest_fnv1a(number), as URLs carry it */
    int ring;                /* seconds, 0 unless given */
    int screen;              /* seconds, 0 unless given */
    qdn_confirm_e confirm;
    qdn_callerid_e callerid; /* UNSET: the hop's or the line's */
    int hops;                /* of all lines, that name it; after freeze */
    qdn_origin_t origin;
} qdn_phone_t;

struct qdn_operator_t {
    const char *id;
    const char *name;           /* id unless given */
    const char *timezone;       /* IANA name or NULL */
    const qdn_zone_t *zone;     /* of it, else the server's, else UTC */
    const qdn_hours_t *hours;   /* NULL: none */
    apr_array_header_t *holidays;  /* of const qdn_feed_t *; the server's
                                    * too; likewise in lines */
    apr_array_header_t *calendars; /* of const qdn_feed_t * */
    apr_array_header_t *duties;    /* of const qdn_feed_t * */
    const qdn_feed_t *presence;    /* NULL: none */
    qdn_talk_e on_a_call;       /* after freeze: SKIP or RING */
    apr_array_header_t *phones; /* of qdn_phone_t *, in file order */
    int index;                  /* from 0, in file order */
    qdn_origin_t origin;
};

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
    apr_uint32_t hash;        /* qdn_digest_fnv1a(name), as URLs carry it */
    apr_array_header_t *hops; /* of qdn_hop_t * */
    int voicemail;            /* 1 on, 0 off, -1 not given */
    const char *greeting;
    int voicemail_max;
    apr_array_header_t *notify;
    int budget;               /* 0: not given */
    qdn_origin_t voicemail_origin, budget_origin;
    qdn_origin_t origin;
} qdn_cascade_t;

typedef struct qdn_rule_t {
    qdn_rule_e action;
    const char *cascade_name;     /* of QDN_RULE_CASCADE, as written */
    const qdn_cascade_t *cascade; /* after freeze */
    const char *expr;  /* as written */
    void *compiled;    /* owned by the shell: ap_expr_info_t *; else NULL */
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
    int voicemail_max;            /* seconds recorded at most */
    apr_array_header_t *notify;   /* of const char *: operator ids */
    int budget;                   /* seconds */
    int time_limit;               /* seconds of a talk */
    int screen;                   /* seconds, 0 unless given */
    qdn_callerid_e callerid;      /* LINE unless given */
    const char *welcome;          /* NULL unless given */
    apr_array_header_t *forwarded_from; /* of const char *: never a loop */
    const char *secrets;          /* source spec, NULL: the server's */
    /* Of those directives; of nothing where they are not given. */
    qdn_origin_t secrets_origin, voicemail_origin, welcome_origin;
    qdn_origin_t budget_origin, time_limit_origin;
    qdn_origin_t origin;
} qdn_line_t;

/* One place where webhooks arrive: a path here, a URL as Twilio knows it. */
typedef struct qdn_endpoint_t {
    const char *prefix; /* path, no trailing slash: "/qdn/twilio" */
    const char *url;    /* "https://calls.example.com/qdn/twilio" */
    qdn_origin_t origin;
} qdn_endpoint_t;

typedef struct qdn_plan_t {
    apr_pool_t *pool;
    const char *secrets;           /* source spec or NULL */
    qdn_origin_t secrets_origin;
    apr_array_header_t *endpoints; /* of qdn_endpoint_t * */
    const char *state_dir;
    qdn_origin_t state_dir_origin;
    int journal_sync;
    apr_interval_time_t journal_wait;
    apr_int64_t journal_max;            /* bytes */
    apr_interval_time_t retention;      /* 0: keep for ever */
    const char *timezone;               /* of who names none; NULL: UTC */
    int calendar_detail;                /* titles are kept and shown */
    qdn_talk_e on_a_call;
    apr_array_header_t *holidays;       /* of const qdn_feed_t *: of all */
    apr_array_header_t *feeds;          /* of qdn_feed_t *, by index */
    apr_hash_t *feeds_by_key;
    apr_hash_t *numbers;                /* list's name -> qdn_feed_t */
    apr_hash_t *cascades;               /* name -> qdn_cascade_t */
    apr_array_header_t *operators;      /* of qdn_operator_t *, by index */
    apr_hash_t *operators_by_id;
    apr_array_header_t *lines;          /* of qdn_line_t *, in file order */
    apr_hash_t *lines_by_number;
    apr_hash_t *phones_by_name;   /* "operator/label" -> qdn_phone_t */
    apr_hash_t *phones_by_number; /* number -> first qdn_phone_t with it */
    apr_hash_t *phones_by_hash;   /* apr_uint32_t -> first qdn_phone_t */
    char revision[QDN_REVISION_HEX + 1]; /* "" before freeze */
} qdn_plan_t;

/* An empty plan with every default in place. */
qdn_plan_t *qdn_plan_create(apr_pool_t *p);

/* Likewise one operator and one line, not yet in any plan; not copied. */
qdn_operator_t *qdn_operator_create(const char *id, apr_pool_t *p);
qdn_line_t *qdn_line_create(const char *number, apr_pool_t *p);

/*
 * Put one into the plan and its indexes. APR_SUCCESS, or QDN_ECONFLICT if the
 * plan has one of that id, label or number, which then stays in force.
 */
apr_status_t qdn_plan_add_operator(qdn_plan_t *plan, qdn_operator_t *op);
apr_status_t qdn_plan_add_phone(qdn_plan_t *plan, qdn_operator_t *op,
                                qdn_phone_t *phone);
apr_status_t qdn_plan_add_line(qdn_plan_t *plan, qdn_line_t *line);

/* Look-ups in constant time; NULL where there is none (also for NULL). */
const qdn_line_t *qdn_plan_line(const qdn_plan_t *plan, const char *number);
const qdn_operator_t *qdn_plan_operator(const qdn_plan_t *plan,
                                        const char *id);
const qdn_phone_t *qdn_plan_phone(const qdn_plan_t *plan,
                                  const char *operator_id,
                                  const char *label);
const qdn_phone_t *qdn_plan_phone_by_number(const qdn_plan_t *plan,
                                            const char *number);
const qdn_phone_t *qdn_plan_phone_by_hash(const qdn_plan_t *plan,
                                          apr_uint32_t hash);

typedef enum { QDN_PROBLEM_ERROR, QDN_PROBLEM_WARNING, QDN_PROBLEM_NOTE }
    qdn_problem_e;

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
apr_status_t qdn_plan_freeze(qdn_plan_t *plan,
                             apr_array_header_t **pproblems, apr_pool_t *p);

/*
 * The plan as JSON, the same bytes for the same configuration: what
 * `apachectl -t -D DUMP_QDN` prints. Secrets appear as their source spec
 * only. Shape: {"revision", "public_url", "state_dir", ...,
 * "operators":[{"id","name","phones":[{"label","number",...}]}],
 * "lines":[{"number","name","hops":[{"phones":["op/label"],"ring",...}],...}]}
 */
const char *qdn_plan_json(const qdn_plan_t *plan, apr_pool_t *p);

#endif
