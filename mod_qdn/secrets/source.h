/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SOURCE_H
#define QDN_SOURCE_H

/*
 * Where secrets come from: "dotenv:/path" or "exec:/command args". Read at
 * start or reload only, while the process still has the rights to; values
 * never go to a log, a dump or an environment variable.
 */

#include <apr_pools.h>
#include <apr_tables.h>

#define QDN_SOURCE_MAX  (64 * 1024)          /* bytes of dotenv text */
#define QDN_SOURCE_WAIT apr_time_from_sec(3) /* for exec: to end */

typedef struct qdn_secrets_t {
    const char *spec;          /* as configured */
    apr_array_header_t *names; /* of const char *, in file order */
    apr_table_t *values;       /* case matters: look up with _get only */
    const char *google_key;    /* see qdn_source_load_google; NULL: not read */
} qdn_secrets_t;

/* Is this a spec? NULL, or a sentence that says what is accepted. */
const char *qdn_source_refuse(const char *spec, apr_pool_t *p);

/*
 * How a source is shown, in p: without the arguments of a command, which may
 * be secret themselves.
 */
const char *qdn_source_name(const char *spec, apr_pool_t *p);

/*
 * Read the source. dotenv: a regular file (no symlink at its end), at most
 * 64 KiB, mode 600 or stricter, owned by root or the effective user. exec:
 * absolute path, split on blanks, no shell, empty standard input and
 * environment but PATH, exit status 0 within 3 s, else killed.
 * APR_SUCCESS, APR_ENOENT, QDN_EFORBIDDEN (mode, owner, type), QDN_ETOOBIG,
 * QDN_EMALFORMED (with the line's number), APR_TIMEUP, APR_EGENERAL (exec
 * ended with another status): each with a sentence and its remedy in
 * *perror, which never quotes a value.
 */
apr_status_t qdn_source_load(qdn_secrets_t **psecrets, const char *spec,
                             const char **perror, apr_pool_t *p);

/*
 * Read the file that GOOGLE_SERVICE_ACCOUNT_FILE names, which must be kept
 * like a dotenv file, into google_key. APR_SUCCESS, also if it names none;
 * else as qdn_source_load.
 */
#define QDN_SOURCE_GOOGLE_FILE "GOOGLE_SERVICE_ACCOUNT_FILE"

apr_status_t qdn_source_load_google(qdn_secrets_t *secrets, const char **perror,
                                    apr_pool_t *p);

/*
 * What a feed gets for a name: its value; for GOOGLE_SERVICE_ACCOUNT_FILE
 * what the file holds. NULL if it is not there.
 */
const char *qdn_secrets_for_feed(const qdn_secrets_t *secrets,
                                 const char *name);

/* The value of a name, NULL if it is not there. */
const char *qdn_secrets_get(const qdn_secrets_t *secrets, const char *name);

#endif
