/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <string.h>
#include <apr_dbd.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include "array.h"
#include "status.h"
#include "text.h"

/* What a statement that is kept inserts; without gaps, as a key of a hash. */
typedef struct kept_t {
    const qdn_store_insert_t *insert;
    apr_ssize_t rows;
} kept_t;

#define SQLITE_ROW 100 /* what its driver says of a statement with rows */

struct qdn_store_t {
    apr_pool_t *pool;
    const qdn_dialect_t *dialect;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_hash_t *statements; /* kept_t -> apr_dbd_prepared_t * */
    const char *lax;        /* see qdn_store_lax */
    char error[400];
};

/* libpq's messages have several lines and end with one. */
static apr_status_t fail(qdn_store_t *s, int rc)
{
    apr_size_t n;

    apr_cpystrn(s->error, apr_dbd_error(s->driver, s->handle, rc),
                sizeof(s->error));
    for (char *c = s->error; *c; c++) {
        if ((unsigned char)*c < ' ') {
            *c = ' ';
        }
    }
    for (n = strlen(s->error); n > 0 && s->error[n - 1] == ' '; n--) {
        s->error[n - 1] = '\0';
    }
    return APR_EGENERAL;
}

static void ignore_row(void *baton, const char *const *values)
{
    (void)baton;
    (void)values;
}

/*
 * apr_dbd keeps its list of drivers in the topmost ancestor of the pool it is
 * given first, and does not notice when that is destroyed. Ours have no
 * parent; a pool made from NULL has APR's own, which lives to the end.
 */
static apr_status_t init_apr_dbd(void)
{
    apr_pool_t *pool;
    apr_status_t rv = apr_pool_create(&pool, NULL);

    if (rv == APR_SUCCESS) {
        rv = apr_dbd_init(pool);
        apr_pool_destroy(pool);
    }
    return rv;
}

static apr_status_t load_driver(qdn_store_t *s, const char **perror,
                                apr_pool_t *p)
{
    apr_status_t rv = init_apr_dbd();

    if (rv == APR_SUCCESS) {
        rv = apr_dbd_get_driver(s->pool, s->dialect->driver, &s->driver);
    }
    if (rv != APR_SUCCESS) {
        *perror = apr_psprintf(p,
                               "the apr_dbd driver '%s' cannot be loaded; on "
                               "Debian it is in the package libaprutil1-dbd-%s",
                               s->dialect->driver, s->dialect->driver);
        return QDN_EMISSING;
    }
    return APR_SUCCESS;
}

static void keep_lax(void *baton, const char *const *values)
{
    qdn_store_t *s = baton;

    s->lax = s->lax ? apr_pstrcat(s->pool, s->lax, ", ", values[0], NULL)
                    : apr_pstrdup(s->pool, values[0]);
}

static apr_status_t connect_it(qdn_store_t *s, const char *params,
                               const char **perror, apr_pool_t *p)
{
    const char *why = NULL;

    params = apr_pstrcat(s->pool, params, s->dialect->params_end, NULL);
    if (apr_dbd_open_ex(s->driver, s->pool, params, &s->handle, &why) !=
        APR_SUCCESS) {
        char *line = apr_pstrdup(p, why ? why : "it does not say why");

        line[strcspn(line, "\r\n")] = '\0';
        *perror =
            apr_psprintf(p, "%s does not open: %s", s->dialect->driver, line);
        s->handle = NULL;
        return APR_EGENERAL;
    }
    for (int i = 0; s->dialect->session[i]; i++) {
        if (qdn_store_select(s, s->dialect->session[i], ignore_row, NULL, p)) {
            *perror =
                apr_psprintf(p, "%s refuses \"%s\": %s", s->dialect->driver,
                             s->dialect->session[i], s->error);
            return APR_EGENERAL;
        }
    }
    /* A server that cannot be asked, since it is another make, can be used. */
    if (s->dialect->lax) {
        (void)qdn_store_select(s, s->dialect->lax, keep_lax, s, p);
    }
    return APR_SUCCESS;
}

apr_status_t qdn_store_open(qdn_store_t **pstore, const char *driver,
                            const char *params, const char **perror,
                            apr_pool_t *p)
{
    const qdn_dialect_t *dialect = qdn_dialect_find(driver);
    qdn_store_t *s;
    apr_pool_t *pool;
    apr_status_t rv;

    if (!dialect) {
        *perror = apr_psprintf(p, "DBDriver %s is not supported; use one of %s",
                               driver, qdn_dialect_names(p));
        return QDN_EREFUSED;
    }
    /* A pool without a parent: closing it does not touch the caller's. */
    rv = apr_pool_create_unmanaged_ex(&pool, apr_pool_abort_get(p), NULL);
    if (rv != APR_SUCCESS) {
        *perror = "no memory";
        return rv;
    }
    apr_pool_tag(pool, "qdn_store");
    s = apr_pcalloc(pool, sizeof(*s));
    s->pool = pool;
    s->dialect = dialect;
    s->statements = apr_hash_make(pool);
    if ((rv = load_driver(s, perror, p)) != APR_SUCCESS ||
        (rv = connect_it(s, params, perror, p)) != APR_SUCCESS) {
        qdn_store_close(s);
        return rv;
    }
    *pstore = s;
    return APR_SUCCESS;
}

