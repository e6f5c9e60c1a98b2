/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command_output.h"
#include "dotenv.h"
#include "status.h"

/* What a file of secrets may allow: its owner to read and write. */
#define MODE_ALLOWED 0600

typedef struct scheme_t {
    const char *prefix;
    /* At most QDN_SOURCE_MAX + 1 bytes of `what` into buf. */
    apr_status_t (*read)(const char *what, char *buf, apr_size_t *plen,
                         const char **perror, apr_pool_t *p);
} scheme_t;

static apr_status_t check_file(int fd, const char *path, const char **perror,
                               apr_pool_t *p)
{
    struct stat st;

    if (fstat(fd, &st) < 0) {
        apr_status_t rv = errno;

        *perror = apr_psprintf(p, "%s cannot be examined", path);
        return rv;
    }
    if (!S_ISREG(st.st_mode)) {
        *perror = apr_psprintf(p, "%s is not a regular file", path);
        return QDN_EFORBIDDEN;
    }
    if (st.st_uid != 0 && st.st_uid != geteuid()) {
        *perror = apr_psprintf(p,
                               "%s belongs to user %lu; make root its owner "
                               "(chown root %s)",
                               path, (unsigned long)st.st_uid, path);
        return QDN_EFORBIDDEN;
    }
    if (st.st_mode & 07777 & ~MODE_ALLOWED) {
        *perror = apr_psprintf(p,
                               "%s has mode %03o, so others may use it; "
                               "make it 600 or stricter (chmod 600 %s)",
                               path, (unsigned)st.st_mode & 07777, path);
        return QDN_EFORBIDDEN;
    }
    return APR_SUCCESS;
}

static apr_status_t read_all(int fd, char *buf, apr_size_t *plen)
{
    apr_size_t len = 0;

    while (len <= QDN_SOURCE_MAX) {
        ssize_t n = read(fd, buf + len, QDN_SOURCE_MAX + 1 - len);

        if (n == 0) {
            break;
        }
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        len += n > 0 ? (apr_size_t)n : 0;
    }
    *plen = len;
    return APR_SUCCESS;
}

