/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HEALTH_H
#define QDN_HEALTH_H

/*
 * Green, amber or red, why, and who must do what. Counters only ever grow, so
 * a trouble that a counter tells of colours the health for a quarter of an
 * hour after it last grew; a trouble that lasts colours it as long as it
 * lasts. Everybody who tells of health tells of this judgement: qdnctl
 * doctor, qdn-health, qdn-metrics and the dashboard.
 */

#include <apr_tables.h>
#include <apr_time.h>
#include "counter.h"
#include "drain.h"
#include "probe.h"
#include "text.h"

#define QDN_HEALTH_KEEP apr_time_from_sec(15 * 60)
/* Rows wait this long before that is a trouble: promised is a second. */
#define QDN_HEALTH_LAG apr_time_from_sec(60)

/* A step of the drain that takes longer hangs in the database. */
#define QDN_HEALTH_HANG apr_time_from_sec(5)

/*
 * Room on the disk of the state directory, whichever of the two is less: a
 * gigabyte is enough for days of calls, on however large a disk.
 */
#define QDN_HEALTH_ROOM_AMBER  (APR_INT64_C(1) << 30)
#define QDN_HEALTH_SHARE_AMBER 10 /* percent */
#define QDN_HEALTH_ROOM_RED    (APR_INT64_C(100) << 20)
#define QDN_HEALTH_SHARE_RED   1

typedef enum { QDN_GREEN, QDN_AMBER, QDN_RED } qdn_colour_e;

/* What is looked at, in the order in which it is told. */
#define QDN_CHECKS(X)                                                          \
    X(SECRETS, "secrets")                                                      \
    X(JOURNAL, "journal")                                                      \
    X(DRAIN, "drain")                                                          \
    X(DATABASE, "database")                                                    \
    X(AVAILABILITY, "availability")                                            \
    X(WEBHOOKS, "webhooks")                                                    \
    X(ROTATION, "rotation")                                                    \
    X(DISK, "disk")                                                            \
    X(DAEMON, "daemon")
typedef enum {
#define X(id, name) QDN_CHECK_##id,
    QDN_CHECKS(X)
#undef X
        QDN_CHECK_MAX
} qdn_check_e;

/*
 * What is known of the counters' growth. It lies beside them in shared memory
 * and outlives the daemon, so that neither a restart nor a crash forgives
 * anything, and what grew while no daemon ran is news to the next. Zeroed
 * together with the counters; nothing else begins it.
 */
typedef struct qdn_health_t {
    apr_uint64_t seen[QDN_COUNTER_MAX];
    apr_interval_time_t grew[QDN_COUNTER_MAX]; /* monotonic; 0: never */
} qdn_health_t;

/*
 * Look at the counters; now is monotonic. Call it about once a second, from
 * one thread of one process; it may be killed in between.
 */
void qdn_health_watch(qdn_health_t *health, const qdn_counters_t *counters,
                      apr_interval_time_t now);

/* A credential that is to be changed now and then. */
typedef struct qdn_credential_age_t {
    const char *name;
    const char *fingerprint;
    apr_time_t created_at; /* 0: not known */
} qdn_credential_age_t;

/* What health is judged by besides the counters. */
typedef struct qdn_health_facts_t {
    const qdn_drain_report_t *drain;
    int drain_closed; /* not opened: the report says no more than why */
    apr_interval_time_t drain_silent; /* since its last step ended */
    int secrets_kept;    /* sources whose secrets are from an earlier read */
    int secrets_missing; /* sources without any that hold */
    const apr_array_header_t *troubles; /* const char *: of availability,
                                         * amber; or NULL */
    const qdn_probe_report_t *probe;    /* NULL: nobody looks at the disk */
    const char *state_dir;              /* for sentences */
    apr_time_t last_webhook;            /* signed; 0: none yet */
    apr_time_t last_refusal;            /* for its signature; 0: none yet */
    const apr_array_header_t *ages;     /* of qdn_credential_age_t; or NULL */
    apr_interval_time_t rotate_every;   /* 0: a credential may have any age */
    int daemon_vain;                    /* 1: it ended soon after its start */
    apr_time_t now;                     /* wall clock */
    apr_interval_time_t mono;
} qdn_health_facts_t;

/* Something that is wrong. */
typedef struct qdn_symptom_t {
    qdn_check_e check;
    qdn_colour_e colour;
    const char *what;   /* a phrase: "events were lost" */
    const char *remedy; /* who must do what, a sentence */
    apr_time_t since;   /* 0: not known */
} qdn_symptom_t;

/*
 * The worst colour; everything that is wrong in *psymptoms, array of
 * qdn_symptom_t in p, in the order of the checks.
 */
qdn_colour_e qdn_health_judge(const qdn_health_t *health,
                              const qdn_health_facts_t *facts,
                              apr_array_header_t **psymptoms, apr_pool_t *p);

/* "green", "amber", "red"; "secrets" ... */
const char *qdn_health_colour(qdn_colour_e colour);
const char *qdn_health_check(qdn_check_e check);

#endif
