/* SPDX-License-Identifier: Apache-2.0 */
/* Files with one living writer, whole lines, torn ends and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "dbds.h"
#include "segment.h"
#include "status.h"

typedef struct scene_t {
    apr_pool_t *pool;
    const char *dir;
    int dirfd;
    char writer[QDN_SEGMENT_WRITER];
    char name[QDN_SEGMENT_NAME];
    int fd;
} scene_t;

static int setup(void **state)
{
    apr_pool_t *p;
    scene_t *s;

    apr_pool_create(&p, NULL);
    s = apr_pcalloc(p, sizeof(*s));
    s->pool = p;
    s->dir = qdn_dbds_dir(p);
    s->dirfd = open(s->dir, O_RDONLY | O_DIRECTORY);
    qdn_segment_writer(s->writer, "host.example");
    *state = s;
    return qdn_segment_create(&s->fd, s->name, s->dirfd, s->writer, 1, 1);
}

static int teardown(void **state)
{
    scene_t *s = *state;

    close(s->fd);
    close(s->dirfd);
    qdn_dbds_sweep(s->dir);
    apr_pool_destroy(s->pool);
    return 0;
}

static const char *path_of(const scene_t *s)
{
    return apr_pstrcat(s->pool, s->dir, "/", s->name, NULL);
}

static void put(scene_t *s, const char *text, size_t len)
{
    assert_int_equal(write(s->fd, text, len), len);
}

static void put_event(scene_t *s, int n)
{
    qdn_event_t e = qdn_dbds_event(n, n, s->pool);
    apr_size_t len;
    const char *line = qdn_event_encode(&e, &len, s->pool);

    put(s, line, len);
}

static void names_say_whose_they_are(void **state)
{
    scene_t *s = *state;
    char other[QDN_SEGMENT_WRITER], odd[QDN_SEGMENT_WRITER];

    assert_true(qdn_segment_name_ok(s->name));
    assert_int_equal(strncmp(s->name, "host.example-", 13), 0);
    assert_non_null(strstr(s->name, ".00000001.jsonl"));
    qdn_segment_writer(other, "host.example");
    assert_string_not_equal(other, s->writer);
    qdn_segment_writer(odd, "../../etc/pass wd");
    assert_null(strchr(odd, '/'));
    assert_null(strchr(odd, ' '));
    assert_true(odd[0] != '.');
    memset(odd, 0, sizeof(odd));
    qdn_segment_writer(odd, apr_psprintf(s->pool, "%0300d", 1));
    assert_true(strlen(odd) < QDN_SEGMENT_WRITER - 20);
    assert_false(qdn_segment_name_ok(".hidden.jsonl"));
    assert_false(qdn_segment_name_ok("a/b.jsonl"));
    assert_false(qdn_segment_name_ok("a.json"));
    assert_false(qdn_segment_name_ok(".jsonl"));
}

static void a_segment_is_private_and_locked(void **state)
{
    scene_t *s = *state;
    int fd = open(path_of(s), O_RDONLY);
    struct stat st;
    int again;
    char name[QDN_SEGMENT_NAME];

    assert_int_equal(fstat(s->fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_not_equal(fcntl(s->fd, F_GETFD) & FD_CLOEXEC, 0);
    assert_int_equal(fcntl(s->fd, F_GETFL) & O_APPEND,
                     0); /* into the reserve */
    assert_false(qdn_segment_abandoned(fd));
    close(s->fd);
    s->fd = -1;
    assert_true(qdn_segment_abandoned(fd));
    close(fd);
    /* Nothing but the file itself is left of making it. */
    assert_int_equal(
        qdn_segment_create(&again, name, s->dirfd, s->writer, 2, 1),
        APR_SUCCESS);
    s->fd = again;
    qdn_segment_sweep(s->dir, apr_time_now() + apr_time_from_sec(1000));
    assert_int_equal(access(path_of(s), F_OK), 0);
}

static void what_was_never_named_is_swept(void **state)
{
    scene_t *s = *state;
    const char *stray = apr_pstrcat(s->pool, path_of(s), ".new", NULL);
    apr_array_header_t *list;

    close(open(stray, O_WRONLY | O_CREAT, 0600));
    assert_int_equal(qdn_segment_list(&list, s->dir, s->pool), APR_SUCCESS);
    assert_int_equal(list->nelts, 1);
    qdn_segment_sweep(s->dir, apr_time_now());
    assert_int_equal(access(stray, F_OK), 0);
    qdn_segment_sweep(s->dir, apr_time_now() + apr_time_from_sec(120));
    assert_int_not_equal(access(stray, F_OK), 0);
}

