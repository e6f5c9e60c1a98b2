/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "source.h"
#include "status.h"

#define NOBODY  65534
#define SOMEONE 12345 /* neither root nor nobody */

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static apr_pool_t *pool;
static const char *dir; /* of this run, removed at its end */

typedef enum { REGULAR, SYMLINK, LINKED_DIR, FIFO, DIRECTORY, ABSENT } kind_e;

typedef struct case_t {
    const char *label;
    const char *text; /* what the file says; NULL: `size` bytes of comment */
    apr_size_t size;
    mode_t mode;
    kind_e kind;
    uid_t owner; /* 0: who runs the test */
    apr_status_t status;
    const char *says;
} case_t;

#define GOOD "A=one\nB='two words'\na=other\n"

/* For root and for anybody else alike. */
static const case_t cases[] = {
    { .label = "mode 600", .text = GOOD, .mode = 0600 },
    { .label = "mode 400", .text = GOOD, .mode = 0400 },
    { .label = "a linked directory before it",
      .text = GOOD,
      .mode = 0600,
      .kind = LINKED_DIR },
    { .label = "as large as it may be", .size = QDN_SOURCE_MAX, .mode = 0600 },
    { .label = "empty", .text = "", .mode = 0600 },
    { .label = "a byte too large",
      .size = QDN_SOURCE_MAX + 1,
      .mode = 0600,
      .status = QDN_ETOOBIG,
      .says = "64 KiB" },
    { .label = "readable by its group",
      .text = GOOD,
      .mode = 0640,
      .status = QDN_EFORBIDDEN,
      .says = "chmod 600" },
    { .label = "readable by all",
      .text = GOOD,
      .mode = 0604,
      .status = QDN_EFORBIDDEN,
      .says = "mode 604" },
    { .label = "writable by its group",
      .text = GOOD,
      .mode = 0620,
      .status = QDN_EFORBIDDEN,
      .says = "chmod 600" },
    { .label = "executable",
      .text = GOOD,
      .mode = 0700,
      .status = QDN_EFORBIDDEN,
      .says = "mode 700" },
    { .label = "a symbolic link",
      .text = GOOD,
      .mode = 0600,
      .kind = SYMLINK,
      .status = QDN_EFORBIDDEN,
      .says = "symbolic link" },
    { .label = "a FIFO",
      .mode = 0600,
      .kind = FIFO,
      .status = QDN_EFORBIDDEN,
      .says = "regular file" },
    { .label = "a directory",
      .mode = 0700,
      .kind = DIRECTORY,
      .status = QDN_EFORBIDDEN,
      .says = "regular file" },
    { .label = "not there",
      .kind = ABSENT,
      .status = APR_ENOENT,
      .says = "cannot be opened" },
    { .label = "malformed",
      .text = "A=1\nB='s3cret\n",
      .mode = 0600,
      .status = QDN_EMALFORMED,
      .says = "line 2: " },
};

/* What only root can set up; read as root and as nobody. */
static const case_t owned[] = {
    { .label = "somebody else's",
      .text = GOOD,
      .mode = 0604, /* that nobody can open it */
      .owner = SOMEONE,
      .status = QDN_EFORBIDDEN,
      .says = "chown root" },
};

static void write_text(const char *path, const case_t *c)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    if (c->text) {
        fputs(c->text, file);
    }
    for (apr_size_t i = 0; !c->text && i < c->size; i++) {
        fputc(i % 64 ? '#' : '\n', file);
    }
    assert_int_equal(fclose(file), 0);
}

/* The path to load, of a file as the case wants it. */
static const char *make_file(const case_t *c)
{
    const char *path = apr_psprintf(pool, "%s/%s", dir, c->label);
    const char *link = apr_pstrcat(pool, path, " link", NULL);

    switch (c->kind) {
    case ABSENT:
        return path;
    case FIFO:
        assert_int_equal(mkfifo(path, c->mode), 0);
        return path;
    case DIRECTORY:
        assert_int_equal(mkdir(path, c->mode), 0);
        return path;
    default:
        write_text(path, c);
        assert_int_equal(chmod(path, c->mode), 0);
    }
    if (c->owner) {
        assert_int_equal(chown(path, c->owner, (gid_t)-1), 0);
    }
    if (c->kind == SYMLINK) {
        assert_int_equal(symlink(path, link), 0);
        return link;
    }
    if (c->kind == LINKED_DIR) {
        assert_int_equal(symlink(dir, link), 0);
        return apr_psprintf(pool, "%s/%s", link, c->label);
    }
    return path;
}

