/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <apr_strings.h>
#include "clock.h"
#include "log.h"
#include "ring.h"
#include "status.h"
#include "text.h"
#include "thread.h"
#include "waitword.h"
#include "writer.h"

#define RETRY_AFTER apr_time_from_msec(100)
#define TICK        apr_time_from_sec(1)   /* the flusher looks around */
#define IDLE_TICK   apr_time_from_sec(600) /* when there is nothing to see */
#define END_POLL    apr_time_from_msec(5)
#define CLOSE_WAIT  apr_time_from_msec(950)
#define GIVE_UP     apr_time_from_msec(800) /* of retries while closing */
#define LOSS_EVERY  apr_time_from_sec(10)   /* between two messages */
#define ENDING      "this process is ending"
#define GATHER_MAX  apr_time_from_msec(1)
#define UNITS_MAX   512 /* of one write; Linux takes 1024 */

/*
 * Lives in its own mapping together with the ring, not in a pool: if the
 * flusher hangs in a frozen file system at the end of a child, it must not
 * find its memory gone. It allocates nothing, so that it needs no lock of the
 * allocator, which a request under a signal may hold.
 */
struct qdn_journal_t {
    qdn_ring_t ring;
    qdn_counters_t *counters;
    apr_interval_time_t wait;
    apr_int64_t max;

    qdn_waitword_t work;    /* bumped by putters and by close */
    qdn_waitword_t done[2]; /* bumped by the flusher, see begin_turn */
    apr_uint64_t turn;      /* atomic: likewise */
    int closing;            /* atomic */
    int ended;              /* atomic: the flusher's last touch of this */
    int users;              /* atomic: threads in append */
    int over;               /* atomic: the directory holds more than max */
    apr_uint64_t lost;      /* atomic: events refused since the last message */
    apr_time_t loss_told;   /* atomic: monotonic; 0: never */

    /* Only the flusher's. */
    qdn_writer_t writer;
    int failing;              /* the last attempt failed, and that was logged */
    int together;             /* units of the last write */
    apr_interval_time_t took; /* the last write, with its sync */
    apr_time_t ticked;
    apr_time_t closing_since;
    char dir[4096];
};

/* Room for the struct before the ring, which begins on a page. */
#define RING_OFFSET ((sizeof(qdn_journal_t) + 4095) & ~(size_t)4095)
#define MAP_SIZE    (RING_OFFSET + QDN_JOURNAL_RING)

/************** the flusher: writing **************/

static void tell_failure(qdn_journal_t *j, apr_status_t rv)
{
    qdn_counter_add(j->counters, QDN_COUNT_JOURNAL_ERRORS, 1);
    if (!j->failing) {
        j->failing = 1;
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0301) "cannot write to the journal in %s; calls are "
                               "answered, events are kept in memory and "
                               "tried again",
                j->dir);
    }
}

static void tell_recovery(qdn_journal_t *j)
{
    if (j->failing) {
        j->failing = 0;
        qdn_log(QDN_LOG_NOTICE, APR_SUCCESS,
                QDNLOGNO(0302) "the journal in %s is written again", j->dir);
    }
}

/*
 * Writes take turns with two words, so that the end of one does not wake
 * those whose lines are in the next: they would only sleep again. `turn` is
 * the position that the present or last write reaches; positions are even,
 * and its lowest bit says which word is that write's. A write that is tried
 * again keeps its word.
 */
static void begin_turn(qdn_journal_t *j, apr_uint64_t end)
{
    apr_uint64_t word = (j->turn & 1) ^ !j->failing;

    __atomic_store_n(&j->turn, end | word, __ATOMIC_SEQ_CST);
}

/* What was tried again may have grown by lines that wait for the other. */
static void end_turn(qdn_journal_t *j)
{
    qdn_waitword_bump(&j->done[j->turn & 1]);
    if (j->failing) {
        qdn_waitword_bump(&j->done[~j->turn & 1]);
    }
}

