/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <apr_general.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include "conf_reader.h"
#include "settings.h"
#include "settings_cases.h"

#define LINE(x) "<QDNLine +16195550100>\n" x "\n</QDNLine>\n"

/* The plan of an empty file: every default, spelled out. */
static const char server_defaults[] =
    "{\"public_url\":null,\"endpoints\":[],\"secrets\":null,"
    "\"state_dir\":\"/var/lib/qdn\",\"journal_sync\":true,"
    "\"journal_wait_ms\":2000,\"journal_max_bytes\":1073741824,"
    "\"retention_seconds\":34560000,"
    "\"rotate_every_seconds\":7776000,\"timezone\":null,"
    "\"calendar_detail\":false,\"admins\":[],\"viewers\":[],"
    "\"mask_numbers\":true,\"feeds\":[],\"numbers\":[],"
    "\"operators\":[],\"cascades\":[],\"lines\":[]}";

static const char line_defaults[] =
    "\"lines\":[{\"number\":\"+16195550100\",\"name\":\"+16195550100\","
    "\"timezone\":null,\"hours\":null,\"holidays\":[],\"ringtone\":\"us\","
    "\"secrets\":null,"
    "\"forwarded_from\":[],\"rules\":[],\"welcome\":null,\"hops\":[],"
    "\"callerid\":\"line\",\"screen\":12,\"budget\":110,"
    "\"time_limit\":14400,\"voicemail\":{\"greeting\":\"Nobody can take your "
    "call right now. Please leave a message after the tone. Your message will "
    "be recorded.\",\"max\":120,\"notify\":[]}}]";

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

/* Only setters are looked at here: the plan need not be complete. */
static const char *json_of(const char *conf)
{
    apr_array_header_t *problems;
    qdn_plan_t *plan;
    const char *error = qdn_test_read_conf(&plan, conf, &problems, pool);

    if (!problems) {
        fail_msg("%s\nrefused: %s", conf, error);
    }
    plan->revision[0] = '\0';
    return qdn_plan_json(plan, pool);
}

/* Keys of feeds are digests: each becomes "@". */
static const char *without_keys(const char *json)
{
    char *text = apr_pstrdup(pool, json), *to = text;
    const char *from = text;

    while (*from) {
        if (*from == '"' && strspn(from + 1, "0123456789abcdef") == 16 &&
            from[17] == '"') {
            memcpy(to, "\"@\"", 3);
            to += 3;
            from += 18;
            continue;
        }
        *to++ = *from++;
    }
    *to = '\0';
    return text;
}

static void test_accepted(void **state)
{
    (void)state;
    for (const settings_case_t *c = settings_accepted; c->conf; c++) {
        const char *json = without_keys(json_of(c->conf));

        if (!strstr(json, c->wanted)) {
            fail_msg("%s\nwanted: %s\ngot: %s", c->conf, c->wanted, json);
        }
    }
}

static void test_refused(void **state)
{
    (void)state;
    for (const settings_case_t *c = settings_refused; c->conf; c++) {
        apr_array_header_t *problems;
        qdn_plan_t *plan;
        const char *error = qdn_test_read_conf(&plan, c->conf, &problems, pool);

        if (!error || problems ||
            strncmp(error, c->wanted, strlen(c->wanted))) {
            fail_msg("%s\nwanted: %s\ngot: %s", c->conf, c->wanted,
                     error ? error : "no error");
        }
    }
}

static void test_defaults(void **state)
{
    (void)state;
    assert_string_equal(json_of(""), server_defaults);
    assert_non_null(strstr(json_of(LINE("")), line_defaults));
}

static int used_in(const char *conf, const char *name)
{
    apr_size_t n = strlen(name);

    for (conf = strstr(conf, name); conf; conf = strstr(conf + n, name)) {
        if (conf[n] == ' ' || conf[n] == '>') {
            return 1;
        }
    }
    return 0;
}

static void test_every_row_has_both(void **state)
{
    (void)state;
    for (const qdn_setting_t *s = qdn_settings; s->name; s++) {
        int good = 0, bad = 0;

        for (const settings_case_t *c = settings_accepted; c->conf; c++) {
            good |= used_in(c->conf, s->name);
        }
        for (const settings_case_t *c = settings_refused; c->conf; c++) {
            const char *said = strstr(c->wanted, s->name);

            bad |= said && strchr(":> ", said[strlen(s->name)]);
        }
        if (!good || !bad) {
            fail_msg("%s has no case that is %s", s->name,
                     good ? "refused" : "accepted");
        }
        assert_true(s->scopes && s->set && *s->syntax);
        assert_int_equal(s->help[strlen(s->help) - 1], '.');
    }
}

static const char *compile(void *baton, const char *expr, void **pcompiled)
{
    if (!strcmp(expr, "bad")) {
        return "syntax error, unexpected T_ID";
    }
    *pcompiled = baton;
    return NULL;
}

