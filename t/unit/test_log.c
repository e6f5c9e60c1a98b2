/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "log.h"

typedef struct heard_t {
    int count;
    qdn_log_level_e level;
    apr_status_t status;
    char message[4096];
} heard_t;

static void listen_in(void *baton, qdn_log_level_e level, apr_status_t status,
                      const char *message)
{
    heard_t *heard = baton;

    heard->count++;
    heard->level = level;
    heard->status = status;
    strncpy(heard->message, message, sizeof(heard->message) - 1);
}

static void test_levels(void **state)
{
    heard_t heard = { 0 };

    (void)state;
    qdn_log(QDN_LOG_ERR, APR_SUCCESS, "nobody listens %d", 1);
    qdn_log_set_sink(listen_in, &heard, QDN_LOG_NOTICE);
    qdn_log(QDN_LOG_NOTICE, APR_ENOENT, QDNLOGNO(0001) "%s %d", "a", 1);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.level, QDN_LOG_NOTICE);
    assert_int_equal(heard.status, APR_ENOENT);
    assert_string_equal(heard.message, "QDN0001: a 1");
    qdn_log(QDN_LOG_INFO, APR_SUCCESS, "too quiet");
    assert_int_equal(heard.count, 1);
    qdn_log(QDN_LOG_ERR, APR_SUCCESS, "loud");
    assert_int_equal(heard.count, 2);
    qdn_log_set_sink(NULL, NULL, QDN_LOG_TRACE);
    qdn_log(QDN_LOG_ERR, APR_SUCCESS, "dropped");
    assert_int_equal(heard.count, 2);
}

/* The values are those of httpd's APLOG_*. */
static void test_values(void **state)
{
    (void)state;
    assert_int_equal(QDN_LOG_ERR, 3);
    assert_int_equal(QDN_LOG_WARNING, 4);
    assert_int_equal(QDN_LOG_NOTICE, 5);
    assert_int_equal(QDN_LOG_INFO, 6);
    assert_int_equal(QDN_LOG_DEBUG, 7);
    assert_int_equal(QDN_LOG_TRACE, 8);
}

static void test_long_message(void **state)
{
    static char text[8192];
    heard_t heard = { 0 };

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    qdn_log_set_sink(listen_in, &heard, QDN_LOG_ERR);
    qdn_log(QDN_LOG_ERR, APR_SUCCESS, "begin %s", text);
    assert_memory_equal(heard.message, "begin xxx", 9);
    assert_in_range(strlen(heard.message), 1000, sizeof(heard.message) - 1);
    qdn_log_set_sink(NULL, NULL, QDN_LOG_ERR);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_long_message),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
