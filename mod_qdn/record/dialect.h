/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DIALECT_H
#define QDN_DIALECT_H

/*
 * In what the SQL of the three databases differs, as far as we use it, and
 * what their apr_dbd drivers need. All of it is in one table.
 */

#include <apr_pools.h>

typedef struct qdn_dialect_t {
    const char *driver;         /* apr_dbd's name */
    const char *params_end;     /* after what DBDParams says, to have it so */
    const char *long_text;      /* type of a text without a bound */
    const char *table_end;      /* after the columns of CREATE TABLE */
    const char *by_bytes;       /* after a type: compared byte by byte */
    const char *const *session; /* run on each new connection; NULL ends */
    /*
     * A SELECT that says in words why a commit may not survive a power
     * failure, and nothing if it does; NULL: the session sees to that.
     */
    const char *lax;
    const char *begin; /* of a transaction that writes */
    /* In errors that say: another transaction was in the way; NULL ends */
    const char *const *collisions;
    /* After INSERT .. VALUES: pass over what is there already; %s: the key */
    const char *keep;
    /* Before the list of columns to set; %s: the key */
    const char *replace;
    /* In that list what the refused row has; %s: the column */
    const char *incoming;
    /* Concurrent writers exist, so rows must be locked. */
    int shared;
    /* After a SELECT by key: lock the rows until the transaction ends */
    const char *lock;
    /*
     * Rows are sent as one array for each column: the server then plans a
     * statement with a dozen parameters, not with thousands. Without arrays
     * the driver frees a prepared statement only with its connection, so the
     * same few are used again and again.
     */
    int arrays;
    /* 1: select must be told to fetch at once, or it loses errors */
    int seek;
    /* Rows come while they are read, and so may the error that ends them. */
    int streams;
} qdn_dialect_t;

/* NULL if we do not speak it. */
const qdn_dialect_t *qdn_dialect_find(const char *driver);

/* "sqlite3, pgsql, mysql", for messages, in p. */
const char *qdn_dialect_names(apr_pool_t *p);

#endif
