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
#include "detail.h"

#define LONG_REPLY (1024 * 1024)

static apr_pool_t *pool;
static char dir[] = "/tmp/qdn-control-XXXXXX";
static const char *path;

/* What was put off: threads of the test answer it. */
typedef struct server_t server_t;
static qdn_control_ticket_t kept; /* of the last "keep" */
static int keeping;               /* how often one was kept; atomic */

static const char *put_off(server_t *s, const char *request,
                           const qdn_control_ticket_t *ticket);

static const char *answer(void *baton, const char *ask, const char *request,
                          const qdn_control_ticket_t *ticket, apr_pool_t *p)
{
    if (!strcmp(ask, "long")) {
        char *text = apr_palloc(p, LONG_REPLY + 1);

        memset(text, 'x', LONG_REPLY);
        text[LONG_REPLY] = '\0';
        return text;
    }
    if (!strcmp(ask, "keep")) {
        kept = *ticket;
        __atomic_add_fetch(&keeping, 1, __ATOMIC_RELEASE);
        return qdn_control_later;
    }
    if (!strcmp(ask, "late")) {
        return put_off(baton, request, ticket);
    }
    return strcmp(ask, "ping") ? NULL : "{\"pong\":1}";
}

/* A daemon's main loop in a thread: until the other end of the pipe closes. */
struct server_t {
    qdn_control_t *control;
    int pipe[2];
    pthread_t thread;
    apr_pool_t *pool;
};

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
        qdn_control_listen(&s->control, path, answer, s, &error, s->pool),
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

static void expect_lines(int fd, const char *expected)
{
    char all[1024] = "";
    size_t len = 0;

    while (len < strlen(expected)) {
        ssize_t n = read(fd, all + len, sizeof(all) - 1 - len);

        assert_true(n > 0);
        len += (size_t)n;
    }
    assert_string_equal(all, expected);
}

