/* SPDX-License-Identifier: Apache-2.0 */
#include "statedir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>
#include <httpd.h>
#include <http_config.h>

#include "log.h"
#include "status.h"

#define RETAINED "qdn-statedir"
#define LOOK     apr_time_from_msec(50)

/* Kept over restarts: closing the descriptor would free the lock. */
typedef struct held_t {
    int fd;
    dev_t dev;
    ino_t ino;
} held_t;

static int is_empty(int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;
    int n = 0;

    if (!dir) {
        if (copy >= 0) {
            close(copy);
        }
        return 0;
    }
    while (n == 0 && (entry = readdir(dir)) != NULL) {
        n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    }
    closedir(dir);
    return n == 0;
}

static int is_private(const struct stat *st, uid_t uid)
{
    return st->st_uid == uid && (st->st_mode & 077) == 0;
}

/*
 * An empty directory is taken over; what holds anything may be the wrong one
 * (/var/lib, /tmp), and changing its owner or mode would break others.
 */
static const char *refuse_open(int fd, const char *path, uid_t uid,
                               apr_pool_t *p)
{
    struct stat st;

    if (fstat(fd, &st)) {
        return apr_psprintf(p, "cannot look at QDNStateDir %s: %s", path,
                            strerror(errno));
    }
    if (is_private(&st, uid) || is_empty(fd)) {
        return NULL;
    }
    return apr_psprintf(p,
                        "QDNStateDir %s must be a directory of its own that "
                        "belongs to uid %ld with mode 700, but it has "
                        "something in it, belongs to uid %ld and has mode "
                        "%03o; choose another, or chown and chmod it",
                        path, (long)uid, (long)st.st_uid,
                        (unsigned)(st.st_mode & 0777));
}

static const char *refuse_parent(const char *path, apr_pool_t *p)
{
    const char *slash = strrchr(path, '/');
    const char *parent =
        slash && slash > path
            ? apr_pstrmemdup(p, path, (apr_size_t)(slash - path))
            : "/";
    struct stat st;

    if (!stat(parent, &st) && S_ISDIR(st.st_mode)) {
        return NULL;
    }
    return apr_psprintf(p,
                        "QDNStateDir %s cannot be made: there is no "
                        "directory %s",
                        path, parent);
}

const char *qdn_statedir_refuse(const char *path, uid_t uid, apr_pool_t *p)
{
    const char *error;
    int fd;

    if (strlen(path) > QDN_STATEDIR_MAX) {
        return apr_psprintf(p,
                            "QDNStateDir %s is too long: at most %d "
                            "characters, or the path of its control socket "
                            "does not fit",
                            path, QDN_STATEDIR_MAX);
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return refuse_parent(path, p);
    }
    if (fd < 0) {
        return apr_psprintf(p, "cannot open QDNStateDir %s: %s", path,
                            strerror(errno));
    }
    error = refuse_open(fd, path, uid, p);
    close(fd);
    return error;
}

/*
 * Through the descriptor: the path below may be in the hands of a user that
 * is not trusted with our rights.
 */
static apr_status_t own(int fd, uid_t uid, gid_t gid)
{
    struct stat st;

    if (fstat(fd, &st)) {
        return errno;
    }
    if (is_private(&st, uid)) {
        return APR_SUCCESS;
    }
    if (geteuid() == 0 && fchown(fd, uid, gid)) {
        return errno;
    }
    return fchmod(fd, 0700) ? errno : APR_SUCCESS;
}

/*
 * Look first: on a frozen file system mkdir waits for the thaw even where
 * there is nothing to make, and httpd's restart would wait with it.
 */
static int open_or_make(int at, const char *name, int more)
{
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | more;
    int fd = openat(at, name, flags);

    if (fd >= 0 || errno != ENOENT) {
        return fd;
    }
    if (mkdirat(at, name, 0700) && errno != EEXIST) {
        return -1;
    }
    return openat(at, name, flags);
}

static apr_status_t make_below(int fd, const char *name, uid_t uid, gid_t gid)
{
    apr_status_t rv;
    int below = open_or_make(fd, name, O_NOFOLLOW);

    if (below < 0) {
        return errno;
    }
    rv = own(below, uid, gid);
    close(below);
    return rv;
}