static void lists_are_in_order(void **state)
{
    scene_t *s = *state;
    apr_array_header_t *list;
    apr_int64_t bytes;

    for (unsigned i = 12; i > 1; i--) {
        char name[QDN_SEGMENT_NAME];
        int fd;

        assert_int_equal(
            qdn_segment_create(&fd, name, s->dirfd, s->writer, i, 0),
            APR_SUCCESS);
        assert_int_equal(write(fd, "12345", 5), 5);
        close(fd);
    }
    close(openat(s->dirfd, "other", O_WRONLY | O_CREAT, 0600));
    assert_int_equal(symlinkat("other", s->dirfd, "link.jsonl"), 0);
    assert_int_equal(qdn_segment_list(&list, s->dir, s->pool), APR_SUCCESS);
    assert_int_equal(list->nelts, 12);
    for (int i = 0; i < 12; i++) {
        assert_non_null(strstr(APR_ARRAY_IDX(list, i, qdn_segment_t).name,
                               apr_psprintf(s->pool, ".%08d.", i + 1)));
    }
    assert_int_equal(qdn_segment_bytes(s->dir, &bytes), APR_SUCCESS);
    assert_int_equal(bytes, 55);
    assert_int_not_equal(
        qdn_segment_list(&list, apr_pstrcat(s->pool, s->dir, "/no", NULL),
                         s->pool),
        APR_SUCCESS);
}

typedef struct seen_t {
    int lines;
    int stop_after;
    apr_int64_t end;
    char last;
    apr_size_t longest;
} seen_t;

static apr_status_t see(void *baton, const char *line, apr_size_t len,
                        apr_int64_t end)
{
    seen_t *seen = baton;

    if (seen->lines == seen->stop_after) {
        return APR_EINTR;
    }
    seen->lines++;
    seen->end = end;
    seen->last = line[len - 1];
    seen->longest = len > seen->longest ? len : seen->longest;
    return APR_SUCCESS;
}

static void only_whole_lines_are_read(void **state)
{
    scene_t *s = *state;
    seen_t seen = { .stop_after = -1 };
    char *wide = apr_palloc(s->pool, 300000);
    apr_int64_t end;
    int fd;

    memset(wide, 'x', 300000);
    wide[299999] = '\n';
    put(s, "one\ntwo\n", 8);
    put(s, wide, 300000);
    put(s, "torn", 4);
    fd = open(path_of(s), O_RDONLY);
    assert_int_equal(qdn_segment_read(fd, 0, 0, see, &seen, &end, s->pool),
                     APR_SUCCESS);
    assert_int_equal(seen.lines, 3);
    assert_int_equal(seen.longest, 300000);
    assert_int_equal(seen.end, 300008);
    assert_int_equal(end, 300008);
    assert_int_equal(seen.last, '\n');
    /* From the middle, and only as far as the callback wants. */
    seen = (seen_t){ .stop_after = 1 };
    assert_int_equal(qdn_segment_read(fd, 4, 0, see, &seen, &end, s->pool),
                     APR_EINTR);
    assert_int_equal(seen.lines, 1);
    assert_int_equal(end, 8);
    seen = (seen_t){ .stop_after = -1 };
    assert_int_equal(qdn_segment_read(fd, 400000, 0, see, &seen, &end, s->pool),
                     APR_SUCCESS);
    assert_int_equal(seen.lines, 0);
    close(fd);
}

/* What is read of a segment, and where reading ended. */
static const struct {
    const char *text;
    size_t len;
    int abandoned;
    int lines;
    apr_int64_t end;
    apr_int64_t torn;
} reserves[] = {
#define SEGMENT(text) text, sizeof(text) - 1
    { SEGMENT("one\n\0\0\0"), 0, 1, 4, 0 },
    { SEGMENT("one\n\0\0\0"), 1, 1, 7, 0 },
    { SEGMENT("one\ntw\0\0"), 0, 1, 4, 2 },
    { SEGMENT("one\ntw\0\0"), 1, 1, 4, 2 },
    { SEGMENT("\0\0\0\0"), 0, 0, 0, 0 },
    { SEGMENT("\0\0\0\0"), 1, 0, 4, 0 },
    /* While it is written, and what a power cut may leave. */
    { SEGMENT("one\n\0\0o\nthree\n\0"), 0, 1, 4, 0 },
    { SEGMENT("one\n\0\0o\nthree\n\0"), 1, 3, 15, 0 },
    { SEGMENT("one\nt\0o\nthree\n\0"), 0, 1, 4, 1 },
    { SEGMENT("one\nt\0o\nthree\n\0"), 1, 4, 15, 0 },
#undef SEGMENT
};

