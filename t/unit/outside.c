/* SPDX-License-Identifier: Apache-2.0 */
#include "outside.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static apr_status_t stop(void *data)
{
    outside_t *outside = data;

    close(outside->in);
    waitpid((pid_t)outside->pid, NULL, 0);
    return APR_SUCCESS;
}

static void be_outside(int in, int out, apr_pool_t *p)
{
    const char *lib =
        apr_pstrcat(p, "-I", getenv("QDN_SRCDIR"), "/t/lib", NULL);

    dup2(in, 0);
    dup2(out, 1);
    execlp("perl", "perl", lib, "-MQDN::Outside", "-e", "QDN::Outside::serve",
           (char *)NULL);
    _exit(127);
}

outside_t *outside_start(apr_pool_t *p)
{
    outside_t *outside = apr_pcalloc(p, sizeof(*outside));
    int in[2], out[2];
    char line[64] = "";
    FILE *file;

    /* CLOEXEC: the next stand-in must not keep this one alive. */
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
        return NULL;
    }
    outside->pid = fork();
    if (outside->pid == 0) {
        be_outside(in[0], out[1], p);
    }
    close(in[0]);
    close(out[1]);
    outside->in = in[1];
    file = fdopen(out[0], "r");
    if (!fgets(line, sizeof(line), file) ||
        sscanf(line, "port %d", &outside->port) != 1) {
        fprintf(stderr, "the stand-in does not begin: %s\n", line);
        return NULL;
    }
    fclose(file);
    outside->base = apr_psprintf(p, "http://127.0.0.1:%d", outside->port);
    apr_pool_cleanup_register(p, outside, stop, apr_pool_cleanup_null);
    return outside;
}

static int dial(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((unsigned short)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&at, sizeof(at))) {
        perror("the stand-in is gone");
        exit(1);
    }
    return fd;
}

const char *outside_tell(outside_t *outside, const char *word, const char *json,
                         apr_pool_t *p)
{
    const char *request =
        apr_psprintf(p, "POST /-/%s HTTP/1.0\r\nContent-Length: %lu\r\n\r\n%s",
                     word, (unsigned long)strlen(json), json);
    apr_size_t room = 1 << 20, len = 0;
    char *answer = apr_palloc(p, room);
    int fd = dial(outside->port);
    ssize_t n = write(fd, request, strlen(request));

    while (n > 0 && len < room - 1) {
        n = read(fd, answer + len, room - 1 - len);
        len += n > 0 ? (apr_size_t)n : 0;
    }
    close(fd);
    answer[len] = '\0';
    answer = strstr(answer, "\r\n\r\n");
    return answer ? answer + 4 : "";
}

void outside_set(outside_t *outside, const char *path, const char *rule,
                 apr_pool_t *p)
{
    outside_tell(outside, "set",
                 apr_psprintf(p, "{\"path\":\"%s\",%s}", path, rule), p);
}

int outside_count(outside_t *outside, const char *path, apr_pool_t *p)
{
    const char *counts = outside_tell(outside, "counts", "", p);
    const char *at = strstr(counts, apr_psprintf(p, "\"%s\":", path));

    return at ? atoi(at + strlen(path) + 3) : 0;
}
