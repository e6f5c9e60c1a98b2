/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DBDS_H
#define QDN_DBDS_H

/*
 * The databases that a test runs on, each once. QDN_TEST_DBDS names them,
 * separated by |, as driver:params; sqlite3 alone is a file of the test's
 * own. Without the variable that one is used; build/test names PostgreSQL
 * and MariaDB too. A database that cannot be reached fails the test, it is
 * not skipped.
 */

#include <apr_pools.h>
#include "event.h"
#include "store.h"

typedef struct qdn_dbd_t {
    const char *driver;
    const char *params;
} qdn_dbd_t;

/* A new empty directory, removed by qdn_dbds_sweep. */
const char *qdn_dbds_dir(apr_pool_t *p);
void qdn_dbds_sweep(const char *dir);

/* How many, and the k-th with all our tables dropped; dir: for sqlite3. */
int qdn_dbds_count(void);
qdn_dbd_t qdn_dbds_fresh(int k, const char *dir, apr_pool_t *p);

/* Connect, or fail the test. */
qdn_store_t *qdn_dbds_store(const qdn_dbd_t *dbd, apr_pool_t *p);

/* End all other connections to this database; nothing on sqlite3. */
void qdn_dbds_disconnect(const qdn_dbd_t *dbd, apr_pool_t *p);

/* First value of the first row, as a number; fails the test on an error. */
apr_int64_t qdn_dbds_number(const qdn_dbd_t *dbd, const char *sql,
                            apr_pool_t *p);
/* The same as text, NULL for SQL's NULL or no row. */
const char *qdn_dbds_text(const qdn_dbd_t *dbd, const char *sql, apr_pool_t *p);

/* The n-th event of call number `call`: some kind of a real chain. */
qdn_event_t qdn_dbds_event(int call, int n, apr_pool_t *p);

#endif
