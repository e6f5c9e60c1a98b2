/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

/* httpd cuts its own lines at 8 KiB; one of ours that is longer is a bug. */
#define MESSAGE_MAX 2048

static struct {
    qdn_log_sink_cb *sink;
    void *baton;
    qdn_log_level_e max_level;
} listener;

void qdn_log_set_sink(qdn_log_sink_cb *sink, void *baton,
                      qdn_log_level_e max_level)
{
    listener.sink = sink;
    listener.baton = baton;
    listener.max_level = max_level;
}

void qdn_log(qdn_log_level_e level, apr_status_t status, const char *fmt, ...)
{
    char message[MESSAGE_MAX];
    va_list args;

    if (!listener.sink || level > listener.max_level) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    listener.sink(listener.baton, level, status, message);
}