/* The word of the write that will hold everything before `end`. */
static qdn_waitword_t *word_for(qdn_journal_t *j, apr_uint64_t turn,
                                apr_uint64_t end)
{
    return &j->done[(turn & 1) ^ (end > turn)];
}

/*
 * Write what is queued, at most UNITS_MAX units. *pmore: there may be more.
 * On failure nothing was taken out of the ring.
 */
static apr_status_t flush(qdn_journal_t *j, int *pmore)
{
    struct iovec iov[UNITS_MAX];
    apr_uint64_t at = j->ring.head, bytes = 0;
    int n = qdn_ring_take(&j->ring, &at, iov, UNITS_MAX);
    apr_time_t began;
    apr_status_t rv;

    j->together = n;
    *pmore = n > 0;
    if (n == 0) {
        return APR_SUCCESS;
    }
    begin_turn(j, at);
    for (int i = 0; i < n; i++) {
        bytes += iov[i].iov_len;
    }
    began = qdn_clock_mono();
    rv = qdn_writer_put(&j->writer, iov, n);
    j->took = qdn_clock_mono() - began;
    if (rv != APR_SUCCESS) {
        tell_failure(j, rv);
        return rv;
    }
    qdn_counter_add(j->counters, QDN_COUNT_JOURNAL_BYTES, bytes);
    qdn_ring_release(&j->ring, at);
    end_turn(j);
    tell_recovery(j);
    return APR_SUCCESS;
}

/************** the flusher: life **************/

/*
 * Threads come in two crowds that wait for each other's syncs, unless those
 * that were just let go are given time to come back: then one sync serves
 * both. A thread that is alone never waits here.
 */
static void gather(const qdn_journal_t *j)
{
    apr_interval_time_t pause = j->took / 4;

    if (j->writer.sync && j->together > 1) {
        apr_sleep(pause < GATHER_MAX ? pause : GATHER_MAX);
    }
}

static void look_around(qdn_journal_t *j)
{
    apr_time_t now = qdn_clock_mono();
    apr_int64_t bytes;

    qdn_writer_rotate(&j->writer, now);
    if (now - j->ticked < TICK) {
        return;
    }
    j->ticked = now;
    if (qdn_segment_bytes(j->dir, &bytes) == APR_SUCCESS) {
        __atomic_store_n(&j->over, bytes > j->max, __ATOMIC_RELAXED);
    }
}

static int is_closing(const qdn_journal_t *j)
{
    return __atomic_load_n(&j->closing, __ATOMIC_SEQ_CST);
}

/* What no disk took until the end is lost with this process. */
static void give_up(qdn_journal_t *j)
{
    struct iovec iov[UNITS_MAX];
    apr_uint64_t at = j->ring.head, lines = 0;
    int n;

    while ((n = qdn_ring_take(&j->ring, &at, iov, UNITS_MAX)) > 0) {
        for (int i = 0; i < n; i++) {
            const char *c = iov[i].iov_base, *end = c + iov[i].iov_len;

            while ((c = memchr(c, '\n', (size_t)(end - c))) != NULL) {
                lines++;
                c++;
            }
        }
    }
    if (lines) {
        qdn_counter_add(j->counters, QDN_COUNT_JOURNAL_LOST, lines);
        qdn_log(QDN_LOG_ERR, APR_SUCCESS,
                QDNLOGNO(0304) "%" APR_UINT64_T_FMT " events are lost with "
                               "this process: the journal in %s could not be "
                               "written before its end",
                lines, j->dir);
    }
}

/* Is it time to end? Not while a write that may still succeed is due. */
static int may_end(qdn_journal_t *j, apr_status_t rv, int more)
{
    apr_time_t now;

    if (!is_closing(j)) {
        return 0;
    }
    now = qdn_clock_mono();
    if (!j->closing_since) {
        j->closing_since = now;
    }
    if (now - j->closing_since >= GIVE_UP) {
        return 1;
    }
    return rv == APR_SUCCESS && !more;
}