static void test_rules_are_compiled(void **state)
{
    qdn_builder_t b = { 0 };
    const qdn_rule_t *rule;
    const char *error;
    int mark;

    (void)state;
    b.pool = pool;
    b.plan = qdn_plan_create(pool);
    b.compile = compile;
    b.compile_baton = &mark;
    b.origin = (qdn_origin_t){ "qdn.conf", 7 };
    assert_null(qdn_settings_apply(&b, "<QDNLine", "+16195550100"));
    assert_null(qdn_settings_apply(&b, "QDNRule", "reject \"true\""));
    error = qdn_settings_apply(&b, "QDNRule", "busy bad");
    assert_string_equal(error, "QDNRule: syntax error, unexpected T_ID");
    assert_int_equal(b.line->rules->nelts, 1);
    rule = APR_ARRAY_IDX(b.line->rules, 0, qdn_rule_t *);
    assert_ptr_equal(rule->compiled, &mark);
    assert_string_equal(qdn_origin_text(rule->origin, pool), "qdn.conf:7");
    qdn_settings_close(&b);
    assert_null(b.line);
}

static char *read_file(const char *name)
{
    const char *dir = getenv("QDN_SRCDIR");
    char *path = apr_pstrcat(pool, dir ? dir : ".", "/", name, NULL);
    apr_file_t *file;
    apr_finfo_t info;
    char *text;

    if (apr_file_open(&file, path, APR_FOPEN_READ, 0, pool) != APR_SUCCESS) {
        fail_msg("cannot open %s (QDN_SRCDIR)", path);
    }
    assert_int_equal(apr_file_info_get(&info, APR_FINFO_SIZE, file), 0);
    text = apr_pcalloc(pool, (apr_size_t)info.size + 1);
    assert_int_equal(
        apr_file_read_full(file, text, (apr_size_t)info.size, NULL), 0);
    apr_file_close(file);
    return text;
}

/* "#QDN...", "#    QDN...", "#</QDNLine>" and the like lose their #. */
static void uncomment(char *text)
{
    static const char *const begins[] = { "QDN",       "<QDN",  "</QDN",
                                          "<Location", "</Loc", "SetHandler" };
    char *line;

    for (line = text; line; line = strchr(line, '\n')) {
        size_t n;

        line += *line == '\n';
        n = *line == '#' ? strspn(line + 1, " ") : 1;
        if (n != 0 && n != 4) {
            continue;
        }
        for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
            if (!strncmp(line + 1 + n, begins[i], strlen(begins[i]))) {
                *line = ' ';
            }
        }
    }
}

/* What the reference shows is right, and shows the defaults of the server. */
static void test_reference(void **state)
{
    char *text = read_file("conf/qdn.conf");
    qdn_plan_t *plan, *plain = qdn_plan_create(pool);

    (void)state;
    assert_null(qdn_test_read_conf(&plan, text, NULL, pool));
    assert_int_equal(plan->lines->nelts, 0);
    uncomment(text);
    assert_null(qdn_test_read_conf(&plan, text, NULL, pool));
    assert_int_equal(plan->lines->nelts, 1);
    assert_string_equal(plan->state_dir, plain->state_dir);
    assert_int_equal(plan->journal_sync, plain->journal_sync);
    assert_true(plan->journal_wait == plain->journal_wait);
    assert_true(plan->journal_max == plain->journal_max);
    assert_true(plan->retention == plain->retention);
    assert_int_equal(plan->mask_numbers, plain->mask_numbers);
}

/* Each is a person; without a line, that is all that can be said of it. */
static void test_examples(void **state)
{
    static const char *const names[] = { "slack", "teams", "home-assistant" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char *text = read_file(apr_pstrcat(pool, "conf/examples/presence-",
                                           names[i], ".conf", NULL));
        qdn_plan_t *plan;

        text = apr_pstrcat(pool, "QDNSecrets dotenv:/etc/qdn/repos.env\n", text,
                           NULL);
        assert_null(qdn_test_read_conf(&plan, text, NULL, pool));
        assert_int_equal(plan->feeds->nelts, 1);
        assert_non_null(qdn_plan_operator(plan, "sergio")->presence);
    }
}

static void test_minimal(void **state)
{
    char *text = read_file("conf/qdn-minimal.conf");
    apr_array_header_t *problems;
    qdn_plan_t *plan;

    (void)state;
    assert_null(qdn_test_read_conf(&plan, text, &problems, pool));
    assert_int_equal(problems->nelts, 0);
    assert_int_equal(plan->lines->nelts, 1);
    assert_int_equal(plan->endpoints->nelts, 1);
    assert_non_null(strstr(text, "SetHandler qdn-twilio"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_row_has_both, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_rules_are_compiled, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_reference, setup, teardown),
        cmocka_unit_test_setup_teardown(test_examples, setup, teardown),
        cmocka_unit_test_setup_teardown(test_minimal, setup, teardown),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
