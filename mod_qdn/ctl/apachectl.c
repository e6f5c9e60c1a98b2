/* SPDX-License-Identifier: Apache-2.0 */
#include "apachectl.h"

#include <apr_env.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <string.h>

#define OUTPUT_MAX (64 * 1024 * 1024) /* of a plan with many lines */

static apr_status_t start(apr_proc_t *proc, const char *program,
                          const char *define, apr_pool_t *p)
{
    const char *const args[] = { program, "-t", "-D", define, NULL };
    apr_procattr_t *attr;
    apr_file_t *null;
    apr_status_t rv = apr_procattr_create(&attr, p);

    if (rv == APR_SUCCESS) {
        rv = apr_file_open(&null, "/dev/null", APR_READ | APR_WRITE, 0, p);
    }
    if (rv == APR_SUCCESS) {
        rv =
            apr_procattr_io_set(attr, APR_NO_PIPE, APR_FULL_BLOCK, APR_NO_PIPE);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_child_in_set(attr, null, NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_child_err_set(attr, null, NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_cmdtype_set(attr, APR_PROGRAM_PATH);
    }
    /* Without this a program that cannot be run looks like one that could. */
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_error_check_set(attr, 1);
    }
    return rv == APR_SUCCESS
               ? apr_proc_create(proc, program, args, NULL, attr, p)
               : rv;
}

/* Everything up to the end; NULL if it is longer than any plan. */
static char *read_all(apr_file_t *from, apr_pool_t *p)
{
    apr_size_t size = 8192, len = 0;
    char *text = apr_palloc(p, size);

    for (;;) {
        apr_size_t n = size - len - 1;

        if (apr_file_read(from, text + len, &n) != APR_SUCCESS) {
            text[len] = '\0';
            return text;
        }
        len += n;
        if (len > OUTPUT_MAX) {
            return NULL;
        }
        if (size - len < 4096) {
            char *larger = apr_palloc(p, size * 2);

            memcpy(larger, text, len);
            text = larger;
            size *= 2;
        }
    }
}

static const char *ask(const char *program, const char *define, apr_pool_t *p)
{
    apr_exit_why_e why;
    apr_proc_t proc;
    const char *json;
    char *text;
    int code;

    if (start(&proc, program, define, p) != APR_SUCCESS) {
        return NULL;
    }
    text = read_all(proc.out, p);
    apr_file_close(proc.out);
    apr_proc_wait(&proc, &code, &why, APR_WAIT);
    if (!text || why != APR_PROC_EXIT || code != 0) {
        return NULL;
    }
    /* Wrappers of distributions may have something to say before it. */
    json = *text == '{' ? text : strstr(text, "\n{");
    return json;
}

const char *qdn_apachectl_dump(const char *define, apr_pool_t *p)
{
    const char *programs[] = { NULL, "apachectl", "apache2ctl",
                               "/usr/sbin/apachectl", "/usr/sbin/apache2ctl" };
    const char *text = NULL;
    char *chosen;
    apr_size_t n = sizeof(programs) / sizeof(programs[0]);

    if (apr_env_get(&chosen, "APACHECTL", p) == APR_SUCCESS && *chosen) {
        programs[0] = chosen;
        n = 1;
    }
    for (apr_size_t i = 0; !text && i < n; i++) {
        text = programs[i] ? ask(programs[i], define, p) : NULL;
    }
    return text;
}