void qdn_store_close(qdn_store_t *s)
{
    if (s->handle) {
        apr_dbd_close(s->driver, s->handle);
    }
    apr_pool_destroy(s->pool);
}

const qdn_dialect_t *qdn_store_dialect(const qdn_store_t *s)
{
    return s->dialect;
}

const char *qdn_store_lax(const qdn_store_t *s)
{
    return s->lax;
}

const char *qdn_store_error(const qdn_store_t *s)
{
    return s->error;
}

int qdn_store_collided(const qdn_store_t *s)
{
    for (int i = 0; s->dialect->collisions[i]; i++) {
        if (strstr(s->error, s->dialect->collisions[i])) {
            return 1;
        }
    }
    return 0;
}

apr_status_t qdn_store_run(qdn_store_t *s, const char *sql)
{
    int rows, rc = apr_dbd_query(s->driver, s->handle, &rows, sql);

    return rc == 0 || rc == SQLITE_ROW ? APR_SUCCESS : fail(s, rc);
}

/*
 * Not apr_dbd_transaction_start: its pgsql driver dereferences NULL when
 * BEGIN fails on a dead connection, and its end says 0 after a rollback.
 */
apr_status_t qdn_store_begin(qdn_store_t *s)
{
    return qdn_store_run(s, s->dialect->begin);
}

apr_status_t qdn_store_commit(qdn_store_t *s)
{
    return qdn_store_run(s, "COMMIT");
}

void qdn_store_rollback(qdn_store_t *s)
{
    int rows;

    /* Not qdn_store_run: the error before is the one worth keeping. */
    (void)apr_dbd_query(s->driver, s->handle, &rows, "ROLLBACK");
}

/************** statements with parameters **************/

/*
 * label NULL: on PostgreSQL a named statement is gone after a restart of the
 * server, and with PQexecParams there is none to lose.
 */
static apr_status_t prepare(qdn_store_t *s, const char *sql,
                            apr_dbd_prepared_t **pstatement, apr_pool_t *p)
{
    int rc;

    *pstatement = NULL;
    rc = apr_dbd_prepare(s->driver, p, s->handle, sql, NULL, pstatement);
    return rc ? fail(s, rc) : APR_SUCCESS;
}

/*
 * How many of n rows go into the next statement: statements are kept for
 * ever, so there are only five lengths.
 */
static int chunk_of(int n)
{
    int chunk = 256;

    while (chunk > n) {
        chunk /= 4;
    }
    return chunk;
}

static void add_columns(qdn_text_t *t, const qdn_store_insert_t *insert)
{
    qdn_text_addf(t, "INSERT INTO %s (", insert->table);
    for (int i = 0; insert->columns[i]; i++) {
        qdn_text_add(t, i ? ", " : "");
        qdn_text_add(t, insert->columns[i]);
    }
    qdn_text_add(t, ") ");
}

static int column_count(const qdn_store_insert_t *insert)
{
    int n = 0;

    while (insert->columns[n]) {
        n++;
    }
    return n;
}

/* The formats are those of the dialects' table, and apr_psprintf has no %1$ */
static void add_pattern(qdn_text_t *t, const char *pattern, const char *name)
{
    for (const char *at; (at = strchr(pattern, '%')) != NULL;
         pattern = strchr(at, 's') + 1) {
        qdn_text_addn(t, pattern, (apr_size_t)(at - pattern));
        qdn_text_add(t, name);
    }
    qdn_text_add(t, pattern);
}

static int key_count(const qdn_store_insert_t *insert)
{
    return insert->keys ? insert->keys : 1;
}

static const char *key_of(const qdn_store_insert_t *insert, apr_pool_t *ptemp)
{
    const char *key = insert->columns[0];

    for (int i = 1; i < insert->keys; i++) {
        key = apr_pstrcat(ptemp, key, ", ", insert->columns[i], NULL);
    }
    return key;
}

/* After "replace": "a = excluded.a, b = excluded.b", or "a = t.a + ..." */
static void add_assignments(qdn_text_t *t, const qdn_dialect_t *d,
                            const qdn_store_insert_t *insert)
{
    const char *const *columns = insert->columns;

    for (int first = key_count(insert), i = first; columns[i]; i++) {
        qdn_text_addf(t, "%s%s = ", i > first ? ", " : "", columns[i]);
        if (insert->conflict == QDN_STORE_ADD) {
            qdn_text_addf(t, "%s.%s + ", insert->table, columns[i]);
        }
        add_pattern(t, d->incoming, columns[i]);
    }
}

