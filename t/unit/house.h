/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HOUSE_H
#define QDN_HOUSE_H

/* Configuration that the tests of the plan share, and how it is read. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "conf_reader.h"

/* A sound house in seven lines, to which cases add what breaks it. */
#define SERVER                                                                 \
    "QDNSecrets dotenv:/etc/qdn/repos.env\n"                                   \
    "QDNPublicURL https://calls.example.com/qdn/twilio\n"
#define SERGIO(x)                                                              \
    "<QDNOperator sergio>\n"                                                   \
    "QDNPhone primary +16195550101\n"                                          \
    "QDNPhone backup +18585550102\n" x "</QDNOperator>\n"
#define HOUSE       SERVER SERGIO("")
#define HOPS        "QDNHop sergio/primary\nQDNHop sergio/backup\n"
#define LINE(x)     "<QDNLine +16195550100>\n" x "</QDNLine>\n"
#define OTHER(n, x) "<QDNLine +1619555010" n ">\n" x "</QDNLine>\n"
#define TEST(f)     cmocka_unit_test_setup_teardown(f, setup, teardown)

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL);
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

static qdn_plan_t *plan_of(const char *conf)
{
    qdn_plan_t *plan;
    const char *error = qdn_test_read_conf(&plan, conf, NULL, pool);

    if (error) {
        fail_msg("%s\nrefused: %s", conf, error);
    }
    return plan;
}

#endif
