/* SPDX-License-Identifier: Apache-2.0 */
#include "drain.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <apr_strings.h>
#include "backlog.h"
#include "clock.h"
#include "delivery.h"
#include "herald.h"
#include "ledger.h"
#include "log.h"
#include "parked.h"
#include "retention.h"
#include "revisions.h"
#include "schema.h"
#include "status.h"
#include "store.h"

#define BACKOFF_MIN apr_time_from_msec(100)
#define BACKOFF_MAX apr_time_from_sec(2)
#define SWEEP_EVERY apr_time_from_sec(60)
#define PURGE_EVERY apr_time_from_sec(3600)
#define FORGET_MANY 64
#define STALE       apr_time_from_sec(30 * 86400)

struct qdn_drain_t {
    apr_pool_t *pool;
    apr_pool_t *scratch; /* of one step */
    const char *journal; /* directories */
    const char *parked;
    const char *lock_path;
    const char *host;
    const char *driver;
    const char *params;
    const qdn_plan_t *plan;
    qdn_ended_cb *ended;
    void *ended_baton;
    int own_file; /* params is the default file in the state directory */
    apr_interval_time_t retention;
    qdn_counters_t *counters;

    int lock;           /* open and locked, or -1 */
    qdn_store_t *store; /* NULL: not connected */
    qdn_backlog_t *backlog;
    apr_array_header_t *removed; /* names whose positions can be forgotten */
    apr_pool_t *removed_pool;
    int batch;      /* rows of the next transaction, at most */
    apr_time_t due; /* monotonic: no attempt before */
    apr_interval_time_t backoff;
    apr_time_t swept;     /* monotonic */
    apr_time_t doubt;     /* see delivery.h */
    apr_time_t purge_due; /* monotonic */
    qdn_herald_t herald;
    int recounting; /* there may be calls in no sum after this one: */
    char recounted[QDN_LEDGER_SID];

    pthread_mutex_t mutex; /* guards report, nothing else */
    qdn_drain_report_t report;
};

/************** life **************/

static apr_status_t make_dir(const char *path, const char **perror,
                             apr_pool_t *p)
{
    apr_status_t rv;

    if (mkdir(path, 0700) == 0 || errno == EEXIST) {
        return APR_SUCCESS;
    }
    rv = errno;
    *perror = apr_psprintf(p, "cannot create the directory %s", path);
    return rv;
}

/*
 * So that the file is ours alone from the beginning. Not if it exists:
 * closing it again would drop the locks that SQLite may hold on it in this
 * process.
 */
static void create_own_file(const qdn_drain_t *d)
{
    int fd = open(d->params, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0) {
        close(fd);
    }
}

apr_status_t qdn_drain_open(qdn_drain_t **pdrain,
                            const qdn_drain_config_t *config,
                            const char **perror, apr_pool_t *p)
{
    const char *dir = config->state_dir;
    const char *driver = config->driver ? config->driver : "sqlite3";
    const char *own;
    qdn_drain_t *d = apr_pcalloc(p, sizeof(*d));
    apr_status_t rv;

    if (!qdn_dialect_find(driver)) {
        *perror = apr_psprintf(p, "DBDriver %s is not supported; use one of %s",
                               driver, qdn_dialect_names(p));
        return QDN_EREFUSED;
    }
    d->pool = p;
    d->journal = apr_pstrcat(p, dir, "/journal", NULL);
    d->parked = apr_pstrcat(p, dir, "/parked", NULL);
    d->lock_path = apr_pstrcat(p, dir, "/drain.lock", NULL);
    d->host = apr_pstrdup(p, config->host);
    d->driver = apr_pstrdup(p, driver);
    own = apr_pstrcat(p, dir, "/qdn.sqlite", NULL);
    d->params = config->params ? apr_pstrdup(p, config->params) : own;
    d->own_file = !strcmp(driver, "sqlite3") && !strcmp(d->params, own);
    d->plan = config->plan;
    d->ended = config->ended;
    d->ended_baton = config->ended_baton;
    d->recounting = 1;
    d->retention = config->retention;
    d->counters = config->counters;
    d->lock = -1;
    d->purge_due = qdn_clock_mono() + QDN_RETENTION_CALM;
    if ((rv = make_dir(d->journal, perror, p)) != APR_SUCCESS ||
        (rv = make_dir(d->parked, perror, p)) != APR_SUCCESS) {
        return rv;
    }
    apr_pool_create(&d->scratch, p);
    apr_pool_create(&d->removed_pool, p);
    apr_pool_tag(d->scratch, "qdn_drain_step");
    d->removed = apr_array_make(d->removed_pool, 16, sizeof(const char *));
    d->backlog = qdn_backlog_create(d->journal, p);
    d->report.state = QDN_DRAIN_AWAY;
    d->report.parked_files = qdn_parked_count(d->parked);
    pthread_mutex_init(&d->mutex, NULL);
    *pdrain = d;
    return APR_SUCCESS;
}