static void add_conflict(qdn_text_t *t, const qdn_dialect_t *d,
                         const qdn_store_insert_t *insert, apr_pool_t *ptemp)
{
    switch (insert->conflict) {
    case QDN_STORE_KEEP:
    case QDN_STORE_NEW:
        add_pattern(t, d->keep, insert->columns[0]);
        break;
    case QDN_STORE_BLIND:
        break;
    case QDN_STORE_REPLACE:
    case QDN_STORE_ADD:
        add_pattern(t, d->replace, key_of(insert, ptemp));
        add_assignments(t, d, insert);
        break;
    }
}

static const char *insert_text(const qdn_store_t *s,
                               const qdn_store_insert_t *insert, int rows,
                               apr_pool_t *ptemp)
{
    int columns = column_count(insert);
    qdn_text_t t;

    qdn_text_init(&t, 512 + (apr_size_t)rows * (apr_size_t)columns * 4, ptemp);
    add_columns(&t, insert);
    qdn_text_add(&t, "VALUES ");
    for (int row = 0; row < rows; row++) {
        qdn_text_add(&t, row ? ",(" : "(");
        for (int i = 0; i < columns; i++) {
            qdn_text_add(&t, i ? ",%s" : "%s");
        }
        qdn_text_addc(&t, ')');
    }
    add_conflict(&t, s->dialect, insert, ptemp);
    return t.buf;
}

static apr_status_t execute(qdn_store_t *s, apr_dbd_prepared_t *statement,
                            const char **values, int n, int *ptouched,
                            apr_pool_t *ptemp)
{
    int rc = apr_dbd_pquery(s->driver, ptemp, s->handle, ptouched, statement, n,
                            values);

    return rc ? fail(s, rc) : APR_SUCCESS;
}

static apr_status_t prepare_kept(qdn_store_t *s,
                                 const qdn_store_insert_t *insert, int rows,
                                 apr_dbd_prepared_t **pstatement,
                                 apr_pool_t *ptemp)
{
    const kept_t key = { insert, rows };
    apr_status_t rv;

    *pstatement = apr_hash_get(s->statements, &key, sizeof(key));
    if (*pstatement) {
        return APR_SUCCESS;
    }
    rv = prepare(s, insert_text(s, insert, rows, ptemp), pstatement, s->pool);
    if (rv == APR_SUCCESS) {
        apr_hash_set(s->statements, apr_pmemdup(s->pool, &key, sizeof(key)),
                     sizeof(key), *pstatement);
    }
    return rv;
}

static apr_status_t check_new(qdn_store_t *s, const qdn_store_insert_t *insert,
                              int inserted, int rows)
{
    if (insert->conflict != QDN_STORE_NEW || inserted == rows) {
        return APR_SUCCESS;
    }
    apr_snprintf(s->error, sizeof(s->error),
                 "another transaction has put a row into %s meanwhile",
                 insert->table);
    return QDN_ECONFLICT;
}

static apr_status_t insert_rows(qdn_store_t *s,
                                const qdn_store_insert_t *insert,
                                const char **values, int rows,
                                apr_pool_t *ptemp)
{
    int columns = column_count(insert);
    apr_status_t rv = APR_SUCCESS;

    while (rv == APR_SUCCESS && rows > 0) {
        int chunk = chunk_of(rows), touched = 0;
        apr_dbd_prepared_t *statement;

        rv = prepare_kept(s, insert, chunk, &statement, ptemp);
        if (rv == APR_SUCCESS) {
            rv =
                execute(s, statement, values, chunk * columns, &touched, ptemp);
        }
        if (rv == APR_SUCCESS) {
            rv = check_new(s, insert, touched, chunk);
        }
        values += chunk * columns;
        rows -= chunk;
    }
    return rv;
}

static apr_status_t insert_arrays(qdn_store_t *s,
                                  const qdn_store_insert_t *insert,
                                  const char **values, int rows,
                                  apr_pool_t *ptemp)
{
    int columns = column_count(insert), touched = 0;
    apr_dbd_prepared_t *statement;
    apr_status_t rv;
    const char **arrays =
        apr_palloc(ptemp, (apr_size_t)columns * sizeof(*arrays));
    qdn_text_t t;

    qdn_text_init(&t, 1024, ptemp);
    add_columns(&t, insert);
    qdn_text_add(&t, "SELECT ");
    for (int i = 0; i < columns; i++) {
        qdn_text_add(&t, i ? ", unnest(" : "unnest(");
        arrays[i] = qdn_array_add(
            &t, insert->types[i] == 'n' ? "bigint" : "text",
            (const char *const *)values + i, rows, columns, ptemp);
        qdn_text_addc(&t, ')');
    }
    add_conflict(&t, s->dialect, insert, ptemp);
    rv = prepare(s, t.buf, &statement, ptemp);
    if (rv == APR_SUCCESS) {
        rv = execute(s, statement, arrays, columns, &touched, ptemp);
    }
    return rv == APR_SUCCESS ? check_new(s, insert, touched, rows) : rv;
}

