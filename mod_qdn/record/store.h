/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_STORE_H
#define QDN_STORE_H

/*
 * One connection to the database, over apr_dbd. The only file that calls
 * apr_dbd: its drivers differ in much that its interface does not show, and
 * a few things in it are traps (see store.c). One thread at a time; any call
 * may hang for as long as the database does.
 *
 * Every function that asks the database returns APR_SUCCESS or
 * APR_EGENERAL; qdn_store_error then says why in the database's words. After
 * a failure inside a transaction only qdn_store_rollback makes sense.
 */

#include <apr_pools.h>
#include "dialect.h"

typedef struct qdn_store_t qdn_store_t;

/*
 * Connect. driver is apr_dbd's name, params what DBDParams says (for sqlite3
 * the file). Everything lives in a pool of its own, freed by close; p is
 * used for *perror. APR_SUCCESS; QDN_EREFUSED for a driver whose SQL we do
 * not speak; QDN_EMISSING if the driver is not installed; APR_EGENERAL.
 */
apr_status_t qdn_store_open(qdn_store_t **pstore, const char *driver,
                            const char *params, const char **perror,
                            apr_pool_t *p);
void qdn_store_close(qdn_store_t *store);

const qdn_dialect_t *qdn_store_dialect(const qdn_store_t *store);

/*
 * Why a commit may not survive a power failure, as the server was set when
 * we connected: "fsync is off"; NULL: it survives.
 */
const char *qdn_store_lax(const qdn_store_t *store);

/* One line about the last failure; valid until the next call. */
const char *qdn_store_error(const qdn_store_t *store);

/*
 * Was the last failure another transaction's doing (a deadlock, a lock that
 * was not freed in time), so that the same may succeed in a moment?
 */
int qdn_store_collided(const qdn_store_t *store);

/* Run one statement without parameters. */
apr_status_t qdn_store_run(qdn_store_t *store, const char *sql);

apr_status_t qdn_store_begin(qdn_store_t *store);
apr_status_t qdn_store_commit(qdn_store_t *store);
void qdn_store_rollback(qdn_store_t *store);

/* What to do with a row whose key exists. */
typedef enum {
    QDN_STORE_KEEP,    /* leave it as it is */
    QDN_STORE_NEW,     /* there must be none: QDN_ECONFLICT */
    QDN_STORE_BLIND,   /* there is none, else any error: half the work */
    QDN_STORE_REPLACE, /* set all columns but the key */
    QDN_STORE_ADD      /* add to all columns but the key */
} qdn_store_conflict_e;

/* A kind of INSERT; a constant, since statements are remembered by address. */
typedef struct qdn_store_insert_t {
    const char *table;
    const char *const *columns; /* NULL-terminated, the key first */
    const char *types;          /* of each a letter: t text, n number */
    int keys;                   /* columns of the key; 0: one */
    qdn_store_conflict_e conflict;
} qdn_store_insert_t;

/*
 * Insert `rows` rows: values row by row, NULL for SQL's NULL, numbers as
 * text. No two rows may have the same key but with QDN_STORE_KEEP. Also
 * QDN_ECONFLICT, after another transaction that has put such a row in has
 * committed: then this one can only be rolled back. Scratch from ptemp.
 */
apr_status_t qdn_store_insert(qdn_store_t *store,
                              const qdn_store_insert_t *insert,
                              const char **values, int rows, apr_pool_t *ptemp);

/* One row: as many values as columns, NULL for SQL's NULL, all in ptemp. */
typedef void qdn_store_row_cb(void *baton, const char *const *values);

/*
 * Run a SELECT without parameters and hand over each row. Values inside sql
 * must be numbers of ours, or come from qdn_store_quote.
 */
apr_status_t qdn_store_select(qdn_store_t *store, const char *sql,
                              qdn_store_row_cb *row, void *baton,
                              apr_pool_t *ptemp);

/* `before` IN (n texts) `after`; n may be 0: then no row is found. */
apr_status_t qdn_store_select_in(qdn_store_t *store, const char *before,
                                 const char *const *texts, int n,
                                 const char *after, qdn_store_row_cb *row,
                                 void *baton, apr_pool_t *ptemp);

/* The text as a literal of this database, with its quotes, in ptemp. */
const char *qdn_store_quote(qdn_store_t *store, const char *text,
                            apr_pool_t *ptemp);

#endif