static void *flusher(void *baton)
{
    qdn_journal_t *j = baton;
    int more;

    for (;;) {
        apr_uint32_t seen = qdn_waitword_read(&j->work);
        int closing = is_closing(j);
        apr_status_t rv;

        if (!closing) {
            gather(j);
        }
        rv = flush(j, &more);

        /* closing was read first: what was put before it has been seen. */
        if (closing && may_end(j, rv, more)) {
            break;
        }
        if (!closing) {
            look_around(j);
        }
        if (rv != APR_SUCCESS) {
            qdn_waitword_wait(&j->work, qdn_waitword_read(&j->work),
                              closing ? RETRY_AFTER / 2 : RETRY_AFTER);
        }
        else if (!more && !closing) {
            qdn_waitword_wait(&j->work, seen,
                              j->writer.fd >= 0 || j->over ? TICK : IDLE_TICK);
        }
    }
    give_up(j);
    qdn_writer_leave(&j->writer);
    qdn_waitword_bump(&j->done[0]);
    qdn_waitword_bump(&j->done[1]);
    __atomic_store_n(&j->ended, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

/************** the callers' side **************/

apr_status_t qdn_journal_open(qdn_journal_t **pjournal,
                              const qdn_journal_config_t *config)
{
    qdn_journal_t *j = mmap(NULL, MAP_SIZE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    apr_status_t rv;

    if (j == MAP_FAILED) {
        return errno;
    }
    qdn_ring_init(&j->ring, (char *)j + RING_OFFSET, QDN_JOURNAL_RING);
    j->counters = config->counters;
    j->wait = config->wait;
    j->max = config->max;
    j->ticked = qdn_clock_mono() - TICK;
    apr_cpystrn(j->dir, config->dir, sizeof(j->dir));
    qdn_writer_init(&j->writer, j->dir, config->host, config->sync);
    rv = qdn_thread_start(flusher, j);
    if (rv != APR_SUCCESS) {
        munmap(j, MAP_SIZE);
        return rv;
    }
    *pjournal = j;
    return APR_SUCCESS;
}

/* Count a loss; say it at once, then every ten seconds while it lasts. */
static apr_status_t lose(qdn_journal_t *j, int n, const char *why)
{
    apr_time_t now = qdn_clock_mono();
    apr_time_t told = __atomic_load_n(&j->loss_told, __ATOMIC_RELAXED);

    qdn_counter_add(j->counters, QDN_COUNT_JOURNAL_LOST, (apr_uint64_t)n);
    __atomic_add_fetch(&j->lost, (apr_uint64_t)n, __ATOMIC_RELAXED);
    if ((!told || now - told >= LOSS_EVERY) &&
        __atomic_compare_exchange_n(&j->loss_told, &told, now, 0,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        qdn_log(QDN_LOG_ERR, APR_SUCCESS,
                QDNLOGNO(0303) "%" APR_UINT64_T_FMT " events were not kept, "
                               "because %s",
                __atomic_exchange_n(&j->lost, 0, __ATOMIC_RELAXED), why);
    }
    return QDN_EFULL;
}

static const char *encode_all(const qdn_event_t *events, int n,
                              apr_size_t *plen, apr_pool_t *p)
{
    qdn_text_t t;

    if (n == 1) {
        return qdn_event_encode(events, plen, p);
    }
    qdn_text_init(&t, (apr_size_t)n * 512, p);
    for (int i = 0; i < n; i++) {
        apr_size_t len;
        const char *line = qdn_event_encode(&events[i], &len, p);

        qdn_text_addn(&t, line, len);
    }
    *plen = t.len;
    return t.buf;
}

static apr_status_t await(qdn_journal_t *j, apr_uint64_t end, int n)
{
    apr_time_t until = qdn_clock_mono() + j->wait;

    for (;;) {
        apr_uint64_t turn = __atomic_load_n(&j->turn, __ATOMIC_SEQ_CST);
        qdn_waitword_t *word = word_for(j, turn, end);
        apr_uint32_t seen = qdn_waitword_read(word);
        apr_interval_time_t left;

        if (qdn_ring_released(&j->ring) >= end) {
            return APR_SUCCESS;
        }
        if (__atomic_load_n(&j->ended, __ATOMIC_SEQ_CST)) {
            return lose(j, n, ENDING);
        }
        left = until - qdn_clock_mono();
        if (left <= 0) {
            qdn_counter_add(j->counters, QDN_COUNT_JOURNAL_LATE, 1);
            return APR_TIMEUP;
        }
        /* Another turn: another word may be the right one. */
        if (turn == __atomic_load_n(&j->turn, __ATOMIC_SEQ_CST)) {
            qdn_waitword_wait(word, seen, left);
        }
    }
}

static apr_status_t append(qdn_journal_t *j, const qdn_event_t *events, int n,
                           apr_pool_t *p)
{
    apr_uint64_t end;
    apr_size_t len;
    const char *lines;

    qdn_counter_add(j->counters, QDN_COUNT_JOURNAL_EVENTS, (apr_uint64_t)n);
    if (is_closing(j)) {
        return lose(j, n, ENDING);
    }
    if (__atomic_load_n(&j->over, __ATOMIC_RELAXED)) {
        return lose(j, n,
                    "the journal has reached QDNJournalMax; is the "
                    "database away?");
    }
    lines = encode_all(events, n, &len, p);
    if (qdn_ring_put(&j->ring, lines, len, &end) != APR_SUCCESS) {
        return lose(j, n,
                    "the disk took none for so long that memory for "
                    "them is full");
    }
    qdn_waitword_bump(&j->work);
    return await(j, end, n);
}

apr_status_t qdn_journal_append(qdn_journal_t *j, const qdn_event_t *events,
                                int n, apr_pool_t *p)
{
    apr_status_t rv = APR_SUCCESS;

    if (n > 0) {
        __atomic_add_fetch(&j->users, 1, __ATOMIC_SEQ_CST);
        rv = append(j, events, n, p);
        __atomic_sub_fetch(&j->users, 1, __ATOMIC_SEQ_CST);
    }
    return rv;
}

static apr_status_t await_end(qdn_journal_t *j)
{
    apr_time_t until = qdn_clock_mono() + CLOSE_WAIT;

    while (!__atomic_load_n(&j->ended, __ATOMIC_SEQ_CST)) {
        if (qdn_clock_mono() >= until) {
            return APR_TIMEUP;
        }
        qdn_waitword_wait(&j->done[0], qdn_waitword_read(&j->done[0]),
                          END_POLL);
    }
    return APR_SUCCESS;
}

/*
 * Lines that a hung flusher will not write in this process's life. Only
 * looks, and the flusher stands still: what it took meanwhile reads as none.
 */
static apr_uint64_t lines_left(const qdn_journal_t *j)
{
    struct iovec iov[UNITS_MAX];
    apr_uint64_t at = qdn_ring_released(&j->ring);
    apr_uint64_t lines = 0;
    int n;

    while ((n = qdn_ring_take(&j->ring, &at, iov, UNITS_MAX)) > 0) {
        for (int i = 0; i < n; i++) {
            const char *bytes = iov[i].iov_base;

            for (size_t k = 0; k < iov[i].iov_len; k++) {
                lines += bytes[k] == '\n';
            }
        }
    }
    return lines;
}

apr_status_t qdn_journal_close(qdn_journal_t *j)
{
    int saved = errno; /* that of the code under our signal handler */
    apr_status_t rv;

    __atomic_store_n(&j->closing, 1, __ATOMIC_SEQ_CST);
    qdn_waitword_bump(&j->work);
    rv = await_end(j);
    if (rv == APR_TIMEUP) {
        qdn_counter_add(j->counters, QDN_COUNT_JOURNAL_LOST, lines_left(j));
    }
    /* A request under our signal handler still has its place in here. */
    if (rv == APR_SUCCESS && !__atomic_load_n(&j->users, __ATOMIC_SEQ_CST)) {
        munmap(j, MAP_SIZE);
    }
    errno = saved;
    return rv;
}
