/* SPDX-License-Identifier: Apache-2.0 */
#include "parked.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "segment.h"

#define SUFFIX ".jsonl"

static apr_status_t write_durably(int fd, const char *line, apr_size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, line, len);

        if (n < 0 && errno != EINTR) {
            return errno;
        }
        if (n > 0) {
            line += n;
            len -= (apr_size_t)n;
        }
    }
    return fsync(fd) ? errno : APR_SUCCESS;
}

apr_status_t qdn_parked_put(const char *dir, const char *segment,
                            apr_int64_t offset, const char *line,
                            apr_size_t len, int *pfresh)
{
    char name[QDN_SEGMENT_NAME + 32];
    size_t stem = strlen(segment);
    apr_status_t rv;
    int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd;

    if (dirfd < 0) {
        return errno;
    }
    if (stem > strlen(SUFFIX) &&
        !strcmp(segment + stem - strlen(SUFFIX), SUFFIX)) {
        stem -= strlen(SUFFIX);
    }
    snprintf(name, sizeof(name), "%.*s.%" APR_INT64_T_FMT SUFFIX, (int)stem,
             segment, offset);
    *pfresh = faccessat(dirfd, name, F_OK, 0) != 0;
    fd = openat(dirfd, name,
                O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        rv = errno;
    }
    else {
        rv = write_durably(fd, line, len);
        close(fd);
        if (rv == APR_SUCCESS && fsync(dirfd)) {
            rv = errno;
        }
    }
    close(dirfd);
    return rv;
}

apr_int64_t qdn_parked_count(const char *dir)
{
    apr_int64_t n = 0;
    struct dirent *entry;
    DIR *d = opendir(dir);

    if (!d) {
        return 0;
    }
    while ((entry = readdir(d)) != NULL) {
        n += qdn_segment_name_ok(entry->d_name);
    }
    closedir(d);
    return n;
}