static void a_reserve_is_no_text(void **state)
{
    scene_t *s = *state;
    int fd = open(path_of(s), O_RDONLY);

    for (size_t i = 0; i < sizeof(reserves) / sizeof(reserves[0]); i++) {
        seen_t seen = { .stop_after = -1 };
        apr_int64_t end;

        assert_int_equal(ftruncate(s->fd, 0), 0);
        assert_int_equal(pwrite(s->fd, reserves[i].text, reserves[i].len, 0),
                         reserves[i].len);
        assert_int_equal(qdn_segment_read(fd, 0, reserves[i].abandoned, see,
                                          &seen, &end, s->pool),
                         APR_SUCCESS);
        assert_int_equal(seen.lines, reserves[i].lines);
        assert_int_equal(end, reserves[i].end);
        assert_int_equal(qdn_segment_torn(fd, end), reserves[i].torn);
        assert_int_equal(qdn_segment_reserved(fd, end),
                         !reserves[i].torn && end < (int)reserves[i].len);
    }
    close(fd);
}

/* One that is larger than what is read at a time. */
static void a_large_reserve_takes_no_memory(void **state)
{
    scene_t *s = *state;
    seen_t seen = { .stop_after = -1 };
    apr_int64_t end;
    int fd = open(path_of(s), O_RDONLY);

    assert_int_equal(ftruncate(s->fd, 64 * 1024 * 1024), 0);
    assert_int_equal(pwrite(s->fd, "end\n", 4, 64 * 1024 * 1024), 4);
    assert_int_equal(qdn_segment_read(fd, 0, 1, see, &seen, &end, s->pool),
                     APR_SUCCESS);
    assert_int_equal(seen.lines, 1);
    assert_int_equal(seen.longest, 4);
    assert_int_equal(end, 64 * 1024 * 1024 + 4);
    close(fd);
}

static void verify_tells_torn_from_damaged(void **state)
{
    scene_t *s = *state;
    qdn_segment_health_t h;
    apr_int64_t before;

    put_event(s, 0);
    put_event(s, 1);
    assert_int_equal(qdn_segment_verify(&h, path_of(s), 10, s->pool),
                     APR_SUCCESS);
    assert_int_equal(h.lines, 2);
    assert_int_equal(h.waiting, 1);
    assert_true(h.oldest > 0);
    assert_true(h.writer_alive);
    assert_int_equal(h.first_bad, -1);
    put(s, "{\"id\":\"cut", 10);
    assert_int_equal(qdn_segment_verify(&h, path_of(s), 0, s->pool),
                     APR_SUCCESS);
    assert_int_equal(h.torn, 10);
    assert_int_equal(h.bad, 0);
    before = h.size;
    assert_int_equal(ftruncate(s->fd, before + 4096), 0);
    assert_int_equal(qdn_segment_verify(&h, path_of(s), 0, s->pool),
                     APR_SUCCESS);
    assert_int_equal(h.size, before); /* what is reserved waits for nobody */
    assert_int_equal(ftruncate(s->fd, before), 0);
    put(s, "\n", 1);
    put_event(s, 2);
    close(s->fd);
    s->fd = -1;
    assert_int_equal(qdn_segment_verify(&h, path_of(s), 0, s->pool),
                     APR_SUCCESS);
    assert_int_equal(h.lines, 3);
    assert_int_equal(h.bad, 1);
    assert_true(h.first_bad > 0);
    assert_int_equal(h.torn, 0);
    assert_false(h.writer_alive);
    assert_int_not_equal(qdn_segment_verify(&h, "/nowhere", 0, s->pool),
                         APR_SUCCESS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_say_whose_they_are),
        TEST(a_segment_is_private_and_locked),
        TEST(what_was_never_named_is_swept),
        TEST(lists_are_in_order),
        TEST(only_whole_lines_are_read),
        TEST(a_reserve_is_no_text),
        TEST(a_large_reserve_takes_no_memory),
        TEST(verify_tells_torn_from_damaged),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
