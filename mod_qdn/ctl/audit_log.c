/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_log.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit.h"
#include "status.h"

#define OPENING "QDN0320: audit head host="
#define FORMAT  "%255s seq=%20[0-9] hash=%64[0-9a-f]"

/*
 * What a client sent may stand in a line (a name at AH01618, an address, a
 * referer) and could tell of heads that never were. It stands behind one of
 * these; the daemon has no client, and begins its message with its tag.
 */
static const char *const others[] = { "[client ", "[remote ", "AH0",
                                      "AH1",      "QDN0",     "referer: " };

static const char *find_opening(const char *line)
{
    const char *at = strstr(line, OPENING);

    for (apr_size_t i = 0; at && i < sizeof(others) / sizeof(*others); i++) {
        const char *other = strstr(line, others[i]);

        at = other && other < at ? NULL : at;
    }
    return at ? at + sizeof(OPENING) - 1 : NULL;
}

static int is_known(const apr_array_header_t *heads,
                    const qdn_audit_head_t *head)
{
    for (int i = heads->nelts - 1; i >= 0; i--) {
        const qdn_audit_head_t *one =
            &APR_ARRAY_IDX(heads, i, qdn_audit_head_t);

        if (one->seq == head->seq && !strcmp(one->hash, head->hash) &&
            !strcmp(one->host, head->host)) {
            return 1;
        }
    }
    return 0;
}

static void take_line(apr_array_header_t *heads, const char *line,
                      apr_pool_t *p)
{
    const char *at = find_opening(line);
    char host[256], seq[21];
    qdn_audit_head_t head;

    if (!at || sscanf(at, FORMAT, host, seq, head.hash) != 3 ||
        strlen(head.hash) != QDN_AUDIT_HASH) {
        return;
    }
    head.host = host;
    head.seq = apr_atoi64(seq);
    if (!is_known(heads, &head)) {
        head.host = apr_pstrdup(p, host);
        APR_ARRAY_PUSH(heads, qdn_audit_head_t) = head;
    }
}

/* -1, or a descriptor from which the file's text is read. */
static int unpack(int packed, pid_t *ppid)
{
    int ends[2];

    if (pipe(ends)) {
        return -1;
    }
    *ppid = fork();
    if (*ppid == 0) {
        dup2(packed, STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execlp("gzip", "gzip", "-dc", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (*ppid < 0) {
        close(ends[0]);
        return -1;
    }
    return ends[0];
}

static const char *complain(const char *path, apr_pool_t *p)
{
    char cause[128];

    return apr_psprintf(p, "--log %s cannot be read: %s", path,
                        qdn_strerror(errno, cause, sizeof(cause)));
}

static void take_lines(apr_array_header_t *heads, FILE *from, apr_pool_t *p)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, from) > 0) {
        take_line(heads, line, p);
    }
    free(line);
}

const char *qdn_audit_log_read(apr_array_header_t *heads, const char *path,
                               apr_pool_t *p)
{
    apr_size_t len = strlen(path);
    int packed = len > 3 && !strcmp(path + len - 3, ".gz");
    int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0;
    pid_t pid = 0;
    FILE *from;

    if (fd < 0) {
        return complain(path, p);
    }
    if (packed) {
        int file = fd;

        fd = unpack(file, &pid);
        close(file);
    }
    from = fd < 0 ? NULL : fdopen(fd, "r");
    if (!from) {
        return complain(path, p);
    }
    take_lines(heads, from, p);
    fclose(from);
    if (pid > 0 && waitpid(pid, &status, 0) == pid && status) {
        return apr_psprintf(p, "--log %s: gzip cannot unpack it", path);
    }
    return NULL;
}