void qdn_drain_close(qdn_drain_t *d)
{
    if (d->store) {
        qdn_store_close(d->store);
    }
    if (d->lock >= 0) {
        close(d->lock);
    }
    pthread_mutex_destroy(&d->mutex);
}

/************** what is told to others **************/

static const char *const state_texts[] = { "idle", "working", "away",
                                           "excluded" };

const char *qdn_drain_state_text(qdn_drain_state_e state)
{
    return state_texts[state];
}

void qdn_drain_report(qdn_drain_t *d, qdn_drain_report_t *preport)
{
    pthread_mutex_lock(&d->mutex);
    *preport = d->report;
    pthread_mutex_unlock(&d->mutex);
}

static void tell_pending(qdn_drain_t *d)
{
    qdn_backlog_total_t total;

    qdn_backlog_total(d->backlog, &total);
    pthread_mutex_lock(&d->mutex);
    d->report.pending_bytes = total.bytes;
    d->report.pending_segments = total.segments;
    if (total.bytes == 0) {
        d->report.oldest = 0;
    }
    pthread_mutex_unlock(&d->mutex);
}

static void tell_oldest(qdn_drain_t *d, const apr_array_header_t *rows)
{
    apr_time_t oldest = 0;

    for (int i = 0; i < rows->nelts; i++) {
        const qdn_backlog_row_t *row =
            &APR_ARRAY_IDX(rows, i, qdn_backlog_row_t);

        if (row->status == APR_SUCCESS && (!oldest || row->event.at < oldest)) {
            oldest = row->event.at;
        }
    }
    pthread_mutex_lock(&d->mutex);
    d->report.oldest = oldest;
    pthread_mutex_unlock(&d->mutex);
}

static void tell_delivery(qdn_drain_t *d, const qdn_delivery_t *delivery)
{
    pthread_mutex_lock(&d->mutex);
    if (delivery->commits) {
        d->report.last_commit = qdn_clock_now();
    }
    d->report.parked_files += delivery->put_aside;
    pthread_mutex_unlock(&d->mutex);
}

/* All is well; said aloud only where it was not. */
static void tell_state(qdn_drain_t *d, qdn_drain_state_e state)
{
    int was_bad;

    pthread_mutex_lock(&d->mutex);
    was_bad = d->report.error[0] != '\0';
    d->report.error[0] = '\0';
    d->report.error_since = 0;
    d->report.state = state;
    pthread_mutex_unlock(&d->mutex);
    d->backoff = 0;
    if (was_bad) {
        qdn_log(QDN_LOG_NOTICE, APR_SUCCESS,
                QDNLOGNO(0312) "the journal is drained into SQL again");
    }
}

/*
 * Segments are removed after a commit. One that the server loses afterwards
 * is lost for good, so somebody should know.
 */
static void tell_lax(qdn_drain_t *d)
{
    const char *lax = qdn_store_lax(d->store);
    int new;

    pthread_mutex_lock(&d->mutex);
    new = lax &&strcmp(d->report.lax, lax);
    apr_cpystrn(d->report.lax, lax ? lax : "", sizeof(d->report.lax));
    pthread_mutex_unlock(&d->mutex);
    if (new) {
        qdn_log(QDN_LOG_WARNING, APR_SUCCESS,
                QDNLOGNO(0316) "a power failure at the database may lose "
                               "calls that it has acknowledged: %s",
                lax);
    }
}

/* Remember a failure and when to try again; said aloud when it is new. */
static apr_status_t failed(qdn_drain_t *d, qdn_drain_state_e state,
                           apr_status_t rv, const char *what)
{
    int new;

    d->backoff = d->backoff ? d->backoff * 2 : BACKOFF_MIN;
    if (d->backoff > BACKOFF_MAX) {
        d->backoff = BACKOFF_MAX;
    }
    d->due = qdn_clock_mono() + d->backoff;
    pthread_mutex_lock(&d->mutex);
    new = !d->report.error[0];
    if (new) {
        d->report.error_since = qdn_clock_now();
    }
    apr_cpystrn(d->report.error, what, sizeof(d->report.error));
    d->report.state = state;
    pthread_mutex_unlock(&d->mutex);
    if (new) {
        qdn_log(QDN_LOG_ERR, rv == APR_EGENERAL ? APR_SUCCESS : rv,
                QDNLOGNO(0311) "events stay in the journal %s for now: %s",
                d->journal, what);
    }
    return rv;
}

/************** lock and connection **************/

