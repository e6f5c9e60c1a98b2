/* SPDX-License-Identifier: Apache-2.0 */
/* When the log is told how the chain ends; on every database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "audit.h"
#include "dbds.h"
#include "herald.h"
#include "ledger.h"
#include "log.h"
#include "store_scene.h"

#define HOUR apr_time_from_sec(3600)

static char last[256];
static int lines;

static void take_line(void *baton, qdn_log_level_e level, apr_status_t status,
                      const char *message)
{
    (void)baton;
    assert_int_equal(level, QDN_LOG_NOTICE);
    assert_int_equal(status, APR_SUCCESS);
    apr_cpystrn(last, message, sizeof(last));
    lines++;
}

static void change(scene_t *s, int n)
{
    qdn_event_t e = { .at = n,
                      .host = "host-a",
                      .kind = QDN_KIND_CONFIG_LOADED };
    qdn_ledger_batch_t batch = {
        .events = &e, .nevents = 1, .host = "host-a", .now = n
    };

    qdn_event_identify(&e, apr_itoa(s->pool, n));
    must(s, qdn_ledger_write(s->store, &batch, s->pool));
}

/* How many lines that makes, all in all. */
static int told(scene_t *s, qdn_herald_t *h, apr_time_t now)
{
    must(s, qdn_herald_tell(h, s->store, "host-a", now, s->pool));
    return lines;
}

static void heads_are_told_at_first_after_changes_and_daily(scene_t *s)
{
    apr_array_header_t *heads;
    qdn_herald_t h = { 0 };

    lines = 0;
    must(s, qdn_schema_apply(s->store, 1, s->pool));
    assert_int_equal(told(s, &h, 1), 0);
    change(s, 1);
    assert_int_equal(told(s, &h, 2), 0); /* it looks once a minute */
    assert_int_equal(told(s, &h, QDN_HERALD_LOOK + 1), 1);
    must(s, qdn_audit_heads(s->store, "host-a", &heads, s->pool));
    assert_string_equal(
        last,
        apr_psprintf(s->pool, "QDN0320: audit head host=host-a seq=1 hash=%s",
                     APR_ARRAY_IDX(heads, 0, qdn_audit_head_t).hash));
    assert_int_equal(told(s, &h, 2 * HOUR), 1); /* nothing is new */
    change(s, 2);
    assert_int_equal(told(s, &h, 3 * HOUR), 2);
    change(s, 3);
    assert_int_equal(told(s, &h, 3 * HOUR + HOUR / 2), 2);
    assert_int_equal(told(s, &h, 4 * HOUR), 3);
    assert_int_equal(told(s, &h, 27 * HOUR), 3);
    assert_int_equal(told(s, &h, 28 * HOUR), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY(heads_are_told_at_first_after_changes_and_daily),
    };

    apr_initialize();
    qdn_log_set_sink(take_line, NULL, QDN_LOG_NOTICE);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
