/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "counter.h"

#define WORKERS 4
#define ROUNDS  50000

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < QDN_COUNTER_MAX; i++) {
        const char *name = qdn_counter_name((qdn_counter_e)i);

        assert_non_null(name);
        assert_true(strspn(name, "abcdefghijklmnopqrstuvwxyz-.") ==
                    strlen(name));
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(name, qdn_counter_name((qdn_counter_e)k));
        }
    }
    assert_string_equal(qdn_counter_name(QDN_COUNT_JOURNAL_LATE),
                        "journal.late");
}

static void test_add(void **state)
{
    qdn_counters_t c = { { 0 } };

    (void)state;
    qdn_counter_add(&c, QDN_COUNT_LOOPS, 2);
    qdn_counter_add(&c, QDN_COUNT_LOOPS, 3);
    assert_int_equal(qdn_counter_get(&c, QDN_COUNT_LOOPS), 5);
    assert_int_equal(qdn_counter_get(&c, QDN_COUNT_ANOMALIES), 0);
    qdn_counter_add(NULL, QDN_COUNT_LOOPS, 1);
    assert_int_equal(qdn_counter_get(NULL, QDN_COUNT_LOOPS), 0);
}

/* Processes, as httpd's children are. */
static void test_shared(void **state)
{
    qdn_counters_t *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_ptr_not_equal(c, MAP_FAILED);
    for (int i = 0; i < WORKERS; i++) {
        if (fork() == 0) {
            for (int n = 0; n < ROUNDS; n++) {
                qdn_counter_add(c, QDN_COUNT_WEBHOOKS, 1);
            }
            _exit(0);
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        int status = -1;

        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(qdn_counter_get(c, QDN_COUNT_WEBHOOKS), WORKERS * ROUNDS);
    munmap(c, sizeof(*c));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_shared),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
