/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <apr_thread_proc.h>

#include "clock.h"

/* A block, so that a full disk says no. */
#define BYTES 4096

struct qdn_probe_t {
    const char *state_dir;
    pthread_mutex_t mutex; /* guards what follows */
    qdn_probe_report_t report;
    apr_interval_time_t begun; /* monotonic; 0: no attempt is on */
};

static apr_status_t write_all(int fd)
{
    static const char bytes[BYTES];

    errno = 0;
    if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes)) {
        return errno ? errno : ENOSPC;
    }
    return fsync(fd) ? errno : APR_SUCCESS;
}

/* What a killed daemon has left is replaced. */
static apr_status_t try_write(const char *path)
{
    apr_status_t rv;
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        return errno;
    }
    rv = write_all(fd);
    if (close(fd) && !rv) {
        rv = errno;
    }
    if (unlink(path) && !rv) {
        rv = errno;
    }
    return rv;
}

apr_status_t qdn_probe_try(const char *state_dir, apr_int64_t *pfree,
                           apr_int64_t *ptotal)
{
    struct statvfs disk;
    char path[APR_PATH_MAX];

    if (!statvfs(state_dir, &disk)) {
        *pfree = (apr_int64_t)(disk.f_bavail * disk.f_frsize);
        *ptotal = (apr_int64_t)(disk.f_blocks * disk.f_frsize);
    }
    if (snprintf(path, sizeof(path), "%s/journal/%s", state_dir,
                 QDN_PROBE_FILE) >= (int)sizeof(path)) {
        return APR_ENAMETOOLONG;
    }
    return try_write(path);
}

static void begin(qdn_probe_t *probe)
{
    pthread_mutex_lock(&probe->mutex);
    probe->begun = qdn_clock_mono();
    pthread_mutex_unlock(&probe->mutex);
}

static void end(qdn_probe_t *probe, apr_status_t rv, apr_int64_t room,
                apr_int64_t total)
{
    qdn_probe_report_t *report = &probe->report;

    pthread_mutex_lock(&probe->mutex);
    report->tried_at = qdn_clock_now();
    if (rv != report->rv) {
        report->since = report->tried_at;
    }
    report->rv = rv;
    report->free = room;
    report->total = total;
    probe->begun = 0;
    pthread_mutex_unlock(&probe->mutex);
}

static void *APR_THREAD_FUNC probe_forever(apr_thread_t *thread, void *data)
{
    qdn_probe_t *probe = data;

    (void)thread;
    for (;;) {
        apr_int64_t room = 0, total = 0;
        apr_status_t rv;

        begin(probe);
        rv = qdn_probe_try(probe->state_dir, &room, &total);
        end(probe, rv, room, total);
        apr_sleep(rv ? QDN_PROBE_FAST : QDN_PROBE_GAP);
    }
    return NULL;
}

apr_status_t qdn_probe_start(qdn_probe_t **pprobe, const char *state_dir,
                             apr_pool_t *p)
{
    qdn_probe_t *probe = apr_pcalloc(p, sizeof(*probe));
    apr_thread_t *thread;

    probe->state_dir = state_dir;
    pthread_mutex_init(&probe->mutex, NULL);
    *pprobe = probe;
    return apr_thread_create(&thread, NULL, probe_forever, probe, p);
}

void qdn_probe_report(qdn_probe_t *probe, qdn_probe_report_t *preport)
{
    memset(preport, 0, sizeof(*preport));
    if (!probe) {
        return;
    }
    pthread_mutex_lock(&probe->mutex);
    *preport = probe->report;
    if (probe->begun) {
        preport->busy = qdn_clock_mono() - probe->begun;
    }
    pthread_mutex_unlock(&probe->mutex);
}