apr_status_t qdn_store_insert(qdn_store_t *s, const qdn_store_insert_t *insert,
                              const char **values, int rows, apr_pool_t *ptemp)
{
    if (rows == 0) {
        return APR_SUCCESS;
    }
    return s->dialect->arrays ? insert_arrays(s, insert, values, rows, ptemp)
                              : insert_rows(s, insert, values, rows, ptemp);
}

/************** rows **************/

static apr_status_t hand_over(qdn_store_t *s, apr_dbd_results_t *results,
                              qdn_store_row_cb *row, void *baton,
                              apr_pool_t *ptemp)
{
    int columns = apr_dbd_num_cols(s->driver, results);
    const char **values =
        apr_palloc(ptemp, (apr_size_t)columns * sizeof(*values));
    apr_dbd_row_t *at = NULL;

    /*
     * The same row pointer every time: NULL makes pgsql begin again. To the
     * end, always: mysql is out of step otherwise.
     */
    while (apr_dbd_get_row(s->driver, ptemp, results, &at, -1) == 0) {
        for (int i = 0; i < columns; i++) {
            const char *value = NULL;

            /* get_entry gives "" for NULL on pgsql. */
            if (apr_dbd_datum_get(s->driver, at, i, APR_DBD_TYPE_STRING,
                                  &value) != APR_SUCCESS) {
                value = NULL;
            }
            values[i] = value ? apr_pstrdup(ptemp, value) : NULL;
        }
        row(baton, values);
    }
    /* mysql's get_row says of a broken connection that no row is left. */
    if (s->dialect->streams && *apr_dbd_error(s->driver, s->handle, 0)) {
        return fail(s, 0);
    }
    return APR_SUCCESS;
}

apr_status_t qdn_store_select(qdn_store_t *s, const char *sql,
                              qdn_store_row_cb *row, void *baton,
                              apr_pool_t *ptemp)
{
    apr_dbd_results_t *results = NULL;
    int rc = apr_dbd_select(s->driver, ptemp, s->handle, &results, sql,
                            s->dialect->seek);

    if (rc) {
        return fail(s, rc);
    }
    /* mysql's has none for a statement that gives no rows. */
    return results ? hand_over(s, results, row, baton, ptemp) : APR_SUCCESS;
}

static apr_status_t select_array(qdn_store_t *s, const char *sql,
                                 const char *array, qdn_store_row_cb *row,
                                 void *baton, apr_pool_t *ptemp)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_prepared_t *statement;
    apr_status_t rv = prepare(s, sql, &statement, ptemp);
    int rc;

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rc = apr_dbd_pselect(s->driver, ptemp, s->handle, &results, statement,
                         s->dialect->seek, 1, &array);
    return rc ? fail(s, rc) : hand_over(s, results, row, baton, ptemp);
}

/*
 * Where there are no arrays the texts stand in the statement: of what a
 * prepared one finds mysql's driver cuts every column to 64 KiB.
 */
apr_status_t qdn_store_select_in(qdn_store_t *s, const char *before,
                                 const char *const *texts, int n,
                                 const char *after, qdn_store_row_cb *row,
                                 void *baton, apr_pool_t *ptemp)
{
    const char *array;
    qdn_text_t t;

    if (n == 0) {
        return APR_SUCCESS;
    }
    qdn_text_init(&t, 512 + (apr_size_t)n * 40, ptemp);
    qdn_text_add(&t, before);
    if (s->dialect->arrays) {
        qdn_text_add(&t, " = ANY (");
        array = qdn_array_add(&t, "text", texts, n, 1, ptemp);
        qdn_text_addf(&t, ") %s", after);
        return select_array(s, t.buf, array, row, baton, ptemp);
    }
    for (int i = 0; i < n; i++) {
        qdn_text_add(&t, i ? "," : " IN (");
        qdn_text_add(&t, qdn_store_quote(s, texts[i], ptemp));
    }
    qdn_text_addf(&t, ") %s", after);
    return qdn_store_select(s, t.buf, row, baton, ptemp);
}

const char *qdn_store_quote(qdn_store_t *s, const char *text, apr_pool_t *ptemp)
{
    return apr_pstrcat(ptemp, "'",
                       apr_dbd_escape(s->driver, ptemp, text, s->handle), "'",
                       NULL);
}