/* Twice: qdnctl may just be looking whether it is locked. */
static int lock(int fd)
{
    if (!flock(fd, LOCK_EX | LOCK_NB)) {
        return 0;
    }
    apr_sleep(LOOK);
    return flock(fd, LOCK_EX | LOCK_NB);
}

/* The lock belongs to the descriptor, which is kept until it is another's. */
static apr_status_t hold(int fd, const char *path, const char **perror,
                         apr_pool_t *p)
{
    held_t *held = ap_retained_data_get(RETAINED);
    struct stat st;

    if (fstat(fd, &st)) {
        return errno;
    }
    if (lock(fd)) {
        if (errno != EWOULDBLOCK) {
            return errno;
        }
        *perror = apr_psprintf(p,
                               "QDNStateDir %s is in use by another httpd "
                               "that runs; give each its own",
                               path);
        return QDN_ECONFLICT;
    }
    if (held) {
        close(held->fd);
    }
    else {
        held = ap_retained_data_create(RETAINED, sizeof(*held));
    }
    *held = (held_t){ .fd = fd, .dev = st.st_dev, .ino = st.st_ino };
    return APR_SUCCESS;
}

/* By name and not by opening it: its mode may forbid just that. */
static int is_held(const held_t *held, const char *path)
{
    struct stat st;

    return held && !stat(path, &st) && st.st_dev == held->dev &&
           st.st_ino == held->ino;
}

/*
 * What somebody did to our directory while httpd ran must not end httpd at
 * the next restart, calls and all: it is put right, or lived with.
 */
static void keep(const held_t *held, const char *path, uid_t uid, gid_t gid)
{
    struct stat st;
    apr_status_t rv = fstat(held->fd, &st) ? errno : APR_SUCCESS;

    if (!rv && st.st_uid != uid) {
        qdn_log(QDN_LOG_ERR, 0,
                QDNLOGNO(0644) "QDNStateDir %s now belongs to uid %ld; chown "
                               "it back to uid %ld, or the next start of "
                               "httpd refuses it",
                path, (long)st.st_uid, (long)uid);
        return;
    }
    if (!rv && !is_private(&st, uid)) {
        rv = fchmod(held->fd, 0700) ? errno : APR_SUCCESS;
        if (!rv) {
            qdn_log(QDN_LOG_WARNING, 0,
                    QDNLOGNO(0645) "QDNStateDir %s had got mode %03o; it is "
                                   "700 again, as it must be",
                    path, (unsigned)(st.st_mode & 0777));
        }
    }
    if (!rv) {
        rv = make_below(held->fd, "journal", uid, gid);
    }
    if (rv) {
        qdn_log(QDN_LOG_ERR, rv,
                QDNLOGNO(0646) "QDNStateDir %s is not as it should be", path);
    }
}

apr_status_t qdn_statedir_open(const char *path, uid_t uid, gid_t gid,
                               const char **perror, apr_pool_t *p)
{
    const held_t *held = ap_retained_data_get(RETAINED);
    apr_status_t rv = APR_SUCCESS;
    int fd;

    if (is_held(held, path)) {
        keep(held, path, uid, gid);
        return APR_SUCCESS;
    }
    *perror = qdn_statedir_refuse(path, uid, p);
    if (*perror) {
        return QDN_EFORBIDDEN;
    }
    fd = open_or_make(AT_FDCWD, path, 0);
    if (fd < 0) {
        rv = errno;
    }
    if (!rv) {
        rv = own(fd, uid, gid);
    }
    if (!rv) {
        rv = make_below(fd, "journal", uid, gid);
    }
    if (!rv) {
        rv = hold(fd, path, perror, p);
    }
    if (!rv) {
        return APR_SUCCESS;
    }
    if (fd >= 0) {
        close(fd);
    }
    if (!*perror) {
        char why[128];

        *perror = apr_psprintf(p, "cannot set QDNStateDir %s up: %s", path,
                               qdn_strerror(rv, why, sizeof(why)));
    }
    return rv;
}