static apr_status_t explain_open(apr_status_t rv, const char *path,
                                 const char **perror, apr_pool_t *p)
{
    char cause[128];

    if (rv == ELOOP) {
        *perror = apr_psprintf(p, "%s is a symbolic link; name the file itself",
                               path);
        return QDN_EFORBIDDEN;
    }
    *perror = apr_psprintf(p, "%s cannot be opened: %s", path,
                           qdn_strerror(rv, cause, sizeof(cause)));
    return APR_STATUS_IS_ENOENT(rv) ? APR_ENOENT : rv;
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
static apr_status_t read_file(const char *path, char *buf, apr_size_t *plen,
                              const char **perror, apr_pool_t *p)
{
    int fd =
        open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    apr_status_t rv;

    if (fd < 0) {
        return explain_open(errno, path, perror, p);
    }
    rv = check_file(fd, path, perror, p);
    if (rv == APR_SUCCESS) {
        rv = read_all(fd, buf, plen);
        if (rv != APR_SUCCESS) {
            *perror = apr_psprintf(p, "%s cannot be read", path);
        }
    }
    close(fd);
    return rv;
}

static apr_status_t read_command(const char *line, char *buf, apr_size_t *plen,
                                 const char **perror, apr_pool_t *p)
{
    *plen = QDN_SOURCE_MAX + 1;
    return qdn_command_output(line, QDN_SOURCE_WAIT, buf, plen, perror, p);
}

static const scheme_t schemes[] = {
    { .prefix = "dotenv:", .read = read_file },
    { .prefix = "exec:", .read = read_command },
};

static const scheme_t *find_scheme(const char *spec)
{
    for (apr_size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (!strncmp(spec, schemes[i].prefix, strlen(schemes[i].prefix))) {
            return &schemes[i];
        }
    }
    return NULL;
}

const char *qdn_source_refuse(const char *spec, apr_pool_t *p)
{
    const scheme_t *scheme = spec ? find_scheme(spec) : NULL;

    if (scheme && spec[strlen(scheme->prefix)] == '/') {
        return NULL;
    }
    return apr_psprintf(p,
                        "'%s' is no source of secrets; write dotenv:/path "
                        "or exec:/command with its arguments, both with an "
                        "absolute path",
                        spec ? spec : "");
}

const char *qdn_source_name(const char *spec, apr_pool_t *p)
{
    return apr_pstrmemdup(p, spec,
                          strncmp(spec, "exec:", 5) ? strlen(spec)
                                                    : strcspn(spec, " \t"));
}

static apr_status_t parse(qdn_secrets_t *secrets, const char *text,
                          apr_size_t len, const char **perror, apr_pool_t *p)
{
    apr_array_header_t *entries;
    const char *fault;
    apr_status_t rv;

    if (len > QDN_SOURCE_MAX) {
        *perror = apr_psprintf(p,
                               "%s gives more than %d KiB, which no file "
                               "of secrets needs",
                               qdn_source_name(secrets->spec, p),
                               QDN_SOURCE_MAX / 1024);
        return QDN_ETOOBIG;
    }
    rv = qdn_dotenv_parse(&entries, text, len, &fault, p);
    if (rv != APR_SUCCESS) {
        *perror =
            apr_psprintf(p, "%s, %s", qdn_source_name(secrets->spec, p), fault);
        return rv;
    }
    for (int i = 0; i < entries->nelts; i++) {
        qdn_dotenv_entry_t *e = &APR_ARRAY_IDX(entries, i, qdn_dotenv_entry_t);

        APR_ARRAY_PUSH(secrets->names, const char *) = e->name;
        apr_table_addn(secrets->values, e->name, e->value);
    }
    return APR_SUCCESS;
}

apr_status_t qdn_source_load(qdn_secrets_t **psecrets, const char *spec,
                             const char **perror, apr_pool_t *p)
{
    qdn_secrets_t *secrets = apr_pcalloc(p, sizeof(*secrets));
    char *buf = apr_palloc(p, QDN_SOURCE_MAX + 1);
    const scheme_t *scheme;
    apr_size_t len = 0;
    apr_status_t rv;

    *perror = qdn_source_refuse(spec, p);
    if (*perror) {
        return QDN_EMALFORMED;
    }
    scheme = find_scheme(spec);
    secrets->spec = apr_pstrdup(p, spec);
    secrets->names = apr_array_make(p, 16, sizeof(const char *));
    secrets->values = apr_table_make(p, 16);
    rv = scheme->read(spec + strlen(scheme->prefix), buf, &len, perror, p);
    if (rv == APR_SUCCESS) {
        rv = parse(secrets, buf, len, perror, p);
    }
    explicit_bzero(buf, QDN_SOURCE_MAX + 1);
    if (rv == APR_SUCCESS) {
        *psecrets = secrets;
        *perror = NULL;
    }
    return rv;
}

apr_status_t qdn_source_load_google(qdn_secrets_t *secrets, const char **perror,
                                    apr_pool_t *p)
{
    const char *path = qdn_secrets_get(secrets, QDN_SOURCE_GOOGLE_FILE);
    char *buf;
    apr_size_t len = 0;
    apr_status_t rv;

    if (!path || !*path) {
        return APR_SUCCESS;
    }
    buf = apr_palloc(p, QDN_SOURCE_MAX + 1);
    rv = read_file(path, buf, &len, perror, p);
    if (!rv && len > QDN_SOURCE_MAX) {
        *perror =
            apr_psprintf(p, "%s is larger than any key of Google's", path);
        rv = QDN_ETOOBIG;
    }
    if (!rv) {
        secrets->google_key = apr_pstrmemdup(p, buf, len);
    }
    explicit_bzero(buf, QDN_SOURCE_MAX + 1);
    return rv;
}

const char *qdn_secrets_for_feed(const qdn_secrets_t *secrets, const char *name)
{
    return strcmp(name, QDN_SOURCE_GOOGLE_FILE) ? qdn_secrets_get(secrets, name)
                                                : secrets->google_key;
}

/* Not apr_table_get: to that, names that differ in case are the same. */
const char *qdn_secrets_get(const qdn_secrets_t *secrets, const char *name)
{
    const apr_array_header_t *all = apr_table_elts(secrets->values);

    for (int i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *e =
            &APR_ARRAY_IDX(all, i, const apr_table_entry_t);

        if (!strcmp(e->key, name)) {
            return e->val;
        }
    }
    return NULL;
}
