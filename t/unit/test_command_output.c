/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "command_output.h"

#define WAIT      apr_time_from_msec(400)
#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static apr_pool_t *pool;
static const char *dir; /* of this run, removed at its end */

static const char *script(const char *name, const char *text)
{
    const char *path = apr_psprintf(pool, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", text);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

static apr_status_t output_of(const char *line, const char **ptext,
                              const char **perror)
{
    char *buf = apr_palloc(pool, 4096);
    apr_size_t len = 4095;
    apr_status_t rv = qdn_command_output(line, WAIT, buf, &len, perror, pool);

    buf[rv == APR_SUCCESS ? len : 0] = '\0';
    *ptext = buf;
    return rv;
}

/* What a command finds around it, whatever is around us. */
static void test_surroundings(void **state)
{
    int leaked = open("/dev/null", O_RDONLY); /* not close-on-exec */
    sigset_t block;
    const char *text, *error;

    (void)state;
    assert_true(leaked > 2);
    setenv("QDN_TEST", "s3cret", 1);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigprocmask(SIG_BLOCK, &block, NULL);

    assert_int_equal(output_of("/usr/bin/env", &text, &error), APR_SUCCESS);
    assert_memory_equal(text, "PATH=/", 6);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    assert_int_equal(output_of("/bin/ls /proc/self/fd", &text, &error),
                     APR_SUCCESS);
    assert_string_equal(text, "0\n1\n2\n3\n"); /* 3: the directory */
    /* 18: glibc lets a child ignore the two signals of its own threads. */
    assert_int_equal(output_of("/bin/grep -cE ^Sig(Blk|Ign):.0*(18)?0+$ "
                               "/proc/self/status",
                               &text, &error),
                     APR_SUCCESS);
    assert_string_equal(text, "2\n");
    assert_int_equal(output_of("/bin/echo $HOME;id  'a  b' *", &text, &error),
                     APR_SUCCESS);
    assert_string_equal(text, "$HOME;id 'a b' *\n");

    sigprocmask(SIG_UNBLOCK, &block, NULL);
    signal(SIGPIPE, SIG_DFL);
    unsetenv("QDN_TEST");
    close(leaked);
}

/* A process that a killed command has started is killed with it. */
static void is_gone(const char *pid_file)
{
    FILE *file = fopen(pid_file, "r");
    int pid = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    for (int i = 0; i < 200; i++) {
        char *stat = apr_psprintf(pool, "/proc/%d/stat", pid);
        char line[512] = "";

        file = fopen(stat, "r");
        if (!file || !fgets(line, sizeof(line), file) || strstr(line, ") Z ")) {
            if (file) {
                fclose(file);
            }
            return;
        }
        fclose(file);
        apr_sleep(10000);
    }
    fail_msg("process %d lives on", pid);
}

static void test_group(void **state)
{
    static const struct {
        const char *name, *text;
        apr_status_t status;
    } rows[] = {
        { "waits", "sleep 60 & echo $! > %s; wait", APR_TIMEUP },
        { "leaves its output open", "sleep 60 & echo $! > %s", APR_TIMEUP },
        { "fails and leaves one", "sleep 60 > /dev/null & echo $! > %s; exit 1",
          APR_EGENERAL },
        { "closes its output",
          "exec > /dev/null; sleep 60 & echo $! > %s; "
          "wait",
          APR_TIMEUP },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *pid_file = apr_psprintf(pool, "%s/pid%d", dir, (int)i);
        char *name = apr_psprintf(pool, "group%d", (int)i);
        char *body = apr_pstrdup(pool, rows[i].text);
        char *hole = strstr(body, "%s");
        const char *line, *text, *error = NULL;

        *hole = '\0';
        line = script(name, apr_pstrcat(pool, body, pid_file, hole + 2, NULL));
        assert_int_equal(output_of(line, &text, &error), rows[i].status);
        assert_non_null(error);
        is_gone(pid_file);
    }
    /* Nothing of ours is left to wait for. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* A full buffer is no failure, but the command does not outlive it. */
static void test_full(void **state)
{
    apr_time_t start = apr_time_now();
    char buf[100];
    apr_size_t len = sizeof(buf);
    const char *error = NULL;

    (void)state;
    assert_int_equal(
        qdn_command_output("/usr/bin/yes", WAIT, buf, &len, &error, pool),
        APR_SUCCESS);
    assert_int_equal(len, sizeof(buf));
    assert_null(error);
    assert_memory_equal(buf, "y\ny\n", 4);
    assert_true(apr_time_now() - start < WAIT);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int setup(void **state)
{
    char name[] = "/tmp/qdn-output.XXXXXX";

    (void)state;
    apr_initialize();
    apr_pool_create(&pool, NULL);
    dir = apr_pstrdup(pool, mkdtemp(name));
    return dir == NULL;
}

static int teardown(void **state)
{
    const char *rm = apr_psprintf(pool, "rm -rf '%s'", dir);
    int rv = system(rm);

    (void)state;
    apr_pool_destroy(pool);
    apr_terminate();
    return rv;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surroundings),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_full),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
