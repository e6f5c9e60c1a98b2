/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"

#define LONG_REPLY (1024 * 1024)

static apr_pool_t *pool;
static char dir[] = "/tmp/qdn-control-XXXXXX";
static const char *path;

static const char *answer(void *baton, const char *ask, const char *request,
                          apr_pool_t *p)
{
    (void)request;
    (void)baton;
    if (!strcmp(ask, "long")) {
        char *text = apr_palloc(p, LONG_REPLY + 1);

        memset(text, 'x', LONG_REPLY);
        text[LONG_REPLY] = '\0';
        return text;
    }
    return strcmp(ask, "ping") ? NULL : "{\"pong\":1}";
}

/* A daemon's main loop in a thread: until the other end of the pipe closes. */
typedef struct server_t {
    qdn_control_t *control;
    int pipe[2];
    pthread_t thread;
    apr_pool_t *pool;
} server_t;

static void *serve(void *data)
{
    server_t *s = data;

    while (qdn_control_serve(s->control, s->pipe[0], apr_time_from_msec(50)) ==
           APR_SUCCESS) {
        continue;
    }
    qdn_control_close(s->control);
    return NULL;
}

static int start(void **state)
{
    server_t *s = calloc(1, sizeof(*s));
    const char *error;

    assert_int_equal(pipe2(s->pipe, O_NONBLOCK), 0);
    apr_pool_create_unmanaged_ex(&s->pool, NULL, NULL);
    assert_int_equal(
        qdn_control_listen(&s->control, path, answer, NULL, &error, s->pool),
        APR_SUCCESS);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    *state = s;
    return 0;
}

/* Ends only if serve sees the end of the pipe. */
static int stop(void **state)
{
    server_t *s = *state;

    close(s->pipe[1]);
    pthread_join(s->thread, NULL);
    close(s->pipe[0]);
    apr_pool_destroy(s->pool);
    free(s);
    assert_int_not_equal(access(path, F_OK), 0);
    return 0;
}

static apr_status_t ask(const char *request, const char **preply)
{
    *preply = NULL;
    return qdn_control_ask(path, request, preply, apr_time_from_sec(2), pool);
}

static void request_lines_have_reply_lines(void **state)
{
    static const struct {
        const char *request;
        const char *reply; /* begins so */
    } cases[] = {
        { "{\"ask\":\"ping\"}", "{\"pong\":1}" },
        { " {\"more\":[1], \"ask\":\"ping\"} ", "{\"pong\":1}" },
        { "{\"ask\":\"nonsense\"}", "{\"error\":\"unknown request\"}" },
        { "{\"ask\":\"p\\u0069ng\"}", "{\"pong\":1}" },
        { "{\"ask\":7}", "{\"error\":\"unknown request\"}" },
        { "{\"ask\":{}}", "{\"error\":\"a request" },
        { "{\"asks\":\"ping\"}", "{\"error\":\"a request" },
        { "[]", "{\"error\":\"a request" },
        { "GET / HTTP/1.1\r", "{\"error\":\"a request" },
        { "", "{\"error\":\"a request" },
    };
    const char *reply;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(ask(cases[i].request, &reply), APR_SUCCESS);
        assert_memory_equal(reply, cases[i].reply, strlen(cases[i].reply));
    }
}

static void a_reply_may_be_larger_than_any_buffer(void **state)
{
    const char *reply;

    (void)state;
    assert_int_equal(ask("{\"ask\":\"long\"}", &reply), APR_SUCCESS);
    assert_int_equal(strlen(reply), LONG_REPLY);
}

static void only_the_owner_may_ask(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0600);
}

static int dial(void)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(to.sun_path, path);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    size_t n = strlen(text);

    assert_int_equal(write(fd, text, n), n);
}

