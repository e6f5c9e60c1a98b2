/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DRAIN_SCENE_H
#define QDN_DRAIN_SCENE_H

/*
 * A state directory with a journal and a database, for tests of the drain.
 * Every function fails the test where it cannot do its work.
 */

#include "counter.h"
#include "dbds.h"
#include "drain.h"
#include "journal.h"

typedef struct qdn_scene_t {
    apr_pool_t *pool;
    const char *dir;     /* state directory */
    const char *journal; /* in it */
    qdn_dbd_t dbd;
    qdn_counters_t counters;
    apr_interval_time_t retention; /* of its drains; 0: for ever */
} qdn_scene_t;

/* Everything new; the k-th database of QDN_TEST_DBDS. */
void qdn_scene_begin(qdn_scene_t *s, int k, apr_pool_t *p);
void qdn_scene_end(qdn_scene_t *s);

qdn_drain_t *qdn_scene_drain(qdn_scene_t *s, const char *host);

/* Until nothing is left; no step may fail. now: with a drain of its own. */
void qdn_scene_drain_all(qdn_scene_t *s, qdn_drain_t *drain);
void qdn_scene_drain_now(qdn_scene_t *s);

qdn_journal_t *qdn_scene_journal(qdn_scene_t *s);

/* Calls from first to before stop, ten events each, in one unit each. */
void qdn_scene_append(qdn_journal_t *journal, int first, int stop);

/* The same with a journal of its own. */
void qdn_scene_calls(qdn_scene_t *s, int first, int stop);

/* A segment of a dead writer with these lines; its name. */
const char *qdn_scene_segment(qdn_scene_t *s, const char *const *lines, int n);

/* Rows of a table, with a WHERE if wanted; files left in the journal. */
apr_int64_t qdn_scene_count(qdn_scene_t *s, const char *from);
apr_int64_t qdn_scene_segments(qdn_scene_t *s);

/* A cmocka test that runs its initial state, a test *, on every database. */
typedef void qdn_scene_test(qdn_scene_t *s);
void qdn_scene_every_database(void **state);

#define EVERY(test)                                                            \
    {                                                                          \
#test, qdn_scene_every_database, NULL, NULL, &(qdn_scene_test *[])     \
        {                                                                      \
            test                                                               \
        }                                                                      \
    }

#endif