/* Two lines in one piece, then one line in two pieces. */
static void requests_need_not_come_one_by_one(void **state)
{
    int fd = dial();

    (void)state;
    say(fd, "{\"ask\":\"ping\"}\n{\"ask\":\"x\"}\n{\"ask\"");
    usleep(100000);
    say(fd, ":\"ping\"}\n");
    expect_lines(fd, "{\"pong\":1}\n{\"error\":\"unknown request\"}\n"
                     "{\"pong\":1}\n");
    close(fd);
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

/************** answers that are put off **************/

typedef struct errand_t {
    server_t *server;
    qdn_control_ticket_t ticket;
    int after; /* milliseconds */
    char text[64];
} errand_t;

static void *run_errand(void *data)
{
    errand_t *e = data;

    usleep((useconds_t)e->after * 1000);
    qdn_control_answer(e->server->control, &e->ticket, e->text);
    free(e);
    return NULL;
}

/* {"ask":"late","after":MILLISECONDS,"say":WORD} */
static const char *put_off(server_t *s, const char *request,
                           const qdn_control_ticket_t *ticket)
{
    errand_t *e = calloc(1, sizeof(*e));
    pthread_t thread;
    apr_pool_t *p;

    apr_pool_create_unmanaged_ex(&p, NULL, NULL);
    e->server = s;
    e->ticket = *ticket;
    e->after = (int)qdn_detail_number(request, "after", 0, p);
    apr_snprintf(e->text, sizeof(e->text), "{\"said\":\"%s\"}",
                 qdn_detail_text(request, "say", p));
    apr_pool_destroy(p);
    assert_int_equal(pthread_create(&thread, NULL, run_errand, e), 0);
    pthread_detach(thread);
    return qdn_control_later;
}

static void what_is_put_off_is_answered_in_the_order_asked(void **state)
{
    int fd = dial(), other = dial();

    (void)state;
    say(fd, "{\"ask\":\"late\",\"after\":100,\"say\":\"a\"}\n"
            "{\"ask\":\"ping\"}\n"
            "{\"ask\":\"late\",\"say\":\"b\"}\n{\"ask\":\"ping\"}\n");
    say(other, "{\"ask\":\"ping\"}\n");
    expect_lines(other, "{\"pong\":1}\n"); /* meanwhile */
    expect_lines(fd, "{\"said\":\"a\"}\n{\"pong\":1}\n"
                     "{\"said\":\"b\"}\n{\"pong\":1}\n");
    close(fd);
    close(other);
}

static int keep_one(void)
{
    int before = __atomic_load_n(&keeping, __ATOMIC_ACQUIRE);
    int fd = dial();

    say(fd, "{\"ask\":\"keep\"}\n");
    while (__atomic_load_n(&keeping, __ATOMIC_ACQUIRE) == before) {
        usleep(1000);
    }
    return fd;
}

static void nobody_waits_for_ever(void **state)
{
    server_t *s = *state;
    apr_interval_time_t began = qdn_clock_mono();
    int fd = keep_one();
    qdn_control_ticket_t old = kept;

    expect_lines(fd, "{\"error\":\"the database does not answer\","
                     "\"status\":503}\n");
    assert_in_range(qdn_clock_mono() - began, QDN_CONTROL_LATER,
                    QDN_CONTROL_WAIT);
    /* Too late, and not in place of the next answer. */
    qdn_control_answer(s->control, &old, "{\"late\":1}");
    say(fd, "{\"ask\":\"late\",\"after\":100,\"say\":\"next\"}\n");
    usleep(20000);
    qdn_control_answer(s->control, &old, "{\"late\":2}");
    expect_lines(fd, "{\"said\":\"next\"}\n");
    close(fd);
}

static void a_second_answer_goes_nowhere(void **state)
{
    server_t *s = *state;
    int fd = keep_one();
    qdn_control_ticket_t old = kept;

    qdn_control_answer(s->control, &old, "{\"first\":1}");
    qdn_control_answer(s->control, &old, "{\"second\":1}");
    expect_lines(fd, "{\"first\":1}\n");
    qdn_control_answer(s->control, &old, "{\"third\":1}");
    say(fd, "{\"ask\":\"ping\"}\n");
    expect_lines(fd, "{\"pong\":1}\n");
    close(fd);
}

/* The place is taken again at once: the first free one is used. */
static void who_has_gone_gets_nothing_nor_who_came_after(void **state)
{
    server_t *s = *state;
    qdn_control_ticket_t old;
    int fd = keep_one();

    old = kept;
    close(fd);
    usleep(100000);
    fd = keep_one();
    assert_int_equal(kept.place, old.place);
    qdn_control_answer(s->control, &old, "{\"for\":\"the first\"}");
    usleep(20000);
    qdn_control_answer(s->control, &kept, "{\"for\":\"the second\"}");
    expect_lines(fd, "{\"for\":\"the second\"}\n");
    close(fd);
}

/* He cannot ask any more, but still hear. */
static void who_has_said_all_still_hears(void **state)
{
    int fd = dial();

    (void)state;
    say(fd, "{\"ask\":\"late\",\"after\":200,\"say\":\"x\"}\n");
    shutdown(fd, SHUT_WR);
    expect_lines(fd, "{\"said\":\"x\"}\n");
    close(fd);
}

#define CROWD 12

typedef struct asker_t {
    pthread_t thread;
    int number;
    int wrong;
} asker_t;

/* Each asks its own, hangs up now and then, and must hear its own. */
static void *ask_much(void *data)
{
    asker_t *a = data;

    for (int i = 0; i < 60; i++) {
        char line[128], expected[64], got[64];
        int n, fd = dial();

        apr_snprintf(expected, sizeof(expected), "{\"said\":\"%d-%d\"}\n",
                     a->number, i);
        n = apr_snprintf(line, sizeof(line),
                         "{\"ask\":\"late\",\"after\":%d,"
                         "\"say\":\"%d-%d\"}\n",
                         (a->number + i) % 4, a->number, i);
        a->wrong += write(fd, line, (size_t)n) != n;
        if (i % 3) {
            n = (int)read(fd, got, sizeof(got));
            a->wrong += n != (int)strlen(expected) ||
                        memcmp(got, expected, (size_t)n) != 0;
        }
        close(fd);
    }
    return NULL;
}

static void a_crowd_hears_each_its_own(void **state)
{
    asker_t askers[CROWD];
    int i;

    (void)state;
    for (i = 0; i < CROWD; i++) {
        askers[i] = (asker_t){ .number = i };
        assert_int_equal(
            pthread_create(&askers[i].thread, NULL, ask_much, &askers[i]), 0);
    }
    for (i = 0; i < CROWD; i++) {
        pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].wrong, 0);
    }
    usleep(100000); /* until the last errand is run */
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

#define SERVED(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(request_lines_have_reply_lines),
        SERVED(a_reply_may_be_larger_than_any_buffer),
        SERVED(only_the_owner_may_ask),
        SERVED(requests_need_not_come_one_by_one),
        SERVED(too_long_a_request_is_hung_up_on),
        SERVED(silent_clients_do_not_lock_others_out),
        SERVED(what_is_put_off_is_answered_in_the_order_asked),
        SERVED(nobody_waits_for_ever),
        SERVED(a_second_answer_goes_nowhere),
        SERVED(who_has_gone_gets_nothing_nor_who_came_after),
        SERVED(who_has_said_all_still_hears),
        SERVED(a_crowd_hears_each_its_own),
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