/* Two lines in one piece, then one line in two pieces. */
static void requests_need_not_come_one_by_one(void **state)
{
    static const char expected[] = "{\"pong\":1}\n"
                                   "{\"error\":\"unknown request\"}\n"
                                   "{\"pong\":1}\n";
    char all[256] = "";
    size_t len = 0;
    int fd = dial();

    (void)state;
    say(fd, "{\"ask\":\"ping\"}\n{\"ask\":\"x\"}\n{\"ask\"");
    usleep(100000);
    say(fd, ":\"ping\"}\n");
    while (len < sizeof(expected) - 1) {
        ssize_t n = read(fd, all + len, sizeof(all) - 1 - len);

        assert_true(n > 0);
        len += (size_t)n;
    }
    close(fd);
    assert_string_equal(all, expected);
}

static void too_long_a_request_is_hung_up_on(void **state)
{
    char line[QDN_CONTROL_REQUEST];
    char byte;
    int fd = dial();

    (void)state;
    memset(line, 'x', sizeof(line));
    assert_int_equal(write(fd, line, sizeof(line)), sizeof(line));
    assert_true(read(fd, &byte, 1) <= 0);
    close(fd);
}

/* Who says nothing holds a place for a while, and nobody else up for ever. */
static void silent_clients_do_not_lock_others_out(void **state)
{
    int silent[QDN_CONTROL_CLIENTS];
    const char *reply;
    apr_status_t rv;
    int i;

    (void)state;
    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        silent[i] = dial();
    }
    rv = qdn_control_ask(path, "{\"ask\":\"ping\"}", &reply,
                         2 * QDN_CONTROL_WAIT, pool);
    for (i = 0; i < QDN_CONTROL_CLIENTS; i++) {
        close(silent[i]);
    }
    assert_int_equal(rv, APR_SUCCESS);
}

static void a_dead_daemons_socket_is_replaced(void **state)
{
    const char *reply;
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(to.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(listen(fd, 1), 0);
    close(fd);
    assert_int_equal(ask("{\"ask\":\"ping\"}", &reply), ECONNREFUSED);
    start(state);
    assert_int_equal(ask("{\"ask\":\"ping\"}", &reply), APR_SUCCESS);
    stop(state);
}

static void nobody_listening_is_told_from_nobody_answering(void **state)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    apr_interval_time_t began;
    const char *reply;
    int fd;

    (void)state;
    assert_int_equal(ask("{\"ask\":\"ping\"}", &reply), ENOENT);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(to.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(listen(fd, 1), 0);
    began = qdn_clock_mono();
    assert_int_equal(
        qdn_control_ask(path, "{}", &reply, apr_time_from_msec(200), pool),
        APR_TIMEUP);
    assert_in_range(qdn_clock_mono() - began, apr_time_from_msec(150),
                    apr_time_from_sec(2));
    close(fd);
    unlink(path);
}

static void a_path_that_no_address_holds_is_refused(void **state)
{
    char deep[200];
    qdn_control_t *control;
    const char *error = NULL;
    const char *reply;

    (void)state;
    memset(deep, 'x', sizeof(deep));
    deep[sizeof(deep) - 1] = '\0';
    assert_int_equal(
        qdn_control_listen(&control, deep, answer, NULL, &error, pool),
        APR_ENAMETOOLONG);
    assert_non_null(error);
    assert_int_equal(qdn_control_ask(deep, "{}", &reply, 1000, pool),
                     APR_ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(request_lines_have_reply_lines, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_reply_may_be_larger_than_any_buffer,
                                        start, stop),
        cmocka_unit_test_setup_teardown(only_the_owner_may_ask, start, stop),
        cmocka_unit_test_setup_teardown(requests_need_not_come_one_by_one,
                                        start, stop),
        cmocka_unit_test_setup_teardown(too_long_a_request_is_hung_up_on, start,
                                        stop),
        cmocka_unit_test_setup_teardown(silent_clients_do_not_lock_others_out,
                                        start, stop),
        cmocka_unit_test(a_dead_daemons_socket_is_replaced),
        cmocka_unit_test(nobody_listening_is_told_from_nobody_answering),
        cmocka_unit_test(a_path_that_no_address_holds_is_refused),
    };
    int failed;

    cmocka_set_message_output(CM_OUTPUT_TAP);
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (!mkdtemp(dir)) {
        return 1;
    }
    path = apr_pstrcat(pool, dir, "/" QDN_CONTROL_SOCKET, NULL);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(dir);
    apr_terminate();
    return failed;
}
