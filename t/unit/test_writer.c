/* SPDX-License-Identifier: Apache-2.0 */
/* Room for lines to come: reserved in proportion, and given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "dbds.h"
#include "writer.h"

#define LINE 1000 /* bytes */

typedef struct scene_t {
    apr_pool_t *pool;
    const char *dir;
    qdn_writer_t writer;
} scene_t;

static int setup(void **state)
{
    apr_pool_t *p;
    scene_t *s;

    apr_pool_create(&p, NULL);
    s = apr_pcalloc(p, sizeof(*s));
    s->pool = p;
    s->dir = qdn_dbds_dir(p);
    qdn_writer_init(&s->writer, s->dir, "unit", 1);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    scene_t *s = *state;

    qdn_writer_leave(&s->writer);
    qdn_dbds_sweep(s->dir);
    apr_pool_destroy(s->pool);
    return 0;
}

static apr_status_t put(scene_t *s, int lines)
{
    apr_size_t len = (apr_size_t)lines * LINE;
    char *text = apr_palloc(s->pool, len);

    memset(text, 'x', len);
    for (int i = 1; i <= lines; i++) {
        text[i * LINE - 1] = '\n';
    }
    return qdn_writer_put(&s->writer, &(struct iovec){ text, len }, 1);
}

static apr_int64_t size_of(const scene_t *s)
{
    struct stat st;

    assert_int_equal(
        stat(apr_pstrcat(s->pool, s->dir, "/", s->writer.name, NULL), &st), 0);
    return st.st_size;
}

static apr_status_t count(void *baton, const char *line, apr_size_t len,
                          apr_int64_t end)
{
    (void)end;
    assert_int_equal(len, LINE);
    assert_int_equal(line[0], 'x');
    ++*(int *)baton;
    return APR_SUCCESS;
}

static int lines_in(const scene_t *s)
{
    apr_int64_t end;
    int lines = 0;
    int fd =
        open(apr_pstrcat(s->pool, s->dir, "/", s->writer.name, NULL), O_RDONLY);

    assert_int_equal(qdn_segment_read(fd, 0, 0, count, &lines, &end, s->pool),
                     APR_SUCCESS);
    assert_int_equal(qdn_segment_torn(fd, end), 0);
    close(fd);
    return lines;
}

/* The file's size, which costs the disk most, changes rarely. */
static void room_is_in_proportion(void **state)
{
    scene_t *s = *state;
    apr_int64_t size = 0;
    int changes = 0;

    for (int n = 1; n <= 1000; n++) {
        apr_int64_t now;

        assert_int_equal(put(s, 1), APR_SUCCESS);
        now = size_of(s);
        changes += now != size;
        assert_true(now >= n * LINE);
        assert_true(now <= 2 * n * LINE + 16 * 1024);
        assert_true(now <= n * LINE + QDN_SEGMENT_RESERVE);
        size = now;
    }
    assert_in_range(changes, 5, 12);
    assert_int_equal(lines_in(s), 1000);
}

static void it_is_given_back(void **state)
{
    scene_t *s = *state;

    assert_int_equal(put(s, 3), APR_SUCCESS);
    assert_true(size_of(s) > 3 * LINE);
    qdn_writer_rotate(&s->writer, s->writer.opened);
    assert_true(size_of(s) > 3 * LINE);
    qdn_writer_rotate(&s->writer, s->writer.opened + QDN_SEGMENT_AGE);
    assert_int_equal(size_of(s), 3 * LINE);
    assert_int_equal(lines_in(s), 3);
}

/* More at once than is ever reserved. */
static void large_writes_go_beyond_it(void **state)
{
    scene_t *s = *state;

    assert_int_equal(put(s, 1), APR_SUCCESS);
    assert_int_equal(put(s, 1000), APR_SUCCESS);
    assert_int_equal(put(s, 1), APR_SUCCESS);
    assert_int_equal(lines_in(s), 1002);
}

/* It would save nothing there. */
static void without_sync_nothing_is_reserved(void **state)
{
    scene_t *s = *state;

    s->writer.sync = 0;
    assert_int_equal(put(s, 2), APR_SUCCESS);
    assert_int_equal(size_of(s), 2 * LINE);
}

/* A disk without room for a reserve still takes lines. */
static void lines_need_no_reserve(void **state)
{
    scene_t *s = *state;
    struct rlimit old, small;
    int lines = 0;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){ 5 * LINE + LINE / 2, old.rlim_max };
    setrlimit(RLIMIT_FSIZE, &small);
    while (lines < 10 && put(s, 1) == APR_SUCCESS) {
        lines++;
    }
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(lines, 5);
    assert_int_equal(lines_in(s), 5);
    assert_int_equal(size_of(s), 5 * LINE);
    assert_int_equal(put(s, 1), APR_SUCCESS);
    assert_int_equal(lines_in(s), 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(room_is_in_proportion),     TEST(it_is_given_back),
        TEST(large_writes_go_beyond_it), TEST(without_sync_nothing_is_reserved),
        TEST(lines_need_no_reserve),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