static apr_status_t take_lock(qdn_drain_t *d)
{
    int fd;

    if (d->lock >= 0) {
        return APR_SUCCESS;
    }
    fd = open(d->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return failed(d, QDN_DRAIN_AWAY, errno,
                      "the lock file drain.lock cannot be opened");
    }
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        return failed(d, QDN_DRAIN_EXCLUDED, QDN_ECONFLICT,
                      "another process drains this state directory");
    }
    d->lock = fd;
    return APR_SUCCESS;
}

static void drop_connection(qdn_drain_t *d)
{
    if (d->store) {
        qdn_store_close(d->store);
        d->store = NULL;
    }
}

/* The connection is given up: nothing is known of its state. */
static apr_status_t lose_connection(qdn_drain_t *d)
{
    const char *what = apr_pstrdup(d->scratch, qdn_store_error(d->store));

    qdn_counter_add(d->counters, QDN_COUNT_DRAIN_ERRORS, 1);
    drop_connection(d);
    return failed(d, QDN_DRAIN_AWAY, APR_EGENERAL, what);
}

/* For the audit; no call has to wait because that does not succeed. */
static void keep_plan(qdn_drain_t *d)
{
    if (d->plan && qdn_revisions_keep(d->store, d->plan, d->host,
                                      qdn_clock_now(), d->scratch)) {
        qdn_log(QDN_LOG_NOTICE, APR_SUCCESS,
                QDNLOGNO(0321) "configuration %s cannot be kept in SQL, which "
                               "is tried again with the next connection: %s",
                d->plan->revision, qdn_store_error(d->store));
    }
}

static apr_status_t prepare_tables(qdn_drain_t *d)
{
    apr_hash_t *positions;
    apr_status_t rv = qdn_schema_apply(d->store, qdn_clock_now(), d->scratch);

    if (rv == QDN_ECONFLICT) {
        drop_connection(d);
        return failed(d, QDN_DRAIN_AWAY, rv,
                      "the schema in the database is of a newer version of "
                      "mod_qdn; update this host");
    }
    /* Those of a drain that died between removing a file and saying so. */
    if (rv == APR_SUCCESS) {
        rv = qdn_ledger_expire(d->store, d->host, qdn_clock_now() - STALE,
                               d->scratch);
    }
    if (rv == APR_SUCCESS) {
        rv = qdn_ledger_positions(d->store, d->host, &positions, d->scratch);
    }
    if (rv != APR_SUCCESS) {
        return lose_connection(d);
    }
    keep_plan(d);
    return qdn_backlog_scan(d->backlog, positions);
}

/* While there is no database people want to know since when. */
static void tell_first(qdn_drain_t *d)
{
    apr_array_header_t *rows;

    if (qdn_backlog_take(d->backlog, 1, &rows, d->scratch) == APR_SUCCESS) {
        tell_oldest(d, rows);
    }
}

static apr_status_t connect_store(qdn_drain_t *d)
{
    const char *error = NULL;
    apr_status_t rv;

    if (d->store) {
        return APR_SUCCESS;
    }
    if (d->own_file) {
        create_own_file(d);
    }
    rv = qdn_store_open(&d->store, d->driver, d->params, &error, d->scratch);
    if (rv != APR_SUCCESS) {
        d->store = NULL;
        qdn_counter_add(d->counters, QDN_COUNT_DRAIN_ERRORS, 1);
        return failed(d, QDN_DRAIN_AWAY, rv, error);
    }
    d->batch = QDN_DRAIN_FIRST;
    tell_lax(d);
    return prepare_tables(d);
}

/************** one step **************/

/* Names whose files are gone are forgotten in idle moments, or many at once. */
static apr_status_t clean_up(qdn_drain_t *d, int idle)
{
    apr_time_t now = qdn_clock_mono();

    qdn_backlog_prune(d->backlog, d->removed);
    if (now - d->swept >= SWEEP_EVERY) {
        d->swept = now;
        qdn_segment_sweep(d->journal, qdn_clock_now());
    }
    if (d->removed->nelts == 0 || (!idle && d->removed->nelts < FORGET_MANY)) {
        return APR_SUCCESS;
    }
    if (qdn_ledger_forget(d->store, d->removed, d->scratch) != APR_SUCCESS) {
        return lose_connection(d);
    }
    apr_pool_clear(d->removed_pool);
    d->removed = apr_array_make(d->removed_pool, 16, sizeof(const char *));
    return APR_SUCCESS;
}

