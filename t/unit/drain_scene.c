/* SPDX-License-Identifier: Apache-2.0 */
#include "drain_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <apr_strings.h>
#include "segment.h"

void qdn_scene_begin(qdn_scene_t *s, int k, apr_pool_t *p)
{
    memset(s, 0, sizeof(*s));
    s->pool = p;
    s->dir = qdn_dbds_dir(p);
    s->journal = apr_pstrcat(p, s->dir, "/journal", NULL);
    assert_int_equal(mkdir(s->journal, 0700), 0);
    s->dbd = qdn_dbds_fresh(k, s->dir, p);
}

void qdn_scene_end(qdn_scene_t *s)
{
    qdn_dbds_sweep(s->dir);
}

qdn_drain_t *qdn_scene_drain(qdn_scene_t *s, const char *host)
{
    qdn_drain_config_t config = { .state_dir = s->dir,
                                  .host = host,
                                  .driver = s->dbd.driver,
                                  .params = s->dbd.params,
                                  .retention = s->retention,
                                  .counters = &s->counters };
    const char *error = NULL;
    qdn_drain_t *drain;

    if (qdn_drain_open(&drain, &config, &error, s->pool)) {
        fail_msg("%s", error);
    }
    return drain;
}

/* Until nothing is left; fails the test if a step fails. */
void qdn_scene_drain_all(qdn_scene_t *s, qdn_drain_t *drain)
{
    qdn_drain_report_t report;

    for (int i = 0; i < 10000; i++) {
        int more = 0;
        apr_status_t rv = qdn_drain_step(drain, &more);

        qdn_drain_report(drain, &report);
        if (rv != APR_SUCCESS) {
            fail_msg("step: %d %s", rv, report.error);
        }
        if (!more && report.state == QDN_DRAIN_IDLE) {
            return;
        }
    }
    fail_msg("never idle in %s", s->dir);
}

void qdn_scene_drain_now(qdn_scene_t *s)
{
    qdn_drain_t *drain = qdn_scene_drain(s, "unit");

    qdn_scene_drain_all(s, drain);
    qdn_drain_close(drain);
}

qdn_journal_t *qdn_scene_journal(qdn_scene_t *s)
{
    qdn_journal_config_t config = { .dir = s->journal,
                                    .host = "unit",
                                    .sync = 1,
                                    .wait = apr_time_from_sec(5),
                                    .max = 1 << 30 };
    qdn_journal_t *journal;

    assert_int_equal(qdn_journal_open(&journal, &config), APR_SUCCESS);
    return journal;
}

/* Calls from first to end, ten events each. */
void qdn_scene_append(qdn_journal_t *journal, int first, int stop)
{
    apr_pool_t *p;

    apr_pool_create(&p, NULL);
    for (int call = first; call < stop; call++) {
        qdn_event_t events[10];

        for (int n = 0; n < 10; n++) {
            events[n] = qdn_dbds_event(call, n, p);
        }
        assert_int_equal(qdn_journal_append(journal, events, 10, p),
                         APR_SUCCESS);
        apr_pool_clear(p);
    }
    apr_pool_destroy(p);
}

void qdn_scene_calls(qdn_scene_t *s, int first, int stop)
{
    qdn_journal_t *journal = qdn_scene_journal(s);

    qdn_scene_append(journal, first, stop);
    assert_int_equal(qdn_journal_close(journal), APR_SUCCESS);
}

/* A segment of a dead writer with these lines. */
const char *qdn_scene_segment(qdn_scene_t *s, const char *const *lines, int n)
{
    static unsigned seq;
    char writer[QDN_SEGMENT_WRITER], name[QDN_SEGMENT_NAME];
    int fd, dirfd = open(s->journal, O_RDONLY | O_DIRECTORY);

    qdn_segment_writer(writer, "unit");
    assert_int_equal(qdn_segment_create(&fd, name, dirfd, writer, seq++, 0),
                     APR_SUCCESS);
    for (int i = 0; i < n; i++) {
        assert_int_equal(write(fd, lines[i], strlen(lines[i])),
                         strlen(lines[i]));
    }
    close(fd);
    close(dirfd);
    return apr_pstrdup(s->pool, name);
}

apr_int64_t qdn_scene_count(qdn_scene_t *s, const char *from)
{
    return qdn_dbds_number(
        &s->dbd, apr_pstrcat(s->pool, "SELECT COUNT(*) FROM ", from, NULL),
        s->pool);
}

apr_int64_t qdn_scene_segments(qdn_scene_t *s)
{
    apr_array_header_t *segments;

    assert_int_equal(qdn_segment_list(&segments, s->journal, s->pool),
                     APR_SUCCESS);
    return segments->nelts;
}

void qdn_scene_every_database(void **state)
{
    void (*test)(qdn_scene_t *) = *(void (**)(qdn_scene_t *)) * state;

    for (int k = 0; k < qdn_dbds_count(); k++) {
        apr_pool_t *p;
        qdn_scene_t s;

        apr_pool_create(&p, NULL);
        qdn_scene_begin(&s, k, p);
        test(&s);
        qdn_scene_end(&s);
        apr_pool_destroy(p);
    }
}