/* NULL, or how the result differs from what the case says. */
static const char *judge(const case_t *c, const char *spec)
{
    qdn_secrets_t *secrets = NULL;
    const char *error = "untouched";
    apr_status_t rv = qdn_source_load(&secrets, spec, &error, pool);
    char text[80];

    if (rv != c->status) {
        return apr_psprintf(pool, "%s: %s, %s", c->label,
                            qdn_strerror(rv, text, sizeof(text)), error);
    }
    if (rv == APR_SUCCESS) {
        return error || !secrets ? "error or no secrets with success" : NULL;
    }
    if (secrets || !error || !strstr(error, c->says) ||
        strstr(error, "s3cret")) {
        return apr_psprintf(pool, "%s: says %s", c->label, error);
    }
    return NULL;
}

static const char *judge_file(const case_t *c, const char *path)
{
    return judge(c, apr_pstrcat(pool, "dotenv:", path, NULL));
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *fault = judge_file(&cases[i], make_file(&cases[i]));

        if (fault) {
            fail_msg("%s", fault);
        }
    }
}

/* Runs `check` as another user; 0 if it found nothing wrong. */
static int as_user(uid_t uid, const char *(*check)(const void *),
                   const void *baton)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        const char *fault =
            setgid(uid) || setuid(uid) ? "no setuid" : check(baton);

        if (fault) {
            fprintf(stderr, "# as %d: %s\n", (int)uid, fault);
        }
        _exit(fault != NULL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

typedef struct loaded_t {
    const case_t *c;
    const char *path;
} loaded_t;

static const char *check_loaded(const void *baton)
{
    const loaded_t *loaded = baton;

    return judge_file(loaded->c, loaded->path);
}

static void test_owner_as_root(void **state)
{
    static const case_t roots = { .label = "root's, for another reader",
                                  .text = GOOD,
                                  .mode = 0600,
                                  .status = APR_EACCES,
                                  .says = "cannot be opened" };

    (void)state;
    assert_int_equal(chmod(dir, 0755), 0);
    for (size_t i = 0; i < LENGTH(owned); i++) {
        loaded_t loaded = { &owned[i], make_file(&owned[i]) };
        const char *fault = check_loaded(&loaded);

        if (fault) {
            fail_msg("%s", fault);
        }
        assert_int_equal(as_user(NOBODY, check_loaded, &loaded), 0);
    }
    {
        loaded_t loaded = { &roots, make_file(&roots) };

        assert_int_equal(as_user(NOBODY, check_loaded, &loaded), 0);
    }
    /* One's own is read, though it is not root's. */
    {
        static const case_t own = {
            .label = "nobody's own", .text = GOOD, .mode = 0600, .owner = NOBODY
        };
        loaded_t loaded = { &own, make_file(&own) };

        assert_int_equal(as_user(NOBODY, check_loaded, &loaded), 0);
    }
}

/* /etc/shadow is root's and not for us, on any system with one. */
static void test_owner_as_nobody(void **state)
{
    static const case_t shadow = { .label = "/etc/shadow",
                                   .status = APR_EACCES,
                                   .says = "cannot be opened" };

    (void)state;
    assert_null(judge_file(&shadow, "/etc/shadow"));
}

static void test_values(void **state)
{
    static const case_t c = { .label = "values", .text = GOOD, .mode = 0600 };
    const char *spec = apr_pstrcat(pool, "dotenv:", make_file(&c), NULL);
    qdn_secrets_t *secrets = NULL;
    const char *error = "";

    (void)state;
    assert_int_equal(qdn_source_load(&secrets, spec, &error, pool),
                     APR_SUCCESS);
    assert_null(error);
    assert_string_equal(secrets->spec, spec);
    assert_string_equal(apr_array_pstrcat(pool, secrets->names, ','), "A,B,a");
    assert_string_equal(qdn_secrets_get(secrets, "A"), "one");
    assert_string_equal(qdn_secrets_get(secrets, "B"), "two words");
    assert_string_equal(qdn_secrets_get(secrets, "a"), "other");
    assert_null(qdn_secrets_get(secrets, "b"));
    assert_null(getenv("B"));
}

static void test_specs(void **state)
{
    static const char *const wrong[] = {
        "",
        "/etc/qdn/secrets.env",
        "dotenv:",
        "dotenv:secrets.env",
        "exec:",
        "exec:cat /etc/qdn/secrets.env",
        "file:/etc/qdn/secrets.env",
        "DOTENV:/etc/qdn/secrets.env",
        NULL,
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        qdn_secrets_t *secrets = NULL;
        const char *error = NULL;

        assert_non_null(qdn_source_refuse(wrong[i], pool));
        assert_int_equal(qdn_source_load(&secrets, wrong[i], &error, pool),
                         QDN_EMALFORMED);
        assert_non_null(strstr(error, "dotenv:/path"));
        assert_null(secrets);
    }
    assert_null(qdn_source_refuse("dotenv:/etc/qdn/a.env", pool));
    assert_null(qdn_source_refuse("exec:/usr/bin/pass show qdn", pool));
    assert_string_equal(qdn_source_name("exec:/usr/bin/pass -k s3cret", pool),
                        "exec:/usr/bin/pass");
    assert_string_equal(qdn_source_name("dotenv:/a b.env", pool),
                        "dotenv:/a b.env");
}

/* Commands. A script of ours is written, everything else is the system's. */
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

static void test_exec(void **state)
{
    static const struct {
        const char *name;
        const char *text; /* of a script; NULL: `name` is the command */
        apr_status_t status;
        const char *says;
    } rows[] = {
        { "/usr/bin/printf A=%s one", NULL, APR_SUCCESS, NULL },
        { "/bin/cat", NULL, APR_SUCCESS, NULL }, /* standard input is empty */
        { "/no/such/command", NULL, APR_ENOENT, "cannot be run" },
        { "/etc/passwd", NULL, APR_EACCES, "cannot be run" },
        { "fails", "echo A=s3cret; exit 3", APR_EGENERAL,
          "ended with status 3" },
        { "dies", "kill -9 $$", APR_EGENERAL, "ended with signal 9" },
        { "wrong", "echo A=1; echo \"B='s3cret\"", QDN_EMALFORMED, "line 2: " },
        { "/usr/bin/yes A=s3cret", NULL, QDN_ETOOBIG, "64 KiB" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        case_t c = { .label = rows[i].name,
                     .status = rows[i].status,
                     .says = rows[i].says };
        const char *command =
            rows[i].text ? script(rows[i].name, rows[i].text) : rows[i].name;
        const char *fault =
            judge(&c, apr_pstrcat(pool, "exec:", command, NULL));

        if (fault) {
            fail_msg("%s", fault);
        }
    }
}

static void test_exec_deadline(void **state)
{
    static const case_t c = { .label = "too slow",
                              .status = APR_TIMEUP,
                              .says = "was killed" };
    apr_time_t start = apr_time_now();

    (void)state;
    assert_null(judge(&c, "exec:/bin/sleep 60"));
    assert_in_range(apr_time_now() - start, QDN_SOURCE_WAIT,
                    QDN_SOURCE_WAIT + apr_time_from_sec(1));
}

static int setup(void **state)
{
    char name[] = "/tmp/qdn-source.XXXXXX";

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

/* The file that GOOGLE_SERVICE_ACCOUNT_FILE names is kept like ours. */
static void test_google(void **state)
{
    const case_t key = { .text = "{\"client_email\":\"a\"}" };
    const char *path = apr_pstrcat(pool, dir, "/account.json", NULL);
    qdn_secrets_t secrets = { .values = apr_table_make(pool, 1) };
    const char *error = NULL;

    (void)state;
    assert_int_equal(qdn_source_load_google(&secrets, &error, pool), 0);
    assert_null(qdn_secrets_for_feed(&secrets, QDN_SOURCE_GOOGLE_FILE));
    apr_table_setn(secrets.values, QDN_SOURCE_GOOGLE_FILE, path);
    apr_table_setn(secrets.values, "OTHER", "x");
    assert_int_equal(qdn_source_load_google(&secrets, &error, pool),
                     APR_ENOENT);
    write_text(path, &key);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(qdn_source_load_google(&secrets, &error, pool),
                     QDN_EFORBIDDEN);
    assert_non_null(strstr(error, "chmod 600"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(qdn_source_load_google(&secrets, &error, pool), 0);
    assert_string_equal(qdn_secrets_for_feed(&secrets, QDN_SOURCE_GOOGLE_FILE),
                        key.text);
    assert_string_equal(qdn_secrets_for_feed(&secrets, "OTHER"), "x");
    unlink(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_google),
        cmocka_unit_test(test_specs),
        cmocka_unit_test(test_exec),
        cmocka_unit_test(test_exec_deadline),
        cmocka_unit_test(test_owner_as_root),
    };
    static const struct CMUnitTest as_nobody[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_google),
        cmocka_unit_test(test_specs),
        cmocka_unit_test(test_exec),
        cmocka_unit_test(test_exec_deadline),
        cmocka_unit_test(test_owner_as_nobody),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return geteuid() == 0 ? cmocka_run_group_tests(tests, setup, teardown)
                          : cmocka_run_group_tests(as_nobody, setup, teardown);
}