/* Old calls go in idle moments only, a batch at a time. */
static apr_status_t purge(qdn_drain_t *d)
{
    apr_time_t now = qdn_clock_mono();
    int more = 0;
    apr_status_t rv;

    if (!d->retention || now < d->purge_due) {
        return APR_SUCCESS;
    }
    rv = qdn_retention_purge(d->store, d->host, qdn_clock_now(), d->retention,
                             &more, d->scratch);
    if (rv == APR_EAGAIN) {
        return APR_SUCCESS;
    }
    if (rv != APR_SUCCESS) {
        return lose_connection(d);
    }
    d->purge_due = more ? now : now + PURGE_EVERY;
    return APR_SUCCESS;
}

/*
 * Calls of an older version get into the sums in idle moments. Each process
 * looks at all calls once, as some may have come from a host that was updated
 * later than this one.
 */
static apr_status_t recount(qdn_drain_t *d)
{
    apr_status_t rv;

    if (!d->recounting) {
        return APR_SUCCESS;
    }
    rv = qdn_ledger_recount(d->store, d->host, d->plan, d->recounted,
                            &d->recounting, d->scratch);
    if (rv == APR_EAGAIN) {
        return APR_SUCCESS;
    }
    return rv == APR_SUCCESS ? rv : lose_connection(d);
}

static apr_status_t tell_head(qdn_drain_t *d)
{
    apr_status_t rv = qdn_herald_tell(&d->herald, d->store, d->host,
                                      qdn_clock_mono(), d->scratch);

    return rv == APR_SUCCESS ? rv : lose_connection(d);
}

static apr_status_t be_idle(qdn_drain_t *d)
{
    apr_status_t rv = clean_up(d, 1);

    if (rv == APR_SUCCESS) {
        rv = recount(d);
    }
    if (rv == APR_SUCCESS) {
        rv = purge(d);
    }
    return rv == APR_SUCCESS ? tell_head(d) : rv;
}

static apr_status_t deliver(qdn_drain_t *d, apr_array_header_t *rows)
{
    qdn_delivery_t delivery = { .store = d->store,
                                .backlog = d->backlog,
                                .host = d->host,
                                .plan = d->plan,
                                .ended = d->ended,
                                .ended_baton = d->ended_baton,
                                .parked = d->parked,
                                .counters = d->counters,
                                .pdoubt = &d->doubt };
    apr_status_t rv = qdn_delivery_run(&delivery, rows, d->scratch);

    tell_delivery(d, &delivery);
    if (rv == APR_SUCCESS) {
        if (rows->nelts < d->batch) {
            d->doubt = 0; /* those were all: nothing is refused any more */
        }
        tell_state(d, QDN_DRAIN_WORKING);
        return rv;
    }
    return rv == APR_EGENERAL
               ? lose_connection(d)
               : failed(d, QDN_DRAIN_AWAY, rv,
                        "a line that SQL cannot have could not be put into "
                        "the directory parked");
}

/* Half as many where it took long, twice as many where it was quick. */
static void adapt_batch(qdn_drain_t *d, apr_interval_time_t took)
{
    if (took > QDN_DRAIN_LONG) {
        d->batch = d->batch > 1 ? d->batch / 2 : 1;
    }
    else if (took < QDN_DRAIN_LONG / 4 && d->batch < QDN_DRAIN_BATCH) {
        d->batch *= 2;
    }
}

static apr_status_t move_rows(qdn_drain_t *d, int *pmore)
{
    apr_time_t began = qdn_clock_mono();
    apr_array_header_t *rows;
    apr_status_t rv = qdn_backlog_take(d->backlog, d->batch, &rows, d->scratch);

    if (rows->nelts == 0 && rv != APR_SUCCESS) {
        return failed(d, QDN_DRAIN_AWAY, rv, "the journal cannot be read");
    }
    if (rows->nelts == 0) {
        tell_state(d, QDN_DRAIN_IDLE);
        return be_idle(d);
    }
    tell_oldest(d, rows);
    rv = deliver(d, rows);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    *pmore = rows->nelts == d->batch;
    if (*pmore) {
        adapt_batch(d, qdn_clock_mono() - began);
    }
    return clean_up(d, 0);
}

apr_status_t qdn_drain_step(qdn_drain_t *d, int *pmore)
{
    apr_status_t rv;

    *pmore = 0;
    if (qdn_clock_mono() < d->due) {
        return APR_EAGAIN;
    }
    apr_pool_clear(d->scratch);
    rv = take_lock(d);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = qdn_backlog_scan(d->backlog, NULL);
    if (rv != APR_SUCCESS) {
        return failed(d, QDN_DRAIN_AWAY, rv, "the journal cannot be listed");
    }
    tell_pending(d);
    rv = connect_store(d);
    if (rv == APR_SUCCESS) {
        rv = move_rows(d, pmore);
    }
    else {
        tell_first(d);
    }
    tell_pending(d);
    return rv;
}
